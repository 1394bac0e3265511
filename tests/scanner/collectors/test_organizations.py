import json

from scanner.collectors.organizations import (
    ACCOUNT,
    ADMINISTRATOR,
    COLLECTORS,
    ORGANIZATION,
    POLICY,
    POLICY_ATTACHMENT,
    RESOURCE_POLICY,
    UNIT,
)
from tests.conftest import read
from tests.scanner.aws import wire
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

MASTER = "123456789012"
ARN = f"arn:aws:organizations::{MASTER}"
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], "Resource": ["*"]}]})
SCP = {
    "Id": "p-1",
    "Arn": f"{ARN}:policy/o-1/service_control_policy/p-1",
    "Name": "no-s3",
    "Type": "SERVICE_CONTROL_POLICY",
}
FULL = {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": True}


def by(name, answers):
    """An answer for each value of an argument; none of the rest."""

    def answer(asked):
        return wire.json(answers.get(json.loads(asked.body)[name], {}))

    return answer


def account(id, **more):
    about = {"Id": id, "Arn": f"{ARN}:account/o-1/{id}", "Email": f"{id}@example.com", "Name": f"a{id}"}
    return about | {"Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "CREATED"} | more


ANSWERS = {
    "DescribeOrganization": {
        "Organization": {
            "Id": "o-1",
            "Arn": f"{ARN}:organization/o-1",
            "FeatureSet": "ALL",
            "MasterAccountId": MASTER,
            "MasterAccountArn": f"{ARN}:account/o-1/{MASTER}",
            "MasterAccountEmail": "root@example.com",
        }
    },
    "ListRoots": {
        "Roots": [
            {
                "Id": "r-1",
                "Arn": f"{ARN}:root/o-1/r-1",
                "Name": "Root",
                "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
            }
        ]
    },
    "ListAWSServiceAccessForOrganization": {"EnabledServicePrincipals": [{"ServicePrincipal": "config.amazonaws.com"}]},
    "ListTagsForResource": {"Tags": [{"Key": "team", "Value": "shop"}]},
    "ListDelegatedAdministrators": {"DelegatedAdministrators": [account("222222222222")]},
    "ListDelegatedServicesForAccount": {"DelegatedServices": [{"ServicePrincipal": "guardduty.amazonaws.com"}]},
    "DescribePolicy": {"Policy": {"PolicySummary": SCP, "Content": DENY}},
    "DescribeResourcePolicy": {
        "ResourcePolicy": {
            "ResourcePolicySummary": {"Id": "rp-1", "Arn": f"{ARN}:resourcepolicy/o-1/rp-1"},
            "Content": DENY,
        }
    },
}
ASKED = {
    "ListOrganizationalUnitsForParent": by(
        "ParentId",
        {
            "r-1": {"OrganizationalUnits": [{"Id": "ou-1", "Arn": f"{ARN}:ou/o-1/ou-1", "Name": "work"}]},
            "ou-1": {"OrganizationalUnits": [{"Id": "ou-2", "Arn": f"{ARN}:ou/o-1/ou-2", "Name": "prod"}]},
        },
    ),
    "ListAccountsForParent": by(
        "ParentId",
        {
            "r-1": {"Accounts": [account(MASTER)]},
            "ou-2": {"Accounts": [account("222222222222"), account("333333333333", Status="SUSPENDED")]},
        },
    ),
    "ListPolicies": by("Filter", {"SERVICE_CONTROL_POLICY": {"Policies": [SCP, FULL]}}),
    "ListTargetsForPolicy": by(
        "PolicyId",
        {
            "p-1": {"Targets": [{"TargetId": "ou-2", "Name": "prod", "Type": "ORGANIZATIONAL_UNIT"}]},
            "p-FullAWSAccess": {"Targets": [{"TargetId": "r-1", "Name": "Root", "Type": "ROOT"}]},
        },
    ),
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed) as it:
        it.answers |= {name: each for name, each in ASKED.items() if name not in changed}
        return read(*collectors)


def test_organization():
    found = only(seen(ORGANIZATION), ORGANIZATION.type)
    assert found.region == "global"
    assert whole(found) == {
        "its id": "o-1",
        "its identity": "o-1",
        "its arn": "arn:aws:organizations::123456789012:organization/o-1",
        "its owner": None,
        "arn": "arn:aws:organizations::123456789012:organization/o-1",
        "aws_service_access_principals": ["config.amazonaws.com"],
        "enabled_policy_types": ["SERVICE_CONTROL_POLICY"],
        "feature_set": "ALL",
        "master_account_arn": "arn:aws:organizations::123456789012:account/o-1/123456789012",
        "master_account_email": "root@example.com",
        "master_account_id": "123456789012",
        "roots": [
            {
                "arn": "arn:aws:organizations::123456789012:root/o-1/r-1",
                "id": "r-1",
                "name": "Root",
                "policy_types": [{"status": "ENABLED", "type": "SERVICE_CONTROL_POLICY"}],
            }
        ],
    }
    untrusting = twin(found, aws_service_access_principals=[])
    assert told(seen(ORGANIZATION), COLLECTORS, untrusting) == {
        ("changed", ORGANIZATION.type, "aws_service_access_principals")
    }


def test_units_and_accounts():
    found = seen(UNIT, ACCOUNT)
    assert {each.id: each["parent_id"] for each in found.of(UNIT.type)} == {"ou-1": "r-1", "ou-2": "ou-1"}
    assert whole(found.of(UNIT.type)[1]) == {
        "its id": "ou-2",
        "its identity": "ou-2",
        "its arn": "arn:aws:organizations::123456789012:ou/o-1/ou-2",
        "its owner": None,
        "arn": "arn:aws:organizations::123456789012:ou/o-1/ou-2",
        "name": "prod",
        "parent_id": "ou-1",
        "tags": {"team": "shop"},
    }
    _, work, closed = sorted(found.of(ACCOUNT.type), key=lambda each: each.id)
    assert whole(work) == {
        "its id": "222222222222",
        "its identity": "222222222222",
        "its arn": "arn:aws:organizations::123456789012:account/o-1/222222222222",
        "its owner": None,
        "arn": "arn:aws:organizations::123456789012:account/o-1/222222222222",
        "email": "222222222222@example.com",
        "joined_method": "CREATED",
        "name": "a222222222222",
        "parent_id": "ou-2",
        "state": "ACTIVE",
        "status": "ACTIVE",
        "tags": {"team": "shop"},
    }
    assert closed.facts["pending_deletion"] is True
    units = [twin(each) for each in found.of(UNIT.type)]
    assert told(found, COLLECTORS, *units, twin(work, parent_id="ou-1")) == {("changed", ACCOUNT.type, "parent_id")}
    assert told(found, COLLECTORS, *units, twin(work), twin(closed)) == {("missing", ACCOUNT.type, "")}


def test_policies():
    found = seen(POLICY, POLICY_ATTACHMENT)
    assert whole(only(found, POLICY.type)) == {
        "its id": "p-1",
        "its identity": "p-1",
        "its arn": "arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
        "its owner": None,
        "arn": "arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
        "content": '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], '
        '"Resource": ["*"]}]}',
        "name": "no-s3",
        "type": "SERVICE_CONTROL_POLICY",
        "tags": {"team": "shop"},
    }
    assert {each.id: each.owner for each in found.of(POLICY.type)} == {"p-1": None, "p-FullAWSAccess": "aws"}
    attached = found.of(POLICY_ATTACHMENT.type)[0]
    assert whole(attached) == {
        "its id": "ou-2:p-1",
        "its identity": "ou-2/p-1",
        "its arn": None,
        "its owner": None,
        "policy_id": "p-1",
        "target_id": "ou-2",
    }
    said = DENY.replace('["s3:*"]', '"s3:*"')
    assert told(found, COLLECTORS, twin(only(found, POLICY.type), content=said), twin(attached)) == set()
    other = DENY.replace("Deny", "Allow")
    assert told(found, COLLECTORS, twin(only(found, POLICY.type), content=other)) == {
        ("changed", POLICY.type, "content.Statement[0].Effect"),
        ("unmanaged", POLICY_ATTACHMENT.type, ""),
    }


def test_who_else_may_act():
    found = seen(ADMINISTRATOR, RESOURCE_POLICY)
    assert whole(only(found, ADMINISTRATOR.type)) == {
        "its id": "222222222222/guardduty.amazonaws.com",
        "its identity": "222222222222/guardduty.amazonaws.com",
        "its arn": "arn:aws:organizations::123456789012:account/o-1/222222222222",
        "its owner": None,
        "account_id": "222222222222",
        "arn": "arn:aws:organizations::123456789012:account/o-1/222222222222",
        "email": "222222222222@example.com",
        "joined_method": "CREATED",
        "name": "a222222222222",
        "service_principal": "guardduty.amazonaws.com",
        "status": "ACTIVE",
    }
    assert whole(only(found, RESOURCE_POLICY.type)) == {
        "its id": "rp-1",
        "its identity": "rp-1",
        "its arn": "arn:aws:organizations::123456789012:resourcepolicy/o-1/rp-1",
        "its owner": None,
        "arn": "arn:aws:organizations::123456789012:resourcepolicy/o-1/rp-1",
        "content": '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["s3:*"], '
        '"Resource": ["*"]}]}',
        "tags": {"team": "shop"},
    }
    none = seen(RESOURCE_POLICY, DescribeResourcePolicy=refused("ResourcePolicyNotFoundException"))
    assert (list(none.of(RESOURCE_POLICY.type)), none.gaps) == ([], [])


def test_an_account_of_no_organization_has_none():
    found = seen(*COLLECTORS, DescribeOrganization=refused("AWSOrganizationsNotInUseException"))
    assert found.gaps == []
    assert [each for collector in COLLECTORS for each in found.of(collector.type)] == []


def test_a_member_may_not_ask_and_each_type_is_a_gap():
    found = seen(*COLLECTORS, ListRoots=refused("AccessDeniedException"))
    assert {(gap.type, gap.permission) for gap in found.gaps} == {
        (each.type, "organizations:ListRoots") for each in COLLECTORS
    }


def test_what_a_delegated_administrator_sees_is_the_management_accounts():
    theirs = {"Organization": ANSWERS["DescribeOrganization"]["Organization"] | {"MasterAccountId": "999999999999"}}
    found = seen(*COLLECTORS, DescribeOrganization=theirs)
    owners = {each.owner for collector in COLLECTORS for each in found.of(collector.type)}
    assert owners == {"organizations: 999999999999", "aws"}


def test_a_partition_without_a_type_of_policy():
    def answer(asked):
        known = json.loads(asked.body)["Filter"] == "SERVICE_CONTROL_POLICY"
        return wire.json({"Policies": [SCP]}) if known else refused("InvalidInputException")

    with answering(ANSWERS) as it:
        it.answers |= ASKED | {"ListPolicies": answer}
        found = read(POLICY)
    assert (len(found.of(POLICY.type)), found.gaps) == (1, [])


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)

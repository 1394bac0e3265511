import json

import pytest

from scanner.collectors import iam, iam_account, iam_policies
from scanner.collectors.iam_policies import COLLECTORS
from state import GLOBAL, Declaration, Inventory, Resource
from state.drift import Kind, drift
from state.terraform.settle import settle
from state.terraform.statefile import parse, resources
from tests.conftest import ACCOUNT, read
from tests.shared import STATES, needs_states

EVERY = [*iam.COLLECTORS, *iam_policies.COLLECTORS, *iam_account.COLLECTORS]
SCHEMAS = {each.type: each.schema for each in EVERY if each.type.startswith("aws_")}

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
LOGS = f"arn:aws:iam::{ACCOUNT}:policy/logs"
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(action):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


@pytest.fixture
def account(aws):
    """A role, a user and a group that hold one policy of each kind, and ann in dev."""
    made = aws("iam")
    made.create_policy(PolicyName="logs", PolicyDocument=document("logs:*"))
    made.create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
    made.create_user(UserName="ann")
    made.create_group(GroupName="dev")
    made.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=document("sqs:*"))
    made.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=document("sqs:*"))
    made.put_group_policy(GroupName="dev", PolicyName="own", PolicyDocument=document("sqs:*"))
    made.attach_role_policy(RoleName="web", PolicyArn=LOGS)
    made.attach_user_policy(UserName="ann", PolicyArn=LOGS)
    made.attach_group_policy(GroupName="dev", PolicyArn=LOGS)
    made.add_user_to_group(UserName="ann", GroupName="dev")
    return made


# --- live -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), [("role", "web"), ("user", "ann"), ("group", "dev")])
def test_inline_policy(account, kind, name):
    [policy] = read(*COLLECTORS).of(f"aws_iam_{kind}_policy")
    assert (policy.key, policy.id) == ((f"aws_iam_{kind}_policy", ACCOUNT, GLOBAL, f"{name}/own"), f"{name}:own")
    assert json.loads(policy["policy"]) == json.loads(document("sqs:*"))
    assert policy.attributes == {"name": "own", "policy": policy["policy"], kind: name}


@pytest.mark.parametrize(("kind", "name"), [("role", "web"), ("user", "ann"), ("group", "dev")])
def test_attachment(account, kind, name):
    [attachment] = read(*COLLECTORS).of(f"aws_iam_{kind}_policy_attachment")
    assert attachment.key == (f"aws_iam_{kind}_policy_attachment", ACCOUNT, GLOBAL, f"{name}/{LOGS}")
    assert attachment.attributes == {"policy_arn": LOGS, kind: name}


def test_membership(account):
    account.create_group(GroupName="ops")
    account.add_user_to_group(UserName="ann", GroupName="ops")
    found = read(*COLLECTORS).of("aws_iam_user_group_membership")
    assert sorted((each.identity, each.attributes) for each in found) == [
        ("ann/dev", {"user": "ann", "groups": ["dev"]}),
        ("ann/ops", {"user": "ann", "groups": ["ops"]}),
    ]


def test_parts_of_a_role_of_aws_are_its_own(aws):
    aws("iam").create_role(RoleName="OrganizationAccountAccessRole", AssumeRolePolicyDocument=TRUST)
    aws("iam").put_role_policy(
        RoleName="OrganizationAccountAccessRole", PolicyName="admin", PolicyDocument=document("*")
    )
    [policy] = read(*COLLECTORS).of("aws_iam_role_policy")
    assert policy.owner == "aws: organizations"


def test_refused_listing_is_a_gap_of_every_type(account, allowed_only):
    with allowed_only():
        found = read(*COLLECTORS)
    assert sorted(gap.type for gap in found.gaps) == sorted(each.type for each in COLLECTORS)
    assert {(gap.kind, gap.permission) for gap in found.gaps} == {("denied", "iam:GetAccountAuthorizationDetails")}


# --- declared homes ---------------------------------------------------------------------------------


def declared(type, **attributes):
    return Resource(
        type=type,
        id=str(attributes.get("id") or attributes.get("name") or ""),
        account=ACCOUNT,
        region="eu-west-1",
        attributes=attributes,
        declared=Declaration(address=f"{type}.this", source="test"),
    )


def homes(*resources):
    """(address, part, identity) of each row that these declare, all of them of no region."""
    settled = settle(resources, SCHEMAS)
    assert {each.region for each in settled} == {GLOBAL}
    return sorted((each.declared.address, each.declared.part, each.identity) for each in settled)


INSIDE = {
    "name": "web",
    "managed_policy_arns": [LOGS],
    "inline_policy": [{"name": "own", "policy": document("sqs:*")}, {"name": "", "policy": ""}],
}


def test_role_that_declares_policies_inside_itself():
    assert homes(declared("aws_iam_role", **INSIDE)) == [
        ("aws_iam_role.this", "", "web"),
        ("aws_iam_role.this", "inline_policy", "web/own"),
        ("aws_iam_role.this", "managed_policy_arns", f"web/{LOGS}"),
    ]


def test_policies_declared_by_themselves_win_over_the_copy_in_the_role():
    own = declared("aws_iam_role_policy", id="web:own", role="web", name="own", policy=document("sqs:*"))
    attached = declared("aws_iam_role_policy_attachment", id="web-2024", role="web", policy_arn=LOGS)
    assert homes(declared("aws_iam_role", **INSIDE), own, attached) == [
        ("aws_iam_role.this", "", "web"),
        ("aws_iam_role_policy.this", "", "web/own"),
        ("aws_iam_role_policy_attachment.this", "", f"web/{LOGS}"),
    ]


def test_exclusive_resources_repeat_what_others_declare():
    exclusive = declared("aws_iam_role_policy_attachments_exclusive", role_name="web", policy_arns=[LOGS, READ])
    names = declared("aws_iam_user_policies_exclusive", user_name="ann", policy_names=["own"])
    attached = declared("aws_iam_role_policy_attachment", id="web-2024", role="web", policy_arn=LOGS)
    assert homes(exclusive, names, attached) == [
        ("aws_iam_role_policy_attachment.this", "", f"web/{LOGS}"),
        ("aws_iam_role_policy_attachments_exclusive.this", "", f"web/{READ}"),
        ("aws_iam_user_policies_exclusive.this", "", "ann/own"),
    ]


def test_policy_attachment_is_split_by_holder():
    every = declared("aws_iam_policy_attachment", name="x", policy_arn=LOGS, roles=["web"], users=["ann"], groups=None)
    settled = settle([every], SCHEMAS)
    assert sorted((each.type, each.attributes) for each in settled) == [
        ("aws_iam_role_policy_attachment", {"role": "web", "policy_arn": LOGS}),
        ("aws_iam_user_policy_attachment", {"user": "ann", "policy_arn": LOGS}),
    ]


def test_memberships_of_users_and_of_groups_are_the_same_pairs():
    of_user = declared("aws_iam_user_group_membership", user="ann", groups=["dev", "ops"])
    of_group = declared("aws_iam_group_membership", name="x", group="dev", users=["ann", "bob"])
    assert homes(of_user, of_group) == [
        ("aws_iam_group_membership.this", "", "ann/dev"),
        ("aws_iam_group_membership.this", "", "bob/dev"),
        ("aws_iam_user_group_membership.this", "", "ann/ops"),
    ]


def test_inline_policy_whose_state_tells_its_name_in_the_id_only():
    assert homes(declared("aws_iam_user_policy", id="ann:own", user="ann", name=None, policy="{}")) == [
        ("aws_iam_user_policy.this", "", "ann/own")
    ]


# --- drift ------------------------------------------------------------------------------------------


def drifted(*resources):
    """(kind, identity, paths) of all drift between the account and these."""
    found = drift(read(*EVERY), Inventory(settle(resources, SCHEMAS)), SCHEMAS).drift
    return [(each.kind, each.resource.identity, [change.path for change in each.changes]) for each in found]


WHOLE = [
    declared("aws_iam_policy", arn=LOGS, name="logs", policy=document("LOGS:*")),
    declared("aws_iam_role", assume_role_policy=TRUST, max_session_duration=3600, **INSIDE),
    declared("aws_iam_user", name="ann", path="/", permissions_boundary=""),
    declared("aws_iam_group", name="dev", path="/"),
    declared("aws_iam_user_policy", id="ann:own", user="ann", name="own", policy=document(["sqs:*"])),
    declared("aws_iam_group_policy", id="dev:own", group="dev", name="own", policy=document("sqs:*")),
    declared("aws_iam_policy_attachment", name="x", policy_arn=LOGS, users=["ann"], groups=["dev"]),
    declared("aws_iam_group_membership", name="x", group="dev", users=["ann"]),
]


def test_no_drift(account):
    assert drifted(*WHOLE) == []


def test_a_group_that_is_gone_takes_the_list_of_its_members_along(account):
    [members] = [each for each in WHOLE if each.type == "aws_iam_group_membership"]
    account.remove_user_from_group(GroupName="dev", UserName="ann")
    assert drifted(members)[:1] == [(Kind.CHANGED, "", ["users[ann]"])]
    account.delete_group_policy(GroupName="dev", PolicyName="own")
    account.delete_group(GroupName="dev")
    assert drifted(members)[:1] == [(Kind.MISSING, "", [])]


def test_parts_put_on_by_hand_are_changes_of_their_holder(account):
    account.put_role_policy(RoleName="web", PolicyName="extra", PolicyDocument=document("*"))
    account.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=document("*"))
    account.detach_role_policy(RoleName="web", PolicyArn=LOGS)
    account.create_group(GroupName="ops")
    account.add_user_to_group(UserName="ann", GroupName="ops")
    assert drifted(*WHOLE) == [
        (
            Kind.CHANGED,
            "web",
            ["inline_policy[extra]", "inline_policy[own].policy.Statement[0].Action", f"managed_policy_arns[{LOGS}]"],
        ),
        (Kind.CHANGED, "ann", ["groups[ops]"]),
        (Kind.UNMANAGED, "ops", []),
    ]


def test_parts_declared_by_themselves_are_missing_by_themselves(account):
    account.detach_user_policy(UserName="ann", PolicyArn=LOGS)
    account.remove_user_from_group(UserName="ann", GroupName="dev")
    account.delete_group_policy(GroupName="dev", PolicyName="own")
    assert drifted(*WHOLE) == [
        (Kind.CHANGED, "", ["users[ann]"]),  # of a membership, which lists them
        (Kind.CHANGED, "", ["users[ann]"]),  # of a policy's attachment
        (Kind.MISSING, "dev/own", []),
    ]


def test_roles_of_aws_are_not_unmanaged(account):
    account.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    account.create_role(RoleName="OrganizationAccountAccessRole", AssumeRolePolicyDocument=TRUST)
    account.create_role(RoleName="by-hand", AssumeRolePolicyDocument=TRUST)
    assert drifted(*WHOLE) == [(Kind.UNMANAGED, "by-hand", [])]


def test_nothing_is_missing_where_iam_refused(account, allowed_only):
    with allowed_only():
        assert drifted(*WHOLE) == []


# --- real states ------------------------------------------------------------------------------------


@needs_states
def test_real_states_settle_with_an_identity():
    found = [
        each
        for path in STATES
        for each in settle(resources(parse(path.read_bytes(), path.name), path.name), SCHEMAS)
        if each.type in SCHEMAS
    ]
    assert [each for each in found if not each.identity or "None" in each.identity] == []
    parts = [each for each in found if each.type in ("aws_iam_role_policy", "aws_iam_role_policy_attachment")]
    assert [each for each in parts if not each.identity.startswith(f"{each.attributes['role']}/")] == []
    assert {each.type for each in found} >= {
        "aws_iam_group",
        "aws_iam_instance_profile",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user",
        "aws_iam_user_group_membership",
        "aws_iam_user_policy_attachment",
    }

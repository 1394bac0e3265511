"""What the documented examples of a check do not show: odd values, and what cannot be seen beside what can."""

from typing import Any

import pytest

from checks import REGISTRY, Finding, Status, Terms
from scanner.collectors import schemas
from state import Gap, Inventory, Resource
from state.terraform import hcl

FAIL, PASS, UNKNOWN, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SKIPPED


def judged(check: str, *resources: Resource, gaps: tuple[Gap, ...] = (), terms: Terms | None = None) -> Finding:
    """The verdict on the first of these resources."""
    return REGISTRY[check].judge(resources[0], Inventory(resources, gaps), terms or Terms())


def live(type: str, id: str = "it", **attributes: Any) -> Resource:
    return Resource(type=type, id=id, account="123456789012", region="eu-west-1", attributes=attributes)


def code(check: str, text: str) -> Status:
    inventory = hcl.read(text, schemas())
    [subject] = [each for each in inventory.resources if each.type in REGISTRY[check].types]
    return REGISTRY[check].judge(subject, inventory, Terms()).status


# --- security groups ----------------------------------------------------------------------------

GROUP = live("aws_security_group", "sg-1", name="web")
HTTPS = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
SSH = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22}
ANYWHERE = {"cidr_ipv4": "0.0.0.0/0"}


def rule(id: str = "sgr-1", **attributes: Any) -> Resource:
    none = dict.fromkeys(("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "from_port", "to_port", "description"))
    return live("aws_vpc_security_group_ingress_rule", id, **{**none, "security_group_id": "sg-1", **attributes})


def unseen(resource: Resource, *names: str) -> Resource:
    return resource.replace(unknown=dict.fromkeys(names, "nobody may look"))


@pytest.mark.parametrize(
    ("rules", "ssh", "rdp", "every", "database"),
    [
        ([], PASS, PASS, PASS, PASS),
        ([rule(ip_protocol="-1", **ANYWHERE)], FAIL, FAIL, FAIL, FAIL),
        ([rule(ip_protocol="-1", cidr_ipv6="::/0")], FAIL, FAIL, FAIL, FAIL),
        ([rule(ip_protocol="-1", cidr_ipv4="0.0.0.0/1")], FAIL, FAIL, FAIL, FAIL),
        ([rule(ip_protocol="-1", cidr_ipv4="0.0.0.0/2")], PASS, PASS, PASS, PASS),
        ([rule(ip_protocol="-1", cidr_ipv6="2000::/3")], FAIL, FAIL, FAIL, FAIL),
        ([rule(**SSH, cidr_ipv4="0.0.0.0/2"), rule("sgr-2", **SSH, cidr_ipv4="64.0.0.0/2")], FAIL, PASS, PASS, PASS),
        ([rule(**SSH, cidr_ipv4="0.0.0.0/2"), rule("sgr-2", **SSH, cidr_ipv4="0.0.0.0/2")], PASS, PASS, PASS, PASS),
        ([rule(**SSH, cidr_ipv4="0.0.0.0/2"), rule("sgr-2", **HTTPS, cidr_ipv4="64.0.0.0/2")], PASS, PASS, PASS, PASS),
        ([rule(**SSH, cidr_ipv4="0.0.0.0/2"), rule("sgr-2", **SSH, prefix_list_id="pl-1")], UNKNOWN, PASS, PASS, PASS),
        (
            [rule(**SSH, cidr_ipv4="0.0.0.0/2"), unseen(rule("sgr-2", cidr_ipv4="64.0.0.0/2"), "ip_protocol")],
            UNKNOWN,
            PASS,
            PASS,
            PASS,
        ),
        ([rule(ip_protocol="tcp", from_port=1, to_port=65535, **ANYWHERE)], FAIL, FAIL, FAIL, FAIL),
        ([rule(ip_protocol="tcp", from_port=1024, to_port=65535, **ANYWHERE)], PASS, FAIL, PASS, FAIL),
        ([rule(ip_protocol="udp", from_port=0, to_port=65535, **ANYWHERE)], PASS, FAIL, FAIL, FAIL),
        ([rule(ip_protocol="icmp", **ANYWHERE)], PASS, PASS, PASS, PASS),
        ([rule(ip_protocol="50", **ANYWHERE)], PASS, PASS, PASS, PASS),
        ([rule(**SSH, prefix_list_id="pl-1")], UNKNOWN, PASS, PASS, PASS),
        ([rule(**HTTPS, prefix_list_id="pl-1")], PASS, PASS, PASS, PASS),
        ([unseen(rule(**SSH), "cidr_ipv4"), rule("sgr-2", **SSH, **ANYWHERE)], FAIL, PASS, PASS, PASS),
        ([unseen(rule(**SSH), "cidr_ipv4")], UNKNOWN, PASS, PASS, PASS),
        ([unseen(rule(**SSH, cidr_ipv4="10.0.0.0/8"), "from_port")], PASS, PASS, PASS, PASS),
    ],
)
def test_what_the_internet_reaches(
    rules: list[Resource], ssh: Status, rdp: Status, every: Status, database: Status
) -> None:
    names = ("ssh-world", "rdp-world", "all-ports-world", "database-world")
    assert [judged(f"sg-ingress-{name}", GROUP, *rules).status for name in names] == [ssh, rdp, every, database]


def test_ranges_that_together_are_the_internet_are_all_evidence() -> None:
    halves = [rule(f"sgr-{n}", **SSH, cidr_ipv4=half) for n, half in enumerate(("0.0.0.0/1", "128.0.0.0/1"))]
    found = judged("sg-ingress-ssh-world", GROUP, *halves)
    assert found.message == "sg-1 opens SSH to half of the internet or more"
    said = {path.split(".", 1)[1]: value for path, value in found.evidence.items() if "cidr" in path}
    assert said == {"sgr-0.cidr_ipv4": "0.0.0.0/1", "sgr-1.cidr_ipv4": "128.0.0.0/1"}


def acl_rule(number: int, action: str, **attributes: Any) -> Resource:
    none = dict.fromkeys(("cidr_block", "ipv6_cidr_block", "from_port", "to_port"))
    said = {"network_acl_id": "acl-1", "egress": False, "rule_number": number, "rule_action": action, "protocol": "-1"}
    return live("aws_network_acl_rule", str(number), **none | said | attributes)


LOW, HIGH, ALL = ({"cidr_block": each} for each in ("0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/0"))
LOGIN = {"protocol": "6", "from_port": 22, "to_port": 22}


@pytest.mark.parametrize(
    ("rules", "admin", "every"),
    [
        ([acl_rule(1, "allow", **LOW), acl_rule(2, "allow", **HIGH)], FAIL, FAIL),
        ([acl_rule(1, "allow", cidr_block="0.0.0.0/2"), acl_rule(2, "allow", cidr_block="64.0.0.0/3")], PASS, PASS),
        ([acl_rule(1, "allow", ipv6_cidr_block="2000::/3")], FAIL, FAIL),
        ([acl_rule(1, "deny", **LOW), acl_rule(2, "allow", **ALL)], FAIL, FAIL),
        ([acl_rule(1, "deny", **LOW), acl_rule(2, "deny", **HIGH), acl_rule(3, "allow", **ALL)], PASS, PASS),
        ([acl_rule(1, "deny", **LOW), acl_rule(2, "allow", **LOW)], PASS, PASS),
        ([acl_rule(1, "deny", **LOGIN, **ALL), acl_rule(2, "allow", **LOW)], FAIL, FAIL),
        ([acl_rule(1, "allow", **LOGIN, **LOW), acl_rule(2, "allow", **LOGIN, **HIGH)], FAIL, PASS),
        ([acl_rule(1, "deny", **LOGIN, **LOW), unseen(acl_rule(2, "allow", **ALL), "protocol")], UNKNOWN, UNKNOWN),
        ([acl_rule(1, "allow", **ALL), unseen(acl_rule(2, "allow", **ALL), "protocol")], FAIL, FAIL),
    ],
)
def test_what_an_acl_lets_in(rules: list[Resource], admin: Status, every: Status) -> None:
    acl = live("aws_network_acl", "acl-1", vpc_id="vpc-1").replace(facts={"is_default": False})
    vpc = live("aws_vpc", "vpc-1").replace(facts={"is_default": False})
    names = ("nacl-ingress-admin-world", "nacl-ingress-any-world")
    assert [judged(name, acl, vpc, *rules).status for name in names] == [admin, every]


SETTINGS = {
    "ebs-default-encryption": live("aws_ebs_encryption_by_default", "eu-west-1", enabled=False),
    "ebs-snapshot-block-public-access": live("aws_ebs_snapshot_block_public_access", "eu-west-1", state="unblocked"),
}


@pytest.mark.parametrize("check", SETTINGS)
@pytest.mark.parametrize(
    ("near", "gaps", "status"),
    [
        ([], (), SKIPPED),
        ([live("aws_ebs_volume")], (), FAIL),
        ([live("aws_ebs_snapshot")], (), FAIL),
        ([live("aws_instance")], (), FAIL),
        ([live("aws_ebs_volume").replace(region="us-east-1")], (), SKIPPED),
        ([], (Gap(type="aws_instance", account="123456789012", region="eu-west-1", reason="denied"),), UNKNOWN),
        ([], (Gap(type="aws_instance", account="123456789012", region="us-east-1", reason="denied"),), SKIPPED),
    ],
)
def test_a_region_in_which_nothing_is(check: str, near: list[Resource], gaps: tuple[Gap, ...], status: Status) -> None:
    assert judged(check, SETTINGS[check], *near, gaps=gaps).status is status


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("ALARM(disk)", FAIL),
        ("ALARM(disk is full)", FAIL),
        ('ALARM("disk is full")', PASS),
        ("NOT (ALARM('disk is full') OR OK(cpu))", PASS),
        ("ALARM( arn:aws:cloudwatch:eu-west-1:123456789012:alarm:full )", PASS),
    ],
)
def test_an_alarm_that_another_is_made_of(rule: str, status: Status) -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:full"
    one = live(
        "aws_cloudwatch_metric_alarm", alarm_name="disk is full", arn=arn, alarm_actions=[], actions_enabled=True
    )
    above = live("aws_cloudwatch_composite_alarm", alarm_rule=rule)
    assert judged("cloudwatch-alarm-no-actions", one, above).status is status


NAMING = {"security_group_id": "sg-2", "referenced_security_group_id": "sg-1"}


@pytest.mark.parametrize(
    ("near", "status"),
    [
        ([], FAIL),
        ([live("aws_network_interface_sg_attachment", security_group_id="sg-1")], PASS),
        ([live("aws_vpc_security_group_ingress_rule", **NAMING)], PASS),
        ([live("aws_vpc_security_group_egress_rule", **NAMING)], PASS),
        ([live("aws_vpc_security_group_ingress_rule", **NAMING | {"security_group_id": "sg-1"})], FAIL),
        ([unseen(live("aws_vpc_security_group_egress_rule"), "referenced_security_group_id")], UNKNOWN),
    ],
)
def test_a_group_that_something_uses(near: list[Resource], status: Status) -> None:
    assert judged("sg-unused", GROUP, *near).status is status


def test_a_dynamic_block_may_hold_any_rule() -> None:
    text = """
    resource "aws_security_group" "web" {
      dynamic "ingress" {
        for_each = var.open
        content {
          protocol    = "tcp"
          from_port   = ingress.value
          to_port     = ingress.value
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
    }
    """
    assert code("sg-ingress-ssh-world", text) is UNKNOWN


# --- buckets ------------------------------------------------------------------------------------

BUCKET = live("aws_s3_bucket", "acme", bucket="acme")
OPEN = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::acme*"}}'
DOUBTFUL = OPEN.replace('"Action"', '"Condition":{"Bool":{"acme:Door":"open"}},"Action"')
SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
ON = dict.fromkeys(SWITCHES, True)
NO_ACCOUNT = Gap(type="aws_s3_account_public_access_block", account="", region="global", reason="denied")


def policy(document: str) -> Resource:
    return live("aws_s3_bucket_policy", "acme", bucket="acme", policy=document)


def grants(group: str, permission: str) -> Resource:
    grantee = [{"type": "Group", "uri": f"http://acs.amazonaws.com/groups/{group}"}]
    written = [{"grant": [{"grantee": grantee, "permission": permission}]}]
    return live("aws_s3_bucket_acl", "acme", bucket="acme", access_control_policy=written, acl=None)


def block(**switches: bool) -> Resource:
    return live(
        "aws_s3_bucket_public_access_block", "acme", bucket="acme", **{**dict.fromkeys(SWITCHES, False), **switches}
    )


@pytest.mark.parametrize(
    ("settings", "read", "write"),
    [
        ([], PASS, PASS),
        ([policy(OPEN)], FAIL, FAIL),
        ([policy(OPEN), block(restrict_public_buckets=True)], PASS, PASS),
        ([policy(OPEN), block(block_public_policy=True)], FAIL, FAIL),
        ([policy(DOUBTFUL)], UNKNOWN, UNKNOWN),
        ([policy(DOUBTFUL), block(restrict_public_buckets=True)], PASS, PASS),
        ([policy("{")], UNKNOWN, UNKNOWN),
        ([policy(DOUBTFUL), grants("global/AllUsers", "READ")], FAIL, UNKNOWN),
        ([grants("global/AuthenticatedUsers", "WRITE")], PASS, FAIL),
        ([grants("global/AllUsers", "FULL_CONTROL")], FAIL, FAIL),
        ([grants("global/AllUsers", "FULL_CONTROL"), block(ignore_public_acls=True)], PASS, PASS),
        ([grants("s3/LogDelivery", "WRITE")], PASS, PASS),
    ],
)
def test_who_gets_into_a_bucket(settings: list[Resource], read: Status, write: Status) -> None:
    found = [judged(f"s3-bucket-public-{name}", BUCKET, *settings).status for name in ("access", "write")]
    assert found == [read, write]


@pytest.mark.parametrize(
    ("settings", "access", "whole"),
    [
        ([], PASS, UNKNOWN),
        ([policy(OPEN)], UNKNOWN, UNKNOWN),
        ([policy(OPEN), block(**ON)], PASS, PASS),
    ],
)
def test_the_accounts_block_could_not_be_read(settings: list[Resource], access: Status, whole: Status) -> None:
    checks = ("s3-bucket-public-access", "s3-bucket-public-access-block")
    assert [judged(each, BUCKET, *settings, gaps=(NO_ACCOUNT,)).status for each in checks] == [access, whole]


def test_the_buckets_switches_and_the_accounts_complete_each_other() -> None:
    account = live("aws_s3_account_public_access_block", **{**ON, "block_public_acls": False})
    assert judged("s3-bucket-public-access-block", BUCKET, account, block(block_public_acls=True)).status is PASS
    assert judged("s3-bucket-public-access-block", BUCKET, account).status is FAIL


REFUSE = '{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":%s,"Resource":%s,"Condition":%s}]}'
PLAIN = '{"Bool":{"aws:SecureTransport":false}}'
BOTH = '["arn:aws-cn:s3:::acme","arn:aws-cn:s3:::acme/*"]'


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (REFUSE % ('"s3:*"', BOTH, PLAIN), PASS),
        (REFUSE % ('"*"', '"*"', PLAIN), PASS),
        (REFUSE % ('"S3:*"', '"arn:aws:s3:::acme*"', PLAIN), PASS),
        (REFUSE % ('"s3:GetObject"', BOTH, PLAIN), FAIL),
        (REFUSE % ('"s3:*"', '"arn:aws:s3:::other*"', PLAIN), FAIL),
        (REFUSE % ('"s3:*"', BOTH, '{"Bool":{"aws:SecureTransport":true}}'), FAIL),
        (REFUSE % ('"s3:*"', BOTH, '{"Bool":{"aws:SecureTransport":false,"aws:ViaAWSService":true}}'), FAIL),
        (OPEN, FAIL),
    ],
)
def test_plain_http_is_refused(document: str, status: Status) -> None:
    assert judged("s3-bucket-tls-only", BUCKET, policy(document)).status is status


# --- IAM ----------------------------------------------------------------------------------------


def attachment(owner: str | None, role: str = "deployer") -> Resource:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = live("aws_iam_role_policy_attachment", policy_arn=arn, role=role)
    return found.replace(owner=owner)


@pytest.mark.parametrize("check", ["iam-policy-admin-aws-managed", "iam-role-administrator-access"])
@pytest.mark.parametrize(
    ("owner", "status"),
    [(None, FAIL), ("aws: sso", PASS), ("aws: service-linked role", PASS), ("cloudformation: a", FAIL)],
)
def test_what_aws_made_is_aws_s(check: str, owner: str | None, status: Status) -> None:
    assert judged(check, attachment(owner)).status is status


def test_a_policy_is_attached_by_any_of_three_ways() -> None:
    everything = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    all_of_it = live("aws_iam_policy", arn="arn:aws:iam::123456789012:policy/all", policy=everything)
    held = live("aws_iam_group_policy_attachment", policy_arn=all_of_it["arn"], group="ops")
    gap = Gap(type="aws_iam_user_policy_attachment", account="", region="global", reason="denied")
    finding = judged("iam-policy-admin-attached", all_of_it, held, gaps=(gap,))
    assert (finding.status, finding.message) == (FAIL, "a statement allows everything to group ops")
    assert judged("iam-policy-admin-attached", all_of_it, gaps=(gap,)).status is UNKNOWN


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"password_enabled": None, "mfa_active": False}, UNKNOWN),
        ({"password_enabled": True, "mfa_active": None}, UNKNOWN),
        ({"password_enabled": False, "mfa_active": None}, PASS),
    ],
)
def test_the_report_does_not_say(facts: dict[str, Any], status: Status) -> None:
    user = live("aws_iam_user", "ann").replace(facts=facts)
    assert judged("iam-user-mfa-console", user).status is status


# --- load balancers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "protocols", "status"),
    [
        ("application", ["TLS"], FAIL),
        ("network", ["TCP", "TLS"], FAIL),
        ("network", ["TCP", "UDP"], PASS),
        ("network", [], PASS),
        ("gateway", [], PASS),
    ],
)
def test_a_load_balancer_that_has_access_logs_to_keep(kind: str, protocols: list[str], status: Status) -> None:
    balancer = live("aws_lb", arn="arn:lb", load_balancer_type=kind, access_logs=[{"enabled": False}])
    heard = [live("aws_lb_listener", each, load_balancer_arn="arn:lb", protocol=each) for each in protocols]
    assert judged("elbv2-access-logs", balancer, *heard).status is status


# --- records ------------------------------------------------------------------------------------


def member(id: str, *, closed: bool = False) -> Resource:
    return live("aws_organizations_account", id).replace(facts={"pending_deletion": closed})


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ([], FAIL),
        ([live("account", "1"), member("1")], FAIL),
        ([live("account", "1"), member("1"), member("2")], UNKNOWN),
        ([live("account", "1"), member("1"), member("2", closed=True)], FAIL),
    ],
)
@pytest.mark.parametrize("host", ["acme.s3-website-eu-west-1.amazonaws.com", "ec2-3-64-0-1.compute-1.amazonaws.com"])
def test_what_a_record_points_to_may_be_another_account_s(host: str, others: list[Resource], status: Status) -> None:
    said = {"type": "CNAME", "alias": None, "records": [host], "fqdn": "www.acme.example"}
    record = live("aws_route53_record").replace(attributes=said)
    assert judged("route53-dangling-record", record, *others).status is status
    gap = Gap(type="aws_organizations_account", account="", region="global", reason="denied")
    assert judged("route53-dangling-record", record, *others, gaps=(gap,)).status is (status if others else UNKNOWN)


# --- databases ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "mode", "members", "status"),
    [
        ("aurora-mysql", "provisioned", [], PASS),
        ("aurora-mysql", "provisioned", ["a"], FAIL),
        ("aurora-mysql", "provisioned", ["a", "a"], FAIL),
        ("aurora-mysql", "provisioned", ["a", "b"], PASS),
        ("aurora-mysql", "serverless", [], PASS),
        ("postgres", "provisioned", ["a"], PASS),
    ],
)
def test_a_cluster_in_one_zone(engine: str, mode: str, members: list[str], status: Status) -> None:
    cluster = live("aws_rds_cluster", cluster_identifier="orders", engine=engine, engine_mode=mode)
    found = [live("aws_rds_cluster_instance", cluster_identifier="orders", availability_zone=zone) for zone in members]
    assert judged("rds-cluster-single-az", cluster, *found).status is status


# --- tags ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "owner", "required", "untagged"),
    [
        ({}, None, FAIL, FAIL),
        ({"aws:createdBy": "ann"}, None, FAIL, FAIL),
        ({"Cost-Center": "4711"}, None, PASS, PASS),
        ({"costcenter": ""}, None, FAIL, PASS),
        ({}, "aws: default", PASS, PASS),
        ({}, "autoscaling: web", PASS, PASS),
        ({}, "cloudformation: shop", FAIL, FAIL),
    ],
)
def test_tags(tags: dict[str, str], owner: str | None, required: Status, untagged: Status) -> None:
    group = live("aws_security_group", tags=tags).replace(owner=owner)
    asked = Terms(required_tags=("cost-center",))
    found = [judged(each, group, terms=asked).status for each in ("tag-required-keys", "tag-untagged")]
    assert found == [required, untagged]


def test_a_part_is_not_asked_for_tags() -> None:
    assert judged("tag-untagged", live("aws_vpc_security_group_ingress_rule", tags={})).status is PASS

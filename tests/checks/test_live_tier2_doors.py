"""Checks of who gets in, by which door, and what is behind it: over a live account, or a stand-in for it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from state import Inventory
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, inventory_for, pairs, unread, verdicts
from tests.checks.test_live_network import WORLD, group, lead_out, machine, network
from tests.checks.test_rules import judged, live, rule, unseen
from tests.conftest import ACCOUNT, REGION
from tests.scanner.standin import answering

Client = Callable[..., Any]
VERSION = "2012-10-17"


def of_check(found: dict[tuple[str, str], Status], check: str) -> dict[str, Status]:
    return {id: status for (each, id), status in found.items() if each == check}


# --- security groups and load balancers -----------------------------------------------------------


def test_wide_ranges(aws: Client) -> None:
    ec2 = aws("ec2")
    vpc = network(ec2, "10.0.0.0/16")["vpc"]
    wide = group(ec2, vpc, "wide", 443, {"CidrIp": "52.0.0.0/11"})
    own = group(ec2, vpc, "own", 443, {"CidrIp": "52.1.2.0/24"})
    inside = group(ec2, vpc, "inside", 443, {"CidrIp": "10.0.0.0/8"})
    world = group(ec2, vpc, "world", 443, WORLD)
    check = "sg-ingress-wide-cidr"
    found = verdicts(check)
    assert [found[check, each] for each in (wide, own, inside, world)] == [FAIL, PASS, PASS, PASS]
    assert unread(check, "aws_vpc_security_group_ingress_rule") == {UNKNOWN}


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"cidr_ipv4": "52.1.2.0/23"}, FAIL),
        ({"cidr_ipv4": "10.0.0.0/7"}, FAIL),  # half of it is not private
        ({"cidr_ipv4": "128.0.0.0/1"}, PASS),
        ({"cidr_ipv4": "100.64.0.0/10"}, PASS),
        ({"cidr_ipv6": "2a05:d000::/47"}, FAIL),
        ({"cidr_ipv6": "2a05:d000::/48"}, PASS),
        ({"cidr_ipv6": "fc00::/7"}, PASS),
        ({"cidr_ipv6": "::/0"}, PASS),
        ({"prefix_list_id": "pl-1"}, UNKNOWN),
        ({"cidr_ipv4": "?"}, UNKNOWN),
    ],
)
def test_how_wide_a_range_is(attributes: dict[str, Any], status: Status) -> None:
    found = judged("sg-ingress-wide-cidr", live("aws_security_group", "sg-1"), rule(ip_protocol="tcp", **attributes))
    assert found.status is status
    if status is FAIL:
        [range] = attributes.values()
        assert found.message == f"sg-1 admits {range}"
        assert range in found.evidence.values()


def test_public_load_balancers(aws: Client) -> None:
    ec2, elb = aws("ec2"), aws("elbv2")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"], made["b"])
    everyone, office = (
        group(ec2, made["vpc"], name, 443, {"CidrIp": range})
        for name, range in (("everyone", "0.0.0.0/0"), ("office", "203.0.113.0/24"))
    )

    def balancer(name: str, scheme: str, *groups: str, **more: Any) -> str:
        asked = {"Name": name, "Subnets": [made["a"], made["b"]], "Scheme": scheme, "SecurityGroups": [*groups]}
        return str(elb.create_load_balancer(**asked | more)["LoadBalancers"][0]["LoadBalancerArn"])

    arns = {
        balancer("wiki", "internet-facing", office, everyone): FAIL,
        balancer("shop-web", "internet-facing", everyone): PASS,
        balancer("office", "internet-facing", office): PASS,
        balancer("inside", "internal", everyone): PASS,
        balancer("mail", "internet-facing", Type="network"): FAIL,
    }
    check = "elbv2-internet-facing-open"
    assert of_check(verdicts(check, terms=Terms(public_load_balancers=("shop-*",))), check) == arns
    assert set(verdicts(check).values()) == {SKIPPED}


@pytest.mark.parametrize("name", ["internal", "name", "security_groups"])
def test_a_public_load_balancer_of_which_not_all_is_known(name: str) -> None:
    said = {"load_balancer_type": "network", "internal": False, "name": "wiki", "security_groups": []}
    terms, check = Terms(public_load_balancers=("shop",)), "elbv2-internet-facing-open"
    assert judged(check, live("aws_lb", **said), terms=terms).status is FAIL
    assert judged(check, unseen(live("aws_lb", **said), name), terms=terms).status is UNKNOWN
    gone = live("aws_lb", **said | {"security_groups": ["sg-1"]})
    assert judged(check, gone, terms=terms).status is UNKNOWN


def test_classic_policies(aws: Client) -> None:
    elb = aws("elb")
    modes = {"lax": "ELBSecurityPolicy-2016-08", "strict": "ELBSecurityPolicy-TLS-1-2-2017-01", "own": "ours"}
    for name, policy in modes.items():
        listener = {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstancePort": 80, "InstanceProtocol": "HTTP"}
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], AvailabilityZones=[f"{REGION}a"])
        elb.create_lb_cookie_stickiness_policy(LoadBalancerName=name, PolicyName="sticky")
        said = [{"AttributeName": "Reference-Security-Policy", "AttributeValue": policy}]
        kind = {"PolicyTypeName": "SSLNegotiationPolicyType", "PolicyAttributes": said}
        elb.create_load_balancer_policy(LoadBalancerName=name, PolicyName=policy, **kind)
        asked = {"LoadBalancerPort": 443, "PolicyNames": ["sticky", policy]}
        elb.set_load_balancer_policies_of_listener(LoadBalancerName=name, **asked)
    plain = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80, "InstanceProtocol": "HTTP"}
    elb.create_load_balancer(LoadBalancerName="plain", Listeners=[plain], AvailabilityZones=[f"{REGION}a"])
    check = "elb-classic-weak-ciphers"
    wanted = {"lax": FAIL, "strict": PASS, "own": UNKNOWN, "plain": PASS}
    assert of_check(verdicts(check), check) == wanted


def test_zones_of_targets(aws: Client) -> None:
    ec2, elb = aws("ec2"), aws("elbv2")
    made = network(ec2, "10.0.0.0/16")
    machines = {zone: machine(ec2, made[zone], public=False) for zone in ("a", "b")}
    subnets = [made["a"], made["b"]]
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    arns = {}
    for number, (name, zones) in enumerate({"lax": "a", "strict": "ab", "none": "", "unused": "a"}.items()):
        asked = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": made["vpc"], "TargetType": "instance"}
        arns[name] = elb.create_target_group(**asked)["TargetGroups"][0]["TargetGroupArn"]
        if zones:
            targets = [{"Id": machines[zone]} for zone in zones]
            elb.register_targets(TargetGroupArn=arns[name], Targets=targets)
        if name != "unused":
            to = [{"Type": "forward", "TargetGroupArn": arns[name]}]
            elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80 + number, DefaultActions=to)
    check = "elbv2-target-single-az"
    wanted = {"lax": FAIL, "strict": PASS, "none": PASS, "unused": SKIPPED}
    assert of_check(verdicts(check), check) == {arns[name]: status for name, status in wanted.items()}
    assert unread(check, "aws_instance") == {UNKNOWN, PASS, SKIPPED}


def test_targets_by_address() -> None:
    behind = live("aws_lb_target_group", "web", arn="web", target_type="ip", load_balancer_arns=["lb"])
    check = "elbv2-target-single-az"

    def target(id: str, zone: str | None) -> Any:
        said = live("aws_lb_target_group_attachment", id, target_group_arn="web", target_id=id, availability_zone=zone)
        return said.replace(facts={"health_state": "healthy"})

    a, b, beyond = target("10.0.0.4", "eu-west-1a"), target("10.0.1.4", "eu-west-1b"), target("192.168.0.4", "all")
    assert [judged(check, behind, *each).status for each in ((a,), (a, b), (a, beyond), (a, b, beyond))] == [
        FAIL,
        PASS,
        UNKNOWN,
        PASS,
    ]
    assert judged(check, behind, unseen(a, "health_state")).status is UNKNOWN


# --- machines and images --------------------------------------------------------------------------


def test_machines_on_their_own(aws: Client) -> None:
    ec2, elb, scaling = aws("ec2"), aws("elbv2"), aws("autoscaling")
    made = network(ec2, "10.0.0.0/16")
    lone, idle = (machine(ec2, made[zone], public=False) for zone in "ab")
    image = ec2.register_image(Name="web", RootDeviceName="/dev/sda1")["ImageId"]
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image, InstanceType="t3.micro")
    asked = {"MinSize": 1, "MaxSize": 1, "DesiredCapacity": 1, "VPCZoneIdentifier": made["a"]}
    scaling.create_auto_scaling_group(AutoScalingGroupName="web", LaunchConfigurationName="web", **asked)
    [scaled] = scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    about = {"Name": "web", "Protocol": "HTTP", "Port": 80, "VpcId": made["vpc"], "TargetType": "instance"}
    arn = elb.create_target_group(**about)["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": lone}, {"Id": scaled["InstanceId"]}])
    check = "ec2-instance-standalone"
    wanted = {lone: FAIL, scaled["InstanceId"]: PASS, idle: PASS}
    assert of_check(verdicts(check), check) == wanted
    assert unread(check, "aws_autoscaling_group") == {UNKNOWN, PASS}
    assert unread(check, "aws_lb_target_group_attachment") == {UNKNOWN, PASS}
    ec2.stop_instances(InstanceIds=[lone])
    assert of_check(verdicts(check), check)[lone] is PASS


@pytest.mark.parametrize(("owner", "status"), [(None, FAIL), ("eks: main", FAIL), ("karpenter: main", PASS)])
def test_a_machine_that_another_replaces(owner: str | None, status: Status) -> None:
    lone = live("aws_instance", "i-1", instance_state="running").replace(owner=owner)
    behind = live("aws_elb_attachment", "web/i-1", elb="web", instance="i-1")
    found = judged("ec2-instance-standalone", lone, behind)
    assert found.status is status
    if status is FAIL:
        assert found.evidence["aws_elb_attachment.web/i-1.instance"] == "i-1"


def test_images(aws: Client) -> None:
    ec2, scaling = aws("ec2"), aws("autoscaling")
    place = network(ec2, "10.0.0.0/16")["a"]
    names = ("old", "running", "template", "configuration", "shared")
    ids = {name: ec2.register_image(Name=name, RootDeviceName="/dev/sda1")["ImageId"] for name in names}
    ec2.run_instances(ImageId=ids["running"], MinCount=1, MaxCount=1, SubnetId=place)
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": ids["template"]})
    asked = {"ImageId": ids["configuration"], "InstanceType": "t3.micro"}
    scaling.create_launch_configuration(LaunchConfigurationName="web", **asked)
    to = {"LaunchPermission": {"Add": [{"UserId": "444455556666"}]}}
    ec2.modify_image_attribute(ImageId=ids["shared"], **to)
    check = "ec2-ami-unused"
    assert set(verdicts(check).values()) == {PASS}  # just made

    def half_a_year_later() -> dict[str, Status]:
        found = inventory_for(check)
        later = Inventory(found.resources, found.gaps, taken_at=found.taken_at + timedelta(days=181), read=found.read)
        return {each.resource.id: each.status for each in run([REGISTRY[check]], later, Terms())}

    wanted = dict.fromkeys(ids.values(), PASS) | {ids["old"]: FAIL, ids["shared"]: UNKNOWN}
    assert half_a_year_later() == wanted
    newer = {"LaunchTemplateName": "web", "LaunchTemplateData": {"ImageId": ids["old"]}}
    ec2.create_launch_template_version(**newer)  # the default stays, and is not read
    assert half_a_year_later() == wanted | {ids["old"]: PASS, ids["template"]: UNKNOWN}


IMAGE = live("aws_ami", "ami-1", last_launched_time=None, public=False).replace(
    facts={"creation_date": "2024-01-31T12:00:00Z"}
)
TEMPLATE = live("aws_launch_template", "lt-1", name="web", image_id="ami-2", default_version=2, latest_version=2)


@pytest.mark.parametrize(
    ("version", "status"), [("$Default", FAIL), ("$Latest", FAIL), ("2", FAIL), ("1", UNKNOWN), (None, FAIL)]
)
def test_a_group_that_names_a_version(version: str | None, status: Status) -> None:
    use = [{"id": "lt-1", "name": "web", "version": version}]
    scaled = live(
        "aws_autoscaling_group", "web", launch_configuration=None, launch_template=use, mixed_instances_policy=[]
    )
    assert judged("ec2-ami-unused", IMAGE, TEMPLATE, scaled).status is status


def test_images_that_are_kept() -> None:
    check = "ec2-ami-unused"
    assert judged(check, IMAGE).status is FAIL
    assert judged(check, IMAGE.replace(owner="backup")).status is PASS
    started = IMAGE.replace(attributes={**IMAGE.attributes, "last_launched_time": "2999-01-01T00:00Z"})
    assert judged(check, started).status is PASS
    by_parameter = TEMPLATE.replace(attributes={**TEMPLATE.attributes, "image_id": "resolve:ssm:/images/web"})
    assert judged(check, IMAGE, by_parameter).status is UNKNOWN
    assert judged(check, unseen(IMAGE, "creation_date")).status is UNKNOWN


# --- keys, people, graphs, pods -------------------------------------------------------------------


def policy(**statement: Any) -> str:
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": VERSION, "Statement": [own, {"Effect": "Allow", "Resource": "*", **statement}]})


ABROAD = {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:Decrypt"}
BY_S3 = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
OF_ACCOUNT = {"StringEquals": {"kms:CallerAccount": "444455556666"}}
TLS = {"Bool": {"aws:SecureTransport": "true"}}


def test_keys(aws: Client) -> None:
    kms = aws("kms")
    lax, strict = (
        kms.create_key(Policy=policy(**ABROAD, **more))["KeyMetadata"]["KeyId"] for more in ({}, {"Condition": BY_S3})
    )
    check = "kms-key-cross-account"
    assert pairs(verdicts(check), lax, strict, check) == as_expected(check)


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (ABROAD, FAIL),
        (ABROAD | {"Condition": TLS}, FAIL),
        (ABROAD | {"Condition": BY_S3}, PASS),
        (ABROAD | {"Condition": {"StringEqualsIfExists": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}, FAIL),
        (ABROAD | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, PASS),
        (ABROAD | {"Principal": "*", "Condition": OF_ACCOUNT}, FAIL),
        (
            ABROAD
            | {"Principal": "*", "Condition": {"StringEquals": OF_ACCOUNT["StringEquals"] | BY_S3["StringEquals"]}},
            PASS,
        ),
        (ABROAD | {"Effect": "Deny"}, PASS),
    ],
)
def test_what_a_key_policy_says(statement: dict[str, Any], status: Status) -> None:
    about = live("aws_kms_key_policy", "key", key_id="key", policy=policy(**statement))
    assert judged("kms-key-cross-account", about).status is status
    partner = Terms(partner_accounts=("444455556666",))
    assert judged("kms-key-cross-account", about, terms=partner).status is PASS
    assert judged("kms-key-cross-account", unseen(about, "policy")).status is UNKNOWN


def test_administrators(aws: Client) -> None:
    iam = aws("iam")
    everything = json.dumps({"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for name in ("ops", "own", "readers"):
        iam.create_group(GroupName=name)
    for name, document in (("ops", everything), ("readers", everything.replace('"*"', '"s3:Get*"', 1))):
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    iam.put_group_policy(GroupName="own", PolicyName="all", PolicyDocument=everything)
    for user, in_group in {"ann": "ops", "bob": "ops", "cem": "own", "dee": "readers", "eve": ""}.items():
        iam.create_user(UserName=user)
        if in_group:
            iam.add_user_to_group(GroupName=in_group, UserName=user)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="bob")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
    iam.enable_mfa_device(UserName="bob", SerialNumber=device, **codes)
    check = "iam-admin-group-mfa"
    wanted = {"ann": FAIL, "bob": PASS, "cem": FAIL, "dee": PASS, "eve": PASS}
    assert of_check(verdicts(check), check) == wanted
    assert unread(check, "aws_iam_group_policy") == {FAIL, PASS, UNKNOWN}
    assert unread(check, "aws_iam_user_group_membership") == {PASS, UNKNOWN}


def test_graphs(aws: Client) -> None:
    ec2, rds = aws("ec2"), aws("rds")
    made = network(ec2, "10.0.0.0/16")
    lead_out(ec2, made["vpc"], made["a"])
    inside = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=inside, SubnetId=made["b"])
    for name, subnets in (("lax", "ab"), ("strict", "b")):
        about = {"DBSubnetGroupDescription": name, "SubnetIds": [made[each] for each in subnets]}
        rds.create_db_subnet_group(DBSubnetGroupName=name, **about)
        asked = {"DBClusterIdentifier": name, "Engine": "neptune", "DBSubnetGroupName": name}
        rds.create_db_cluster(**asked)
    check = "neptune-public-subnet"
    assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    assert unread(check, "aws_subnet") == {UNKNOWN}
    assert unread(check, "aws_db_subnet_group") == {UNKNOWN}


def test_network_policies() -> None:
    """Moto has no add-ons."""
    at = "GET /clusters"
    modes = {
        "lax": {"vpc-cni": '{"enableNetworkPolicy": "false"}'},
        "left": {"vpc-cni": None},
        "strict": {"vpc-cni": '{"enableNetworkPolicy": "true"}'},
        "yaml": {"vpc-cni": "env: {}\nenableNetworkPolicy: 'true'\n"},
        "other": {"vpc-cni": None, "tigera_calico": None},
        "none": {"coredns": '{"enableNetworkPolicy": "true"}'},
        "auto": {"vpc-cni": None},
    }
    answers: dict[str, Any] = {at: {"clusters": [*modes]}}
    for name, addons in modes.items():
        cluster = {"name": name, "status": "ACTIVE", "computeConfig": {"enabled": name == "auto"}}
        answers[f"{at}/{name}"] = {"cluster": cluster}
        answers[f"{at}/{name}/addons"] = {"addons": [*addons]}
        for addon, values in addons.items():
            said = {"clusterName": name, "addonName": addon, "status": "ACTIVE"}
            answers[f"{at}/{name}/addons/{addon}"] = {
                "addon": said | ({"configurationValues": values} if values else {})
            }
    check = "eks-network-policy"
    with answering(answers):
        found = of_check(verdicts(check), check)
        hidden = unread(check, "aws_eks_addon")
    passing = dict.fromkeys(("strict", "yaml", "other"), PASS)
    assert found == {"lax": FAIL, "left": FAIL, **passing, "none": UNKNOWN, "auto": UNKNOWN}
    assert hidden == {UNKNOWN}

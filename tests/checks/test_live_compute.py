"""Checks of machines, disks, groups and load balancers over a live account: made wrong, and made right beside it."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import Inventory, Resource
from tests.checks.live import FAIL, PASS, UNKNOWN, as_expected, inventory_for, pairs, unread, verdicts
from tests.checks.test_live_network import machine, network
from tests.conftest import REGION, read
from tests.scanner.aws.wire import items, refusal, wire, xml
from tests.scanner.standin import answering

Client = Callable[..., Any]
NOT_IN_MOTO = ("aws_ec2_instance_metadata_defaults", "aws_wafv2_web_acl_association")
SCRIPT = "#!/bin/sh\nexport DB_PASSWORD=hunter2\n"
HARMLESS = "#!/bin/sh\nexport DB_PASSWORD=$(aws ssm get-parameter --name /db)\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_machines(aws: Client) -> None:
    ec2 = aws("ec2")
    place = network(ec2, "10.0.0.0/16")["a"]
    leaky = machine(ec2, place, public=False, UserData=SCRIPT)
    sound = machine(ec2, place, public=True, UserData=HARMLESS)
    found = verdicts("ec2-instance-user-data-secrets", "ec2-instance-stopped-long")
    assert pairs(found, leaky, sound, "ec2-instance-user-data-secrets") == as_expected("ec2-instance-user-data-secrets")
    assert found["ec2-instance-stopped-long", sound] is PASS
    ec2.stop_instances(InstanceIds=[leaky])
    assert verdicts("ec2-instance-stopped-long")["ec2-instance-stopped-long", leaky] is PASS  # just now


def test_who_may_ask_a_machine_for_its_credentials(aws: Client) -> None:
    ec2 = aws("ec2")
    place = network(ec2, "10.0.0.0/16")["a"]
    open_, shut = (
        machine(ec2, place, public=public, MetadataOptions={"HttpTokens": tokens})
        for public, tokens in ((True, "optional"), (False, "required"))
    )
    check = "ec2-imdsv2-required"
    assert verdicts(check) == {(check, open_): FAIL, (check, shut): PASS}


@pytest.mark.parametrize(
    ("days", "reason", "status"),
    [
        (31, "User initiated ({} GMT)", FAIL),
        (29, "User initiated ({} GMT)", PASS),
        (31, "Server.ScheduledStop: Stopped due to scheduled retirement", UNKNOWN),
    ],
)
def test_a_machine_that_stands_still(days: int, reason: str, status: Status) -> None:
    """Moto has each stopped just now."""
    said = reason.format(f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d %H:%M:%S}")
    one = f"<instanceId>i-1</instanceId><instanceState><name>stopped</name></instanceState><reason>{said}</reason>"
    held = f"<instancesSet><item>{one}</item></instancesSet>"
    check = "ec2-instance-stopped-long"
    with answering({"DescribeInstances": items("DescribeInstances", "reservationSet", held)}):
        assert verdicts(check) == {(check, "i-1"): status}


def test_templates_and_images(aws: Client) -> None:
    ec2 = aws("ec2")
    leaky, sound = (
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"UserData": encoded(text)})[
            "LaunchTemplate"
        ]["LaunchTemplateId"]
        for name, text in (("leaky", SCRIPT), ("sound", HARMLESS))
    )
    public, own = (ec2.register_image(Name=name, RootDeviceName="/dev/sda1")["ImageId"] for name in ("public", "own"))
    ec2.modify_image_attribute(ImageId=public, LaunchPermission={"Add": [{"Group": "all"}]})
    found = verdicts("ec2-launch-template-secrets", "ec2-ami-public")
    assert pairs(found, leaky, sound, "ec2-launch-template-secrets") == as_expected("ec2-launch-template-secrets")
    assert pairs(found, public, own, "ec2-ami-public") == as_expected("ec2-ami-public")


def test_disks(aws: Client) -> None:
    ec2 = aws("ec2")
    running = machine(ec2, network(ec2, "10.0.0.0/16")["a"], public=False)
    size = {"Size": 1, "AvailabilityZone": f"{REGION}a"}
    alone = ec2.create_volume(VolumeType="gp2", **size)["VolumeId"]
    used, saved = (ec2.create_volume(VolumeType="gp3", Encrypted=True, **size)["VolumeId"] for _ in range(2))
    for volume, device in ((used, "/dev/sdf"), (saved, "/dev/sdg")):
        ec2.attach_volume(VolumeId=volume, InstanceId=running, Device=device)
    kept = ec2.create_snapshot(VolumeId=saved)["SnapshotId"]
    orphan = ec2.create_snapshot(VolumeId=ec2.create_volume(**size)["VolumeId"])["SnapshotId"]
    ec2.delete_volume(VolumeId=next(each for each in gone(ec2, orphan)))
    found = verdicts(
        "ebs-volume-unattached",
        "ebs-volume-gp2",
        "ebs-volume-no-snapshot",
        "ebs-snapshot-old",
        "ebs-snapshot-unencrypted",
        "ebs-volume-unencrypted",
    )
    assert pairs(found, alone, used, "ebs-volume-unencrypted") == as_expected("ebs-volume-unencrypted")
    assert pairs(found, alone, used, "ebs-volume-unattached") == as_expected("ebs-volume-unattached")
    assert pairs(found, alone, used, "ebs-volume-gp2") == as_expected("ebs-volume-gp2")
    assert pairs(found, used, saved, "ebs-volume-no-snapshot") == as_expected("ebs-volume-no-snapshot")
    both = ("ebs-snapshot-old", "ebs-snapshot-unencrypted")
    assert pairs(found, orphan, kept, *both) == as_expected(*both)
    assert UNKNOWN in unread("ebs-volume-no-snapshot", "aws_ebs_snapshot")
    assert UNKNOWN in unread("ebs-snapshot-old", "aws_ebs_volume")


def gone(ec2: Any, snapshot: str) -> list[str]:
    return [each["VolumeId"] for each in ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]]


@pytest.mark.parametrize(
    ("check", "type", "operation", "wrong", "right"),
    [
        (
            "ebs-snapshot-block-public-access",
            "aws_ebs_snapshot_block_public_access",
            "GetSnapshotBlockPublicAccessState",
            "<state>unblocked</state>",
            "<state>block-new-sharing</state>",
        ),
        (
            "ebs-default-encryption",
            "aws_ebs_encryption_by_default",
            "GetEbsEncryptionByDefault",
            "<ebsEncryptionByDefault>false</ebsEncryptionByDefault>",
            "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>",
        ),
    ],
)
def test_what_a_region_is_set_to(
    monkeypatch: pytest.MonkeyPatch, check: str, type: str, operation: str, wrong: str, right: str
) -> None:
    with wire() as aws:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        aws.answers |= {"DescribeVolumes": items("DescribeVolumes", "volumeSet", "<volumeId>vol-1</volumeId>")}
        seen = []
        for answer in (xml(operation, wrong), xml(operation, right), refusal("UnauthorizedOperation", 403)):
            aws.answers[operation] = answer
            inventory = read(*(each for each in collectors() if each.type in (type, "aws_ebs_volume")))
            seen += [each.status for each in run([REGISTRY[check]], inventory, Terms())]
    assert seen == [FAIL, PASS, UNKNOWN]


# --- groups -------------------------------------------------------------------------------------


def group(aws: Client, name: str, template: dict[str, Any], subnets: list[str], **more: Any) -> None:
    aws("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "t3.micro"} | template
    )
    said = {"LaunchTemplateName": name, "Version": "$Latest"}
    size = {"MinSize": 0, "MaxSize": 0, "LaunchTemplate": said, "VPCZoneIdentifier": ",".join(subnets)}
    aws("autoscaling").create_auto_scaling_group(AutoScalingGroupName=name, **size | more)


def test_groups(aws: Client) -> None:
    scaling, made = aws("autoscaling"), network(aws("ec2"), "10.0.0.0/16")
    tag = {"Key": "owner", "Value": "shop"}
    lax = {
        "MetadataOptions": {"HttpTokens": "optional"},
        "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}],
    }
    group(aws, "lax", lax, [made["a"]], Tags=[tag | {"PropagateAtLaunch": False}])
    strict = {"MetadataOptions": {"HttpTokens": "required"}}
    group(aws, "strict", strict, [made["a"], made["b"]], MaxSize=4, Tags=[tag | {"PropagateAtLaunch": True}])
    scaling.put_scaling_policy(
        AutoScalingGroupName="strict",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50.0,
        },
    )
    checks = ("asg-single-az", "asg-no-scaling-policy", "asg-imdsv2", "asg-public-ip", "asg-tags-not-propagated")
    assert pairs(verdicts(*checks, without=NOT_IN_MOTO), "lax", "strict", *checks) == as_expected(*checks)
    assert unread("asg-imdsv2", "aws_launch_template", *NOT_IN_MOTO) == {UNKNOWN}
    assert unread("asg-single-az", "aws_subnet") == {UNKNOWN}


def test_groups_behind_a_load_balancer(aws: Client) -> None:
    made = network(aws("ec2"), "10.0.0.0/16")
    arn = aws("elbv2").create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=made["vpc"])
    arns = {"TargetGroupARNs": [arn["TargetGroups"][0]["TargetGroupArn"]]}
    group(aws, "by-machine", {}, [made["a"]], HealthCheckType="EC2", **arns)
    group(aws, "by-balancer", {}, [made["a"]], HealthCheckType="ELB", **arns)
    check = "asg-elb-health-check"
    assert pairs(verdicts(check), "by-machine", "by-balancer", check) == as_expected(check)
    assert UNKNOWN in unread(check, "aws_autoscaling_attachment")


def test_launch_configurations(aws: Client) -> None:
    scaling, made = aws("autoscaling"), network(aws("ec2"), "10.0.0.0/16")
    for name, text in (("leaky", SCRIPT), ("sound", HARMLESS)):
        scaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId="ami-1", InstanceType="t3.micro", UserData=text
        )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="old", LaunchConfigurationName="leaky", MinSize=0, MaxSize=0, VPCZoneIdentifier=made["a"]
    )
    group(aws, "new", {}, [made["a"]])
    found = verdicts("asg-user-data-secrets", "asg-launch-template")
    assert pairs(found, "leaky", "sound", "asg-user-data-secrets") == as_expected("asg-user-data-secrets")
    assert pairs(found, "old", "new", "asg-launch-template") == as_expected("asg-launch-template")


# --- load balancers -----------------------------------------------------------------------------


def test_classic_load_balancers(aws: Client) -> None:
    elb = aws("elb")
    listener = [{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}]
    for name, zones in (("one", "a"), ("two", "ab")):
        elb.create_load_balancer(
            LoadBalancerName=name, Listeners=listener, AvailabilityZones=[f"{REGION}{zone}" for zone in zones]
        )
        on = {"CrossZoneLoadBalancing": {"Enabled": True}}
        elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=on)
    check = "elb-classic-single-az"
    assert pairs(verdicts(check), "one", "two", check) == as_expected(check)


def balancer(elbv2: Any, name: str, kind: str, subnets: list[str], **attributes: str) -> str:
    made = elbv2.create_load_balancer(Name=name, Type=kind, Subnets=subnets, Scheme="internet-facing")
    arn = str(made["LoadBalancers"][0]["LoadBalancerArn"])
    said = [{"Key": key.replace("__", "."), "Value": value} for key, value in attributes.items()]
    if said:
        elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=said)
    return arn


def test_load_balancers(aws: Client) -> None:
    elbv2, made = aws("elbv2"), network(aws("ec2"), "10.0.0.0/16")
    aws("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    lax = balancer(elbv2, "lax", "application", [made["a"], made["b"]])
    strict = balancer(
        elbv2,
        "strict",
        "application",
        [made["a"], made["b"]],
        access_logs__s3__enabled="true",
        access_logs__s3__bucket="logs",
        deletion_protection__enabled="true",
        routing__http__drop_invalid_header_fields__enabled="true",
    )
    checks = ("elbv2-access-logs", "elbv2-deletion-protection", "elbv2-invalid-headers")
    assert pairs(verdicts(*checks), lax, strict, *checks) == as_expected(*checks)
    assert guarded(lax, strict) == {lax: FAIL, strict: PASS}
    assert unread("elbv2-waf", "aws_wafv2_web_acl_association") == {UNKNOWN}


def guarded(*balancers: str) -> dict[str, Status]:
    """The verdict on web ACLs, as if the last had one: moto does not tell which resources an ACL guards."""
    seen = inventory_for("elbv2-waf", without=NOT_IN_MOTO).resources
    said = {"resource_arn": balancers[-1], "web_acl_arn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/1"}
    where = {"account": seen[0].account, "region": seen[0].region}
    acl = Resource(type="aws_wafv2_web_acl_association", id="1", attributes=said, **where)
    judged = run([REGISTRY["elbv2-waf"]], Inventory([*seen, acl]), Terms())
    return {each.resource.id: each.status for each in judged}


def test_network_load_balancers(aws: Client) -> None:
    elbv2, made = aws("elbv2"), network(aws("ec2"), "10.0.0.0/16")
    one = balancer(elbv2, "one", "network", [made["a"]], load_balancing__cross_zone__enabled="false")
    two = balancer(elbv2, "two", "network", [made["a"], made["b"]], load_balancing__cross_zone__enabled="true")
    checks = ("elbv2-single-az", "elbv2-cross-zone")
    assert pairs(verdicts(*checks), one, two, *checks) == as_expected(*checks)
    assert UNKNOWN in unread("elbv2-cross-zone", "aws_lb_listener")


def test_listeners(aws: Client) -> None:
    elbv2, made = aws("elbv2"), network(aws("ec2"), "10.0.0.0/16")
    web = balancer(elbv2, "web", "application", [made["a"], made["b"]])
    lax, strict = (
        elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=made["vpc"], TargetType="ip", Matcher={"HttpCode": codes}
        )["TargetGroups"][0]["TargetGroupArn"]
        for name, codes in (("lax", "200-499"), ("strict", "200"))
    )
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}

    def listen(port: int, action: dict[str, Any], **more: Any) -> str:
        asked = {"LoadBalancerArn": web, "Port": port, "DefaultActions": [action], "Protocol": "HTTP"}
        return str(elbv2.create_listener(**asked | more)["Listeners"][0]["ListenerArn"])

    plain = listen(80, {"Type": "forward", "TargetGroupArn": lax})
    found = verdicts("elbv2-idle")
    assert found["elbv2-idle", web] is FAIL
    redirected = listen(81, redirect)
    secure = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": certificate(aws)}]}
    old = listen(443, redirect, SslPolicy="ELBSecurityPolicy-2016-08", **secure)
    new = listen(444, redirect, SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", **secure)
    found = verdicts("elbv2-http-no-redirect", "elbv2-tls-policy-weak", "elbv2-target-group-health-check", "elbv2-idle")
    assert pairs(found, plain, redirected, "elbv2-http-no-redirect") == as_expected("elbv2-http-no-redirect")
    assert pairs(found, old, new, "elbv2-tls-policy-weak") == as_expected("elbv2-tls-policy-weak")
    health = "elbv2-target-group-health-check"
    assert pairs(found, lax, strict, health) == as_expected(health)
    assert found["elbv2-idle", web] is PASS
    assert UNKNOWN in unread("elbv2-http-no-redirect", "aws_lb")


def certificate(aws: Client) -> str:
    return str(aws("acm").request_certificate(DomainName="example.com")["CertificateArn"])

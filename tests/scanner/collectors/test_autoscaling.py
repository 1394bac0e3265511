import base64

import pytest

from scanner.collectors import autoscaling, autoscaling_policies
from scanner.collectors.autoscaling import ATTACHMENT, GROUP, GROUP_TAG, LAUNCH_CONFIGURATION
from scanner.collectors.autoscaling_policies import HOOK, NOTIFICATION, POLICY, SCHEDULE
from state.noise import BY_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import wire, xml
from tests.scanner.collectors.test_elbv2 import network
from tests.scanner.compared import declared, noise, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

COLLECTORS = [*autoscaling.COLLECTORS, *autoscaling_policies.COLLECTORS]
ARN = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}"
OF_WEB = {"autoscaling_group_name": "web"}


@pytest.fixture
def web(aws):
    """A group, web, of a launch template, behind a target group."""
    vpc, subnets, _ = network(aws)
    made = aws("elbv2").create_target_group(Name="app", Protocol="HTTP", Port=8080, VpcId=vpc)
    target = made["TargetGroups"][0]["TargetGroupArn"]
    aws("ec2").create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"ImageId": "ami-12345678", "InstanceType": "t3.micro"}
    )
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
        MinSize=1,
        MaxSize=3,
        DesiredCapacity=1,
        VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[target],
        Tags=[{"Key": "team", "Value": "shop", "PropagateAtLaunch": True}],
    )
    return {"api": aws("autoscaling"), "target": target, "subnets": subnets}


def one(collector, **where):
    inventory = read(collector)
    assert inventory.gaps == []
    [found] = [each for each in inventory.of(collector.type) if where.items() <= each.attributes.items()]
    assert_value_types(found)
    return found


def test_group(web):
    group = one(GROUP)
    assert group.key == ("aws_autoscaling_group", ACCOUNT, REGION, "web")
    assert (group.id, group.owner) == ("web", None)
    assert group.attributes == dict.fromkeys(GROUP.attributes) | {
        "arn": group.arn,
        "availability_zone_distribution": [],
        "availability_zones": [f"{REGION}a", f"{REGION}b"],
        "capacity_rebalance": False,
        "capacity_reservation_specification": [],
        "default_cooldown": 300,
        "desired_capacity": 1,
        "enabled_metrics": [],
        "health_check_grace_period": 300,
        "health_check_type": "EC2",
        "instance_maintenance_policy": [],
        "launch_template": [{"id": group["launch_template"][0]["id"], "name": "web", "version": "$Latest"}],
        "load_balancers": [],
        "max_size": 3,
        "metrics_granularity": "1Minute",
        "min_size": 1,
        "name": "web",
        "protect_from_scale_in": False,
        "service_linked_role_arn": group["service_linked_role_arn"],
        "suspended_processes": [],
        "tag": [{"key": "team", "propagate_at_launch": True, "value": "shop"}],
        "target_group_arns": [web["target"]],
        "termination_policies": ["Default"],
        "traffic_source": group["traffic_source"],
        "vpc_zone_identifier": web["subnets"],
        "warm_pool": [],
    }
    assert len(group.fact("instance_ids")) == 1
    assert group.fact("tags") == {"team": "shop"}
    wanted = twin(group, desired_capacity=2, vpc_zone_identifier=web["subnets"][::-1], termination_policies=[])
    assert told(read(*COLLECTORS), [GROUP], wanted) == set()
    web["api"].update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=9, DesiredCapacity=2)
    assert told(read(GROUP), [GROUP], wanted) == {("changed", "aws_autoscaling_group", "max_size")}
    web["api"].update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=9, DesiredCapacity=3)
    assert noise(read(GROUP), [GROUP], wanted)["desired_capacity"] == BY_GROUP
    web["api"].update_auto_scaling_group(AutoScalingGroupName="web", MinSize=3, MaxSize=3)
    of_one_size = {path for _, _, path in told(read(GROUP), [GROUP], wanted)}
    assert of_one_size == {"desired_capacity", "min_size"}


def test_group_of_mixed_instances(web):
    template = {"LaunchTemplateName": "web", "Version": "1"}
    web["api"].create_auto_scaling_group(
        AutoScalingGroupName="mixed",
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": template,
                "Overrides": [{"InstanceType": "t3.small", "WeightedCapacity": "2"}],
            },
            "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
        },
        MinSize=0,
        MaxSize=0,
        VPCZoneIdentifier=web["subnets"][0],
    )
    mixed = one(GROUP, name="mixed")
    [policy] = mixed["mixed_instances_policy"]
    assert policy["instances_distribution"][0]["on_demand_percentage_above_base_capacity"] == 0
    [launched] = policy["launch_template"]
    assert launched["launch_template_specification"][0]["version"] == "1"
    [override] = launched["override"]
    assert override | {"instance_requirements": None} == {
        "instance_requirements": None,
        "instance_type": "t3.small",
        "launch_template_specification": None,
        "weighted_capacity": "2",
    }
    on_demand = [{"on_demand_percentage_above_base_capacity": 100}]
    changed = twin(mixed, mixed_instances_policy=[{**policy, "instances_distribution": on_demand}])
    [(_, _, path)] = told(read(GROUP), [GROUP], changed, twin(one(GROUP, name="web")))
    assert path.endswith("on_demand_percentage_above_base_capacity")


def test_attachments_have_three_homes(web):
    found = one(ATTACHMENT)
    assert (found.id, found.identity) == (f"web/{web['target']}", f"web/{web['target']}")
    assert found.attributes == OF_WEB | {"elb": None, "lb_target_group_arn": web["target"]}
    seen, group = read(*COLLECTORS), one(GROUP)
    elsewhere = twin(group, target_group_arns=[])
    source = [{"identifier": web["target"], "type": "elbv2"}]
    for wanted in (
        [group := twin(group)],
        [elsewhere, declared(ATTACHMENT.type, "web-2021", **OF_WEB, alb_target_group_arn=web["target"])],
        [elsewhere, declared("aws_autoscaling_traffic_source_attachment", "x", **OF_WEB, traffic_source=source)],
    ):
        assert told(seen, COLLECTORS, *wanted) == set()
    [(kind, type, path)] = told(seen, COLLECTORS, elsewhere)
    assert (kind, type, path.partition("[")[0]) == ("changed", "aws_autoscaling_group", "target_group_arns")


def test_tags_have_two_homes(web):
    tag = one(GROUP_TAG)
    assert (tag.id, tag.identity) == ("web,team", "web/team")
    block = {"key": "team", "propagate_at_launch": True, "value": "shop"}
    assert tag.attributes == OF_WEB | {"tag": [block]}
    seen, group = read(*COLLECTORS), one(GROUP)
    old = twin(group, tag=[], tags=[{"key": "team", "value": "shop", "propagate_at_launch": "true"}])
    apart = [twin(group, tag=[]), declared(GROUP_TAG.type, "web,team", **OF_WEB, tag=[block])]
    for wanted in ([twin(group)], [old], apart):
        assert told(seen, COLLECTORS, *wanted) == set()
    bare = told(seen, COLLECTORS, twin(group, tag=[]))
    assert bare == {("changed", "aws_autoscaling_group", "tag[team]")}
    changed = told(seen, COLLECTORS, twin(group, tag=[block | {"value": "lab"}]))
    assert changed == {("changed", "aws_autoscaling_group", "tag[team].value")}


def test_launch_configuration(aws):
    _, _, group = network(aws)
    aws("autoscaling").create_launch_configuration(
        LaunchConfigurationName="old",
        ImageId="ami-12345678",
        InstanceType="t3.micro",
        UserData="#!/bin/sh\necho hush",
        SecurityGroups=[group],
        BlockDeviceMappings=[{"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 10, "Encrypted": True}}],
    )
    old = one(LAUNCH_CONFIGURATION)
    assert (old.id, old.identity) == ("old", "old")
    nothing = dict.fromkeys(("delete_on_termination", "iops", "snapshot_id", "throughput", "volume_type"))
    assert old.attributes == dict.fromkeys(LAUNCH_CONFIGURATION.attributes) | {
        "arn": old.arn,
        "associate_public_ip_address": False,
        "ebs_block_device": [nothing | {"device_name": "/dev/xvdb", "encrypted": True, "volume_size": 10}],
        "ebs_optimized": False,
        "enable_monitoring": False,
        "ephemeral_block_device": [],
        "image_id": "ami-12345678",
        "instance_type": "t3.micro",
        "metadata_options": [],
        "name": "old",
        "security_groups": [group],
        "user_data": old["user_data"],
        "user_data_base64": base64.b64encode(b"#!/bin/sh\necho hush").decode(),
    }
    assert old.sensitive >= {"user_data", "user_data_base64"}
    seen, known = read(LAUNCH_CONFIGURATION), [LAUNCH_CONFIGURATION]
    for said in ({"user_data_base64": None}, {"user_data": None}, {"user_data": "#!/bin/sh\necho hush"}):
        assert told(seen, known, twin(old, **said)) == set()
    assert told(seen, known, twin(old, user_data="echo")) == {("changed", old.type, "user_data")}


def test_policies(web):
    about = {"AutoScalingGroupName": "web"}
    web["api"].put_scaling_policy(
        **about,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 50.0,
        },
    )
    web["api"].put_scaling_policy(
        **about,
        PolicyName="step",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=[{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10.5, "ScalingAdjustment": 1}],
    )
    cpu, step = one(POLICY, name="cpu"), one(POLICY, name="step")
    empty = dict.fromkeys(POLICY.attributes) | {"predictive_scaling_configuration": [], **OF_WEB}
    metric = {"predefined_metric_type": "ASGAverageCPUUtilization", "resource_label": None}
    tracking = {"customized_metric_specification": None, "disable_scale_in": None, "target_value": 50.0}
    assert (cpu.id, cpu.identity) == ("cpu", "web/cpu")
    assert cpu.attributes == empty | {
        "arn": cpu.arn,
        "name": "cpu",
        "policy_type": "TargetTrackingScaling",
        "step_adjustment": [],
        "target_tracking_configuration": [tracking | {"predefined_metric_specification": [metric]}],
    }
    bounds = {"metric_interval_lower_bound": "0", "metric_interval_upper_bound": "10.5"}
    assert step.attributes == empty | {
        "adjustment_type": "ChangeInCapacity",
        "arn": step.arn,
        "name": "step",
        "policy_type": "StepScaling",
        "step_adjustment": [bounds | {"scaling_adjustment": 1}],
        "target_tracking_configuration": [],
    }
    wanted = twin(cpu, target_tracking_configuration=[tracking | {"target_value": 75}]), twin(step)
    assert told(read(POLICY), [POLICY], *wanted) == {
        ("changed", POLICY.type, "target_tracking_configuration[0].target_value")
    }


def test_schedule(web):
    about = {"AutoScalingGroupName": "web", "ScheduledActionName": "night", "Recurrence": "0 1 * * *"}
    web["api"].put_scheduled_update_group_action(**about, MaxSize=1, DesiredCapacity=0)
    night = one(SCHEDULE)
    assert (night.id, night.identity) == ("night", "web/night")
    wanted = {**OF_WEB, "arn": night.arn, "max_size": 1, "recurrence": "0 1 * * *", "scheduled_action_name": "night"}
    said = {name: night[name] for name in wanted} | {"desired_capacity": night["desired_capacity"]}
    assert said == wanted | {"desired_capacity": 0}
    assert told(read(SCHEDULE), [SCHEDULE], twin(night, time_zone=night["time_zone"])) == set()
    assert told(read(SCHEDULE), [SCHEDULE], twin(night, desired_capacity=-1)) == {
        ("changed", SCHEDULE.type, "desired_capacity")
    }


def test_hooks_have_two_homes(web):
    transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    web["api"].put_lifecycle_hook(
        AutoScalingGroupName="web",
        LifecycleHookName="drain",
        LifecycleTransition=transition,
        HeartbeatTimeout=60,
        DefaultResult="CONTINUE",
    )
    hook = one(HOOK)
    said = {"default_result": "CONTINUE", "heartbeat_timeout": 60, "lifecycle_transition": transition}
    told_anyway = ("notification_metadata", "notification_target_arn", "role_arn")  # moto makes them up
    initial = said | {"name": "drain", **{name: hook[name] for name in told_anyway}}
    assert (hook.id, hook.identity) == ("drain", "web/drain")
    assert hook.attributes == OF_WEB | initial
    seen, group = read(*COLLECTORS), twin(one(GROUP))
    assert told(seen, COLLECTORS, group, twin(hook)) == set()
    assert told(seen, COLLECTORS, twin(one(GROUP), initial_lifecycle_hook=[initial])) == set()
    added = {("changed", "aws_autoscaling_group", "initial_lifecycle_hook[drain]")}
    assert told(seen, COLLECTORS, group) == added


def test_notifications_are_one_a_topic_and_group(monkeypatch):
    """moto answers with an error."""
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:scaling"
    events = [("web", "LAUNCH"), ("web", "TERMINATE"), ("jobs", "LAUNCH")]
    rows = "".join(
        f"<member><TopicARN>{topic}</TopicARN><AutoScalingGroupName>{group}</AutoScalingGroupName>"
        f"<NotificationType>autoscaling:EC2_INSTANCE_{kind}</NotificationType></member>"
        for group, kind in events
    )
    answer = f"<NotificationConfigurations>{rows}</NotificationConfigurations>"
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["DescribeNotificationConfigurations"] = xml("DescribeNotificationConfigurations", answer)
        seen = read(NOTIFICATION)
    assert seen.gaps == []
    web, _ = seen.of(NOTIFICATION.type)
    assert_value_types(web)
    both = ["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"]
    assert (web.id, web.identity) == (topic, f"{topic}/web")
    assert web.attributes == {"group_names": ["web"], "notifications": both, "topic_arn": topic}
    one_each = {"topic_arn": topic, "notifications": both[:1]}
    wanted = declared(NOTIFICATION.type, topic, **one_each, group_names=["jobs", "web"])
    assert told(seen, [NOTIFICATION], wanted) == {("changed", NOTIFICATION.type, "notifications")}


def test_what_is_denied_is_a_gap(web, allowed_only):
    with allowed_only("autoscaling:DescribeAutoScalingGroups"):
        inventory = read(GROUP, HOOK, POLICY)
    assert len(inventory.of(GROUP.type)) == 1
    assert {each.permission for each in inventory.gaps} == {
        "autoscaling:DescribeLifecycleHooks",
        "autoscaling:DescribePolicies",
    }


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)

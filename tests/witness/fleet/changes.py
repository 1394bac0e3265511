"""What people do to a fleet by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State

GROUP = "full"


def _update(aws: Clients, **settings: object) -> None:
    aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=GROUP, **settings)


def _template(state: State, name: str) -> str:
    return state[f"aws_launch_template.{name}"]["id"]


def template_given_a_new_version(aws: Clients, state: State) -> None:
    aws("ec2").create_launch_template_version(
        LaunchTemplateId=_template(state, "full"),
        SourceVersion="1",
        LaunchTemplateData={"InstanceType": "m5.xlarge", "MetadataOptions": {"HttpTokens": "optional"}},
    )


def template_given_another_default(aws: Clients, state: State) -> None:
    id = _template(state, "least")
    aws("ec2").create_launch_template_version(
        LaunchTemplateId=id, LaunchTemplateData={"ImageId": "ami-87654321", "InstanceType": "t3.micro"}
    )
    aws("ec2").modify_launch_template(LaunchTemplateId=id, DefaultVersion="2")


def template_deleted(aws: Clients, state: State) -> None:
    aws("ec2").delete_launch_template(LaunchTemplateId=_template(state, "spot"))


def configuration_deleted(aws: Clients, state: State) -> None:
    aws("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="old", ForceDelete=True)
    aws("autoscaling").delete_launch_configuration(
        LaunchConfigurationName=state["aws_launch_configuration.old"]["name"]
    )


def configuration_made_anew(aws: Clients, state: State) -> None:
    """Deleted and made again: AWS lets nobody change one."""
    old = state["aws_launch_configuration.old"]
    aws("autoscaling").delete_launch_configuration(LaunchConfigurationName=old["name"])
    aws("autoscaling").create_launch_configuration(
        LaunchConfigurationName=old["name"],
        ImageId=old["image_id"],
        InstanceType="t3.large",
        SecurityGroups=list(old["security_groups"]),
        AssociatePublicIpAddress=True,
        InstanceMonitoring={"Enabled": False},
        UserData="#!/bin/sh\necho old",
        BlockDeviceMappings=[
            {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": True}},
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5}},
        ],
        MetadataOptions={"HttpEndpoint": "enabled", "HttpTokens": "required"},
    )


def configuration_taken_away(aws: Clients, state: State) -> None:
    aws("autoscaling").delete_launch_configuration(
        LaunchConfigurationName=state["aws_launch_configuration.old"]["name"]
    )


def group_made_larger(aws: Clients, state: State) -> None:
    _update(aws, MaxSize=40, DefaultCooldown=0)


def group_given_another_template(aws: Clients, state: State) -> None:
    _update(aws, LaunchTemplate={"LaunchTemplateId": _template(state, "full"), "Version": "1"})


def group_moved(aws: Clients, state: State) -> None:
    _update(aws, VPCZoneIdentifier=state['aws_subnet.main["a"]']["id"])


def more_processes_suspended(aws: Clients, state: State) -> None:
    aws("autoscaling").suspend_processes(AutoScalingGroupName=GROUP, ScalingProcesses=["HealthCheck"])


def group_tag_changed(aws: Clients, state: State) -> None:
    _tag(aws, GROUP, "Owner", "somebody")


def group_tag_added(aws: Clients, state: State) -> None:
    _tag(aws, GROUP, "Late", "yes")


def group_tag_removed(aws: Clients, state: State) -> None:
    tag = {"ResourceId": GROUP, "ResourceType": "auto-scaling-group", "Key": "Role"}
    aws("autoscaling").delete_tags(Tags=[tag])


def separate_tag_changed(aws: Clients, state: State) -> None:
    _tag(aws, "old", "Late", "no")


def separate_tag_removed(aws: Clients, state: State) -> None:
    tag = {"ResourceId": "old", "ResourceType": "auto-scaling-group", "Key": "Late"}
    aws("autoscaling").delete_tags(Tags=[tag])


def separate_tag_kept_from_machines(aws: Clients, state: State) -> None:
    _tag(aws, "old", "Late", "yes")


def _tag(aws: Clients, group: str, key: str, value: str) -> None:
    tag = {
        "ResourceId": group,
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": value,
        "PropagateAtLaunch": False,
    }
    aws("autoscaling").create_or_update_tags(Tags=[tag])


def group_taken_from_its_balancer(aws: Clients, state: State) -> None:
    aws("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName=GROUP, TargetGroupARNs=[state["aws_lb_target_group.web"]["arn"]]
    )


def group_given_to_another_balancer(aws: Clients, state: State) -> None:
    aws("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName=GROUP, TargetGroupARNs=[state["aws_lb_target_group.other"]["arn"]]
    )


def separate_attachment_removed(aws: Clients, state: State) -> None:
    aws("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName="old", TargetGroupARNs=[state["aws_lb_target_group.other"]["arn"]]
    )


def separate_attachment_moved(aws: Clients, state: State) -> None:
    aws("autoscaling").detach_load_balancer_target_groups(
        AutoScalingGroupName="old", TargetGroupARNs=[state["aws_lb_target_group.other"]["arn"]]
    )
    aws("autoscaling").attach_load_balancer_target_groups(
        AutoScalingGroupName="old", TargetGroupARNs=[state["aws_lb_target_group.web"]["arn"]]
    )


def hook_changed(aws: Clients, state: State) -> None:
    aws("autoscaling").put_lifecycle_hook(
        LifecycleHookName="drain",
        AutoScalingGroupName=GROUP,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=30,
        DefaultResult="CONTINUE",
    )


def hook_lets_go(aws: Clients, state: State) -> None:
    aws("autoscaling").put_lifecycle_hook(
        LifecycleHookName="drain",
        AutoScalingGroupName=GROUP,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=600,
        DefaultResult="CONTINUE",
    )


def hook_deleted(aws: Clients, state: State) -> None:
    aws("autoscaling").delete_lifecycle_hook(LifecycleHookName="drain", AutoScalingGroupName=GROUP)


def policy_changed(aws: Clients, state: State) -> None:
    aws("autoscaling").put_scaling_policy(
        AutoScalingGroupName=GROUP,
        PolicyName="simple",
        AdjustmentType="ChangeInCapacity",
        ScalingAdjustment=-3,
        Cooldown=10,
    )


def steps_changed(aws: Clients, state: State) -> None:
    aws("autoscaling").put_scaling_policy(
        AutoScalingGroupName=GROUP,
        PolicyName="steps",
        PolicyType="StepScaling",
        AdjustmentType="PercentChangeInCapacity",
        MetricAggregationType="Average",
        MinAdjustmentMagnitude=1,
        EstimatedInstanceWarmup=90,
        StepAdjustments=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 100}],
    )


def target_value_changed(aws: Clients, state: State) -> None:
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    aws("autoscaling").put_scaling_policy(
        AutoScalingGroupName=GROUP,
        PolicyName="tracking",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 95},
    )


def schedule_changed(aws: Clients, state: State) -> None:
    aws("autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName=GROUP,
        ScheduledActionName="night",
        MinSize=1,
        MaxSize=1,
        DesiredCapacity=1,
        Recurrence="0 23 * * *",
    )


def schedule_deleted(aws: Clients, state: State) -> None:
    aws("autoscaling").delete_scheduled_action(AutoScalingGroupName=GROUP, ScheduledActionName="morning")


def morning_elsewhere(aws: Clients, state: State) -> None:
    aws("autoscaling").put_scheduled_update_group_action(
        AutoScalingGroupName=GROUP,
        ScheduledActionName="morning",
        MaxSize=4,
        DesiredCapacity=2,
        Recurrence="0 6 * * *",
        TimeZone="America/New_York",
    )


READS = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/orders",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
WEB = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/main/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def reads_tracked_elsewhere(aws: Clients, state: State) -> None:
    metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
    aws("application-autoscaling").put_scaling_policy(
        **READS,
        PolicyName="reads",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 20},
    )


def application_steps_changed(aws: Clients, state: State) -> None:
    aws("application-autoscaling").put_scaling_policy(
        **WEB,
        PolicyName="web",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 60,
            "MetricAggregationType": "Maximum",
            "StepAdjustments": [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -2}],
        },
    )


def application_policy_deleted(aws: Clients, state: State) -> None:
    aws("application-autoscaling").delete_scaling_policy(**READS, PolicyName="reads")


def night_moved(aws: Clients, state: State) -> None:
    aws("application-autoscaling").put_scheduled_action(
        **WEB,
        ScheduledActionName="web-night",
        Schedule="cron(0 23 * * ? *)",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 1},
    )


def night_given_more(aws: Clients, state: State) -> None:
    aws("application-autoscaling").put_scheduled_action(
        **WEB,
        ScheduledActionName="web-night",
        Schedule="cron(0 20 * * ? *)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 50},
    )


def night_no_longer_kept(aws: Clients, state: State) -> None:
    aws("application-autoscaling").delete_scheduled_action(**WEB, ScheduledActionName="web-night")


COPY = "the provider's copy of what has a resource of its own, which tells it too"

GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

EXPLAINED: dict[str, dict[str, str]] = {
    "reads_tracked_elsewhere": {
        "terraform: changed aws_appautoscaling_policy.reads alarm_arns": "AWS makes the alarms anew with each change"
    },
    "separate_attachment_removed": {"terraform: changed aws_autoscaling_group.old target_group_arns": COPY},
    "separate_tag_changed": {"terraform: changed aws_autoscaling_group.old tag": COPY},
    "separate_tag_kept_from_machines": {"terraform: changed aws_autoscaling_group.old tag": COPY},
    "separate_tag_removed": {"terraform: changed aws_autoscaling_group.old tag": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""

LOST = "declared by itself, and told missing there"

VALUES: dict[str, dict[str, str]] = {
    "separate_attachment_moved": {"terraform: before aws_autoscaling_group.old target_group_arns": LOST},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""

"""AWS CodeDeploy: applications, and the groups of machines, functions or services that they are deployed to.

Both are listed by name and told a hundred at a time, without their ARNs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scanner.aws.collector import Attribute, Collector, Detail, arn, as_block, block, blocks, unordered
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from scanner.collectors.ecs import some
from state.forms import UNORDERED, defaulting

GONE = ("ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException", "ResourceNotFoundException")
AT_ONCE = 100
TAGS = Detail(operation="list_tags_for_resource", arguments={"ResourceArn": "Arn"}, into="Tagging", gone=GONE)


def spelled(place: Place, kind: str, name: str) -> str:
    return arn(place, "codedeploy", f"{kind}:{name}")


async def _applications(place: Place) -> list[Item]:
    names = (await place.whole("codedeploy", "list_applications")).get("applications") or []
    return [{"Name": each} for each in names]


APPLICATIONS = Once(_applications)


async def deployed_applications(place: Place) -> AsyncIterator[list[Item]]:
    names = [each["Name"] for each in await APPLICATIONS(deployed_applications, place)]
    asked = (place.call("codedeploy", "batch_get_applications", applicationNames=each) for each in some(names, AT_ONCE))
    found = [each for answer in await asyncio.gather(*asked) for each in answer.get("applicationsInfo") or ()]
    yield [{**each, "Arn": spelled(place, "application", each["applicationName"])} for each in found]


APPLICATIONS.readers.add(deployed_applications)


async def _groups(place: Place, application: Item) -> list[Item]:
    name = application["Name"]
    listed = await place.whole("codedeploy", "list_deployment_groups", applicationName=name)
    asked = (
        place.call("codedeploy", "batch_get_deployment_groups", applicationName=name, deploymentGroupNames=each)
        for each in some(listed.get("deploymentGroups") or [], AT_ONCE)
    )
    found = [each for answer in await asyncio.gather(*asked) for each in answer.get("deploymentGroupsInfo") or ()]
    return [
        {**each, "Arn": spelled(place, "deploymentgroup", f"{name}/{each['deploymentGroupName']}")} for each in found
    ]


APP = Collector(
    type="aws_codedeploy_app",
    service="codedeploy",
    fetch=deployed_applications,
    details=(TAGS,),
    permissions=("codedeploy:ListApplications", "codedeploy:BatchGetApplications", "codedeploy:ListTagsForResource"),
    id="join(':', [applicationId, applicationName])",
    identity=("name",),
    attributes={
        "application_id": "applicationId",
        "arn": "Arn",
        "compute_platform": Attribute(path="computePlatform", form=defaulting("Server")),
        "github_account_name": "gitHubAccountName",
        "linked_to_github": "linkedToGitHub",
        "name": "applicationName",
    },
    facts={"create_time": "createTime"},
    tags="Tagging.Tags",
)

TAG_FILTER = "{key: Key, type: Type, value: Value}"

DEPLOYMENT_GROUP = Collector(
    type="aws_codedeploy_deployment_group",
    service="codedeploy",
    fetch=inside("deployment_groups", APPLICATIONS, Once(_groups), lambda answer, application: answer),
    details=(TAGS,),
    permissions=(
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:BatchGetDeploymentGroups",
        "codedeploy:ListTagsForResource",
    ),
    id="deploymentGroupId",
    identity=("app_name", "deployment_group_name"),
    attributes={
        "alarm_configuration": block(
            "alarmConfiguration.{alarms: alarms[].name, enabled: enabled, "
            "ignore_poll_alarm_failure: ignorePollAlarmFailure}",
            alarms=UNORDERED,
        ),
        "app_name": "applicationName",
        "arn": "Arn",
        "auto_rollback_configuration": block(
            "autoRollbackConfiguration.{enabled: enabled, events: events}", events=UNORDERED
        ),
        "autoscaling_groups": unordered("autoScalingGroups[].name"),
        "blue_green_deployment_config": Attribute(
            path="blueGreenDeploymentConfiguration.{deployment_ready_option: deploymentReadyOption "
            "&& [deploymentReadyOption.{action_on_timeout: actionOnTimeout, "
            "wait_time_in_minutes: waitTimeInMinutes}], "
            "green_fleet_provisioning_option: greenFleetProvisioningOption "
            "&& [greenFleetProvisioningOption.{action: action}], "
            "terminate_blue_instances_on_deployment_success: terminateBlueInstancesOnDeploymentSuccess "
            "&& [terminateBlueInstancesOnDeploymentSuccess.{action: action, "
            "termination_wait_time_in_minutes: terminationWaitTimeInMinutes}]}",
            form=if_said(),
            convert=as_block,
        ),
        "compute_platform": "computePlatform",
        "deployment_config_name": Attribute(
            path="deploymentConfigName", form=defaulting("CodeDeployDefault.OneAtATime")
        ),
        "deployment_group_id": "deploymentGroupId",
        "deployment_group_name": "deploymentGroupName",
        "deployment_style": block(
            "deploymentStyle.{deployment_option: deploymentOption, deployment_type: deploymentType}",
            deployment_option=defaulting("WITHOUT_TRAFFIC_CONTROL"),
            deployment_type=defaulting("IN_PLACE"),
        ),
        "ec2_tag_filter": blocks(f"ec2TagFilters[].{TAG_FILTER}"),
        "ec2_tag_set": blocks(
            f"ec2TagSet.ec2TagSetList[*].{{ec2_tag_filter: [*].{TAG_FILTER}}}", ec2_tag_filter=UNORDERED
        ),
        "ecs_service": block("ecsServices[].{cluster_name: clusterName, service_name: serviceName}"),
        "load_balancer_info": block(
            "loadBalancerInfo.{elb_info: elbInfoList[].{name: name}, "
            "target_group_info: targetGroupInfoList[].{name: name}, "
            "target_group_pair_info: targetGroupPairInfoList[].{prod_traffic_route: prodTrafficRoute "
            "&& [prodTrafficRoute.{listener_arns: listenerArns}], target_group: targetGroups[].{name: name}, "
            "test_traffic_route: testTrafficRoute && [testTrafficRoute.{listener_arns: listenerArns}]}}",
            elb_info=UNORDERED,
            target_group_info=UNORDERED,
        ),
        "on_premises_instance_tag_filter": blocks(f"onPremisesInstanceTagFilters[].{TAG_FILTER}"),
        "outdated_instances_strategy": Attribute(path="outdatedInstancesStrategy", form=defaulting("UPDATE")),
        "service_role_arn": "serviceRoleArn",
        "termination_hook_enabled": "terminationHookEnabled",
        "trigger_configuration": blocks(
            "triggerConfigurations[].{trigger_events: triggerEvents, trigger_name: triggerName, "
            "trigger_target_arn: triggerTargetArn}",
            trigger_events=UNORDERED,
        ),
    },
    facts={
        "last_attempted_deployment": "lastAttemptedDeployment.endTime",
        "last_successful_deployment": "lastSuccessfulDeployment.endTime",
    },
    tags="Tagging.Tags",
)

COLLECTORS = [APP, DEPLOYMENT_GROUP]

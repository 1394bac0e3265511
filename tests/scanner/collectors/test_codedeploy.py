from scanner.collectors.codedeploy import APP, COLLECTORS, DEPLOYMENT_GROUP
from tests.conftest import read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

WEB = {
    "applicationName": "shop",
    "deploymentGroupId": "g-1",
    "deploymentGroupName": "web",
    "deploymentConfigName": "CodeDeployDefault.OneAtATime",
    "computePlatform": "Server",
    "serviceRoleArn": "arn:r",
    "autoScalingGroups": [{"name": "web", "hook": "h"}],
    "ec2TagSet": {"ec2TagSetList": [[{"Key": "tier", "Value": "web", "Type": "KEY_AND_VALUE"}]]},
    "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
    "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE"]},
    "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": False, "alarms": [{"name": "b"}, {"name": "a"}]},
    "triggerConfigurations": [
        {"triggerName": "t", "triggerTargetArn": "arn:t", "triggerEvents": ["DeploymentFailure"]}
    ],
    "loadBalancerInfo": {
        "targetGroupInfoList": [{"name": "tg"}],
        "targetGroupPairInfoList": [
            {"targetGroups": [{"name": "a"}, {"name": "b"}], "prodTrafficRoute": {"listenerArns": ["arn:l"]}}
        ],
    },
    "outdatedInstancesStrategy": "UPDATE",
    "terminationHookEnabled": False,
}
ANSWERS = {
    "ListApplications": {"applications": ["shop"]},
    "BatchGetApplications": {
        "applicationsInfo": [
            {"applicationId": "a-1", "applicationName": "shop", "computePlatform": "Server", "linkedToGitHub": False}
        ]
    },
    "ListDeploymentGroups": {"applicationName": "shop", "deploymentGroups": ["web"]},
    "BatchGetDeploymentGroups": {"deploymentGroupsInfo": [WEB]},
    "ListTagsForResource": {"Tags": [{"Key": "team", "Value": "shop"}]},
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_app():
    found = only(seen(APP), APP.type)
    assert whole(found) == {
        "its id": "a-1:shop",
        "its identity": "shop",
        "its arn": "arn:aws:codedeploy:eu-west-1:123456789012:application:shop",
        "its owner": None,
        "application_id": "a-1",
        "arn": "arn:aws:codedeploy:eu-west-1:123456789012:application:shop",
        "compute_platform": "Server",
        "linked_to_github": False,
        "name": "shop",
        "tags": {"team": "shop"},
    }
    assert told(seen(APP), COLLECTORS, twin(found, compute_platform="Lambda")) == {
        ("changed", APP.type, "compute_platform")
    }


def test_deployment_group():
    found = only(seen(DEPLOYMENT_GROUP), DEPLOYMENT_GROUP.type)
    assert whole(found) == {
        "its id": "g-1",
        "its identity": "shop/web",
        "its arn": "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop/web",
        "its owner": None,
        "alarm_configuration": [{"alarms": ["b", "a"], "enabled": True, "ignore_poll_alarm_failure": False}],
        "app_name": "shop",
        "arn": "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop/web",
        "auto_rollback_configuration": [
            {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE"]}
        ],
        "autoscaling_groups": ["web"],
        "compute_platform": "Server",
        "deployment_config_name": "CodeDeployDefault.OneAtATime",
        "deployment_group_id": "g-1",
        "deployment_group_name": "web",
        "deployment_style": [{"deployment_option": "WITHOUT_TRAFFIC_CONTROL", "deployment_type": "IN_PLACE"}],
        "ec2_tag_set": [{"ec2_tag_filter": [{"key": "tier", "type": "KEY_AND_VALUE", "value": "web"}]}],
        "load_balancer_info": [
            {
                "target_group_info": [{"name": "tg"}],
                "target_group_pair_info": [
                    {
                        "prod_traffic_route": [{"listener_arns": ["arn:l"]}],
                        "target_group": [{"name": "a"}, {"name": "b"}],
                    }
                ],
            }
        ],
        "outdated_instances_strategy": "UPDATE",
        "service_role_arn": "arn:r",
        "termination_hook_enabled": False,
        "trigger_configuration": [
            {"trigger_events": ["DeploymentFailure"], "trigger_name": "t", "trigger_target_arn": "arn:t"}
        ],
        "tags": {"team": "shop"},
    }
    alarms = [found["alarm_configuration"][0] | {"alarms": ["a", "b"]}]
    said = twin(found, alarm_configuration=alarms, deployment_style=[], deployment_config_name=None)
    assert told(seen(DEPLOYMENT_GROUP), COLLECTORS, said) == set()
    quiet = {"deploymentGroupsInfo": [WEB | {"autoRollbackConfiguration": {"enabled": False, "events": []}}]}
    assert told(seen(DEPLOYMENT_GROUP, BatchGetDeploymentGroups=quiet), COLLECTORS, said) == {
        ("changed", DEPLOYMENT_GROUP.type, f"auto_rollback_configuration[0].{name}") for name in ("enabled", "events")
    }


def test_denied():
    found = seen(*COLLECTORS, ListDeploymentGroups=refused("AccessDeniedException"))
    assert [(gap.type, gap.permission) for gap in found.gaps] == [
        (DEPLOYMENT_GROUP.type, "codedeploy:ListDeploymentGroups")
    ]
    assert len(found.of(APP.type)) == 1

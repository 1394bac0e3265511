from datetime import UTC, datetime

import pytest

from scanner.collectors.appautoscaling import POLICY, SCHEDULED_ACTION, TARGET
from tests.conftest import read
from tests.scanner.aws.wire import json, wire
from tests.scanner.compared import told, twin
from tests.scanner.provider import assert_value_types

ABOUT = {"ServiceNamespace": "ecs", "ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
IS = {"service_namespace": "ecs", "resource_id": "service/shop/web", "scalable_dimension": "ecs:service:DesiredCount"}
IDENTITY = "ecs/service/shop/web/ecs:service:DesiredCount"


@pytest.fixture
def scaled(aws):
    """A service of ECS that may be scaled."""
    ecs, api = aws("ecs"), aws("application-autoscaling")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "nginx", "memory": 128}])
    ecs.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=1)
    api.register_scalable_target(**ABOUT, MinCapacity=1, MaxCapacity=4)
    return api


def one(collector, **where):
    [found] = [each for each in read(collector).of(collector.type) if where.items() <= each.attributes.items()]
    assert_value_types(found)
    return found


def test_target(scaled):
    target = one(TARGET)
    assert (target.id, target.identity) == ("service/shop/web", IDENTITY)
    assert target.attributes == dict.fromkeys(TARGET.attributes) | IS | {
        "arn": target.arn,
        "max_capacity": 4,
        "min_capacity": 1,
        "role_arn": target["role_arn"],
        "suspended_state": [],
    }
    assert "tags" in target.unknown  # moto answers with an error
    suspended = [dict.fromkeys(("dynamic_scaling_in_suspended", "scheduled_scaling_suspended"), False)]
    wanted = twin(target, suspended_state=suspended)
    assert told(read(TARGET), [TARGET], wanted) == set()
    scaled.register_scalable_target(**ABOUT, MaxCapacity=40)
    assert told(read(TARGET), [TARGET], wanted) == {("changed", TARGET.type, "max_capacity")}


def test_of_a_kind_that_a_region_does_not_know_nothing_is_scaled(scaled):
    """moto is such a region: it knows nothing of caches."""
    assert [each for each in read(TARGET, POLICY, SCHEDULED_ACTION).gaps if each.attribute is None] == []


def test_policies(scaled):
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaled.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 75, "PredefinedMetricSpecification": metric},
        **ABOUT,
    )
    steps = [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]
    scaled.put_scaling_policy(
        PolicyName="step",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 60,
            "StepAdjustments": steps,
        },
        **ABOUT,
    )
    cpu, step = one(POLICY, name="cpu"), one(POLICY, name="step")
    assert (cpu.id, cpu.identity) == ("cpu", f"{IDENTITY}/cpu")
    [tracking] = cpu["target_tracking_scaling_policy_configuration"]
    assert tracking == dict.fromkeys(("customized_metric_specification", "disable_scale_in")) | {
        "predefined_metric_specification": [
            {"predefined_metric_type": "ECSServiceAverageCPUUtilization", "resource_label": None}
        ],
        "scale_in_cooldown": None,
        "scale_out_cooldown": None,
        "target_value": 75,
    }
    bounds = {"metric_interval_lower_bound": "0", "metric_interval_upper_bound": None}
    assert step.attributes == IS | {
        "alarm_arns": step["alarm_arns"],
        "arn": step.arn,
        "name": "step",
        "policy_type": "StepScaling",
        "predictive_scaling_policy_configuration": [],
        "step_scaling_policy_configuration": [
            {
                "adjustment_type": "ChangeInCapacity",
                "cooldown": 60,
                "metric_aggregation_type": None,
                "min_adjustment_magnitude": None,
                "step_adjustment": [bounds | {"scaling_adjustment": 2}],
            }
        ],
        "target_tracking_scaling_policy_configuration": [],
    }
    changed = twin(cpu, target_tracking_scaling_policy_configuration=[tracking | {"target_value": 50}])
    assert told(read(POLICY), [POLICY], changed, twin(step)) == {
        ("changed", POLICY.type, "target_tracking_scaling_policy_configuration[0].target_value")
    }


def test_scheduled_action(scaled):
    about = {"ScheduledActionName": "night", "Schedule": "cron(0 1 * * ? *)", **ABOUT}
    scaled.put_scheduled_action(ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 1}, **about)
    night = one(SCHEDULED_ACTION)
    assert (night.id, night.identity) == ("night-ecs-service/shop/web", f"{IDENTITY}/night")
    assert night.attributes == dict.fromkeys(SCHEDULED_ACTION.attributes) | IS | {
        "arn": night.arn,
        "name": "night",
        "scalable_target_action": [{"max_capacity": "1", "min_capacity": "0"}],
        "schedule": "cron(0 1 * * ? *)",
    }
    wanted = twin(night, timezone="UTC")
    assert told(read(SCHEDULED_ACTION), [SCHEDULED_ACTION], wanted) == set()
    scaled.put_scheduled_action(ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 1}, **about)
    assert told(read(SCHEDULED_ACTION), [SCHEDULED_ACTION], wanted) == {
        ("changed", SCHEDULED_ACTION.type, "scalable_target_action[0].min_capacity")
    }


def test_times_are_as_exact_as_a_second(scaled):
    times = {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2027, 1, 1, tzinfo=UTC)}
    about = {"ScheduledActionName": "night", "Schedule": "cron(0 1 * * ? *)", **ABOUT, **times}
    scaled.put_scheduled_action(ScalableTargetAction={"MinCapacity": 0}, **about)
    night = one(SCHEDULED_ACTION)
    wanted = twin(night, start_time="2026-01-01T00:00:00.000Z", end_time="2027-01-01T00:00:00.000Z")
    assert told(read(SCHEDULED_ACTION), [SCHEDULED_ACTION], wanted) == set()
    later = twin(night, end_time="2027-01-01T00:01:00Z")
    assert told(read(SCHEDULED_ACTION), [SCHEDULED_ACTION], later) == {("changed", SCHEDULED_ACTION.type, "end_time")}


def test_one_kind_refused_does_not_hide_the_others(monkeypatch):
    target = {**ABOUT, "MinCapacity": 1, "MaxCapacity": 2, "ScalableTargetARN": "arn:t"}

    refused = json({"__type": "AccessDeniedException", "message": "no"})._replace(status=400)
    answers = iter([refused, json({"ScalableTargets": [target]})])

    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers["DescribeScalableTargets"] = lambda asked: next(answers, json({"ScalableTargets": []}))
        it.answers["ListTagsForResource"] = json({"Tags": {"team": "shop"}})
        seen = read(TARGET)
    assert [each.tags for each in seen.of(TARGET.type)] == [{"team": "shop"}]
    assert [(each.kind, each.permission) for each in seen.gaps] == [
        ("denied", "application-autoscaling:DescribeScalableTargets")
    ]

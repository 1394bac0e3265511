import json

import pytest

from scanner.collectors.events import (
    BUS,
    BUS_POLICY,
    COLLECTORS,
    PERMISSION,
    RULE,
    TARGET,
    bus_name,
    conditions,
    partner,
    principal,
)
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json as as_json
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:events:{REGION}:{ACCOUNT}"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
TAGS = [{"Key": "team", "Value": "shop"}]


def bus(aws):
    aws("events").create_event_bus(Name="shop", Tags=TAGS)


def rule(aws, name="new-order", on="shop", **more):
    asked = {"EventPattern": '{"source": ["shop"]}'} | more
    aws("events").put_rule(Name=name, EventBusName=on, Tags=TAGS, **asked)
    aws("events").put_targets(Rule=name, EventBusName=on, Targets=[{"Id": "q", "Arn": QUEUE, "Input": '{"a": 1}'}])


def named(found, type, identity):
    [one] = [each for each in found.of(type) if each.identity == identity]
    return one


def test_bus(aws):
    bus(aws)
    found = read(BUS)
    assert whole(named(found, "aws_cloudwatch_event_bus", "shop")) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": f"{ARN}:event-bus/shop",
        "its owner": None,
        "arn": f"{ARN}:event-bus/shop",
        "name": "shop",
        "tags": {"team": "shop"},
    }
    assert told(found, [BUS]) == {("unmanaged", "aws_cloudwatch_event_bus", "")}  # the default bus is not


def test_rules(aws):
    bus(aws)
    rule(aws)
    rule(aws, "tick", "default", EventPattern="", ScheduleExpression="rate(1 hour)", State="DISABLED")
    found = read(RULE, TARGET)
    assert whole(named(found, "aws_cloudwatch_event_rule", "shop/new-order")) == {
        "its id": "shop/new-order",
        "its identity": "shop/new-order",
        "its arn": f"{ARN}:rule/shop/new-order",
        "its owner": None,
        "arn": f"{ARN}:rule/shop/new-order",
        "event_bus_name": "shop",
        "event_pattern": '{"source": ["shop"]}',
        "is_enabled": True,
        "name": "new-order",
        "state": "ENABLED",
        "tags": {"team": "shop"},
    }
    tick = named(found, "aws_cloudwatch_event_rule", "default/tick")
    assert (tick.id, tick["is_enabled"], tick["schedule_expression"]) == ("tick", False, "rate(1 hour)")
    assert named(found, "aws_cloudwatch_event_target", "default/tick/q").id == "tick-q"
    assert whole(named(found, "aws_cloudwatch_event_target", "shop/new-order/q")) == {
        "its id": "shop-new-order-q",
        "its identity": "shop/new-order/q",
        "its arn": QUEUE,
        "its owner": None,
        "arn": QUEUE,
        "event_bus_name": "shop",
        "input": '{"a": 1}',
        "rule": "new-order",
        "target_id": "q",
    }


def test_changed_by_hand(aws):
    rule(aws, on="default")
    before = read(RULE, TARGET)
    wanted = [twin(each) for each in before.resources if each.type in (RULE.type, TARGET.type)]
    assert told(before, [RULE, TARGET], *wanted) == set()
    aws("events").disable_rule(Name="new-order")
    aws("events").put_targets(Rule="new-order", Targets=[{"Id": "q", "Arn": QUEUE, "Input": '{"a": 2}'}])
    aws("events").put_targets(Rule="new-order", Targets=[{"Id": "by-hand", "Arn": QUEUE}])
    assert told(read(RULE, TARGET), [RULE, TARGET], *wanted) == {
        ("changed", "aws_cloudwatch_event_rule", "is_enabled"),
        ("changed", "aws_cloudwatch_event_rule", "state"),
        ("changed", "aws_cloudwatch_event_target", "input"),
        ("unmanaged", "aws_cloudwatch_event_target", ""),
    }


ALLOW = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": f"{ARN}:event-bus/shop"}
PARTNER = {"Sid": "partner", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, **ALLOW}
WHOLE = json.dumps({"Version": "2012-10-17", "Statement": [PARTNER]})
OPENED = json.dumps({"Version": "2012-10-17", "Statement": [PARTNER, {"Sid": "all", "Principal": "*", **ALLOW}]})


def policed(policy):
    buses = {"EventBuses": [{"Name": "shop", "Arn": f"{ARN}:event-bus/shop", "Policy": policy}]}
    with answering({"ListEventBuses": buses}):
        return read(BUS_POLICY, PERMISSION)


def test_permissions():
    found = policed(WHOLE)
    assert whole(only(found, "aws_cloudwatch_event_permission")) == {
        "its id": "shop/partner",
        "its identity": "shop/partner",
        "its arn": None,
        "its owner": None,
        "action": "events:PutEvents",
        "event_bus_name": "shop",
        "principal": "111111111111",
        "statement_id": "partner",
    }
    said = whole(only(found, "aws_cloudwatch_event_bus_policy"))
    assert (said["its id"], said["its identity"], said["policy"]) == ("shop", "shop", WHOLE)


def test_a_policy_has_two_homes():
    types = [BUS_POLICY, PERMISSION]
    document = declared(BUS_POLICY.type, "shop", event_bus_name="shop", policy=WHOLE)
    statement = declared(
        PERMISSION.type, "shop/partner", event_bus_name="shop", statement_id="partner", principal="111111111111"
    )
    assert told(policed(WHOLE), types, document) == told(policed(WHOLE), types, statement) == set()
    assert told(policed(OPENED), types, document) == {
        ("changed", "aws_cloudwatch_event_bus_policy", "policy.Statement[Sid=all]"),
    }
    assert told(policed(OPENED), types, statement) == {("unmanaged", "aws_cloudwatch_event_permission", "")}
    assert told(policed(WHOLE.replace('"Sid": "partner", ', "")), types) == {
        ("unmanaged", "aws_cloudwatch_event_bus_policy", "")
    }


def test_more_pages_of_buses():
    pages = iter([{"EventBuses": [{"Name": "a"}], "NextToken": "2"}, {"EventBuses": [{"Name": "b"}]}])
    with answering({}) as aws:
        aws.answers["ListEventBuses"] = lambda asked: as_json(next(pages))
        aws.answers["DescribeEventBus"] = aws.answers["ListTagsForResource"] = as_json({})
        assert [each.id for each in read(BUS).of("aws_cloudwatch_event_bus")] == ["a", "b"]


def test_rules_of_services_are_theirs():
    rules = {"Rules": [{"Name": "r", "Arn": "a", "State": "ENABLED", "ManagedBy": "autoscaling.amazonaws.com"}]}
    answers = {
        "ListEventBuses": {"EventBuses": [{"Name": "default"}]},
        "ListRules": rules,
        "ListTagsForResource": refused("AccessDeniedException"),
        "ListTargetsByRule": {"Targets": [{"Id": "t", "Arn": "b"}]},
    }
    with answering(answers):
        found = read(RULE, TARGET)
    assert {each.owner for each in found.resources if each.type in (RULE.type, TARGET.type)} == {
        "autoscaling.amazonaws.com"
    }
    assert [(gap.type, gap.attribute) for gap in found.gaps] == [(RULE.type, "tags")]


@pytest.mark.parametrize(
    ("convert", "said", "meant"),
    [
        (bus_name, None, "default"),
        (bus_name, f"{ARN}:event-bus/aws.partner/a/b", "aws.partner/a/b"),
        (partner, "aws.partner/a/b", "aws.partner/a/b"),
        (partner, "shop", None),
        (principal, "*", "*"),
        (principal, {"AWS": ["1", "2"]}, '["1", "2"]'),
        (principal, {"Service": "s3.amazonaws.com"}, '{"Service": "s3.amazonaws.com"}'),
        (conditions, {"StringEquals": {"k": "v"}}, [{"key": "k", "type": "StringEquals", "value": "v"}]),
    ],
)
def test_words(convert, said, meant):
    assert convert(said) == meant


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)

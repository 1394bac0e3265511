from datetime import UTC, datetime

from scanner.collectors.scheduler import GROUP, SCHEDULE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:scheduler:{REGION}:{ACCOUNT}"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
TARGET = {"Arn": QUEUE, "RoleArn": ROLE, "Input": "{}"}
ASKED = {"Name": "hourly", "GroupName": "shop", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": TARGET}


def test_schedule(aws):
    aws("scheduler").create_schedule_group(Name="shop")
    aws("scheduler").create_schedule(ScheduleExpression="rate(1 hour)", **ASKED)
    found = only(read(SCHEDULE), "aws_scheduler_schedule")
    retries = {"maximum_event_age_in_seconds": 86400, "maximum_retry_attempts": 185}
    assert whole(found) == {
        "its id": "shop/hourly",
        "its identity": "shop/hourly",
        "its arn": f"{ARN}:schedule/shop/hourly",
        "its owner": None,
        "arn": f"{ARN}:schedule/shop/hourly",
        "flexible_time_window": [{"mode": "OFF"}],
        "group_name": "shop",
        "name": "hourly",
        "schedule_expression": "rate(1 hour)",
        "schedule_expression_timezone": "UTC",
        "state": "ENABLED",
        "target": [{"arn": QUEUE, "input": "{}", "retry_policy": [retries], "role_arn": ROLE}],
    }
    wanted = twin(found, target=[{**found["target"][0], "retry_policy": []}])
    assert told(read(SCHEDULE), [SCHEDULE], wanted) == set()
    aws("scheduler").update_schedule(ScheduleExpression="rate(2 hours)", State="DISABLED", **ASKED)
    assert told(read(SCHEDULE), [SCHEDULE], wanted) == {
        ("changed", "aws_scheduler_schedule", "schedule_expression"),
        ("changed", "aws_scheduler_schedule", "state"),
    }


def test_times_are_as_exact_as_a_second(aws):
    aws("scheduler").create_schedule_group(Name="shop")
    aws("scheduler").create_schedule(
        ScheduleExpression="rate(1 hour)",
        StartDate=datetime(2026, 1, 1, tzinfo=UTC),
        EndDate=datetime(2027, 1, 1, tzinfo=UTC),
        **ASKED,
    )
    found = only(read(SCHEDULE), "aws_scheduler_schedule")
    assert (found["start_date"], found["end_date"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    wanted = twin(found, start_date="2026-01-01T00:00:00.000Z", end_date="2027-01-01T00:00:00+00:00")
    assert told(read(SCHEDULE), [SCHEDULE], wanted) == set()
    later = twin(found, start_date="2026-01-01T00:00:01Z")
    assert told(read(SCHEDULE), [SCHEDULE], later) == {("changed", "aws_scheduler_schedule", "start_date")}


def test_group(aws):
    aws("scheduler").create_schedule_group(Name="shop", Tags=[{"Key": "team", "Value": "shop"}])
    found = read(GROUP)
    [shop] = [each for each in found.of("aws_scheduler_schedule_group") if each.id == "shop"]
    said = whole(shop)
    assert {name: said.pop(name) for name in ("creation_date", "last_modification_date")}
    assert said == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": f"{ARN}:schedule-group/shop",
        "its owner": None,
        "arn": f"{ARN}:schedule-group/shop",
        "name": "shop",
        "state": "ACTIVE",
        "tags": {"team": "shop"},
    }
    assert told(found, [GROUP]) == {("unmanaged", "aws_scheduler_schedule_group", "")}  # the default group is not


def test_schedule_that_may_not_be_read_is_a_gap():
    schedules = {"Schedules": [{"Name": "a", "GroupName": "default"}]}
    with answering({"GET /schedules": schedules, "GET /schedules/a": refused("AccessDeniedException", status=403)}):
        found = read(SCHEDULE)
    assert list(found.of("aws_scheduler_schedule")) == []
    assert [(gap.id, gap.permission) for gap in found.gaps] == [("default/a", "scheduler:GetSchedule")]

"""Checks of what watches an account, over a live one: made wrong, and made right beside it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from checks.alarms import COMPOSITE
from checks.cis_alarms import ROWS
from scanner.collectors import collectors
from state import Inventory, Resource
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, inventory_for, pairs, verdicts
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import Answer, Asked, json
from tests.scanner.queries import said
from tests.scanner.standin import answering, refused

Client = Callable[..., Any]
EVENTS = ("cloudtrail-multi-region", "cloudtrail-s3-write-events", "cloudtrail-s3-read-events")
CIS = tuple(f"cis-alarm-{each.name.replace('_', '-')}" for each in ROWS)
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/trail"
OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}


def everywhere(aws: Client, *checks: str) -> Inventory:
    """All that these checks read, of every region: what is absent is so only then."""
    wanted = {type for check in checks for type in REGISTRY[check].reads}
    named = (each["RegionName"] for each in aws("ec2").describe_regions()["Regions"])
    regions = tuple(each for each in named if not each.startswith(("cn-", "us-gov-")))  # moto lists every partition's
    return read(*(each for each in collectors() if each.type in wanted), regions=regions)


def judged(found: Inventory, *checks: str) -> dict[str, Status]:
    """The one verdict of each check."""
    return {each.check.id: each.status for each in run([REGISTRY[check] for check in checks], found, Terms())}


def trail(aws: Client, name: str = "all", **more: Any) -> Any:
    aws("s3", "us-east-1").create_bucket(Bucket=f"{name}-files")
    made = aws("cloudtrail")
    made.create_trail(Name=name, S3BucketName=f"{name}-files", **more)
    made.start_logging(Name=name)
    return made


# --- trails -------------------------------------------------------------------------------------


def test_what_trails_record(aws: Client) -> None:
    assert judged(everywhere(aws, *EVENTS), *EVENTS) == dict.fromkeys(EVENTS, FAIL)
    assert judged(inventory_for(*EVENTS), *EVENTS) == dict.fromkeys(EVENTS, UNKNOWN)  # one region read of many
    made = trail(aws, "all", IsMultiRegionTrail=True)
    assert judged(inventory_for(*EVENTS), *EVENTS) == {**dict.fromkeys(EVENTS, UNKNOWN), EVENTS[0]: PASS}
    half = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [OBJECTS]}
    for kind, wanted in (("WriteOnly", (FAIL, PASS, FAIL)), ("All", (PASS, PASS, PASS))):
        made.put_event_selectors(TrailName="all", EventSelectors=[half | {"ReadWriteType": kind}])
        assert tuple(judged(everywhere(aws, *EVENTS), *EVENTS).values()) == wanted
    made.stop_logging(Name="all")
    assert judged(everywhere(aws, *EVENTS), *EVENTS) == dict.fromkeys(EVENTS, FAIL)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ([], (FAIL, PASS, PASS)),
        ([{"Field": "readOnly", "Equals": ["false"]}], (FAIL, PASS, FAIL)),
        ([{"Field": "readOnly", "Equals": ["true"]}], (FAIL, FAIL, PASS)),
        ([{"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::all-files/"]}], (FAIL, PASS, PASS)),
        ([{"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::orders/"]}], (FAIL, FAIL, FAIL)),
        ([{"Field": "eventName", "Equals": ["PutObject"]}], (FAIL, FAIL, FAIL)),
    ],
)
def test_what_finer_selectors_record(aws: Client, fields: list[Any], wanted: tuple[Status, ...]) -> None:
    data = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
    made = trail(aws, "all", IsMultiRegionTrail=True)
    made.put_event_selectors(TrailName="all", AdvancedEventSelectors=[{"FieldSelectors": data + fields}])
    assert tuple(judged(everywhere(aws, *EVENTS), *EVENTS).values()) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ([], PASS),
        ([{"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}], PASS),
        ([{"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]}], FAIL),
        ([{"Field": "readOnly", "Equals": ["false"]}], FAIL),
    ],
)
def test_finer_selectors_of_management_events(aws: Client, fields: list[Any], wanted: Status) -> None:
    category = [{"Field": "eventCategory", "Equals": ["Management"]}]
    made = trail(aws, "all", IsMultiRegionTrail=True)
    made.put_event_selectors(TrailName="all", AdvancedEventSelectors=[{"FieldSelectors": category + fields}])
    assert judged(everywhere(aws, EVENTS[0]), EVENTS[0]) == {EVENTS[0]: wanted}


def test_trails_and_their_buckets(aws: Client) -> None:
    trail(aws, "lax")
    trail(aws, "strict", EnableLogFileValidation=True, KmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/a")
    s3 = aws("s3", "us-east-1")
    s3.delete_public_access_block(Bucket="lax-files")
    s3.put_bucket_acl(Bucket="lax-files", ACL="public-read")
    s3.create_bucket(Bucket="access-logs", ObjectOwnership="BucketOwnerPreferred")
    s3.put_bucket_acl(Bucket="access-logs", ACL="log-delivery-write")
    log = {"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "trail/"}}
    s3.put_bucket_logging(Bucket="strict-files", BucketLoggingStatus=log)
    checks = ("log-validation", "kms", "bucket-public", "bucket-logging")
    names = [f"cloudtrail-{each}" for each in checks]
    arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail"
    told = run([REGISTRY[name] for name in names], everywhere(aws, *names), Terms())
    found = {(each.check.id, each.resource.id): each.status for each in told}
    assert pairs(found, f"{arn}/lax", f"{arn}/strict", *names) == as_expected(*names)
    for name in names[2:]:
        blind = inventory_for(name, without=("aws_s3_bucket",))
        assert {each.status for each in run([REGISTRY[name]], blind, Terms())} == {UNKNOWN}


def test_a_trail_that_writes_to_no_log_group(aws: Client) -> None:
    trail(aws)
    assert set(verdicts("cloudtrail-cloudwatch").values()) == {FAIL}


def test_trails_that_write_to_a_log_group() -> None:
    """Moto never says when."""
    now = datetime.now(UTC).timestamp()
    written = {"now": now - 3600, "long-ago": now - 90000, "never": None}
    arns = {name: f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}" for name in written}
    listed = [
        {"Name": name, "TrailARN": arn, "HomeRegion": REGION, "CloudWatchLogsLogGroupArn": GROUP}
        for name, arn in arns.items()
    ]

    def status(asked: Asked) -> Answer:
        last = next(written[name] for name, arn in arns.items() if arn in asked.body)
        return json({"IsLogging": True} | ({"LatestCloudWatchLogsDeliveryTime": last} if last else {}))

    rest = {"GetEventSelectors": {}, "GetInsightSelectors": {}, "ListTags": {"ResourceTagList": []}}
    with answering({"DescribeTrails": {"trailList": listed}, "GetTrailStatus": status, **rest}):
        found = verdicts("cloudtrail-cloudwatch")
    told = {name: found["cloudtrail-cloudwatch", arn] for name, arn in arns.items()}
    assert told == {"now": PASS, "long-ago": FAIL, "never": FAIL}


# --- from the trail to a person -------------------------------------------------------------------


def heard(aws: Client, pattern: str) -> str:
    """An account in which these events are told to a topic; its ARN."""
    logs = aws("logs")
    logs.create_log_group(logGroupName="trail")
    aws("iam").create_role(RoleName="trail", AssumeRolePolicyDocument="{}")
    trail(aws, "all", IsMultiRegionTrail=True, CloudWatchLogsLogGroupArn=GROUP, CloudWatchLogsRoleArn=ROLE)
    topic: str = aws("sns").create_topic(Name="people")["TopicArn"]
    metric(aws, pattern, topic)
    return topic


def metric(aws: Client, pattern: str, topic: str, name: str = "it") -> None:
    to = [{"metricName": name, "metricNamespace": "cis", "metricValue": "1"}]
    aws("logs").put_metric_filter(
        logGroupName="trail", filterName=name, filterPattern=pattern, metricTransformations=to
    )
    alarm(aws, name, AlarmActions=[topic])


def alarm(aws: Client, name: str, **more: Any) -> None:
    about = {"MetricName": name, "Namespace": "cis", "Period": 300, "Statistic": "Sum", **more}
    aws("cloudwatch").put_metric_alarm(
        AlarmName=name, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", **about
    )


def with_composite(found: Inventory, rule: str, topic: str) -> Inventory:
    """A reading as if this alarm were there too: moto has none that are made of others."""
    said = {"actions_enabled": True, "alarm_actions": [topic], "alarm_name": "whole", "alarm_rule": rule, "arn": "a"}
    one = Resource(type=COMPOSITE, id="whole", account=ACCOUNT, region=REGION, attributes=said)
    return Inventory([*found.resources, one], found.gaps, read=found.read)


def subscribe(aws: Client, topic: str) -> None:
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:people")


def test_all_fifteen(aws: Client) -> None:
    assert judged(everywhere(aws, *CIS), *CIS) == dict.fromkeys(CIS, FAIL)
    topic = heard(aws, "{ $.eventName = Nothing }")
    for row in ROWS:
        metric(aws, row.pattern, topic, row.name)
    assert judged(everywhere(aws, *CIS), *CIS) == dict.fromkeys(CIS, FAIL)  # to nobody
    subscribe(aws, topic)
    assert judged(everywhere(aws, *CIS), *CIS) == dict.fromkeys(CIS, PASS)


KEYS = "cis-alarm-kms-deletion"


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("{ $.eventName = ScheduleKeyDeletion || $.eventName = DisableKey }", PASS),
        (
            "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion))}",
            PASS,
        ),
        ("{ $.eventSource = kms.* }", PASS),
        ("{ $.eventName = DisableKey }", FAIL),
        ("{ $.eventName = DisableKey || $.eventName = ScheduleKeyDeletion && $.userAgent = curl }", UNKNOWN),
        ("DisableKey", UNKNOWN),
    ],
)
def test_events_and_not_texts(aws: Client, pattern: str, wanted: Status) -> None:
    subscribe(aws, heard(aws, pattern))
    assert judged(everywhere(aws, KEYS), KEYS) == {KEYS: wanted}


def test_two_filters_share_the_events(aws: Client) -> None:
    topic = heard(aws, "{ $.eventName = DisableKey }")
    subscribe(aws, topic)
    metric(aws, "{ $.eventName = ScheduleKeyDeletion }", topic, "second")
    assert judged(everywhere(aws, KEYS), KEYS) == {KEYS: PASS}
    alarm(aws, "second", AlarmActions=[topic], ActionsEnabled=False)
    assert judged(everywhere(aws, KEYS), KEYS) == {KEYS: FAIL}
    assert judged(with_composite(everywhere(aws, KEYS), 'ALARM("second")', topic), KEYS) == {KEYS: PASS}


# --- alarms ---------------------------------------------------------------------------------------


def test_alarms_that_nobody_hears(aws: Client) -> None:
    topic = aws("sns").create_topic(Name="ops")["TopicArn"]
    alarm(aws, "deaf")
    alarm(aws, "off", AlarmActions=[topic], ActionsEnabled=False)
    alarm(aws, "part")
    alarm(aws, "heard", AlarmActions=[topic])
    check = "cloudwatch-alarm-no-actions"
    found = with_composite(inventory_for(check), "ALARM(part) OR OK(other)", topic)
    assert {each.resource.id: each.status for each in run([REGISTRY[check]], found, Terms())} == {
        "deaf": FAIL,
        "off": FAIL,
        "part": PASS,
        "heard": PASS,
        "whole": PASS,
    }
    check = "sns-alarm-topic-no-subscribers"
    quiet = aws("sns").create_topic(Name="quiet")["TopicArn"]
    assert verdicts(check) == {(check, topic): FAIL, (check, quiet): PASS}
    subscribe(aws, topic)
    assert verdicts(check) == {(check, topic): PASS, (check, quiet): PASS}


def test_alarms_that_have_no_data() -> None:
    """Moto has each alarm's state begin now."""
    since = {"silent": ("INSUFFICIENT_DATA", 4), "weekend": ("INSUFFICIENT_DATA", 2), "quiet": ("OK", 400)}
    alarms = [
        {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
            "StateValue": value,
            "StateTransitionedTimestamp": f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
        }
        for name, (value, days) in since.items()
    ]
    check = "cloudwatch-alarm-insufficient-data"
    answers = said("cloudwatch", DescribeAlarms={"MetricAlarms": alarms}, ListTagsForResource={"Tags": []})
    with answering(answers):
        found = verdicts(check)
    assert found == {(check, "silent"): FAIL, (check, "weekend"): PASS, (check, "quiet"): PASS}


def test_what_has_no_alarm(aws: Client) -> None:
    for name in ("bare", "watched"):
        aws("rds").create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20
        )
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "watched"}]
    alarm(aws, "disk", MetricName="FreeStorageSpace", Namespace="AWS/RDS", Dimensions=dimensions)
    alarm(aws, "other", MetricName="ReadLatency", Namespace="AWS/RDS")
    check = "cloudwatch-no-alarm-rds"
    found = {each.resource.name: each.status for each in run([REGISTRY[check]], inventory_for(check), Terms())}
    assert found == {"bare": FAIL, "watched": PASS}
    network = aws("ec2").describe_subnets()["Subnets"]
    check, arns = "cloudwatch-no-alarm-lb", {}
    for name in ("bare", "watched"):
        made = aws("elbv2").create_load_balancer(Name=name, Subnets=[each["SubnetId"] for each in network[:2]])
        arns[name] = made["LoadBalancers"][0]["LoadBalancerArn"]
    suffix = arns["watched"].partition("loadbalancer/")[2]
    where = [{"Name": "LoadBalancer", "Value": suffix}]
    alarm(aws, "errors", MetricName="HTTPCode_ELB_5XX_Count", Namespace="AWS/ApplicationELB", Dimensions=where)
    assert verdicts(check) == {(check, arns["bare"]): FAIL, (check, arns["watched"]): PASS}


def test_how_long_logs_are_kept(aws: Client) -> None:
    logs, check = aws("logs"), "logs-retention"
    for name, days in (("short", 30), ("long", 400), ("for-ever", 0)):
        logs.create_log_group(logGroupName=name)
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    assert verdicts(check) == {(check, "short"): FAIL, (check, "long"): PASS, (check, "for-ever"): FAIL}


# --- regions --------------------------------------------------------------------------------------


def of_region(check: str) -> Status:
    [status] = judged(inventory_for(check), check).values()
    return status


def test_recorders(aws: Client) -> None:
    assert of_region("config-recorder") is FAIL
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    recorder = {"name": "default", "roleARN": ROLE, "recordingGroup": group}
    aws("config").put_configuration_recorder(ConfigurationRecorder=recorder)
    aws("config").put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "configs"})
    assert of_region("config-recorder") is FAIL
    aws("config").start_configuration_recorder(ConfigurationRecorderName="default")
    assert of_region("config-recorder") is PASS


def test_detectors(aws: Client) -> None:
    assert of_region("guardduty-enabled") is FAIL
    id = aws("guardduty").create_detector(Enable=False)["DetectorId"]
    assert of_region("guardduty-enabled") is FAIL
    aws("guardduty").update_detector(DetectorId=id, Enable=True)
    assert of_region("guardduty-enabled") is PASS


SUBSCRIBED = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription/cis/v/3.0.0"
HUB = {"GET /accounts": {"HubArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"}}


@pytest.mark.parametrize(
    ("status", "wanted"), [("READY", PASS), ("INCOMPLETE", PASS), ("DELETING", FAIL), (None, FAIL)]
)
def test_hubs(status: str | None, wanted: Status) -> None:
    one = {"StandardsSubscriptionArn": SUBSCRIBED, "StandardsArn": "cis", "StandardsStatus": status}
    with answering({**HUB, "POST /standards/get": {"StandardsSubscriptions": [one] if status else []}}):
        assert of_region("securityhub-enabled") is wanted


@pytest.mark.parametrize(
    ("type", "status", "wanted"),
    [
        ("ACCOUNT", "ACTIVE", PASS),
        ("ORGANIZATION", "ACTIVE", PASS),
        ("ACCOUNT", "DISABLED", FAIL),
        ("ACCOUNT_UNUSED_ACCESS", "ACTIVE", FAIL),
    ],
)
def test_analyzers(type: str, status: str, wanted: Status) -> None:
    one = {"arn": "a", "name": "it", "type": type, "status": status, "createdAt": "2026-01-01T00:00:00Z"}
    with answering({"GET /analyzer": {"analyzers": [one]}}):
        assert of_region("accessanalyzer-enabled") is wanted


def test_a_refused_listing_is_no_absence() -> None:
    with answering({"GET /analyzer": refused("AccessDeniedException", status=403)}):
        found = read(*(each for each in collectors() if each.type in REGISTRY["accessanalyzer-enabled"].reads))
    assert set(judged(found, "accessanalyzer-enabled").values()) == {UNKNOWN}


@pytest.mark.parametrize(
    "check",
    [
        *EVENTS,
        *CIS[:2],
        "config-recorder",
        "guardduty-enabled",
        "cloudtrail-log-validation",
        "cloudwatch-alarm-no-actions",
        "logs-retention",
    ],
)
def test_what_is_denied_is_unknown(aws: Client, allowed_only: Any, check: str) -> None:
    with allowed_only("organizations:ListAccounts"):
        wanted = REGISTRY[check].reads
        found = read(*(each for each in collectors() if each.type in wanted))
    assert set(judged(found, check).values()) - {SKIPPED} == {UNKNOWN}

"""Checks of the second tier on what is kept, tagged and watched over: a live account, made wrong and made right."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from scanner.journey import terms_of
from scanner.settings import SettingsError, parse
from state import Inventory, Resource
from state.terraform.keeping import Kept
from tests.checks.live import FAIL, PASS, SKIPPED, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.checks.test_live_data import refused_all
from tests.checks.test_live_databases import by_name
from tests.checks.test_live_watch import everywhere, trail
from tests.checks.test_rules import judged, live, unseen
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.queries import said
from tests.scanner.standin import answering

Client = Callable[..., Any]

# --- tags -----------------------------------------------------------------------------------------

TYPES = ("aws_security_group", "aws_sqs_queue", "aws_subnet", "aws_vpc")


def of_tags(check: str, terms: Terms | None = None) -> dict[str, Status]:
    """The verdicts by id, of some of the many types that take tags."""
    found = read(*(each for each in collectors() if each.type in TYPES))
    assert found.gaps == []
    return {each.resource.id: each.status for each in run([REGISTRY[check]], found, terms or Terms())}


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def network(ec2: Any, **tags: str) -> str:
    vpc: str = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=tagged(**tags))
    return vpc


def group(ec2: Any, name: str, vpc: str, **tags: str) -> str:
    asked = {"GroupName": name, "Description": "it", "VpcId": vpc}
    found = ec2.create_security_group(
        **asked, TagSpecifications=[{"ResourceType": "security-group", "Tags": tagged(**tags)}]
    )
    return str(found["GroupId"])


def test_environments(aws: Client) -> None:
    ec2, check = aws("ec2"), "tag-environment-mismatch"
    vpc = network(ec2, Environment="production")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=tagged(environment="dev"))
    bad, good = group(ec2, "bad", vpc, env="dev"), group(ec2, "good", vpc, Environment="live")
    misnamed = aws("sqs").create_queue(QueueName="prod-orders", tags={"environment": "dev"})["QueueUrl"]
    silent = aws("sqs").create_queue(QueueName="prod-silent", tags={"owner": "shop"})["QueueUrl"]
    found = of_tags(check)
    assert (found[bad], found[good]) == (FAIL, PASS)
    assert (found[subnet], found[misnamed], found[silent]) == (FAIL, FAIL, PASS)


VPC = live("aws_vpc", "vpc-1", tags={"environment": "production"})
SUBNET = live("aws_subnet", "subnet-1", vpc_id="vpc-1")


@pytest.mark.parametrize(
    ("near", "status"),
    [
        ([SUBNET, VPC], FAIL),
        ([SUBNET, live("aws_vpc", "vpc-1", tags={"environment": "Development"})], PASS),
        ([SUBNET, live("aws_vpc", "vpc-1", tags={})], PASS),
        ([SUBNET, unseen(VPC, "tags")], UNKNOWN),
        ([SUBNET], UNKNOWN),
        ([VPC], UNKNOWN),
    ],
)
def test_the_network_of_a_machine(near: list[Resource], status: Status) -> None:
    machine = live("aws_instance", "i-1", subnet_id="subnet-1", tags={"env": "dev"})
    assert judged("tag-environment-mismatch", machine, *near).status is status


@pytest.mark.parametrize(
    ("name", "environment", "status"),
    [
        ("shop-production-web", "test", FAIL),
        ("shop-staging", "UAT", PASS),
        ("live-stream", "dev", PASS),
        ("ab-test-results", "production", PASS),
        ("dev-to-prod-sync", "shared", PASS),
        ("prod-web", "blue", PASS),
        ("productionist", "dev", PASS),
    ],
)
def test_words_in_names(name: str, environment: str, status: Status) -> None:
    table = live("aws_dynamodb_table", name, tags={"Environment": environment})
    assert judged("tag-environment-mismatch", table).status is status


def test_owners(aws: Client) -> None:
    check = "tag-owner-unknown"
    tags: dict[str, dict[str, str]] = {"bad": {"Owner": "bob"}, "good": {"owner": "SHOP", "team": "bob"}, "none": {}}
    urls = {name: aws("sqs").create_queue(QueueName=name, tags=each)["QueueUrl"] for name, each in tags.items()}
    found = of_tags(check, Terms(owners=("shop", "payments")))
    assert {name: found[url] for name, url in urls.items()} == {"bad": FAIL, "good": PASS, "none": PASS}
    assert set(of_tags(check).values()) == {SKIPPED}
    by_team = Terms(owners=("bob",), owner_tags=("team", "owner"))
    assert of_tags(check, by_team)[urls["good"]] is PASS


def test_whom_the_settings_name() -> None:
    text = 'owners = ["shop"]\nowner_tags = ["team"]\ndelegated_administrators = ["111122223333"]'
    found = terms_of(parse(text, "mine.toml"))
    assert (found.owners, found.owner_tags, found.delegated_administrators) == (("shop",), ("team",), ("111122223333",))
    with pytest.raises(SettingsError, match="'1' is no account"):
        parse('delegated_administrators = ["1"]', "mine.toml")


# --- RDS ------------------------------------------------------------------------------------------


def instance(rds: Any, name: str, engine: str = "mysql", **more: Any) -> None:
    asked = {"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "Engine": engine}
    rds.create_db_instance(**asked, MasterUsername="shop", MasterUserPassword="shop-shop", **more)


def test_snapshots(aws: Client) -> None:
    rds, check = aws("rds"), "rds-snapshot-old-manual"
    for name, database in (("lax", "gone"), ("strict", "orders")):
        instance(rds, database)
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=database)
    rds.delete_db_instance(DBInstanceIdentifier="gone", SkipFinalSnapshot=True)
    found = verdicts(check, without=("aws_db_cluster_snapshot",))
    assert pairs(found, "lax", "strict", check) == as_expected(check)


def snapshot(type: str = "aws_db_snapshot", days: int = 4, owner: str | None = None, **attributes: Any) -> Resource:
    found = live(type, **attributes)
    made = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return found.replace(owner=owner, facts={"snapshot_create_time": made})


SINGLE: dict[str, Any] = {"db_instance_identifier": "orders", "source_db_snapshot_identifier": None}
CLUSTERED: dict[str, Any] = {
    "type": "aws_db_cluster_snapshot",
    "db_cluster_identifier": "orders",
    "source_db_cluster_snapshot_arn": None,
}


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (snapshot(days=366, **SINGLE), FAIL),
        (snapshot(days=366, owner="backup", **SINGLE), PASS),
        (snapshot(**SINGLE), PASS),
        (snapshot(db_instance_identifier="far", source_db_snapshot_identifier="arn:aws:rds:us-east-1:1:it"), PASS),
        (snapshot(db_instance_identifier="gone", source_db_snapshot_identifier=None), FAIL),
        (snapshot(engine="aurora-mysql", **CLUSTERED), FAIL),
        (snapshot(engine="docdb", **CLUSTERED), PASS),
        (snapshot(engine="docdb", days=366, **CLUSTERED), FAIL),
        (unseen(snapshot(**SINGLE), "db_instance_identifier"), UNKNOWN),
        (unseen(snapshot(**SINGLE), "snapshot_create_time"), UNKNOWN),
    ],
)
def test_whose_snapshot(found: Resource, status: Status) -> None:
    database = live("aws_db_instance", identifier="orders")
    assert judged("rds-snapshot-old-manual", found, database).status is status


def test_extended_support(aws: Client) -> None:
    rds, check = aws("rds"), "rds-extended-support"
    instance(rds, "lax", EngineVersion="5.7.44")
    instance(rds, "strict", EngineVersion="8.4.3")
    assert pairs(by_name(check), "lax", "strict", check) == as_expected(check)


@pytest.mark.parametrize(
    ("engine", "version", "lifecycle", "status"),
    [
        ("mysql", "8.0.39", None, FAIL),
        ("mysql", "8.0.39", "open-source-rds-extended-support", FAIL),
        ("mysql", "8.0.39", "open-source-rds-extended-support-disabled", PASS),
        ("mysql", "5.6.51", None, PASS),
        ("postgres", "13.9", None, FAIL),
        ("postgres", "14.9", None, PASS),
        ("postgres", "10.23", None, PASS),
        ("postgres", "99.1", None, UNKNOWN),
        ("mariadb", "10.4", None, SKIPPED),
    ],
)
def test_which_versions_are_paid_for(engine: str, version: str, lifecycle: str | None, status: Status) -> None:
    database = live("aws_db_instance", engine=engine, engine_version=version, engine_lifecycle_support=lifecycle)
    then = Inventory([database], taken_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert REGISTRY["rds-extended-support"].judge(database, then, Terms()).status is status


def test_events(aws: Client) -> None:
    rds, check = aws("rds"), "rds-event-subscriptions"
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:databases"
    assert verdicts(check)[check, REGION] is SKIPPED
    instance(rds, "orders")
    assert verdicts(check)[check, REGION] is FAIL
    asked = {"SnsTopicArn": topic, "SourceType": "db-instance", "Enabled": True}
    rds.create_event_subscription(SubscriptionName="some", EventCategories=["failure"], **asked)
    assert verdicts(check)[check, REGION] is FAIL
    rest = ["maintenance", "configuration change"]
    rds.create_event_subscription(SubscriptionName="rest", EventCategories=rest, **asked)
    assert verdicts(check)[check, REGION] is PASS
    assert unread(check, "aws_db_event_subscription") == {UNKNOWN}


HERE = live("region", REGION)
ALL_EVENTS: dict[str, Any] = {"enabled": True, "source_type": None, "source_ids": [], "event_categories": []}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, PASS),
        ({"enabled": False}, FAIL),
        ({"source_type": "db-instance"}, FAIL),
        ({"source_type": "db-cluster"}, PASS),
        ({"source_ids": ["orders"]}, PASS),
        ({"source_ids": ["carts"]}, FAIL),
        ({"event_categories": ["failure"]}, FAIL),
    ],
)
def test_what_a_subscription_tells(said: dict[str, Any], status: Status) -> None:
    check, cluster = "rds-event-subscriptions", live("aws_rds_cluster", cluster_identifier="orders")
    subscription = live("aws_db_event_subscription", **ALL_EVENTS | said)
    assert judged(check, HERE, cluster, subscription).status is status
    blind = unseen(subscription, "event_categories")
    wanted = {PASS: UNKNOWN, FAIL: UNKNOWN if "event_categories" in said else FAIL}[status]
    assert judged(check, HERE, cluster, blind).status is wanted


# --- logs -----------------------------------------------------------------------------------------


def preferences(**inputs: str) -> str:
    return json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})


def test_sessions(aws: Client) -> None:
    ssm, check = aws("ssm"), "ssm-session-logging"
    assert verdicts(check)[check, REGION] is SKIPPED
    aws("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    assert verdicts(check)[check, REGION] is FAIL
    name = "SSM-SessionManagerRunShell"
    ssm.create_document(Content=preferences(s3BucketName=""), Name=name, DocumentType="Session")
    assert verdicts(check)[check, REGION] is FAIL
    ssm.delete_document(Name=name)
    logged = preferences(cloudWatchLogGroupName="sessions")
    ssm.create_document(Content=logged, Name=name, DocumentType="Session")
    assert verdicts(check)[check, REGION] is PASS
    assert unread(check, "aws_ssm_document") == {UNKNOWN}
    ssm.create_document(Content=preferences(), Name="shell", DocumentType="Session")
    assert verdicts(check)[check, REGION] is FAIL


def document(content: str, name: str = "SSM-SessionManagerRunShell") -> Resource:
    return live("aws_ssm_document", name, document_type="Session", content=content)


@pytest.mark.parametrize(
    ("documents", "status"),
    [
        ([document("schemaVersion: '1.0'")], UNKNOWN),
        ([unseen(document(""), "content")], UNKNOWN),
        ([document(preferences(s3BucketName="logs"))], PASS),
        ([document(preferences(s3BucketName="logs")), document('{"sessionType": "Port"}', "port")], PASS),
        ([document(preferences(s3BucketName="logs"), "other")], FAIL),
    ],
)
def test_what_documents_of_sessions_say(documents: list[Resource], status: Status) -> None:
    machine = live("aws_instance", "i-1")
    assert judged("ssm-session-logging", HERE, machine, *documents).status is status


def test_large_log_groups() -> None:
    check, arn = "logs-never-expire-cost", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
    groups: list[dict[str, Any]] = [
        {"logGroupName": "lax", "storedBytes": 42 * 10**9},
        {"logGroupName": "strict", "storedBytes": 42 * 10**9, "retentionInDays": 400},
        {"logGroupName": "small", "storedBytes": 42},
        {"logGroupName": "passing", "storedBytes": 42 * 10**9, "logGroupClass": "DELIVERY"},
        {"logGroupName": "silent"},
    ]
    named = [each | {"arn": f"{arn}:{each['logGroupName']}:*"} for each in groups]
    answers: dict[str, Any] = {"DescribeLogGroups": {"logGroups": named}, "ListTagsForResource": {"tags": {}}}
    with answering(answers):
        found = verdicts(check)
    assert {id: status for (_, id), status in found.items()} == {
        "lax": FAIL,
        "strict": PASS,
        "small": PASS,
        "passing": PASS,
        "silent": UNKNOWN,
    }
    assert refused_all(answers, "aws_cloudwatch_log_group", check) == {UNKNOWN}


# --- what else is kept ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"DeletionProtectionEnabled": True}, FAIL),
        ({"DeletionProtectionEnabled": False, "Tags": tagged(Criticality="High")}, FAIL),
        ({"DeletionProtectionEnabled": False, "Tags": tagged(owner="shop")}, SKIPPED),
        ({"DeletionProtectionEnabled": True, "Replicas": [{"RegionName": "eu-central-1"}]}, PASS),
    ],
)
def test_tables_of_one_region(told: dict[str, Any], status: Status) -> None:
    check, tags = "dynamodb-single-region", told.get("Tags", [])
    table = {"TableName": "orders", "TableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders", **told}
    table.pop("Tags", None)
    answers: dict[str, Any] = {
        "ListTables": {"TableNames": ["orders"]},
        "DescribeTable": {"Table": table},
        "DescribeContinuousBackups": {},
        "DescribeTimeToLive": {},
        "ListTagsOfResource": {"Tags": tags},
    }
    with answering(answers):
        assert verdicts(check) == {(check, "orders"): status}
    assert refused_all(answers, "aws_dynamodb_table", check) == {UNKNOWN}


def test_a_table_is_no_replica_of_itself() -> None:
    here = live("aws_dynamodb_table", deletion_protection_enabled=True, replica=[{"region_name": REGION}])
    assert judged("dynamodb-single-region", here).status is FAIL
    assert judged("dynamodb-single-region", unseen(here, "replica")).status is UNKNOWN
    assert judged("dynamodb-single-region", unseen(here, "deletion_protection_enabled", "tags")).status is UNKNOWN


def test_stacks() -> None:
    check = "cloudformation-stack-drift"
    drift = {"lax": "DRIFTED", "strict": "IN_SYNC", "never": "NOT_CHECKED"}
    stacks = [
        {"StackId": name, "StackName": name, "DriftInformation": {"StackDriftStatus": status}}
        for name, status in drift.items()
    ]
    answers: dict[str, Any] = said(
        "cloudformation", DescribeStacks={"Stacks": stacks}, GetTemplate={"TemplateBody": "{}"}
    )
    with answering(answers):
        found = verdicts(check)
    assert {id: status for (_, id), status in found.items()} == {"lax": FAIL, "strict": PASS, "never": UNKNOWN}
    assert refused_all(answers, "aws_cloudformation_stack", check) == {UNKNOWN}


def test_delegated_administrators(aws: Client) -> None:
    organizations, check = aws("organizations"), "organizations-delegated-admins"
    organizations.create_organization(FeatureSet="ALL")
    ids = []
    for name in ("bad", "good"):
        made = organizations.create_account(Email=f"{name}@example.com", AccountName=name)
        ids.append(made["CreateAccountStatus"]["AccountId"])
        organizations.register_delegated_administrator(AccountId=ids[-1], ServicePrincipal="guardduty.amazonaws.com")
    bad, good = (f"{each}/guardduty.amazonaws.com" for each in ids)
    found = verdicts(check, terms=Terms(delegated_administrators=(ids[1],)))
    assert pairs(found, bad, good, check) == as_expected(check)
    assert set(verdicts(check).values()) == {SKIPPED}


# --- Terraform's state ----------------------------------------------------------------------------

STATE = Terms(states=(Kept(source="s3://acme-state/env:/*/live.tfstate", bucket="acme-state"),))
LOGGING = "tfstate-bucket-logging"


def of_state(found: Inventory) -> Status:
    [verdict] = run([REGISTRY[LOGGING]], found, STATE)
    return verdict.status


def test_who_reads_the_state(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="acme-state", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert of_state(everywhere(aws, LOGGING)) is FAIL
    made = trail(aws)
    assert of_state(everywhere(aws, LOGGING)) is FAIL
    objects = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-state/"]}
    reads = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": [objects]}
    made.put_event_selectors(TrailName="all", EventSelectors=[reads])
    assert of_state(everywhere(aws, LOGGING)) is PASS
    made.put_event_selectors(TrailName="all", EventSelectors=[reads | {"ReadWriteType": "WriteOnly"}])
    assert of_state(everywhere(aws, LOGGING)) is FAIL
    made.put_event_selectors(TrailName="all", EventSelectors=[reads])
    made.stop_logging(Name="all")
    assert of_state(everywhere(aws, LOGGING)) is FAIL


DATA = [
    {"field": "eventCategory", "equals": ["Data"]},
    {"field": "resources.type", "equals": ["AWS::S3::Object"]},
]


@pytest.mark.parametrize(
    ("region", "field", "status"),
    [
        (REGION, {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::acme-state/"]}, PASS),
        (REGION, {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::acme-state/env:/"]}, PASS),
        (REGION, {"field": "resources.ARN", "ends_with": [".tfstate"]}, PASS),
        (REGION, {"field": "resources.ARN", "starts_with": ["arn:aws:s3:::orders/"]}, FAIL),
        (REGION, {"field": "resources.ARN", "not_starts_with": ["arn:aws:s3:::acme-state/"]}, FAIL),
        (REGION, {"field": "resources.ARN", "not_starts_with": ["arn:aws:s3:::orders/"]}, PASS),
        (REGION, {"field": "readOnly", "equals": ["true"]}, PASS),
        (REGION, {"field": "readOnly", "equals": ["false"]}, FAIL),
        (REGION, {"field": "eventName", "equals": ["PutObject"]}, FAIL),
        ("us-east-1", {"field": "readOnly", "equals": ["true"]}, FAIL),
    ],
)
def test_what_finer_selectors_tell_of_the_state(region: str, field: dict[str, Any], status: Status) -> None:
    selectors = [{"field_selector": [*DATA, field]}]
    found = live(
        "aws_cloudtrail",
        "all",
        is_multi_region_trail=False,
        enable_logging=True,
        event_selector=[],
        advanced_event_selector=selectors,
    )
    bucket = live("aws_s3_bucket", "acme-state", bucket="acme-state")
    there = found.replace(region=region)
    assert judged(LOGGING, bucket, there, terms=STATE).status is status
    everywhere = there.replace(attributes={**found.attributes, "is_multi_region_trail": True})
    assert region == REGION or judged(LOGGING, bucket, everywhere, terms=STATE).status is PASS

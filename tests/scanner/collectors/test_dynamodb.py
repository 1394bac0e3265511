import msgspec
import pytest

from scanner.collectors.appautoscaling import TARGET
from scanner.collectors.dynamodb import COLLECTORS, TABLE
from state import Declaration, Inventory, Unknown
from state.drift import Change, Kind, drift
from state.forms import if_enabled
from state.noise import BY_TARGET
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import noise, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
NUMBERED = {"AttributeName": "at", "AttributeType": "N"}
NAMED = {"AttributeName": "id", "AttributeType": "S"}
KEY = [{"AttributeName": "id", "KeyType": "HASH"}]
HERE = Declaration(address="aws_dynamodb_table.here", source="terraform.tfstate")
BY_TIME = [{"AttributeName": "at", "KeyType": "HASH"}]


def plain_table(dynamodb, name="counters"):
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[NAMED],
        KeySchema=KEY,
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 2},
    )


def whole_table(dynamodb, key):
    dynamodb.create_table(
        TableName="orders",
        AttributeDefinitions=[NAMED, NUMBERED],
        KeySchema=[*KEY, {"AttributeName": "at", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-time",
                "KeySchema": BY_TIME,
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
            }
        ],
        LocalSecondaryIndexes=[
            {
                "IndexName": "local",
                "KeySchema": [*KEY, {"AttributeName": "at", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    dynamodb.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )


def table(name="counters"):
    [found] = [each for each in read(TABLE).of("aws_dynamodb_table") if each.id == name]
    assert_value_types(found)
    return found


def test_table(aws):
    key = aws("kms").create_key()["KeyMetadata"]["Arn"]
    whole_table(aws("dynamodb"), key)
    stream = aws("dynamodb").describe_table(TableName="orders")["Table"]
    found = table("orders")
    assert found.key == ("aws_dynamodb_table", ACCOUNT, REGION, "orders")
    assert found.attributes == {
        "arn": f"{ARN}/orders",
        "attribute": [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}],
        "billing_mode": "PAY_PER_REQUEST",
        "deletion_protection_enabled": True,
        "global_secondary_index": [
            {
                "name": "by-time",
                "hash_key": "at",
                "range_key": None,
                "projection_type": "INCLUDE",
                "non_key_attributes": ["total"],
                "read_capacity": 0,
                "write_capacity": 0,
                "on_demand_throughput": None,
            }
        ],
        "hash_key": "id",
        "local_secondary_index": [
            {"name": "local", "range_key": "at", "projection_type": "ALL", "non_key_attributes": None}
        ],
        "name": "orders",
        "on_demand_throughput": [],
        "point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}],
        "range_key": "at",
        "read_capacity": 0,
        "replica": [],
        "server_side_encryption": [{"enabled": True, "kms_key_arn": key}],
        "stream_arn": stream["LatestStreamArn"],
        "stream_enabled": True,
        "stream_label": stream["LatestStreamLabel"],
        "stream_view_type": "KEYS_ONLY",
        "table_class": "STANDARD",
        "ttl": [{"attribute_name": "expires", "enabled": True}],
        "write_capacity": 0,
        "tags": {"team": "shop"},
    }
    assert found.fact("pending_deletion") is False
    assert found.fact("table_status") == "ACTIVE"


def test_table_with_nothing_but_a_key(aws):
    plain_table(aws("dynamodb"))
    found = table()
    assert (found["billing_mode"], found["read_capacity"], found["write_capacity"]) == ("PROVISIONED", 5, 2)
    assert found["server_side_encryption"] == []
    assert found["global_secondary_index"] == found["local_secondary_index"] == []
    assert found["point_in_time_recovery"] == [{"enabled": False, "recovery_period_in_days": None}]
    assert found["ttl"] == [{"attribute_name": None, "enabled": False}]
    assert (found["stream_enabled"], found["range_key"], found["tags"]) == (None, None, {})


def test_all_tags_of_more_than_a_page(aws):
    plain_table(aws("dynamodb"))
    tags = {f"k{number}": "v" for number in range(12)}
    aws("dynamodb").tag_resource(
        ResourceArn=f"{ARN}/counters", Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )
    first = aws("dynamodb").list_tags_of_resource(ResourceArn=f"{ARN}/counters")
    assert "NextToken" in first, "moto pages tags by ten"
    assert table()["tags"] == tags


DETAILS = [
    ("dynamodb:DescribeContinuousBackups", {"point_in_time_recovery"}),
    ("dynamodb:DescribeTimeToLive", {"ttl"}),
    ("dynamodb:ListTagsOfResource", {"tags"}),
]


@pytest.mark.parametrize(("refused", "hidden"), DETAILS)
def test_refused_detail_hides_its_attributes_only(aws, allowed_only, refused, hidden):
    plain_table(aws("dynamodb"))
    with allowed_only(*(name for name in TABLE.permissions if name != refused)):
        inventory = read(TABLE)
    [found] = inventory.of("aws_dynamodb_table")
    assert set(found.unknown) == hidden
    assert found["read_capacity"] == 5
    with pytest.raises(Unknown, match="access denied"):
        found[min(hidden)]
    [gap] = inventory.gaps
    assert (gap.id, gap.attribute, gap.kind, gap.permission) == ("counters", min(hidden), "denied", refused)


def test_refused_description_hides_the_table_and_not_the_others(aws, allowed_only):
    plain_table(aws("dynamodb"))
    with allowed_only(*(name for name in TABLE.permissions if name != "dynamodb:DescribeTable")):
        inventory = read(TABLE)
    assert list(inventory.of("aws_dynamodb_table")) == []
    assert [(gap.id, gap.attribute, gap.kind) for gap in inventory.gaps] == [("counters", None, "denied")]
    assert inventory.unseen("aws_dynamodb_table", ACCOUNT, REGION, "counters")


def test_a_refused_call_of_another_service_is_told_as_that_services(aws, allowed_only):
    whole_table(aws("dynamodb"), aws("kms").create_key()["KeyMetadata"]["Arn"])
    with allowed_only(*(name for name in TABLE.permissions if name != "kms:DescribeKey")):
        inventory = read(TABLE)
    [gap] = inventory.gaps
    assert (gap.attribute, gap.operation, gap.permission) == (
        "server_side_encryption",
        "kms:DescribeKey",
        "kms:DescribeKey",
    )


def test_permissions_suffice(aws, allowed_only):
    plain_table(aws("dynamodb"))
    with allowed_only(*TABLE.permissions):
        assert read(TABLE).gaps == []


# --- forms ----------------------------------------------------------------------------------------


def differences(name, declared, live):
    return list(TABLE.schema.forms[name].differences(name, declared, live))


INDEX = {"name": "i", "hash_key": "id", "range_key": "", "projection_type": "ALL", "non_key_attributes": []}
SAME = [
    ("point_in_time_recovery", [{"enabled": True}], [{"enabled": True, "recovery_period_in_days": 35}]),
    ("point_in_time_recovery", [], [{"enabled": False, "recovery_period_in_days": None}]),
    ("ttl", [{"attribute_name": "", "enabled": False, "kms_key_arn": ""}], []),
    ("server_side_encryption", [{"enabled": False, "kms_key_arn": ""}], []),
    ("table_class", None, "STANDARD"),
    ("stream_view_type", "KEYS_ONLY", None),
    ("on_demand_throughput", [{"max_read_request_units": -1}], []),
    (
        "attribute",
        [{"name": "a", "type": "S"}, {"name": "b", "type": "N"}],
        [{"name": "b", "type": "N"}, {"name": "a", "type": "S"}],
    ),
    ("replica", [{"region_name": "us-east-1", "kms_key_arn": "", "stream_label": "x"}], [{"region_name": "us-east-1"}]),
    (
        "global_secondary_index",
        [{**INDEX, "read_capacity": 5, "write_capacity": 5}],
        [{**INDEX, "range_key": None, "read_capacity": 0, "write_capacity": 0}],
    ),
]
NOT_SAME = [
    ("point_in_time_recovery", [{"enabled": True}], [{"enabled": True, "recovery_period_in_days": 7}]),
    ("point_in_time_recovery", [{"enabled": True}], [{"enabled": False}]),
    ("ttl", [{"attribute_name": "a", "enabled": True}], [{"attribute_name": "b", "enabled": True}]),
    ("table_class", "STANDARD_INFREQUENT_ACCESS", "STANDARD"),
    ("stream_view_type", "KEYS_ONLY", "NEW_IMAGE"),
    ("replica", [{"region_name": "us-east-1"}], []),
    (
        "global_secondary_index",
        [{**INDEX, "read_capacity": 5, "write_capacity": 5}],
        [{**INDEX, "read_capacity": 9, "write_capacity": 5}],
    ),
    ("global_secondary_index", [{**INDEX, "read_capacity": 5}], []),
]


@pytest.mark.parametrize(("name", "declared", "live"), SAME)
def test_the_same_said_otherwise(name, declared, live):
    assert differences(name, declared, live) == []


@pytest.mark.parametrize(("name", "declared", "live"), NOT_SAME)
def test_not_the_same(name, declared, live):
    assert differences(name, declared, live) != []


def test_if_enabled():
    assert if_enabled(None) is None
    assert if_enabled([{"enabled": True, "days": 0}]) == [{"enabled": True}]


async def a_ghost(place):
    """A listing that names a table which is gone by the time it is asked about."""
    yield [{"TableName": "ghost"}]


@pytest.mark.parametrize("detail", TABLE.details[:2], ids=lambda detail: detail.operation)
def test_table_deleted_since_it_was_listed_is_no_gap(aws, detail):
    inventory = read(msgspec.structs.replace(TABLE, fetch=a_ghost, details=(detail,)))
    assert (list(inventory.of("aws_dynamodb_table")), inventory.gaps) == ([], [])


def test_drift(aws):
    plain_table(aws("dynamodb"))
    declared = [each.replace(declared=HERE) for each in read(TABLE).of("aws_dynamodb_table")]
    aws("dynamodb").update_table(TableName="counters", DeletionProtectionEnabled=True)
    plain_table(aws("dynamodb"), "by-hand")
    found = drift(read(TABLE), Inventory(declared), {TABLE.type: TABLE.schema}).drift
    assert [(each.kind, each.resource.id, each.changes) for each in found] == [
        (Kind.CHANGED, "counters", (Change("deletion_protection_enabled", False, True),)),
        (Kind.UNMANAGED, "by-hand", ()),
    ]


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)


# --- what scales ----------------------------------------------------------------------------------


def test_capacity_is_drift_unless_something_scales_it(aws):
    dynamodb, register = aws("dynamodb"), aws("application-autoscaling").register_scalable_target
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    dynamodb.create_table(
        TableName="orders",
        AttributeDefinitions=[NAMED, NUMBERED],
        KeySchema=KEY,
        ProvisionedThroughput=units,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-time",
                "KeySchema": BY_TIME,
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": units,
            }
        ],
    )
    seen = table("orders")
    [index] = seen["global_secondary_index"]
    wanted = twin(seen, read_capacity=1, write_capacity=1, global_secondary_index=[{**index, "read_capacity": 1}])
    everything = {"read_capacity", "write_capacity", "global_secondary_index[by-time].read_capacity"}
    assert told(read(TABLE, TARGET), [TABLE], wanted) == {("changed", TABLE.type, path) for path in everything}
    about = {"ServiceNamespace": "dynamodb", "MinCapacity": 5, "MaxCapacity": 50}
    register(ResourceId="table/orders", ScalableDimension="dynamodb:table:ReadCapacityUnits", **about)
    register(ResourceId="table/orders/index/by-time", ScalableDimension="dynamodb:index:ReadCapacityUnits", **about)
    live = read(TABLE, TARGET)
    assert told(live, [TABLE], wanted) == {("changed", TABLE.type, "write_capacity")}
    assert noise(live, [TABLE], wanted) == dict.fromkeys(everything - {"write_capacity"}, BY_TARGET)
    other = twin(seen, global_secondary_index=[{**index, "projection_type": "KEYS_ONLY"}])
    assert told(live, [TABLE], other) == {("changed", TABLE.type, "global_secondary_index[by-time].projection_type")}

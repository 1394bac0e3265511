"""Checks of stores, streams, brokers and keys over a live account: made wrong, and made right beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from state import Resource
from tests.checks.live import FAIL, PASS, UNKNOWN, as_expected, pairs, unread, verdicts
from tests.checks.test_live_databases import PLAN, SELECTION, planned, selection
from tests.checks.test_live_network import network
from tests.checks.test_rules import judged, live
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.queries import said
from tests.scanner.standin import answering, refused

Client = Callable[..., Any]
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"


def refused_all(answers: dict[str, Any], type: str, *checks: str) -> set[Status]:
    """What checks say where AWS refuses all of this."""
    with answering(dict.fromkeys(answers, refused("AccessDeniedException", status=403))):
        found = read(*(each for each in collectors() if each.type == type))
    return {each.status for check in checks for each in run([REGISTRY[check]], found, Terms())}


# --- AWS Backup ---------------------------------------------------------------------------------


def test_vaults(aws: Client) -> None:
    backup, kms = aws("backup"), aws("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    backup.create_backup_vault(BackupVaultName="strict", EncryptionKeyArn=key)
    backup.put_backup_vault_lock_configuration(BackupVaultName="strict", MinRetentionDays=7)
    backup.create_backup_vault(BackupVaultName="lax", EncryptionKeyArn=f"{key}-unseen")
    found = verdicts("backup-vault-lock", "backup-vault-encryption")
    assert pairs(found, "lax", "strict", "backup-vault-lock") == as_expected("backup-vault-lock")
    assert (found["backup-vault-encryption", "lax"], found["backup-vault-encryption", "strict"]) == (UNKNOWN, PASS)
    assert unread("backup-vault-lock", "aws_backup_vault_lock_configuration") == {UNKNOWN}


@pytest.mark.parametrize(
    ("owner", "name", "kept", "status"),
    [("aws", "main", 0, FAIL), (None, "main", 0, PASS), ("aws", "Default", 0, PASS), ("aws", "Default", 3, FAIL)],
)
def test_whose_key(owner: str | None, name: str, kept: int, status: Status) -> None:
    vault = live("aws_backup_vault", name, name=name, kms_key_arn=KEY, recovery_points=kept)
    key = live("aws_kms_key", arn=KEY).replace(owner=owner)
    assert judged("backup-vault-encryption", vault, key).status is status


def test_a_key_of_another_account_is_somebodys() -> None:
    vault = live("aws_backup_vault", name="main", kms_key_arn=f"arn:aws:kms:{REGION}:999999999999:key/1")
    assert judged("backup-vault-encryption", vault).status is PASS


@pytest.mark.parametrize(("owner", "status"), [("efs", FAIL), ("cloudformation: shop", PASS), (None, PASS)])
def test_whose_plan(owner: str | None, status: Status) -> None:
    plan = live("aws_backup_plan").replace(owner=owner)
    assert judged("backup-plan-exists", here(), plan, live("aws_dynamodb_table")).status is status


def test_plans(aws: Client) -> None:
    backup = aws("backup")
    check = "backup-plan-exists"
    assert set(planned(check, here(), without=()).values()) == {PASS}
    aws("dynamodb").create_table(**TABLE, TableName="carts", BillingMode="PAY_PER_REQUEST")
    assert set(planned(check, here(), without=()).values()) == {FAIL}
    rule = {"RuleName": "daily", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterDays": 3}}
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [rule]})["BackupPlanId"]
    assert set(planned(check, here(), without=()).values()) == {PASS}
    checks = ("backup-plan-retention", "backup-plan-cross-region-copy")
    assert {check: status for (check, id), status in verdicts(*checks).items() if id == made} == dict.fromkeys(
        checks, FAIL
    )


def here() -> Resource:
    return Resource(type="region", id=REGION, account=ACCOUNT, region=REGION)


# --- DynamoDB -----------------------------------------------------------------------------------

TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def test_tables(aws: Client) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(**TABLE, TableName="lax", ProvisionedThroughput=UNITS)
    dynamodb.create_table(**TABLE, TableName="strict", BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True)
    guarded = "dynamodb-deletion-protection"
    assert pairs(verdicts(guarded), "lax", "strict", guarded) == as_expected(guarded)
    taken = selection(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/strict")
    assert planned("dynamodb-backup-plan", taken) == {"lax": FAIL, "strict": PASS}
    assert unread("dynamodb-backup-plan", SELECTION) == {UNKNOWN}
    scaling = ("aws_appautoscaling_target", "aws_appautoscaling_policy")
    check = "dynamodb-autoscaling"
    assert planned(check, without=scaling) == {"lax": FAIL, "strict": PASS}
    both = [scaled(type, "lax", units) for type in scaling for units in ("Read", "Write")]
    assert planned(check, *both, without=scaling) == {"lax": PASS, "strict": PASS}
    for number in range(4):
        assert planned(check, *both[:number], *both[number + 1 :], without=scaling)["lax"] is FAIL
    assert unread(check, *scaling) == {UNKNOWN, PASS}


def scaled(type: str, table: str, units: str) -> Resource:
    """What scales a table; moto does not list targets as AWS does."""
    dimension = f"dynamodb:table:{units}CapacityUnits"
    return live(type, service_namespace="dynamodb", resource_id=f"table/{table}", scalable_dimension=dimension)


# --- EFS ----------------------------------------------------------------------------------------


def test_file_systems(aws: Client) -> None:
    efs, made = aws("efs"), network(aws("ec2"), "10.0.0.0/16")
    lax = efs.create_file_system(CreationToken="lax", Encrypted=False)["FileSystemId"]
    strict = efs.create_file_system(CreationToken="strict", Encrypted=True, Backup=True)["FileSystemId"]
    for files, subnets in ((lax, "a"), (strict, "ab")):
        for subnet in subnets:
            efs.create_mount_target(FileSystemId=files, SubnetId=made[subnet])
    checks = ("efs-unencrypted", "efs-single-az")
    assert pairs(verdicts(*checks), lax, strict, *checks) == as_expected(*checks)
    one = efs.create_file_system(CreationToken="one", AvailabilityZoneName=f"{REGION}a")["FileSystemId"]
    assert verdicts("efs-single-az")["efs-single-az", one] is FAIL
    assert unread("efs-single-az", "aws_efs_mount_target") == {UNKNOWN, FAIL}
    assert planned("efs-backup", without=(SELECTION,)) == {lax: FAIL, strict: PASS, one: PASS}  # as EFS does itself
    assert unread("efs-backup", "aws_efs_backup_policy", SELECTION) == {UNKNOWN}


# --- Kinesis and KMS ----------------------------------------------------------------------------


def test_streams(aws: Client) -> None:
    kinesis = aws("kinesis")
    for name in ("lax", "strict"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.start_stream_encryption(StreamName="strict", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    arn = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream"
    check = "kinesis-unencrypted"
    assert pairs(verdicts(check), f"{arn}/lax", f"{arn}/strict", check) == as_expected(check)


def test_keys(aws: Client, allowed_only: Callable[..., Any]) -> None:
    kms = aws("kms")
    still, turning, signing, going = (
        kms.create_key(**more)["KeyMetadata"]["KeyId"]
        for more in ({}, {}, {"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"}, {})
    )
    kms.enable_key_rotation(KeyId=turning)
    kms.schedule_key_deletion(KeyId=going, PendingWindowInDays=7)
    rotation, deletion = "kms-rotation", "kms-key-pending-deletion"
    found = verdicts(rotation, deletion)
    assert pairs(found, still, turning, rotation) == as_expected(rotation)
    assert pairs(found, going, still, deletion) == as_expected(deletion)
    assert (found[rotation, signing], found[rotation, going]) == (PASS, PASS)
    with allowed_only("kms:ListKeys", "kms:DescribeKey", "kms:ListResourceTags"):
        assert verdicts(rotation)[rotation, still] is UNKNOWN


# --- ElastiCache --------------------------------------------------------------------------------

CACHES = (
    "elasticache-single-az",
    "elasticache-auto-failover",
    "elasticache-backup",
    "elasticache-encryption-rest",
    "elasticache-encryption-transit",
)


def test_caches() -> None:
    arn = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:replicationgroup"
    off = {"AutomaticFailover": "disabled", "MultiAZ": "disabled", "SnapshotRetentionLimit": 0}
    lax = off | {"AtRestEncryptionEnabled": False, "TransitEncryptionEnabled": False}
    on = {"AutomaticFailover": "enabled", "MultiAZ": "enabled", "SnapshotRetentionLimit": 1}
    strict = on | {"AtRestEncryptionEnabled": True, "TransitEncryptionEnabled": True}
    modes = {"strict": strict | {"TransitEncryptionMode": "required"}}
    modes |= {"lax": lax, "moving": strict | {"TransitEncryptionMode": "preferred"}}
    groups = [{"ReplicationGroupId": name, "ARN": f"{arn}:{name}"} | each for name, each in modes.items()]
    clusters = [
        {"CacheClusterId": name, "ARN": f"{arn}:{name}", "Engine": engine, "SnapshotRetentionLimit": 0}
        for name, engine in (("alone", "redis"), ("pages", "memcached"))
    ]
    answers = said(
        "elasticache",
        DescribeReplicationGroups={"ReplicationGroups": groups},
        DescribeCacheClusters={"CacheClusters": clusters},
        ListTagsForResource={"TagList": []},
    )
    with answering(answers):
        found = verdicts(*CACHES)
    assert pairs(found, "lax", "strict", *CACHES) == as_expected(*CACHES)
    assert found["elasticache-encryption-transit", "moving"] is FAIL
    assert (found["elasticache-backup", "alone"], found["elasticache-backup", "pages"]) == (FAIL, PASS)
    assert refused_all(answers, "aws_elasticache_replication_group", *CACHES) == {UNKNOWN}


# --- MQ, MSK and DMS ----------------------------------------------------------------------------


def test_brokers() -> None:
    checks = ("mq-broker-public", "mq-broker-single-instance")
    arn = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker"
    brokers = {
        "lax": {"publiclyAccessible": True, "deploymentMode": "SINGLE_INSTANCE"},
        "strict": {"publiclyAccessible": False, "deploymentMode": "ACTIVE_STANDBY_MULTI_AZ"},
    }
    answers: dict[str, Any] = {
        f"GET /v1/brokers/{name}": {"brokerId": name, "brokerName": name, "brokerArn": f"{arn}:{name}"} | more
        for name, more in brokers.items()
    }
    answers["GET /v1/brokers"] = {"brokerSummaries": [{"brokerId": name} for name in brokers]}
    with answering(answers):
        assert pairs(verdicts(*checks), "lax", "strict", *checks) == as_expected(*checks)
    assert refused_all(answers, "aws_mq_broker", *checks) == {UNKNOWN}


def kafka(name: str, public: str, client: dict[str, Any] | None, wire: str) -> dict[str, Any]:
    provisioned = {
        "brokerNodeGroupInfo": {
            "clientSubnets": ["subnet-a", "subnet-b"],
            "connectivityInfo": {"publicAccess": {"type": public}},
        },
        "encryptionInfo": {"encryptionInTransit": {"clientBroker": wire, "inCluster": True}},
    } | ({} if client is None else {"clientAuthentication": client})
    return {"clusterType": "PROVISIONED", "clusterArn": name, "clusterName": name, "provisioned": provisioned}


def test_kafka() -> None:
    checks = ("msk-public", "msk-unauthenticated", "msk-in-transit")
    sasl = {"sasl": {"iam": {"enabled": True}, "scram": {"enabled": False}}}
    clusters = [
        kafka("lax", "SERVICE_PROVIDED_EIPS", sasl | {"unauthenticated": {"enabled": True}}, "TLS_PLAINTEXT"),
        kafka("strict", "DISABLED", sasl | {"unauthenticated": {"enabled": False}}, "TLS"),
        kafka("bare", "DISABLED", None, "PLAINTEXT"),
        kafka("signed", "DISABLED", {"tls": {"enabled": True, "certificateAuthorityArnList": ["arn:ca"]}}, "TLS"),
    ]
    answers: dict[str, Any] = {"GET /api/v2/clusters": {"clusterInfoList": clusters}}
    with answering(answers):
        found = verdicts(*checks)
    assert pairs(found, "lax", "strict", *checks) == as_expected(*checks)
    assert pairs(found, "bare", "signed", *checks[1:]) == as_expected(*checks[1:])
    assert refused_all(answers, "aws_msk_cluster", *checks) == {UNKNOWN}


@pytest.mark.parametrize(("zones", "status"), [("aa", FAIL), ("ab", PASS), ("a", UNKNOWN)])
def test_zones_of_kafka(zones: str, status: Status) -> None:
    cluster = live("aws_msk_cluster", broker_node_group_info=[{"client_subnets": ["subnet-0", "subnet-1"]}])
    subnets = [live("aws_subnet", f"subnet-{number}", availability_zone=zone) for number, zone in enumerate(zones)]
    assert judged("msk-single-az", cluster, *subnets).status is status


def test_replication_instances() -> None:
    check = "dms-instance-public"
    instances = [
        {"ReplicationInstanceIdentifier": name, "ReplicationInstanceArn": name, "PubliclyAccessible": public}
        for name, public in (("lax", True), ("strict", False))
    ]
    answers: dict[str, Any] = {
        "DescribeReplicationInstances": {"ReplicationInstances": instances},
        "ListTagsForResource": {"TagList": []},
    }
    with answering(answers):
        assert pairs(verdicts(check), "lax", "strict", check) == as_expected(check)
    assert refused_all(answers, "aws_dms_replication_instance", check) == {UNKNOWN}


# --- OpenSearch ---------------------------------------------------------------------------------

DOMAINS = (
    "opensearch-encryption-rest",
    "opensearch-node-to-node",
    "opensearch-https",
    "opensearch-data-nodes-az",
    "opensearch-master-nodes",
)


def domain(api: Any, name: str, on: bool, tls: str, **nodes: Any) -> str:
    made = api.create_domain(
        DomainName=name,
        EngineVersion="OpenSearch_2.11",
        EncryptionAtRestOptions={"Enabled": on},
        NodeToNodeEncryptionOptions={"Enabled": on},
        DomainEndpointOptions={"EnforceHTTPS": on, "TLSSecurityPolicy": tls},
        ClusterConfig={"InstanceType": "r6g.large.search", **nodes},
    )
    return str(made["DomainStatus"]["ARN"])


def test_domains(aws: Client) -> None:
    api = aws("opensearch")
    lax = domain(api, "lax", False, "Policy-Min-TLS-1-0-2019-07", InstanceCount=1)
    masters = {"DedicatedMasterEnabled": True, "DedicatedMasterCount": 3}
    good = "Policy-Min-TLS-1-2-PFS-2023-10"
    strict = domain(api, "strict", True, good, InstanceCount=3, ZoneAwarenessEnabled=True, **masters)
    assert pairs(verdicts(*DOMAINS), lax, strict, *DOMAINS) == as_expected(*DOMAINS)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ([], FAIL),
        ([{"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-0-2019-07"}], FAIL),
        ([{"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}], PASS),
        ([{"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-3-2030-01"}], UNKNOWN),
        ([{"enforce_https": True, "tls_security_policy": None}], UNKNOWN),
    ],
)
def test_endpoints_of_domains(options: list[Any], status: Status) -> None:
    assert judged("opensearch-https", live("aws_opensearch_domain", domain_endpoint_options=options)).status is status


# --- Redshift -----------------------------------------------------------------------------------

WAREHOUSES = ("redshift-public", "redshift-unencrypted", "redshift-tls", "redshift-snapshots")


def warehouse(redshift: Any, name: str, **more: Any) -> None:
    login = {"MasterUsername": "shop", "MasterUserPassword": "Shop-shop1"}
    redshift.create_cluster(ClusterIdentifier=name, NodeType="ra3.large", **login, **more)


def test_warehouses(aws: Client) -> None:
    redshift = aws("redshift")
    for name in ("lax", "strict"):
        family = {"ParameterGroupFamily": "redshift-1.0", "Description": name}
        redshift.create_cluster_parameter_group(ParameterGroupName=name, **family)
    warehouse(redshift, "lax", PubliclyAccessible=True, Encrypted=False, ClusterParameterGroupName="lax")
    kept = {"AutomatedSnapshotRetentionPeriod": 7, "ClusterParameterGroupName": "strict"}
    warehouse(redshift, "strict", PubliclyAccessible=False, Encrypted=True, **kept)
    found = verdicts(*WAREHOUSES)
    checks = [each for each in WAREHOUSES if each != "redshift-tls"]
    assert pairs(found, "lax", "strict", *checks) == as_expected(*checks)
    assert found["redshift-tls", "lax"] is FAIL  # moto sets no parameters
    assert unread("redshift-tls", "aws_redshift_parameter_group") == {UNKNOWN}
    copied = "redshift-snapshot-copy"
    redshift.create_snapshot_copy_grant(SnapshotCopyGrantName="far")
    far = {"DestinationRegion": "eu-central-1", "SnapshotCopyGrantName": "far"}
    redshift.enable_snapshot_copy(ClusterIdentifier="strict", **far)
    assert planned(copied) == {"lax": FAIL, "strict": PASS}
    assert unread(copied, "aws_redshift_snapshot_copy", SELECTION, PLAN) == {UNKNOWN}


@pytest.mark.parametrize(
    ("family", "value", "status"),
    [
        ("redshift-1.0", None, FAIL),
        ("redshift-2.0", None, PASS),
        ("redshift-2.0", "false", FAIL),
        ("redshift-1.0", "true", PASS),
        ("redshift-9.0", None, UNKNOWN),
    ],
)
def test_tls_of_warehouses(family: str, value: str | None, status: Status) -> None:
    parameters = [{"name": "require_ssl", "value": value}] if value else []
    group = live("aws_redshift_parameter_group", "own", name="own", family=family, parameter=parameters)
    cluster = live("aws_redshift_cluster", cluster_parameter_group_name="own")
    assert judged("redshift-tls", cluster, group).status is status


@pytest.mark.parametrize(("multi_az", "status"), [(False, FAIL), (True, PASS)])
def test_zones_of_warehouses(multi_az: bool, status: Status) -> None:
    assert judged("redshift-single-az", live("aws_redshift_cluster", multi_az=multi_az)).status is status


def test_a_default_that_hangs_on_the_provider_is_unknown() -> None:
    silent = live("aws_redshift_cluster", publicly_accessible=None, encrypted=None)
    assert {judged(check, silent).status for check in ("redshift-public", "redshift-unencrypted")} == {UNKNOWN}

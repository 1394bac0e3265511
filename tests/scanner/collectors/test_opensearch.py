import json

import pytest

from scanner.collectors.opensearch import COLLECTORS, DOMAIN, DOMAIN_POLICY
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:es:{REGION}:{ACCOUNT}:domain"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*"}]})
SAML = {"Enabled": True, "Idp": {"EntityId": "https://idp", "MetadataContent": "<xml/>"}, "SessionTimeoutMinutes": 60}


def domain(name, **more):
    return {
        "DomainId": f"{ACCOUNT}/{name}",
        "DomainName": name,
        "ARN": f"{ARN}/{name}",
        "Deleted": False,
        "Endpoints": {"vpc": "e"},
        "EngineVersion": "OpenSearch_2.11",
        "ClusterConfig": {
            "InstanceType": "m6g.large.search",
            "InstanceCount": 2,
            "DedicatedMasterEnabled": False,
            "ZoneAwarenessEnabled": True,
            "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2},
            "WarmEnabled": False,
            "ColdStorageOptions": {"Enabled": False},
            "MultiAZWithStandbyEnabled": False,
        },
        "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 20, "Iops": 3000, "Throughput": 125},
        "AccessPolicies": POLICY,
        "SnapshotOptions": {"AutomatedSnapshotStartHour": 0},
        "VPCOptions": {"VPCId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
        "CognitoOptions": {"Enabled": False},
        "EncryptionAtRestOptions": {"Enabled": True, "KmsKeyId": "arn:aws:kms:eu-west-1:1:key/k"},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
        "AdvancedOptions": {"rest.action.multi.allow_explicit_index": "true", "indices.fielddata.cache.size": "40"},
        "LogPublishingOptions": {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:log", "Enabled": True}},
        "ServiceSoftwareOptions": {"UpdateAvailable": True},
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        "AdvancedSecurityOptions": {"Enabled": True, "InternalUserDatabaseEnabled": True, "SAMLOptions": SAML},
        "AutoTuneOptions": {"State": "ENABLED", "UseOffPeakWindow": False},
        "OffPeakWindowOptions": {"Enabled": True, "OffPeakWindow": {"WindowStartTime": {"Hours": 22, "Minutes": 0}}},
        "SoftwareUpdateOptions": {"AutoSoftwareUpdateEnabled": False},
    } | more


OLD = {"EngineVersion": "Elasticsearch_7.10", "AccessPolicies": "", "AdvancedSecurityOptions": {"Enabled": False}}
DESCRIBED = {"DomainStatusList": [domain("shop"), domain("old", **OLD)]}
ANSWERS = {
    "GET /2021-01-01/domain": {"DomainNames": [{"DomainName": each} for each in ("shop", "old")]},
    "POST /2021-01-01/opensearch/domain-info": DESCRIBED,
    "GET /2021-01-01/tags": {"TagList": [{"Key": "team", "Value": "shop"}]},
}


@pytest.fixture(scope="module")
def live():
    """All of them, read at once."""
    with answering(ANSWERS) as it:
        inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    assert len([each for each in it.asked if "tags" not in each]) == 2
    return inventory


def named(live, name, type="aws_opensearch_domain"):
    [found] = [each for each in live.of(type) if each["domain_name"] == name]
    return found


def test_domain(live):
    assert whole(named(live, "shop")) == {
        "its id": f"{ARN}/shop",
        "its identity": "shop",
        "its arn": f"{ARN}/shop",
        "its owner": None,
        "advanced_options": {"indices.fielddata.cache.size": "40", "rest.action.multi.allow_explicit_index": "true"},
        "advanced_security_options": [{"enabled": True, "internal_user_database_enabled": True}],
        "arn": f"{ARN}/shop",
        "auto_tune_options": [{"desired_state": "ENABLED", "use_off_peak_window": False}],
        "cluster_config": [
            {
                "cold_storage_options": [{"enabled": False}],
                "dedicated_master_enabled": False,
                "instance_count": 2,
                "instance_type": "m6g.large.search",
                "multi_az_with_standby_enabled": False,
                "warm_enabled": False,
                "zone_awareness_config": [{"availability_zone_count": 2}],
                "zone_awareness_enabled": True,
            }
        ],
        "cognito_options": [{"enabled": False}],
        "domain_endpoint_options": [{"enforce_https": True, "tls_security_policy": "Policy-Min-TLS-1-2-2019-07"}],
        "domain_id": f"{ACCOUNT}/shop",
        "domain_name": "shop",
        "ebs_options": [
            {"ebs_enabled": True, "iops": 3000, "throughput": 125, "volume_size": 20, "volume_type": "gp3"}
        ],
        "encrypt_at_rest": [{"enabled": True, "kms_key_id": "arn:aws:kms:eu-west-1:1:key/k"}],
        "endpoint": "e",
        "engine_version": "OpenSearch_2.11",
        "log_publishing_options": [{"cloudwatch_log_group_arn": "arn:log", "enabled": True, "log_type": "AUDIT_LOGS"}],
        "node_to_node_encryption": [{"enabled": True}],
        "off_peak_window_options": [
            {"enabled": True, "off_peak_window": [{"window_start_time": [{"hours": 22, "minutes": 0}]}]}
        ],
        "snapshot_options": [{"automated_snapshot_start_hour": 0}],
        "software_update_options": [{"auto_software_update_enabled": False}],
        "tags": {"team": "shop"},
        "vpc_options": [{"security_group_ids": ["sg-1"], "subnet_ids": ["subnet-1", "subnet-2"], "vpc_id": "vpc-1"}],
    }
    assert named(live, "shop").fact("service_software_update_available") is True


MASTER = [{"master_user_name": "root", "master_user_password": "x"}]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"vpc_options": [{"subnet_ids": ["subnet-2", "subnet-1"], "security_group_ids": ["sg-1"]}]}, None),
        ({"advanced_options": {"indices.fielddata.cache.size": "40"}}, None),
        ({"advanced_options": {"indices.fielddata.cache.size": "20"}}, "advanced_options"),
        ({"auto_tune_options": [], "off_peak_window_options": [], "cognito_options": []}, None),
        ({"auto_tune_options": [{"desired_state": "DISABLED"}]}, "auto_tune_options[0].desired_state"),
        ({"encrypt_at_rest": [{"enabled": False}]}, "encrypt_at_rest"),
        ({"node_to_node_encryption": []}, "node_to_node_encryption"),
        ({"log_publishing_options": []}, "log_publishing_options"),
        (
            {
                "advanced_security_options": [
                    {"enabled": True, "internal_user_database_enabled": True, "master_user_options": MASTER}
                ]
            },
            None,
        ),
    ],
)
def test_what_is_drift(live, said, path):
    shop = named(live, "shop")
    found = {each for _, of, each in told(live, [DOMAIN], twin(shop, **said)) if each}
    assert found == ({path} if path else set())


def test_elasticsearch_is_declared_in_older_words(live):
    size = {"instance_type": "m6g.large.elasticsearch", "instance_count": 2}
    said = {"domain_name": "old", "elasticsearch_version": "7.10", "cluster_config": [size]}
    older = declared("aws_elasticsearch_domain", f"{ARN}/old", **said)
    found = {each for each in told(live, [DOMAIN], older) if each[0] != "unmanaged"}
    assert found == set()
    newer = declared("aws_elasticsearch_domain", f"{ARN}/old", **said | {"elasticsearch_version": "7.9"})
    found = {each for each in told(live, [DOMAIN], newer) if each[0] != "unmanaged"}
    assert found == {("changed", "aws_opensearch_domain", "engine_version")}


def test_policy_is_declared_by_itself_or_by_the_domain(live):
    policy = only(live, "aws_opensearch_domain_policy")
    assert whole(policy) == {
        "its id": "esd-policy-shop",
        "its identity": "shop",
        "its arn": None,
        "its owner": None,
        "access_policies": POLICY,
        "domain_name": "shop",
    }
    kinds, shop, old = [DOMAIN, DOMAIN_POLICY], named(live, "shop"), twin(named(live, "old"))
    changed = json.dumps({"Version": "2012-10-17", "Statement": []})
    assert told(live, kinds, old, twin(shop, access_policies=POLICY)) == set()
    assert told(live, kinds, old, twin(shop), twin(policy)) == set()
    shut = {("changed", "aws_opensearch_domain", "access_policies.Statement[0]")}
    assert told(live, kinds, old, twin(shop, access_policies=changed)) == shut
    older = declared("aws_elasticsearch_domain_policy", "x", domain_name="shop", access_policies=changed)
    own = {("changed", "aws_opensearch_domain_policy", "access_policies.Statement[0]")}
    assert told(live, kinds, old, twin(shop), older) == own


def test_saml_options(live):
    found = named(live, "shop", "aws_opensearch_domain_saml_options")
    idp = {"entity_id": "https://idp", "metadata_content": "<xml/>"}
    block = {"enabled": True, "idp": [idp], "session_timeout_minutes": 60}
    assert whole(found) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": None,
        "its owner": None,
        "domain_name": "shop",
        "saml_options": [block],
    }
    kinds = [each for each in COLLECTORS if each.type == found.type]
    silent = {"enabled": True, "idp": [idp], "session_timeout_minutes": 0, "master_user_name": "root"}
    assert told(live, kinds, twin(found, saml_options=[silent])) == set()
    assert told(live, kinds) == {("unmanaged", found.type, "")}


def test_domains_are_described_five_at_a_time(aws):
    names = {f"domain-{number}" for number in range(6)}
    for name in names:
        aws("opensearch").create_domain(DomainName=name, TagList=[{"Key": "team", "Value": "shop"}])
    inventory = read(*COLLECTORS)
    assert inventory.gaps == []
    found = inventory.of(DOMAIN.type)
    assert {each["domain_name"] for each in found} == names
    assert all(each.tags == {"team": "shop"} for each in found)


def test_refused_tags_are_unknown():
    with answering({name: each for name, each in ANSWERS.items() if "tags" not in name}):
        inventory = read(DOMAIN)
    assert [set(each.unknown) for each in inventory.of(DOMAIN.type)] == [{"tags"}] * 2
    assert {each.permission for each in inventory.gaps} == {"es:ListTags"}

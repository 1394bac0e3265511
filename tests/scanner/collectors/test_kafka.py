from base64 import b64encode

from scanner.collectors.kafka import CLUSTER, COLLECTORS, CONFIGURATION, SCRAM_SECRETS, SERVERLESS, logging
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:kafka:{REGION}:{ACCOUNT}"
SHOP, CALM, SET = f"{ARN}:cluster/shop/u-1", f"{ARN}:cluster/calm/u-2", f"{ARN}:configuration/set/u-3"


def quoted(text):
    return text.replace(":", "%3A").replace("/", "%2F")


PROVISIONED = {
    "brokerNodeGroupInfo": {
        "brokerAZDistribution": "DEFAULT",
        "clientSubnets": ["subnet-2", "subnet-1"],
        "instanceType": "kafka.m5.large",
        "securityGroups": ["sg-1"],
        "storageInfo": {"ebsStorageInfo": {"volumeSize": 100}},
        "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
    },
    "currentBrokerSoftwareInfo": {"kafkaVersion": "3.6.0", "configurationArn": SET, "configurationRevision": 2},
    "clientAuthentication": {
        "sasl": {"scram": {"enabled": True}, "iam": {"enabled": False}},
        "tls": {"enabled": False},
    },
    "encryptionInfo": {
        "encryptionAtRest": {"dataVolumeKMSKeyId": "arn:k"},
        "encryptionInTransit": {"clientBroker": "TLS", "inCluster": True},
    },
    "enhancedMonitoring": "DEFAULT",
    "numberOfBrokerNodes": 2,
    "loggingInfo": {"brokerLogs": {"cloudWatchLogs": {"enabled": False}, "s3": {"enabled": True, "bucket": "logs"}}},
    "openMonitoring": {
        "prometheus": {"jmxExporter": {"enabledInBroker": False}, "nodeExporter": {"enabledInBroker": False}}
    },
    "storageMode": "LOCAL",
    "zookeeperConnectString": "z-1:2181",
}
CLUSTERS = [
    {
        "clusterType": "PROVISIONED",
        "clusterArn": SHOP,
        "clusterName": "shop",
        "state": "ACTIVE",
        "tags": {"team": "shop"},
    }
    | {"provisioned": PROVISIONED, "currentVersion": "K1"},
    {"clusterType": "SERVERLESS", "clusterArn": CALM, "clusterName": "calm", "state": "ACTIVE"}
    | {
        "serverless": {
            "vpcConfigs": [{"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}],
            "clientAuthentication": {"sasl": {"iam": {"enabled": True}}},
        }
    },
]
REVISION = f"GET /v1/configurations/{quoted(SET)}/revisions/2"
ANSWERS = {
    "GET /api/v2/clusters": {"clusterInfoList": CLUSTERS},
    f"GET /v1/clusters/{quoted(SHOP)}/scram-secrets": {"secretArnList": ["arn:s2", "arn:s1"]},
    "GET /v1/configurations": {
        "configurations": [
            {
                "arn": SET,
                "name": "set",
                "kafkaVersions": ["3.6.0"],
                "latestRevision": {"revision": 2, "description": "d"},
                "state": "ACTIVE",
            }
        ]
    },
    REVISION: {
        "arn": SET,
        "revision": 2,
        "serverProperties": b64encode(b"# ours\nauto.create.topics.enable = true\n").decode(),
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_cluster():
    found = only(seen(CLUSTER), CLUSTER.type)
    assert whole(found) == {
        "its id": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "its identity": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "its arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "its owner": None,
        "arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "broker_node_group_info": [
            {
                "az_distribution": "DEFAULT",
                "client_subnets": ["subnet-2", "subnet-1"],
                "connectivity_info": [{"public_access": [{"type": "DISABLED"}]}],
                "instance_type": "kafka.m5.large",
                "security_groups": ["sg-1"],
                "storage_info": [{"ebs_storage_info": [{"volume_size": 100}]}],
            }
        ],
        "client_authentication": [{"sasl": [{"iam": False, "scram": True}]}],
        "cluster_name": "shop",
        "cluster_uuid": "u-1",
        "configuration_info": [{"arn": "arn:aws:kafka:eu-west-1:123456789012:configuration/set/u-3", "revision": 2}],
        "current_version": "K1",
        "encryption_info": [
            {
                "encryption_at_rest_kms_key_arn": "arn:k",
                "encryption_in_transit": [{"client_broker": "TLS", "in_cluster": True}],
            }
        ],
        "enhanced_monitoring": "DEFAULT",
        "kafka_version": "3.6.0",
        "logging_info": [
            {"broker_logs": [{"cloudwatch_logs": [{"enabled": False}], "s3": [{"bucket": "logs", "enabled": True}]}]}
        ],
        "number_of_broker_nodes": 2,
        "open_monitoring": [
            {
                "prometheus": [
                    {"jmx_exporter": [{"enabled_in_broker": False}], "node_exporter": [{"enabled_in_broker": False}]}
                ]
            }
        ],
        "storage_mode": "LOCAL",
        "zookeeper_connect_string": "z-1:2181",
        "tags": {"team": "shop"},
    }
    [nodes], [logs] = found["broker_node_group_info"], found["logging_info"][0]["broker_logs"]
    said = twin(
        found,
        broker_node_group_info=[nodes | {"client_subnets": ["subnet-1", "subnet-2"], "connectivity_info": []}],
        logging_info=[{"broker_logs": [{"s3": logs["s3"], "cloudwatch_logs": [], "firehose": []}]}],
        open_monitoring=[],
        encryption_info=[],
    )
    assert told(seen(CLUSTER), COLLECTORS, said) == set()
    lost = twin(found, logging_info=[], broker_node_group_info=[nodes | {"instance_type": "kafka.m5.xlarge"}])
    assert told(seen(CLUSTER), COLLECTORS, lost) == {
        ("changed", CLUSTER.type, "broker_node_group_info[0].instance_type"),
        ("changed", CLUSTER.type, "logging_info"),
    }
    assert logging([{"broker_logs": [{"s3": [{"enabled": False, "bucket": "b"}]}]}]) is None


def test_serverless():
    found = only(seen(SERVERLESS), SERVERLESS.type)
    assert whole(found) == {
        "its id": "arn:aws:kafka:eu-west-1:123456789012:cluster/calm/u-2",
        "its identity": "arn:aws:kafka:eu-west-1:123456789012:cluster/calm/u-2",
        "its arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/calm/u-2",
        "its owner": None,
        "arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/calm/u-2",
        "client_authentication": [{"sasl": [{"iam": [{"enabled": True}]}]}],
        "cluster_name": "calm",
        "cluster_uuid": "u-2",
        "vpc_config": [{"security_group_ids": ["sg-1"], "subnet_ids": ["subnet-1"]}],
    }
    assert told(seen(SERVERLESS), COLLECTORS, twin(found, client_authentication=[])) == {
        ("changed", SERVERLESS.type, "client_authentication")
    }


def test_scram_secrets():
    found = only(seen(SCRAM_SECRETS), SCRAM_SECRETS.type)
    assert whole(found) == {
        "its id": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "its identity": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "its arn": None,
        "its owner": None,
        "cluster_arn": "arn:aws:kafka:eu-west-1:123456789012:cluster/shop/u-1",
        "secret_arn_list": ["arn:s2", "arn:s1"],
    }
    assert told(seen(SCRAM_SECRETS), COLLECTORS, twin(found, secret_arn_list=["arn:s1", "arn:s2"])) == set()


def test_configuration():
    found = only(seen(CONFIGURATION), CONFIGURATION.type)
    assert whole(found) == {
        "its id": "arn:aws:kafka:eu-west-1:123456789012:configuration/set/u-3",
        "its identity": "arn:aws:kafka:eu-west-1:123456789012:configuration/set/u-3",
        "its arn": "arn:aws:kafka:eu-west-1:123456789012:configuration/set/u-3",
        "its owner": None,
        "arn": "arn:aws:kafka:eu-west-1:123456789012:configuration/set/u-3",
        "description": "d",
        "kafka_versions": ["3.6.0"],
        "latest_revision": 2,
        "name": "set",
        "server_properties": "# ours\nauto.create.topics.enable = true\n",
    }
    said = twin(found, server_properties="auto.create.topics.enable = true")
    assert told(seen(CONFIGURATION), COLLECTORS, said) == set()
    assert told(seen(CONFIGURATION), COLLECTORS, twin(found, server_properties="a = b")) == {
        ("changed", CONFIGURATION.type, "server_properties")
    }


def test_denied():
    found = seen(CONFIGURATION, **{REVISION: refused("ForbiddenException", status=403)})
    assert list(only(found, CONFIGURATION.type).unknown) == ["server_properties"]
    assert len(found.gaps) == 1

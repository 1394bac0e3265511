"""Amazon MSK: Kafka clusters, with brokers of their own or without, and what configures them."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    converted,
    unordered,
    volatile,
)
from scanner.aws.texts import last
from scanner.collectors.appautoscaling import scaled
from scanner.collectors.cognito import if_said
from state.forms import IF_DECLARED, UNORDERED, Form, defaulting, plain
from state.noise import Difference
from state.schema import Parent

GONE = ("NotFoundException",)
FACTS = {
    "creation_time": "CreationTime",
    "pending_deletion": "State=='DELETING'",
    "state": "State",
}


# --- clusters with brokers ------------------------------------------------------------------------

P = "Provisioned"
NODES = f"{P}.BrokerNodeGroupInfo"


def logging(value: Any) -> Any:
    """A log that is switched off goes nowhere."""
    found = [
        {kind: [each for each in logs or () if each.get("enabled")] for kind, logs in (broker or {}).items()}
        for each in value or ()
        for broker in each.get("broker_logs") or ()
    ]
    return plain(found)


STORAGE = scaled("kafka", "kafka:broker-storage:VolumeSize", lambda found: str(found.actual["arn"]))


def storage_scaled(found: Difference) -> str:
    """Of all that a broker is, only its disk is scaled."""
    return STORAGE(found) if found.path.endswith(".volume_size") else ""


IN_TRANSIT = Form(inner={"client_broker": defaulting("TLS"), "in_cluster": defaulting(True)})


CLUSTER = Collector(
    type="aws_msk_cluster",
    service="kafka",
    fetch=Listing("list_clusters_v2", "ClusterInfoList[?ClusterType=='PROVISIONED']"),
    permissions=("kafka:ListClustersV2",),
    id="ClusterArn",
    attributes={
        "arn": "ClusterArn",
        "broker_node_group_info": Attribute(
            path=f"{NODES}.{{az_distribution: BrokerAZDistribution, client_subnets: ClientSubnets, "
            "connectivity_info: ConnectivityInfo && [ConnectivityInfo.{public_access: PublicAccess "
            "&& [PublicAccess.{type: Type}], vpc_connectivity: VpcConnectivity && [VpcConnectivity."
            "{client_authentication: ClientAuthentication && [ClientAuthentication.{sasl: Sasl "
            "&& [Sasl.{iam: Iam.Enabled, scram: Scram.Enabled}], tls: Tls.Enabled}]}]}], "
            "instance_type: InstanceType, security_groups: SecurityGroups, storage_info: StorageInfo "
            "&& [StorageInfo.{ebs_storage_info: EbsStorageInfo && [EbsStorageInfo.{"
            "provisioned_throughput: ProvisionedThroughput && [ProvisionedThroughput.{enabled: Enabled, "
            "volume_throughput: VolumeThroughput}], volume_size: VolumeSize}]}]}",
            form=Form(
                inner={
                    "az_distribution": defaulting("DEFAULT"),
                    "client_subnets": UNORDERED,
                    "connectivity_info": Form(inner={"public_access": Form(inner={"type": defaulting("DISABLED")})}),
                    "security_groups": UNORDERED,
                }
            ),
            convert=as_block,
        ),
        "client_authentication": block(
            f"{P}.ClientAuthentication.{{sasl: Sasl && [Sasl.{{iam: Iam.Enabled, scram: Scram.Enabled}}], "
            "tls: Tls.CertificateAuthorityArnList && [Tls.{"
            "certificate_authority_arns: CertificateAuthorityArnList}], unauthenticated: Unauthenticated.Enabled}",
            tls=Form(inner={"certificate_authority_arns": UNORDERED}),
            unauthenticated=IF_DECLARED,
        ),
        "cluster_name": "ClusterName",
        "cluster_uuid": converted("ClusterArn", last),
        "configuration_info": block(
            f"{P}.CurrentBrokerSoftwareInfo.ConfigurationArn && {P}.CurrentBrokerSoftwareInfo."
            "{arn: ConfigurationArn, revision: ConfigurationRevision}"
        ),
        "current_version": volatile("CurrentVersion"),
        "encryption_info": Attribute(
            path=f"{P}.EncryptionInfo.{{encryption_at_rest_kms_key_arn: EncryptionAtRest.DataVolumeKMSKeyId, "
            "encryption_in_transit: EncryptionInTransit && [EncryptionInTransit.{client_broker: ClientBroker, "
            "in_cluster: InCluster}]}",
            form=if_said(encryption_at_rest_kms_key_arn=IF_DECLARED, encryption_in_transit=IN_TRANSIT),
            convert=as_block,
        ),
        "enhanced_monitoring": Attribute(path=f"{P}.EnhancedMonitoring", form=defaulting("DEFAULT")),
        "kafka_version": f"{P}.CurrentBrokerSoftwareInfo.KafkaVersion",
        "logging_info": Attribute(
            path=f"{P}.LoggingInfo.{{broker_logs: BrokerLogs && [BrokerLogs.{{cloudwatch_logs: CloudWatchLogs "
            "&& [CloudWatchLogs.{enabled: Enabled, log_group: LogGroup}], firehose: Firehose "
            "&& [Firehose.{delivery_stream: DeliveryStream, enabled: Enabled}], "
            "s3: S3 && [S3.{bucket: Bucket, enabled: Enabled, prefix: Prefix}]}]}",
            form=Form(canonical=logging),
            convert=as_block,
        ),
        "number_of_broker_nodes": f"{P}.NumberOfBrokerNodes",
        "open_monitoring": block(
            f"{P}.OpenMonitoring.{{prometheus: Prometheus && [Prometheus.{{jmx_exporter: JmxExporter "
            "&& [JmxExporter.{enabled_in_broker: EnabledInBroker}], node_exporter: NodeExporter "
            "&& [NodeExporter.{enabled_in_broker: EnabledInBroker}]}]}"
        ),
        "storage_mode": f"{P}.StorageMode",
        "zookeeper_connect_string": volatile(f"{P}.ZookeeperConnectString"),
        "zookeeper_connect_string_tls": volatile(f"{P}.ZookeeperConnectStringTls"),
    },
    excuses={"broker_node_group_info": storage_scaled},
    facts=FACTS,
    tags="Tags",
)

SERVERLESS = Collector(
    type="aws_msk_serverless_cluster",
    service="kafka",
    fetch=Listing("list_clusters_v2", "ClusterInfoList[?ClusterType=='SERVERLESS']"),
    permissions=("kafka:ListClustersV2",),
    id="ClusterArn",
    attributes={
        "arn": "ClusterArn",
        "client_authentication": block(
            "Serverless.ClientAuthentication.{sasl: Sasl && [Sasl.{iam: Iam && [Iam.{enabled: Enabled}]}]}"
        ),
        "cluster_name": "ClusterName",
        "cluster_uuid": converted("ClusterArn", last),
        "vpc_config": block(
            "Serverless.VpcConfigs[].{security_group_ids: SecurityGroupIds, subnet_ids: SubnetIds}",
            security_group_ids=UNORDERED,
            subnet_ids=UNORDERED,
        ),
    },
    facts=FACTS,
    tags="Tags",
)

SCRAM_SECRETS = Collector(
    type="aws_msk_scram_secret_association",
    service="kafka",
    fetch=Listing(
        "list_clusters_v2",
        "ClusterInfoList[?ClusterType=='PROVISIONED' && Provisioned.ClientAuthentication.Sasl.Scram.Enabled]",
    ),
    details=(
        Detail(
            operation="list_scram_secrets",
            arguments={"ClusterArn": "ClusterArn"},
            into="Known",
            gone=GONE,
            holds="SecretArnList",
            essential=True,
        ),
    ),
    permissions=("kafka:ListClustersV2", "kafka:ListScramSecrets"),
    id="ClusterArn",
    identity=("cluster_arn",),
    parent=Parent(type="aws_msk_cluster", by="cluster_arn", part="scram_secret_association"),
    attributes={"cluster_arn": "ClusterArn", "secret_arn_list": unordered("Known.SecretArnList")},
)

# --- configurations -------------------------------------------------------------------------------


def text(found: Any) -> str | None:
    return found.decode() if isinstance(found, bytes) else found


def properties(value: Any) -> Any:
    """The lines of a properties file that say something."""
    lines = (each.strip() for each in str(value or "").splitlines())
    return [each for each in lines if each and not each.startswith("#")] or None


CONFIGURATION = Collector(
    type="aws_msk_configuration",
    service="kafka",
    fetch=Listing("list_configurations", "Configurations"),
    details=(
        Detail(
            operation="describe_configuration_revision",
            arguments={"Arn": "Arn", "Revision": "LatestRevision.Revision"},
            into="Revised",
            gone=GONE,
        ),
    ),
    permissions=("kafka:ListConfigurations", "kafka:DescribeConfigurationRevision"),
    id="Arn",
    attributes={
        "arn": "Arn",
        "description": "LatestRevision.Description",
        "kafka_versions": unordered("KafkaVersions"),
        "latest_revision": volatile("LatestRevision.Revision"),
        "name": "Name",
        "server_properties": converted("Revised.ServerProperties", text, Form(canonical=properties)),
    },
    facts=FACTS,
)

COLLECTORS = [CLUSTER, CONFIGURATION, SCRAM_SECRETS, SERVERLESS]

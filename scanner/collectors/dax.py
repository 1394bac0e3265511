"""Amazon DynamoDB Accelerator: clusters, and the groups of subnets and parameters they are made with."""

from __future__ import annotations

from scanner.aws.collector import Attribute, Collector, Detail, Listing, block, caseless, converted, unordered, volatile
from scanner.collectors.rds_groups import PARAMETER, made_by_aws, parameters
from state.forms import defaulting

GONE = ("ClusterNotFoundFault", "ParameterGroupNotFoundFault", "InvalidARNFault")

CLUSTER = Collector(
    type="aws_dax_cluster",
    service="dax",
    fetch=Listing("describe_clusters", "Clusters"),
    details=(Detail(operation="list_tags", arguments={"ResourceName": "ClusterArn"}, into="Tagging", gone=GONE),),
    permissions=("dax:DescribeClusters", "dax:ListTags"),
    id="ClusterName",
    identity=("cluster_name",),
    attributes={
        "arn": "ClusterArn",
        "availability_zones": volatile("Nodes[].AvailabilityZone"),  # those asked for, or AWS's choice
        "cluster_address": volatile("ClusterDiscoveryEndpoint.Address"),
        "cluster_endpoint_encryption_type": Attribute(path="ClusterEndpointEncryptionType", form=defaulting("NONE")),
        "cluster_name": caseless("ClusterName"),
        "configuration_endpoint": volatile(
            "ClusterDiscoveryEndpoint.Address"
            " && join(':', [ClusterDiscoveryEndpoint.Address, to_string(ClusterDiscoveryEndpoint.Port)])"
        ),
        "description": "Description",
        "iam_role_arn": "IamRoleArn",
        "maintenance_window": caseless("PreferredMaintenanceWindow"),
        "node_type": "NodeType",
        "nodes": volatile(
            "Nodes[].{address: Endpoint.Address, availability_zone: AvailabilityZone, id: NodeId, port: Endpoint.Port}"
        ),
        "notification_topic_arn": "NotificationConfiguration.TopicStatus=='active'"
        " && NotificationConfiguration.TopicArn || `null`",
        "parameter_group_name": "ParameterGroup.ParameterGroupName",
        "port": volatile("ClusterDiscoveryEndpoint.Port"),
        "replication_factor": "TotalNodes",
        "security_group_ids": unordered("SecurityGroups[].SecurityGroupIdentifier"),
        "server_side_encryption": block("SSEDescription.{enabled: contains(['ENABLED', 'ENABLING'], Status)}"),
        "subnet_group_name": "SubnetGroup",
    },
    facts={"pending_deletion": "Status=='deleting'", "status": "Status"},
    tags="Tagging.Tags",
)

SUBNET_GROUP = Collector(
    type="aws_dax_subnet_group",
    service="dax",
    fetch=Listing("describe_subnet_groups", "SubnetGroups"),
    permissions=("dax:DescribeSubnetGroups",),
    id="SubnetGroupName",
    identity=("name",),
    owner=made_by_aws("SubnetGroupName", "default."),
    attributes={
        "description": "Description",
        "name": "SubnetGroupName",
        "subnet_ids": unordered("Subnets[].SubnetIdentifier"),
        "vpc_id": "VpcId",
    },
)

PARAMETER_GROUP = Collector(
    type="aws_dax_parameter_group",
    service="dax",
    fetch=Listing("describe_parameter_groups", "ParameterGroups"),
    details=(
        Detail(
            operation="describe_parameters",
            arguments={"ParameterGroupName": "ParameterGroupName"},
            into="Told",
            gone=GONE,
            unless="starts_with(ParameterGroupName, 'default.')",
        ),
    ),
    permissions=("dax:DescribeParameterGroups", "dax:DescribeParameters"),
    id="ParameterGroupName",
    identity=("name",),
    owner=made_by_aws("ParameterGroupName", "default."),
    attributes={
        "description": converted("Description", lambda text: None if text == " " else text),
        "name": "ParameterGroupName",
        "parameters": parameters(rest=f"Told.Parameters[].{{{PARAMETER}}}", names="Declared.parameters[].name"),
    },
    minds=("parameters",),
)

COLLECTORS = [CLUSTER, SUBNET_GROUP, PARAMETER_GROUP]

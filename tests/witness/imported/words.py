"""What the made-up account says in so many words, so that there is a thing of each type which the provider can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.conftest import ACCOUNT
from tests.witness.imported.made import AS_MADE, POLICY, REGION


def same(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """What was asked for, said again."""
    return lambda asked: asked.get(name, AS_MADE)


def arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


ANOTHER = "111122223333"
"""Another account."""

ROLE = f"IamRole(applyStatus=in-sync, iamRoleArn=arn:aws:iam::{ACCOUNT}:role/one)"
"""Of a namespace, as Redshift writes it."""

ENDS = ("52.0.0.1", "52.0.0.2")
"""Of the two tunnels of a connection."""

TUNNEL = """<ipsec_tunnel>
  <customer_gateway><tunnel_inside_address><ip_address>169.254.{n}.2</ip_address></tunnel_inside_address></customer_gateway>
  <vpn_gateway>
    <tunnel_outside_address><ip_address>{end}</ip_address></tunnel_outside_address>
    <tunnel_inside_address><ip_address>169.254.{n}.1</ip_address></tunnel_inside_address>
    <bgp><asn>6451{n}</asn><hold_time>3{n}</hold_time></bgp>
  </vpn_gateway>
  <ike><pre_shared_key>secret-{n}</pre_shared_key></ike>
</ipsec_tunnel>"""
TUNNELS = f"<vpn_connection>{''.join(TUNNEL.format(n=n, end=end) for n, end in enumerate(ENDS))}</vpn_connection>"
TUNNEL_OPTIONS = [
    {
        "OutsideIpAddress": end,
        "TunnelInsideCidr": f"169.254.{n}.0/30",
        "PreSharedKey": f"secret-{n}",
        "Phase1LifetimeSeconds": 28000 + n,
        "Phase2LifetimeSeconds": 3000 + n,
        "RekeyMarginTimeSeconds": 500 + n,
        "RekeyFuzzPercentage": 50 + n,
        "ReplayWindowSize": 1000 + n,
        "DpdTimeoutSeconds": 30 + n,
        "DpdTimeoutAction": ("clear", "restart")[n],
        "Phase1EncryptionAlgorithms": [{"Value": ("AES128", "AES256")[n]}],
        "Phase2EncryptionAlgorithms": [{"Value": ("AES256", "AES128")[n]}],
        "Phase1IntegrityAlgorithms": [{"Value": ("SHA1", "SHA2-256")[n]}],
        "Phase2IntegrityAlgorithms": [{"Value": ("SHA2-256", "SHA1")[n]}],
        "Phase1DHGroupNumbers": [{"Value": 14 + n}],
        "Phase2DHGroupNumbers": [{"Value": 18 + n}],
        "IkeVersions": [{"Value": ("ikev1", "ikev2")[n]}],
        "StartupAction": ("add", "start")[n],
        "EnableTunnelLifecycleControl": bool(n),
    }
    for n, end in enumerate(ENDS)
]

ALWAYS: dict[str, Any] = {
    "account:GetAlternateContact AlternateContact.AlternateContactType": same("AlternateContactType"),
    "apigateway:GetRestApi policy": POLICY.replace('"', '\\"'),
    "apigateway:GetRestApis items.policy": POLICY.replace('"', '\\"'),
    "apigatewayv2:GetAuthorizer AuthorizerResultTtlInSeconds": 300,
    "apigatewayv2:GetAuthorizers Items.AuthorizerResultTtlInSeconds": 300,
    "application-autoscaling:DescribeScalableTargets ScalableTargets.ServiceNamespace": same("ServiceNamespace"),
    "application-autoscaling:DescribeScalableTargets ScalableTargets.ResourceId": "service/main/shop",
    "application-autoscaling:DescribeScalableTargets ScalableTargets.ScalableDimension": "ecs:service:DesiredCount",
    "codebuild:BatchGetProjects projects.source.sourceIdentifier": None,
    "codedeploy:ListApplications applications": ["applicationName"],
    "codepipeline:GetPipeline pipeline.artifactStores": None,
    "dax:DescribeParameters Parameters.Source": "user",
    "dms:DescribeEndpoints Endpoints.EngineName": "mysql",
    "dms:DescribeEndpoints Endpoints.MySQLSettings.Port": 3306,
    "dms:DescribeEndpoints Endpoints.Port": 3306,
    "ec2:DescribeClientVpnEndpoints ClientVpnEndpoints.AuthenticationOptions": [
        {"Type": "directory-service-authentication", "ActiveDirectory": {"DirectoryId": "d-1"}},
        {
            "Type": "federated-authentication",
            "FederatedAuthentication": {
                "SamlProviderArn": arn("iam", "saml-provider/one", ""),
                "SelfServiceSamlProviderArn": arn("iam", "saml-provider/two", ""),
            },
        },
    ],
    "ec2:DescribeImages Images.ImageId": "ami-0a1b2c3d4e5f60718",
    "ec2:DescribeSnapshotAttribute CreateVolumePermissions": [{"UserId": ANOTHER}],
    "ec2:DescribeSnapshots Snapshots.SnapshotId": "snap-0a1b2c3d4e5f60718",
    "ec2:DescribePlacementGroups PlacementGroups.GroupArn": arn("ec2", "placement-group/GroupName"),
    "ec2:DescribeVpcEndpointServiceConfigurations ServiceConfigurations.SupportedRegions.ServiceState": "Available",
    "ec2:DescribeVpnConnections VpnConnections.CustomerGatewayConfiguration": TUNNELS,
    "ec2:DescribeVpnConnections VpnConnections.Options.TunnelOptions": TUNNEL_OPTIONS,
    "ec2:GetIpamPoolCidrs IpamPoolCidrs.State": "provisioned",
    "eks:DescribeAddon addon.podIdentityAssociations": [arn("eks", "podidentityassociation/clusterName/a-1")],
    "elasticache:DescribeCacheParameters Parameters.Source": "user",
    "elasticache:DescribeReplicationGroups ReplicationGroups.MemberClusters": ["CacheClusterId"],
    "elasticache:DescribeGlobalReplicationGroups GlobalReplicationGroups.Members.Role": "PRIMARY",
    "elasticache:DescribeGlobalReplicationGroups GlobalReplicationGroups.Members.ReplicationGroupRegion": REGION,
    "elasticache:DescribeCacheClusters CacheClusters.EngineVersion": "7.1.0",
    "elasticache:DescribeGlobalReplicationGroups GlobalReplicationGroups.EngineVersion": "7.1.0",
    "elb:DescribeLoadBalancers LoadBalancerDescriptions.ListenerDescriptions.PolicyNames": ["PolicyName"],
    "fsx:DescribeVolumes Volumes.VolumeType": "OPENZFS",
    "globalaccelerator:DescribeAccelerator Accelerator.AcceleratorArn": arn("globalaccelerator", "accelerator/a", ""),
    "globalaccelerator:DescribeEndpointGroup EndpointGroup.EndpointGroupArn": arn(
        "globalaccelerator", "accelerator/a/listener/l/endpoint-group/e", ""
    ),
    "globalaccelerator:DescribeListener Listener.ListenerArn": arn("globalaccelerator", "accelerator/a/listener/l", ""),
    "globalaccelerator:ListAccelerators Accelerators.AcceleratorArn": arn("globalaccelerator", "accelerator/a", ""),
    "globalaccelerator:ListEndpointGroups EndpointGroups.EndpointGroupArn": arn(
        "globalaccelerator", "accelerator/a/listener/l/endpoint-group/e", ""
    ),
    "globalaccelerator:ListListeners Listeners.ListenerArn": arn("globalaccelerator", "accelerator/a/listener/l", ""),
    "iam:ListVirtualMFADevices VirtualMFADevices.SerialNumber": arn("iam", "mfa/one", ""),
    "kms:DescribeKey KeyMetadata.Arn": arn("kms", "key/KeyId"),
    "kms:ListKeys Keys.KeyArn": arn("kms", "key/KeyId"),
    "kafka:DescribeCluster ClusterInfo.NumberOfBrokerNodes": 3,
    "kafka:DescribeClusterV2 ClusterInfo.Provisioned.NumberOfBrokerNodes": 3,
    "kafka:ListClustersV2 ClusterInfoList.Provisioned.NumberOfBrokerNodes": 3,
    "lambda:ListFunctions Functions.FunctionArn": arn("lambda", "function:FunctionName"),
    "lambda:ListFunctionUrlConfigs FunctionUrlConfigs.FunctionArn": arn("lambda", "function:FunctionName"),
    "lambda:GetFunctionUrlConfig FunctionArn": arn("lambda", "function:FunctionName"),
    "lambda:ListProvisionedConcurrencyConfigs ProvisionedConcurrencyConfigs.FunctionArn": arn(
        "lambda", "function:FunctionName:1"
    ),
    "logs:DescribeDeliverySources deliverySources.resourceArns": [arn("cloudfront", "distribution/one", "")],
    "logs:GetDeliverySource deliverySource.resourceArns": [arn("cloudfront", "distribution/one", "")],
    "memorydb:DescribeParameters Parameters.Name": "ParameterName",
    "organizations:DescribeResourcePolicy ResourcePolicy.Content": POLICY,
    "rds:DescribeDBClusterEndpoints DBClusterEndpoints.EndpointType": "CUSTOM",
    "rds:DescribeDBClusterParameters Parameters.Source": "user",
    "rds:DescribeDBClusterSnapshots DBClusterSnapshots.SnapshotType": "manual",
    "rds:DescribeDBInstanceAutomatedBackups DBInstanceAutomatedBackups.DBInstanceArn": arn(
        "rds", "db:one", "eu-west-1"
    ),
    "rds:DescribeDBParameters Parameters.Source": "user",
    "rds:DescribeDBProxyTargetGroups TargetGroups.IsDefault": True,
    "redshift:DescribeClusterParameters Parameters.Source": "user",
    "redshift:DescribeClusters Clusters.AvailabilityZoneRelocationStatus": "enabled",
    "redshift:DescribeClusters Clusters.ClusterNodes": [{"NodeRole": "LEADER"}, {"NodeRole": "COMPUTE-0"}],
    "redshift:DescribeClusters Clusters.MultiAZ": "enabled",
    "redshift-serverless:GetNamespace namespace.iamRoles": [ROLE],
    "redshift-serverless:ListNamespaces namespaces.iamRoles": [ROLE],
    "route53:GetHostedZone VPCs.VPCId": "VPCId",
    "route53:ListHostedZonesByVPC HostedZoneSummaries.HostedZoneId": "Id",
    "route53:ListHostedZonesByVPC MaxItems": "100",
    "route53resolver:GetFirewallDomainList FirewallDomainList.ManagedOwnerName": None,
    "route53resolver:GetFirewallRuleGroupAssociation FirewallRuleGroupAssociation.ManagedOwnerName": None,
    "route53resolver:ListFirewallDomainLists FirewallDomainLists.ManagedOwnerName": None,
    "route53resolver:ListFirewallRuleGroupAssociations FirewallRuleGroupAssociations.ManagedOwnerName": None,
    "s3:GetBucketLocation LocationConstraint": "",
    "s3:ListBuckets Buckets.BucketRegion": None,
    **{
        f"s3:{path}.Filter": {"And": {"Prefix": "Prefix", "Tags": [{"Key": "Key", "Value": "Value"}]}}
        for path in (
            "GetBucketAnalyticsConfiguration AnalyticsConfiguration",
            "GetBucketMetricsConfiguration MetricsConfiguration",
            "ListBucketAnalyticsConfigurations AnalyticsConfigurationList",
            "ListBucketMetricsConfigurations MetricsConfigurationList",
        )
    },
    "s3control:GetAccessPoint AccessPointArn": arn("s3", "accesspoint/Name"),
    "s3control:ListAccessPoints AccessPointList.AccessPointArn": arn("s3", "accesspoint/Name"),
    "sesv2:ListConfigurationSets ConfigurationSets": ["ConfigurationSetName"],
    "sqs:GetQueueAttributes Attributes": {
        "Policy": POLICY,
        "RedriveAllowPolicy": '{"redrivePermission":"denyAll"}',
        "QueueArn": arn("sqs", "QueueUrl"),
    },
    "ssm:GetServiceSetting ServiceSetting.SettingId": same("SettingId"),
    "ssm:GetServiceSetting ServiceSetting.ARN": lambda asked: asked["SettingId"],
    "sts:GetCallerIdentity Account": ACCOUNT,
    "sts:GetCallerIdentity Arn": f"arn:aws:iam::{ACCOUNT}:user/auditor",
}

ENGINES = {
    "DescribeDBClusters DBClusters.Engine": "cluster",
    "DescribeDBInstances DBInstances.Engine": "cluster_instance",
    "DescribeDBClusterSnapshots DBClusterSnapshots.Engine": "cluster_snapshot",
    "DescribeDBClusterParameterGroups DBClusterParameterGroups.DBParameterGroupFamily": "cluster_parameter_group",
    "DescribeDBParameterGroups DBParameterGroups.DBParameterGroupFamily": "parameter_group",
    "DescribeGlobalClusters GlobalClusters.Engine": "global_cluster",
}
"""What says of which of RDS's kin a thing is."""

MSK = arn("kafka", "cluster/one/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f-1")
PUBLIC_ZONE = {
    "route53:GetHostedZone HostedZone.Config.PrivateZone": False,
    "route53:ListHostedZones HostedZones.Config.PrivateZone": False,
}

OF_TYPE: dict[str, dict[str, Any]] = {
    "aws_ami_launch_permission": {
        "ec2:DescribeImageAttribute LaunchPermissions": [{"UserId": ANOTHER}],
    },
    "aws_app_cookie_stickiness_policy": {
        "elb:DescribeLoadBalancerPolicies PolicyDescriptions.PolicyAttributeDescriptions": [
            {"AttributeName": "CookieName", "AttributeValue": "CookieName"}
        ],
    },
    "aws_lb_cookie_stickiness_policy": {
        "elb:DescribeLoadBalancers LoadBalancerDescriptions.Policies.LBCookieStickinessPolicies": [
            {"PolicyName": "PolicyName", "CookieExpirationPeriod": 600}
        ],
        "elb:DescribeLoadBalancerPolicies PolicyDescriptions.PolicyAttributeDescriptions": [
            {"AttributeName": "CookieExpirationPeriod", "AttributeValue": "600"}
        ],
    },
    "aws_db_instance_role_association": {"rds:DescribeDBInstances DBInstances.DBClusterIdentifier": None},
    "aws_fsx_lustre_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "LUSTRE"},
    "aws_fsx_ontap_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "ONTAP"},
    "aws_fsx_openzfs_file_system": {"fsx:DescribeFileSystems FileSystems.FileSystemType": "OPENZFS"},
    "aws_kms_replica_key": {
        "kms:DescribeKey KeyMetadata.KeyManager": "CUSTOMER",
        "kms:DescribeKey KeyMetadata.KeySpec": "SYMMETRIC_DEFAULT",
        "kms:DescribeKey KeyMetadata.KeyState": "Enabled",
        "kms:DescribeKey KeyMetadata.MultiRegionConfiguration": {
            "MultiRegionKeyType": "REPLICA",
            "PrimaryKey": {"Arn": arn("kms", "key/KeyId", "eu-west-1"), "Region": "eu-west-1"},
        },
    },
    "aws_msk_cluster": {
        f"kafka:{path}": MSK
        for path in (
            "ListClustersV2 ClusterInfoList.ClusterArn",
            "DescribeClusterV2 ClusterInfo.ClusterArn",
            "DescribeCluster ClusterInfo.ClusterArn",
        )
    },
    "aws_msk_serverless_cluster": {
        "kafka:DescribeClusterV2 ClusterInfo.ClusterArn": MSK,
        "kafka:ListClustersV2 ClusterInfoList.ClusterArn": MSK,
        "kafka:DescribeClusterV2 ClusterInfo.ClusterType": "SERVERLESS",
        "kafka:ListClustersV2 ClusterInfoList.ClusterType": "SERVERLESS",
    },
    "aws_route53_hosted_zone_dnssec": PUBLIC_ZONE,
    "aws_route53_key_signing_key": PUBLIC_ZONE,
    **{
        f"aws_{engine}_{kind}": {f"rds:{path}": engine}
        for engine in ("docdb", "neptune")
        for path, kind in ENGINES.items()
    },
}
"""By type, beside what is always said."""

IMPORTED_BY: dict[str, str] = {
    "aws_ami_launch_permission": f"{ANOTHER}/ami-0a1b2c3d4e5f60718",
    "aws_apigatewayv2_authorizer": "ApiId/AuthorizerId",
    "aws_apigatewayv2_deployment": "ApiId/DeploymentId",
    "aws_apigatewayv2_model": "ApiId/ModelId",
    "aws_apigatewayv2_route_response": "ApiId/RouteId/RouteResponseId",
    "aws_appautoscaling_target": "ecs/service/main/shop/ecs:service:DesiredCount",
    "aws_backup_selection": "BackupPlanId|SelectionId",
    "aws_codedeploy_deployment_group": "applicationName:deploymentGroupName",
    "aws_ec2_client_vpn_network_association": "ClientVpnEndpointId,AssociationId",
    "aws_eks_pod_identity_association": "clusterName,associationId",
    "aws_network_interface_sg_attachment": "NetworkInterfaceId_GroupId",
}
"""The id that the provider imports by, where it is not the id of what it then reads."""

NOT_READ = "the provider does not read it: a state keeps what the code said"
NO_ADDRESS = "the provider knows the port by the address alone; where there is none we say the thing's own"
EXPLAINED: dict[str, dict[str, str]] = {
    "aws_cloudformation_stack": {"disable_rollback": "the provider notes false, whatever it is"},
    "aws_codebuild_webhook": {"manual_creation": NOT_READ},
    "aws_docdb_cluster_instance bare": {"port": NO_ADDRESS},
    "aws_redshiftserverless_workgroup bare": {"port": NO_ADDRESS},
}
"""Where the two part ways on purpose: by type (and whether it is bare alone) and path, why."""

NEVER_BARE: dict[str, str] = {
    "aws_elasticache_replication_group": "AWS tells of no group without its nodes",
    "aws_vpn_connection": "AWS tells the options of each tunnel",
}
"""What AWS never tells so little of, and why the two would differ if it did."""

NOTED: dict[str, tuple[str, ...]] = {
    "aws_acm_certificate_validation": ("certificate_arn",),
    "aws_autoscaling_notification": ("topic_arn", "group_names"),
    "aws_ec2_image_block_public_access": (),
    "aws_ec2_instance_metadata_defaults": (),
    "aws_lb_cookie_stickiness_policy": (),
    "aws_main_route_table_association": ("vpc_id", "route_table_id"),
    "aws_snapshot_create_volume_permission": ("snapshot_id", "account_id"),
    "aws_vpn_connection_route": ("vpn_connection_id", "destination_cidr_block"),
    "aws_vpn_gateway_route_propagation": ("vpn_gateway_id", "route_table_id"),
}
"""What Terraform notes when it makes a thing that it cannot import, and reads it by from then on."""

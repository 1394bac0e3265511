"""The AWS operations that a scan may call, by service; everything else is refused before it is sent.

A list and not a verb pattern: ``Get*`` would let in calls that return stored data or mint
credentials. Services and operations are named as boto3 has them.
"""

_BY_SERVICE = {
    "accessanalyzer": "ListAnalyzers",
    "account": "GetAlternateContact GetContactInformation",
    "acm": "DescribeCertificate ListCertificates ListTagsForCertificate",
    "apigateway": """
        GetAccount GetApiKeys GetAuthorizers GetBasePathMappings GetClientCertificates GetDeployments GetDomainNames
        GetGatewayResponses GetModels GetRequestValidators GetResources GetRestApis GetStages GetUsagePlans
        GetVpcLinks
    """,
    "apigatewayv2": """
        GetApiMappings GetApis GetAuthorizers GetDeployments GetIntegrationResponses GetIntegrations GetModels
        GetRouteResponses GetRoutes GetStages GetVpcLinks
    """,
    "application-autoscaling": """
        DescribeScalableTargets DescribeScalingPolicies DescribeScheduledActions ListTagsForResource
    """,
    "athena": """
        BatchGetNamedQuery GetDataCatalog GetWorkGroup ListDataCatalogs ListNamedQueries ListTagsForResource
        ListWorkGroups
    """,
    "autoscaling": """
        DescribeAutoScalingGroups DescribeLaunchConfigurations DescribeLifecycleHooks
        DescribeNotificationConfigurations DescribePolicies DescribeScheduledActions
    """,
    "backup": """
        GetBackupPlan GetBackupSelection GetBackupVaultAccessPolicy ListBackupPlans ListBackupSelections
        ListBackupVaults ListProtectedResources ListTags
    """,
    "budgets": "DescribeBudgets DescribeNotificationsForBudget",
    "cloudformation": "DescribeStackSet DescribeStacks GetTemplate ListStackSets",
    "cloudfront": """
        GetDistribution GetMonitoringSubscription GetVpcOrigin ListCachePolicies
        ListCloudFrontOriginAccessIdentities ListContinuousDeploymentPolicies ListDistributions
        ListFieldLevelEncryptionConfigs ListFieldLevelEncryptionProfiles ListFunctions ListKeyGroups
        ListKeyValueStores ListOriginAccessControls ListOriginRequestPolicies ListPublicKeys ListRealtimeLogConfigs
        ListResponseHeadersPolicies ListTagsForResource ListVpcOrigins
    """,
    "cloudtrail": "DescribeTrails GetEventSelectors GetInsightSelectors GetTrailStatus ListTags",
    "cloudwatch": "DescribeAlarms GetDashboard ListDashboards ListTagsForResource",
    "codebuild": "BatchGetProjects BatchGetReportGroups ListProjects ListReportGroups ListSourceCredentials",
    "codecommit": "BatchGetRepositories ListRepositories ListTagsForResource",
    "codedeploy": """
        BatchGetApplications BatchGetDeploymentGroups ListApplications ListDeploymentGroups ListTagsForResource
    """,
    "codepipeline": "GetPipeline ListPipelines ListTagsForResource",
    "cognito-identity": "DescribeIdentityPool GetIdentityPoolRoles ListIdentityPools",
    "cognito-idp": """
        DescribeIdentityProvider DescribeUserPool DescribeUserPoolClient DescribeUserPoolDomain GetUserPoolMfaConfig
        ListGroups ListIdentityProviders ListResourceServers ListUserPoolClients ListUserPools
    """,
    "config": """
        DescribeConfigRules DescribeConfigurationRecorderStatus DescribeConfigurationRecorders
        DescribeDeliveryChannels ListTagsForResource
    """,
    "dax": "DescribeClusters DescribeParameterGroups DescribeParameters DescribeSubnetGroups ListTags",
    "dms": """
        DescribeEndpoints DescribeReplicationInstances DescribeReplicationSubnetGroups DescribeReplicationTasks
        ListTagsForResource
    """,
    "dynamodb": """
        DescribeContinuousBackups DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive
        GetResourcePolicy ListContributorInsights ListTables ListTagsOfResource
    """,
    "ec2": """
        DescribeAddresses DescribeCapacityReservations DescribeCarrierGateways DescribeClientVpnAuthorizationRules
        DescribeClientVpnEndpoints DescribeClientVpnRoutes DescribeClientVpnTargetNetworks DescribeCustomerGateways
        DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeFlowLogs DescribeHosts DescribeImageAttribute
        DescribeImages DescribeInstanceAttribute DescribeInstanceConnectEndpoints
        DescribeInstanceCreditSpecifications DescribeInstances DescribeInternetGateways DescribeIpamPools
        DescribeIpamScopes DescribeIpams DescribeKeyPairs DescribeLaunchTemplateVersions DescribeLaunchTemplates
        DescribeManagedPrefixLists DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces
        DescribePlacementGroups DescribePrefixLists DescribeRegions DescribeRouteTables DescribeSecurityGroupRules
        DescribeSecurityGroupVpcAssociations DescribeSecurityGroups DescribeSnapshotAttribute DescribeSnapshots
        DescribeSubnets DescribeTags DescribeTransitGatewayAttachments DescribeTransitGatewayRouteTables
        DescribeTransitGatewayVpcAttachments DescribeTransitGateways DescribeVolumes DescribeVpcAttribute
        DescribeVpcEndpointServiceConfigurations DescribeVpcEndpointServicePermissions DescribeVpcEndpoints
        DescribeVpcPeeringConnections DescribeVpcs DescribeVpnConnections DescribeVpnGateways GetEbsDefaultKmsKeyId
        GetEbsEncryptionByDefault GetImageBlockPublicAccessState GetInstanceMetadataDefaults GetIpamPoolCidrs
        GetManagedPrefixListEntries GetSerialConsoleAccessStatus GetSnapshotBlockPublicAccessState
        GetTransitGatewayRouteTablePropagations SearchTransitGatewayRoutes
    """,
    "ecr-public": "DescribeRepositories GetRepositoryCatalogData ListTagsForResource",
    "ecr": """
        DescribePullThroughCacheRules DescribeRegistry DescribeRepositories GetLifecyclePolicy GetRegistryPolicy
        GetRegistryScanningConfiguration GetRepositoryPolicy ListTagsForResource
    """,
    "ecs": """
        DescribeCapacityProviders DescribeClusters DescribeServices DescribeTaskDefinition ListAccountSettings
        ListClusters ListServices ListTaskDefinitionFamilies
    """,
    "efs": """
        DescribeAccessPoints DescribeBackupPolicy DescribeFileSystemPolicy DescribeFileSystems
        DescribeLifecycleConfiguration DescribeMountTargetSecurityGroups DescribeMountTargets
        DescribeReplicationConfigurations
    """,
    "eks": """
        DescribeAccessEntry DescribeAddon DescribeCluster DescribeFargateProfile DescribeIdentityProviderConfig
        DescribeNodegroup DescribePodIdentityAssociation ListAccessEntries ListAddons ListAssociatedAccessPolicies
        ListClusters ListFargateProfiles ListIdentityProviderConfigs ListNodegroups ListPodIdentityAssociations
    """,
    "elasticache": """
        DescribeCacheClusters DescribeCacheParameterGroups DescribeCacheParameters DescribeCacheSubnetGroups
        DescribeGlobalReplicationGroups DescribeReplicationGroups DescribeServerlessCaches DescribeUserGroups
        DescribeUsers ListTagsForResource
    """,
    "elasticbeanstalk": """
        DescribeApplications DescribeConfigurationSettings DescribeEnvironmentResources DescribeEnvironments
        ListTagsForResource
    """,
    "elb": "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags",
    "elbv2": """
        DescribeListenerAttributes DescribeListenerCertificates DescribeListeners DescribeLoadBalancerAttributes
        DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups
        DescribeTargetHealth
    """,
    "events": "DescribeEventBus ListEventBuses ListRules ListTagsForResource ListTargetsByRule",
    "firehose": "DescribeDeliveryStream ListDeliveryStreams ListTagsForDeliveryStream",
    "fsx": "DescribeBackups DescribeFileSystems",
    "globalaccelerator": """
        DescribeAcceleratorAttributes ListAccelerators ListEndpointGroups ListListeners ListTagsForResource
    """,
    "glue": """
        BatchGetWorkflows GetConnections GetCrawlers GetDataCatalogEncryptionSettings GetDatabases GetJobs
        GetResourcePolicy GetSchema GetSecurityConfigurations GetTables GetTags GetTriggers ListRegistries
        ListSchemas ListWorkflows
    """,
    "guardduty": "GetDetector ListDetectors",
    "iam": """
        GenerateCredentialReport GetAccessKeyLastUsed GetAccountAuthorizationDetails GetAccountPasswordPolicy
        GetAccountSummary GetCredentialReport GetInstanceProfile GetLoginProfile GetOpenIDConnectProvider GetPolicy
        GetSAMLProvider GetSSHPublicKey GetServerCertificate ListAccessKeys ListAccountAliases ListInstanceProfiles
        ListMFADeviceTags ListOpenIDConnectProviders ListRoles ListSAMLProviders ListSSHPublicKeys
        ListServerCertificates ListServiceSpecificCredentials ListSigningCertificates ListUsers
        ListVirtualMFADevices
    """,
    "inspector2": "BatchGetAccountStatus",
    "kafka": "DescribeConfigurationRevision ListClustersV2 ListConfigurations ListScramSecrets",
    "kinesis": "DescribeStreamSummary ListStreams ListTagsForStream",
    "kms": "DescribeKey GetKeyPolicy GetKeyRotationStatus ListAliases ListGrants ListKeys ListResourceTags",
    "lambda": """
        GetFunctionConcurrency GetPolicy ListAliases ListCodeSigningConfigs ListEventSourceMappings
        ListFunctionEventInvokeConfigs ListFunctionUrlConfigs ListFunctions ListLayerVersions ListLayers
        ListProvisionedConcurrencyConfigs ListTags
    """,
    "logs": """
        DescribeDeliveries DescribeDeliverySources DescribeDestinations DescribeLogGroups DescribeMetricFilters
        DescribeResourcePolicies DescribeSubscriptionFilters ListTagsForResource
    """,
    "macie2": "GetMacieSession",
    "memorydb": """
        DescribeACLs DescribeClusters DescribeParameterGroups DescribeParameters DescribeSubnetGroups DescribeUsers
        ListTags
    """,
    "mq": "DescribeBroker ListBrokers ListConfigurations",
    "opensearch": "DescribeDomains ListDomainNames ListTags",
    "organizations": """
        DescribeOrganization DescribePolicy DescribeResourcePolicy ListAWSServiceAccessForOrganization
        ListAccountsForParent ListDelegatedAdministrators ListDelegatedServicesForAccount
        ListOrganizationalUnitsForParent ListPolicies ListRoots ListTagsForResource ListTargetsForPolicy
    """,
    "pipes": "DescribePipe ListPipes",
    "rds": """
        DescribeDBClusterEndpoints DescribeDBClusterParameterGroups DescribeDBClusterParameters
        DescribeDBClusterSnapshotAttributes DescribeDBClusterSnapshots DescribeDBClusters
        DescribeDBInstanceAutomatedBackups DescribeDBInstances DescribeDBParameterGroups DescribeDBParameters
        DescribeDBProxies DescribeDBProxyEndpoints DescribeDBProxyTargetGroups DescribeDBProxyTargets
        DescribeDBSnapshotAttributes DescribeDBSnapshots DescribeDBSubnetGroups DescribeEventSubscriptions
        DescribeGlobalClusters DescribeOptionGroups ListTagsForResource
    """,
    "redshift-serverless": "ListNamespaces ListTagsForResource ListWorkgroups",
    "redshift": """
        DescribeClusterParameterGroups DescribeClusterParameters DescribeClusterSubnetGroups DescribeClusters
        DescribeEventSubscriptions DescribeLoggingStatus DescribeSnapshotSchedules
    """,
    "resourcegroupstaggingapi": "GetResources",
    "route53": """
        GetDNSSEC GetHostedZone ListCidrBlocks ListCidrCollections ListHealthChecks ListHostedZones
        ListHostedZonesByVPC ListQueryLoggingConfigs ListResourceRecordSets ListReusableDelegationSets
        ListTagsForResources ListVPCAssociationAuthorizations
    """,
    "route53resolver": """
        ListFirewallConfigs ListFirewallDomainLists ListFirewallDomains ListFirewallRuleGroupAssociations
        ListFirewallRuleGroups ListFirewallRules ListResolverConfigs ListResolverDnssecConfigs
        ListResolverEndpointIpAddresses ListResolverEndpoints ListResolverQueryLogConfigAssociations
        ListResolverQueryLogConfigs ListResolverRuleAssociations ListResolverRules ListTagsForResource
    """,
    "s3": """
        GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors GetBucketEncryption
        GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging GetBucketNotificationConfiguration
        GetBucketOwnershipControls GetBucketPolicy GetBucketReplication GetBucketRequestPayment GetBucketTagging
        GetBucketVersioning GetBucketWebsite GetObjectLockConfiguration GetObjectTagging GetPublicAccessBlock
        ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations
        ListBucketInventoryConfigurations ListBucketMetricsConfigurations ListBuckets ListObjectsV2
    """,
    "s3control": """
        GetAccessPoint GetAccessPointPolicy GetAccessPointPolicyStatus GetMultiRegionAccessPointPolicy
        GetPublicAccessBlock ListAccessPoints ListMultiRegionAccessPoints
    """,
    "scheduler": "GetSchedule ListScheduleGroups ListSchedules ListTagsForResource",
    "secretsmanager": "DescribeSecret GetResourcePolicy ListSecrets",
    "securityhub": "DescribeHub GetEnabledStandards",
    "sesv2": "GetConfigurationSet GetEmailIdentity ListConfigurationSets ListEmailIdentities",
    "shield": "ListProtectionGroups ListProtections ListTagsForResource",
    "signer": "ListSigningProfiles",
    "sns": "GetSubscriptionAttributes GetTopicAttributes ListSubscriptions ListTagsForResource ListTopics",
    "sqs": "GetQueueAttributes ListQueueTags ListQueues",
    "ssm": """
        DescribeDocument DescribeDocumentPermission DescribeMaintenanceWindows DescribeParameters GetDocument
        GetMaintenanceWindow GetServiceSetting ListDocuments ListTagsForResource
    """,
    "stepfunctions": "DescribeStateMachine ListStateMachines ListTagsForResource",
    "sts": "AssumeRole GetCallerIdentity",
    "transfer": "DescribeServer DescribeUser DescribeWorkflow ListServers ListUsers ListWorkflows",
    "wafv2": """
        GetIPSet GetRegexPatternSet GetRuleGroup GetWebACL ListIPSets ListLoggingConfigurations ListRegexPatternSets
        ListResourcesForWebACL ListRuleGroups ListTagsForResource ListWebACLs
    """,
}
ALLOWED = frozenset(f"{service}:{name}" for service, names in _BY_SERVICE.items() for name in names.split())
"""All of them, as ``service:Operation``."""

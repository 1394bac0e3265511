"""What AWS says of each thing in a regional listing: as rich as its real answers, with places for words."""

from __future__ import annotations

from typing import Any

Said = dict[str, Any]


def tags(name: str, **more: str) -> list[Said]:
    said = {"Name": name, "environment": "~environment~", "owner": "~owner~", "cost-center": "cc-4711"}
    return [{"Key": key, "Value": value} for key, value in (said | {"service": "orders"} | more).items()]


ARN = "arn:aws:{}:~region~:~account~:"
KEY = "arn:aws:kms:~region~:~account~:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# --- networks -------------------------------------------------------------------------------------

VPC = {
    "OwnerId": "~account~",
    "InstanceTenancy": "default",
    "CidrBlockAssociationSet": [
        {"AssociationId": "vpc-cidr-assoc-0~hex~", "CidrBlock": "10.0.0.0/8", "CidrBlockState": {"State": "associated"}}
    ],
    "IsDefault": False,
    "Tags": tags("vpc-~n~"),
    "VpcId": "vpc-0~hex~",
    "State": "available",
    "CidrBlock": "10.0.0.0/8",
    "DhcpOptionsId": "dopt-0a1b2c3d4e5f60718",
}
SUBNET = {
    "AvailabilityZoneId": "euw1-az1",
    "MapCustomerOwnedIpOnLaunch": False,
    "OwnerId": "~account~",
    "AssignIpv6AddressOnCreation": False,
    "Ipv6CidrBlockAssociationSet": [],
    "Tags": tags("subnet-~n~", tier="private"),
    "SubnetArn": ARN.format("ec2") + "subnet/subnet-0~hex~",
    "EnableDns64": False,
    "Ipv6Native": False,
    "PrivateDnsNameOptionsOnLaunch": {
        "HostnameType": "ip-name",
        "EnableResourceNameDnsARecord": False,
        "EnableResourceNameDnsAAAARecord": False,
    },
    "SubnetId": "subnet-0~hex~",
    "State": "available",
    "VpcId": "~vpc~",
    "CidrBlock": "~ip~/28",
    "AvailableIpAddressCount": 11,
    "AvailabilityZone": "~zone~",
    "DefaultForAz": False,
    "MapPublicIpOnLaunch": False,
}


def route_table(main: bool) -> Said:
    association = {
        "Main": main,
        "RouteTableAssociationId": "rtbassoc-0~hex~",
        "RouteTableId": "rtb-0~hex~",
        "SubnetId": None if main else "~subnet~",
        "AssociationState": {"State": "associated"},
    }
    local = {
        "DestinationCidrBlock": "10.0.0.0/8",
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    }
    out = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "~igw~", "Origin": "CreateRoute", "State": "active"}
    return {
        "Associations": [association],
        "PropagatingVgws": [],
        "RouteTableId": "rtb-0~hex~",
        "Routes": [local, out],
        "Tags": tags("routes-~n~"),
        "VpcId": "~vpc~",
        "OwnerId": "~account~",
    }


INTERNET_GATEWAY = {
    "Attachments": [{"State": "available", "VpcId": "~vpc~"}],
    "InternetGatewayId": "igw-0~hex~",
    "OwnerId": "~account~",
    "Tags": tags("internet-~n~"),
}
NAT_GATEWAY = {
    "CreateTime": "~time~",
    "NatGatewayAddresses": [
        {
            "AllocationId": "~eip~",
            "NetworkInterfaceId": "eni-0~hex~",
            "PrivateIp": "~ip~",
            "PublicIp": "~public~",
            "AssociationId": "eipassoc-0~hex~",
            "IsPrimary": True,
            "Status": "succeeded",
        }
    ],
    "NatGatewayId": "nat-0~hex~",
    "State": "available",
    "SubnetId": "~subnet~",
    "VpcId": "~vpc~",
    "Tags": tags("nat-~n~"),
    "ConnectivityType": "public",
}
ADDRESS = {
    "AllocationId": "eipalloc-0~hex~",
    "AssociationId": "eipassoc-0~hex~",
    "Domain": "vpc",
    "NetworkInterfaceId": "eni-0~hex~",
    "NetworkInterfaceOwnerId": "~account~",
    "PrivateIpAddress": "~ip~",
    "Tags": tags("address-~n~"),
    "PublicIp": "~public~",
    "PublicIpv4Pool": "amazon",
    "NetworkBorderGroup": "~region~",
}

_PERMISSION = {"IpProtocol": "tcp", "UserIdGroupPairs": [], "Ipv6Ranges": [], "PrefixListIds": []}


def security_group(default: bool) -> Said:
    ranges = [{"Description": "office", "CidrIp": "~ip~/32"}]
    return {
        "GroupId": "sg-0~hex~",
        "IpPermissionsEgress": [_PERMISSION | {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        "Tags": tags("group-~n~"),
        "VpcId": "~vpc~",
        "SecurityGroupArn": ARN.format("ec2") + "security-group/sg-0~hex~",
        "OwnerId": "~account~",
        "GroupName": "default" if default else "group-~n~",
        "Description": "default VPC security group" if default else "group ~n~",
        "IpPermissions": [
            _PERMISSION | {"FromPort": 443, "ToPort": 443, "IpRanges": ranges},
            _PERMISSION | {"FromPort": 22, "ToPort": 22, "IpRanges": ranges},
        ],
    }


def security_group_rule(which: int) -> Said:
    egress, port = which == 0, (-1, 443, 22)[which]
    return {
        "SecurityGroupRuleId": f"sgr-{which}~hex~",
        "GroupId": "sg-0~hex~",
        "GroupOwnerId": "~account~",
        "IsEgress": egress,
        "IpProtocol": "-1" if egress else "tcp",
        "FromPort": port,
        "ToPort": port,
        "CidrIpv4": "0.0.0.0/0" if egress else "~ip~/32",
        "Description": None if egress else "office",
        "Tags": [],
        "SecurityGroupRuleArn": ARN.format("ec2") + f"security-group-rule/sgr-{which}~hex~",
    }


# --- computers and disks --------------------------------------------------------------------------

_INTERFACE = {
    "Attachment": {
        "AttachTime": "~time~",
        "AttachmentId": "eni-attach-0~hex~",
        "DeleteOnTermination": True,
        "DeviceIndex": 0,
        "Status": "attached",
        "NetworkCardIndex": 0,
    },
    "Description": "",
    "Groups": [{"GroupId": "~group~", "GroupName": "application"}],
    "Ipv6Addresses": [],
    "MacAddress": "0a:1b:2c:3d:4e:5f",
    "NetworkInterfaceId": "eni-1~hex~",
    "OwnerId": "~account~",
    "PrivateDnsName": "ip-~dashed~.~region~.compute.internal",
    "PrivateIpAddress": "~ip~",
    "PrivateIpAddresses": [
        {"Primary": True, "PrivateDnsName": "ip-~dashed~.~region~.compute.internal", "PrivateIpAddress": "~ip~"}
    ],
    "SourceDestCheck": True,
    "Status": "in-use",
    "SubnetId": "~subnet~",
    "VpcId": "~vpc~",
    "InterfaceType": "interface",
    "Operator": {"Managed": False},
}
_DISK = {
    "DeviceName": "/dev/xvda",
    "Ebs": {"AttachTime": "~later~", "DeleteOnTermination": True, "Status": "attached", "VolumeId": "~disk~"},
}


def reservation(disk: bool) -> Said:
    return {
        "ReservationId": "r-0~hex~",
        "OwnerId": "~account~",
        "Groups": [],
        "Instances": [_instance(disk)],
    }


def _instance(disk: bool) -> Said:
    return {
        "Architecture": "x86_64",
        "BlockDeviceMappings": [_DISK] if disk else [],
        "ClientToken": "6f1c7a52-1b0d-4b57-9f6e-~n~",
        "EbsOptimized": True,
        "EnaSupport": True,
        "Hypervisor": "xen",
        "IamInstanceProfile": {"Arn": "arn:aws:iam::~account~:instance-profile/~profile~", "Id": "AIPAQQQQQQQ~n~"},
        "NetworkInterfaces": [_INTERFACE],
        "RootDeviceName": "/dev/xvda",
        "RootDeviceType": "ebs" if disk else "instance-store",
        "SecurityGroups": [{"GroupId": "~group~", "GroupName": "application"}],
        "SourceDestCheck": True,
        "Tags": tags("app-~n~", **{"aws:autoscaling:groupName": "app"}),
        "VirtualizationType": "hvm",
        "CpuOptions": {"CoreCount": 2, "ThreadsPerCore": 2},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "open"},
        "HibernationOptions": {"Configured": False},
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 2,
            "HttpEndpoint": "enabled",
            "HttpProtocolIpv6": "disabled",
            "InstanceMetadataTags": "disabled",
        },
        "EnclaveOptions": {"Enabled": False},
        "PlatformDetails": "Linux/UNIX",
        "UsageOperation": "RunInstances",
        "UsageOperationUpdateTime": "~time~",
        "PrivateDnsNameOptions": {
            "HostnameType": "ip-name",
            "EnableResourceNameDnsARecord": False,
            "EnableResourceNameDnsAAAARecord": False,
        },
        "MaintenanceOptions": {"AutoRecovery": "default"},
        "CurrentInstanceBootMode": "legacy-bios",
        "InstanceId": "i-0~hex~",
        "ImageId": "ami-0c1d2e3f4a5b6c7d8",
        "State": {"Code": 16, "Name": "running"},
        "PrivateDnsName": "ip-~dashed~.~region~.compute.internal",
        "PublicDnsName": "",
        "StateTransitionReason": "",
        "KeyName": "operations",
        "AmiLaunchIndex": 0,
        "ProductCodes": [],
        "InstanceType": "m6i.large",
        "LaunchTime": "~time~",
        "Placement": {"GroupName": "", "Tenancy": "default", "AvailabilityZone": "~zone~"},
        "Monitoring": {"State": "disabled"},
        "SubnetId": "~subnet~",
        "VpcId": "~vpc~",
        "PrivateIpAddress": "~ip~",
    }


VOLUME = {
    "Iops": 3000,
    "Tags": tags("disk-~n~"),
    "VolumeType": "gp3",
    "MultiAttachEnabled": False,
    "Throughput": 125,
    "VolumeId": "vol-0~hex~",
    "Size": 40,
    "SnapshotId": "snap-0a1b2c3d4e5f60718",
    "AvailabilityZone": "~zone~",
    "State": "in-use",
    "CreateTime": "~time~",
    "Attachments": [
        {
            "DeleteOnTermination": True,
            "VolumeId": "vol-0~hex~",
            "InstanceId": "~instance~",
            "Device": "/dev/xvda",
            "State": "attached",
            "AttachTime": "~later~",
        }
    ],
    "Encrypted": True,
    "KmsKeyId": KEY,
}
SNAPSHOT = {
    "StorageTier": "standard",
    "Tags": tags("snapshot-~n~"),
    "SnapshotId": "snap-0~hex~",
    "VolumeId": "~disk~",
    "State": "completed",
    "StartTime": "~time~",
    "Progress": "100%",
    "OwnerId": "~account~",
    "Description": "before the upgrade",
    "VolumeSize": 40,
    "Encrypted": True,
    "KmsKeyId": KEY,
}

# --- databases ------------------------------------------------------------------------------------

_GROUPS = [{"VpcSecurityGroupId": "~group~", "Status": "active"}]
_SUBNETS = [
    {"SubnetIdentifier": "~subnet~", "SubnetAvailabilityZone": {"Name": "~zone~"}, "SubnetStatus": "Active"},
    {"SubnetIdentifier": "subnet-1~hex~", "SubnetAvailabilityZone": {"Name": "~zone~"}, "SubnetStatus": "Active"},
]
DB_INSTANCE = {
    "DBInstanceIdentifier": "orders-db-~n~",
    "DBInstanceClass": "db.r6g.large",
    "Engine": "postgres",
    "DBInstanceStatus": "available",
    "MasterUsername": "orders",
    "DBName": "orders",
    "Endpoint": {
        "Address": "orders-db-~n~.c1a2b3d4e5f6.~region~.rds.amazonaws.com",
        "Port": 5432,
        "HostedZoneId": "Z29XKXDKYMONMX",
    },
    "AllocatedStorage": 100,
    "InstanceCreateTime": "~time~",
    "PreferredBackupWindow": "03:00-03:30",
    "BackupRetentionPeriod": 7,
    "DBSecurityGroups": [],
    "VpcSecurityGroups": _GROUPS,
    "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16", "ParameterApplyStatus": "in-sync"}],
    "AvailabilityZone": "~zone~",
    "DBSubnetGroup": {
        "DBSubnetGroupName": "data",
        "DBSubnetGroupDescription": "data",
        "VpcId": "~vpc~",
        "SubnetGroupStatus": "Complete",
        "Subnets": _SUBNETS,
    },
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "LatestRestorableTime": "~later~",
    "MultiAZ": True,
    "EngineVersion": "16.4",
    "AutoMinorVersionUpgrade": True,
    "ReadReplicaDBInstanceIdentifiers": [],
    "LicenseModel": "postgresql-license",
    "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16", "Status": "in-sync"}],
    "PubliclyAccessible": False,
    "StorageType": "gp3",
    "DbInstancePort": 0,
    "StorageEncrypted": True,
    "KmsKeyId": KEY,
    "DbiResourceId": "db-~id21~",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::~account~:role/~role~",
    "DBInstanceArn": ARN.format("rds") + "db:orders-db-~n~",
    "IAMDatabaseAuthenticationEnabled": True,
    "PerformanceInsightsEnabled": True,
    "PerformanceInsightsKMSKeyId": KEY,
    "PerformanceInsightsRetentionPeriod": 7,
    "EnabledCloudwatchLogsExports": ["postgresql", "upgrade"],
    "DeletionProtection": True,
    "AssociatedRoles": [],
    "MaxAllocatedStorage": 1000,
    "TagList": tags("orders-db-~n~"),
    "CustomerOwnedIpEnabled": False,
    "BackupTarget": "region",
    "NetworkType": "IPV4",
    "StorageThroughput": 125,
    "Iops": 3000,
    "CertificateDetails": {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": "~later~"},
    "DedicatedLogVolume": False,
    "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    "DatabaseInsightsMode": "standard",
}
CLUSTER = {
    "AllocatedStorage": 1,
    "AvailabilityZones": ["~region~a", "~region~b", "~region~c"],
    "BackupRetentionPeriod": 7,
    "DatabaseName": "ledger",
    "DBClusterIdentifier": "ledger-cluster-~n~",
    "DBClusterParameterGroup": "default.aurora-postgresql16",
    "DBSubnetGroup": "data",
    "Status": "available",
    "EarliestRestorableTime": "~time~",
    "Endpoint": "ledger-cluster-~n~.cluster-c1a2b3d4e5f6.~region~.rds.amazonaws.com",
    "ReaderEndpoint": "ledger-cluster-~n~.cluster-ro-c1a2b3d4e5f6.~region~.rds.amazonaws.com",
    "MultiAZ": False,
    "Engine": "aurora-postgresql",
    "EngineVersion": "16.4",
    "LatestRestorableTime": "~later~",
    "Port": 5432,
    "MasterUsername": "ledger",
    "PreferredBackupWindow": "03:00-03:30",
    "PreferredMaintenanceWindow": "sun:04:00-sun:04:30",
    "ReadReplicaIdentifiers": [],
    "DBClusterMembers": [],
    "VpcSecurityGroups": _GROUPS,
    "HostedZoneId": "Z29XKXDKYMONMX",
    "StorageEncrypted": True,
    "KmsKeyId": KEY,
    "DbClusterResourceId": "cluster-~id21~",
    "DBClusterArn": ARN.format("rds") + "cluster:ledger-cluster-~n~",
    "AssociatedRoles": [],
    "IAMDatabaseAuthenticationEnabled": True,
    "ClusterCreateTime": "~time~",
    "EnabledCloudwatchLogsExports": ["postgresql"],
    "EngineMode": "provisioned",
    "DeletionProtection": True,
    "HttpEndpointEnabled": False,
    "ActivityStreamStatus": "stopped",
    "CopyTagsToSnapshot": True,
    "CrossAccountClone": False,
    "DomainMemberships": [],
    "TagList": tags("ledger-cluster-~n~"),
    "AutoMinorVersionUpgrade": True,
    "NetworkType": "IPV4",
    "LocalWriteForwardingStatus": "disabled",
}
_SHOT = {
    "SnapshotCreateTime": "~time~",
    "Status": "available",
    "VpcId": "~vpc~",
    "LicenseModel": "postgresql-license",
    "SnapshotType": "manual",
    "PercentProgress": 100,
    "KmsKeyId": KEY,
    "Port": 5432,
    "AllocatedStorage": 100,
    "EngineVersion": "16.4",
    "TagList": tags("before-upgrade-~n~"),
}
DB_SNAPSHOT = _SHOT | {
    "DBSnapshotIdentifier": "before-upgrade-~n~",
    "DBInstanceIdentifier": "~db~",
    "Engine": "postgres",
    "AvailabilityZone": "~zone~",
    "InstanceCreateTime": "~time~",
    "MasterUsername": "orders",
    "OptionGroupName": "default:postgres-16",
    "StorageType": "gp3",
    "Encrypted": True,
    "DBSnapshotArn": ARN.format("rds") + "snapshot:before-upgrade-~n~",
    "IAMDatabaseAuthenticationEnabled": True,
    "DbiResourceId": "db-~id21~",
}
CLUSTER_SNAPSHOT = _SHOT | {
    "AvailabilityZones": ["~region~a", "~region~b", "~region~c"],
    "DBClusterSnapshotIdentifier": "ledger-before-upgrade-~n~",
    "DBClusterIdentifier": "~cluster~",
    "Engine": "aurora-postgresql",
    "ClusterCreateTime": "~time~",
    "MasterUsername": "ledger",
    "StorageEncrypted": True,
    "DBClusterSnapshotArn": ARN.format("rds") + "cluster-snapshot:ledger-before-upgrade-~n~",
}

# --- functions ------------------------------------------------------------------------------------

FUNCTION = {
    "FunctionName": "thumbnailer-~n~",
    "FunctionArn": ARN.format("lambda") + "function:thumbnailer-~n~",
    "Runtime": "python3.13",
    "Role": "arn:aws:iam::~account~:role/~role~",
    "Handler": "main.handler",
    "CodeSize": 48211,
    "Description": "makes thumbnails of what is put into the bucket",
    "Timeout": 30,
    "MemorySize": 512,
    "LastModified": "2025-04-01T08:00:00.000+0000",
    "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "Version": "$LATEST",
    "VpcConfig": {"SubnetIds": ["~subnet~"], "SecurityGroupIds": ["~group~"], "VpcId": "~vpc~"},
    "Environment": {"Variables": {"BUCKET": "bench-~account~-~n~", "LOG_LEVEL": "info", "TABLE": "sessions-~n~"}},
    "TracingConfig": {"Mode": "Active"},
    "RevisionId": "0d6a1e52-8d1c-4d7a-9b3f-~n~",
    "State": "Active",
    "LastUpdateStatus": "Successful",
    "PackageType": "Zip",
    "Architectures": ["arm64"],
    "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/thumbnailer-~n~"},
}

"""Amazon Redshift Serverless: namespaces, which hold the data, and workgroups, which compute."""

from __future__ import annotations

import re
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    name_or_arn,
    sensitive,
    unordered,
    volatile,
)
from state.forms import Form, Pairwise, defaulting, if_enabled, pairs_as_declared

GONE = ("ResourceNotFoundException",)
DELETING = {"pending_deletion": "status=='DELETING'", "status": "status"}


def tagging(arn: str) -> Detail:
    return Detail(operation="list_tags_for_resource", arguments={"resourceArn": arn}, into="Tagging", gone=GONE)


def role_arns(told: Any) -> list[str]:
    """AWS tells a role as ``IamRole(applyStatus=in-sync, iamRoleArn=arn:…)``."""
    return [found[0] if (found := re.findall(r"arn:[^,)\s]+", each)) else each for each in told or ()]


NAMESPACE = Collector(
    type="aws_redshiftserverless_namespace",
    service="redshift-serverless",
    fetch=Listing("list_namespaces", "namespaces"),
    details=(tagging("namespaceArn"),),
    permissions=("redshift-serverless:ListNamespaces", "redshift-serverless:ListTagsForResource"),
    id="namespaceName",
    identity=("namespace_name",),
    attributes={
        "admin_password_secret_arn": volatile("adminPasswordSecretArn"),
        "admin_password_secret_kms_key_id": volatile("adminPasswordSecretKmsKeyId"),
        "admin_username": sensitive("adminUsername"),
        "arn": "namespaceArn",
        "db_name": "dbName",
        "default_iam_role_arn": "defaultIamRoleArn",
        "iam_roles": unordered("iamRoles", role_arns),
        # AWS_OWNED_KMS_KEY where none is named
        "kms_key_id": name_or_arn("kmsKeyId"),
        "log_exports": unordered("logExports"),
        "manage_admin_password": volatile("adminPasswordSecretArn && `true`"),
        "namespace_id": "namespaceId",
        "namespace_name": "namespaceName",
    },
    facts={"creation_date": "creationDate", **DELETING},
    tags="Tagging.tags[].{Key: key, Value: value}",
)


INTERFACES = (
    "networkInterfaces[].{availability_zone: availabilityZone, network_interface_id: networkInterfaceId, "
    "private_ip_address: privateIpAddress, subnet_id: subnetId}"
)

WORKGROUP = Collector(
    type="aws_redshiftserverless_workgroup",
    service="redshift-serverless",
    fetch=Listing("list_workgroups", "workgroups"),
    details=(tagging("workgroupArn"),),
    permissions=("redshift-serverless:ListWorkgroups", "redshift-serverless:ListTagsForResource"),
    id="workgroupName",
    identity=("workgroup_name",),
    attributes={
        "arn": "workgroupArn",
        "base_capacity": "baseCapacity",
        "config_parameter": Attribute(
            path="configParameters[].{parameter_key: parameterKey, parameter_value: parameterValue}",
            form=Pairwise(agree=pairs_as_declared("parameter_key", "parameter_value")),
            convert=as_block,
        ),
        "endpoint": volatile(
            "endpoint && [endpoint.{address: address, port: port, "
            f"vpc_endpoint: vpcEndpoints[].{{network_interface: {INTERFACES}, vpc_endpoint_id: vpcEndpointId, "
            "vpc_id: vpcId}}]"
        ),
        "enhanced_vpc_routing": "enhancedVpcRouting",
        "max_capacity": "maxCapacity",
        "namespace_name": "namespaceName",
        "port": "endpoint.port || port",
        "price_performance_target": Attribute(
            path="pricePerformanceTarget.{enabled: status=='ENABLED', level: level}",
            form=Form(canonical=if_enabled),
            convert=as_block,
        ),
        "publicly_accessible": "publiclyAccessible",
        "security_group_ids": unordered("securityGroupIds"),
        "subnet_ids": unordered("subnetIds"),
        "track_name": Attribute(path="trackName", form=defaulting("current")),
        "workgroup_id": "workgroupId",
        "workgroup_name": "workgroupName",
    },
    facts={"creation_date": "creationDate", **DELETING},
    tags="Tagging.tags[].{Key: key, Value: value}",
)

COLLECTORS = [NAMESPACE, WORKGROUP]

"""Acme's AWS account as its Terraform made it: the live things of main.tf, and the state that says so."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec

from state import Inventory, Resource

REGION = "eu-west-1"
STATE_BUCKET, STATE_KEY = "acme-terraform-state", "shop/terraform.tfstate"

DEFAULT_TAGS = {"owner": "platform", "environment": "production", "cost-center": "4711", "service": "shop"}

Client = Callable[[str], Any]
"""`aws("ec2")`: a boto3 client of the embedded account."""

LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


def tags(**own: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {**DEFAULT_TAGS, **own}.items()]


def build(aws: Client) -> None:
    """Make everything that main.tf declares, and the bucket that keeps the state."""
    groups = _network(aws("ec2"))
    _database(aws("rds"), groups["database"])
    _buckets(aws("s3"))
    carts = _tables(aws("dynamodb"))
    _checkout(aws("iam"), aws("lambda"), carts)


def _network(ec2: Any) -> dict[str, str]:
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=_spec("vpc", Name="shop"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    groups = {name: _group(ec2, vpc, name, text) for name, text in (("web", "Web servers"), ("database", "Database"))}
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=groups["web"],
        IpPermissions=[https | {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "HTTPS from anywhere"}]}],
    )
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=groups["database"], IpPermissions=[everything])
    pair = {"GroupId": groups["web"], "Description": "PostgreSQL from the web servers"}
    ec2.authorize_security_group_ingress(
        GroupId=groups["database"],
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [pair]}],
    )
    for zone, cidr in (("a", "10.20.1.0/24"), ("b", "10.20.2.0/24")):
        _web_server(ec2, vpc, zone, cidr, groups["web"])
    return groups


def _group(ec2: Any, vpc: str, name: str, text: str) -> str:
    made = ec2.create_security_group(
        VpcId=vpc, GroupName=name, Description=f"{text} of the shop", TagSpecifications=_spec("security-group")
    )
    return str(made["GroupId"])


def _web_server(ec2: Any, vpc: str, zone: str, cidr: str, group: str) -> None:
    subnet = ec2.create_subnet(
        VpcId=vpc,
        CidrBlock=cidr,
        AvailabilityZone=f"{REGION}{zone}",
        TagSpecifications=_spec("subnet", Name=f"shop-{zone}"),
    )["Subnet"]["SubnetId"]
    ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}],
        TagSpecifications=_spec("instance", Name=f"web-{zone}"),
    )


def _spec(kind: str, **own: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags(**own)}]


def _database(rds: Any, group: str) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        Engine="postgres",
        EngineVersion="16.4",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MultiAZ=True,
        StorageEncrypted=True,
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        VpcSecurityGroupIds=[group],
        MasterUsername="shop",
        MasterUserPassword="only-in-this-demo",
        Tags=tags(),
    )


def _buckets(s3: Any) -> None:
    for bucket in ("acme-shop-invoices", "acme-shop-assets", STATE_BUCKET):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(SHUT, True))
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags()})
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [AS_AWS_ENCRYPTS]})
    s3.put_bucket_versioning(Bucket="acme-shop-invoices", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})


AS_AWS_ENCRYPTS = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
"""What a new bucket has of itself since January 2023; moto's has not."""

SHUT = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _tables(dynamodb: Any) -> str:
    arns = {}
    for name, key in (("carts", "customer"), ("sessions", "id")):
        arns[name] = dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            Tags=tags(),
        )["TableDescription"]["TableArn"]
    dynamodb.update_continuous_backups(
        TableName="carts", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return str(arns["carts"])


def _checkout(iam: Any, lambdas: Any, carts: str) -> None:
    role = iam.create_role(RoleName="checkout", AssumeRolePolicyDocument=_json(LAMBDA_TRUST), Tags=tags())["Role"]
    allow = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": carts}
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    iam.put_role_policy(RoleName="checkout", PolicyName="carts", PolicyDocument=_json(policy))
    lambdas.create_function(
        FunctionName="checkout",
        Role=role["Arn"],
        Runtime="python3.13",
        Handler="checkout.handler",
        Code={"ZipFile": _zipped("def handler(event, context): ...\n")},
        Timeout=10,
        MemorySize=256,
        Tags=DEFAULT_TAGS,
    )


def _zipped(code: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("checkout.py", code)
    return file.getvalue()


def _json(document: Any) -> str:
    return msgspec.json.encode(document).decode()


# --- the state ------------------------------------------------------------------------------------

NAMES = {
    ("aws_vpc", "shop"): "shop",
    ("aws_subnet", "shop-a"): 'shop["a"]',
    ("aws_subnet", "shop-b"): 'shop["b"]',
    ("aws_security_group", "web"): "web",
    ("aws_security_group", "database"): "database",
    ("aws_instance", "web-a"): 'web["a"]',
    ("aws_instance", "web-b"): 'web["b"]',
    ("aws_db_instance", "orders"): "orders",
    ("aws_s3_bucket", "acme-shop-invoices"): "invoices",
    ("aws_s3_bucket", "acme-shop-assets"): "assets",
    ("aws_s3_bucket_public_access_block", "acme-shop-invoices"): "invoices",
    ("aws_s3_bucket_versioning", "acme-shop-invoices"): "invoices",
    ("aws_dynamodb_table", "carts"): "carts",
    ("aws_dynamodb_table", "sessions"): "sessions",
    ("aws_iam_role", "checkout"): "checkout",
    ("aws_iam_role_policy", "checkout:carts"): "checkout",
    ("aws_lambda_function", "checkout"): "checkout",
}
"""What main.tf calls each live thing, by its type and its Name tag, name or id."""

RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
TYPES = tuple({type: None for type, _ in NAMES} | dict.fromkeys(RULES))
"""What the state is made of."""

_TYPES = """
    account aws_db_cluster_snapshot aws_db_instance aws_db_snapshot aws_dynamodb_table aws_ebs_snapshot
    aws_ebs_volume aws_eip aws_eip_association aws_iam_account_password_policy aws_iam_group aws_iam_group_policy
    aws_iam_group_policy_attachment aws_iam_instance_profile aws_iam_policy aws_iam_role aws_iam_role_policy
    aws_iam_role_policy_attachment aws_iam_user aws_iam_user_group_membership aws_iam_user_policy
    aws_iam_user_policy_attachment aws_instance aws_internet_gateway aws_lambda_function aws_nat_gateway
    aws_rds_cluster aws_rds_cluster_instance aws_route aws_route_table aws_route_table_association
    aws_s3_account_public_access_block aws_s3_bucket aws_s3_bucket_acl aws_s3_bucket_lifecycle_configuration
    aws_s3_bucket_logging aws_s3_bucket_ownership_controls aws_s3_bucket_policy aws_s3_bucket_public_access_block
    aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning aws_security_group aws_subnet
    aws_volume_attachment aws_vpc aws_vpc_security_group_egress_rule aws_vpc_security_group_ingress_rule
"""
READ = tuple(_TYPES.split())
"""What Acme scans: types of services that moto answers for as AWS does. An account of AWS is read whole."""


def state(live: Inventory) -> bytes:
    """The state as the apply would have left it: a version 4 file of what was just made."""
    blocks: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for resource in live.resources:
        if name := _name(resource):
            plain, _, key = name.partition("[")
            instance = {"schema_version": 0, "attributes": _attributes(resource, live)}
            index = {"index_key": key[1:-2]} if key else {}
            blocks.setdefault((resource.type, plain), []).append(index | instance)
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    resources = [
        {"mode": "managed", "type": type, "name": name, "provider": provider, "instances": instances}
        for (type, name), instances in sorted(blocks.items())
    ]
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "acme-shop", "outputs": {}}
    return msgspec.json.encode(head | {"resources": resources})


def _name(resource: Resource) -> str | None:
    if resource.type == "aws_vpc_security_group_ingress_rule":
        return "database_from_web" if resource.attributes["from_port"] == 5432 else None
    own = (resource.tags.get("Name"), resource.attributes.get("name"), resource.identity, resource.id)
    called = ((resource.type, str(each)) for each in own)
    return next((NAMES[each] for each in called if each in NAMES), None)


def _attributes(resource: Resource, live: Inventory) -> dict[str, Any]:
    """As the provider keeps them: tags merged with the defaults, a group's rules as its blocks too."""
    attributes = dict(resource.attributes) | {"id": resource.id}
    if "tags" in attributes:
        attributes["tags_all"] = attributes["tags"]
        attributes["tags"] = {key: text for key, text in resource.tags.items() if key not in DEFAULT_TAGS}
    if resource.type == "aws_security_group":
        for direction, type in zip(("ingress", "egress"), RULES):
            rules = live.of(type)
            attributes[direction] = [_block(rule) for rule in rules if rule["security_group_id"] == resource.id]
    return attributes


def _block(rule: Resource) -> dict[str, Any]:
    """A rule as a block of its group."""
    return {
        "protocol": rule["ip_protocol"],
        "from_port": rule["from_port"] or 0,
        "to_port": rule["to_port"] or 0,
        "description": rule["description"] or "",
        "cidr_blocks": [rule["cidr_ipv4"]] if rule["cidr_ipv4"] else [],
        "security_groups": [rule["referenced_security_group_id"]] if rule["referenced_security_group_id"] else [],
        "self": False,
    }

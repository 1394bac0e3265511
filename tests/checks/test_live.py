"""Checks over what the collectors read of a live account: made wrong, then mended."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from checks import REGISTRY, Status, Terms, run
from scanner.collectors import collectors
from tests.conftest import ACCOUNT, REGION, read

Client = Callable[..., Any]
VERSION = "2012-10-17"
FAIL, PASS, UNKNOWN, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SKIPPED


def verdicts(check: str, *types: str) -> dict[str, Status]:
    """The verdict of a check on each thing by id, after reading things of these types."""
    inventory = read(*(each for each in collectors() if each.type in types))
    assert inventory.gaps == []
    return {each.resource.id: each.status for each in run([REGISTRY[check]], inventory, Terms())}


GROUPS = ("aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "aws_vpc")


def test_ssh_open_to_the_world(aws: Client) -> None:
    ec2 = aws("ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert verdicts("sg-ingress-ssh-world", *GROUPS)[group] is FAIL
    assert verdicts("sg-ingress-rdp-world", *GROUPS)[group] is PASS
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert verdicts("sg-ingress-ssh-world", *GROUPS)[group] is PASS


def test_a_rule_nobody_read_is_unknown(aws: Client) -> None:
    found = verdicts("sg-ingress-ssh-world", "aws_security_group", "aws_vpc")
    assert set(found.values()) == {UNKNOWN}


def test_the_default_group_has_rules(aws: Client) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    [group] = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    assert verdicts("sg-default-restricts", *GROUPS)[group["GroupId"]] is FAIL
    ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    assert verdicts("sg-default-restricts", *GROUPS)[group["GroupId"]] is PASS


BUCKETS = (
    "aws_s3_account_public_access_block",
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
)
CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@pytest.fixture
def bucket(aws: Client) -> Any:
    aws("s3").create_bucket(Bucket="acme", CreateBucketConfiguration={"LocationConstraint": REGION})
    return aws("s3")


def statement(**parts: Any) -> str:
    whole = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"], **parts}
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


def test_a_bucket_that_anyone_reads(bucket: Any) -> None:
    s3 = bucket
    assert verdicts("s3-bucket-public-access", *BUCKETS) == {"acme": PASS}
    s3.put_bucket_acl(Bucket="acme", ACL="public-read")
    assert verdicts("s3-bucket-public-access", *BUCKETS) == {"acme": FAIL}
    s3.put_bucket_acl(Bucket="acme", ACL="private")
    s3.put_bucket_policy(Bucket="acme", Policy=statement(Effect="Allow"))
    assert verdicts("s3-bucket-public-write", *BUCKETS) == {"acme": FAIL}
    s3.put_public_access_block(Bucket="acme", PublicAccessBlockConfiguration=CLOSED)
    assert verdicts("s3-bucket-public-access", *BUCKETS) == {"acme": PASS}
    assert verdicts("s3-bucket-public-write", *BUCKETS) == {"acme": PASS}


def test_the_accounts_block_covers_its_buckets(aws: Client, bucket: Any) -> None:
    assert verdicts("s3-bucket-public-access-block", *BUCKETS) == {"acme": FAIL}
    assert verdicts("s3-account-public-access-block", *BUCKETS) == {ACCOUNT: FAIL}
    aws("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=CLOSED)
    assert verdicts("s3-bucket-public-access-block", *BUCKETS) == {"acme": PASS}
    assert verdicts("s3-account-public-access-block", *BUCKETS) == {ACCOUNT: PASS}


def test_versions_encryption_and_tls_of_a_bucket(bucket: Any) -> None:
    s3 = bucket
    assert verdicts("s3-bucket-versioning", *BUCKETS) == {"acme": FAIL}
    assert verdicts("s3-bucket-tls-only", *BUCKETS) == {"acme": FAIL}
    s3.put_bucket_versioning(Bucket="acme", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(
        Bucket="acme", Policy=statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    )
    assert verdicts("s3-bucket-versioning", *BUCKETS) == {"acme": PASS}
    assert verdicts("s3-bucket-tls-only", *BUCKETS) == {"acme": PASS}
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="acme", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert verdicts("s3-bucket-default-encryption", *BUCKETS) == {"acme": PASS}
    s3.delete_bucket_encryption(Bucket="acme")
    assert verdicts("s3-bucket-default-encryption", *BUCKETS) == {"acme": FAIL}


def test_snapshots_for_everyone(aws: Client) -> None:
    ec2 = aws("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert verdicts("ebs-snapshot-public", "aws_ebs_snapshot")[snapshot] is PASS
    ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    assert verdicts("ebs-snapshot-public", "aws_ebs_snapshot")[snapshot] is FAIL


def test_databases(aws: Client) -> None:
    rds = aws("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="orders",
        MasterUserPassword="not-a-secret",
        PubliclyAccessible=True,
        BackupRetentionPeriod=7,
    )
    checks = (
        "rds-instance-public",
        "rds-instance-backup-retention",
        "rds-instance-single-az",
        "rds-instance-unencrypted",
    )
    found = [next(iter(verdicts(each, "aws_db_instance").values())) for each in checks]
    assert found == [FAIL, PASS, FAIL, FAIL]
    rds.create_db_snapshot(DBSnapshotIdentifier="copy", DBInstanceIdentifier="orders")
    assert verdicts("rds-snapshot-public", "aws_db_snapshot")["copy"] is PASS
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="copy", AttributeName="restore", ValuesToAdd=["all"])
    assert verdicts("rds-snapshot-public", "aws_db_snapshot")["copy"] is FAIL


def test_recovery_of_a_table(aws: Client) -> None:
    dynamodb = aws("dynamodb")
    dynamodb.create_table(
        TableName="carts",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert verdicts("dynamodb-pitr", "aws_dynamodb_table") == {"carts": FAIL}
    dynamodb.update_continuous_backups(
        TableName="carts", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert verdicts("dynamodb-pitr", "aws_dynamodb_table") == {"carts": PASS}


ATTACHMENTS = tuple(f"aws_iam_{kind}_policy_attachment" for kind in ("role", "user", "group"))
EVERYTHING = json.dumps({"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def test_a_policy_for_everything(aws: Client) -> None:
    iam = aws("iam")
    arn = iam.create_policy(PolicyName="all", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.create_user(UserName="ann")
    assert verdicts("iam-policy-admin-attached", "aws_iam_policy", *ATTACHMENTS) == {arn: PASS}
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    assert verdicts("iam-policy-admin-attached", "aws_iam_policy", *ATTACHMENTS) == {arn: FAIL}
    assert verdicts("iam-policy-admin-attached", "aws_iam_policy") == {arn: UNKNOWN}


def test_a_role_for_anyone(aws: Client) -> None:
    iam = aws("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=json.dumps({"Version": VERSION, "Statement": [trust]}))
    assert verdicts("iam-role-trust-anyone", "aws_iam_role") == {"partner": FAIL}
    trust["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    iam.update_assume_role_policy(
        RoleName="partner", PolicyDocument=json.dumps({"Version": VERSION, "Statement": [trust]})
    )
    assert verdicts("iam-role-trust-anyone", "aws_iam_role") == {"partner": PASS}


def test_a_user_with_a_password_alone(aws: Client) -> None:
    iam = aws("iam")
    iam.create_user(UserName="ann")
    assert verdicts("iam-user-mfa-console", "aws_iam_user") == {"ann": PASS}
    iam.create_login_profile(UserName="ann", Password="Not-a-secret-1234")
    assert verdicts("iam-user-mfa-console", "aws_iam_user") == {"ann": FAIL}


def test_the_account(aws: Client) -> None:
    types = ("account", "aws_iam_account_password_policy")
    assert verdicts("iam-password-policy-length", *types) == {ACCOUNT: FAIL}
    aws("iam").update_account_password_policy(MinimumPasswordLength=14)
    assert verdicts("iam-password-policy-length", *types) == {ACCOUNT: PASS}
    assert verdicts("iam-root-access-key", *types) == {ACCOUNT: PASS}


def test_networks_in_one_zone(aws: Client) -> None:
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = {
        zone: ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    }
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet["a"]["SubnetId"], AllocationId=address)["NatGateway"]["NatGatewayId"]
    [main] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    network = (
        "aws_nat_gateway",
        "aws_route",
        "aws_route_table",
        "aws_route_table_association",
        "aws_subnet",
        "aws_vpc",
    )
    assert verdicts("nat-gateway-single-az", *network) == {nat: FAIL}
    assert verdicts("vpc-single-az", *network)[vpc] is PASS
    ec2.delete_subnet(SubnetId=subnet["b"]["SubnetId"])
    assert verdicts("nat-gateway-single-az", *network) == {nat: PASS}
    assert verdicts("vpc-single-az", *network)[vpc] is FAIL


def test_an_empty_account_passes_nothing_that_is_not_there(aws: Client) -> None:
    assert verdicts("rds-instance-public", "aws_db_instance") == {"*": SKIPPED}

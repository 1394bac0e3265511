"""What people did by hand, one bad week: each a change that no plan has seen yet."""

from __future__ import annotations

import json
from typing import Any

from scanner.demo.company import Client

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


TOLD = (
    "SSH opened to the world on the web servers' security group",
    "the order database's backups switched off",
    "the bucket of invoices made public",
    "a role that anyone may assume, and that may do everything",
    "the table of sessions deleted",
    "owner and cost-center tags removed from a web server",
)


def make(aws: Client) -> None:
    """Make every change."""
    ssh_opened_to_the_world(aws("ec2"))
    backups_switched_off(aws("rds"))
    bucket_made_public(aws("s3"))
    admin_role_created(aws("iam"))
    table_deleted(aws("dynamodb"))
    tags_removed(aws("ec2"))


def ssh_opened_to_the_world(ec2: Any) -> None:
    """ "Just for an hour, to debug the checkout." """
    ec2.authorize_security_group_ingress(
        GroupId=_group(ec2, "web"), IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )


def backups_switched_off(rds: Any) -> None:
    """They slowed the migration down."""
    rds.modify_db_instance(DBInstanceIdentifier="orders", BackupRetentionPeriod=0, ApplyImmediately=True)


def bucket_made_public(s3: Any) -> None:
    """A partner had to fetch one invoice."""
    bucket = "acme-shop-invoices"
    s3.delete_public_access_block(Bucket=bucket)
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [anyone]}))


def admin_role_created(iam: Any) -> None:
    """For a consultant who left in spring."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="consultant", AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName="consultant", PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))


def table_deleted(dynamodb: Any) -> None:
    """It looked unused."""
    dynamodb.delete_table(TableName="sessions")


def tags_removed(ec2: Any) -> None:
    """Somebody tidied up in the console."""
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["web-b"]}])
    instance = found["Reservations"][0]["Instances"][0]["InstanceId"]
    ec2.delete_tags(Resources=[instance], Tags=[{"Key": "owner"}, {"Key": "cost-center"}])


def _group(ec2: Any, name: str) -> str:
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])
    return str(found["SecurityGroups"][0]["GroupId"])

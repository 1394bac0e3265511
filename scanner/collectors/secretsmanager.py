"""AWS Secrets Manager: secrets, who may read them, and how they are rotated. Never what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    blocks,
    converted,
    name_or_arn,
    policy,
)
from scanner.aws.place import Item
from state import Resource
from state.forms import UNREAD, Form, plain
from state.schema import Parent

GONE = ("ResourceNotFoundException",)
ALSO_THE_DELETED = (("IncludePlannedDeletion", True),)
OF_SECRET = {"SecretId": "ARN"}


def listed(which: str) -> Listing:
    return Listing("list_secrets", f"SecretList{which}", ALSO_THE_DELETED)


def made_by(secret: Item) -> str | None:
    """A service that keeps a secret for itself, or the secret that this one is the copy of."""
    if secret.get("OwningService"):
        return str(secret["OwningService"])
    home = secret.get("PrimaryRegion")
    return f"secretsmanager: {home}" if home and home != secret["ARN"].split(":")[3] else None


SECRET = Collector(
    type="aws_secretsmanager_secret",
    service="secretsmanager",
    fetch=listed("[]"),
    details=(Detail(operation="describe_secret", arguments=OF_SECRET, into="Described", gone=GONE),),
    permissions=("secretsmanager:ListSecrets", "secretsmanager:DescribeSecret"),
    id="ARN",
    identity=("name",),
    owner=made_by,
    attributes={
        "arn": "ARN",
        "description": "Description",
        "kms_key_id": name_or_arn("KmsKeyId"),
        "name": "Name",
        "replica": blocks(
            "Described.ReplicationStatus[].{kms_key_id: KmsKeyId, last_accessed_date: LastAccessedDate, "
            "region: Region, status: Status, status_message: StatusMessage}",
            last_accessed_date=UNREAD,
            status=UNREAD,
            status_message=UNREAD,
        ),
    },
    facts={
        "created_date": "CreatedDate",
        "deleted_date": "DeletedDate",
        "last_accessed_date": "LastAccessedDate",
        "last_changed_date": "LastChangedDate",
        "last_rotated_date": "LastRotatedDate",
        "next_rotation_date": "NextRotationDate",
        "pending_deletion": "DeletedDate && `true`",
        "rotation_enabled": "RotationEnabled",
    },
    tags="Tags",
)


# --- policies -------------------------------------------------------------------------------------


def policy_in_secret(secret: Resource) -> Iterator[Resource]:
    said = plain(secret.attributes.get("policy"))
    if said not in (None, "{}"):
        arn = secret.attributes.get("arn") or secret.id
        yield secret.replace(attributes={"secret_arn": arn, "policy": said})


POLICY = Collector(
    type="aws_secretsmanager_secret_policy",
    service="secretsmanager",
    fetch=listed("[?!DeletedDate]"),
    details=(
        Detail(
            operation="get_resource_policy",
            arguments=OF_SECRET,
            into="Policing",
            gone=GONE,
            holds="ResourcePolicy",
            essential=True,
        ),
    ),
    permissions=("secretsmanager:ListSecrets", "secretsmanager:GetResourcePolicy"),
    id="ARN",
    identity=("secret_arn",),
    parent=Parent(type="aws_secretsmanager_secret", by="secret_arn", part="policy", paths={"policy": "policy"}),
    homes={"aws_secretsmanager_secret": policy_in_secret},
    attributes={"policy": policy("Policing.ResourcePolicy"), "secret_arn": "ARN"},
)


# --- rotation -------------------------------------------------------------------------------------

ARN = re.compile(r"arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)-\w{6}")


def secret_name(said: Any) -> Any:
    """A secret's name, which its ARN ends in, with six letters of AWS's behind it."""
    found = ARN.fullmatch(said) if isinstance(said, str) else None
    return found[1] if found else plain(said)


def rules(found: Any) -> list[Any]:
    """A schedule says the days too, which Terraform then leaves out."""
    said = dict(found or {})
    if said.get("schedule_expression"):
        said["automatically_after_days"] = None
    return as_block(said)


ROTATION = Collector(
    type="aws_secretsmanager_secret_rotation",
    service="secretsmanager",
    fetch=listed("[?RotationEnabled && !DeletedDate]"),
    permissions=("secretsmanager:ListSecrets",),
    id="ARN",
    identity=lambda said: secret_name(said.get("secret_id")),
    owner=made_by,
    parent=Parent(type="aws_secretsmanager_secret", by="secret_id", part="rotation"),
    attributes={
        "rotation_enabled": "RotationEnabled",
        "rotation_lambda_arn": "RotationLambdaARN",
        "rotation_rules": converted(
            "RotationRules.{automatically_after_days: AutomaticallyAfterDays, duration: Duration, "
            "schedule_expression: ScheduleExpression}",
            rules,
        ),
        "secret_id": Attribute(path="ARN", form=Form(canonical=secret_name)),
    },
    facts={"last_rotated_date": "LastRotatedDate", "next_rotation_date": "NextRotationDate"},
)

COLLECTORS = [SECRET, POLICY, ROTATION]

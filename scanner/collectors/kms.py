"""AWS KMS: keys, the names they go by, and who may use them.

A key listing tells ids only. The provider has a type for keys of AWS's making, one for those whose material
was brought, and one for replicas; KMS has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, converted, name_or_arn, policy
from scanner.aws.inside import all_of, listing
from scanner.aws.place import Item
from scanner.aws.texts import last
from state import Resource
from state.forms import IF_DECLARED, TO_THE_SECOND, VOLATILE, Form, defaulting
from state.schema import Home, Parent, always

GONE = ("NotFoundException",)
KEYS = all_of("kms", "list_keys", "Keys")
ALIASES = all_of("kms", "list_aliases", "Aliases")
EACH_KEY = listing("kms_keys", KEYS)
OF_KEY = {"KeyId": "KeyId"}
REPLICA = "KeyMetadata.MultiRegionConfiguration.MultiRegionKeyType=='REPLICA'"
EXTERNAL = "KeyMetadata.Origin=='EXTERNAL'"
BY_AWS = "Described.KeyMetadata.KeyManager=='AWS'"
DYING = "contains(['PendingDeletion', 'PendingReplicaDeletion'], Described.KeyMetadata.KeyState)"
# Only symmetric keys whose material KMS made are ever rotated; of a key that is to go AWS does not say.
NEVER_ROTATED = (
    f"{BY_AWS} || {DYING} || Described.KeyMetadata.KeySpec!='SYMMETRIC_DEFAULT'"
    " || Described.KeyMetadata.Origin!='AWS_KMS'"
)


def described(holds: str) -> Detail:
    return Detail(operation="describe_key", arguments=OF_KEY, into="Described", gone=GONE, holds=holds, essential=True)


ROTATION = Detail(
    operation="get_key_rotation_status", arguments=OF_KEY, into="Rotation", gone=GONE, unless=NEVER_ROTATED
)
TAGS = Detail(operation="list_resource_tags", arguments=OF_KEY, into="Tagging", gone=GONE, unless=BY_AWS)


def made_by_aws(key: Item) -> str | None:
    """Keys that AWS makes for a service that needs one; nobody else can."""
    return "aws" if key["Described"]["KeyMetadata"].get("KeyManager") == "AWS" else None


ENABLED = Attribute(path="Described.KeyMetadata.Enabled", form=defaulting(True))
SPEC = Attribute(path="Described.KeyMetadata.KeySpec", form=defaulting("SYMMETRIC_DEFAULT"))

KEY_ATTRIBUTES: dict[str, str | Attribute] = {
    "arn": "KeyArn",
    "description": "Described.KeyMetadata.Description",
    "key_usage": Attribute(path="Described.KeyMetadata.KeyUsage", form=defaulting("ENCRYPT_DECRYPT")),
}
KEY_FACTS = {
    "creation_date": "Described.KeyMetadata.CreationDate",
    "deletion_date": "Described.KeyMetadata.DeletionDate",
    "key_manager": "Described.KeyMetadata.KeyManager",
    "key_spec": "Described.KeyMetadata.KeySpec",
    "key_state": "Described.KeyMetadata.KeyState",
    "origin": "Described.KeyMetadata.Origin",
    "pending_deletion": DYING,
}


def key(type: str, holds: str, attributes: Mapping[str, str | Attribute], *details: Detail) -> Collector:
    """A kind of key; what all of them are asked is asked of each key once. The id is the key's."""
    return Collector(
        type=type,
        service="kms",
        fetch=EACH_KEY,
        details=(described(holds), TAGS, *details),
        permissions=(
            "kms:ListKeys",
            "kms:DescribeKey",
            "kms:ListResourceTags",
            *(["kms:GetKeyRotationStatus"] if details else []),
        ),
        id="KeyId",
        owner=made_by_aws,
        attributes={**KEY_ATTRIBUTES, **attributes},
        facts={**KEY_FACTS, **({"next_rotation_date": "Rotation.NextRotationDate"} if details else {})},
        tags="Tagging.Tags[].{Key: TagKey, Value: TagValue}",
    )


KEY = key(
    "aws_kms_key",
    f"!({EXTERNAL}) && !({REPLICA}) && KeyMetadata",
    {
        "custom_key_store_id": "Described.KeyMetadata.CustomKeyStoreId",
        "customer_master_key_spec": SPEC,
        "enable_key_rotation": "Rotation.KeyRotationEnabled",
        "is_enabled": ENABLED,
        "key_id": "KeyId",
        "multi_region": "Described.KeyMetadata.MultiRegion",
        "rotation_period_in_days": Attribute(path="Rotation.RotationPeriodInDays", form=IF_DECLARED),
        "xks_key_id": "Described.KeyMetadata.XksKeyConfiguration.Id",
    },
    ROTATION,
)

EXTERNAL_KEY = key(
    "aws_kms_external_key",
    f"{EXTERNAL} && !({REPLICA}) && KeyMetadata",
    {
        "enabled": ENABLED,
        "expiration_model": Attribute(path="Described.KeyMetadata.ExpirationModel", form=VOLATILE),
        "key_spec": SPEC,
        "key_state": Attribute(path="Described.KeyMetadata.KeyState", form=VOLATILE),
        "multi_region": "Described.KeyMetadata.MultiRegion",
        "valid_to": Attribute(path="Described.KeyMetadata.ValidTo", form=TO_THE_SECOND),
    },
)


REPLICA_KEY = key(
    "aws_kms_replica_key",
    f"{REPLICA} && KeyMetadata",
    {
        "enabled": ENABLED,
        "key_id": "KeyId",
        "key_rotation_enabled": "Rotation.KeyRotationEnabled",
        "key_spec": SPEC,
        "primary_key_arn": "Described.KeyMetadata.MultiRegionConfiguration.PrimaryKey.Arn",
    },
    ROTATION,
)


# --- policies -------------------------------------------------------------------------------------


def key_of(said: Mapping[str, Any]) -> str | None:
    return last(said.get("key_id")) or None


def policy_in_key(key: Resource) -> Iterator[Resource]:
    """What the key itself declares, which is often the provider's copy of one that is declared apart."""
    if said := key.attributes.get("policy"):
        yield key.replace(attributes={"key_id": key.attributes.get("key_id") or key.id, "policy": said})


def undeclared(given: Resource) -> bool:
    """Every key has a policy."""
    return given.declared is None


KEY_POLICY = Collector(
    type="aws_kms_key_policy",
    service="kms",
    fetch=EACH_KEY,
    details=(
        described("KeyMetadata"),
        Detail(
            operation="get_key_policy",
            arguments={"KeyId": "KeyId", "PolicyName": "'default'"},
            into="Policing",
            gone=GONE,
            unless=BY_AWS,
            essential=True,
        ),
    ),
    permissions=("kms:ListKeys", "kms:DescribeKey", "kms:GetKeyPolicy"),
    id="KeyId",
    identity=key_of,
    parent=Parent(type="aws_kms_key", by="key_id", part="policy", paths={"policy": "policy"}),
    homes=dict.fromkeys(
        ("aws_kms_external_key", "aws_kms_key", "aws_kms_replica_key"), Home(project=policy_in_key, filled=always)
    ),
    at_default=undeclared,
    attributes={
        "key_id": Attribute(path="KeyId", form=Form(canonical=last)),
        "policy": policy("Policing.Policy"),
    },
    facts={"pending_deletion": DYING},
)


# --- aliases ----------------------------------------------------------------------------------------


def target_arn(found: Any) -> str | None:
    """The ARN of the key that an alias stands for: AWS tells its id, and the alias's own ARN."""
    alias, key = found
    return f"{alias.rpartition(':')[0]}:key/{key}" if alias and key else None


def of_aws(alias: Item) -> str | None:
    return "aws" if alias["AliasName"].startswith("alias/aws/") else None


ALIAS = Collector(
    type="aws_kms_alias",
    service="kms",
    fetch=listing("kms_aliases", ALIASES),
    permissions=("kms:ListAliases",),
    id="AliasName",
    identity=("name",),
    owner=of_aws,
    attributes={
        "arn": "AliasArn",
        "name": "AliasName",
        "target_key_arn": converted("[AliasArn, TargetKeyId]", target_arn),
        "target_key_id": name_or_arn("TargetKeyId"),
    },
    facts={"creation_date": "CreationDate", "last_updated_date": "LastUpdatedDate"},
)

COLLECTORS = [KEY, EXTERNAL_KEY, REPLICA_KEY, KEY_POLICY, ALIAS]

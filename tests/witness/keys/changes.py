"""What people do to keys, secrets, parameters and certificates by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _open(*actions: str) -> str:
    statement = {"Sid": "all", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def key_opened(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.orders"]["key_id"]
    aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=_open("kms:*"))


def key_with_its_policy_apart_opened(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.plain"]["key_id"]
    aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=_open("kms:*"))


def key_with_its_policy_apart_given_away(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_kms_key_policy.plain"]["policy"])
    document["Statement"].append(
        {"Sid": "others", "Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "kms:*", "Resource": "*"}
    )
    key = state["aws_kms_key.plain"]["key_id"]
    aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))


def key_with_its_policy_apart_to_be_deleted(aws: Clients, state: State) -> None:
    aws("kms").schedule_key_deletion(KeyId=state["aws_kms_key.plain"]["key_id"], PendingWindowInDays=7)


def rotation_switched_off(aws: Clients, state: State) -> None:
    aws("kms").disable_key_rotation(KeyId=state["aws_kms_key.orders"]["key_id"])


def key_disabled(aws: Clients, state: State) -> None:
    aws("kms").disable_key(KeyId=state["aws_kms_key.hmac"]["key_id"])


def key_enabled(aws: Clients, state: State) -> None:
    aws("kms").enable_key(KeyId=state["aws_kms_key.signing"]["key_id"])


def key_to_be_deleted(aws: Clients, state: State) -> None:
    aws("kms").schedule_key_deletion(KeyId=state["aws_kms_key.hmac"]["key_id"], PendingWindowInDays=7)


def key_described_otherwise(aws: Clients, state: State) -> None:
    key = state["aws_kms_external_key.brought"]["id"]
    aws("kms").update_key_description(KeyId=key, Description="By hand")


def brought_key_retagged(aws: Clients, state: State) -> None:
    key = state["aws_kms_external_key.brought"]["id"]
    aws("kms").tag_resource(KeyId=key, Tags=[{"TagKey": "Team", "TagValue": "nobody"}])


def brought_key_opened(aws: Clients, state: State) -> None:
    key = state["aws_kms_external_key.brought"]["id"]
    aws("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=_open("kms:Decrypt"))


def alias_turned_elsewhere(aws: Clients, state: State) -> None:
    aws("kms").update_alias(AliasName="alias/orders", TargetKeyId=state["aws_kms_key.plain"]["key_id"])


def other_alias_turned_elsewhere(aws: Clients, state: State) -> None:
    alias = state["aws_kms_alias.plain"]["name"]
    aws("kms").update_alias(AliasName=alias, TargetKeyId=state["aws_kms_key.orders"]["key_id"])


def alias_deleted(aws: Clients, state: State) -> None:
    aws("kms").delete_alias(AliasName=state["aws_kms_alias.plain"]["name"])


def secret_opened(aws: Clients, state: State) -> None:
    aws("secretsmanager").put_resource_policy(SecretId="shop/db", ResourcePolicy=_open("secretsmanager:GetSecretValue"))


def secret_with_its_policy_apart_opened(aws: Clients, state: State) -> None:
    arn = state["aws_secretsmanager_secret.plain"]["arn"]
    aws("secretsmanager").put_resource_policy(SecretId=arn, ResourcePolicy=_open("secretsmanager:*"))


def secret_policy_deleted(aws: Clients, state: State) -> None:
    aws("secretsmanager").delete_resource_policy(SecretId=state["aws_secretsmanager_secret.plain"]["arn"])


def secret_policy_given_by_hand(aws: Clients, state: State) -> None:
    aws("secretsmanager").put_resource_policy(SecretId="turning", ResourcePolicy=_open("secretsmanager:*"))


def secret_described_otherwise(aws: Clients, state: State) -> None:
    aws("secretsmanager").update_secret(SecretId="shop/db", Description="By hand")


def secret_encrypted_otherwise(aws: Clients, state: State) -> None:
    key = state["aws_kms_key.plain"]["arn"]
    aws("secretsmanager").update_secret(SecretId="shop/db", KmsKeyId=key)


def secret_no_longer_copied(aws: Clients, state: State) -> None:
    arn = state["aws_secretsmanager_secret.db"]["arn"]
    aws("secretsmanager").remove_regions_from_replication(SecretId=arn, RemoveReplicaRegions=["us-east-1"])


def secret_to_be_deleted(aws: Clients, state: State) -> None:
    aws("secretsmanager").delete_secret(SecretId=state["aws_secretsmanager_secret.plain"]["arn"])


def secret_turned_less_often(aws: Clients, state: State) -> None:
    rules = {"AutomaticallyAfterDays": 365}
    aws("secretsmanager").rotate_secret(SecretId="turning", RotationRules=rules, RotateImmediately=False)


def turning_secret_to_be_deleted(aws: Clients, state: State) -> None:
    aws("secretsmanager").delete_secret(SecretId="turning")


def secret_tag_removed(aws: Clients, state: State) -> None:
    aws("secretsmanager").untag_resource(SecretId="shop/db", TagKeys=["Team"])


def parameter_described_otherwise(aws: Clients, state: State) -> None:
    aws("ssm").put_parameter(
        Name="/shop/list", Value="a,b", Description="By hand", AllowedPattern="^.*$", Tier="Advanced", Overwrite=True
    )


def parameter_no_longer_secret(aws: Clients, state: State) -> None:
    aws("ssm").delete_parameter(Name="/shop/secret")
    aws("ssm").put_parameter(Name="/shop/secret", Value="not-a-secret-at-all", Type="String")


def parameter_deleted(aws: Clients, state: State) -> None:
    aws("ssm").delete_parameter(Name="plain")


def parameter_tag_changed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    aws("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId="/shop/list", Tags=tags)


def document_rewritten(aws: Clients, state: State) -> None:
    content = json.loads(state["aws_ssm_document.restart"]["content"])
    content["mainSteps"][0]["inputs"]["runCommand"] = ["rm -rf /"]
    made = aws("ssm").update_document(Name="restart", Content=json.dumps(content), DocumentVersion="$LATEST")
    version = made["DocumentDescription"]["DocumentVersion"]
    aws("ssm").update_document_default_version(Name="restart", DocumentVersion=version)


def document_shared_with_all(aws: Clients, state: State) -> None:
    aws("ssm").modify_document_permission(Name="shared", PermissionType="Share", AccountIdsToAdd=["333333333333"])


def document_deleted(aws: Clients, state: State) -> None:
    aws("ssm").delete_document(Name="restart")


def window_deleted(aws: Clients, state: State) -> None:
    aws("ssm").delete_maintenance_window(WindowId=state["aws_ssm_maintenance_window.off"]["id"])


def window_tag_removed(aws: Clients, state: State) -> None:
    window = state["aws_ssm_maintenance_window.night"]["id"]
    aws("ssm").remove_tags_from_resource(ResourceType="MaintenanceWindow", ResourceId=window, TagKeys=["Team"])


def window_tag_changed(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    window = state["aws_ssm_maintenance_window.night"]["id"]
    aws("ssm").add_tags_to_resource(ResourceType="MaintenanceWindow", ResourceId=window, Tags=tags)


def certificate_deleted(aws: Clients, state: State) -> None:
    aws("acm").delete_certificate(CertificateArn=state["aws_acm_certificate.mail"]["arn"])


def certificate_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_acm_certificate.shop"]["arn"]
    aws("acm").add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def certificate_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_acm_certificate.shop"]["arn"]
    aws("acm").remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "Team"}])


COPY = "the provider's copy of a policy that is declared by itself: told once, where it is declared"
COUNT = "counted up with each content, which is told itself"
GONE = "a policy that is gone is missing to us; the provider reads an empty one"

EXPLAINED: dict[str, dict[str, str]] = {
    "document_rewritten": {
        "terraform: changed aws_ssm_document.restart document_version": COUNT,
        "terraform: changed aws_ssm_document.restart hash": COUNT,
        "terraform: changed aws_ssm_document.restart latest_version": COUNT,
    },
    "key_with_its_policy_apart_given_away": {"terraform: changed aws_kms_key.plain policy": COPY},
    "key_with_its_policy_apart_opened": {"terraform: changed aws_kms_key.plain policy": COPY},
    "parameter_described_otherwise": {"terraform: changed aws_ssm_parameter.list version": COUNT},
    "secret_policy_deleted": {
        "ours: missing aws_secretsmanager_secret_policy.plain": GONE,
        "terraform: changed aws_secretsmanager_secret.plain policy": COPY,
        "terraform: changed aws_secretsmanager_secret_policy.plain policy": GONE,
    },
    "secret_to_be_deleted": {
        "ours: missing aws_secretsmanager_secret_policy.plain": (
            "moto goes on to tell the policy of a secret that is to be deleted; AWS refuses to"
        ),
    },
    "secret_with_its_policy_apart_opened": {"terraform: changed aws_secretsmanager_secret.plain policy": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""

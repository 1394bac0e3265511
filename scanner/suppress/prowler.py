"""A Prowler mutelist as entries of ours, of the checks that judge the same thing there and here.

Prowler searches a resource's name for its expressions, so that ``logs`` mutes ``my-logs-2`` too; here a name has to fit
whole. What narrows a mute in a way that an entry cannot (tags, exceptions, other expressions) is not taken over
at all: without it the entry would silence more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from scanner.settings import SettingsError
from scanner.suppress.edit import entry
from scanner.suppress.globs import is_anything, matches

ROOTS = ("Mutelist", "Mute List", "Allowlist")

SAME = {
    "autoscaling_find_secrets_ec2_launch_configuration": "asg-user-data-secrets",
    "autoscaling_group_elb_health_check_enabled": "asg-elb-health-check",
    "autoscaling_group_launch_configuration_no_public_ip": "asg-public-ip",
    "autoscaling_group_multiple_az": "asg-single-az",
    "autoscaling_group_using_ec2_launch_template": "asg-launch-template",
    "awslambda_function_no_secrets_in_variables": "lambda-env-secrets",
    "awslambda_function_not_publicly_accessible": "lambda-policy-public",
    "awslambda_function_url_public": "lambda-url-public",
    "awslambda_function_using_supported_runtimes": "lambda-runtime-deprecated",
    "awslambda_function_vpc_multi_az": "lambda-vpc-single-az",
    "dynamodb_tables_pitr_enabled": "dynamodb-pitr",
    "ec2_ami_public": "ec2-ami-public",
    "ec2_ebs_default_encryption": "ebs-default-encryption",
    "ec2_ebs_public_snapshot": "ebs-snapshot-public",
    "ec2_ebs_snapshot_account_block_public_access": "ebs-snapshot-block-public-access",
    "ec2_ebs_snapshots_encrypted": "ebs-snapshot-unencrypted",
    "ec2_ebs_volume_encryption": "ebs-volume-unencrypted",
    "ec2_ebs_volume_snapshots_exists": "ebs-volume-no-snapshot",
    "ec2_elastic_ip_unassigned": "eip-unattached",
    "ec2_instance_imdsv2_enabled": "ec2-imdsv2-required",
    "ec2_instance_internet_facing_with_instance_profile": "ec2-instance-public-with-role",
    "ec2_instance_profile_attached": "ec2-instance-role-missing",
    "ec2_instance_public_ip": "ec2-instance-public-ip",
    "ec2_instance_secrets_user_data": "ec2-instance-user-data-secrets",
    "ec2_launch_template_no_secrets": "ec2-launch-template-secrets",
    "ec2_networkacl_allow_ingress_any_port": "nacl-ingress-any-world",
    "ec2_securitygroup_allow_ingress_from_internet_to_all_ports": "sg-ingress-all-ports-world",
    "ec2_securitygroup_allow_ingress_from_internet_to_any_port": "sg-ingress-any-port-world",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22": "sg-ingress-ssh-world",
    "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389": "sg-ingress-rdp-world",
    "ec2_securitygroup_default_restrict_traffic": "sg-default-restricts",
    "ec2_securitygroup_not_used": "sg-unused",
    "ecr_repositories_lifecycle_policy_enabled": "ecr-lifecycle",
    "ecr_repositories_not_publicly_accessible": "ecr-repository-public",
    "ecr_repositories_scan_images_on_push_enabled": "ecr-scan-on-push",
    "ecr_repositories_tag_immutability": "ecr-tag-immutability",
    "ecs_cluster_container_insights_enabled": "ecs-cluster-insights",
    "ecs_service_no_assign_public_ip": "ecs-service-public-ip",
    "ecs_task_definitions_containers_readonly_access": "ecs-task-readonly-root",
    "ecs_task_definitions_host_namespace_not_shared": "ecs-task-host-pid",
    "ecs_task_definitions_host_networking_mode_users": "ecs-task-host-network",
    "ecs_task_definitions_logging_enabled": "ecs-task-logging",
    "ecs_task_definitions_no_environment_secrets": "ecs-task-env-secrets",
    "ecs_task_definitions_no_privileged_containers": "ecs-task-privileged",
    "eks_cluster_kms_cmk_encryption_in_secrets_enabled": "eks-secrets-encryption",
    "eks_cluster_not_publicly_accessible": "eks-endpoint-public",
    "eks_cluster_uses_a_supported_version": "eks-version-unsupported",
    "eks_control_plane_logging_all_types_enabled": "eks-control-plane-logging",
    "elbv2_cross_zone_load_balancing_enabled": "elbv2-cross-zone",
    "elbv2_deletion_protection": "elbv2-deletion-protection",
    "elbv2_is_in_multiple_az": "elbv2-single-az",
    "elbv2_logging_enabled": "elbv2-access-logs",
    "elbv2_waf_acl_attached": "elbv2-waf",
    "iam_avoid_root_usage": "iam-root-recent-use",
    "iam_aws_attached_policy_no_administrative_privileges": "iam-policy-admin-aws-managed",
    "iam_customer_attached_policy_no_administrative_privileges": "iam-policy-admin-attached",
    "iam_group_administrator_access_policy": "iam-group-administrator-access",
    "iam_inline_policy_allows_privilege_escalation": "iam-privilege-escalation-inline",
    "iam_inline_policy_no_administrative_privileges": "iam-policy-admin-inline",
    "iam_no_custom_policy_permissive_role_assumption": "iam-policy-assume-any-role",
    "iam_no_expired_server_certificates_stored": "iam-server-certificate-expired",
    "iam_no_root_access_key": "iam-root-access-key",
    "iam_password_policy_minimum_length_14": "iam-password-policy-length",
    "iam_password_policy_reuse_24": "iam-password-policy-reuse",
    "iam_policy_allows_privilege_escalation": "iam-privilege-escalation-managed",
    "iam_policy_attached_only_to_group_or_roles": "iam-user-direct-policies",
    "iam_policy_cloudshell_admin_not_attached": "iam-policy-cloudshell-full",
    "iam_role_administratoraccess_policy": "iam-role-administrator-access",
    "iam_root_hardware_mfa_enabled": "iam-root-hardware-mfa",
    "iam_root_mfa_enabled": "iam-root-mfa",
    "iam_rotate_access_key_90_days": "iam-access-key-rotation",
    "iam_support_role_created": "iam-support-role",
    "iam_user_accesskey_unused": "iam-access-key-unused",
    "iam_user_administrator_access_policy": "iam-user-administrator-access",
    "iam_user_console_access_unused": "iam-user-console-unused",
    "iam_user_mfa_enabled_console_access": "iam-user-mfa-console",
    "iam_user_no_setup_initial_access_key": "iam-access-key-never-used",
    "iam_user_two_active_access_key": "iam-user-two-active-keys",
    "kms_key_not_publicly_accessible": "kms-key-public",
    "rds_cluster_multi_az": "rds-cluster-single-az",
    "rds_instance_deletion_protection": "rds-instance-deletion-protection",
    "rds_instance_multi_az": "rds-instance-single-az",
    "rds_instance_no_public_access": "rds-instance-public",
    "rds_instance_storage_encrypted": "rds-instance-unencrypted",
    "rds_snapshots_public_access": "rds-snapshot-public",
    "s3_account_level_public_access_blocks": "s3-account-public-access-block",
    "s3_bucket_default_encryption": "s3-bucket-default-encryption",
    "s3_bucket_level_public_access_block": "s3-bucket-public-access-block",
    "s3_bucket_object_versioning": "s3-bucket-versioning",
    "s3_bucket_public_access": "s3-bucket-public-access",
    "s3_bucket_secure_transport_policy": "s3-bucket-tls-only",
    "secretsmanager_not_publicly_accessible": "secretsmanager-public",
    "sns_topics_not_publicly_accessible": "sns-topic-public",
    "sqs_queues_not_publicly_accessible": "sqs-queue-public",
    "vpc_endpoint_multi_az_enabled": "vpc-endpoint-single-az",
    "vpc_flow_logs_enabled": "vpc-flow-logs",
    "vpc_peering_routing_tables_with_least_privilege": "vpc-peering-routes-wide",
    "vpc_subnet_different_az": "vpc-single-az",
    "vpc_subnet_no_public_ip_by_default": "subnet-auto-public-ip",
    "vpc_subnet_separate_private_public": "vpc-no-private-subnet",
}
"""Prowler's check ids, and ours. What judges less there than here is left out: to mute it would mute more here."""

_EXPRESSION = re.compile(r"[][(){}|+?^$\\]")


class Imported(msgspec.Struct, kw_only=True):
    """The entries, as text, and what was not taken over with the reason."""

    entries: list[str] = []
    left_out: list[str] = []


def imported(text: str, where: str, expires: date) -> Imported:
    """What a mutelist comes to. Raises SettingsError for one that cannot be read."""
    found = Imported()
    for account, checks in _accounts(_read(text, where), where):
        for check, mute in checks:
            about = f"{check} of account {account}"
            if not isinstance(mute, dict):
                raise SettingsError(f"{where}: {about} is no table of Regions and Resources")
            found.left_out += _take_over(found, account, check, mute, expires, about)
    return found


def _read(text: str, where: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise SettingsError("a mutelist is YAML: install PyYAML (pip install 'driftline[prowler]')") from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SettingsError(f"{where}: not YAML: {' '.join(str(error).split())}") from error


def _accounts(said: Any, where: str) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    root = next((said[name] for name in ROOTS if name in said), None) if isinstance(said, dict) else None
    accounts = root.get("Accounts") if isinstance(root, dict) else None
    if not isinstance(accounts, dict):
        raise SettingsError(f"{where}: no mutelist; it begins with Mutelist: Accounts:")
    for account, about in accounts.items():
        checks = about.get("Checks") if isinstance(about, dict) else None
        if not isinstance(checks, dict):
            raise SettingsError(f"{where}: account {account} has no Checks")
        if isinstance(account, int) and account < 10**11:  # YAML takes digits for a number, and a zero for octal
            raise SettingsError(f"{where}: account {account}: put its id in quotes, or YAML reads another number")
        yield str(account), [(str(check), mute) for check, mute in checks.items()]


def _take_over(
    found: Imported, account: str, check: str, mute: Mapping[str, Any], expires: date, about: str
) -> Iterator[str]:
    """Add the entries of one mute; what of it is left out, and why."""
    for name in ("Tags", "Exceptions"):
        said = mute.get(name)
        if any(said.values()) if isinstance(said, dict) else said and said not in ("*", ["*"]):
            yield f"{about}: {name} cannot be said in an entry"
            return
    ours = _ours(check)
    if not ours:
        yield f"{about}: no check here is known to judge the same"
        return
    reason = str(mute.get("Description") or f"muted in Prowler: {check}")
    regions, resources = _list(mute.get("Regions")), _list(mute.get("Resources"))
    for region, resource in ((a, b) for a in regions for b in resources):
        globs = _glob(region), _glob(resource)
        if None in globs:
            yield f"{about}: {resource if globs[1] is None else region} is an expression that no glob says"
            continue
        if all(map(is_anything, (check, account, region, resource))):
            yield f"{about}: it would silence everything"
            continue
        for each in ours:
            where = {"check": each, "resource": globs[1], "account": account, "region": globs[0]}
            found.entries.append(entry("findings", where | {"reason": reason, "expires": expires}))


def _ours(check: str) -> list[str]:
    """Our checks that Prowler's id, or its pattern of ids, means. Older ids of functions begin with ``lambda``."""
    if is_anything(check):
        return ["*"]
    pattern = re.sub(r"^lambda", "awslambda", _glob(check) or "")
    return sorted({ours for theirs, ours in SAME.items() if matches(pattern, theirs)})


def _list(said: Any) -> Sequence[str]:
    items: Iterable[Any] = said if isinstance(said, list) else [] if said is None else [said]
    return [str(each) for each in items]


def _glob(said: str) -> str | None:
    """A glob that fits no more than an expression; None for one that only an expression says."""
    plain = said.removeprefix("^").removesuffix("$").replace(r"\.", "\0").replace(".*", "*").replace("\0", ".")
    return None if not plain or _EXPRESSION.search(plain) else plain

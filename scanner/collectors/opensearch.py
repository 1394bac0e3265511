"""Amazon OpenSearch: domains, of Elasticsearch too, and what of them is a resource of its own to the provider.

Names are listed, and described five at a time. The older API tells of the same domains in other words,
and so does the provider's older type.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    as_block,
    block,
    converted,
    name_or_arn,
    policy,
    volatile,
)
from scanner.aws.inside import Fetch, Once
from scanner.aws.place import Item, Place
from scanner.collectors.rds_groups import under_other_names
from state import Resource
from state.forms import IF_DECLARED, UNORDERED, UNREAD, Form, Pairwise, defaulting, if_enabled, left_out, without_order
from state.schema import Parent, Projection

GONE = ("ResourceNotFoundException",)
AT_ONCE = 5
"""The most domains that AWS describes in one answer."""


async def _domains(place: Place) -> list[Item]:
    listed = await place.whole("opensearch", "list_domain_names")
    names = [each["DomainName"] for each in listed.get("DomainNames") or ()]
    some = [names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE)]
    answers = await asyncio.gather(*(place.call("opensearch", "describe_domains", DomainNames=each) for each in some))
    return [each for answer in answers for each in answer.get("DomainStatusList") or ()]


DOMAINS = Once(_domains)


def domains_with(name: str, has: str) -> Fetch:
    """The fetch, under this name, of the domains that have something."""

    async def fetch(place: Place) -> AsyncIterator[list[Item]]:
        yield [each for each in await DOMAINS(fetch, place) if each.get(has)]

    fetch.__name__ = name
    DOMAINS.readers.add(fetch)
    return fetch


# --- forms ----------------------------------------------------------------------------------------


def enabled_ones(value: Any) -> Any:
    """A log that is not published is as one that never was."""
    return without_order([each for each in value or () if each.get("enabled") is not False])


def logs(options: Mapping[str, Item] | None) -> list[Item]:
    """The logs by their types."""
    return [
        {
            "cloudwatch_log_group_arn": each.get("CloudWatchLogsLogGroupArn"),
            "enabled": each.get("Enabled"),
            "log_type": type,
        }
        for type, each in (options or {}).items()
    ]


BY_AWS = {
    "indices.query.bool.max_clause_count": "1024",
    "override_main_response_version": "false",
    "rest.action.multi.allow_explicit_index": "true",
}


def set_by_hand(value: Any) -> Any:
    """Advanced options without those that AWS adds, at what it adds."""
    return {name: each for name, each in (value or {}).items() if each not in (BY_AWS.get(name), "")} or None


def nested(path: str, text: str, form: Form) -> Attribute:
    return Attribute(path=f"{path}.{{{text}}}", form=form, convert=as_block)


def if_said(**inner: Form) -> Pairwise:
    """A block that AWS fills where it is left out."""
    return Pairwise(agree=left_out, inner=inner)


def switch(path: str, text: str, **inner: Form) -> Attribute:
    return nested(path, text, Form(canonical=if_enabled, inner=inner))


def one(path: str, text: str) -> str:
    """A block inside a block."""
    return f"{path} && [{path}.{{{text}}}]"


# --- domains --------------------------------------------------------------------------------------


def in_older_words(domain: Resource) -> Iterator[Resource]:
    """A domain as the older type declares it."""
    said = dict(domain.attributes.items())
    if (version := said.pop("elasticsearch_version", None)) is not None:
        said["engine_version"] = f"Elasticsearch_{version}"
    if said.get("cluster_config"):
        said["cluster_config"] = [_sized(each) for each in said["cluster_config"]]
    yield from under_other_names()(domain.replace(attributes=said))


def _sized(cluster: Mapping[str, Any]) -> dict[str, Any]:
    """m5.large.elasticsearch is m5.large.search."""
    return {
        name: value.replace(".elasticsearch", ".search") if isinstance(value, str) else value
        for name, value in cluster.items()
    }


HOURS = "[WindowStartTime.{hours: Hours, minutes: Minutes}]"

DOMAIN = Collector(
    type="aws_opensearch_domain",
    homes={"aws_elasticsearch_domain": in_older_words},
    service="opensearch",
    fetch=domains_with("search_domains", "ARN"),
    details=(Detail(operation="list_tags", arguments={"ARN": "ARN"}, into="Tagging", gone=GONE),),
    permissions=("es:ListDomainNames", "es:DescribeDomains", "es:ListTags"),
    id="ARN",
    identity=("domain_name",),
    attributes={
        "advanced_options": Attribute(path="AdvancedOptions", form=Form(canonical=set_by_hand)),
        "advanced_security_options": switch(
            "AdvancedSecurityOptions",
            "anonymous_auth_enabled: AnonymousAuthEnabled, enabled: Enabled, "
            "internal_user_database_enabled: InternalUserDatabaseEnabled",
            master_user_options=UNREAD,
        ),
        "arn": "ARN",
        "auto_tune_options": nested(
            "AutoTuneOptions",
            "desired_state: starts_with(State, 'ENABLE') && 'ENABLED' || 'DISABLED', "
            "use_off_peak_window: UseOffPeakWindow",
            if_said(desired_state=IF_DECLARED, maintenance_schedule=UNREAD, rollback_on_disable=UNREAD),
        ),
        "cluster_config": block(
            "ClusterConfig.{"
            + ", ".join(
                (
                    f"cold_storage_options: {one('ColdStorageOptions', 'enabled: Enabled')}",
                    "dedicated_master_count: DedicatedMasterCount",
                    "dedicated_master_enabled: DedicatedMasterEnabled",
                    "dedicated_master_type: DedicatedMasterType",
                    "instance_count: InstanceCount",
                    "instance_type: InstanceType",
                    "multi_az_with_standby_enabled: MultiAZWithStandbyEnabled",
                    "node_options: NodeOptions[].{node_type: NodeType, "
                    f"node_config: {one('NodeConfig', 'count: Count, enabled: Enabled, type: Type')}}}",
                    "warm_count: WarmCount",
                    "warm_enabled: WarmEnabled",
                    "warm_type: WarmType",
                    "zone_awareness_config: "
                    + one("ZoneAwarenessConfig", "availability_zone_count: AvailabilityZoneCount"),
                    "zone_awareness_enabled: ZoneAwarenessEnabled",
                )
            )
            + "}"
        ),
        "cognito_options": switch(
            "CognitoOptions",
            "enabled: Enabled, identity_pool_id: IdentityPoolId, role_arn: RoleArn, user_pool_id: UserPoolId",
        ),
        "domain_endpoint_options": block(
            "DomainEndpointOptions.{custom_endpoint: CustomEndpoint, "
            "custom_endpoint_certificate_arn: CustomEndpointCertificateArn, "
            "custom_endpoint_enabled: CustomEndpointEnabled, enforce_https: EnforceHTTPS, "
            "tls_security_policy: TLSSecurityPolicy}"
        ),
        "domain_endpoint_v2_hosted_zone_id": volatile("DomainEndpointV2HostedZoneId"),
        "domain_id": "DomainId",
        "domain_name": "DomainName",
        "ebs_options": block(
            "EBSOptions.{ebs_enabled: EBSEnabled, iops: Iops, throughput: Throughput, volume_size: VolumeSize, "
            "volume_type: VolumeType}"
        ),
        "encrypt_at_rest": switch(
            "EncryptionAtRestOptions",
            "enabled: Enabled, kms_key_id: KmsKeyId",
            kms_key_id=name_or_arn("KmsKeyId").form,
        ),
        "endpoint": volatile("Endpoint || Endpoints.vpc"),
        "endpoint_v2": volatile("EndpointV2 || Endpoints.vpcv2"),
        "engine_version": "EngineVersion",
        "identity_center_options": nested(
            "IdentityCenterOptions",
            "enabled_api_access: EnabledAPIAccess, identity_center_instance_arn: IdentityCenterInstanceARN, "
            "roles_key: RolesKey, subject_key: SubjectKey",
            if_said(),
        ),
        "ip_address_type": Attribute(path="IPAddressType", form=defaulting("ipv4")),
        "log_publishing_options": converted("LogPublishingOptions", logs, Form(canonical=enabled_ones)),
        "node_to_node_encryption": switch("NodeToNodeEncryptionOptions", "enabled: Enabled"),
        "off_peak_window_options": nested(
            "OffPeakWindowOptions",
            f"enabled: Enabled, off_peak_window: OffPeakWindow && [OffPeakWindow.{{window_start_time: {HOURS}}}]",
            if_said(),
        ),
        "snapshot_options": nested(
            "SnapshotOptions", "automated_snapshot_start_hour: AutomatedSnapshotStartHour", if_said()
        ),
        "software_update_options": nested(
            "SoftwareUpdateOptions", "auto_software_update_enabled: AutoSoftwareUpdateEnabled", if_said()
        ),
        "vpc_options": block(
            "VPCOptions.{availability_zones: AvailabilityZones, security_group_ids: SecurityGroupIds, "
            "subnet_ids: SubnetIds, vpc_id: VPCId}",
            availability_zones=UNORDERED,
            security_group_ids=UNORDERED,
            subnet_ids=UNORDERED,
        ),
    },
    facts={
        "pending_deletion": "Deleted",
        "processing": "Processing",
        "service_software_update_available": "ServiceSoftwareOptions.UpdateAvailable",
        "service_software_automated_update_date": "ServiceSoftwareOptions.AutomatedUpdateDate",
    },
    tags="Tagging.TagList",
)


# --- parts of domains -----------------------------------------------------------------------------


def access(domain: Resource) -> Iterator[Resource]:
    """The policy that a domain declares itself."""
    if said := domain.attributes.get("access_policies"):
        name = domain.attributes.get("domain_name")
        yield domain.replace(attributes={"domain_name": name, "access_policies": said})


POLICED: Mapping[str, Projection] = dict.fromkeys(("aws_opensearch_domain", "aws_elasticsearch_domain"), access)

DOMAIN_POLICY = Collector(
    type="aws_opensearch_domain_policy",
    aliases=("aws_elasticsearch_domain_policy",),
    homes=POLICED,
    parent=Parent(
        type="aws_opensearch_domain",
        by="domain_name",
        part="access_policies",
        paths={"access_policies": "access_policies"},
    ),
    service="opensearch",
    fetch=domains_with("search_domain_policies", "AccessPolicies"),
    permissions=("es:ListDomainNames", "es:DescribeDomains"),
    id="join('', ['esd-policy-', DomainName])",
    identity=("domain_name",),
    attributes={"access_policies": policy("AccessPolicies"), "domain_name": "DomainName"},
)


def in_words(saml: Any) -> list[Item]:
    """The block, of a domain that lets people in by SAML. Who is master is not told."""
    if not saml or not saml.get("Enabled"):
        return []
    idp = saml.get("Idp") or {}
    return [
        {
            "enabled": True,
            "idp": [{"entity_id": idp.get("EntityId"), "metadata_content": idp.get("MetadataContent")}],
            "roles_key": saml.get("RolesKey"),
            "session_timeout_minutes": saml.get("SessionTimeoutMinutes"),
            "subject_key": saml.get("SubjectKey"),
        }
    ]


def without_saml(options: Resource) -> bool:
    return not options.attributes.get("saml_options")


SAML_OPTIONS = Collector(
    type="aws_opensearch_domain_saml_options",
    aliases=("aws_elasticsearch_domain_saml_options",),
    service="opensearch",
    fetch=domains_with("search_domain_saml_options", "AdvancedSecurityOptions"),
    permissions=("es:ListDomainNames", "es:DescribeDomains"),
    id="DomainName",
    identity=("domain_name",),
    at_default=without_saml,
    attributes={
        "domain_name": "DomainName",
        "saml_options": converted(
            "AdvancedSecurityOptions.SAMLOptions",
            in_words,
            Form(
                canonical=if_enabled,
                inner={
                    "master_backend_role": UNREAD,
                    "master_user_name": UNREAD,
                    "session_timeout_minutes": defaulting(60),
                },
            ),
        ),
    },
)

COLLECTORS = [DOMAIN, DOMAIN_POLICY, SAML_OPTIONS]

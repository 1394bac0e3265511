"""Amazon ECR: repositories of images and their policies, and what is set for the whole registry of an account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Listing, block, blocks, converted, policy, to_json
from scanner.aws.errors import code
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import UNORDERED, Form, defaulting, parsed, sort_key, unless_too_deep
from state.forms import document as json_document
from state.schema import Parent

REPOSITORIES = Listing("describe_repositories", "repositories[]")
GONE = ("RepositoryNotFoundException",)
TAG_LISTS = ("tagPatternList", "tagPrefixList")


def tags_of(arn: str) -> Detail:
    return Detail(operation="list_tags_for_resource", arguments={"resourceArn": arn}, into="Tagging", gone=GONE)


ENCRYPTION = block(
    "encryptionConfiguration.{encryption_type: encryptionType, kms_key: kmsKey}",
    encryption_type=defaulting("AES256"),
)

REPOSITORY = Collector(
    type="aws_ecr_repository",
    service="ecr",
    fetch=REPOSITORIES,
    details=(tags_of("repositoryArn"),),
    permissions=("ecr:DescribeRepositories", "ecr:ListTagsForResource"),
    id="repositoryName",
    identity=("name",),
    attributes={
        "arn": "repositoryArn",
        "encryption_configuration": ENCRYPTION,
        "image_scanning_configuration": block("imageScanningConfiguration.{scan_on_push: scanOnPush}"),
        "image_tag_mutability": Attribute(path="imageTagMutability", form=defaulting("MUTABLE")),
        "image_tag_mutability_exclusion_filter": Attribute(
            path="imageTagMutabilityExclusionFilters[].{filter: filter, filter_type: filterType} || `[]`"
        ),
        "name": "repositoryName",
        "registry_id": "registryId",
        "repository_url": "repositoryUri",
    },
    facts={"created_at": "createdAt"},
    tags="Tagging.tags",
)

IN_REPOSITORY = {"registryId": "registryId", "repositoryName": "repositoryName"}

REPOSITORY_POLICY = Collector(
    type="aws_ecr_repository_policy",
    service="ecr",
    fetch=REPOSITORIES,
    details=(
        Detail(
            operation="get_repository_policy",
            arguments=IN_REPOSITORY,
            into="Policy",
            absent=("RepositoryPolicyNotFoundException", *GONE),
            essential=True,
        ),
    ),
    permissions=("ecr:DescribeRepositories", "ecr:GetRepositoryPolicy"),
    id="repositoryName",
    identity=("repository",),
    parent=Parent(type="aws_ecr_repository", by="repository", part="policy", paths={"policy": "policy"}),
    attributes={
        "policy": policy("Policy.policyText"),
        "registry_id": "registryId",
        "repository": "repositoryName",
    },
)


@unless_too_deep
def rules_in_order(value: Any) -> Any:
    """A lifecycle policy: its rules say their own order, and lists of tags have none.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecr/lifecycle_policy.go
    (equivalentLifecyclePolicyJSON)
    """
    found = parsed(value)
    rules = found.get("rules") if isinstance(found, Mapping) else None
    if not isinstance(rules, list):
        return json_document(value)
    return sort_key({**found, "rules": sorted(map(_rule, rules), key=sort_key)})


def _rule(rule: Any) -> Any:
    selection = rule.get("selection") if isinstance(rule, Mapping) else None
    if not isinstance(selection, Mapping):
        return rule
    return {**rule, "selection": {name: each for name, said in selection.items() if (each := _selected(name, said))}}


def _selected(name: str, said: Any) -> Any:
    return sorted(said, key=sort_key) if name in TAG_LISTS and isinstance(said, list) else said


LIFECYCLE_POLICY = Collector(
    type="aws_ecr_lifecycle_policy",
    service="ecr",
    fetch=REPOSITORIES,
    details=(
        Detail(
            operation="get_lifecycle_policy",
            arguments=IN_REPOSITORY,
            into="Policy",
            absent=("LifecyclePolicyNotFoundException", *GONE),
            essential=True,
        ),
    ),
    permissions=("ecr:DescribeRepositories", "ecr:GetLifecyclePolicy"),
    id="repositoryName",
    identity=("repository",),
    parent=Parent(
        type="aws_ecr_repository", by="repository", part="lifecycle_policy", paths={"policy": "lifecycle_policy"}
    ),
    attributes={
        "policy": converted("Policy.lifecyclePolicyText", to_json, Form(canonical=rules_in_order)),
        "registry_id": "registryId",
        "repository": "repositoryName",
    },
)

# --- the registry ---------------------------------------------------------------------------------


async def registry_policy(place: Place) -> AsyncIterator[list[Item]]:
    try:
        yield [await place.call("ecr", "get_registry_policy")]
    except ClientError as error:
        if code(error) != "RegistryPolicyNotFoundException":
            raise


REGISTRY_POLICY = Collector(
    type="aws_ecr_registry_policy",
    service="ecr",
    fetch=registry_policy,
    permissions=("ecr:GetRegistryPolicy",),
    id="registryId",
    attributes={"policy": policy("policyText"), "registry_id": "registryId"},
)


def scans_as_aws_does(found: Resource) -> bool:
    return found.attributes.get("scan_type") == "BASIC" and not found.attributes.get("rule")


REGISTRY_SCANNING = Collector(
    type="aws_ecr_registry_scanning_configuration",
    service="ecr",
    fetch=Listing("get_registry_scanning_configuration", "@"),
    permissions=("ecr:GetRegistryScanningConfiguration",),
    id="registryId",
    at_default=scans_as_aws_does,
    attributes={
        "registry_id": "registryId",
        "rule": blocks(
            "scanningConfiguration.rules[].{repository_filter: repositoryFilters[].{filter: filter, "
            "filter_type: filterType}, scan_frequency: scanFrequency}",
            repository_filter=UNORDERED,
        ),
        "scan_type": "scanningConfiguration.scanType",
    },
)


def replicates_nothing(found: Resource) -> bool:
    return not any(each.get("rule") for each in found.attributes.get("replication_configuration") or ())


REPLICATION = Collector(
    type="aws_ecr_replication_configuration",
    service="ecr",
    fetch=Listing("describe_registry", "@"),
    permissions=("ecr:DescribeRegistry",),
    id="registryId",
    at_default=replicates_nothing,
    attributes={
        "registry_id": "registryId",
        "replication_configuration": block(
            "replicationConfiguration.{rule: rules[].{destination: destinations[].{region: region, "
            "registry_id: registryId}, repository_filter: repositoryFilters[].{filter: filter, "
            "filter_type: filterType}}}"
        ),
    },
)

PULL_THROUGH = Collector(
    type="aws_ecr_pull_through_cache_rule",
    service="ecr",
    fetch=Listing("describe_pull_through_cache_rules", "pullThroughCacheRules[]"),
    permissions=("ecr:DescribePullThroughCacheRules",),
    id="ecrRepositoryPrefix",
    attributes={
        "credential_arn": "credentialArn",
        "custom_role_arn": "customRoleArn",
        "ecr_repository_prefix": "ecrRepositoryPrefix",
        "registry_id": "registryId",
        "upstream_registry_url": "upstreamRegistryUrl",
        "upstream_repository_prefix": Attribute(path="upstreamRepositoryPrefix", form=defaulting("ROOT")),
    },
)

# --- the public registry --------------------------------------------------------------------------

HOME = "us-east-1"
"""Where the public registry is, and no region else."""


async def public_repositories(place: Place) -> AsyncIterator[list[Item]]:
    if place.region != HOME:
        return
    async for page in place.pages("ecr-public", "describe_repositories"):
        yield page.get("repositories") or []


PUBLIC_REPOSITORY = Collector(
    type="aws_ecrpublic_repository",
    service="ecr-public",
    fetch=public_repositories,
    details=(
        tags_of("repositoryArn"),
        Detail(
            operation="get_repository_catalog_data",
            arguments=IN_REPOSITORY,
            into="Catalog",
            absent=("RepositoryCatalogDataNotFoundException",),
            gone=GONE,
        ),
    ),
    permissions=(
        "ecr-public:DescribeRepositories",
        "ecr-public:GetRepositoryCatalogData",
        "ecr-public:ListTagsForResource",
    ),
    id="repositoryName",
    identity=("repository_name",),
    attributes={
        "arn": "repositoryArn",
        "catalog_data": block(
            "Catalog.catalogData.{about_text: aboutText, architectures: architectures, description: description, "
            "operating_systems: operatingSystems, usage_text: usageText}",
            architectures=UNORDERED,
            operating_systems=UNORDERED,
        ),
        "registry_id": "registryId",
        "repository_name": "repositoryName",
        "repository_uri": "repositoryUri",
    },
    facts={"created_at": "createdAt"},
    tags="Tagging.tags",
)

COLLECTORS = [
    LIFECYCLE_POLICY,
    PUBLIC_REPOSITORY,
    PULL_THROUGH,
    REGISTRY_POLICY,
    REGISTRY_SCANNING,
    REPLICATION,
    REPOSITORY,
    REPOSITORY_POLICY,
]

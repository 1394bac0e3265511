"""AWS Organizations: the organization, its units, accounts and policies, as its management account sees them.

Whoever is in no organization has none of this. A member account may ask what the organization is, and
a delegated administrator more; whatever is seen from there is the management account's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from botocore.exceptions import ClientError

from scanner.aws.collector import Attribute, Collector, Detail, Scope, policy, unordered, volatile
from scanner.aws.errors import code
from scanner.aws.inside import Once, inside, listing
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import defaulting

NONE = "AWSOrganizationsNotInUseException"
GONE = (
    "AccountNotFoundException",
    "OrganizationalUnitNotFoundException",
    "PolicyNotFoundException",
    "TargetNotFoundException",
)
NOT_OFFERED = ("InvalidInputException", "UnsupportedAPIEndpointException")
"""What a partition says to a type of policy that it does not have."""

POLICY_TYPES = (
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "RESOURCE_CONTROL_POLICY",
    "SECURITYHUB_POLICY",
    "SERVICE_CONTROL_POLICY",
    "TAG_POLICY",
)
TAGS = Detail(operation="list_tags_for_resource", arguments={"ResourceId": "Id"}, into="Tagging", gone=GONE)
WITH_ROOTS = ("organizations:DescribeOrganization", "organizations:ListRoots")


async def _described(place: Place) -> Item:
    try:
        return (await place.call("organizations", "describe_organization")).get("Organization") or {}
    except ClientError as error:
        if code(error) != NONE:
            raise
        return {}


async def _roots(place: Place) -> list[Item]:
    """The roots: the first that a member may not ask for, so that one refusal stands for all."""
    if not (about := await DESCRIBED(_roots, place)):
        return []
    found = (await place.whole("organizations", "list_roots")).get("Roots") or ()
    return [{**each, "Master": about["MasterAccountId"], "Seer": place.account} for each in found]


def of_the_organization(item: Item) -> str | None:
    """What a delegated administrator sees is made by the management account, or by its leave."""
    return None if item["Seer"] == item["Master"] else f"organizations: {item['Master']}"


async def _units(place: Place) -> list[Item]:
    """The units of all levels, each with what it is in."""
    level, found = await ROOTS(_units, place), []
    while level:
        level = [unit for units in await asyncio.gather(*(_units_in(place, each) for each in level)) for unit in units]
        found += level
    return found


async def _units_in(place: Place, parent: Item) -> list[Item]:
    answer = await place.whole("organizations", "list_organizational_units_for_parent", ParentId=parent["Id"])
    return [within(parent, each) for each in answer.get("OrganizationalUnits") or ()]


def within(parent: Item, each: Item) -> Item:
    return seen(parent, {**each, "ParentId": parent["Id"]})


def seen(by: Item, each: Item) -> Item:
    """A thing with the organization's management account, and the account that it was seen from."""
    return {**each, "Master": by["Master"], "Seer": by["Seer"]}


async def _parents(place: Place) -> list[Item]:
    return [*await ROOTS(_parents, place), *await UNITS(_parents, place)]


async def _accounts(place: Place, parent: Item) -> list[Item]:
    answer = await place.whole("organizations", "list_accounts_for_parent", ParentId=parent["Id"])
    return [within(parent, each) for each in answer.get("Accounts") or ()]


async def _policies(place: Place) -> list[Item]:
    if not (roots := await ROOTS(_policies, place)):
        return []
    found = await asyncio.gather(*(_policies_of(place, each) for each in POLICY_TYPES))
    return [seen(roots[0], each) for policies in found for each in policies]


async def _policies_of(place: Place, type: str) -> list[Item]:
    try:
        return list((await place.whole("organizations", "list_policies", Filter=type)).get("Policies") or ())
    except ClientError as error:
        if code(error) not in NOT_OFFERED:
            raise
        return []


async def _targets(place: Place, policy: Item) -> Item:
    return await place.whole("organizations", "list_targets_for_policy", PolicyId=policy["Id"])


async def _administrators(place: Place) -> list[Item]:
    if not (roots := await ROOTS(_administrators, place)):
        return []
    answer = await place.whole("organizations", "list_delegated_administrators")
    return [seen(roots[0], each) for each in answer.get("DelegatedAdministrators") or ()]


async def _delegated(place: Place, administrator: Item) -> Item:
    return await place.whole("organizations", "list_delegated_services_for_account", AccountId=administrator["Id"])


DESCRIBED, ROOTS, UNITS, PARENTS = Once(_described), Once(_roots), Once(_units), Once(_parents)
POLICIES, ADMINISTRATORS = Once(_policies), Once(_administrators)
DESCRIBED.readers.add(_roots)
ROOTS.readers.update((_units, _parents, _policies, _administrators))
UNITS.readers.add(_parents)


# --- the organization -----------------------------------------------------------------------------


async def organization(place: Place) -> AsyncIterator[list[Item]]:
    """The organization with its roots and the services that it trusts."""
    about, roots = await DESCRIBED(organization, place), await ROOTS(organization, place)
    if not about:
        yield []
        return
    answer = await place.whole("organizations", "list_aws_service_access_for_organization")
    trusted = [each["ServicePrincipal"] for each in answer.get("EnabledServicePrincipals") or ()]
    yield [{**about, "Master": about["MasterAccountId"], "Seer": place.account, "Roots": roots, "Trusted": trusted}]


DESCRIBED.readers.add(organization)
ROOTS.readers.add(organization)

ORGANIZATION = Collector(
    type="aws_organizations_organization",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=organization,
    permissions=(*WITH_ROOTS, "organizations:ListAWSServiceAccessForOrganization"),
    id="Id",
    attributes={
        "arn": "Arn",
        "aws_service_access_principals": unordered("Trusted"),
        "enabled_policy_types": unordered("Roots[0].PolicyTypes[?Status=='ENABLED'].Type"),
        "feature_set": Attribute(path="FeatureSet", form=defaulting("ALL")),
        "master_account_arn": "MasterAccountArn",
        "master_account_email": "MasterAccountEmail",
        "master_account_id": "MasterAccountId",
        "roots": volatile(
            "Roots[].{arn: Arn, id: Id, name: Name, policy_types: PolicyTypes[].{status: Status, type: Type}}"
        ),
    },
)

UNIT = Collector(
    type="aws_organizations_organizational_unit",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=listing("organizational_units", UNITS),
    details=(TAGS,),
    permissions=(
        *WITH_ROOTS,
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListTagsForResource",
    ),
    id="Id",
    attributes={"arn": "Arn", "name": "Name", "parent_id": "ParentId"},
    facts={"management_account": "Master"},
    tags="Tagging.Tags",
)


def is_the_management_account(account: Resource) -> bool:
    """The one account that the organization was not made with, but by."""
    return account.facts.get("management_account") == account.id


ACCOUNT = Collector(
    type="aws_organizations_account",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=inside("organization_accounts", PARENTS, Once(_accounts), lambda answer, parent: answer),
    details=(TAGS,),
    permissions=(
        *WITH_ROOTS,
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListAccountsForParent",
        "organizations:ListTagsForResource",
    ),
    id="Id",
    at_default=is_the_management_account,
    attributes={
        "arn": "Arn",
        "email": "Email",
        "joined_method": "JoinedMethod",
        "joined_timestamp": volatile("JoinedTimestamp"),
        "name": "Name",
        "parent_id": "ParentId",
        "state": volatile("State"),
        "status": volatile("Status"),
    },
    # Closed, it is there for ninety days more, and is nothing to Terraform.
    facts={"management_account": "Master", "pending_deletion": "Status=='SUSPENDED'"},
    tags="Tagging.Tags",
)

# --- policies -------------------------------------------------------------------------------------

POLICY = Collector(
    type="aws_organizations_policy",
    service="organizations",
    scope=Scope.GLOBAL,
    fetch=listing("organization_policies", POLICIES),
    details=(
        Detail(
            operation="describe_policy", arguments={"PolicyId": "Id"}, into="Described", gone=GONE, unless="AwsManaged"
        ),
        Detail(
            operation="list_tags_for_resource",
            arguments={"ResourceId": "Id"},
            into="Tagging",
            gone=GONE,
            unless="AwsManaged",
        ),
    ),
    permissions=(
        *WITH_ROOTS,
        "organizations:ListPolicies",
        "organizations:DescribePolicy",
        "organizations:ListTagsForResource",
    ),
    id="Id",
    owner=lambda policy: "aws" if policy.get("AwsManaged") else of_the_organization(policy),
    attributes={
        "arn": "Arn",
        "content": policy("Described.Policy.Content"),
        "description": "Description",
        "name": "Name",
        "type": Attribute(path="Type", form=defaulting("SERVICE_CONTROL_POLICY")),
    },
    facts={"management_account": "Master"},
    tags="Tagging.Tags",
)

FULL_ACCESS = ("p-FullAWSAccess", "p-RCPFullAWSAccess")


def by_aws(attachment: Resource) -> bool:
    """AWS lets everyone do everything until somebody says otherwise."""
    return attachment.attributes.get("policy_id") in FULL_ACCESS


def attachments(answer: Item, policy: Item) -> list[Item]:
    return [seen(policy, {**each, "PolicyId": policy["Id"]}) for each in answer.get("Targets") or ()]


POLICY_ATTACHMENT = Collector(
    type="aws_organizations_policy_attachment",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=inside("policy_targets", POLICIES, Once(_targets), attachments),
    permissions=(*WITH_ROOTS, "organizations:ListPolicies", "organizations:ListTargetsForPolicy"),
    id="join(':', [TargetId, PolicyId])",
    identity=("target_id", "policy_id"),
    at_default=by_aws,
    attributes={"policy_id": "PolicyId", "target_id": "TargetId"},
    facts={"target_name": "Name", "target_type": "Type"},
)

# --- who else may act for the organization ----------------------------------------------------------


def delegations(answer: Item, administrator: Item) -> list[Item]:
    return [seen(administrator, {**each, "Account": administrator}) for each in answer.get("DelegatedServices") or ()]


ADMINISTRATOR = Collector(
    type="aws_organizations_delegated_administrator",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=inside("delegated_services", ADMINISTRATORS, Once(_delegated), delegations),
    permissions=(
        *WITH_ROOTS,
        "organizations:ListDelegatedAdministrators",
        "organizations:ListDelegatedServicesForAccount",
    ),
    id="join('/', [Account.Id, ServicePrincipal])",
    identity=("account_id", "service_principal"),
    attributes={
        "account_id": "Account.Id",
        "arn": "Account.Arn",
        "delegation_enabled_date": volatile("DelegationEnabledDate"),
        "email": "Account.Email",
        "joined_method": "Account.JoinedMethod",
        "joined_timestamp": volatile("Account.JoinedTimestamp"),
        "name": "Account.Name",
        "service_principal": "ServicePrincipal",
        "status": volatile("Account.Status"),
    },
)


async def organization_policy(place: Place) -> AsyncIterator[list[Item]]:
    """The organization's own policy, where it has one."""
    found: Item = {}
    if roots := await ROOTS(organization_policy, place):
        try:
            found = (await place.call("organizations", "describe_resource_policy")).get("ResourcePolicy") or {}
        except ClientError as error:
            if code(error) != "ResourcePolicyNotFoundException":
                raise
    yield [seen(roots[0], {**found, **found["ResourcePolicySummary"]})] if found else []


ROOTS.readers.add(organization_policy)

RESOURCE_POLICY = Collector(
    type="aws_organizations_resource_policy",
    service="organizations",
    owner=of_the_organization,
    scope=Scope.GLOBAL,
    fetch=organization_policy,
    details=(TAGS,),
    permissions=(*WITH_ROOTS, "organizations:DescribeResourcePolicy", "organizations:ListTagsForResource"),
    id="Id",
    attributes={"arn": "Arn", "content": policy("Content")},
    tags="Tagging.Tags",
)

COLLECTORS = [
    ACCOUNT,
    ADMINISTRATOR,
    ORGANIZATION,
    POLICY,
    POLICY_ATTACHMENT,
    RESOURCE_POLICY,
    UNIT,
]

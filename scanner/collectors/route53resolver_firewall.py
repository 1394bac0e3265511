"""Amazon Route 53 Resolver DNS Firewall: lists of domains, groups of rules, and the networks that they guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from scanner.aws.collector import Collector, Detail, Listing, converted, volatile
from scanner.aws.inside import Once, inside, unless_gone
from scanner.aws.place import Item, Place
from scanner.collectors.route53resolver import GONE, SHARED, TAGS_ALLOWED, tags_of
from scanner.collectors.vpc import another_account
from state.forms import Form, without_order


def keeper(item: Item) -> str | None:
    """Who keeps it for this account: Resolver its own lists, Firewall Manager what it hands out."""
    return f"aws: {item['ManagedOwnerName']}" if item.get("ManagedOwnerName") else None


def without_dots(domains: list[str] | None) -> list[str] | None:
    return domains and [each.rstrip(".") for each in domains]


DOMAIN_LIST = Collector(
    type="aws_route53_resolver_firewall_domain_list",
    service="route53resolver",
    fetch=Listing("list_firewall_domain_lists", "FirewallDomainLists"),
    details=(
        # AWS tells nobody what is in its own lists.
        Detail(
            operation="list_firewall_domains",
            arguments={"FirewallDomainListId": "Id"},
            into="Domains",
            gone=GONE,
            unless="ManagedOwnerName",
        ),
        tags_of(unless="ManagedOwnerName"),
    ),
    permissions=("route53resolver:ListFirewallDomainLists", "route53resolver:ListFirewallDomains", TAGS_ALLOWED),
    id="Id",
    owner=keeper,
    attributes={
        "arn": "Arn",
        "domains": converted(
            "Domains.Domains", without_dots, Form(canonical=lambda all: without_order(without_dots(all)))
        ),
        "name": "Name",
    },
    tags="Tagging.Tags",
)


async def _groups(place: Place) -> list[Item]:
    return list((await place.whole("route53resolver", "list_firewall_rule_groups")).get("FirewallRuleGroups") or ())


async def _rules(place: Place, group: Item) -> Item:
    """The rules of a group; those of one that another account shares are asked for like its own."""
    return await unless_gone(
        place.whole("route53resolver", "list_firewall_rules", FirewallRuleGroupId=group["Id"]), GONE
    )


GROUPS = Once(_groups)


async def firewall_rule_groups(place: Place) -> AsyncIterator[list[Item]]:
    yield await GROUPS(firewall_rule_groups, place)


GROUPS.readers.add(firewall_rule_groups)

RULE_GROUP = Collector(
    type="aws_route53_resolver_firewall_rule_group",
    service="route53resolver",
    fetch=firewall_rule_groups,
    details=(tags_of(unless=SHARED),),
    permissions=("route53resolver:ListFirewallRuleGroups", TAGS_ALLOWED),
    id="Id",
    owned=another_account,
    attributes={
        "arn": "Arn",
        "name": "Name",
        "owner_id": "OwnerId",
        "share_status": volatile("ShareStatus"),
    },
    tags="Tagging.Tags",
)


def rules(answer: Item, group: Item) -> Iterable[Item]:
    """Those of lists of domains; a rule of Advanced has none, and is no resource of Terraform's."""
    sharer = f"account: {group['OwnerId']}" if group.get("ShareStatus") == "SHARED_WITH_ME" else None
    found = answer.get("FirewallRules") or ()
    return [{**each, "Sharer": sharer} for each in found if each.get("FirewallDomainListId")]


def rule_identity(rule: Mapping[str, Any]) -> str | None:
    """Its group and its list of domains, which may have a rule for each type of question."""
    ids = [rule.get(name) for name in ("firewall_rule_group_id", "firewall_domain_list_id")]
    return None if None in ids else ":".join(str(each) for each in [*ids, rule.get("q_type")] if each)


RULE = Collector(
    type="aws_route53_resolver_firewall_rule",
    service="route53resolver",
    fetch=inside("firewall_rules", GROUPS, Once(_rules), rules),
    permissions=("route53resolver:ListFirewallRuleGroups", "route53resolver:ListFirewallRules"),
    id="join(':', [FirewallRuleGroupId, FirewallDomainListId])",
    identity=rule_identity,
    owner=lambda item: item["Sharer"],
    attributes={
        "action": "Action",
        "block_override_dns_type": "BlockOverrideDnsType",
        "block_override_domain": "BlockOverrideDomain",
        "block_override_ttl": "BlockOverrideTtl",
        "block_response": "BlockResponse",
        "firewall_domain_list_id": "FirewallDomainListId",
        "firewall_domain_redirection_action": "FirewallDomainRedirectionAction",
        "firewall_rule_group_id": "FirewallRuleGroupId",
        "name": "Name",
        "priority": "Priority",
        "q_type": "Qtype",
    },
)

RULE_GROUP_ASSOCIATION = Collector(
    type="aws_route53_resolver_firewall_rule_group_association",
    service="route53resolver",
    fetch=Listing("list_firewall_rule_group_associations", "FirewallRuleGroupAssociations"),
    details=(tags_of(unless="ManagedOwnerName"),),
    permissions=("route53resolver:ListFirewallRuleGroupAssociations", TAGS_ALLOWED),
    id="Id",
    owner=keeper,
    attributes={
        "arn": "Arn",
        "firewall_rule_group_id": "FirewallRuleGroupId",
        "mutation_protection": "MutationProtection",
        "name": "Name",
        "priority": "Priority",
        "vpc_id": "VpcId",
    },
    facts={"pending_deletion": "Status=='DELETING'"},
    tags="Tagging.Tags",
)

COLLECTORS = [DOMAIN_LIST, RULE, RULE_GROUP, RULE_GROUP_ASSOCIATION]

"""AWS WAF: web ACLs, groups of rules and the sets that they look into, those of a region and those of CloudFront.

CloudFront's are asked for in us-east-1, where their ARNs place them too. A rule is as deep as whoever
wrote it made it: what AWS says of one is put into the provider's words as a whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from botocore import xform_name

from scanner.aws.collector import Attribute, Collector, Detail, as_block, blocks, unordered, volatile
from scanner.aws.inside import Once
from scanner.aws.place import Item, Place
from state.forms import PLAIN, UNORDERED, Form, Keyed, sort_key, unless_too_deep

GONE = ("WAFNonexistentItemException",)
OF_CLOUDFRONT = "us-east-1"

# --- what AWS says, in the provider's words -----------------------------------------------------------

NAMES = {
    "AWSManagedRulesAntiDDoSRuleSet": "aws_managed_rules_anti_ddos_rule_set",
    "CloudWatchMetricsEnabled": "cloudwatch_metrics_enabled",
    "Conditions": "condition",
    "CustomKeys": "custom_key",
    "DataProtections": "data_protection",
    "Filters": "filter",
    "InsertHeaders": "insert_header",
    "ResponseHeaders": "response_header",
    "RuleActionOverrides": "rule_action_override",
    "RuleLabels": "rule_label",
    "Statements": "statement",
    "TextTransformations": "text_transformation",
}
FIELDS = ("AddressFields", "PhoneNumberFields")


def worded(value: Any) -> Any:
    """A structure becomes a block, a list of them as many; a text that AWS gives as bytes is a text."""
    if isinstance(value, Mapping):
        return [_members(value)]
    if isinstance(value, list):
        return [_members(each) if isinstance(each, Mapping) else each for each in value]
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else value


def _members(block: Mapping[str, Any]) -> dict[str, Any]:
    return {NAMES.get(name) or xform_name(name): _member(name, each) for name, each in block.items()}


def _member(name: str, value: Any) -> Any:
    if name in FIELDS:
        return [{"identifiers": [each["Identifier"] for each in value or ()]}]
    if name == "RequestBody":
        return [{kind.lower(): worded(each) for kind, each in value.items()}]
    return worded(value)


def bodies(value: Any) -> list[Item]:
    """Answers that rules give, which AWS has by key."""
    return [
        {"content": each.get("Content"), "content_type": each.get("ContentType"), "key": key}
        for key, each in (value or {}).items()
    ]


USUAL = {"evaluation_window_sec": 300}
"""What AWS says where nothing was said, and an older provider does not know of."""


@unless_too_deep
def spoken(value: Any) -> Any:
    """What a rule says: a block says something by being there, and in no order but that of its priorities."""
    if isinstance(value, Mapping):
        kept = ((name, spoken(each)) for name, each in value.items() if USUAL.get(name) != each)
        return {name: each for name, each in kept if each is not None}
    if isinstance(value, list | tuple):
        return sorted((spoken({} if each is None else each) for each in value), key=sort_key) or None
    return value or None


SPOKEN = Form(canonical=spoken)
PARTS = ("action", "override_action", "rule_label", "statement", "visibility_config")
SOLVED = dict.fromkeys(("captcha_config", "challenge_config"), PLAIN)  # empty, they say nothing
RULES = Keyed(canonical=spoken, by="name", inner=dict.fromkeys(PARTS, SPOKEN) | SOLVED)


def said(path: str, form: Form = SPOKEN) -> Attribute:
    """A block, in the provider's words."""
    return Attribute(path=path, form=form, convert=lambda value: as_block(worded(value)))


def rules(path: str) -> Attribute:
    """Rules by their names. One may look for a secret, as CloudFront says it to an origin.

    Shield adds its own to a web ACL, which the provider leaves out.
    """
    return Attribute(
        path=f"{path}[?!starts_with(Name, 'ShieldMitigationRuleGroup')]",
        form=RULES,
        convert=lambda value: as_block(worded(value)),
        sensitive=True,
    )


# --- what there is ------------------------------------------------------------------------------


async def _all(ask: Callable[..., AsyncIterator[Item]], items: str, place: Place) -> list[Item]:
    """The things of a region, and in one region those of CloudFront too, each with its scope."""
    found = []
    for scope in ["REGIONAL", "CLOUDFRONT"] if place.region == OF_CLOUDFRONT else ["REGIONAL"]:
        async for page in ask(Scope=scope):
            found += [{**each, "Scope": scope} for each in page.get(items) or ()]
    return found


async def _web_acls(place: Place) -> list[Item]:
    return await _all(lambda **said: place.pages("wafv2", "list_web_acls", **said), "WebACLs", place)


WEB_ACLS = Once(_web_acls)


async def web_acls(place: Place) -> AsyncIterator[list[Item]]:
    yield await WEB_ACLS(web_acls, place)


WEB_ACLS.readers.add(web_acls)


async def rule_groups(place: Place) -> AsyncIterator[list[Item]]:
    yield await _all(lambda **said: place.pages("wafv2", "list_rule_groups", **said), "RuleGroups", place)


async def ip_sets(place: Place) -> AsyncIterator[list[Item]]:
    yield await _all(lambda **said: place.pages("wafv2", "list_ip_sets", **said), "IPSets", place)


async def regex_pattern_sets(place: Place) -> AsyncIterator[list[Item]]:
    yield await _all(lambda **said: place.pages("wafv2", "list_regex_pattern_sets", **said), "RegexPatternSets", place)


def whole(operation: str) -> Detail:
    return Detail(
        operation=operation,
        arguments={"Id": "Id", "Name": "Name", "Scope": "Scope"},
        into="Whole",
        gone=GONE,
        essential=True,
    )


TAGGING = Detail(operation="list_tags_for_resource", arguments={"ResourceARN": "ARN"}, into="Tagging", gone=GONE)
TAGS = "Tagging.TagInfoForResource.TagList"
TAGS_ALLOWED = "wafv2:ListTagsForResource"

NAMED: dict[str, str | Attribute] = {
    "arn": "ARN",
    "description": "Description",
    "lock_token": volatile("LockToken"),
    "name": "Name",
    "scope": "Scope",
}


def handed_out(acl: Item) -> str | None:
    """Firewall Manager makes web ACLs in the accounts of an organization."""
    return "aws: firewall manager" if acl["Whole"]["WebACL"].get("ManagedByFirewallManager") else None


ACL = "Whole.WebACL"

WEB_ACL = Collector(
    type="aws_wafv2_web_acl",
    service="wafv2",
    fetch=web_acls,
    details=(whole("get_web_acl"), TAGGING),
    permissions=("wafv2:ListWebACLs", "wafv2:GetWebACL", TAGS_ALLOWED),
    id="Id",
    owner=handed_out,
    attributes={
        **NAMED,
        "application_integration_url": volatile("Whole.ApplicationIntegrationURL"),
        "association_config": said(f"{ACL}.AssociationConfig", PLAIN),
        "capacity": volatile(f"{ACL}.Capacity"),
        "captcha_config": said(f"{ACL}.CaptchaConfig", PLAIN),
        "challenge_config": said(f"{ACL}.ChallengeConfig", PLAIN),
        "custom_response_body": Attribute(path=f"{ACL}.CustomResponseBodies", form=UNORDERED, convert=bodies),
        "data_protection_config": said(f"{ACL}.DataProtectionConfig"),
        "default_action": said(f"{ACL}.DefaultAction"),
        "rule": rules(f"{ACL}.Rules"),
        "token_domains": unordered(f"{ACL}.TokenDomains"),
        "visibility_config": said(f"{ACL}.VisibilityConfig"),
    },
    tags=TAGS,
)

RULE_GROUP = Collector(
    type="aws_wafv2_rule_group",
    service="wafv2",
    fetch=rule_groups,
    details=(whole("get_rule_group"), TAGGING),
    permissions=("wafv2:ListRuleGroups", "wafv2:GetRuleGroup", TAGS_ALLOWED),
    id="Id",
    attributes={
        **NAMED,
        "capacity": "Whole.RuleGroup.Capacity",
        "custom_response_body": Attribute(path="Whole.RuleGroup.CustomResponseBodies", form=UNORDERED, convert=bodies),
        "rule": rules("Whole.RuleGroup.Rules"),
        "visibility_config": said("Whole.RuleGroup.VisibilityConfig"),
    },
    tags=TAGS,
)

IP_SET = Collector(
    type="aws_wafv2_ip_set",
    service="wafv2",
    fetch=ip_sets,
    details=(whole("get_ip_set"), TAGGING),
    permissions=("wafv2:ListIPSets", "wafv2:GetIPSet", TAGS_ALLOWED),
    id="Id",
    attributes={
        **NAMED,
        "addresses": unordered("Whole.IPSet.Addresses"),
        "ip_address_version": "Whole.IPSet.IPAddressVersion",
    },
    tags=TAGS,
)

REGEX_PATTERN_SET = Collector(
    type="aws_wafv2_regex_pattern_set",
    service="wafv2",
    fetch=regex_pattern_sets,
    details=(whole("get_regex_pattern_set"), TAGGING),
    permissions=("wafv2:ListRegexPatternSets", "wafv2:GetRegexPatternSet", TAGS_ALLOWED),
    id="Id",
    attributes={
        **NAMED,
        "regular_expression": blocks("Whole.RegexPatternSet.RegularExpressionList[].{regex_string: RegexString}"),
    },
    tags=TAGS,
)

COLLECTORS = [IP_SET, REGEX_PATTERN_SET, RULE_GROUP, WEB_ACL]

"""What people do to edges by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.witness.case import Clients, State


def _distribution(aws: Clients, state: State, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    id = state[f"aws_cloudfront_distribution.{name}"]["id"]
    found = aws("cloudfront").get_distribution_config(Id=id)
    change(found["DistributionConfig"])
    aws("cloudfront").update_distribution(Id=id, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"])


def anybody_reads_in_the_open(aws: Clients, state: State) -> None:
    opened = {"ViewerProtocolPolicy": "allow-all"}
    _distribution(aws, state, "site", lambda config: config["DefaultCacheBehavior"].update(opened))


def distribution_switched_off(aws: Clients, state: State) -> None:
    _distribution(aws, state, "site", lambda config: config.update(Enabled=False, Comment="By hand"))


def distribution_switched_on(aws: Clients, state: State) -> None:
    _distribution(aws, state, "plain", lambda config: config.update(Enabled=True))


def origin_moved(aws: Clients, state: State) -> None:
    def move(config: dict[str, Any]) -> None:
        [api] = [each for each in config["Origins"]["Items"] if each["Id"] == "api"]
        api.update(DomainName="elsewhere.example.net", OriginPath="")

    _distribution(aws, state, "site", move)


def lands_opened(aws: Clients, state: State) -> None:
    everywhere = {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}}
    _distribution(aws, state, "site", lambda config: config.update(Restrictions=everywhere))


def one_name_fewer(aws: Clients, state: State) -> None:
    names = {"Quantity": 1, "Items": ["shop.example.com"]}
    _distribution(aws, state, "site", lambda config: config.update(Aliases=names))


def behaviour_removed(aws: Clients, state: State) -> None:
    _distribution(aws, state, "site", lambda config: config.update(CacheBehaviors={"Quantity": 0}))


def distribution_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_cloudfront_distribution.site"]["arn"]
    aws("cloudfront").tag_resource(Resource=arn, Tags={"Items": [{"Key": "Team", "Value": "nobody"}]})


def origin_no_longer_signed_for(aws: Clients, state: State) -> None:
    control = state["aws_cloudfront_origin_access_control.site"]["id"]
    found = aws("cloudfront").get_origin_access_control(Id=control)
    changed = found["OriginAccessControl"]["OriginAccessControlConfig"] | {"SigningBehavior": "never"}
    aws("cloudfront").update_origin_access_control(Id=control, IfMatch=found["ETag"], OriginAccessControlConfig=changed)


def control_told_otherwise(aws: Clients, state: State) -> None:
    control = state["aws_cloudfront_origin_access_control.site"]["id"]
    found = aws("cloudfront").get_origin_access_control(Id=control)
    changed = found["OriginAccessControl"]["OriginAccessControlConfig"] | {"Description": "By hand"}
    aws("cloudfront").update_origin_access_control(Id=control, IfMatch=found["ETag"], OriginAccessControlConfig=changed)


def control_deleted(aws: Clients, state: State) -> None:
    control = state["aws_cloudfront_origin_access_control.site"]["id"]
    etag = aws("cloudfront").get_origin_access_control(Id=control)["ETag"]
    aws("cloudfront").delete_origin_access_control(Id=control, IfMatch=etag)


def _named(state: State, address: str) -> dict[str, str]:
    return {"Id": state[address]["id"], "Name": state[address]["name"], "Scope": "REGIONAL"}


def office_moved(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_ip_set.office")
    token = aws("wafv2").get_ip_set(**named)["LockToken"]
    aws("wafv2").update_ip_set(**named, LockToken=token, Addresses=["0.0.0.0/1"])


def office_told_otherwise(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_ip_set.office")
    token = aws("wafv2").get_ip_set(**named)["LockToken"]
    addresses = list(state["aws_wafv2_ip_set.office"]["addresses"])
    aws("wafv2").update_ip_set(**named, LockToken=token, Addresses=addresses, Description="By hand")


def office_tag_removed(aws: Clients, state: State) -> None:
    aws("wafv2").untag_resource(ResourceARN=state["aws_wafv2_ip_set.office"]["arn"], TagKeys=["Team"])


def office_deleted(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_ip_set.office")
    aws("wafv2").delete_ip_set(**named, LockToken=aws("wafv2").get_ip_set(**named)["LockToken"])


def less_is_bad(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_regex_pattern_set.bad")
    token = aws("wafv2").get_regex_pattern_set(**named)["LockToken"]
    patterns = [{"RegexString": "^bad"}]
    aws("wafv2").update_regex_pattern_set(**named, LockToken=token, RegularExpressionList=patterns)


def nothing_is_bad(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_regex_pattern_set.bad")
    token = aws("wafv2").get_regex_pattern_set(**named)["LockToken"]
    aws("wafv2").delete_regex_pattern_set(**named, LockToken=token)


def bad_told_otherwise(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_regex_pattern_set.bad")
    found = aws("wafv2").get_regex_pattern_set(**named)
    kept = found["RegexPatternSet"]["RegularExpressionList"]
    aws("wafv2").update_regex_pattern_set(
        **named, LockToken=found["LockToken"], RegularExpressionList=kept, Description="By hand"
    )


def office_held_off(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_rule_group.office")
    found = aws("wafv2").get_rule_group(**named)
    rules = [each | {"Action": {"Block": {}}} for each in found["RuleGroup"]["Rules"]]
    seen = found["RuleGroup"]["VisibilityConfig"]
    aws("wafv2").update_rule_group(**named, LockToken=found["LockToken"], Rules=rules, VisibilityConfig=seen)


def office_counted(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_rule_group.office")
    found = aws("wafv2").get_rule_group(**named)
    seen = found["RuleGroup"]["VisibilityConfig"] | {"CloudWatchMetricsEnabled": True}
    rules = found["RuleGroup"]["Rules"]
    aws("wafv2").update_rule_group(**named, LockToken=found["LockToken"], Rules=rules, VisibilityConfig=seen)


def rules_for_the_office_deleted(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_rule_group.office")
    aws("wafv2").delete_rule_group(**named, LockToken=aws("wafv2").get_rule_group(**named)["LockToken"])


def _acl(aws: Clients, state: State, name: str, **changed: Any) -> None:
    named = _named(state, f"aws_wafv2_web_acl.{name}")
    found = aws("wafv2").get_web_acl(**named)
    kept = {each: found["WebACL"][each] for each in ("DefaultAction", "Rules", "VisibilityConfig")}
    aws("wafv2").update_web_acl(**named, LockToken=found["LockToken"], **kept | changed)


def all_rules_dropped(aws: Clients, state: State) -> None:
    _acl(aws, state, "shop", Rules=[], Description="The shop's door")


def all_let_in(aws: Clients, state: State) -> None:
    _acl(aws, state, "plain", DefaultAction={"Allow": {}})


def many_may_come(aws: Clients, state: State) -> None:
    rules = aws("wafv2").get_web_acl(**_named(state, "aws_wafv2_web_acl.shop"))["WebACL"]["Rules"]
    [many] = [each for each in rules if each["Name"] == "many"]
    many["Statement"]["RateBasedStatement"]["Limit"] = 20000
    _acl(aws, state, "shop", Rules=rules, Description="The shop's door")


def acl_tag_removed(aws: Clients, state: State) -> None:
    aws("wafv2").untag_resource(ResourceARN=state["aws_wafv2_web_acl.shop"]["arn"], TagKeys=["Team"])


def acl_deleted(aws: Clients, state: State) -> None:
    named = _named(state, "aws_wafv2_web_acl.plain")
    aws("wafv2").delete_web_acl(**named, LockToken=aws("wafv2").get_web_acl(**named)["LockToken"])


def acl_no_longer_logged(aws: Clients, state: State) -> None:
    aws("wafv2").delete_logging_configuration(ResourceArn=state["aws_wafv2_web_acl.shop"]["arn"])


def logged_in_full(aws: Clients, state: State) -> None:
    acl = state["aws_wafv2_web_acl.shop"]["arn"]
    destinations = list(state["aws_wafv2_web_acl_logging_configuration.shop"]["log_destination_configs"])
    aws("wafv2").put_logging_configuration(
        LoggingConfiguration={"ResourceArn": acl, "LogDestinationConfigs": destinations}
    )


def only_blocks_logged(aws: Clients, state: State) -> None:
    acl = state["aws_wafv2_web_acl.shop"]["arn"]
    found = aws("wafv2").get_logging_configuration(ResourceArn=acl)["LoggingConfiguration"]
    kept = {name: found[name] for name in ("ResourceArn", "LogDestinationConfigs", "RedactedFields")}
    blocked = {
        "Behavior": "KEEP",
        "Requirement": "MEETS_ANY",
        "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
    }
    filtered = {"DefaultBehavior": "DROP", "Filters": [blocked]}
    aws("wafv2").put_logging_configuration(LoggingConfiguration=kept | {"LoggingFilter": filtered})


GAPS = {"cloudfront:GetMonitoringSubscription"}
"""The operations that moto does not have."""

TOKEN = "a token that moves with each change, and says nothing else"

EXPLAINED: dict[str, dict[str, str]] = {
    "all_let_in": {"terraform: changed aws_wafv2_web_acl.plain lock_token": TOKEN},
    "all_rules_dropped": {"terraform: changed aws_wafv2_web_acl.shop lock_token": TOKEN},
    "bad_told_otherwise": {"terraform: changed aws_wafv2_regex_pattern_set.bad lock_token": TOKEN},
    "less_is_bad": {"terraform: changed aws_wafv2_regex_pattern_set.bad lock_token": TOKEN},
    "many_may_come": {"terraform: changed aws_wafv2_web_acl.shop lock_token": TOKEN},
    "office_counted": {"terraform: changed aws_wafv2_rule_group.office lock_token": TOKEN},
    "office_held_off": {"terraform: changed aws_wafv2_rule_group.office lock_token": TOKEN},
    "office_moved": {"terraform: changed aws_wafv2_ip_set.office lock_token": TOKEN},
    "office_told_otherwise": {"terraform: changed aws_wafv2_ip_set.office lock_token": TOKEN},
}
"""What only one of the two says after a change, and why that is as it should be."""

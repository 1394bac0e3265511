"""What people do to names by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State


def _record(aws: Clients, state: State, action: str, name: str, type: str, **said: Any) -> None:
    """Records by bare values; all else as Route 53 has it."""
    values = [{"Value": each} for each in said.pop("values", ())]
    record = {"Name": name, "Type": type, **({"ResourceRecords": values} if values else {}), **said}
    aws("route53").change_resource_record_sets(
        HostedZoneId=state["aws_route53_zone.shop"]["zone_id"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


def _record_sent_elsewhere(aws: Clients, state: State) -> None:
    _record(aws, state, "UPSERT", "www.shop.example.com", "A", TTL=300, values=["192.0.2.66"])


def _record_kept_longer(aws: Clients, state: State) -> None:
    _record(aws, state, "UPSERT", "*.apps.shop.example.com", "CNAME", TTL=86400, values=["www.shop.example.com"])


def _anybody_sends_mail(aws: Clients, state: State) -> None:
    _record(aws, state, "UPSERT", "shop.example.com", "TXT", TTL=3600, values=['"v=spf1 +all"'])


def _mail_read_by_others(aws: Clients, state: State) -> None:
    values = ["5 mail.example.net", "10 mail1.example.com", "20 mail2.example.com"]
    _record(aws, state, "UPSERT", "shop.example.com", "MX", TTL=3600, values=values)


def _all_weight_on_green(aws: Clients, state: State) -> None:
    for name, weight in {"blue": 0, "green": 100}.items():
        values = state[f'aws_route53_record.weighted["{name}"]']["records"]
        said = {"TTL": 60, "values": values, "SetIdentifier": name, "Weight": weight}
        _record(aws, state, "UPSERT", "api.shop.example.com", "A", **said)


def _failover_not_watched(aws: Clients, state: State) -> None:
    said = {"TTL": 60, "values": ["one.example.com"], "SetIdentifier": "one", "Failover": "PRIMARY"}
    _record(aws, state, "UPSERT", "pay.shop.example.com", "CNAME", **said)


def _record_deleted(aws: Clients, state: State) -> None:
    said = {"TTL": 60, "values": ["192.0.2.9"], "SetIdentifier": "ireland", "Region": "eu-west-1"}
    _record(aws, state, "DELETE", "near.shop.example.com", "A", **said)


def _record_made_by_hand(aws: Clients, state: State) -> None:
    _record(aws, state, "CREATE", "old.shop.example.com", "A", TTL=60, values=["192.0.2.77"])


def _alias_not_watched(aws: Clients, state: State) -> None:
    target = {
        "HostedZoneId": state["aws_route53_zone.shop"]["zone_id"],
        "DNSName": "www.shop.example.com",
        "EvaluateTargetHealth": False,
    }
    _record(aws, state, "UPSERT", "alias.shop.example.com", "A", AliasTarget=target)


def _zone_told_otherwise(aws: Clients, state: State) -> None:
    aws("route53").update_hosted_zone_comment(Id=state["aws_route53_zone.shop"]["zone_id"], Comment="By hand")


def _zone_tag_changed(aws: Clients, state: State) -> None:
    aws("route53").change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=state["aws_route53_zone.shop"]["zone_id"],
        AddTags=[{"Key": "Team", "Value": "nobody"}],
        RemoveTagKeys=["Owner"],
    )


def _zone_deleted(aws: Clients, state: State) -> None:
    aws("route53").delete_hosted_zone(Id=state["aws_route53_zone.inside"]["zone_id"])


def _check(aws: Clients, state: State, name: str, **changed: Any) -> None:
    aws("route53").update_health_check(HealthCheckId=state[f"aws_route53_health_check.{name}"]["id"], **changed)


def _health_asked_elsewhere(aws: Clients, state: State) -> None:
    _check(aws, state, "web", FullyQualifiedDomainName="other.example.com", Port=8443, ResourcePath="/")


def _check_switched_on(aws: Clients, state: State) -> None:
    _check(aws, state, "address", Disabled=False, FailureThreshold=1)


def _fewer_must_be_well(aws: Clients, state: State) -> None:
    _check(aws, state, "both", HealthThreshold=2)


def _health_check_deleted(aws: Clients, state: State) -> None:
    aws("route53").delete_health_check(HealthCheckId=state["aws_route53_health_check.both"]["id"])


def health_check_retagged(aws: Clients, state: State) -> None:
    aws("route53").change_tags_for_resource(
        ResourceType="healthcheck",
        ResourceId=state["aws_route53_health_check.web"]["id"],
        AddTags=[{"Key": "Name", "Value": "by-hand"}],
    )


def health_turned_around(aws: Clients, state: State) -> None:
    _check(aws, state, "address", Inverted=True)


def _delegation_set_deleted(aws: Clients, state: State) -> None:
    aws("route53").delete_reusable_delegation_set(Id=state["aws_route53_delegation_set.shop"]["id"])


def _resolver_named_otherwise(aws: Clients, state: State) -> None:
    endpoint = state["aws_route53_resolver_endpoint.out"]["id"]
    aws("route53resolver").update_resolver_endpoint(ResolverEndpointId=endpoint, Name="by-hand")


def _resolver_given_another_address(aws: Clients, state: State) -> None:
    aws("route53resolver").associate_resolver_endpoint_ip_address(
        ResolverEndpointId=state["aws_route53_resolver_endpoint.out"]["id"],
        IpAddress={"SubnetId": state['aws_subnet.main["a"]']["id"], "Ip": "10.0.1.99"},
    )


def _resolver_tag_removed(aws: Clients, state: State) -> None:
    arn = state["aws_route53_resolver_endpoint.out"]["arn"]
    aws("route53resolver").untag_resource(ResourceArn=arn, TagKeys=["Team"])


def resolver_rule_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_route53_resolver_rule.public"]["arn"]
    aws("route53resolver").tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "nobody"}])


def resolver_rule_and_its_use_deleted(aws: Clients, state: State) -> None:
    _rule_lifted(aws, state)
    rule = state["aws_route53_resolver_rule.corporate"]["id"]
    aws("route53resolver").delete_resolver_rule(ResolverRuleId=rule)


def resolver_given_up(aws: Clients, state: State) -> None:
    resolver_rule_and_its_use_deleted(aws, state)
    endpoint = state["aws_route53_resolver_endpoint.out"]["id"]
    aws("route53resolver").delete_resolver_endpoint(ResolverEndpointId=endpoint)


def resolver_rule_held_elsewhere(aws: Clients, state: State) -> None:
    _rule_lifted(aws, state)
    aws("route53resolver").associate_resolver_rule(
        Name="corporate",
        ResolverRuleId=state["aws_route53_resolver_rule.corporate"]["id"],
        VPCId=state["aws_vpc.other"]["id"],
    )


def _rule_lifted(aws: Clients, state: State) -> None:
    aws("route53resolver").disassociate_resolver_rule(
        VPCId=state["aws_vpc.main"]["id"], ResolverRuleId=state["aws_route53_resolver_rule.corporate"]["id"]
    )


def _rule_deleted(aws: Clients, state: State) -> None:
    aws("route53resolver").delete_resolver_rule(ResolverRuleId=state["aws_route53_resolver_rule.public"]["id"])


def told_otherwise(aws: Clients, state: State) -> None:
    for change in (
        _record_sent_elsewhere,
        _record_kept_longer,
        _anybody_sends_mail,
        _mail_read_by_others,
        _all_weight_on_green,
        _failover_not_watched,
        _alias_not_watched,
        _zone_told_otherwise,
        _health_asked_elsewhere,
        _check_switched_on,
        _fewer_must_be_well,
        _resolver_named_otherwise,
    ):
        change(aws, state)


def things_deleted(aws: Clients, state: State) -> None:
    for change in (_record_deleted, _health_check_deleted, _rule_lifted, _zone_deleted):
        change(aws, state)


def record_made_by_hand(aws: Clients, state: State) -> None:
    for change in (
        _record_made_by_hand,
        _zone_tag_changed,
        _resolver_given_another_address,
        _resolver_tag_removed,
        _rule_deleted,
        _delegation_set_deleted,
    ):
        change(aws, state)


GAPS = {"ec2:DescribeSecurityGroupVpcAssociations"}
"""The operations that moto does not have."""

ALWAYS = {"ours: unmanaged aws_route53_delegation_set": "moto makes a set without an id for a zone that has none"}

UNMANAGED = "Terraform never looks for what it does not manage"

AFTER: dict[str, dict[str, str]] = {
    "record_made_by_hand": {"ours: unmanaged aws_route53_record old.shop.example.com": UNMANAGED},
    "resolver_rule_held_elsewhere": {"ours: unmanaged aws_route53_resolver_rule_association corporate": UNMANAGED},
}

EXPLAINED: dict[str, dict[str, str]] = {name: ALWAYS | AFTER.get(name, {}) for name in [*globals(), "none"]}
"""What only one of the two says after a change, and why that is as it should be."""

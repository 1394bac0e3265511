"""What an `import` block brings in whose type only declares others: the things themselves, as they are collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.collectors import schemas
from state import Declaration, Resource
from state.terraform.refactoring import Import
from state.terraform.settle import settle

Says = Callable[[str], Mapping[str, Any]]


def _named(attribute: str, after: str = "") -> Says:
    return lambda id: {attribute: id.rpartition(after)[2] if after else id}


def _rule(id: str) -> Mapping[str, Any]:
    """``sg-1_ingress_tcp_80_80_self_10.0.0.0/8``: website/docs/r/security_group_rule.html.markdown."""
    group, direction, protocol, start, end, *sources = id.lower().split("_")
    return {
        "security_group_id": group,
        "type": direction,
        "protocol": protocol,
        "from_port": int(start),
        "to_port": int(end),
        "self": "self" in sources,
        "cidr_blocks": [each for each in sources if "/" in each and ":" not in each],
        "ipv6_cidr_blocks": [each for each in sources if ":" in each],
        "prefix_list_ids": [each for each in sources if each.startswith("pl-")],
        "source_security_group_id": next((each for each in sources if "sg-" in each), None),
    }


def _membership(id: str) -> Mapping[str, Any]:
    user, *groups = id.split("/")
    return {"user": user, "groups": groups}


SAYS: Mapping[str, Says] = {
    "aws_apigatewayv2_domain_name": _named("domain_name"),
    "aws_docdb_event_subscription": _named("name"),
    "aws_elasticsearch_domain": _named("domain_name"),
    "aws_iam_user_group_membership": _membership,
    "aws_neptune_cluster_endpoint": _named("cluster_endpoint_identifier", ":"),
    "aws_neptune_event_subscription": _named("name"),
    "aws_security_group_rule": _rule,
    "aws_ses_configuration_set": _named("name"),
    "aws_ses_domain_identity": _named("domain"),
    "aws_ses_email_identity": _named("email"),
}
"""What the id says that import takes for them. Of others it does not say it, or the provider imports none."""


def declared_by(block: Import) -> list[Resource]:
    """The things that a block of such a type brings in; none where the id does not say which."""
    if block.type not in SAYS:
        return []
    try:
        said = dict(block.identity) or SAYS[block.type](block.id)
    except ValueError:
        return []
    place = Declaration(address=block.address, source=block.file, witness="code", file=block.file, line=block.line)
    home = Resource(type=block.type, id=block.id, region=block.region, attributes=said, declared=place)
    return settle([home], schemas())

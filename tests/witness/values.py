"""What a changed attribute was and is: Terraform's before and after beside our declared and live values.

Both are taken apart into leaves, (side, path, value), with the keys of maps and blocks and without the indexes of
lists; what both sides have is no difference. A JSON document is taken apart as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.inline import BLOCKS
from state.drift import Change, Drift, Kind
from state.paths import first
from state.secret import Secret
from state.terraform import provider
from tests.witness.case import ALSO, Row

BEFORE, AFTER = "before", "after"

Leaf = tuple[str, str, Any]
"""(before or after, path, value)"""

Told = Mapping[Row, Counter[Leaf]]

DRAWN = {
    "aws_api_gateway_stage": ("deployment_id",),
    "aws_appautoscaling_policy": ("arn",),
    "aws_cognito_user_pool_domain": ("aws_account_id",),
    "aws_db_proxy": ("arn",),
    "aws_dynamodb_table": ("stream_arn", "stream_label"),
    "aws_eks_fargate_profile": ("arn",),
    "aws_iam_group": ("unique_id",),
    "aws_key_pair": ("fingerprint", "key_pair_id"),
    "aws_neptune_global_cluster": ("global_cluster_resource_id",),
    "aws_rds_global_cluster": ("global_cluster_resource_id",),
    "aws_route": ("network_interface_id",),
    "aws_route53_resolver_endpoint": ("ip_address.ip_id",),
    "aws_route_table": ("route.network_interface_id",),
    "aws_s3_access_point": ("alias",),
    "aws_s3control_multi_region_access_point": ("alias", "arn", "domain_name"),
    "aws_vpc_endpoint": ("prefix_list_id",),
}
"""What moto draws, when it is changed or each time it is asked: any value after is as good as another."""

PROTOCOLS = {"6": "tcp", "17": "udp"}


def protocol(value: str) -> str:
    return PROTOCOLS.get(value, value)


SPELLED: Mapping[str, Mapping[str, Callable[[str], str]]] = {
    "aws_apigatewayv2_api": {"cors_configuration.allow_headers": str.lower},
    "aws_default_network_acl": {"ingress.protocol": protocol},
    "aws_elb": {"listener.instance_protocol": str.lower, "listener.lb_protocol": str.lower},
    "aws_network_acl": {"ingress.protocol": protocol},
}
"""What says the same in other letters: AWS tells capitals where the provider writes small ones, a protocol by name
where that keeps its number."""


def ours(drift: Iterable[Drift]) -> Told:
    """What we say of each attribute that changed."""
    found: dict[Row, list[tuple[str, Any, Any]]] = defaultdict(list)
    for each in drift:
        for change in each.changes if each.declared else ():
            name = first(change.path)
            said = (_in_words(each.resource.type, name, change, value) for value in (change.declared, change.live))
            found[Kind.CHANGED.value, each.declared.address, name].append((_without_indexes(change.path), *said))
    return {row: _differing(row, pairs) for row, pairs in found.items()}


def terraforms(reported: Iterable[dict[str, Any]]) -> Told:
    """What Terraform says of each attribute that changed: by its second name, where it has one that tells more."""
    found: dict[Row, Counter[Leaf]] = {}
    for each in reported:
        for name in sorted(each.get("changed", ()), key=lambda name: name in ALSO):
            row, both = (Kind.CHANGED.value, each["address"], ALSO.get(name, name)), each["changed"][name]
            found[row] = _differing(row, [(row[2], both["before"], both["after"])])
    return found


def apart(found: Iterable[Drift], reported: Iterable[dict[str, Any]]) -> set[str]:
    """Where the two tell other values of what both call changed, as changes.py explains it."""
    said, seen = ours(found), terraforms(reported)
    return {
        f"{whose}: {side} {row[1]} {path}"
        for row in said.keys() & seen.keys()
        for whose, more in (("ours", said[row] - seen[row]), ("terraform", seen[row] - said[row]))
        for side, path, _ in more
    }


def covered(leaves: Iterable[str], explained: Iterable[str]) -> set[str]:
    """Those that are explained by what explains them, which covers all that lies below; the others as they are."""
    return {next((each for each in explained if f"{leaf}.".startswith(f"{each}.")), leaf) for leaf in leaves}


def _in_words(type: str, name: str, change: Change, value: Any) -> Any:
    """A whole part in the words of the thing that shows it: a rule as its group's block, one of a list by its name."""
    value = _shown(value)
    if not (isinstance(value, Mapping) and change.path.endswith("]")):
        return value
    known = provider.attributes(type).get(name)
    if (type, name) in BLOCKS and known and known.inner:
        written = BLOCKS[type, name]({"security_group_id": "its own", **value})
        return {key: each for key, each in written.items() if key in known.inner}
    return [*value.values()] if known and known.inner is None and len(value) == 1 else value


def _shown(value: Any) -> Any:
    """A value, and what is kept back in it."""
    if isinstance(value, Secret):
        return _shown(value.value)
    if isinstance(value, Mapping):
        return {name: _shown(each) for name, each in value.items()}
    return [*map(_shown, value)] if isinstance(value, list | tuple) else value


def _without_indexes(path: str) -> str:
    """``policy.Statement[Sid=Read].Condition.Bool[aws:SecureTransport]`` as the document has it."""
    path = re.sub(r"(\.Condition\.\w+)\[(.*)\]$", r"\1.\2", path)
    return re.sub(r"\[[^\[\]]*\]", "", path)


def _differing(row: Row, pairs: Iterable[tuple[str, Any, Any]]) -> Counter[Leaf]:
    [type] = re.findall(r"\b(aws_\w+)\.", row[1])[-1:]
    was, now = Counter[tuple[str, Any]](), Counter[tuple[str, Any]]()
    for path, before, after in pairs:
        was.update(_leaves(type, path, before))
        now.update(_leaves(type, path, after))
    before, after = was - now, now - was
    drawn = {(path, "drawn" if path in DRAWN.get(type, ()) else value): count for (path, value), count in after.items()}
    return Counter({(side, *leaf): n for side, of in ((BEFORE, before), (AFTER, drawn)) for leaf, n in of.items()})


def _leaves(type: str, path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What is set: the provider writes "", 0 and false for what is not, and AWS nothing."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        value = _parsed(value)
    if isinstance(value, Mapping):
        for name, each in value.items():
            everybody = name in ("Principal", "NotPrincipal") and each == "*"
            yield from _leaves(type, f"{path}.{name}", {"AWS": each} if everybody else each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(type, path, each)
    elif value:
        yield path, SPELLED.get(type, {}).get(path, lambda each: each)(value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text

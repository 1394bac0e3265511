"""A live resource as the Terraform that would declare it: the arguments that are set, and nothing that is secret.

What is left out is what nobody can write (computed), need not write (empty, a default, deprecated), or may not
read here. A value that is secret, or was not seen, is kept as it is by ``ignore_changes``: to leave it out
alone would tell Terraform to take it away.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from scanner.collectors import schemas
from state import Resource
from state.documents import DOCUMENT, POLICY
from state.forms import own_tags, parsed
from state.schema import Schema
from state.secret import Secret, key_of, veiled
from state.terraform import provider
from state.terraform.provider import Attribute
from state.terraform.writing import Argument, Block, Comment, Document, Expression, Item, quoted

UNWRITTEN = frozenset({"id", "tags_all", "timeouts", "region"})

PLACEHOLDER = "(sensitive)"
SECRET = "sensitive: take it from where secrets are kept"  # noqa: S105  the sentence about one
UNREAD = "an import does not read it"
UNTOLD = "required, and told by no API"

BESIDE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws_autoscaling_group": {"availability_zones": ("vpc_zone_identifier",)},
    "aws_cloudwatch_event_rule": {"is_enabled": ("state",)},
    "aws_eip_association": {"network_interface_id": ("instance_id",), "private_ip_address": ("instance_id",)},
    "aws_elb": {"availability_zones": ("subnets",)},
    "aws_lb": {"subnet_mapping": ("subnets",)},
    "aws_network_interface": {
        "ipv6_address_count": ("ipv6_addresses",),
        "ipv6_address_list": ("ipv6_addresses",),
        "private_ip": ("private_ips",),
        "private_ip_list": ("private_ips",),
        "private_ips_count": ("private_ips",),
    },
    "aws_s3_bucket_acl": {"acl": ("access_control_policy",)},
    "aws_sqs_queue": {"sqs_managed_sse_enabled": ("kms_master_key_id",)},
    "aws_subnet": {"availability_zone_id": ("availability_zone",)},
    "launch_template": {"name": ("id",), "launch_template_name": ("launch_template_id",)},
    "launch_template_specification": {"launch_template_name": ("launch_template_id",)},
}
"""By type or block, arguments that the provider refuses beside any of these; of their own they are fine."""

ELSEWHERE: Mapping[str, frozenset[str]] = {
    "aws_autoscaling_group": frozenset({"load_balancers", "target_group_arns", "traffic_source"}),
    "aws_eip": frozenset({"associate_with_private_ip", "instance", "network_interface"}),
    "aws_instance": frozenset({"ebs_block_device", "security_groups"}),
    "aws_lambda_function": frozenset({"source_code_hash"}),
    "aws_network_interface": frozenset({"attachment"}),
    "aws_rds_cluster": frozenset({"iam_roles"}),
    "aws_redshift_cluster": frozenset({"iam_roles"}),
    "aws_route_table": frozenset({"propagating_vgws"}),
    "aws_secretsmanager_secret": frozenset({"policy"}),
    "aws_sns_topic": frozenset({"policy"}),
    "aws_sqs_queue": frozenset({"policy", "redrive_allow_policy", "redrive_policy"}),
    "aws_vpc": frozenset({"ipv6_cidr_block"}),
    "aws_vpc_endpoint": frozenset({"policy", "route_table_ids", "security_group_ids", "subnet_ids"}),
}
"""By type, what is declared by another resource, which is imported by itself, or follows from what is."""

KEPT: Mapping[str, tuple[str, ...]] = {
    "aws_eks_cluster": ("bootstrap_self_managed_addons",),
    "aws_ami": ("architecture", "sriov_net_support", "virtualization_type"),
    "aws_instance": ("root_block_device[0].tags",),
    "aws_key_pair": ("public_key",),
}
"""By type, what an import does not read, or the provider has a default for, and so would change or replace."""

DEFAULTS: Mapping[str, Mapping[str, Any]] = {"aws_network_interface": {"interface_type": "interface"}}
"""By type, values that AWS tells and the provider does not take."""

ONE_OF: Mapping[str, tuple[str, ...]] = {
    "aws_lambda_function": ("filename", "image_uri", "s3_bucket"),
    "aws_ssm_parameter": ("value", "insecure_value"),
}
"""By type, arguments of which the provider wants one; the first, where none is known."""

TOLD = frozenset(
    {"containerPort", "cpu", "essential", "hostPort", "image", "memory", "name", "portMappings", "protocol"}
)
"""What of a document that may hold secrets is told: of a container what it is, and nothing that it is given."""


class Skeleton(msgspec.Struct, frozen=True):
    """The body of a resource, and the paths of it that are kept as they are since they are not shown."""

    items: tuple[Item, ...]
    kept: tuple[str, ...] = ()

    def body(self) -> tuple[Item, ...]:
        if not self.kept:
            return self.items
        said = Argument("ignore_changes", [Expression(each) for each in self.kept])
        return *self.items, Block("lifecycle", (), (Comment("kept as it is: not shown here"), said))


def skeleton(resource: Resource, wanted: Collection[str] | None = None, secret: Collection[str] = ()) -> Skeleton:
    """The resource as Terraform; with ``wanted`` only those attributes of it, unset ones too.

    Those that are ``secret`` are so for another reason than this module would know.
    """
    body = _Body(resource, wanted, secret)
    known = provider.attributes(resource.type)
    for name, attribute in known.items():
        asked = wanted is not None and name in wanted
        may_be = _is_argument(attribute) or (asked and "o" in attribute.flags)  # deprecated, and declared all the same
        if (wanted is None or asked) and name not in UNWRITTEN and may_be:
            body.say(name, attribute)
    one_of = ONE_OF.get(resource.type, ())
    if wanted is None:
        body.hold(KEPT.get(resource.type, ()))
    if wanted is None and one_of and not {*one_of} & {*body.said}:
        body.keep(one_of[0], known[one_of[0]], UNTOLD)
    return body.skeleton()


def _is_argument(attribute: Attribute) -> bool:
    """Whether code may set it; a block says nothing of that but through what stands in it."""
    if attribute.inner is not None and "(object(" not in attribute.type:
        return any(map(_is_argument, attribute.inner.values())) or not attribute.inner
    return "r" in attribute.flags or ("o" in attribute.flags and "d" not in attribute.flags)


class _Body:
    """The body of one resource as it is put together."""

    def __init__(self, resource: Resource, wanted: Collection[str] | None, secret: Collection[str]) -> None:
        self.resource, self.asked = resource, wanted is not None
        self.schema = schemas().get(resource.type) or Schema(type=resource.type)
        self.holders = resource.sensitive | self.schema.sensitive | {*secret} | _holders(resource.type)
        self.items: list[Item] = []
        self.said: list[str] = []
        self.kept: list[str] = []
        self.reasons: dict[str, list[str]] = {}

    def skeleton(self) -> Skeleton:
        why = (Comment(f"{', '.join(each)}: {reason}") for reason, each in self.reasons.items())
        return Skeleton((*why, *self.items), tuple(self.kept))

    def say(self, name: str, attribute: Attribute) -> None:
        value = self.resource.attributes.get(name)
        if name in self.resource.unknown:
            self.keep(name, attribute, self.resource.unknown[name])
        elif name not in self.resource.attributes:
            if "r" in attribute.flags:
                self.keep(name, attribute, UNTOLD)
        elif self._is_unsaid(name, attribute, value):
            return
        elif self._is_secret(name, attribute, value):
            self.keep(name, attribute, SECRET)
        else:
            self._tell(name, attribute, value)

    def _is_unsaid(self, name: str, attribute: Attribute, value: Any) -> bool:
        unset = _is_empty(value) and not self.asked and ("r" not in attribute.flags or value is None)
        if self.asked and name in ELSEWHERE.get(self.resource.type, ()):
            return False  # what is asked for is declared here
        return unset or _is_left(self.resource.type, name, self.resource.attributes)

    def keep(self, name: str, attribute: Attribute, why: str) -> None:
        """Say nothing of it, and let Terraform change nothing."""
        self.reasons.setdefault(why, []).append(name)
        self.kept.append(name)
        if attribute.inner is None and ("r" in attribute.flags or name in ONE_OF.get(self.resource.type, ())):
            self.items.append(Argument(name, _placeholder(attribute, self.resource.attributes.get(name))))

    def hold(self, paths: Iterable[str]) -> None:
        """Let Terraform change nothing of what is said there."""
        for path in paths:
            inside = "[" in path
            if not inside or path.partition("[")[0] in self.said:
                self.reasons.setdefault(UNREAD, []).append(path)
                self.kept.append(path)

    def _is_secret(self, name: str, attribute: Attribute, value: Any) -> bool:
        if name in self.holders:
            return not _is_empty(value)
        if attribute.inner is None and _is_map(name, attribute):
            return "s" in attribute.flags
        shown = veiled(value, key_of(name, name, self.resource.attributes), block=True)
        return _holds_secret(shown) or _is_marked(name, attribute, value)

    def _tell(self, name: str, attribute: Attribute, value: Any) -> None:
        count = len(self.items)
        if attribute.inner is not None:
            self._tell_blocks(name, list(_blocks(name, attribute, value, whole=self.asked)))
        elif _is_map(name, attribute):
            self._tell_map(name, own_tags(value) if name == "tags" else value)
        elif self.asked or _is_said(attribute, value):
            self.items.append(Argument(name, self._shown(name, attribute, value)))
        if len(self.items) > count:
            self.said.append(name)

    def _tell_blocks(self, name: str, blocks: Sequence[Item]) -> None:
        self.items += blocks
        if any(map(_has_placeholder, blocks)):
            self.reasons.setdefault(SECRET, []).append(name)
            self.kept.append(name)

    def _tell_map(self, name: str, value: Any) -> None:
        if not isinstance(value, Mapping) or not (value or self.asked):
            return
        shown = veiled(dict(value))
        secrets = [each for each, inner in shown.items() if isinstance(inner, Secret)]
        self.items.append(Argument(name, shown | dict.fromkeys(secrets, PLACEHOLDER)))
        for each in secrets:
            self.reasons.setdefault(SECRET, []).append(f"{name}[{quoted(each)}]")
            self.kept.append(f"{name}[{quoted(each)}]")

    def _shown(self, name: str, attribute: Attribute, value: Any) -> Any:
        if isinstance(value, str) and value[:1] in ("{", "["):
            return _document(value, known=self.schema.form(name) in (POLICY, DOCUMENT))
        return provider.shaped(value, attribute.type)


def _holders(type: str) -> frozenset[str]:
    return provider.HOLDERS.get(type, frozenset())


def _is_map(name: str, attribute: Attribute) -> bool:
    return name == "tags" or attribute.type.startswith("map(")


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}, ())


def _is_left(at: str, name: str, said: Mapping[str, Any]) -> bool:
    """Whether something else says it already, of a type or in a block."""
    beside = BESIDE.get(at, {}).get(name, ())
    prefix = at.startswith("aws_") and name.endswith("_prefix") and said.get(name.removesuffix("_prefix"))
    default = DEFAULTS.get(at, {}).get(name)
    return (
        bool(prefix)
        or name in ELSEWHERE.get(at, ())
        or (default is not None and said.get(name) == default)
        or any(said.get(each) for each in beside)
    )


def _is_said(attribute: Attribute, value: Any) -> bool:
    """Whether leaving it out would say something else."""
    if "r" in attribute.flags:
        return value is not None
    if _is_empty(value) or (attribute.default is not None and attribute.default == value):
        return False
    return bool(value) or "c" not in attribute.flags


# --- secrets --------------------------------------------------------------------------------------


def _placeholder(attribute: Attribute, value: Any) -> Any:
    """What stands for a value that is not shown; of a document all but what its parts hold."""
    found = parsed(value) if isinstance(value, str) else None
    if isinstance(found, dict | list):
        return Document(_masked(found))
    return [PLACEHOLDER] if attribute.type.startswith(("list(", "set(")) else PLACEHOLDER


def _masked(value: Any) -> Any:
    """A document of which only that is told which nobody keeps a secret in."""
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items() if name in TOLD}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return PLACEHOLDER if isinstance(veiled(value), Secret) else value


def _is_marked(name: str, attribute: Attribute, value: Any) -> bool:
    """Whether a value that is set is one of those that the provider marks, or that are named like a secret."""
    if _is_empty(value) or isinstance(value, bool):
        return False
    if attribute.inner is None:
        return "s" in attribute.flags or bool(provider.sensitive("", {name: value}))
    rows = [value] if isinstance(value, Mapping) else value
    told = [each for each in rows if isinstance(each, Mapping)]
    pairs = ((inner, known, row.get(inner)) for row in told for inner, known in attribute.inner.items())
    return any(_is_marked(*each) for each in pairs)


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_secret, value.values()))
    return isinstance(value, Secret) or (isinstance(value, list) and any(map(_holds_secret, value)))


# --- documents and blocks -------------------------------------------------------------------------


def _document(value: str, *, known: bool) -> Any:
    """JSON as a document, where Terraform would write it with the same meaning, or the very same."""
    found = parsed(value)
    if isinstance(found, str) or not (known or _as_terraform_writes(found) == value):
        return value
    return Document(found)


def _as_terraform_writes(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _blocks(name: str, attribute: Attribute, value: Any, *, whole: bool) -> Iterator[Item]:
    """The rows that say something, and all that they have to: AWS tells of what is off as well.

    The ``whole`` of them has what is at its default too.
    """
    known = attribute.inner or {}
    required = frozenset(inner for inner, each in known.items() if "r" in each.flags)
    for row in [value] if isinstance(value, Mapping) else value or ():
        if not isinstance(row, Mapping) or _is_off(row, required):
            continue
        items = tuple(_inside(name, known, row, whole=whole))
        if items and required <= {each.name for each in items if isinstance(each, Argument)}:
            yield Block(name, (), items)


def _is_off(row: Mapping[str, Any], required: frozenset[str]) -> bool:
    return row.get("enabled") is False and any(_is_empty(row.get(name)) for name in required - {"enabled"})


def _inside(block: str, known: Mapping[str, Attribute], row: Mapping[str, Any], *, whole: bool) -> Iterator[Item]:
    for name, attribute in known.items():
        value = row.get(name)
        if name in ("tags_all", "timeouts") or not _is_argument(attribute) or _is_left(block, name, row):
            continue
        if attribute.inner is not None:
            yield from _blocks(name, attribute, value, whole=whole)
        elif {*"rs"} <= {*attribute.flags}:
            yield Argument(name, PLACEHOLDER)
        elif _is_said(attribute, value) or (whole and not _is_empty(value)):
            yield Argument(name, provider.shaped(value, attribute.type))


def _has_placeholder(item: Item) -> bool:
    if isinstance(item, Block):
        return any(map(_has_placeholder, item.items))
    return isinstance(item, Argument) and item.value == PLACEHOLDER

"""A Terraform state (version 4) as the resources it declares.

https://developer.hashicorp.com/terraform/internals/json-format and the state files of Terraform
0.12 to 1.14 and OpenTofu.
"""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from state.resource import Declaration, Resource
from state.terraform.errors import NotState

PROVIDER = "/hashicorp/aws"
PLACELESS = {"", "aws"}


class Instance(msgspec.Struct):
    attributes: dict[str, Any] | None = None
    attributes_flat: dict[str, str] | None = None
    index_key: int | str | None = None
    deposed: str | None = None
    sensitive_attributes: list[Any] | None = None
    identity: dict[str, Any] | None = None


class Block(msgspec.Struct):
    mode: str
    type: str
    name: str
    provider: str = ""
    module: str = ""
    instances: list[Instance] = []


class StateFile(msgspec.Struct):
    """One state: ``serial`` and ``lineage`` tell whether it moved between two readings."""

    version: int
    serial: int = 0
    lineage: str = ""
    terraform_version: str = ""
    resources: list[Block] = []


def parse(data: bytes, source: str) -> StateFile:
    """The state in ``data``; raises NotState with what to do when it is none."""
    text = data.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        raise NotState(source, "the file is empty; point --from at the state of an applied configuration")
    try:
        head = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotState(source, _no_json(text, error)) from error
    if fault := _no_state(head):
        raise NotState(source, fault)
    try:
        return msgspec.convert(head, StateFile)
    except msgspec.ValidationError as error:
        raise NotState(source, f"not the shape of a Terraform state: {error}") from error


def _no_json(text: bytes, error: Exception) -> str:
    if not text.lstrip().startswith(b"{"):
        return "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate"
    return f"the state is cut short or damaged ({error}); fetch it again with `terraform state pull`"


def _no_state(head: Any) -> str | None:
    if not isinstance(head, dict):
        return "the file is JSON, but no Terraform state"
    if "encrypted_data" in head:
        return "the state is encrypted by OpenTofu; give its decrypted form (`tofu state pull`)"
    if "backend" in head and "resources" not in head:
        return "this is a pointer to a backend, not a state; use the state it names, or `terraform state pull`"
    version = head.get("version")
    if version is None:
        return "the file is JSON, but no Terraform state (it has no version)"
    if version != 4:
        return f"state version {version} is not read, only 4; upgrade it with `terraform apply -refresh-only`"
    return None


def resources(state: StateFile, source: str) -> Iterator[Resource]:
    """The managed AWS resources of a state, under the provider's types; data sources are left out.

    Account and region are filled from the identity object, the own ARN, the region attribute and
    the zone, then from siblings under the same provider address; empty where none of these says.
    """
    groups: dict[str, list[Resource]] = defaultdict(list)
    for block in state.resources:
        if block.mode == "managed" and _is_aws(block.provider):
            groups[block.provider].extend(_instances(block, source))
    for siblings in groups.values():
        yield from _placed(siblings)


def _is_aws(provider: str) -> bool:
    return PROVIDER in provider


def _instances(block: Block, source: str) -> Iterator[Resource]:
    for instance in block.instances:
        if instance.deposed is None and (attributes := _attributes(instance)) is not None:
            yield _resource(block, instance, attributes, source)


def _attributes(instance: Instance) -> dict[str, Any] | None:
    if instance.attributes is not None:
        return instance.attributes
    return None if instance.attributes_flat is None else unflatten(instance.attributes_flat)


def _resource(block: Block, instance: Instance, attributes: dict[str, Any], source: str) -> Resource:
    arn = attributes.get("arn")
    account, region = _place(attributes, instance.identity or {}, arn if isinstance(arn, str) else "")
    tags = attributes.get("tags_all") or attributes.get("tags") or {}
    return Resource(
        type=block.type,
        id=str(attributes.get("id") or ""),
        account=account,
        region=region,
        arn=arn or None,
        attributes=attributes,
        tags=tags if isinstance(tags, dict) else {},
        sensitive=frozenset(_sensitive(instance.sensitive_attributes or ())),
        declared=Declaration(address=_address(block, instance.index_key), source=source),
    )


def _address(block: Block, key: int | str | None) -> str:
    """As `terraform state list` prints it: string keys quoted and escaped, numbers bare."""
    prefix = f"{block.module}." if block.module else ""
    index = "" if key is None else f"[{key}]" if isinstance(key, int) else f"[{quoted(key)}]"
    return f"{prefix}{block.type}.{block.name}{index}"


def quoted(key: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    text = "".join(escapes.get(each, each) for each in key)
    return '"' + text.replace("${", "$${").replace("%{", "%%{") + '"'


def _place(attributes: Mapping[str, Any], identity: Mapping[str, Any], arn: str) -> tuple[str, str]:
    parts = (arn if arn.startswith("arn:") else "arn:::::").split(":")
    account = str(identity.get("account_id") or parts[4])
    region = str(identity.get("region") or parts[3] or attributes.get("region") or _zone_region(attributes) or "")
    return "" if account in PLACELESS else account, region


def _zone_region(attributes: Mapping[str, Any]) -> str:
    zone = attributes.get("availability_zone")
    return zone[:-1] if isinstance(zone, str) and zone[-1:].isalpha() else ""


def _placed(siblings: list[Resource]) -> Iterator[Resource]:
    """Siblings under one provider address share its account, and its region unless they name their own."""
    accounts = {each.account for each in siblings} - {""}
    regions = {each.region for each in siblings} - {""}
    account = accounts.pop() if len(accounts) == 1 else ""
    region = regions.pop() if len(regions) == 1 else ""
    for each in siblings:
        yield msgspec.structs.replace(each, account=each.account or account, region=each.region or region)


def _sensitive(paths: Iterable[Any]) -> Iterator[str]:
    """The attributes that hold a value marked sensitive: the first step of each marked path."""
    for path in paths:
        first = path[0] if isinstance(path, list) and path else path
        if isinstance(first, dict) and isinstance(first.get("value"), str):
            yield first["value"]


def unflatten(flat: Mapping[str, str]) -> dict[str, Any]:
    """Attributes that Terraform 0.11 wrote as ``a.#``, ``a.0.b`` and ``a.%``, as they stand since 0.12."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        node = tree
        *steps, last = path.split(".")
        for step in steps:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = value
    return {name: _unflattened(node) for name, node in tree.items()}


def _unflattened(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    is_list = "#" in node
    inner = {key: _unflattened(each) for key, each in node.items() if key not in ("#", "%")}
    return [inner[key] for key in sorted(inner, key=lambda key: (len(key), key))] if is_list else inner

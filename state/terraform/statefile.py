"""A Terraform state (version 4) as the resources it declares.

https://developer.hashicorp.com/terraform/internals/json-format and the state files of Terraform
0.12 to 1.14 and OpenTofu.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from state.packed import once
from state.resource import Declaration, Resource
from state.terraform.errors import NotState
from state.terraform.incoming import PIECE, Room, Text
from state.terraform.shapes import typed

_PROVIDER = re.compile(r'(?:^|\.)provider(?:\["[^"\]]*/(?:hashicorp|-)/aws"\]|\.aws(?:\.|$))')
"""``provider["registry.terraform.io/hashicorp/aws"].west``, or ``provider.aws.west`` as Terraform 0.12 wrote it."""

PLACELESS = {"", "aws"}
DEEPEST = 40  # steps of a flat attribute
HEAD = 4096  # bytes that tell what a text is
NULL = msgspec.Raw(b"null")
PULL = "fetch it again with `terraform state pull`"


class Instance(msgspec.Struct):
    attributes: msgspec.Raw = NULL
    attributes_flat: dict[str, str] | None = None
    index_key: int | str | None = None
    deposed: str | None = None
    status: str | None = None
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
    """One state: ``serial`` and ``lineage`` tell whether it moved between two readings.

    Its resources are read as they are gone through: all at once they take as much memory as the file.
    """

    version: int
    serial: int = 0
    lineage: str = ""
    terraform_version: str = ""
    resources: list[msgspec.Raw] = []
    outputs: msgspec.Raw = NULL


class Head(msgspec.Struct):
    """What tells a state from all else that is JSON; its resources are not looked into."""

    format_version: Any = msgspec.UNSET
    encrypted_data: Any = msgspec.UNSET
    backend: Any = msgspec.UNSET
    version: Any = None
    resources: msgspec.Raw = NULL


def parse(data: Text, source: str) -> StateFile:
    """The state in ``data``; raises NotState with what to do when it is none."""
    text = json_in(data, source)
    return state(text, head(text, source), source)


def json_in(data: Text, source: str) -> Text:
    """The text of a file; raises NotState where it is empty. PowerShell's ``>`` writes UTF-16."""
    begin = bytes(data[:4])
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = bytes(data).decode("utf-16", "replace").encode()
        begin = data[:4]
    text = memoryview(data)[len(codecs.BOM_UTF8) :] if begin.startswith(codecs.BOM_UTF8) else data
    if not bytes(text[:HEAD]).strip() and not bytes(text).strip():
        raise NotState(source, "the file is empty; point --from at the state of an applied configuration")
    return text


def head(text: Text, source: str) -> Head:
    """What a document says of itself; raises NotState for what is no JSON object."""
    try:
        return msgspec.json.decode(text, type=Head)
    except msgspec.ValidationError as error:
        decode(text, source)
        raise NotState(source, "the file is JSON, but no Terraform state") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotState(source, _no_json(text, error)) from error


def decode(text: Text, source: str) -> Any:
    """The whole of a JSON document; raises NotState where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotState(source, _no_json(text, error)) from error


def state(text: Text, head: Head, source: str) -> StateFile:
    """The state that a JSON document is; raises NotState with what to do when it is none."""
    if fault := _no_state(head):
        raise NotState(source, fault)
    try:
        return msgspec.json.decode(text, type=StateFile)
    except msgspec.ValidationError as error:
        raise NotState(source, _no_shape(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotState(source, _no_json(text, error)) from error


def _no_shape(error: msgspec.ValidationError) -> str:
    return f"not the shape of a Terraform state: {error}"


def _no_json(text: Text, error: Exception) -> str:
    if not bytes(text[:HEAD]).lstrip().startswith(b"{"):
        return "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate"
    return f"the state is cut short or damaged ({error}); {PULL}"


def _no_state(head: Head) -> str | None:
    if head.encrypted_data is not msgspec.UNSET:
        return "the state is encrypted by OpenTofu; give its decrypted form (`tofu state pull`)"
    if head.backend is not msgspec.UNSET and not msgspec.json.decode(head.resources):
        return f"this is a pointer to a backend, not a state; {_pointed(head.backend)}"
    if head.version is None:
        return "the file is JSON, but no Terraform state (it has no version)"
    if isinstance(head.version, int) and head.version > 4:
        return f"state version {head.version} is newer than 4, the newest that is read; a newer driftline may read it"
    if head.version != 4:
        return f"state version {head.version} is not read, only 4; upgrade it with `terraform apply -refresh-only`"
    return None


def _pointed(backend: Any) -> str:
    """What to use in place of ``.terraform/terraform.tfstate``, which only says where the state is."""
    type = backend.get("type") if isinstance(backend, dict) else None
    settings = backend.get("config") if isinstance(backend, dict) else None
    settings = settings if isinstance(settings, dict) else {}
    if type == "s3" and settings.get("bucket") and settings.get("key"):
        return f"use --from s3://{settings['bucket']}/{settings['key']}"
    return f"the state is kept in {type or 'another place'}; fetch it with `terraform state pull`"


def resources(state: StateFile, source: str) -> Iterator[Resource]:
    """The managed AWS resources of a state, under the provider's types; data sources are left out.

    Account and region are filled from the identity object, the own ARN, the region attribute and
    the zone, then from siblings under the same provider address; empty where none of these says.
    """
    reading = Reading(source)
    reading.add(state)
    return reading.resources()


class Content(NamedTuple):
    """The attributes of whatever a state holds: of any provider, of data sources too, and of its outputs."""

    address: str
    type: str
    attributes: Mapping[str, Any]


class Reading:
    """One state as it is read, a large one while it still comes: its resources, and what ``inspect`` finds in it.

    ``found`` are pairs of an address with a path, and what was found there.
    """

    def __init__(self, source: str, inspect: Callable[[Content], Iterable[tuple[str, str]]] | None = None) -> None:
        self.source, self._inspect = source, inspect
        self._begin()

    def _begin(self) -> None:
        self._groups: dict[str, list[Resource]] = defaultdict(list)
        self.found: dict[str, str] = {}

    def room(self, at_once: int = PIECE) -> Room:
        """Where the text is put; what came of an attempt that broke off is forgotten."""
        self._begin()
        return Room(self._take, at_once)

    def _take(self, blocks: bytes) -> None:
        try:
            self._add(_blocks_decoder.decode(b"[%b]" % blocks))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotState(self.source, f"damaged, or not as Terraform writes it ({error}); {PULL}") from error

    def add(self, state: StateFile) -> None:
        """What was not taken while it came."""
        self._add(_blocks(state, self.source))
        self._look_into(_outputs(state, self.source))

    def _add(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            if block.mode == "managed" and _is_aws(block.provider):
                self._groups[block.provider].extend(_instances(block, self.source))
            self._look_into(_contents(block, self.source))

    def _look_into(self, contents: Iterator[Content]) -> None:
        if self._inspect:
            for each in contents:
                self.found.update((f"{each.address}.{path}", kind) for path, kind in self._inspect(each))

    def resources(self) -> Iterator[Resource]:
        for siblings in self._groups.values():
            yield from _placed(siblings)


def _contents(block: Block, source: str) -> Iterator[Content]:
    for instance in block.instances:
        if attributes := _attributes(block.type, instance, source):
            yield Content(_address(block, instance.index_key), block.type, attributes)


def _outputs(state: StateFile, source: str) -> Iterator[Content]:
    outputs = decode(state.outputs, source)
    for name, about in outputs.items() if isinstance(outputs, dict) else ():
        yield Content("output", "output", {name: about.get("value") if isinstance(about, dict) else about})


_block_decoder = msgspec.json.Decoder(Block)
_blocks_decoder = msgspec.json.Decoder(list[Block])


def _blocks(state: StateFile, source: str) -> Iterator[Block]:
    for n, each in enumerate(state.resources):
        try:
            yield _block_decoder.decode(each)
        except msgspec.ValidationError as error:
            raise NotState(source, f"{_no_shape(error)} of `resources[{n}]`") from error


def _is_aws(provider: str) -> bool:
    return _PROVIDER.search(provider) is not None


def _instances(block: Block, source: str) -> Iterator[Resource]:
    for instance in block.instances:
        if (attributes := _attributes(block.type, instance, source)) is not None:
            yield _resource(block, instance, attributes, source)


_decoder: msgspec.json.Decoder[dict[str, Any] | None] = msgspec.json.Decoder(dict[str, Any] | None)


def _attributes(type: str, instance: Instance, source: str) -> dict[str, Any] | None:
    try:
        attributes = _decoder.decode(instance.attributes)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotState(source, f"the attributes of a resource cannot be read: {error}") from error
    if attributes is not None:
        return attributes
    return None if instance.attributes_flat is None else typed(type, unflatten(instance.attributes_flat))


def _resource(block: Block, instance: Instance, attributes: dict[str, Any], source: str) -> Resource:
    arn = attributes.get("arn")
    account, region = _place(attributes, instance.identity or {})
    tags = attributes.get("tags_all") or attributes.get("tags") or {}
    return Resource(
        type=sys.intern(block.type),
        id=str(attributes.get("id") or ""),
        account=sys.intern(account),
        region=sys.intern(region),
        arn=arn if isinstance(arn, str) and arn else None,
        attributes=attributes,
        tags=tags if isinstance(tags, dict) else {},
        sensitive=once(frozenset(_sensitive(instance.sensitive_attributes or ()))),
        declared=Declaration(
            address=_address(block, instance.index_key),
            source=source,
            deposed=instance.deposed is not None,
            tainted=instance.status == "tainted",
        ),
    ).packed()


def _address(block: Block, key: int | str | None) -> str:
    """As `terraform state list` prints it: string keys quoted and escaped, numbers bare."""
    prefix = f"{block.module}." if block.module else ""
    prefix += "data." if block.mode == "data" else ""
    return f"{prefix}{block.type}.{block.name}{'' if key is None else instance_key(key)}"


def instance_key(key: int | str) -> str:
    """What stands behind a name for one of many instances."""
    return f"[{key}]" if isinstance(key, int) else f"[{quoted(key)}]"


def quoted(key: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    text = "".join(escapes.get(each, each) for each in key)
    return '"' + text.replace("${", "$${").replace("%{", "%%{") + '"'


_INSTANCE = re.compile(r'\[(?:-?\d+|"(?:[^"\\]|\\.)*")\]')


def without_keys(address: str) -> str:
    """``module.a["x"].aws_vpc.b[0]`` as the code has it: ``module.a.aws_vpc.b``."""
    return _INSTANCE.sub("", address)


def _place(attributes: Mapping[str, Any], identity: Mapping[str, Any]) -> tuple[str, str]:
    arn = attributes.get("arn")
    parts = [*(arn.split(":") if isinstance(arn, str) and arn.startswith("arn:") else []), *[""] * 5]
    account = str(identity.get("account_id") or parts[4])
    region = str(identity.get("region") or parts[3] or attributes.get("region") or _zone_region(attributes) or "")
    return "" if account in PLACELESS else account, region


_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,2}-\d+")


def _zone_region(attributes: Mapping[str, Any]) -> str:
    """The region of ``us-east-1a``, and of a local zone such as ``us-west-2-lax-1a``."""
    found = _REGION.match(str(attributes.get("availability_zone") or ""))
    return found[0] if found else ""


def located(siblings: Iterable[Resource]) -> Iterator[Resource]:
    """Resources whose account and region only their own attributes can tell, and those of the others."""
    places = [(each, _place(each.attributes, {})) for each in siblings]
    yield from _placed([each.replace(account=place[0], region=place[1]) for each, place in places])


def _placed(siblings: list[Resource]) -> Iterator[Resource]:
    """Siblings under one provider address share its account, and its region unless they name their own."""
    accounts = {each.account for each in siblings} - {""}
    regions = {each.region for each in siblings} - {""}
    account = accounts.pop() if len(accounts) == 1 else ""
    region = regions.pop() if len(regions) == 1 else ""
    for each in siblings:
        yield each.placed(account, region)


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
        *steps, last = path.split(".", DEEPEST)
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
    if "%" in node:
        return {key: each for name, inner in node.items() if name != "%" for key, each in _leaves(name, inner)}
    inner = {key: _unflattened(each) for key, each in node.items() if key != "#"}
    return [inner[key] for key in sorted(inner, key=lambda key: (len(key), key))] if "#" in node else inner


def _leaves(path: str, node: Any) -> Iterator[tuple[str, Any]]:
    """A map's entries: a key such as ``kubernetes.io/name`` has dots of its own."""
    if not isinstance(node, dict):
        yield path, node
        return
    for key, each in node.items():
        yield from _leaves(f"{path}.{key}", each)

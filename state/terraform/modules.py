"""What the names in a module stand for: variables, locals, outputs, and the resources beside one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from state.resource import Unknown
from state.schema import Schema, Schemas
from state.terraform import policies
from state.terraform.configuration import Module
from state.terraform.expressions import Allowance, Names, Steps, evaluate, stepped
from state.terraform.partial import block as partial
from state.terraform.provider import Attribute, Attributes, attributes, shaped
from state.terraform.statefile import instance_key
from state.terraform.syntax import Block, Body, Expression

MOST_INSTANCES = 1000
STEPS_OF_INSTANCE = 100
META = frozenset({"count", "depends_on", "for_each", "provider", "lifecycle", "provisioner", "connection", "timeouts"})
IDENTIFYING = frozenset({"id", "arn"})
NO_KEY = ""

Values = tuple[dict[str, Any], dict[str, str]]
"""What is known of a block, and why the rest is not."""


class Instance(msgspec.Struct, frozen=True):
    """One of the things that a block with ``count`` or ``for_each`` declares; ``key`` as in its address."""

    key: str
    bound: Mapping[str, Any]


class Shared(msgspec.Struct):
    """What all modules of one reading have in common."""

    schemas: Schemas
    aliases: Mapping[str, str]
    allowance: Allowance

    def schema(self, type: str) -> Schema | None:
        return self.schemas.get(self.aliases.get(type, type))


class Scope:
    """One instance of a module, at its address."""

    def __init__(
        self, module: Module, shared: Shared, inputs: Mapping[str, Callable[[], Any]], address: str = ""
    ) -> None:
        self.module, self.shared, self.inputs, self.address = module, shared, inputs, address
        self.known: dict[tuple[str, str], Any] = {}
        self.asked: set[tuple[str, str]] = set()
        self.resources = {each.labels: each for each in module.of("resource") if len(each.labels) == 2}
        self.data = {each.labels: each for each in module.of("data") if len(each.labels) == 2}
        self.calls = {each.labels[0]: each for each in module.of("module") if each.labels}
        self.locals = {name: each for block in module.of("locals") for name, each in block.body.attributes.items()}
        self.variables = {each.labels[0]: each for each in module.of("variable") if each.labels}
        self.outputs = {each.labels[0]: each for each in module.of("output") if each.labels}
        self.children: dict[str, list[tuple[str, Scope]]] = {}

    # --- names --------------------------------------------------------------------------------

    def names(self, root: str, steps: Steps) -> Any:
        """The value of a reference; raises Unknown where the code does not say it."""
        if root in ("var", "local"):
            return stepped(self._once(root, str(steps[0])), steps[1:])
        if root == "data" and steps[:1] == ("aws_iam_policy_document",) and steps[2:] == ("json",):
            return self._once("data", str(steps[1]))
        if root == "module":
            return self._output(steps)
        if (block := self.resources.get((root, str(steps[0]) if steps else ""))) is not None:
            return self._reference(block, steps[1:])
        raise Unknown(f"{root} is not in the code")

    def _once(self, root: str, name: str) -> Any:
        """Worked out once; one that stands for itself is never known."""
        asked = root, name
        if asked in self.known:
            return self.known[asked]
        if asked in self.asked:
            raise Unknown(f"{root}.{name} refers to itself")
        self.asked.add(asked)
        self.known[asked] = getattr(self, f"_{root}")(name)
        return self.known[asked]

    def _var(self, name: str) -> Any:
        if name in self.inputs:
            return self.inputs[name]()
        default = self.variables[name].body.attributes.get("default") if name in self.variables else None
        if default is None:
            raise Unknown(f"var.{name} has no default")
        return self.value(default)

    def _local(self, name: str) -> Any:
        if name not in self.locals:
            raise Unknown(f"there is no local.{name}")
        return self.value(self.locals[name])

    def _data(self, name: str) -> str:
        block = self.data.get(("aws_iam_policy_document", name))
        if block is None:
            raise Unknown(f"there is no document {name}")
        known, unknown = self.block(block.body, {}, self.names)
        return policies.document(partial(known, unknown))

    def _output(self, steps: Steps) -> Any:
        name, *rest = steps
        call = self.calls.get(str(name))
        children = self.instances_of(str(name))
        key = instance_key(rest.pop(0)) if call is not None and is_many(call) and rest else NO_KEY
        child = next((each for found, each in children if found == key), None)
        if child is None or not rest or rest[0] not in child.outputs:
            raise Unknown(f"module.{name} does not say it")
        return stepped(child._once("output_value", str(rest[0])), tuple(rest[1:]))

    def _output_value(self, name: str) -> Any:
        value = self.outputs[name].body.attributes.get("value")
        if value is None:
            raise Unknown(f"output {name} has no value")
        return self.value(value)

    def value(self, expression: Expression, names: Names | None = None) -> Any:
        return evaluate(expression, names or self.names, self.shared.allowance)

    # --- modules ------------------------------------------------------------------------------

    def instances_of(self, name: str) -> list[tuple[str, Scope]]:
        """The instances of a called module, by key; none where the module is not local."""
        if name not in self.children:
            module, call = self.module.calls.get(name), self.calls.get(name)
            found = [] if module is None or call is None else self.instances(call)
            self.children[name] = (
                []
                if module is None or call is None
                else [(each.key, self._child(module, call, each)) for each in found]
            )
        return self.children[name]

    def _child(self, module: Module, call: Block, instance: Instance) -> Scope:
        names = self.bound(instance)
        inputs = {name: (lambda each=each: self.value(each, names)) for name, each in call.body.attributes.items()}
        return Scope(module, self.shared, inputs, f"{self.address}module.{call.labels[0]}{instance.key}.")

    # --- instances ----------------------------------------------------------------------------

    def instances(self, block: Block) -> list[Instance]:
        """What ``count`` and ``for_each`` make of a block; of an unknown number, or far too many, one."""
        try:
            made = list(self._counted(block.body.attributes))
            self.shared.allowance.spend(STEPS_OF_INSTANCE * len(made))
        except (Unknown, TypeError, ValueError):
            return [Instance(NO_KEY, {})]
        return made

    def _counted(self, said: Mapping[str, Expression]) -> Iterator[Instance]:
        if "count" in said:
            for number in range(_few(int(self.value(said["count"])))):
                yield Instance(f"[{number}]", {"count": {"index": number}})
        elif "for_each" in said:
            for key, value in _pairs(self.value(said["for_each"])):
                yield Instance(instance_key(key), {"each": {"key": key, "value": value}})
        else:
            yield Instance(NO_KEY, {})

    def bound(self, instance: Instance) -> Names:
        """The module's names, with ``each`` and ``count`` of one instance."""
        return _with(instance.bound, self.names)

    # --- resources beside one another ---------------------------------------------------------

    def _reference(self, block: Block, steps: Steps) -> Any:
        found = self.instances(block)
        if is_many(block) and steps and (len(steps) > 1 or not isinstance(steps[0], str)):
            key, steps = instance_key(steps[0]), steps[1:]
            found = [each for each in found if each.key in (key, NO_KEY)]
        if len(found) != 1 or not steps or not isinstance(steps[0], str):
            raise Unknown(f"{block.labels[0]}.{block.labels[1]} is not one value")
        return stepped(self.attribute(block, found[0], steps[0]), steps[1:])

    def token(self, block: Block, instance: Instance) -> str:
        """What stands for a resource that has no name yet, the same wherever it is referred to."""
        return f"${{{self.address}{block.labels[0]}.{block.labels[1]}{instance.key}}}"

    def identity(self, type: str) -> str | None:
        """The one attribute that a type is known by, where it is one."""
        schema = self.shared.schema(type)
        if schema is None or callable(schema.identity) or len(schema.identity) != 1 or schema.identity[0] == "id":
            return None
        return schema.identity[0]

    def attribute(self, block: Block, instance: Instance, name: str) -> Any:
        """One attribute of a resource, as another one refers to it; its token for what identifies it."""
        type = block.labels[0]
        identity = self.identity(type)
        if name == "id" and identity is not None and "id" not in block.body.attributes:
            return self.attribute(block, instance, identity)
        try:
            return self._said(block, instance, name)
        except Unknown:
            if name not in IDENTIFYING and name != identity:
                raise
            return self.token(block, instance)

    def _said(self, block: Block, instance: Instance, name: str) -> Any:
        about = attributes(block.labels[0]).get(name)
        expression = block.body.attributes.get(name)
        if expression is not None:
            value = self.value(expression, self.bound(instance))
            return value if about is None else shaped(value, about.type)
        if about is None or any(each.type == name or each.labels == (name,) for each in block.body.blocks):
            raise Unknown(f"{name} is not said by the code")
        return about.left_out()

    # --- blocks -------------------------------------------------------------------------------

    def block(self, body: Body, about: Attributes, names: Names) -> Values:
        """A block's values; nested blocks are lists of objects, as a state has them."""
        known: dict[str, Any] = {}
        unknown: dict[str, str] = {}
        read = {name: self._written(name, each, about.get(name), names) for name, each in body.attributes.items()}
        read |= {name: self._nested(name, each, about.get(name), names) for name, each in _by_name(body).items()}
        read |= {name: each.left_out for name, each in about.items() if name not in read}
        for name, value in read.items():
            if name in META and name not in about:  # a backup rule has a lifecycle of its own
                continue
            try:
                known[name] = value()
            except Unknown as reason:
                unknown[name] = str(reason)
        return known, unknown

    def _written(self, name: str, expression: Expression, about: Attribute | None, names: Names) -> Callable[[], Any]:
        def value() -> Any:
            found = self.value(expression, names)
            return found if about is None else about.left_out() if found is None else shaped(found, about.type)

        return value

    def _nested(self, name: str, blocks: list[Block], about: Attribute | None, names: Names) -> Callable[[], Any]:
        def value() -> Any:
            inner = (about.inner if about else None) or {}
            rows = [row for each in blocks for row in self._rows(each, inner, names)]
            return rows[0] if about is not None and about.type == "single" and rows else rows

        return value

    def _rows(self, block: Block, about: Attributes, names: Names) -> Iterator[dict[str, Any]]:
        if block.type != "dynamic":
            yield partial(*self.block(block.body, about, names))
            return
        iterator = block.body.attributes.get("iterator")
        word = iterator.words if iterator is not None else block.labels[0]
        each, content = block.body.attributes.get("for_each"), next(block.body.of("content"), None)
        if each is None or content is None:
            raise Unknown(f"dynamic {block.labels[0]} cannot be known from the code")
        for key, value in _pairs(self.value(each, names)):
            bound = {word: {"key": key, "value": value}}
            yield partial(*self.block(content.body, about, _with(bound, names)))


def _with(bound: Mapping[str, Any], names: Names) -> Names:
    return lambda root, steps: stepped(bound[root], steps) if root in bound else names(root, steps)


def _by_name(body: Body) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for each in body.blocks:
        found.setdefault(each.sets, []).append(each)
    return found


def is_many(block: Block) -> bool:
    return "count" in block.body.attributes or "for_each" in block.body.attributes


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    """What ``for_each`` goes through: a map's entries, or the members of a set."""
    if not isinstance(value, Mapping | list):
        raise Unknown("is no collection")
    _few(len(value))
    return sorted(value.items()) if isinstance(value, Mapping) else [(each, each) for each in value]


def _few(number: int) -> int:
    if number > MOST_INSTANCES:
        raise Unknown("is too many")
    return number

"""Small inventories made by hand: groups, the rules that are parts of them, and users."""

from collections.abc import Sequence
from typing import Any

from state import Declaration, Gap, Inventory, Resource
from state.documents import POLICY
from state.drift import Comparison, drift
from state.forms import UNORDERED, VOLATILE, Form
from state.resource import FIELDS
from state.schema import Parent, Schema

ACCOUNT, OTHER, REGION = "123456789012", "210987654321", "eu-west-1"


def rules_in_group(group: Resource) -> Sequence[Resource]:
    rows = group.attributes.get("ingress") or ()
    return [group.replace(attributes={"group": group.id} | row) for row in rows]


def schema(type: str, *plain: str, **about: Any) -> Schema:
    forms = {name: Form() for name in plain} | about.pop("forms", {})
    return Schema(type=type, forms=forms, **about)


SCHEMAS = {
    each.type: each
    for each in (
        schema("group", "name", "path", forms={"ids": UNORDERED, "made": VOLATILE, "policy": POLICY, "tags": Form()}),
        schema(
            "rule",
            "group",
            "port",
            "cidr",
            "token",
            parent=Parent(type="group", by="group", part="ingress"),
            homes={"group": rules_in_group},
            identity=("group", "port"),
            sensitive=frozenset({"token"}),
            at_default=lambda rule: rule.attributes.get("port") == 0,
        ),
        schema("user", "name", is_global=True),
    )
}


def live(type: str, id: str, account: str = ACCOUNT, region: str = REGION, **about: Any) -> Resource:
    names = FIELDS
    given = {name: about.pop(name) for name in [*about] if name in names and name not in ("tags",)}
    identity = SCHEMAS[type].identify(id, about) if type in SCHEMAS else id
    return Resource(
        **{"type": type, "id": id, "account": account, "region": region, "identity": identity, "attributes": about}
        | given
    )


def wanted(type: str, id: str, *args: str, part: str = "", ignore: Sequence[str] = (), **about: Any) -> Resource:
    said = Declaration(address=f"{type}.{id}", source="a.tfstate", part=part, ignore_changes=frozenset(ignore))
    return live(type, id, *args, declared=said, **about)


def inline(group: str, port: int, **about: Any) -> Resource:
    return wanted("rule", group, part="ingress", group=group, port=port, **about)


def rule(id: str, group: str, port: int, **about: Any) -> Resource:
    return live("rule", id, group=group, port=port, **about)


def compare(seen: Sequence[Resource], said: Sequence[Resource], *gaps: Gap, **about: Any) -> Comparison:
    declared_gaps = about.pop("declared_gaps", ())
    everything = about.pop("everything", False)
    return drift(Inventory(seen, gaps, **about), Inventory(said, declared_gaps), SCHEMAS, everything=everything)


def told(found: Comparison) -> list[tuple[Any, ...]]:
    return [(str(each.kind), each.resource.name, *(change.text for change in each.changes)) for each in found.drift]


def gap(type: str = "group", account: str = ACCOUNT, region: str = REGION, **about: Any) -> Gap:
    return Gap(type=type, account=account, region=region, reason="access denied", **about)

"""Secrets in drift: compared, and never shown."""

import json

import msgspec
import pytest

from state import Inventory
from state.drift import drift
from state.forms import Form
from state.secret import Secret
from state.terraform.settle import settle
from tests.state.inventories import SCHEMAS, compare, inline, live, rule, told, wanted

WEB = live("group", "web", name="x")
DECLARED = wanted("group", "web", name="x")
SECRET = "hunter2"


@pytest.mark.parametrize("side", ["schema", "declared", "live"])
@pytest.mark.parametrize("how", ["changed", "claimed", "lost", "missing", "unmanaged"])
def test_a_secret_is_compared_and_never_shown(side: str, how: str) -> None:
    name = "token" if side == "schema" else "cidr"
    seen = rule("r", "web", 80, **{name: SECRET + " live"}, sensitive=frozenset({name} if side == "live" else ()))
    marks = frozenset({name} if side != "schema" else ())
    said = inline(
        "web", 80, **{name: SECRET + " said"}, sensitive=marks if side == "declared" or how == "lost" else frozenset()
    )
    if how in ("claimed", "unmanaged"):
        seen = seen.replace(sensitive=marks)
    found = {
        "changed": lambda: compare([WEB, seen], [DECLARED, said]),
        "claimed": lambda: compare([WEB, seen], [DECLARED]),
        "lost": lambda: compare([WEB], [DECLARED, said]),
        "missing": lambda: compare([], [said.replace(declared=DECLARED.declared)]),
        "unmanaged": lambda: compare([seen], [], everything=True),
    }[how]()
    [row] = found.drift
    shown = json.dumps([msgspec.to_builtins(each, enc_hook=str) for each in row.changes])
    texts = "".join(each.text for each in row.changes)
    assert SECRET not in f"{row!r} {row} {found!r} {shown} {texts}"
    assert ("(sensitive)" in texts) is bool(row.changes)


def test_secrets_that_are_equal_are_no_change() -> None:
    assert told(compare([WEB, rule("r", "web", 80, token=SECRET)], [DECLARED, inline("web", 80, token=SECRET)])) == []
    assert (Secret(1) == Secret(1), Secret(1) == Secret(2), len({Secret([1]), Secret([1])})) == (True, False, 1)


@pytest.mark.parametrize("key", ["password", "DB_PASSWORD", "apiKey", "my:secret", "vpn.pre-shared-key", "Token"])
def test_a_tag_named_like_a_secret_is_compared_and_never_shown(key: str) -> None:
    found = compare([live("group", "web", tags={key: SECRET, "a": "2"})], [wanted("group", "web", tags={"a": "1"})])
    [row] = found.drift
    assert SECRET not in f"{row!r}{[each.text for each in row.changes]}"
    assert {each.path: each.live for each in row.changes} == {"tags.a": "2", f"tags.{key}": Secret(SECRET)}
    same = {key: SECRET}
    assert told(compare([live("group", "web", tags=same)], [wanted("group", "web", tags=same)])) == []


def test_the_tags_and_variables_of_a_part_are_kept_back() -> None:
    schemas = {"group": SCHEMAS["group"], "rule": msgspec.structs.replace(SCHEMAS["rule"], forms=TOLD)}
    seen = rule("r", "web", 80, tags={"password": SECRET}, rows=[{"name": "DB_PASSWORD", "value": SECRET}])
    pair = live("rule", "s", group="web", port=81, key="token", value=SECRET)
    [row] = drift(Inventory([WEB, seen, pair]), Inventory([DECLARED]), schemas).drift
    assert SECRET not in f"{row!r}{[each.text for each in row.changes]}"
    said = inline("web", 81, key="token", value="other")
    [row] = drift(Inventory([WEB, pair]), Inventory([DECLARED, said]), schemas).drift
    assert [each.text for each in row.changes] == ["ingress[81].value: (sensitive) → (sensitive)"]


@pytest.mark.parametrize("block", [{"name": "DB_PASSWORD"}, {"key": "DB_PASSWORD"}])
def test_the_value_of_a_block_that_is_alone_is_kept_back(block: dict[str, str]) -> None:
    schemas = {"group": msgspec.structs.replace(SCHEMAS["group"], forms=TOLD)}
    for rows, path in (lambda pair: [pair], "rows[0]"), (lambda pair: [{"of": [pair]}], "rows[0].of[0]"):
        [seen, said] = (live("group", "web", rows=rows({**block, "value": each})) for each in (SECRET, "other"))
        [row] = drift(Inventory([seen]), Inventory([said.replace(declared=DECLARED.declared)]), schemas).drift
        assert [each.text for each in row.changes] == [f"{path}.value: (sensitive) → (sensitive)"]


TOLD = dict.fromkeys(("port", "tags", "rows", "key", "value"), Form())


def test_what_looks_like_a_secret_is_kept_back_wherever_it_stands() -> None:
    url = "postgres://app:hunter2@db.internal/orders"
    [row] = compare([live("group", "web", name=url)], [wanted("group", "web", name="x")]).drift
    assert row.changes[0].text == 'name: "x" → (sensitive)'


def test_a_mark_on_a_block_hides_its_parts() -> None:
    group = wanted("group", "web", ingress=[{"port": 80, "cidr": SECRET}], sensitive=frozenset({"ingress"}))
    found = compare([live("group", "web")], settle([group], SCHEMAS))
    assert told(found) == [("changed", "web", 'ingress[80]: {"port": "(sensitive)", "cidr": "(sensitive)"} → null')]

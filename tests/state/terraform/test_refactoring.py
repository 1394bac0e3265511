"""What `moved`, `removed` and `import` blocks make of a state: as Terraform does it, or nothing at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from state.terraform.sources import Declared, load
from tests.state.terraform.states import AWS, SCHEMAS, state


@pytest.fixture(params=["tf", "json"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., None]:
    """Writes blocks (type, what stands in them) as HCL, and as JSON."""

    def written(*blocks: tuple[str, dict[str, Any]], folder: str = "") -> None:
        (tmp_path / folder).mkdir(exist_ok=True)
        if request.param == "json":
            found: dict[str, Any] = {}
            for type, body in blocks:
                found.setdefault(type, []).append(body)
            (tmp_path / folder / "blocks.tf.json").write_text(json.dumps(found))
        else:
            text = "".join(f"{type} {{\n{hcl(body)}}}\n" for type, body in blocks)
            (tmp_path / folder / "blocks.tf").write_text(text)

    return written


def hcl(body: dict[str, Any]) -> str:
    lines = ""
    for name, value in body.items():
        if name == "lifecycle":
            lines += f"  lifecycle {{\n{hcl(value)}  }}\n"
        elif name in ("from", "to"):
            lines += f"  {name} = {value}\n"
        else:
            lines += f"  {name} = {json.dumps(value)}\n"
    return lines


def moved(start: str, end: str) -> tuple[str, dict[str, Any]]:
    return "moved", {"from": start, "to": end}


def removed(start: str, **lifecycle: Any) -> tuple[str, dict[str, Any]]:
    return "removed", {"from": start} | ({"lifecycle": lifecycle} if lifecycle else {})


def declared(folder: Path, *addresses: str) -> Declared:
    """What a folder declares whose state has buckets at these addresses, called by them."""
    blocks = []
    for address in addresses:
        head, _, key = address.partition("[") if not address.startswith("module.") else ("", "", "")
        module, name = "", head
        if address.startswith("module."):
            module, _, name = address.rpartition(".aws_s3_bucket.")
            name, _, key = name.partition("[")
        index = json.loads(key[:-1]) if key else None
        attributes = {"id": address, "bucket": address, "region": "eu-west-1"}
        about = {"module": module} if module else {}
        blocks.append(
            {"mode": "managed", "type": "aws_s3_bucket", "name": name.removeprefix("aws_s3_bucket."), "provider": AWS}
            | {"instances": [{"attributes": attributes} | ({"index_key": index} if key else {})]}
            | about
        )
    (folder / "a.tfstate").write_bytes(state(*blocks))
    return asyncio.run(load([str(folder)], SCHEMAS))


def addresses(found: Declared) -> dict[str, str]:
    """The addresses by those that the state has."""
    return {each.id: each.declared.address for each in found.inventory.resources if each.declared}


B = "aws_s3_bucket."


@pytest.mark.parametrize(
    ("blocks", "before", "after"),
    [
        ([(B + "a", B + "b")], B + "a", B + "b"),
        ([(B + "a", B + "b")], B + 'a["x"]', B + 'b["x"]'),
        ([(B + "a", B + 'b["x"]')], B + "a", B + 'b["x"]'),
        ([(B + "a", B + 'b["x"]')], B + "a[0]", B + "a[0]"),
        ([(B + "a[0]", B + "b")], B + "a[0]", B + "b"),
        ([(B + "a[0]", B + "b")], B + "a[1]", B + "a[1]"),
        ([(B + 'a["x.y"]', B + 'a["]"]')], B + 'a["x.y"]', B + 'a["]"]'),
        ([(B + "a", "module.m." + B + "b")], B + "a", "module.m." + B + "b"),
        ([("module.m[0]." + B + "a", B + "b")], "module.m[0]." + B + "a", B + "b"),
        ([("module.m." + B + "a", B + "b")], "module.m[0]." + B + "a", "module.m[0]." + B + "a"),
        ([("module.m", "module.n")], "module.m[0].module.o." + B + "a[1]", "module.n[0].module.o." + B + "a[1]"),
        ([("module.m", 'module.n["x"]')], "module.m." + B + "a", 'module.n["x"].' + B + "a"),
        ([("module.m", "module.n")], "module.mm." + B + "a", "module.mm." + B + "a"),
        ([(B + "b", B + "c"), (B + "a", B + "b")], B + "a", B + "c"),
        ([("module.n." + B + "a", "module.n." + B + "b"), ("module.m", "module.n")],
         "module.m." + B + "a", "module.n." + B + "b"),
        ([(B + "a", B + "b"), (B + "b", B + "a")], B + "a", B + "a"),
        ([(B + "a", "module.m")], B + "a", B + "a"),
        ([(B + "a[each.key]", B + "b")], B + "a", B + "a"),
    ],
)  # fmt: skip
def test_what_moves_and_where_to(
    write: Any, tmp_path: Path, blocks: list[tuple[str, str]], before: str, after: str
) -> None:
    write(*(moved(*each) for each in blocks))
    assert addresses(declared(tmp_path, before)) == {before: after}


COUNT, EACH, NONE = "count = var.n", "for_each = var.n", ""


@pytest.mark.parametrize(
    ("says", "there", "after"),
    [
        (COUNT, ["a"], ["a[0]"]),
        (COUNT, ["a", "a[0]"], ["a", "a[0]"]),
        (COUNT, ["a[0]", "a[1]"], ["a[0]", "a[1]"]),
        (COUNT, ['a["x"]'], ['a["x"]']),
        (NONE, ["a[0]", "a[1]"], ["a", "a[1]"]),
        (NONE, ["a", "a[0]"], ["a", "a[0]"]),
        (NONE, ['a["x"]'], ['a["x"]']),
        (EACH, ["a"], ["a"]),
        (EACH, ["a[0]"], ["a[0]"]),
    ],
)
def test_count_that_was_written_or_taken_out_moves_the_first(
    tmp_path: Path, says: str, there: list[str], after: list[str]
) -> None:
    """As terraform 1.11 plans it, and in a module as in the root; of ``for_each`` it says no such thing."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(f'resource "aws_s3_bucket" "a" {{\n  {says}\n}}\n')
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n')
    before = [f"module.m[1].{B}{each}" for each in there]
    assert addresses(declared(tmp_path, *before)) == dict(zip(before, (f"module.m[1].{B}{each}" for each in after)))


def test_a_block_about_it_says_itself_where_the_first_goes(write: Any, tmp_path: Path) -> None:
    """https://developer.hashicorp.com/terraform/language/modules/develop/refactoring: in whichever direction."""
    (tmp_path / "main.tf").write_text(
        "".join(f'resource "aws_s3_bucket" "{name}" {{\n  count = 2\n}}\n' for name in ("a", "b", "c"))
    )
    write(moved(B + "a", B + "a[1]"), moved(B + "old", B + "b[0]"), moved("module.n", "module.m"))
    assert addresses(declared(tmp_path, B + "a", B + "b", B + "c")) == {
        B + "a": B + "a[1]",
        B + "b": B + "b",
        B + "c": B + "c[0]",
    }


def test_what_moved_by_itself_is_said_as_what_a_block_moved(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "a" {\n  count = 1\n}\n')
    (found,) = declared(tmp_path, B + "a").inventory.resources
    assert found.declared
    assert (found.declared.address, found.declared.moved, found.declared.line) == (B + "a[0]", B + "a", 1)


def test_nothing_moves_to_where_something_is(write: Any, tmp_path: Path) -> None:
    """terraform 1.11 plans so: a[0] stays, and is destroyed; a[1] moves on."""
    write(
        moved(B + "a[0]", B + "a[1]"),
        moved(B + "a[1]", B + "a[2]"),
        moved(B + "p", B + "q"),
        moved("module.m", "module.n"),
    )
    there = [B + "a[0]", B + "a[1]", B + "p", B + "q[0]", f"module.m.{B}x", f"module.n.{B}y"]
    assert addresses(declared(tmp_path, *there)) == dict(zip(there, there)) | {B + "a[1]": B + "a[2]"}


def test_blocks_in_a_module_are_of_all_its_instances(write: Any, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n')
    write(moved(B + "a", B + "b"), removed(B + "c", destroy=False), folder="m")
    there = [f"module.m[0].{B}a", f"module.m[1].{B}c", B + "a", B + "c"]
    found = declared(tmp_path, *there)
    assert addresses(found) == dict(zip(there, there)) | {f"module.m[0].{B}a": f"module.m[0].{B}b"}
    assert [each.id for each in found.inventory.resources if each.declared and each.declared.removed] == [there[1]]


def test_what_moved_is_what_its_new_block_says(write: Any, tmp_path: Path) -> None:
    write(moved(B + "old", B + "new"))
    (tmp_path / "main.tf").write_text(
        '# it\nresource "aws_s3_bucket" "new" {\n  lifecycle {\n    ignore_changes = [tags]\n  }\n}\n'
    )
    (found,) = declared(tmp_path, B + "old").inventory.resources
    said = found.declared
    assert said
    assert (said.address, said.moved, said.line, said.ignore_changes) == (B + "new", B + "old", 2, {"tags"})
    assert said.file == f"{tmp_path}/main.tf"


@pytest.mark.parametrize(
    ("block", "address", "how"),
    [
        (removed(B + "a", destroy=False), B + "a[0]", "forgotten"),
        (removed(B + "a", destroy=True), B + "a", "destroyed"),
        (removed(B + "a"), B + "a", "destroyed"),
        (removed("module.m", destroy=False), f"module.m[0].module.n.{B}a", "forgotten"),
        (removed("module.m", destroy=False), f"module.mm.{B}a", ""),
        (removed(B + "kept", destroy=False), B + "kept", ""),
        (removed(B + "a", destroy="${var.x}"), B + "a", ""),
    ],
)
def test_what_is_removed_and_how(write: Any, tmp_path: Path, block: Any, address: str, how: str) -> None:
    write(block)
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "kept" {}\n')
    (found,) = declared(tmp_path, address).inventory.resources
    assert found.declared
    assert found.declared.removed == how
    assert (found.declared.file or "").startswith(f"{tmp_path}/blocks.tf") is bool(how)


def test_moves_come_before_removals(write: Any, tmp_path: Path) -> None:
    write(removed(B + "b", destroy=False), moved(B + "a", B + "b"))
    (found,) = declared(tmp_path, B + "a").inventory.resources
    assert found.declared
    assert (found.declared.address, found.declared.removed) == (B + "b", "forgotten")


def test_what_import_blocks_bring_in(write: Any, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n'
        'locals {\n  two = { x = "two" }\n}\n'
        'import {\n  to = aws_s3_bucket.far\n  id = "far"\n  provider = aws.us\n}\n'
        "import {\n  for_each = local.two\n  to = module.m[each.key].aws_s3_bucket.it[each.value]\n"
        "  id = each.value\n}\n"
        'import {\n  to = aws_s3_bucket.there\n  id = "there"\n}\n'
    )
    write(
        ("import", {"to": B + "one", "id": "one"}),
        ("import", {"to": B + "three", "identity": {"bucket": "three", "account_id": "1"}}),
        ("import", {"to": B + "unknown", "id": "${var.nobody_says_it}"}),
    )
    found = declared(tmp_path, B + "there")
    assert {each.address: (each.id, each.identity, each.region, each.type) for each in found.imports} == {
        B + "one": ("one", {}, "eu-west-1", "aws_s3_bucket"),
        B + "three": ("", {"bucket": "three", "account_id": "1"}, "eu-west-1", "aws_s3_bucket"),
        B + "far": ("far", {}, "us-east-1", "aws_s3_bucket"),
        f'module.m["x"].{B}it["two"]': ("two", {}, "eu-west-1", "aws_s3_bucket"),
    }
    [note] = found.notes
    assert "what this import block is about cannot be known from the code" in note
    assert "nobody_says_it" not in note


def test_an_import_in_a_loop_may_be_json(tmp_path: Path) -> None:
    block = {"for_each": {"a": "one"}, "to": B + "it[each.key]", "id": "${each.value}"}
    (tmp_path / "main.tf.json").write_text(json.dumps({"import": block}))
    assert [(each.address, each.id) for each in declared(tmp_path, B + "x").imports] == [(B + 'it["a"]', "one")]

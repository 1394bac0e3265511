"""What the next apply does by itself is said of the drift, and no step stands in its way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hcl2
import pytest

from scanner.ahead import incoming
from state import Inventory, Resource
from state.resource import GLOBAL
from state.terraform.refactoring import Import
from tests.conftest import ACCOUNT, REGION
from tests.scanner.command import driftline
from tests.state.terraform.states import block, bucket, state

WHAT = ("--region", REGION, "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning", "-q")
ROLE = {"id": "ci", "name": "ci", "arn": f"arn:aws:iam::{ACCOUNT}:role/ci"}
WHOSE = block("aws_iam_role", "ci", [{"attributes": ROLE}])


@pytest.fixture
def s3(aws: Any, here: Path) -> Any:
    client = aws("s3")
    for name in ("orders", "two"):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    Path("state.tfstate").write_bytes(state(bucket("orders", "old", tags={}), WHOSE))
    return client


def row(kind: str, code: str) -> dict[str, Any]:
    """The one row of drift of a kind, beside this code."""
    Path("main.tf").write_text(code)
    found = json.loads(driftline("drift", *WHAT, "--from", ".", "--output", "json").stdout)
    (told,) = (each for each in found["drift"] if each["status"] == kind)
    return dict(told)


MOVED = "moved {\n  from = aws_s3_bucket.old\n  to   = aws_s3_bucket.new\n}\n"


def test_what_moved_is_told_at_its_new_address(s3: Any) -> None:
    """Terraform plans with neither address alone: "Moved resource instances excluded by targeting"."""
    found = row("changed", f'{MOVED}resource "aws_s3_bucket" "new" {{\n  bucket = "orders"\n}}\n')
    assert (found["address"], found["file"], found["line"]) == ("aws_s3_bucket.new", "main.tf", 5)
    assert found["message"] == "moved: the state has it as aws_s3_bucket.old until the next apply"
    step = found["next_step"]
    assert step["command"] == "terraform apply -target=aws_s3_bucket.new -target=aws_s3_bucket.old"
    assert step["hcl"].startswith('resource "aws_s3_bucket" "new" {')


def test_what_moved_heeds_its_new_block(s3: Any) -> None:
    code = MOVED + 'resource "aws_s3_bucket" "new" {\n  lifecycle {\n    ignore_changes = [tags]\n  }\n}\n'
    Path("main.tf").write_text(code)
    found = json.loads(driftline("drift", *WHAT, "--from", ".", "--output", "json").stdout)
    assert [each["status"] for each in found["drift"]] == ["unmanaged"]


def test_what_moved_and_is_gone_is_taken_out_of_the_state_under_its_old_address(s3: Any) -> None:
    s3.delete_bucket(Bucket="orders")
    found = row("missing", MOVED + 'resource "aws_s3_bucket" "new" {}\n')
    assert found["next_step"]["otherwise"] == "terraform state rm aws_s3_bucket.old"


@pytest.mark.parametrize(("destroy", "verb"), [("false", "forgets"), ("true", "destroys")])
@pytest.mark.parametrize("kind", ["changed", "missing"])
def test_what_is_removed_is_not_applied_again(s3: Any, kind: str, destroy: str, verb: str) -> None:
    if kind == "missing":
        s3.delete_bucket(Bucket="orders")
    code = f"removed {{\n  from = aws_s3_bucket.old\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"
    found = row(kind, code)
    said = f"the code {verb} it with its next apply"
    assert (found["message"], found["file"], found["line"]) == (said, "main.tf", 1)
    step = found["next_step"]
    assert step["what"] == (
        f"apply in the root folder whose state is state.tfstate: {said}; to keep it, take the block out of main.tf:1"
    )
    assert (step["command"], step["otherwise"], step["hcl"]) == ("terraform apply", None, None)


IMPORTS = {
    "id": 'import {\n  to = aws_s3_bucket.two\n  id = "two"\n}\n',
    "identity": f'import {{\n  to = aws_s3_bucket.a\n  identity = {{ bucket = "two", account_id = "{ACCOUNT}" }}\n}}\n',
    "for_each": 'import {\n  for_each = toset(["two"])\n  to = aws_s3_bucket.it[each.key]\n  id = each.key\n}\n',
}


@pytest.mark.parametrize("by", IMPORTS)
def test_what_an_import_block_brings_in_is_not_imported_twice(s3: Any, by: str) -> None:
    said = "an import block in main.tf:1 brings it in with the next apply"
    found = row("unmanaged", IMPORTS[by])
    assert (found["id"], found["message"]) == ("two", said)
    assert found["next_step"]["what"] == f"apply the code of main.tf:1: {said}"
    assert (found["next_step"]["command"], found["next_step"]["hcl"]) == ("terraform apply", None)
    blocks = driftline("import-blocks", *WHAT, "--from", ".").stdout
    assert hcl2.loads(blocks).get("import", []) == []
    assert f"# aws_s3_bucket two is not imported: {said}" in blocks


@pytest.mark.parametrize(
    "code",
    [
        'import {\n  to = aws_s3_bucket.it\n  id = "three"\n}\n',
        'import {\n  to = aws_s3_bucket_policy.it\n  id = "two"\n}\n',
        'import {\n  to = aws_s3_bucket.old\n  id = "two"\n}\n',
        'provider "aws" {\n  region = "us-east-1"\n}\nimport {\n  to = aws_s3_bucket.it\n  id = "two"\n}\n',
        f'import {{\n  to = aws_s3_bucket.it\n  identity = {{ account_id = "{ACCOUNT}", region = "{REGION}" }}\n}}\n',
    ],
    ids=["another", "another type", "its place is taken", "another region", "anything"],
)
def test_an_import_block_of_something_else_says_nothing(s3: Any, code: str) -> None:
    found = row("unmanaged", code)
    assert (found["message"], found["next_step"]["what"].split()[0]) == ("", "import")


def test_a_block_that_fits_several_is_of_none() -> None:
    things = [Resource(type="aws_iam_role", id="ci", account=each, region=GLOBAL) for each in ("1", "2")]
    blocks = [Import(address="aws_iam_role.ci", type="aws_iam_role", file="main.tf", line=1, id="ci")]
    assert incoming(blocks, Inventory(things), ()) == {}
    assert [*incoming(blocks, Inventory(things[:1]), ())] == [things[0].key]


def test_an_id_may_say_its_region() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support"""
    things = [Resource(type="aws_vpc", id="vpc-1", account="1", region=each) for each in (REGION, "us-east-1")]
    block = Import(address="aws_vpc.it", type="aws_vpc", file="main.tf", line=1, id="vpc-1@us-east-1")
    assert [*incoming([block], Inventory(things), ())] == [things[1].key]

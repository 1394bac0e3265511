from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from state.drift import Kind, drift
from state.inventory import Inventory
from state.resource import ANYTHING, GLOBAL, Gap, Resource
from state.terraform.errors import Forbidden, NotFound, NotState, Unreadable
from state.terraform.incoming import Room, Rooms
from state.terraform.remote import AS_EVER, Blob, How
from state.terraform.sources import Declared, Hint, StateInfo, load, moved
from tests.state.terraform.states import SCHEMAS, block, bucket, state


class Shelf:
    """An object store in memory; ``asked`` is what was asked of it."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {f"acme-tf/{key}": data for key, data in objects.items()}
        self.denied: set[str] = set()
        self.unlisted = False
        self.asked: list[tuple[str, str, How]] = []

    async def read(self, bucket: str, key: str, how: How = AS_EVER, rooms: Rooms = Room) -> Blob:
        data, room = self._asked("read", bucket, key, how), rooms()
        room.add(data)
        return Blob(room.text(), str(hash(data)))

    async def version(self, bucket: str, key: str, how: How = AS_EVER) -> str:
        return str(hash(self._asked("version", bucket, key, how)))

    def _asked(self, what: str, bucket: str, key: str, how: How) -> bytes:
        self.asked.append((what, key, how))
        if key in self.denied:
            raise Forbidden(f"s3://{bucket}/{key}", "access denied")
        if f"{bucket}/{key}" not in self.objects:
            raise NotFound(f"s3://{bucket}/{key}", "there is no such object")
        return self.objects[f"{bucket}/{key}"]

    async def list(self, bucket: str, prefix: str, how: How = AS_EVER) -> list[str]:
        self.asked.append(("list", prefix, how))
        if self.unlisted:
            raise Forbidden(f"s3://{bucket}/{prefix}", "access denied")
        names = [each.partition("/")[2] for each in self.objects if each.startswith(f"{bucket}/{prefix}")]
        return list(reversed(names))


def read(*sources: str | Path, **more: Any) -> Declared:
    return asyncio.run(load([str(each) for each in sources], SCHEMAS, **more))


def refusal(*sources: str | Path, **more: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        read(*sources, **more)
    return str(refused.value)


def ids(declared: Declared) -> list[str]:
    return sorted(each.id for each in declared.inventory.resources)


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


# --- what is read ---------------------------------------------------------------------------------


def test_a_state_is_read_with_what_tells_its_version(tmp_path: Path) -> None:
    path = put(tmp_path / "it.tfstate", state(bucket("logs"), serial=7, lineage="b"))
    found = read(path)
    assert ids(found) == ["logs"]
    [info] = found.states
    assert info == StateInfo(
        source=str(path), serial=7, lineage="b", version=info.version, instances=1, terraform_version="1.11.4"
    )
    assert (found.inventory.gaps, found.notes, found.backends) == ([], [], [])


def test_a_folder_is_read_with_all_states_below_it_and_no_copies(tmp_path: Path) -> None:
    put(tmp_path / "a.tfstate", state(bucket("a")))
    put(tmp_path / "deep/er/terraform.tfstate", state(bucket("b")))
    put(tmp_path / "a.tfstate.backup", state(bucket("old")))
    put(tmp_path / ".terraform/terraform.tfstate", b'{"version": 3, "backend": {}}')
    put(tmp_path / "notes.json", b"{}")
    assert ids(read(tmp_path)) == ["a", "b"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "in/a.tfstate", state(bucket("a")))
    put(tmp_path / "out/b.tfstate", state(bucket("b")))
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    (tmp_path / "in/round").symlink_to(tmp_path / "in")
    assert ids(read(tmp_path / "in")) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("**", ["a", "b", "c"]),
        ("*.tfstate", ["a"]),
        ("*/*.tfstate", ["b"]),
        ("**/c.tfstate", ["c"]),
        ("deep/**", ["b", "c"]),
        ("?.json", ["j"]),
        ("a.tfstate*", ["a"]),
    ],
)
def test_a_pattern_names_states(tmp_path: Path, pattern: str, wanted: list[str]) -> None:
    names = {"a": "a.tfstate", "b": "deep/b.tfstate", "c": "deep/er/c.tfstate", "j": "j.json", "x": "a.tfstate.backup"}
    for id, name in names.items():
        put(tmp_path / name, state(bucket(id)))
    assert ids(read(tmp_path / pattern)) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("s3://acme-tf/prod/a.tfstate", ["a"]),
        ("s3://acme-tf/prod/", ["a", "b"]),
        ("s3://acme-tf/prod/**", ["a", "b"]),
        ("s3://acme-tf/prod/*", ["a", "n"]),
        ("s3://acme-tf/**/b.tfstate", ["b"]),
        ("s3://acme-tf", ["a", "b"]),
        ("S3://acme-tf/prod/no-suffix", ["n"]),
    ],
)
def test_s3_is_read_by_key_by_prefix_and_by_pattern(source: str, wanted: list[str]) -> None:
    keys = {"prod/a.tfstate": "a", "prod/deep/b.tfstate": "b", "prod/no-suffix": "n", "prod/a.tfstate.tflock": "l"}
    shelf = Shelf(**{key: state(bucket(id)) for key, id in keys.items()})
    assert ids(read(source, objects=shelf)) == wanted


def test_several_sources_are_read_once_each(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tfstate", state(bucket("a")))
    other = put(tmp_path / "b.tfstate", state(bucket("b")))
    found = read(path, tmp_path, other)
    assert (ids(found), len(found.states), found.notes) == (["a", "b"], 2, [])


def test_a_pipe_is_read_and_never_called_moved(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, state(bucket("logs")))
    os.close(writing)
    found = read(f"/dev/fd/{reading}")
    os.close(reading)
    assert (ids(found), asyncio.run(moved(found, None))) == (["logs"], [])


# --- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line"),
    [
        *(
            (
                f"{scheme}://there/a",
                f"{scheme}://there/a: {scheme}:// is not read, only files, s3://, https:// and tfc://; "
                "fetch it with `terraform state pull > FILE` and name the FILE",
            )
            for scheme in ("gs", "azurerm", "consul")
        ),
        (
            "http://example.com/a",
            "http://example.com/a: is not encrypted, and a state holds secrets; use https://, "
            "or fetch it with `terraform state pull > FILE` and name the FILE",
        ),
        (
            "https://ci:hunter2@example.com/a",
            "https://example.com/a: holds a user name or a password, which end up in logs; "
            "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
        ),
        ("https://", "https://…: is no address; write https://HOST/PATH"),
        ("tfc://acme", "tfc://acme: names no workspace; write tfc://ORGANIZATION/WORKSPACE, or * for all"),
        ("tfc://acme/app?host=a/b", "tfc://acme/app: 'a/b' is no host; write ?host=tfe.example.com"),
        (
            "s3://acme-tf/a?role=x",
            "s3://acme-tf/a: has no setting 'role'; there are region, profile, role_arn, external_id, version, "
            "workspace, workspace_key_prefix",
        ),
        ("nowhere.tfstate", "nowhere.tfstate: there is no such file or folder; check the path given to --from"),
        ("nowhere/*.tfstate", "nowhere: there is no such folder; check the path given to --from"),
        (
            "s3://acme-tf/a",
            "s3://acme-tf/a: S3 is read with AWS credentials, and there are none; set AWS_PROFILE or use --profile",
        ),
        (
            "s3://acme-tf/",
            "s3://acme-tf/: S3 is read with AWS credentials, and there are none; set AWS_PROFILE or use --profile",
        ),
        ("s3://", "s3://: names no bucket; write s3://BUCKET/KEY"),
    ],
)
def test_a_source_that_cannot_be_read_is_said_in_one_line(source: str, line: str) -> None:
    assert refusal(source) == line


def test_an_empty_folder_and_a_prefix_without_states_are_not_clean(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{tmp_path}: holds no *.tfstate and no .tf file; name the folder of a configuration or state"
    )
    line = "no state matches; states are looked for as *.tfstate unless the pattern names others"
    assert refusal(tmp_path / "*.tfstate") == f"{tmp_path}/*.tfstate: {line}"
    assert refusal("s3://acme-tf/prod/", objects=Shelf(other=b"")) == f"s3://acme-tf/prod/: {line}"


def test_code_alone_is_no_state(tmp_path: Path) -> None:
    put(tmp_path / "main.tf", 'terraform {\n  backend "s3" {\n    bucket = "acme-tf"\n    key = "a"\n  }\n}\n')
    assert refusal(tmp_path) == (
        f"{tmp_path}: holds code but no state, and drift is told against a state; "
        "its state is in s3://acme-tf/a: add --from s3://acme-tf/a"
    )
    assert refusal(tmp_path / "main.tf") == f"{tmp_path}/main.tf: is code, not a state; name its folder"


@pytest.fixture
def nobody() -> Iterator[None]:
    """A user without rights, since to root every file is open."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    yield
    os.seteuid(was)


def test_a_file_without_the_right_to_read_it_is_said(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = put(tmp_path / "a.tfstate", state(bucket("a")))
    path.chmod(0)
    for each in (tmp_path, *list(tmp_path.parents)[:3]):
        each.chmod(0o755)
    request.getfixturevalue("nobody")
    assert refusal(path) == f"{path}: may not be read; give the user who runs the scan the right to read it"


def test_a_broken_state_named_by_itself_ends_the_reading(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tfstate", b"")
    with pytest.raises(NotState):
        read(path)


def test_a_broken_state_among_many_is_a_gap_over_everything(tmp_path: Path) -> None:
    put(tmp_path / "a.tfstate", state(bucket("a")))
    broken = put(tmp_path / "b.tfstate", b"")
    found = read(tmp_path)
    reason = f"{broken}: the file is empty; point --from at the state of an applied configuration"
    assert ids(found) == ["a"]
    assert found.inventory.gaps == [
        Gap(type=ANYTHING, account="", region=GLOBAL, reason=reason, kind="malformed"),
    ]
    assert found.inventory.unseen("aws_vpc", "123456789012", "eu-west-1") == f"could not read aws_vpc: {reason}"


def test_what_no_readable_state_declares_is_unmanaged_with_a_doubt(tmp_path: Path) -> None:
    put(tmp_path / "a.tfstate", state(bucket("a")))
    broken = put(tmp_path / "b.tfstate", b"")
    one = {"type": "aws_s3_bucket", "account": "123456789012", "region": "eu-west-1"}
    live = Inventory([Resource(id="z", identity="z", **one), Resource(id="a", identity="a", **one)])
    [row] = drift(live, read(tmp_path).inventory, SCHEMAS).drift
    assert (row.kind, row.resource.id, row.note) == (
        Kind.UNMANAGED,
        "z",
        f"may be declared in {broken}: the file is empty; point --from at the state of an applied configuration",
    )


def test_plans_and_shown_states_are_sources_too(tmp_path: Path) -> None:
    row = {"mode": "managed", "type": "aws_s3_bucket", "provider_name": "registry.terraform.io/hashicorp/aws"}
    made = row | {"address": "aws_s3_bucket.new", "change": {"actions": ["create"], "after": {}, "before": None}}
    kept = row | {"address": "aws_s3_bucket.it", "change": {"actions": ["no-op"], "after": {"id": "p"}}}
    shown = {"values": {"root_module": {"resources": [row | {"address": "aws_s3_bucket.it", "values": {"id": "s"}}]}}}
    plan = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [made, kept]}
    put(tmp_path / "plan.json", json.dumps(plan))
    put(tmp_path / "shown.json", json.dumps({"format_version": "1.0"} | shown))
    broken = put(tmp_path / "broken.json", json.dumps({"format_version": "1.2", "resource_changes": {"a": 1}}))
    assert ids(read(tmp_path / "plan.json", tmp_path / "shown.json")) == ["p", "s"]
    assert (
        refusal(broken) == f"{broken}: is not the shape of a plan or state; make it again with `terraform show -json`"
    )


def test_a_denied_object_among_many_is_a_gap_of_the_account_that_its_hint_names() -> None:
    shelf = Shelf(**{"prod/a.tfstate": state(bucket("a")), "prod/b.tfstate": b""})
    shelf.denied = {"prod/b.tfstate"}
    hint = Hint(source="s3://acme-tf/prod/b*", account="123456789012", region="eu-west-1")
    found = read("s3://acme-tf/prod/", objects=shelf, hints=[hint])
    assert found.inventory.gaps == [
        Gap(
            type=ANYTHING,
            account="123456789012",
            region="eu-west-1",
            reason="s3://acme-tf/prod/b.tfstate: access denied",
            kind="denied",
        )
    ]


# --- whose it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["{folder}/a.tfstate", "{folder}", "{folder}/*", "*a.tfstate"])
def test_a_hint_fills_in_what_a_state_does_not_say(tmp_path: Path, said: str) -> None:
    put(tmp_path / "a.tfstate", state(bucket("a")))
    hints = [
        Hint(source="elsewhere", account="1"),
        Hint(source=said.format(folder=tmp_path), account="123456789012", region="us-east-1"),
    ]
    [found] = read(tmp_path, hints=hints).inventory.resources
    assert (found.account, found.region) == ("123456789012", "eu-west-1")


def test_what_is_declared_twice_is_managed_once_and_noted(tmp_path: Path) -> None:
    one = put(tmp_path / "a.tfstate", state(bucket("logs"), lineage="a"))
    two = put(tmp_path / "b.tfstate", state(bucket("logs", "other"), lineage="b"))
    found = read(tmp_path)
    assert ids(found) == ["logs"]
    assert found.notes == [
        f"aws_s3_bucket logs is declared in {one} (as aws_s3_bucket.it) "
        f"and again in {two} (as aws_s3_bucket.other); the first counts"
    ]


def test_two_states_with_much_in_common_are_noted_once(tmp_path: Path) -> None:
    both = [bucket("a", "a"), bucket("b", "b"), bucket("c", "c")]
    one = put(tmp_path / "a.tfstate", state(*both))
    two = put(tmp_path / "b.tfstate", state(*both))
    assert read(tmp_path).notes == [
        f"aws_s3_bucket a and 2 more are declared in {one} (as aws_s3_bucket.a) "
        f"and again in {two} (as aws_s3_bucket.a); the first counts"
    ]


def test_of_two_copies_of_one_state_the_later_counts(tmp_path: Path) -> None:
    put(tmp_path / "a.tfstate", state(bucket("logs", tags_all={"A": "old"}), serial=1))
    put(tmp_path / "b.tfstate", state(bucket("logs", tags_all={"A": "new"}), serial=2))
    [found] = read(tmp_path).inventory.resources
    assert found.tags == {"A": "new"}


def test_a_lock_beside_a_file_is_said(tmp_path: Path) -> None:
    path = put(tmp_path / "terraform.tfstate", state(bucket("a")))
    put(tmp_path / ".terraform.tfstate.lock.info", "{}")
    line = f"{path} is locked: Terraform is at work on it, or was stopped; it was read as it is"
    assert (read(path).notes, read(tmp_path).notes) == ([line], [line])


# --- what moved -----------------------------------------------------------------------------------


def test_a_state_that_moved_or_went_is_said(tmp_path: Path) -> None:
    paths = [put(tmp_path / f"{name}.tfstate", state(bucket(name))) for name in "abc"]
    shelf = Shelf(**{"d.tfstate": state(bucket("d")), "e.tfstate": state(bucket("e"))})
    found = read(*paths, "s3://acme-tf/", objects=shelf)
    put(paths[1], state(bucket("b"), serial=2))
    paths[2].unlink()
    shelf.objects["acme-tf/e.tfstate"] += b"\n"
    assert asyncio.run(moved(found, shelf)) == [str(paths[1]), str(paths[2]), "s3://acme-tf/e.tfstate"]


# --- code beside states ---------------------------------------------------------------------------

CODE = """
terraform {
  backend "s3" {
    bucket = "acme-tf"
    key    = "shop.tfstate"
  }
}
resource "aws_s3_bucket" "it" {
  lifecycle {
    ignore_changes = [tags["Team"]]
  }
}
"""


@pytest.mark.parametrize(
    ("key", "known"), [("shop.tfstate", True), ("env:/prod/shop.tfstate", True), ("other.tfstate", False)]
)
def test_code_says_the_line_of_the_state_that_its_backend_names(tmp_path: Path, key: str, known: bool) -> None:
    put(tmp_path / "shop/main.tf", CODE)
    put(tmp_path / "blog/main.tf", CODE.replace("shop", "blog"))
    found = read(tmp_path, f"s3://acme-tf/{key}", objects=Shelf(**{key: state(bucket("logs"))}))
    [one] = found.inventory.resources
    declared = one.declared
    assert declared
    if known:
        file = str(tmp_path / "shop/main.tf")
        assert (declared.file, declared.line, declared.ignore_changes) == (file, 8, {"tags.Team"})
    else:
        assert (declared.file, declared.line) == (None, None)
    assert [each.source for each in found.backends] == ["s3://acme-tf/blog.tfstate", "s3://acme-tf/shop.tfstate"]


def test_code_beside_a_state_is_that_states_and_code_that_does_not_parse_hides_nothing(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path / name / "terraform.tfstate", state(bucket(name)))
        put(tmp_path / name / "main.tf", "\n" * (name == "b") + 'resource "aws_s3_bucket" "it" {}\n')
    broken = put(tmp_path / "a/broken.tf", "resource {{{")
    found = read(tmp_path)
    assert [each.declared and each.declared.line for each in found.inventory.resources] == [1, 2]
    assert found.inventory.gaps == [
        Gap(
            type="code",
            account="",
            region=GLOBAL,
            reason=f"{broken}: line 1 is not HCL; what it declares is not seen",
            kind="malformed",
        )
    ]
    assert found.inventory.unseen("aws_vpc", "1", "eu-west-1") is None


def test_secrets_are_known_by_mark_by_schema_and_by_name(tmp_path: Path) -> None:
    marks = [[{"type": "get_attr", "value": "bucket"}]]
    attributes = {"id": "1", "bucket": "b", "auth_token": "s", "manage_password": True, "user": [{"password": "s"}]}
    rows = [{"attributes": attributes, "sensitive_attributes": marks}]
    function = {"attributes": {"id": "f", "environment": [{"variables": {"A": "s"}}]}}
    blocks = [block("aws_s3_bucket", "it", rows), block("aws_lambda_function", "f", [function])]
    path = put(tmp_path / "a.tfstate", state(*blocks))
    assert [each.sensitive for each in read(path).inventory.resources] == [
        {"bucket", "auth_token", "user"},
        {"environment"},
    ]

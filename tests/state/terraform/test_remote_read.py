"""Objects of S3: their workspaces, versions and locks, and that nothing is fetched twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest

from state.terraform.remote import How, shown
from state.terraform.sources import moved
from tests.state.terraform.states import bucket, state
from tests.state.terraform.test_sources import Shelf, ids, read, refusal


def shelf(*keys: str) -> Shelf:
    return Shelf(**{key: b"" if key.endswith(".tflock") else state(bucket(key)) for key in keys})


WORKSPACES = (
    "app",
    "env:/prod/app",
    "env:/test/app",
    "env:/prod/other",
    "env:/a/b/app",
    "ws/prod/app",
    "apple",
    "dev/app",
)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("workspace=*", ["app", "env:/prod/app", "env:/test/app"]),
        ("workspace=p*", ["env:/prod/app"]),
        ("workspace=prod", ["env:/prod/app"]),
        ("workspace=default", ["app"]),
        ("workspace=d*", ["app"]),
        ("workspace=*&workspace_key_prefix=ws", ["app", "ws/prod/app"]),
        ("workspace=prod&workspace_key_prefix=ws", ["ws/prod/app"]),
        ("workspace=*&workspace_key_prefix=", ["app", "dev/app"]),
        ("workspace=dev&workspace_key_prefix=", ["dev/app"]),
    ],
)
def test_workspaces_are_read_where_terraform_keeps_them(query: str, wanted: list[str]) -> None:
    found = read(f"s3://acme-tf/app?{query}", objects=shelf(*WORKSPACES))
    assert ids(found) == wanted
    assert [each.source for each in found.states] == [f"s3://acme-tf/{key}" for key in wanted]


def test_a_workspace_that_is_not_there_is_said() -> None:
    line = "no state matches; states are looked for as *.tfstate unless the pattern names others"
    source = "s3://acme-tf/app?workspace=x*"
    assert refusal(source, objects=shelf(*WORKSPACES)) == f"{source}: {line}"


def test_an_object_is_asked_for_as_its_source_says_and_shown_without_that() -> None:
    it = shelf("app")
    settings = {
        "region": "eu-central-1",
        "profile": "states",
        "role_arn": "arn:aws:iam::123456789012:role/states",
        "external_id": "only we/know",
    }
    found = read(f"s3://acme-tf/app?{urlencode(settings)}", objects=it)
    assert it.asked[0] == ("read", "app", How(**settings))
    assert {how for _, _, how in it.asked} == {How(**settings)}
    assert found.states[0].source == "s3://acme-tf/app"
    asyncio.run(moved(found, it))
    assert it.asked[-1] == ("version", "app", How(**settings))


def test_a_state_is_read_once_and_its_version_is_asked_for_later() -> None:
    it = shelf("a.tfstate", "b.tfstate")
    found = read("s3://acme-tf/", objects=it)
    assert asyncio.run(moved(found, it)) == []
    assert sorted(what for what, _, _ in it.asked) == ["list", "read", "read", "version", "version"]


def test_a_state_that_is_named_in_several_ways_is_read_once() -> None:
    it = shelf("a.tfstate", "a.tfstate.tflock")
    found = read("s3://acme-tf/a.tfstate", "s3://acme-tf/a.tfstate?region=eu-west-1", "s3://acme-tf/", objects=it)
    assert (ids(found), len(found.states), len(found.notes)) == (["a.tfstate"], 1, 1)
    assert [what for what, _, _ in it.asked].count("read") == 1


def test_an_older_version_neither_moves_nor_is_locked() -> None:
    it = shelf("app", "app.tflock")
    found = read("s3://acme-tf/app?version=3H.x", objects=it)
    assert ([each.source for each in found.states], found.notes) == (["s3://acme-tf/app?version=3H.x"], [])
    assert asyncio.run(moved(found, it)) == []
    assert it.asked == [("read", "app", How(version="3H.x"))]


@pytest.mark.parametrize("source", ["s3://acme-tf/app", "s3://acme-tf/app*", "s3://acme-tf/app?workspace=*"])
def test_a_lock_is_said_and_not_waited_for(source: str) -> None:
    found = read(source, objects=shelf("app", "app.tflock"))
    line = "s3://acme-tf/app is locked: Terraform is at work on it, or was stopped; it was read as it is"
    assert (ids(found), found.notes) == (["app"], [line])


def test_a_secret_of_a_source_is_not_shown() -> None:
    assert [
        shown("s3://acme-tf/app?role_arn=arn:aws:iam::1:role/r&external_id=secret&workspace=*"),
        shown("https://example.com/app?sig=secret"),
        shown("https://ci:secret@example.com/app"),
        shown("tfc://acme/app?host=tfe.example.com"),
        shown("infra/?"),
    ] == [
        "s3://acme-tf/app?workspace=*",
        "https://example.com/app?sig=…",
        "https://example.com/app",
        "tfc://acme/app?host=tfe.example.com",
        "infra/?",
    ]


def test_who_may_not_look_for_a_lock_reads_all_the_same() -> None:
    it = shelf("app", "app.tflock", "other")
    it.unlisted = True
    found = read("s3://acme-tf/app", "s3://acme-tf/other", objects=it)
    said = "s3://acme-tf: whether its states are locked was not looked at: access denied"
    assert (ids(found), found.notes) == (["app", "other"], [said])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('dynamodb_table = "locks"', ["locks"]),
        ('dynamodb_table = "locks"\n    use_lockfile = true', []),
        ("use_lockfile = true", []),
    ],
)
def test_of_locks_in_a_table_it_is_said_that_nobody_looked(tmp_path: Path, setting: str, said: list[str]) -> None:
    """https://developer.hashicorp.com/terraform/language/backend/s3#state-locking"""
    code = f'terraform {{\n  backend "s3" {{\n    bucket = "acme-tf"\n    key = "app"\n    {setting}\n  }}\n}}\n'
    (tmp_path / "main.tf").write_text(code)
    found = read(tmp_path, "s3://acme-tf/app", "s3://acme-tf/env:/prod/app", objects=shelf("app", "env:/prod/app"))
    assert found.notes == [
        f"{tmp_path}/main.tf:2: locks are kept in the DynamoDB table {table}, where nobody looked: "
        "whether Terraform is at work is not known"
        for table in said
    ]

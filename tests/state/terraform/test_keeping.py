"""Which states lie in S3, by what was read and by what code says."""

from pathlib import Path

import pytest

from state.terraform import configuration, discovery
from state.terraform.discovery import Follow
from state.terraform.keeping import Kept, kept
from state.terraform.remote import S3

LIVE = S3(bucket="acme-state", key="live")
BACKEND = 'terraform {\n  backend "s3" {\n    bucket = "acme-state"\n    key = "live"\n    %s\n  }\n}\n'


def written(folder: Path, text: str, file: str = "main.tf") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    return folder


def of(folder: Path, *roots: Path, read: tuple[S3, ...] = ()) -> list[Kept]:
    backings = discovery.states(folder, [configuration.read(each) for each in roots], Follow())
    return kept([(each, {}) for each in read], backings)


def test_what_was_read_is_kept_and_only_code_says_more(tmp_path: Path) -> None:
    assert of(tmp_path, read=(LIVE,)) == [Kept(source="s3://acme-state/live", bucket="acme-state", secrets={})]


def test_what_only_code_names_was_not_read(tmp_path: Path) -> None:
    root = written(tmp_path, BACKEND % "")
    said = f"{root / 'main.tf'}:2"
    source = "s3://acme-state/live"
    assert of(tmp_path, root) == [Kept(source=source, bucket="acme-state", locked=False, said_in=said)]
    [found] = of(tmp_path, root, read=(LIVE,))
    assert found == Kept(source=source, bucket="acme-state", locked=False, said_in=said, secrets={})


def test_of_two_roots_that_share_a_state_one_that_does_not_lock_it_is_enough(tmp_path: Path) -> None:
    roots = [written(tmp_path / "a", BACKEND % "use_lockfile = true"), written(tmp_path / "b", BACKEND % "")]
    assert [each.locked for each in of(tmp_path, *roots)] == [False]
    assert [each.locked for each in of(tmp_path, *roots, read=(LIVE,))] == [False]


@pytest.mark.parametrize(
    ("key", "locked"),
    [
        ("live", True),
        ("env:/test/live", True),
        ("env:/test/other", None),
        ("env:/a/b/live", None),
        ("team/test/live", None),
    ],
)
def test_a_backend_is_that_of_all_its_workspaces(tmp_path: Path, key: str, locked: bool | None) -> None:
    root = written(tmp_path, BACKEND % 'dynamodb_table = "locks"')
    found = of(tmp_path, root, read=(S3(bucket="acme-state", key=key),))
    assert found[0].locked is locked


def test_what_init_was_told_counts(tmp_path: Path) -> None:
    root = written(tmp_path, 'terraform {\n  backend "s3" {}\n}\n')
    assert of(tmp_path, root) == []
    config = '{"bucket": "acme-state", "key": "live", "use_lockfile": true}'
    written(root / ".terraform", f'{{"backend": {{"type": "s3", "config": {config}}}}}', "terraform.tfstate")
    assert [(each.source, each.locked) for each in of(tmp_path, root)] == [("s3://acme-state/live", True)]


def test_terragrunt_says_it_too(tmp_path: Path) -> None:
    text = 'remote_state {\n  backend = "s3"\n  config = {\n    bucket = "acme-state"\n    key = "live"\n%s  }\n}\n'
    written(tmp_path / "a", text % '    dynamodb_table = "locks"\n', "terragrunt.hcl")
    assert [(each.bucket, each.locked) for each in of(tmp_path)] == [("acme-state", True)]


@pytest.mark.parametrize("backend", ['"local" {}', '"http" {\n address = "https://a.example/s"\n }'])
def test_what_lies_elsewhere_is_none_of_it(tmp_path: Path, backend: str) -> None:
    assert of(tmp_path, written(tmp_path, f"terraform {{\n  backend {backend}\n}}\n")) == []

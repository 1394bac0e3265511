from __future__ import annotations

from pathlib import Path

import pytest

from state.resource import Declaration, Resource
from state.terraform.configuration import Backend, Written, enriched, read, said
from state.terraform.errors import NotFound


def folder(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8-sig"))
    return root


def bucket(name: str, more: str = "") -> str:
    return f'resource "aws_s3_bucket" "{name}" {{\n{more}}}\n'


def test_each_resource_is_known_by_its_address_without_keys(tmp_path: Path) -> None:
    source = folder(
        tmp_path,
        **{
            "main.tf": bucket("a") + bucket("b") + 'module "m" {\n  source = "./m"\n}\n',
            "m/it.tofu": bucket("c"),
            "m/it.tf": bucket("shadowed"),
        },
    )
    assert read(source).written == {
        "aws_s3_bucket.a": Written(f"{source}/main.tf", 1),
        "aws_s3_bucket.b": Written(f"{source}/main.tf", 3),
        "module.m.aws_s3_bucket.c": Written(f"{source}/m/it.tofu", 1),
    }


@pytest.mark.parametrize(
    ("said", "paths"),
    [
        ("all", {"all"}),
        ("[]", set()),
        (
            '[ami, tags["a.b/c"], metadata_options[0].http_tokens]',
            {"ami", "tags.a.b/c", "metadata_options[0].http_tokens"},
        ),
        ('["ami", tags]', {"ami", "tags"}),
        ("[\n  ami, # why\n  tags,\n]", {"ami", "tags"}),
    ],
)
def test_ignored_changes_are_paths(tmp_path: Path, said: str, paths: set[str]) -> None:
    source = folder(tmp_path, **{"main.tf": bucket("a", f"  lifecycle {{\n    ignore_changes = {said}\n  }}\n")})
    assert read(source).written["aws_s3_bucket.a"].ignore_changes == paths


TWO = """
provider "aws" {
  ignore_tags {
    keys         = ["Owner", "a.b"]
    key_prefixes = ["kubernetes.io/"]
  }
}
provider "aws" {
  alias = "us"
  ignore_tags {
    keys = ["Owner", var.unknown]
  }
}
provider "aws" {
  alias = "eu"
  ignore_tags {
    keys = ["Owner"]
  }
}
"""
OWN = {"tags.Owner", "tags.a.b", "tags.kubernetes.io/*"}


def test_what_a_provider_leaves_to_others_is_ignored_of_all_that_is_under_it(tmp_path: Path) -> None:
    of_us = bucket("us", "  provider = aws.us\n") + bucket("eu", "  provider = aws.eu\n")
    call = 'module "m" {\n  source = "./m"\n}\n'
    code = TWO + bucket("a", "  lifecycle {\n    ignore_changes = [acl]\n  }\n") + of_us
    written = read(folder(tmp_path, **{"main.tf": code + call, "m/it.tf": bucket("c")})).written
    assert {name.removeprefix("aws_s3_bucket."): each.ignore_changes for name, each in written.items()} == {
        "a": OWN | {"acl"},
        "us": set(),  # which of them is not known
        "eu": {"tags.Owner"},
        "module.m.aws_s3_bucket.c": OWN,
    }


def test_of_a_module_that_is_given_a_provider_only_what_all_leave_is_known(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  providers = { aws = aws.eu }\n}\n'
    code = TWO.replace(", var.unknown", "")
    source = folder(tmp_path, **{"main.tf": code + bucket("a") + call, "m/it.tf": bucket("c")})
    found = {name: each.ignore_changes for name, each in read(source).written.items()}
    assert found == {"aws_s3_bucket.a": OWN, "module.m.aws_s3_bucket.c": {"tags.Owner"}}


def test_a_state_s_resources_learn_their_lines(tmp_path: Path) -> None:
    source = folder(
        tmp_path, **{"main.tf": bucket("a") + 'module "m" {\n  source = "./m"\n}\n', "m/it.tf": bucket("c")}
    )
    known = Declaration(address='module.m["x.y[0]"].aws_s3_bucket.c["]"]', source="s", part="versioning")
    unknown = Declaration(address="aws_s3_bucket.gone", source="s")
    written = read(source).written
    found = [enriched(Resource(type="a", id="1", declared=each), written) for each in (known, unknown)]
    assert [(each.declared.file, each.declared.line) for each in found if each.declared] == [
        (f"{source}/m/it.tf", 1),
        (None, None),
    ]


BACKENDS = {
    'backend "s3" {\n    bucket = "acme-tf"\n    key = "a/b"\n  }': (
        Backend(type="s3", settings={"bucket": "acme-tf", "key": "a/b"}, file="main.tf", line=2),
        "s3://acme-tf/a/b",
    ),
    'backend "s3" {\n    key = "a/b"\n  }': (
        Backend(type="s3", settings={"key": "a/b"}, unsaid=("bucket",), file="main.tf", line=2),
        None,
    ),
    'backend "azurerm" {}': (Backend(type="azurerm", settings={}, file="main.tf", line=2), None),
    'cloud {\n    organization = "acme"\n  }': (
        Backend(type="cloud", settings={"organization": "acme"}, file="main.tf", line=2),
        None,
    ),
}


@pytest.mark.parametrize("text", BACKENDS)
def test_the_backend_says_where_the_state_is(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder(tmp_path, **{"main.tf": f"terraform {{\n  {text}\n}}\n"}))
    [found] = read(Path()).backends
    assert (found, found.source) == BACKENDS[text]


def test_default_tags_are_those_that_are_literals(tmp_path: Path) -> None:
    text = 'provider "aws" {{\n  alias = "{0}"\n  default_tags {{\n    tags = {1}\n  }}\n}}\n'
    source = folder(tmp_path, **{"main.tf": text.format("a", "{ Team = 1 }") + text.format("b", "var.tags")})
    assert read(source).default_tags == {"a": {"Team": "1"}}


# --- the checkout is not trusted ------------------------------------------------------------------


def test_nothing_is_read_outside_the_checkout(tmp_path: Path) -> None:
    folder(tmp_path, **{"out/it.tf": bucket("secret"), "in/.git/HEAD": ""})
    source = folder(tmp_path / "in", **{"live/main.tf": 'module "m" {\n  source = "../../out"\n}\n' + bucket("a")})
    (source / "live/link.tf").symlink_to(tmp_path / "out/it.tf")
    (source / "live/linked").symlink_to(tmp_path / "out")
    folder(source, **{"live/more.tf": 'module "n" {\n  source = "./linked"\n}\n'})
    found = read(source / "live")
    assert list(found.written) == ["aws_s3_bucket.a"]
    assert found.faults == [
        f"{source}/live/link.tf: is no file of this checkout and is not read",
        f"{tmp_path}/out: lies outside {source} and is not read",
        f"{source}/live/linked: lies outside {source} and is not read",
    ]


def test_modules_that_call_one_another_end(tmp_path: Path) -> None:
    source = folder(
        tmp_path,
        **{
            "main.tf": bucket("a") + 'module "m" {\n  source = "./m"\n}\nmodule "gone" {\n  source = "./gone"\n}\n',
            "m/main.tf": 'module "m" {\n  source = "../"\n}\n',
        },
    )
    found = read(source)
    assert list(found.written) == ["aws_s3_bucket.a"]
    assert found.faults == [
        f"{source}: modules call one another without end; they are not followed",
        f"{source}/gone: there is no such module; its resources are not seen",
    ]


def test_many_calls_of_many_modules_end(tmp_path: Path) -> None:
    calls = "".join(f'module "m{n}" {{\n  source = "../NEXT"\n}}\n' for n in range(8))
    files = {f"{n}/main.tf": calls.replace("NEXT", str(n + 1)) for n in range(10)} | {"10/main.tf": bucket("a")}
    found = read(folder(tmp_path, **files, **{".git/HEAD": ""}) / "0")
    assert f"{tmp_path}/10: modules call one another without end; they are not followed" in found.faults
    assert 0 < len(found.written) < 600


def test_what_is_not_read_of_a_folder_is_said(tmp_path: Path) -> None:
    source = folder(tmp_path, **{"a.tf": bucket("a"), "b.tf": "{", "c.tf.json": "{\n,", "d_override.tf": bucket("a")})
    (source / "e.tf").write_bytes(b"\xff")
    assert read(source).faults == [
        f"{source}/b.tf: line 1 is not HCL; what it declares is not seen",
        f"{source}/c.tf.json: line 2 is not JSON; what it declares is not seen",
        f"{source}/e.tf: is not UTF-8; what it declares is not seen",
    ]


def test_a_folder_without_code_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        read(tmp_path)
    assert str(refused.value) == f"{tmp_path}: holds no .tf file; name the folder of a configuration"


# --- override files -------------------------------------------------------------------------------


def test_override_files_are_merged_as_terraform_does(tmp_path: Path) -> None:
    """https://developer.hashicorp.com/terraform/language/files/override"""
    source = folder(
        tmp_path,
        **{
            "b_override.tf": bucket("a", "  lifecycle {\n    ignore_changes = [tags]\n  }\n  acl = local.acl\n")
            + 'terraform {\n  backend "local" {}\n}\nlocals {\n  acl = "b"\n}\n'
            + 'provider "aws" {\n  alias = "x"\n  default_tags {\n    tags = { Team = "b" }\n  }\n}\n',
            "c_override.tf.json": '{"resource": {"aws_s3_bucket": {"a": {"acl": "${local.acl}-c", "logging": []}}}}',
            "main.tf": 'terraform {\n  backend "s3" {}\n}\nlocals {\n  acl = "a"\n  other = 1\n}\n'
            + 'provider "aws" {\n  alias = "x"\n  default_tags {\n    tags = { Team = "a", Gone = 1 }\n  }\n}\n'
            + 'provider "aws" {}\n'
            + bucket(
                "a",
                '  bucket = "it"\n  acl = "own"\n  lifecycle {\n    prevent_destroy = true\n'
                "    ignore_changes = [acl]\n  }\n  versioning {}\n",
            ),
            "override.tf": bucket("a", "  dynamic versioning {\n    for_each = []\n    content {}\n  }\n"),
        },
    )
    found = read(source)
    it = found.written["aws_s3_bucket.a"]
    assert (it.file, it.line, it.ignore_changes) == (f"{source}/main.tf", 15, {"tags"})
    assert it.names == {"bucket", "acl", "logging", "lifecycle", "versioning"}
    (block,) = found.root.of("resource")
    assert block.body.attributes["acl"].words == '"${local.acl}-c"'
    assert [each.labels for each in block.body.blocks if each.sets == "versioning"] == [("versioning",)]
    assert [each.type for each in found.backends] == ["local"]
    assert found.default_tags == {"x": {"Team": "b"}}
    assert [said(each.body.attributes["acl"]) for each in found.root.of("locals")] == ["b"]
    assert found.faults == []


def test_what_overrides_nothing_is_told(tmp_path: Path) -> None:
    source = folder(tmp_path, **{"a.tf": bucket("a"), "it_override.tf": bucket("b") + "locals {\n  a = 1\n}\n"})
    found = read(source)
    assert list(found.written) == ["aws_s3_bucket.a"]
    assert found.faults == [
        f"{source}/it_override.tf:{line}: overrides nothing, which Terraform refuses; it is not seen" for line in (1, 3)
    ]

"""Code that names its states, followed: where each backend leads, and where it may not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from state.terraform import configuration, discovery, files
from state.terraform.discovery import Follow
from state.terraform.errors import Forbidden, Unreadable
from state.terraform.remote_read import Where
from state.terraform.sources import load
from tests.conftest import run
from tests.state.terraform.states import SCHEMAS, bucket, state
from tests.state.terraform.test_sources import Shelf, ids

ROLE = "arn:aws:iam::123456789012:role/states"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TF_WORKSPACE", "TF_CLOUD_ORGANIZATION", "TF_CLOUD_HOSTNAME", "TFE_TOKEN", "TFE_HOSTNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def written(texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def terraform(inner: str) -> str:
    return f"terraform {{\n{inner}\n}}\n"


def told(where: Where) -> str:
    return str(where) if isinstance(where, Path) else where.shown


def followed(*allowed: str, folder: str = "infra") -> list[str]:
    """Where each root keeps its state, or why that is not known."""
    _, folders = files.inside(Path(folder))
    found = []
    for each in discovery.states(Path(folder), map(configuration.read, folders), Follow(allowed)):
        try:
            found.append(told(each.where()))
        except Unreadable as error:
            found.append(f"✗ {error}")
    return found


S3 = 'backend "s3" {\n bucket = "acme-tf"\n key = "app"\n'

# --- what a backend says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "wanted"),
    [
        (S3 + "}", "s3://acme-tf/app"),
        ('backend "local" {}', "infra/terraform.tfstate"),
        ('backend "local" {\n path = "../states/app.tfstate"\n}', "states/app.tfstate"),
        ('cloud {\n organization = "acme"\n workspaces {\n name = "app"\n }\n}', "tfc://acme/app"),
        (
            'cloud {\n organization = "acme"\n hostname = "tfe.acme.com"\n workspaces {\n tags = ["a", "b"]\n }\n}',
            "tfc://acme/*?host=tfe.acme.com&tags=a,b",
        ),
        ('backend "remote" {\n organization = "acme"\n workspaces {\n prefix = "app-"\n }\n}', "tfc://acme/app-*"),
        (
            'backend "http" {\n address = "https://states.acme.com/app"\n}',
            "✗ infra/main.tf:2: wants states.acme.com to be used, which code alone may not ask for; "
            "allow it with --allow-backend states.acme.com, or name it: --from https://states.acme.com/app",
        ),
        (
            'backend "http" {\n address = "http://states.acme.com/app"\n}',
            "✗ infra/main.tf:2: its address is not encrypted, and a state holds secrets; use https://, or fetch it "
            "with `terraform state pull > FILE` and name the FILE",
        ),
        (
            S3 + f' role_arn = "{ROLE}"\n}}',
            f"✗ infra/main.tf:2: wants {ROLE} to be used, which code alone may not ask for; "
            f"allow it with --allow-backend {ROLE}",
        ),
        (
            S3 + ' endpoints = {\n  s3 = "https://evil.example.com"\n }\n}',
            "✗ infra/main.tf:2: names an endpoint of its own for S3; set AWS_ENDPOINT_URL_S3 and name the state "
            "with --from",
        ),
        (
            'backend "s3" {\n bucket = "acme-tf"\n key = "**"\n}',
            "✗ infra/main.tf:2: names '**', which reads as a pattern; name the state with --from",
        ),
        (
            'backend "gcs" {\n bucket = "acme"\n}',
            "✗ infra/main.tf:2: keeps its state in gcs, which is not read; fetch it with `terraform state pull > FILE` "
            "and name the FILE",
        ),
        (
            'backend "s3" {\n key = "app"\n}',
            "✗ infra/main.tf:2: does not say bucket of its s3 backend; run `terraform init` there, "
            "or name the state with --from",
        ),
        (
            S3 + " workspace_key_prefix = var.prefix\n}",
            "✗ infra/main.tf:2: does not say workspace_key_prefix of its s3 backend; run `terraform init` there, "
            "or name the state with --from",
        ),
        (
            'cloud {\n organization = "acme"\n}',
            "✗ infra/main.tf:2: does not say its workspace; set TF_WORKSPACE, or name it: --from tfc://ORG/NAME",
        ),
        (
            'backend "local" {\n path = "/etc/terraform.tfstate"\n}',
            "✗ infra/main.tf:2: keeps its state in /etc/terraform.tfstate, outside the checkout; name it with --from",
        ),
    ],
)
def test_a_backend_leads_to_its_state(backend: str, wanted: str) -> None:
    written({".git/HEAD": "", "infra/main.tf": terraform(backend)})
    assert followed() == [wanted]


def test_hosts_and_roles_that_are_allowed_may_be_named() -> None:
    backends = {
        "a": S3 + f' assume_role = {{\n  role_arn = "{ROLE}"\n  external_id = "x"\n }}\n}}',
        "b": 'backend "http" {\n address = "https://states.acme.com/app"\n}',
        "c": S3 + ' profile = "legacy"\n}',
    }
    written({f"infra/{name}/main.tf": terraform(each) for name, each in backends.items()})
    assert followed("arn:aws:iam::123456789012:role/*", "states.acme.com", "legacy") == [
        "s3://acme-tf/app", "https://states.acme.com/app", "s3://acme-tf/app"
    ]  # fmt: skip
    assert [each.startswith("✗") for each in followed("states.acme.com.evil.com", "*.acme.co")] == [True] * 3


def test_the_workspace_is_the_one_selected_or_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    written({
        "infra/a/main.tf": terraform(S3 + ' workspace_key_prefix = "ws"\n}'),
        "infra/a/.terraform/environment": "prod\n",
        "infra/b/main.tf": terraform(S3 + "}"),
        "infra/c/main.tf": terraform('backend "local" {}'),
        "infra/d/main.tf": terraform('backend "remote" {\n organization = "o"\n workspaces {\n prefix = "app-"\n }\n}'),
        "infra/e/main.tf": terraform(S3 + ' workspace_key_prefix = ""\n}'),
        "infra/e/.terraform/environment": "prod\n",
    })  # fmt: skip
    assert followed() == [
        "s3://acme-tf/ws/prod/app",
        "s3://acme-tf/app",
        "infra/c/terraform.tfstate",
        "tfc://o/app-*",
        "s3://acme-tf/prod/app",
    ]
    monkeypatch.setenv("TF_WORKSPACE", "test")
    assert followed() == [
        "s3://acme-tf/ws/test/app",
        "s3://acme-tf/env:/test/app",
        "infra/c/terraform.tfstate.d/test/terraform.tfstate",
        "tfc://o/app-test",
        "s3://acme-tf/test/app",
    ]


def test_what_init_was_told_beside_the_code_completes_it() -> None:
    pointer = {"version": 3, "backend": {"type": "s3", "config": {"bucket": "acme-tf", "key": None, "region": "eu"}}}
    written({
        "infra/main.tf": terraform('backend "s3" {\n key = "app"\n}'),
        "infra/.terraform/terraform.tfstate": json.dumps(pointer),
    })  # fmt: skip
    assert followed() == ["s3://acme-tf/app"]
    written({"infra/.terraform/terraform.tfstate": json.dumps(pointer).replace('"s3"', '"gcs"')})
    assert followed()[0].startswith("✗ infra/main.tf:2: does not say bucket of its s3 backend")


# --- Terragrunt -----------------------------------------------------------------------------------

ROOT = """
locals {
  account = read_terragrunt_config(find_in_parent_folders("account.hcl"))
  name    = local.account.locals.name
}
remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite"
  }
  config = {
    bucket         = "acme-${local.name}"
    key            = "${path_relative_to_include()}/terraform.tfstate"
    region         = "eu-west-1"
    encrypt        = true
    dynamodb_table = get_env("LOCKS")
  }
}
"""
UNIT = 'include "root" {\n  path = find_in_parent_folders(%s)\n}\nterraform {\n  source = "../../modules/app"\n}\n'


@pytest.mark.parametrize(
    ("root", "named"), [("terragrunt.hcl", ""), ("root.hcl", '"root.hcl"'), ("live.hcl", '"live.hcl"')]
)
def test_units_keep_their_states_where_the_root_says(root: str, named: str) -> None:
    written({
        f"infra/{root}": ROOT,
        "infra/prod/account.hcl": 'locals {\n  name = "prod"\n  id = get_aws_account_id()\n}\n',
        "infra/prod/eu/app/terragrunt.hcl": UNIT % named,
        "infra/prod/eu/app/.terragrunt-cache/x/terragrunt.hcl": UNIT % named,
        "infra/test/account.hcl": 'locals {\n  name = "test"\n}\n',
        "infra/test/db/terragrunt.hcl": UNIT % named,
    })  # fmt: skip
    assert followed() == [
        "s3://acme-prod/prod/eu/app/terraform.tfstate",
        "s3://acme-test/test/db/terraform.tfstate",
    ]


def test_a_unit_says_more_of_its_state_than_its_code() -> None:
    config = 'bucket = "b"\n    key = "${basename(get_terragrunt_dir())}"'
    own = f'remote_state {{\n  backend = "s3"\n  config = {{\n    {config}\n  }}\n}}\n'
    written({"infra/app/terragrunt.hcl": own, "infra/app/main.tf": terraform('backend "s3" {}')})
    assert followed() == ["s3://b/app"]


@pytest.mark.parametrize(
    ("bucket", "why"),
    [
        ("get_env(\"SECRET\")", "bucket (get_env(\"SECRET\"))"),
        ("\"acme-${get_aws_account_id()}\"", "bucket (\"acme-${get_aws_account_id()}\")"),
        ("run_cmd(\"touch\", \"owned\")", "bucket (run_cmd(\"touch\", \"owned\"))"),
        ("local.nothing", "bucket (local.nothing)"),
    ],
)  # fmt: skip
def test_what_only_terragrunt_could_tell_is_said(bucket: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    text = f'remote_state {{\n  backend = "s3"\n  config = {{\n    bucket = {bucket}\n    key = "app"\n  }}\n}}\n'
    written({"infra/terragrunt.hcl": text})
    assert followed() == [
        f"✗ infra/terragrunt.hcl:1: does not say {why} of its s3 backend; run `terraform init` there, "
        "or name the state with --from"
    ]
    assert not Path("owned").exists()


def test_nothing_outside_the_checkout_is_looked_into() -> None:
    outside = 'remote_state {\n  backend = "s3"\n  config = {\n    bucket = "b"\n    key = "k"\n  }\n}\n'
    written({"root.hcl": outside, "infra/.git/HEAD": "", "infra/app/terragrunt.hcl": UNIT % '"root.hcl"'})
    assert followed() == [
        '✗ infra/app/terragrunt.hcl:1: includes find_in_parent_folders("root.hcl"), '
        "which cannot be known from the code; name the state with --from"
    ]
    written({"infra/app/terragrunt.hcl": 'include "root" {\n  path = "../../root.hcl"\n}\n'})
    assert followed() == ["✗ infra/app/../../root.hcl:1: is no file of this checkout".replace("infra/app/../../", "")]


def test_files_that_read_one_another_end() -> None:
    text = 'locals {\n  other = read_terragrunt_config("%s")\n}\nremote_state {\n  backend = local.other.locals.x\n}\n'
    written({"infra/a/terragrunt.hcl": text % "b.hcl", "infra/a/b.hcl": text % "terragrunt.hcl"})
    assert followed() == ["✗ infra/a/terragrunt.hcl:4: does not say which backend it is"]


def remote(config: str) -> str:
    return f'remote_state {{\n  backend = "s3"\n  config = {{\n{config}\n  }}\n}}\n'


KEY = 'key = "${path_relative_to_include()}/tf"\n'


def include(path: str, name: str = "root") -> str:
    return f'include "{name}" {{\n  path = {path}\n  expose = true\n}}\n'


def test_what_is_included_may_include_in_turn() -> None:
    written({
        "infra/root.hcl": remote(f'bucket = "b"\n{KEY}'),
        "infra/prod/env.hcl": include('find_in_parent_folders("root.hcl")'),
        "infra/prod/eu/region.hcl": include('"${get_terragrunt_dir()}/../env.hcl"'),
        "infra/prod/eu/app/terragrunt.hcl": include('find_in_parent_folders("region.hcl")'),
        "infra/prod/eu/db/terragrunt.hcl": include('"../region.hcl"'),
    })  # fmt: skip
    assert followed() == ["s3://b/prod/eu/app/tf", "s3://b/prod/eu/db/tf"]


def test_what_is_included_and_not_known_is_said_where_it_stands() -> None:
    written({
        "infra/prod/env.hcl": include('"${get_env("HOME")}/root.hcl"'),
        "infra/prod/app/terragrunt.hcl": include('find_in_parent_folders("env.hcl")'),
        "infra/prod/db/terragrunt.hcl": include('"../none.hcl"'),
    })  # fmt: skip
    assert followed() == [
        f'✗ {Path.cwd()}/infra/prod/env.hcl:1: includes "${{get_env("HOME")}}/root.hcl", '
        "which cannot be known from the code; name the state with --from",
        "✗ infra/prod/none.hcl:1: is no file of this checkout",
    ]


def test_files_that_include_one_another_end() -> None:
    written({
        "infra/a/terragrunt.hcl": include('"../b.hcl"'),
        "infra/b.hcl": include('"c.hcl"'),
        "infra/c.hcl": include('"b.hcl"'),
    })  # fmt: skip
    assert followed() == [
        '✗ infra/c.hcl:1: includes "b.hcl", which cannot be known from the code; name the state with --from'
    ]


def test_a_file_that_is_looked_into_has_paths_of_its_own() -> None:
    shared = (
        "locals {\n  here = basename(get_terragrunt_dir())\n  unit = basename(get_original_terragrunt_dir())\n"
        '  up = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals.name\n}\n'
    )
    config = 'bucket = "${local.s.locals.up}-${local.s.locals.here}"\nkey = local.s.locals.unit\n'
    written({
        "infra/other/account.hcl": 'locals {\n  name = "acme"\n}\n',
        "infra/other/shared/it.hcl": shared,
        "infra/app/terragrunt.hcl": 'locals {\n  s = read_terragrunt_config("../other/shared/it.hcl")\n}\n'
        + remote(config),
    })  # fmt: skip
    assert followed() == ["s3://acme-shared/app"]


def test_what_is_looked_into_says_its_state_and_what_it_includes() -> None:
    config = "bucket = local.c.remote_state.config.bucket\nkey = local.c.inputs.key\n"
    written({
        "infra/root.hcl": remote('bucket = "b"\n') + 'inputs = {\n  key = "below"\n  other = 1\n}\n',
        "infra/x/common.hcl": include('find_in_parent_folders("root.hcl")') + 'inputs = {\n  key = "own"\n}\n',
        "infra/app/terragrunt.hcl": 'locals {\n  c = read_terragrunt_config("../x/common.hcl")\n}\n' + remote(config),
    })  # fmt: skip
    assert followed() == ["s3://b/own"]


def test_what_is_included_may_be_referred_to() -> None:
    config = 'bucket = include.root.locals.bucket\nkey = "${path_relative_to_include("root")}/tf"\n'
    written({
        "infra/root.hcl": 'locals {\n  bucket = "b"\n}\n',
        "infra/prod/app/terragrunt.hcl": include('find_in_parent_folders("root.hcl")') + remote(config),
    })  # fmt: skip
    assert followed() == ["s3://b/prod/app/tf"]


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        (include('"../first.hcl"', "a") + include('"../second.hcl"', "b"), "s3://second/k"),
        (include('"../second.hcl"', "b") + include('"../first.hcl"', "a"), "s3://first/k"),
        (include('"../first.hcl"') + remote('bucket = "own"\nkey = "k"'), "s3://own/k"),
        (include('"../first.hcl"', "a") + 'include "b" {\n  path = "../second.hcl"\n  merge_strategy = "no_merge"\n}\n',
         "s3://first/k"),
    ],
)  # fmt: skip
def test_what_is_included_last_overrides_what_was_included_before(own: str, wanted: str) -> None:
    written({
        "infra/first.hcl": remote('bucket = "first"\nkey = "k"'),
        "infra/second.hcl": remote('bucket = "second"\nkey = "k"'),
        "infra/app/terragrunt.hcl": own,
    })  # fmt: skip
    assert followed() == [wanted]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("local.common.remote_state", "s3://b/k"),
        ('{\n  backend = "s3"\n  config = {\n    bucket = "own"\n    key = "k"\n  }\n}', "s3://own/k"),
        ("local.nothing", "✗ infra/app/terragrunt.hcl:4: does not say which backend it is"),
    ],
)
def test_a_state_may_be_said_as_a_value(value: str, wanted: str) -> None:
    common = 'locals {\n  common = read_terragrunt_config(find_in_parent_folders("common.hcl"))\n}\n'
    written({
        "infra/common.hcl": remote('bucket = "b"\nkey = "k"'),
        "infra/app/terragrunt.hcl": f"{common}remote_state = {value}\n",
    })  # fmt: skip
    assert followed() == [wanted]


def test_folders_above_are_found_as_files_are() -> None:
    config = 'bucket = basename(dirname(find_in_parent_folders("modules")))\nkey = get_path_to_repo_root()\n'
    written({"infra/.git/HEAD": "", "infra/modules/x.txt": "", "infra/a/b/terragrunt.hcl": remote(config)})
    assert followed() == ["s3://infra/../.."]


def test_without_a_name_only_the_usual_file_is_looked_for_above() -> None:
    state = 'bucket = "%s"\nkey = "k"'
    written({
        "infra/terragrunt.hcl": remote(state % "b"),
        "infra/eu/root.hcl": remote(state % "other"),
        "infra/eu/app/terragrunt.hcl": UNIT % "",
    })  # fmt: skip
    assert followed() == ["s3://b/k"]


def test_a_unit_in_json_wins_over_one_in_hcl_and_is_not_read() -> None:
    written({"infra/app/terragrunt.hcl": remote('bucket = "b"\nkey = "k"'), "infra/app/terragrunt.hcl.json": "{}"})
    assert followed() == [
        "✗ infra/app/terragrunt.hcl.json:1: is JSON, which is not read here; name the state with --from"
    ]


def test_hcl_that_does_not_parse_is_said() -> None:
    written({"infra/app/terragrunt.hcl": "remote_state {{{"})
    assert followed() == ["✗ infra/app/terragrunt.hcl:1: line 1 is not HCL"]


# --- and read -------------------------------------------------------------------------------------


def test_states_that_code_names_are_read_only_where_that_is_asked_for() -> None:
    code = 'resource "aws_s3_bucket" "it" {}\n'
    written({
        "infra/a/main.tf": terraform(S3 + "}") + code,
        "infra/b/main.tf": terraform('backend "gcs" {}') + code,
        "infra/c/main.tf": terraform('backend "local" {}') + code,
        "infra/c/terraform.tfstate": state(bucket("c"), lineage="c").decode(),
    })  # fmt: skip
    shelf = Shelf(**{"app": state(bucket("a")), "app.tflock": b""})
    alone = run(load(["infra"], SCHEMAS, objects=shelf))
    assert (ids(alone), shelf.asked) == (["c"], [])
    found = run(load(["infra"], SCHEMAS, objects=shelf, follow=Follow()))
    assert ids(found) == ["a", "c"]
    assert {each.id: each.declared and each.declared.file for each in found.inventory.resources} == {
        "a": "infra/a/main.tf", "c": "infra/c/main.tf"
    }  # fmt: skip
    assert found.notes == [
        "s3://acme-tf/app is locked: Terraform is at work on it, or was stopped; it was read as it is"
    ]
    assert [(each.kind, each.reason) for each in found.inventory.gaps] == [
        (
            "error",
            "infra/b/main.tf:2: keeps its state in gcs, which is not read; fetch it with `terraform state pull > FILE` "
            "and name the FILE",
        )
    ]


def test_a_host_that_only_code_names_is_asked_nothing_without_its_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFE_TOKEN", "hunter2")
    cloud = 'cloud {\n organization = "o"\n hostname = "evil.example.com"\n workspaces {\n name = "app"\n }\n}'
    written({"infra/main.tf": terraform(cloud)})
    with pytest.raises(Forbidden) as refused:
        run(load(["infra"], SCHEMAS, follow=Follow()))
    assert str(refused.value) == (
        "tfc://o/app?host=evil.example.com: there is no token for evil.example.com; "
        "set TF_TOKEN_evil_example_com or run `terraform login evil.example.com`"
    )


def test_a_backend_by_itself_has_to_be_readable_and_among_others_leaves_a_gap() -> None:
    written({"infra/a/main.tf": terraform('backend "gcs" {}')})
    with pytest.raises(Unreadable) as refused:
        run(load(["infra"], SCHEMAS, follow=Follow()))
    assert str(refused.value).startswith("infra/a/main.tf:2: keeps its state in gcs, which is not read")
    written({"infra/b/main.tf": terraform(S3 + "}")})
    found = run(load(["infra"], SCHEMAS, objects=Shelf(), follow=Follow()))
    assert [each.reason.partition(":")[0] for each in found.inventory.gaps] == ["infra/a/main.tf", "s3"]

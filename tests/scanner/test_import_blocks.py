"""Import blocks: of what nobody declares, under names of their own, as the real Terraform takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hcl2
import msgspec
import pytest

from scanner.collectors import collectors, schemas
from scanner.import_blocks import Adoption, adopted, adoption, aliases
from scanner.outcome import Scan
from scanner.report import import_blocks as report
from state import Inventory, Resource
from state.drift import drift
from state.terraform.settle import settle
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.command import driftline
from tests.scanner.report.sample import bare
from tests.witness.account import replay
from tests.witness.case import Case
from tests.witness.terraform import Terraform, lacking, recorded

BUCKETS = ("--region", REGION, "--type", "aws_s3_bucket", "-q")
HOSTILE = '${file("/etc/passwd")} %{if true} "\n}'


def named(*arguments: object) -> tuple[int, str, dict[str, str]]:
    """The exit code, the text, and the ids by address."""
    found = driftline("import-blocks", *arguments)
    blocks = hcl2.loads(found.stdout).get("import", ())
    ids = {each["to"].strip("${}"): each["id"].strip('"') for each in blocks}
    return found.exit_code, found.stdout, ids


def test_what_nobody_declares_is_imported_with_its_parts(aws: Any, here: Path) -> None:
    s3 = aws("s3")
    for name in ("2024.logs", "scratch"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket="scratch", Tagging={"TagSet": [{"Key": "Team", "Value": HOSTILE}]})
    s3.put_bucket_versioning(Bucket="scratch", VersioningConfiguration={"Status": "Enabled"})
    code, said, ids = named(*BUCKETS)
    assert code == 0
    assert ids == {
        "aws_s3_bucket._2024_logs": "2024.logs",
        "aws_s3_bucket.scratch": "scratch",
        "aws_s3_bucket_versioning.scratch": "scratch",
    }
    assert 'Team = "\\u0024{file(\\"/etc/passwd\\")} \\u0025{if true} \\"\\n}"' in said


def test_what_a_state_declares_is_not(aws: Any, here: Path) -> None:
    for name in ("logs", "scratch"):
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    state = {
        "version": 4,
        "resources": [
            {
                "mode": "managed",
                "type": "aws_s3_bucket",
                "name": "logs",
                "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                "instances": [{"attributes": {"id": "logs", "bucket": "logs", "region": REGION}}],
            }
        ],
    }
    (here / "a.tfstate").write_text(json.dumps(state))
    assert named("--from", "a.tfstate", *BUCKETS)[2] == {"aws_s3_bucket.scratch": "scratch"}


def test_nothing_to_import_is_nothing_to_print(aws: Any, here: Path) -> None:
    found = driftline("import-blocks", *BUCKETS[:-1])
    assert (found.exit_code, found.stdout) == (0, "")
    assert "0 resources to import" in found.stderr


def test_what_lies_unseen_in_a_part_is_said(aws: Any, here: Path) -> None:
    """moto has no answer to one of the questions about the parts of a group."""
    found = driftline("import-blocks", "--region", REGION, "--type", "aws_security_group")
    assert found.exit_code == 3
    assert "1 gap: what lies there is not among them" in found.stderr


# --- names and places -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name"),
    [("Shop: web", "shop_web"), ("9 lives", "_9_lives"), ("日本", "vpc"), ('"x" {', "x"), ("a" * 99, "a" * 60)],
)
def test_names_are_names_of_terraform(said, name):
    assert adopted(Resource(type="aws_vpc", id="vpc-1", tags={"Name": said})).name == name


def test_names_that_are_alike_are_numbered():
    taken: set[str] = set()
    things = [Resource(type="aws_vpc", id=f"vpc-{n}", tags={"Name": "Shop"}) for n in range(3)]
    assert [adopted(each, taken).name for each in things] == ["shop", "shop_2", "shop_3"]


def queue(name: str) -> dict[str, Any]:
    about = {"id": f"https://q/{name}", "name": name, "arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"}
    return {
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": "shop_a",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"attributes": about}],
    }


def test_no_name_is_one_that_is_taken(aws: Any, here: Path) -> None:
    for name in ("shop-a", "shop_a", "SHOP_A", "mine"):
        aws("sqs").create_queue(QueueName=name)
    (here / "live").mkdir()
    (here / "live/a.tfstate").write_text(json.dumps({"version": 4, "resources": [queue("mine")]}))
    (here / "live/main.tf").write_text('resource "aws_sqs_queue" "shop_a_2" {\n  name = "to-come"\n}\n')
    _, _, ids = named("--from", "live", "--region", REGION, "--type", "aws_sqs_queue", "-q")
    assert {each: id.rpartition("/")[2] for each, id in ids.items()} == {
        "aws_sqs_queue.shop_a_3": "SHOP_A",
        "aws_sqs_queue.shop_a_4": "shop-a",
        "aws_sqs_queue.shop_a_5": "shop_a",
    }


def test_what_cannot_be_imported_is_a_comment():
    found = adopted(Resource(type="aws_elb_attachment", id="a/b"))
    assert found.why == "the provider does not import this type"
    assert len(found.items()) == 1


PLACES = {
    (("1", "eu-west-1"), ("1", "global")): {},
    (("1", "eu-west-1"), ("1", "us-east-1")): {
        ("1", "eu-west-1"): "eu_west_1",
        ("1", "us-east-1"): "us_east_1",
    },
    (("1", "eu-west-1"), ("2", "global")): {
        ("1", "eu-west-1"): "account_1_eu_west_1",
        ("2", "global"): "account_2_global",
    },
}


@pytest.mark.parametrize(("places", "names"), PLACES.items())
def test_several_accounts_or_regions_have_a_provider_each(places, names):
    assert aliases(places) == names


def test_blocks_of_several_regions_name_their_provider():
    things = [Resource(type="aws_vpc", id=f"vpc-{n}", account="1", region=n) for n in ("eu-west-1", "us-east-1")]
    found = Adoption(places={("1", each.region): [adopted(each)] for each in things}, gaps=())
    said = "".join(report.hcl(found)).partition("# Account 1, us-east-1\n")[2]
    assert [line for line in said.splitlines() if line.startswith("#   ")] == [
        '#   provider "aws" {',
        '#     alias               = "us_east_1"',
        '#     region              = "us-east-1"',
        '#     allowed_account_ids = ["1"]',
        "#   }",
    ]
    assert said.count("provider = aws.us_east_1\n") == 2


# --- the real terraform ---------------------------------------------------------------------------

PROVIDER = """
provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
}
"""

CHANGED: dict[str, set[str]] = {
    "buckets": set(),
    "databases": {
        "aws_db_instance: apply_immediately, skip_final_snapshot",
        "aws_dynamodb_resource_policy: confirm_remove_self_resource_access, revision_id",
    },
    "functions": set(),
    "keys": {
        "aws_kms_external_key: bypass_policy_lockout_safety_check, deletion_window_in_days",
        "aws_secretsmanager_secret: force_overwrite_replica_secret, recovery_window_in_days",
        "aws_secretsmanager_secret_rotation: rotate_immediately",
    },
    "machines": {"aws_instance: user_data_replace_on_change"},
    "network": set(),
    "queues": {
        "aws_sns_topic_subscription: confirmation_timeout_in_minutes, endpoint_auto_confirms",
        "aws_sqs_queue: redrive_policy",  # moto answers with spaces in it, AWS without
        "aws_sqs_queue_redrive_policy: redrive_policy",
    },
    "roles": set(),
    "routing": set(),
    "signals": set(),
}
"""By case, what a plan still changes, in the state alone: arguments that only Terraform knows, at their defaults."""


def everything(case: Case) -> Scan:
    types = {each.type for each in settle(case.declared(), schemas())}
    types |= {each.parent.type for each in collectors() if each.type in types and each.parent}
    wanted = [each for each in collectors() if each.type in types or (each.parent and each.parent.type in types)]
    live = read(*wanted)
    return bare(live=live, drift=drift(live, Inventory(), schemas()).drift)


def changes(plan: Any) -> set[str]:
    """``type: names`` of what a plan would change; nothing of what is imported is made anew or deleted."""
    found = set()
    for each in plan["resource_changes"]:
        change = each["change"]
        if change["actions"] == ["no-op"]:
            continue
        assert change["actions"] == ["update"], each["address"]
        before, after = change["before"], change["after"]
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        found.add(f"{each['type']}: {', '.join(names)}")
    return found


@pytest.mark.terraform
@pytest.mark.skipif(bool(lacking()), reason=lacking() or "all is there")
@pytest.mark.parametrize("name", CHANGED)
def test_terraform_plans_imports_and_nothing_else(name, tmp_path, monkeypatch):
    case = Case(name)
    with recorded() as (endpoint, _):
        replay(endpoint, case.account)
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        found = adoption(everything(case))
        (tmp_path / "main.tf").write_text(PROVIDER + "".join(report.hcl(found)))
        terraform = Terraform(tmp_path, endpoint)
        terraform("fmt", "-check")
        terraform("plan", "-input=false", "-out=plan")
        plan = msgspec.json.decode(terraform("show", "-json", "plan"))
    imported = [each for each in plan["resource_changes"] if each["change"].get("importing")]
    assert len(imported) == sum(not each.why for each in found.all) > 0
    assert changes(plan) == CHANGED[name]

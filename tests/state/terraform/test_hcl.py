from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.collectors import schemas
from state.inventory import Inventory
from state.resource import GLOBAL, Declaration, Gap, Resource, Unknown
from state.terraform import hcl
from state.terraform.provider import LEFT_OUT

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(text: str | Path) -> Inventory:
    return hcl.read(text, schemas(), now=NOW)


def only(text: str, type: str = "aws_s3_bucket") -> Resource:
    [found] = read(text).of(type)
    return found


def addresses(source: str | Path) -> list[str]:
    return [each.declared.address for each in read(source).resources if each.declared and not each.declared.part]


def test_a_resource_is_where_it_is_written_and_what_is_written() -> None:
    found = only('\nresource "aws_s3_bucket" "logs" {\n  bucket = "acme-logs"\n  force_destroy = "true"\n}\n')
    assert found.declared == Declaration(
        address="aws_s3_bucket.logs", source="main.tf", witness="code", file="main.tf", line=2
    )
    assert (found.id, found.identity, found["bucket"], found["force_destroy"]) == (
        "acme-logs",
        "acme-logs",
        "acme-logs",
        True,
    )


def test_a_nested_block_may_bear_the_name_of_an_argument_of_terraforms_own() -> None:
    rule = """
      rule {
        rule_name         = "daily"
        target_vault_name = "main"
        lifecycle {
          delete_after = 3
        }
      }
    """
    never = "lifecycle {\n prevent_destroy = true\n }"
    found = only(f'resource "aws_backup_plan" "main" {{\n {rule} \n {never} \n}}', "aws_backup_plan")
    assert found["rule"][0]["lifecycle"] == [{"cold_storage_after": None, "delete_after": 3}]
    assert "lifecycle" not in found.attributes


def test_what_is_left_out_is_none_only_where_the_provider_leaves_it_empty() -> None:
    found = only('resource "aws_db_instance" "orders" {\n  multi_az = var.on\n}', "aws_db_instance")
    assert (found["publicly_accessible"], found["auto_minor_version_upgrade"], found["s3_import"]) == (None, True, [])
    assert found["storage_encrypted"] is None
    assert (found.unknown["engine"], found.unknown["multi_az"]) == (
        LEFT_OUT,
        "var.on cannot be known from the code",
    )


def test_a_nested_block_is_a_list_and_says_what_of_it_is_not_known() -> None:
    found = only(
        'resource "aws_s3_bucket_versioning" "it" {\n  bucket = "a"\n  versioning_configuration {\n'
        '    status = "Enabled"\n  }\n}',
        "aws_s3_bucket_versioning",
    )
    [block] = found["versioning_configuration"]
    assert (block, block.get("status"), block.get("nothing")) == ({"status": "Enabled"}, "Enabled", None)
    with pytest.raises(Unknown, match=LEFT_OUT):
        block.get("mfa_delete")


def test_a_list_with_one_unknown_member_is_unknown() -> None:
    text = 'resource "aws_db_instance" "it" {\n  vpc_security_group_ids = ["sg-1", var.group]\n}'
    assert only(text, "aws_db_instance").unknown["vpc_security_group_ids"] == (
        '["sg-1", var.group] cannot be known from the code'
    )


def test_the_text_of_a_secret_is_not_repeated() -> None:
    found = only('resource "aws_db_instance" "it" {\n  password = "hunter2-${var.x}"\n}', "aws_db_instance")
    assert found.unknown["password"] == "an expression that cannot be known from the code"
    assert "password" in found.sensitive


# --- references -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["id", "bucket"])
def test_a_reference_to_a_named_resource_is_its_name(name: str) -> None:
    text = (
        'resource "aws_s3_bucket" "logs" {\n  bucket = "acme-${local.x}"\n}\nlocals {\n  x = "logs"\n}\n'
        f'resource "aws_s3_bucket_versioning" "it" {{\n  bucket = aws_s3_bucket.logs.{name}\n}}'
    )
    assert only(text, "aws_s3_bucket_versioning")["bucket"] == "acme-logs"


@pytest.mark.parametrize("name", ["id", "bucket", "arn"])
def test_a_reference_to_a_resource_without_a_name_is_a_token_on_both_sides(name: str) -> None:
    inventory = read(
        'resource "aws_s3_bucket" "logs" {\n  bucket = var.name\n}\n'
        f'resource "aws_s3_bucket_versioning" "it" {{\n  bucket = aws_s3_bucket.logs.{name}\n}}'
    )
    [bucket] = inventory.of("aws_s3_bucket")
    assert (bucket.id, bucket.identity, bucket.arn) == ("${aws_s3_bucket.logs}",) * 3
    [found] = inventory.near(bucket, "aws_s3_bucket_versioning", bucket=bucket["bucket"])
    assert found.declared and found.declared.address == "aws_s3_bucket_versioning.it"


def test_resources_may_refer_to_each_other() -> None:
    found = read(
        'resource "aws_security_group" "a" {\n  description = aws_security_group.b.id\n}\n'
        'resource "aws_security_group" "b" {\n  description = aws_security_group.a.id\n}\n'
        'resource "aws_security_group" "c" {\n  description = aws_security_group.c.description\n}\n'
    )
    a, b, c = found.of("aws_security_group")
    assert (a["description"], b["description"]) == ("${aws_security_group.b}", "${aws_security_group.a}")
    assert c.unknown["description"] == "aws_security_group.c.description cannot be known from the code"


def test_locals_that_go_round_are_unknown() -> None:
    text = 'locals {\n  a = local.b\n  b = local.a\n}\nresource "aws_s3_bucket" "it" {\n  acl = local.a\n}'
    assert only(text).unknown["acl"] == "local.a cannot be known from the code"


def test_locals_that_double_are_unknown() -> None:
    rows = "\n".join(f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"' for n in range(1, 60))
    text = f'locals {{\n  a0 = "xxxxxxxx"\n{rows}\n}}\nresource "aws_s3_bucket" "it" {{\n  acl = local.a59\n}}'
    assert only(text).unknown["acl"] == "local.a59 cannot be known from the code"


# --- how many -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how_many", "wanted"),
    [
        ("count = 0", []),
        ("count = 2", ["[0]", "[1]"]),
        ("count = var.on ? 1 : 0", ["[0]"]),
        ("count = var.missing", [""]),
        ('for_each = toset(["b", "a"])', ['["a"]', '["b"]']),
        ("for_each = { x = 1 }", ['["x"]']),
        ("for_each = {}", []),
        ("for_each = var.missing", [""]),
        ("count = 1001", [""]),
        ("count = -1", []),
    ],
)
def test_count_and_for_each_make_that_many(how_many: str, wanted: list[str]) -> None:
    text = f'variable "on" {{\n  default = true\n}}\nresource "aws_s3_bucket" "it" {{\n  {how_many}\n}}'
    assert addresses(text) == [f"aws_s3_bucket.it{key}" for key in wanted]


def test_instances_know_their_key_and_are_referred_to_by_it() -> None:
    found = read(
        'resource "aws_s3_bucket" "it" {\n  for_each = { a = "one", b = "two" }\n'
        '  bucket = "${each.key}-${each.value}"\n}\n'
        'resource "aws_s3_bucket_versioning" "it" {\n  count = 1\n  bucket = aws_s3_bucket.it["b"].id\n}\n'
        'resource "aws_s3_bucket_policy" "it" {\n  bucket = aws_s3_bucket.it[var.which].id\n}'
    )
    assert [each.id for each in found.of("aws_s3_bucket")] == ["a-one", "b-two"]
    [versioning] = found.of("aws_s3_bucket_versioning")
    assert versioning["bucket"] == "b-two"
    [policy] = found.of("aws_s3_bucket_policy")
    assert policy.id == "${aws_s3_bucket_policy.it}"


def test_modules_in_modules_without_number_come_to_an_end(tmp_path: Path) -> None:
    call = 'module "m" {\n  count = 1000\n  source = "../NEXT"\n}\n'
    files = {f"{n}/main.tf": call.replace("NEXT", str(n + 1)) for n in range(4)}
    source = folder(tmp_path, **files, **{".git/HEAD": "", "4/main.tf": 'resource "aws_s3_bucket" "it" {}'})
    assert len(read(source / "0").resources) < 15_000


# --- blocks with homes elsewhere -------------------------------------------------------------------


def test_dynamic_blocks_are_the_blocks_that_they_make() -> None:
    text = """
    resource "aws_security_group" "web" {
      dynamic "ingress" {
        for_each = { http = 80 }
        iterator = each
        content {
          from_port   = each.value
          to_port     = each.value
          protocol    = "tcp"
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
    }
    """
    found = read(text)
    [rule] = found.of("aws_vpc_security_group_ingress_rule")
    assert (rule["from_port"], rule["cidr_ipv4"], found.gaps) == (80, "0.0.0.0/0", [])


def test_a_block_that_is_not_known_hides_the_resources_in_it() -> None:
    found = read(
        'resource "aws_security_group" "web" {\n  ingress {\n    protocol = "tcp"\n    cidr_blocks = var.x\n  }\n}'
    )
    assert not found.of("aws_vpc_security_group_ingress_rule")
    assert found.gaps == [
        Gap(
            type="aws_vpc_security_group_ingress_rule",
            account="",
            region=GLOBAL,
            reason="aws_security_group.web: var.x cannot be known from the code",
        )
    ]


def test_a_block_that_is_left_out_hides_nothing() -> None:
    found = read('resource "aws_security_group" "web" {}')
    [group] = found.of("aws_security_group")
    assert found.near(group, "aws_vpc_security_group_ingress_rule", security_group_id=group.id) == []


# --- what surrounds resources ---------------------------------------------------------------------


def test_the_provider_says_the_region_and_the_default_tags() -> None:
    found = read(
        """
        provider "aws" {
          region = "eu-west-1"
          default_tags {
            tags = { Team = "shop", Stage = "all" }
          }
        }
        provider "aws" {
          alias  = "west"
          region = var.region
          default_tags {
            tags = var.tags
          }
        }
        resource "aws_s3_bucket" "here" {
          tags = { Stage = "prod" }
        }
        resource "aws_s3_bucket" "there" {
          provider = aws.west
          tags     = { Stage = "prod" }
        }
        """
    )
    here, there = found.of("aws_s3_bucket")
    assert (here.region, here.tags, here["tags"]) == ("eu-west-1", *[{"Team": "shop", "Stage": "prod"}] * 2)
    assert (there.region, there.tags) == ("", {})
    assert there.unknown["tags"] == "the provider's default_tags cannot be known from the code"


def test_a_policy_document_is_the_json_that_it_makes() -> None:
    found = only(
        """
        data "aws_iam_policy_document" "base" {
          statement {
            sid       = "one"
            actions   = ["s3:GetObject", "s3:Get*"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "it" {
          source_policy_documents = [data.aws_iam_policy_document.base.json]
          statement {
            effect        = "Deny"
            not_actions   = ["s3:*"]
            resources     = ["${aws_s3_bucket.it.arn}/*"]
            principals {
              type        = "AWS"
              identifiers = ["1", "2"]
            }
            condition {
              test     = "Bool"
              variable = "aws:SecureTransport"
              values   = ["false"]
            }
          }
        }
        resource "aws_s3_bucket" "it" {
          policy = data.aws_iam_policy_document.it.json
        }
        """
    )
    assert found["policy"] == (
        '{"Statement":[{"Action":["s3:Get*","s3:GetObject"],"Effect":"Allow","Resource":"*","Sid":"one"},'
        '{"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny","NotAction":"s3:*",'
        '"Principal":{"AWS":["1","2"]},"Resource":"${aws_s3_bucket.it}/*"}],"Version":"2012-10-17"}'
    )


def test_a_document_with_something_unknown_in_it_is_unknown() -> None:
    found = only(
        'data "aws_iam_policy_document" "it" {\n  statement {\n    actions = [var.x]\n  }\n}\n'
        'resource "aws_s3_bucket" "it" {\n  policy = data.aws_iam_policy_document.it.json\n}'
    )
    assert found.unknown["policy"] == "data.aws_iam_policy_document.it.json cannot be known from the code"


# --- live blocks ----------------------------------------------------------------------------------


def test_live_blocks_give_the_facts_that_terraform_has_no_word_for() -> None:
    found = read(
        """
        resource "aws_iam_user" "ci" {
          name = "ci"
        }
        live "aws_iam_user" "ci" {
          mfa_active         = false
          password_last_used = "-91 days"
        }
        live "aws_iam_access_key" "old" {
          user           = aws_iam_user.ci.name
          last_used_date = "-1 hour"
        }
        account {
          root_mfa_enabled = false
        }
        """
    )
    [user] = found.of("aws_iam_user")
    assert (user["name"], user.facts) == ("ci", {"mfa_active": False, "password_last_used": "2025-10-02T00:00:00Z"})
    [key] = found.of("aws_iam_access_key")
    assert (key["user"], key.facts, key.declared) == ("ci", {"last_used_date": "2025-12-31T23:00:00Z"}, None)
    [account] = found.of("account")
    assert (account.facts, account.region) == ({"root_mfa_enabled": False}, GLOBAL)


def test_a_checkout_cannot_give_facts(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_user" "ci" {\n  name = "ci"\n}\nlive "aws_iam_user" "ci" {\n  a = 1\n}'
    )
    [found] = read(tmp_path).resources
    assert found.facts == {}


# --- folders --------------------------------------------------------------------------------------


def folder(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_modules_are_read_with_what_they_are_given(tmp_path: Path) -> None:
    source = folder(
        tmp_path,
        **{
            ".git/HEAD": "",
            "live/main.tf": 'module "logs" {\n  for_each = toset(["a", "b"])\n  source = "../modules/bucket"\n'
            '  name = "acme-${each.key}-${var.env}"\n}\nvariable "env" {\n  default = "dev"\n}\n'
            'resource "aws_s3_bucket_versioning" "it" {\n  bucket = module.logs["b"].id\n}',
            "live/terraform.tfvars": 'env = "prod"',
            "modules/bucket/main.tf": 'variable "name" {}\nresource "aws_s3_bucket" "it" {\n  bucket = var.name\n}\n'
            'output "id" {\n  value = aws_s3_bucket.it.id\n}',
        },
    )
    found = read(source / "live")
    assert {each.declared.address: each["bucket"] for each in found.resources if each.declared} == {
        "aws_s3_bucket_versioning.it": "acme-b-prod",
        'module.logs["a"].aws_s3_bucket.it': "acme-a-prod",
        'module.logs["b"].aws_s3_bucket.it': "acme-b-prod",
    }


def test_what_cannot_be_read_is_a_gap_of_every_type(tmp_path: Path) -> None:
    source = folder(tmp_path, **{"a.tf": 'resource "aws_s3_bucket" "it" {\n  bucket = "a"\n}', "b.tf": "{{"})
    found = read(source)
    reason = f"{source}/b.tf: line 1 is not HCL; what it declares is not seen"
    assert [each.id for each in found.resources] == ["a"]
    assert found.gaps == [
        Gap(type=type, account="", region=GLOBAL, reason=reason, kind="malformed") for type in schemas()
    ]


def test_hostile_names_are_only_names() -> None:
    found: Any = only('resource "aws_s3_bucket" "it" {\n  bucket = "<script>\\u001b[31m"\n}')
    assert found.id == "<script>\x1b[31m"

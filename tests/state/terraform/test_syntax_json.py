"""`.tf.json` says what the same words in HCL do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.collectors import schemas
from state.resource import Declaration, Resource
from state.terraform import hcl
from state.terraform.configuration import Backend, Configuration, Written, read
from state.terraform.excerpt import NoExcerpt, excerpt
from state.terraform.files import inside
from state.terraform.syntax import Malformed
from state.terraform.syntax_json import parse_json
from tests.state.terraform.test_configuration import folder

HCL = """
terraform {
  backend "s3" {
    bucket      = "states"
    key         = "shop"
    assume_role = { role_arn = "arn:r" }
  }
}
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = "shop" }
  }
}
variable "name" { default = "a" }
variable "literal" { default = "$${name}" }
locals { whole = "x-${var.name}${jsonencode({ "k" = [1, true, null] })}" }
resource "aws_security_group" "web" {
  name        = "say \\"${local.whole}\\"\\n"
  description = var.literal
  tags        = { Name = "b", "${var.name}:c" = upper("d") }
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  dynamic "egress" {
    for_each = [80, 443]
    content {
      from_port   = egress.value
      to_port     = egress.value
      protocol    = "tcp"
      cidr_blocks = [for each in ["0.0.0.0/0"] : each]
    }
  }
  lifecycle { ignore_changes = [description, tags["x"]] }
}
resource "aws_s3_bucket" "logs" {
  count  = 2
  bucket = "logs-${count.index}"
}
resource "aws_sqs_queue" "jobs" {
  provider = aws.west
  name     = "jobs"
  policy   = data.aws_iam_policy_document.jobs.json
}
data "aws_iam_policy_document" "jobs" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["123456789012"]
    }
  }
}
"""
INGRESS = {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}
PORT = "${egress.value}"
EACH = {"from_port": PORT, "to_port": PORT, "protocol": "tcp", "cidr_blocks": '${[for each in ["0.0.0.0/0"] : each]}'}
GROUP = {
    "name": 'say "${local.whole}"\n',
    "description": "${var.literal}",
    "tags": {"Name": "b", "${var.name}:c": '${upper("d")}'},
    "ingress": [INGRESS],
    "dynamic": {"egress": {"for_each": [80, 443], "content": EACH}},
    "lifecycle": {"ignore_changes": ["description", 'tags["x"]']},
    "//": "a remark",
}
STATEMENT = {
    "actions": ["sqs:SendMessage"],
    "resources": ["*"],
    "principals": {"type": "AWS", "identifiers": ["123456789012"]},
}
JSON: dict[str, Any] = {
    "//": {"what": "a remark"},
    "terraform": [{"backend": {"s3": {"bucket": "states", "key": "shop", "assume_role": {"role_arn": "arn:r"}}}}],
    "provider": {"aws": {"region": "eu-west-1", "default_tags": {"tags": {"team": "shop"}}}},
    "variable": {"name": {"default": "a"}, "literal": {"default": "${name}"}},
    "locals": {"whole": 'x-${var.name}${jsonencode({ "k" = [1, true, null] })}'},
    "resource": [
        {
            "aws_security_group": {"web": GROUP},
            "aws_s3_bucket": {"logs": {"count": 2, "bucket": "logs-${count.index}"}},
        },
        {
            "aws_sqs_queue": {
                "jobs": {
                    "provider": "aws.west",
                    "name": "jobs",
                    "policy": "${data.aws_iam_policy_document.jobs.json}",
                }
            }
        },
    ],
    "data": {"aws_iam_policy_document": {"jobs": {"statement": STATEMENT}}},
}


def said(found: Configuration) -> dict[str, Any]:
    every = hcl.resources(found, schemas())
    return {
        each.declared.address: (
            dict(each.attributes.items()),
            dict(each.unknown.items()).keys(),
            each.region,
            each.declared.ignore_changes,
        )
        for each in every
        if each.declared
    }


def test_it_declares_what_the_same_in_hcl_does(tmp_path: Path) -> None:
    plain = read(folder(tmp_path / "hcl", **{"main.tf": HCL}))
    other = read(folder(tmp_path / "json", **{"main.tf.json": json.dumps(JSON, indent=2)}))
    assert (other.faults, plain.faults) == ([], [])
    assert said(other) == said(plain)
    group, _, region, ignored = said(other)["aws_security_group.web"]
    assert group["name"] == 'say "x-a{"k":[1,true,null]}"\n'
    assert group["description"] == "${name}"
    assert group["tags_all"] == {"team": "shop", "Name": "b", "a:c": "D"}
    assert [each["from_port"] for each in group["egress"]] == [80, 443]
    assert (region, ignored) == ("eu-west-1", {"description", "tags.x"})
    assert other.default_tags == plain.default_tags == {"": {"team": "shop"}}
    [backend], [same] = other.backends, plain.backends
    assert (backend.settings, backend.source) == (same.settings, "s3://states/shop")


def test_each_block_has_the_line_of_its_name(tmp_path: Path) -> None:
    source = folder(tmp_path, **{"main.tf.json": json.dumps(JSON, indent=2)})
    lines = (source / "main.tf.json").read_text("utf-8-sig").splitlines()
    found = read(source)
    assert {name: lines[each.line - 1].strip(' {":') for name, each in found.written.items()} == {
        "aws_security_group.web": "web",
        "aws_s3_bucket.logs": "logs",
        "aws_sqs_queue.jobs": "jobs",
    }
    assert found.backends == [
        Backend(
            type="s3",
            settings={"bucket": "states", "key": "shop", "assume_role.role_arn": "arn:r"},
            file=f"{source}/main.tf.json",
            line=next(number for number, each in enumerate(lines, 1) if '"s3"' in each),
        )
    ]


def test_a_folder_of_json_alone_is_code(tmp_path: Path) -> None:
    source = folder(tmp_path, **{"live/main.tf.json": json.dumps(JSON), "module/main.tf.json": "{}"})
    assert inside(source) == ([], [source / "live"])
    assert read(source / "live").written["aws_sqs_queue.jobs"] == Written(
        f"{source}/live/main.tf.json", 1, frozenset(), frozenset({"provider", "name", "policy"})
    )


def test_values_of_variables_are_no_templates(tmp_path: Path) -> None:
    files = {
        "main.tf.json": '{"variable": {"a": {}}, "resource": {"aws_sqs_queue": {"q": {"name": "${var.a}"}}}}',
        "terraform.tfvars": 'a = "first"',
        "x.auto.tfvars.json": '{"a": "${last}"}',
    }
    assert said(read(folder(tmp_path, **files)))["aws_sqs_queue.q"][0]["name"] == "${last}"


def test_opentofu_s_file_stands_instead(tmp_path: Path) -> None:
    def queue(name: str) -> str:
        return json.dumps({"resource": {"aws_sqs_queue": {name: {}}}})

    files = {"a.tf.json": queue("old"), "a.tofu.json": queue("new"), "b_override.tf.json": queue("over")}
    found = read(folder(tmp_path, **files))
    assert set(found.written) == {"aws_sqs_queue.new"}
    assert found.faults == [
        f"{tmp_path}/b_override.tf.json:1: overrides nothing, which Terraform refuses; it is not seen"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{\n  "resource": }', "line 2 is not JSON"),
        ("[]", "holds no object, and so no configuration"),
        ('{\n  "resource": {\n    "aws_vpc": "x"}}', "line 3 is no block"),
        ('{\n  "locals": {\n    "a": "x",\n    "b": "${1 +}"}}', "line 4 holds an expression that is not HCL"),
        ('{"locals": ' + '{"a":' * 900 + "1" + "}" * 901, "is nested too deeply to be read"),
        ('{"locals": ' + "[" * 100_000, "is nested too deeply to be read"),
    ],
)
def test_what_is_no_configuration_is_said_in_a_line(text: str, problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_json(text)
    assert str(refused.value) == problem


def test_a_template_that_is_not_worked_out_is_unknown(tmp_path: Path) -> None:
    queue = {"aws_sqs_queue": {"q": {"name": "q", "kms_master_key_id": "%{ if true }a%{ endif }"}}}
    found = said(read(folder(tmp_path, **{"a.tf.json": json.dumps({"resource": queue})})))
    assert "kms_master_key_id" in found["aws_sqs_queue.q"][1]


def test_what_stands_in_expressions_stays_as_it_is(tmp_path: Path) -> None:
    queue = {"aws_sqs_queue": {"q": {"name": '${join("  ",\n["a", "b # c"])}'}}}
    found = said(read(folder(tmp_path, **{"a.tf.json": json.dumps({"resource": queue})})))
    assert found["aws_sqs_queue.q"][0]["name"] == "a  b # c"


@pytest.mark.parametrize(("ingress", "known"), [("[]", []), ("{}", [{}])])
def test_no_blocks_are_said_by_an_empty_list(tmp_path: Path, ingress: str, known: list[Any]) -> None:
    text = f'{{"resource": {{"aws_security_group": {{"g": {{"name": "g", "ingress": {ingress}}}}}}}}}'
    group = said(read(folder(tmp_path, **{"a.tf.json": text})))["aws_security_group.g"][0]
    assert [{name: each for name, each in row.items() if each} for row in group["ingress"]] == known


def test_no_lines_of_it_are_shown() -> None:
    where = Declaration(address="aws_vpc.a", source="s", file="main.tf.json", line=1)
    with pytest.raises(NoExcerpt, match="JSON is not shown"):
        excerpt(Resource(type="aws_vpc", id="v", declared=where).declared or where)

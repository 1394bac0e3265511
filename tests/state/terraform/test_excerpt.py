"""Excerpts: the lines of one block, and no secret in any of them."""

from __future__ import annotations

import pytest

from state.resource import Declaration
from state.terraform.excerpt import NoExcerpt, excerpt

SECRET = "hunter2-5f1d"
CODE = f"""\
# the database
resource "aws_db_instance" "orders" {{
  username = "shop"
  password = "{SECRET}"
  # was once ghp_{"a" * 36}
  tags = {{ DB_PASSWORD = "{SECRET}" }}
}}

# about the function, {{ and so on }}

resource "aws_lambda_function" "worker" {{
  function_name = "worker"
  environment {{
    variables = {{
      COLOUR = "{SECRET}"
    }}
  }}
  user_data = <<-EOT
    {SECRET} }}
  EOT
  api_token = var.token
}}

# the last word
"""

DATABASE = """\
resource "aws_db_instance" "orders" {
  username = "shop"
  password = (sensitive)
(sensitive)
  tags = (sensitive)
}"""
FUNCTION = """\
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  environment {
    variables = (sensitive)
  }
  user_data = (sensitive)
  api_token = var.token
}"""


@pytest.fixture
def at(tmp_path):
    def declared(line: int | None, code: str = CODE) -> Declaration:
        path = tmp_path / f"{abs(hash(code))}.tf"
        path.write_text(code)
        return Declaration(address="a.b", source="s", file=str(path), line=line)

    return declared


INSTANCE = """\
resource "aws_instance" "web" {
  metadata_options {
    http_tokens = "required"
    my_token    = (sensitive)
  }
}"""


def test_what_the_provider_knows_is_no_secret_for_its_name(at):
    assert excerpt(at(1, INSTANCE.replace("(sensitive)", f'"{SECRET}"'))) == INSTANCE.splitlines()


@pytest.mark.parametrize(("line", "lines"), [(2, DATABASE), (11, FUNCTION)])
def test_the_lines_of_a_block_without_its_secrets(at, line, lines):
    assert "\n".join(excerpt(at(line))) == lines


@pytest.mark.parametrize(("line", "code", "why"), [(3, CODE, "changed"), (1, "resource {{", "could not be read")])
def test_what_cannot_be_shown_says_why(at, line, code, why):
    with pytest.raises(NoExcerpt, match=why):
        excerpt(at(line, code))


def test_code_that_was_not_read_has_no_lines(at):
    with pytest.raises(NoExcerpt, match="not read"):
        excerpt(at(None))


def test_what_is_removed_shows_the_block_that_says_so(tmp_path):
    code = tmp_path / "main.tf"
    code.write_text("# gone\nremoved {\n  from = aws_vpc.it\n}\n")
    said = Declaration(address="aws_vpc.it", source="a", file=str(code), line=2, removed="destroyed")
    assert excerpt(said) == ["removed {", "  from = aws_vpc.it", "}"]

"""A Prowler mutelist as entries of ours: what is taken over, and what is said to be left out."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from checks import REGISTRY
from scanner.settings import SettingsError
from scanner.suppress import entries
from scanner.suppress.prowler import SAME, imported
from tests.scanner.command import driftline
from tests.test_startup import IMPORTED, python

END = date(2026, 12, 1)
LIST = """
Mutelist:
  Accounts:
    "123456789012":
      Checks:
        "s3_bucket_object_versioning":
          Regions: ["eu-west-1", "us-east-1"]
          Resources: ["scratch", "^ci-.*", "*-logs$"]
          Description: 'kept for a "day"'
        "iam_user_hardware_mfa_enabled":
          Regions: ["*"]
          Resources: ["ann"]
        "vpc_flow_logs_enabled":
          Regions: ["*"]
          Resources: ["vpc-1", "vpc-[12]"]
          Exceptions:
            Accounts: []
        "lambda_function_url_public":
          Regions: ["*"]
          Resources: ["hook"]
          Tags: ["env=dev"]
    "*":
      Checks:
        "ecr_repositories_scan*":
          Regions: ["*"]
          Resources: ["*"]
        "rds_instance_multi_az":
          Regions: ["*"]
          Resources: ["db.small\\\\.one", "a|b"]
          Exceptions:
            Regions: ["eu-west-1"]
        "*":
          Regions: ["*"]
          Resources: ["*"]
    210987654321:
      Checks:
        "*":
          Regions: ["eu-west-1"]
          Resources: ["*"]
"""


def rows(text):
    said = tomllib.loads(text)["findings"]
    return [{name: value for name, value in each.items() if name not in ("expires", "reason")} for each in said]


def test_what_a_mutelist_comes_to():
    found = imported(LIST, "m.yaml", END)
    text = "\n".join(found.entries)
    assert rows(text) == [
        *(
            {"check": "s3-bucket-versioning", "resource": name, "account": "123456789012", "region": region}
            for region in ("eu-west-1", "us-east-1")
            for name in ("scratch", "ci-*", "*-logs")
        ),
        {"check": "vpc-flow-logs", "resource": "vpc-1", "account": "123456789012"},
        {"check": "ecr-scan-on-push"},
        {"account": "210987654321", "region": "eu-west-1"},
    ]
    assert tomllib.loads(text)["findings"][0] | {"check": ""} == {
        "check": "", "resource": "scratch", "account": "123456789012", "region": "eu-west-1",
        "reason": 'kept for a "day"', "expires": END,
    }  # fmt: skip
    assert found.left_out == [
        "iam_user_hardware_mfa_enabled of account 123456789012: no check here is known to judge the same",
        "vpc_flow_logs_enabled of account 123456789012: vpc-[12] is an expression that no glob says",
        "lambda_function_url_public of account 123456789012: Tags cannot be said in an entry",
        "rds_instance_multi_az of account *: Exceptions cannot be said in an entry",
        "* of account *: it would silence everything",
    ]
    assert len(entries.parse(text, "s.toml", date(2026, 11, 21)).findings) == 9


def test_every_id_is_a_check_of_ours_and_none_is_meant_twice():
    assert set(SAME.values()) <= set(REGISTRY)
    assert len(set(SAME.values())) == len(SAME)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", "m.yaml: not YAML: while parsing a flow node *"),
        ("!!python/object/apply:os.system ['true']", "m.yaml: not YAML: could not determine a constructor *"),
        ("- a", "m.yaml: no mutelist; it begins with Mutelist: Accounts:"),
        ("Mutelist: {Accounts: {a: {}}}", "m.yaml: account a has no Checks"),
        ("Mutelist: {Accounts: {012345670123: {Checks: {}}}}",
         "m.yaml: account 1402433619: put its id in quotes, or YAML reads another number"),
        ("Mutelist: {Accounts: {a: {Checks: {b: 1}}}}", "m.yaml: b of account a is no table of Regions and Resources"),
    ],
)  # fmt: skip
def test_a_mutelist_that_cannot_be_read_is_one_line(text, line):
    with pytest.raises(SettingsError) as told:
        imported(text, "m.yaml", END)
    said = str(told.value)
    assert said.startswith(line[:-1]) if line.endswith("*") else said == line
    assert "\n" not in said


def test_the_command_prints_entries_and_says_what_it_left_out(here):
    Path("m.yaml").write_text(LIST)
    found = driftline("suppress", "import-prowler", "m.yaml", "--days", 5)
    assert found.exit_code == 0
    assert {each["expires"] for each in tomllib.loads(found.stdout)["findings"]} == {
        datetime.now(UTC).date() + timedelta(days=5)
    }
    lines = found.stderr.splitlines()
    assert (len(lines), lines[0][:51]) == (6, "driftline: left out iam_user_hardware_mfa_enabled o")
    missing = driftline("suppress", "import-prowler", "none.yaml")
    assert (missing.exit_code, missing.stderr) == (2, "driftline: none.yaml: no such file or directory\n")


def test_yaml_is_read_only_where_it_is_needed():
    found = python(IMPORTED.format(arguments=["suppress", "list", "--suppress", "/dev/null"]))
    assert found.returncode == 0
    assert '"yaml"' not in found.stderr

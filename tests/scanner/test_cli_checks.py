"""Which checks run, as asked on the command line and agreed in settings: by framework, of one's own, switched off."""

import json
from pathlib import Path

import pytest

from tests.scanner.command import driftline

BUCKETS = ("--region", "eu-west-1", "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning")
VERSIONED = (*BUCKETS, "--check", "s3-bucket-versioning")
OWN = """
[[checks]]
id = "acme-bucket-owner"
title = "Bucket says no owner"
type = "aws_s3_bucket"
condition = "!(tags.owner)"
severity = "high"
category = "tagging"
frameworks = { soc2 = ["cc_9"] }
"""
PYTHON = '''
from checks import Category, Severity, check


@check("aws_s3_bucket", severity=Severity.LOW, category=Category.RESILIENCE)
def acme_bucket_kept(bucket, inventory):
    """Bucket keeps no versions.

    Fix: version it.
    """
    kept = inventory.near(bucket, "aws_s3_bucket_versioning", bucket=bucket["bucket"])
    return None if kept[0]["versioning_configuration"][0]["status"] == "Enabled" else "no versions"
'''


@pytest.fixture
def s3(aws, here):
    client = aws("s3")
    for name, tags in (("orders", {"env": "dev"}), ("shop", {"env": "live", "owner": "ann"})):
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        tagging = {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
        client.put_bucket_tagging(Bucket=name, Tagging=tagging)
    client.put_bucket_versioning(Bucket="shop", VersioningConfiguration={"Status": "Enabled"})
    return client


def tell(*arguments, code):
    found = driftline("check", *arguments, "--output", "json", "-q")
    assert (found.exit_code, found.stderr) == (code, "")
    return json.loads(found.stdout)


def verdicts(found):
    return [(each["check"], each["id"], each["status"], each["severity"]) for each in found["findings"]]


def told(*arguments):
    """The one line of a refusal."""
    found = driftline(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    (line,) = found.stderr.splitlines()
    return line.removeprefix("driftline: ")


# --- frameworks -----------------------------------------------------------------------------------


def test_a_framework_is_told_by_control(s3):
    found = tell(*VERSIONED, "--framework", "fsbp", "--framework", "soc2", code=0)["frameworks"]
    assert list(found) == ["fsbp", "soc2"]
    fsbp, soc2 = found.values()
    assert fsbp["controls"]["S3.14"] == {
        "title": "",
        "standing": "failed",
        "beside": True,
        "checks": ["s3-bucket-versioning"],
        "findings": {"pass": 1, "fail": 1},
        "failed": ["s3-bucket-versioning"],
        "unsure": [],
        "not_run": [],
    }
    assert fsbp["controls"]["S3.6"]["standing"] == "unknown"
    assert fsbp["controls"]["S3.6"]["not_run"] == ["s3-bucket-policy-other-accounts"]
    assert fsbp["controls"]["EC2.24"]["standing"] == "not_checked"
    assert (fsbp["score"], fsbp["list"]["date"], fsbp["beside"]["failed"]) == (0, "2023-06", 1)
    assert soc2["controls"]["cc_9_2"] == {
        "title": "CC9.2: risks of vendors and partners are managed",
        "standing": "manual",
        "beside": False,
        "checks": [],
        "findings": {},
        "failed": [],
        "unsure": [],
        "not_run": [],
    }
    assert (soc2["score"], soc2["counts"]["manual"]) == (0, 34)


def test_without_a_whole_list_there_is_no_score(aws, here):
    asked = ("--region", "eu-west-1", "--type", "aws_db_instance", "--check", "rds-instance-unencrypted")
    gdpr = tell(*asked, "--framework", "gdpr", code=0)["frameworks"]["gdpr"]
    assert (gdpr["score"], gdpr["list"]) == (None, None)


def test_a_framework_chooses_the_checks_that_are_mapped_to_it(s3):
    listed = driftline("checks", "list", "--framework", "gdpr").stdout
    assert "rds-instance-unencrypted" in listed
    assert "tag-untagged" not in listed


def test_a_framework_in_the_terminal_and_in_markdown(s3):
    own = Path("own.toml")
    own.write_text(OWN.replace('soc2 = ["cc_9"]', 'gdpr = ["article_5"]'))
    asked = ("check", *BUCKETS, "--check", "acme-*", "--checks", own, "--framework", "gdpr")
    shown = driftline(*asked)
    said = " ".join(shown.stderr.split())
    assert "GDPR" in said
    assert "mapped controls: 1 failed," in said
    assert "no score, since there is no whole list of its controls" in said
    assert "article_5 failed 1 acme-bucket-owner" in said
    pasted = driftline(*asked, "--output", "markdown", "-q").stdout
    assert "| `article_5` |  | failed | 1 | `acme-bucket-owner` |" in pasted


def test_the_score_in_the_terminal_says_what_it_counts(s3):
    said = " ".join(driftline("check", *VERSIONED, "--framework", "fsbp").stderr.split())
    assert "score 0 % of " in said
    assert "205 controls as of 2023-06; only what passed counts. " in said
    assert "others that checks are mapped to, beside the score: 1 failed, " in said
    assert "S3.14 failed 1 s3-bucket-versioning" in said
    assert "not checked, though they could be: APIGateway.2; " in said


def test_several_dozen_manual_controls_take_a_few_lines_and_a_few_have_their_titles(here):
    Path("main.tf").write_text('resource "aws_s3_bucket" "orders" {\n  bucket = "orders"\n}\n')
    asked = ("check", "--offline", "--from", ".", "--framework", "cis-7.0", "--framework", "pci-4.0")
    said = " ".join(driftline(*asked).stderr.split())
    assert "2.4 unknown, 1 not run Root has no access key iam-root-access-key" in said
    assert "manual, which no check judges: 2.1.2 Organization policies bound what member accounts may do; " in said
    assert "; 3.4.1; 3.4.2; … and 149 more (see --output json)" in said
    pasted = driftline(*asked, "--output", "markdown", "-q").stdout
    assert "Manual, which no check judges: 1.1.1; 1.1.2; " in pasted
    assert "; A3.3.3\n" in pasted


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (("--framework", "cis-9"), "--framework cis-9: choose from cis-3.0, cis-5.0, "),
        (("--framework", "well-architected-cost"), "--framework well-architected-cost: no check is mapped to it; "),
    ],
)
def test_a_framework_that_there_is_none_of(here, asked, line):
    assert told("checks", "list", *asked).startswith(line)


# --- checks of one's own --------------------------------------------------------------------------


def test_checks_of_ones_own_are_run_listed_and_shown(s3):
    Path("own.toml").write_text(OWN)
    Path("own.py").write_text(PYTHON)
    own = ("--checks", "own.toml", "--checks", "own.py")
    assert verdicts(tell(*BUCKETS, "--check", "acme-*", *own, code=1)) == [
        ("acme-bucket-kept", "orders", "fail", "low"),
        ("acme-bucket-kept", "shop", "pass", "low"),
        ("acme-bucket-owner", "orders", "fail", "high"),
        ("acme-bucket-owner", "shop", "pass", "high"),
    ]
    listed = driftline("checks", "list", "--check", "acme-*", *own).stdout
    assert [each.split()[0] for each in listed.splitlines()] == ["CHECK", "acme-bucket-kept", "acme-bucket-owner"]
    assert "Bucket says no owner" in driftline("checks", "show", "acme-bucket-owner", *own).stdout


def test_what_they_read_is_asked_for_in_a_dry_run_too(s3):
    Path("own.toml").write_text(OWN)
    asked = ("--checks", "own.toml", "--check", "acme-bucket-owner", "--dry-run", "--output", "json")
    planned = json.loads(driftline("check", *BUCKETS, *asked).stdout)
    assert "s3:GetBucketTagging" in planned["actions"]


def test_code_is_judged_by_them_too_and_by_what_was_agreed_on(here):
    Path("own.toml").write_text(OWN)
    Path("code").mkdir()
    Path("code/main.tf").write_text('resource "aws_s3_bucket" "orders" {\n  bucket = "orders"\n  tags   = {}\n}\n')
    file = settings('[[severity]]\ncheck = "acme-*"\nseverity = "critical"\n')
    asked = ("--checks", "own.toml", "--check", "acme-*", "--framework", "soc2", "--offline", "--from", "code", *file)
    found = tell(*asked, code=1)
    assert [(each["check"], each["status"], each["severity"]) for each in found["findings"]] == [
        ("acme-bucket-owner", "fail", "critical")
    ]
    assert found["frameworks"]["soc2"]["controls"]["cc_9"]["standing"] == "failed"


def test_a_file_that_lies_in_the_checkout_is_not_run(s3):
    Path("own.py").write_text("raise SystemExit(7)\n")
    Path("driftline.toml").write_text('own_checks = ["own.py"]\n')
    assert told("check", *VERSIONED) == (
        "driftline.toml: own_checks may only be set by flags or in a file that you name; "
        "use --config driftline.toml if you trust it"
    )
    assert told("check", *VERSIONED, "--config", "driftline.toml") == (
        "driftline.toml: own_checks: files of checks are named on the command line, by --checks"
    )


def test_an_error_in_them_is_one_line(here):
    Path("own.py").write_text("\nimport nothing_such\n")
    line = "own.py:2: ModuleNotFoundError: No module named 'nothing_such'"
    for command in (("check", *VERSIONED), ("checks", "list"), ("check", *VERSIONED, "--dry-run")):
        assert told(*command, "--checks", "own.py") == line


# --- what a team agreed on ------------------------------------------------------------------------


def settings(text):
    Path("agreed.toml").write_text(text)
    return ("--config", "agreed.toml")


@pytest.mark.parametrize(
    ("entry", "severity", "code"),
    [
        ("", "high", 1),
        ('tag = "env=d*"', "high", 1),
        ('tag = "env"\ntype = "aws_s3_*"\naccount = "123456789012"', "high", 1),
        ('tag = "env=live"', "medium", 0),
        ('tag = "stage"', "medium", 0),
        ('account = "210987654321"', "medium", 0),
        ('type = "aws_db_instance"', "medium", 0),
    ],
)
def test_a_severity_by_account_type_and_tag(s3, entry, severity, code):
    file = settings(f'[[severity]]\ncheck = "s3-*"\nseverity = "high"\n{entry}\n')
    found = tell(*VERSIONED, *file, code=code)
    assert [each["severity"] for each in found["findings"] if each["id"] == "orders"] == [severity]
    assert found["scan"]["counts"]["failing"][severity] == 1


def test_the_last_severity_that_fits_decides(s3):
    each = '[[severity]]\ncheck = "s3-bucket-versioning"\nseverity = "{}"\ntag = "{}"\n'
    file = settings(each.format("critical", "env") + each.format("low", "env=live"))
    assert verdicts(tell(*VERSIONED, *file, code=1)) == [
        ("s3-bucket-versioning", "orders", "fail", "critical"),
        ("s3-bucket-versioning", "shop", "pass", "low"),
    ]


def test_a_check_is_asked_for_by_the_severity_it_may_have(s3):
    file = settings('[[severity]]\ncheck = "s3-bucket-versioning"\nseverity = "high"\ntag = "env=dev"\n')
    found = tell(*VERSIONED, *file, "--severity", "high", code=1)
    assert [each["severity"] for each in found["findings"]] == ["high", "medium"]
    file = settings('[[severity]]\ncheck = "s3-bucket-versioning"\nseverity = "low"\n')
    assert told("check", *VERSIONED, *file, "--severity", "medium").startswith("no check fits these selectors")


def test_a_check_that_is_switched_off_is_said_once(s3):
    file = settings('[[disabled]]\ncheck = "s3-bucket-mfa-*"\nreason = "no root user here"\n')
    found = tell(*BUCKETS, "--check", "s3-bucket-mfa-delete", "--check", "s3-bucket-versioning", *file, code=0)
    assert {each["check"] for each in found["findings"]} == {"s3-bucket-versioning"}
    about = [each for each in found["notes"] if each["about"] == "checks"]
    assert about == [{"about": "checks", "text": "s3-bucket-mfa-* is switched off: no root user here"}]


def test_a_threshold_that_is_not_ours_is_said(s3):
    found = tell(*VERSIONED, *settings("[thresholds]\nbackup_days = 3\nunused_days = 45\n"), code=0)
    told = "backup_days is 3, where checks and what they are mapped to ask for 7"
    assert [each["text"] for each in found["notes"] if each["about"] == "checks"] == [told]


def test_a_threshold_of_what_has_a_tag(aws, here):
    logs = aws("logs")
    for name in ("dev", "live"):
        logs.create_log_group(logGroupName=name, tags={"env": name})
        logs.put_retention_policy(logGroupName=name, retentionInDays=90)
    file = settings('[[threshold]]\nname = "log_retention_days"\ndays = 30\ntag = "env=dev"\n')
    found = tell("--region", "eu-west-1", "--check", "logs-retention", *file, code=0)
    assert {each["id"]: each["status"] for each in found["findings"]} == {"dev": "pass", "live": "fail"}
    told = "log_retention_days is 30 for tag env=dev"
    assert [each["text"] for each in found["notes"] if each["about"] == "checks"] == [told]


TAGS = """
[[tags]]
required_tags = ["owner"]
type = "aws_sqs_*"

[[tags]]
required_tags = ["owner", "data-class"]
allowed_tag_values = { data-class = "public|secret" }
name_pattern = "pay-.+"
tag = "owner=payments*"
"""


def test_tags_and_names_of_some(aws, here):
    sqs, logs = aws("sqs"), aws("logs")
    for name, owner, kind in (
        ("pay-in", "payments", "secret"),
        ("out", "payments-2", "open"),
        ("mail", "shop", "open"),
    ):
        sqs.create_queue(QueueName=name, tags={"owner": owner, "data-class": kind})
    logs.create_log_group(logGroupName="mail", tags={"owner": "shop"})
    checks = ("tag-required-keys", "tag-value-not-allowed", "name-convention")
    only = [each for check in checks for each in ("--check", check)]
    types = ("--type", "aws_sqs_queue", "--type", "aws_cloudwatch_log_group")
    found = tell("--region", "eu-west-1", *only, *types, *settings(TAGS), code=0)
    verdicts = {
        (each["check"], each["id"].rpartition("/")[2], each["type"]): each["status"] for each in found["findings"]
    }
    queues = {(check, name): status for (check, name, type), status in verdicts.items() if type == "aws_sqs_queue"}
    assert queues == {
        ("tag-required-keys", "pay-in"): "pass",
        ("tag-required-keys", "out"): "pass",
        ("tag-required-keys", "mail"): "pass",
        ("tag-value-not-allowed", "pay-in"): "pass",
        ("tag-value-not-allowed", "out"): "fail",
        ("tag-value-not-allowed", "mail"): "skipped",
        ("name-convention", "pay-in"): "pass",
        ("name-convention", "out"): "fail",
        ("name-convention", "mail"): "skipped",
    }
    assert verdicts["tag-required-keys", "mail", "aws_cloudwatch_log_group"] == "fail"
    assert [each["text"] for each in found["notes"] if each["about"] == "checks"] == [
        "required_tags of its own for type aws_sqs_*",
        "required_tags, allowed_tag_values, name_pattern of its own for tag owner=payments*",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[tags]]\nname_pattern = "("', "agreed.toml: name_pattern: '(' is no pattern: "),
        ('[[threshold]]\nname = "days"\ndays = 3', "agreed.toml: threshold: 'days' is none; choose from backup_days, "),
        ("[thresholds]\nbackup_days = 0", "agreed.toml:2: thresholds.backup_days: expected `int` >= 1; "),
        ('[[disabled]]\ncheck = "s3-none"\nreason = "x"', "[[disabled]] s3-none: there is no such check; "),
        ('[[severity]]\ncheck = "s3-none"\nseverity = "low"', "[[severity]] s3-none: there is no such check; "),
        ('[[disabled]]\ncheck = "s3-*"\nreason = " "', "agreed.toml:3: [[disabled]] 1 reason: says nothing; "),
        ('[[disabled]]\ncheck = "s3-*"', "agreed.toml:1: [[disabled]] 1: missing required field `reason`; "),
        (
            '[[severity]]\ncheck = "s3-*"\nseverity = "worst"',
            "agreed.toml:3: [[severity]] 1 severity: invalid ",
        ),
        ('frameworks = ["cis"]', "agreed.toml: frameworks cis: choose from cis-3.0, "),
    ],
)
def test_what_cannot_be_agreed_on(here, text, line):
    assert told("check", *VERSIONED, *settings(f"{text}\n")).startswith(line)


@pytest.mark.parametrize("table", ["severity", "disabled", "tags", "threshold"])
def test_nobody_s_file_changes_what_fails(here, table):
    Path("driftline.toml").write_text(f'[[{table}]]\ncheck = "s3-*"\nseverity = "low"\nreason = "x"\n')
    assert told("check", *VERSIONED).startswith(f"driftline.toml: {table} may only be set by flags or in a file")

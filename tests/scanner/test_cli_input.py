"""What the command line says of what it cannot use: one line that says what, where and what to do, and exit code 2."""

import json
import os
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scanner.cli import _mendable
from tests.scanner.command import driftline
from tests.state.terraform.states import bucket, state

WHAT = ("--region", "eu-west-1", "--type", "aws_s3_bucket")


@pytest.fixture
def here(here, aws):
    """Every wrong thing here is found out beside an AWS account that answers."""
    Path("good.tfstate").write_bytes(state(bucket("orders")))
    return here


def told(*arguments, **about):
    """The one line of a refusal."""
    found = driftline(*arguments, **about)
    assert (found.exit_code, found.stdout) == (2, "")
    (line,) = found.stderr.splitlines()
    return line.removeprefix("driftline: ")


# --- what is declared -----------------------------------------------------------------------------

POINTER = {"version": 3, "backend": {"type": "s3", "config": {"bucket": "acme-tf", "key": "prod/app.tfstate"}}}
WRONG = {
    b"": "the file is empty; point --from at the state of an applied configuration",
    b"\x89PNG\x00\xff": "the file is not JSON, so no Terraform state; point --from at a terraform.tfstate",
    b'{"version": 3}': "state version 3 is not read, only 4; upgrade it with `terraform apply -refresh-only`",
    json.dumps(POINTER).encode(): (
        "this is a pointer to a backend, not a state; use --from s3://acme-tf/prod/app.tfstate"
    ),
    b'{"encrypted_data": "x", "encryption_version": "v0"}': (
        "the state is encrypted by OpenTofu; give its decrypted form (`tofu state pull`)"
    ),
    b"[1]": "the file is JSON, but no Terraform state",
}


@pytest.mark.parametrize(("data", "problem"), WRONG.items(), ids=[each.split(";")[0] for each in WRONG.values()])
def test_a_file_that_is_no_state(here, data, problem):
    Path("bad.tfstate").write_bytes(data)
    assert told("scan", *WHAT, "--from", "bad.tfstate") == f"bad.tfstate: {problem}"


def test_a_state_cut_short(here):
    Path("bad.tfstate").write_bytes(state(bucket("orders"))[:100])
    assert told("scan", *WHAT, "--from", "bad.tfstate") == (
        "bad.tfstate: the state is cut short or damaged (Input data was truncated); "
        "fetch it again with `terraform state pull`"
    )


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("no.tfstate", "no.tfstate: there is no such file or folder; check the path given to --from"),
        ("no/*.tfstate", "no: there is no such folder; check the path given to --from"),
        ("*.none", "*.none: no state matches; states are looked for as *.tfstate unless the pattern names others"),
        ("gs://acme/state", "gs://acme/state: gs:// is not read, only files, s3://, https:// and tfc://; "
                            "fetch it with `terraform state pull > FILE` and name the FILE"),
        ("s3://", "s3://: names no bucket; write s3://BUCKET/KEY"),
        ("s3://no-such-bucket/a.tfstate", "s3://no-such-bucket/a.tfstate: there is no such bucket; "
                                          "check the name given to --from"),
        ("s3://states/no.tfstate", "s3://states/no.tfstate: there is no such object; check the key given to --from"),
        ("s3://states/none/**", "s3://states/none/**: no state matches; "
                                "states are looked for as *.tfstate unless the pattern names others"),
    ],
)  # fmt: skip
def test_a_source_that_is_not_there(here, aws, source, line):
    aws("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert told("scan", *WHAT, "--from", source) == line


def test_an_s3_state_that_may_not_be_read(here, aws, allowed_only):
    aws("s3").create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket="states", Key="a.tfstate", Body=state(bucket("orders")))
    with allowed_only("ec2:DescribeRegions", "s3:ListAllMyBuckets", "s3:ListBucket"):
        assert told("scan", *WHAT, "--from", "s3://states/a.tfstate") == (
            "s3://states/a.tfstate: access denied (AccessDenied); allow s3:GetObject on s3://states/a.tfstate, "
            "and kms:Decrypt if it is encrypted"
        )


def test_one_broken_state_among_many_is_a_gap_and_the_rest_is_compared(here, aws):
    for name in ("orders", "by-hand"):
        aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    Path("bad.tfstate").write_text("{")
    found = driftline("scan", *WHAT, "--from", ".", "--output", "json", "-q", "--fail-on", "never")
    answer = json.loads(found.stdout)
    assert (found.exit_code, [each["status"] for each in answer["gaps"]]) == (3, ["malformed"])
    reason = answer["gaps"][0]["message"]
    assert reason.startswith("bad.tfstate: the state is cut short or damaged")
    assert [(each["id"], each["message"]) for each in answer["drift"]] == [("by-hand", f"may be declared in {reason}")]
    failing = [each for each in answer["findings"] if each["status"] == "fail"]
    assert {each["origin"] for each in failing if each["id"] == "by-hand"} == {"unknown"}


def test_code_that_does_not_parse_is_a_gap(here):
    Path("main.tf").write_text('resource "aws_s3_bucket" {{{')
    found = driftline("scan", *WHAT, "--from", ".", "--output", "json", "-q", "--fail-on", "never")
    (gap,) = [each for each in json.loads(found.stdout)["gaps"] if each["status"] == "malformed"]
    assert (found.exit_code, gap["message"]) == (3, "main.tf: line 1 is not HCL; what it declares is not seen")


def test_drift_needs_something_declared(here):
    assert told("drift", *WHAT) == "drift needs what is declared; name a state with --from"
    Path("mine.toml").write_text('regions = ["eu-west-1"]')
    assert told("drift", "--config", "mine.toml") == "drift needs what is declared; name a state with --from"


# --- settings and selectors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--check", "no-such"], "--check no-such: there is no such check; `driftline checks list` names them all"),
        (["--check", "s3-*", "--category", "containers"], "no check fits these selectors; "
                                                   "`driftline checks list` names them all"),
        (["--type", "aws_no_such"], "--type aws_no_such: no collector reads that type; "
                                  "scanner/collectors/README.md names them all"),
        (["--type", "aws_s3_buckett"], "--type aws_s3_buckett: no collector reads that type; "
                                     "did you mean aws_s3_bucket?"),
        (["--check", "s3-bucket-versionin"], "--check s3-bucket-versionin: there is no such check; "
                                             "did you mean s3-bucket-versioning?"),
        (["--service", "dynamodbb"], "--service dynamodbb: no collector reads that service; did you mean dynamodb?"),
        (["--role-arn", "audit"], "--role-arn: 'audit' is no role's ARN; see `aws iam get-role`"),
        (["--who-most", "0"], "--who-most: 0 is no number of things to ask about"),
        (["--severity", "severe"], "--severity severe: choose from low, medium, high, critical"),
        (["--fail-on", "hihg"], "--fail-on: 'hihg' is nothing to fail on; choose from critical, high, medium, low, "
                                "changed, missing, unmanaged, regression, new, worse, unknown, never"),
        (["--output", "json", "--output", "jsonl"], "only one output can go to standard output; "
                                                    "give the others a file: --output FMT://PATH"),
        (["--output", "json://no/such/r.json"], "no/such/r.json: the report cannot be written: "
                                                "no/such is no folder to write in"),
        (["--config", "no.toml"], "no.toml: there is no such settings file; check the path given to --config"),
        (["--suppress", "no.toml"], "no.toml: no such file or directory"),
        (["--region", "mars"], "there is no region 'mars' in partition aws; enabled here: *"),
        (["--region", "eu-wset-1"], "there is no region 'eu-wset-1' in partition aws; did you mean eu-west-1?"),
        (["--exclude-region", "eu-wset-1"], "there is no region 'eu-wset-1' in partition aws; did you mean eu-west-1?"),
        (["--region", "eu-west-1", "--exclude-region", "eu-west-1"], "--exclude-region leaves no region to read"),
    ],
)  # fmt: skip
def test_a_flag_that_cannot_be_used(here, arguments, line):
    found = told("scan", *arguments)
    assert found.startswith(line[:-1]) if line.endswith("*") else found == line


@pytest.mark.parametrize(
    ("flag", "begins"),
    [
        ("--service", "--service no-such: no collector reads that service; choose from accessanalyzer, account, acm, "),
        ("--category", "--category no-such: choose from backup, containers, "),
        ("--output", "there is no output 'no-such'; there are: json, jsonl, markdown, slack, terminal"),
    ],
)
def test_a_flag_that_names_nothing_names_what_there_is(here, flag, begins):
    assert told("scan", flag, "no-such").startswith(begins)


def test_nothing_is_asked_of_aws_before_what_is_asked_is_understood(here):
    dead = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    assert told("check", "--check", "no-such", env=dead).startswith("--check no-such: there is no such check")
    assert told("scan", "--output", "json://no/r.json", env=dead).startswith("no/r.json: the report cannot be written")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("regoins = []", "driftline.toml:1: there is no setting regoins; did you mean regions?"),
        ("regions = [", "driftline.toml: not TOML: Invalid value (at end of document)"),
        ('role_arn = "arn:aws:iam::666666666666:role/evil"', "driftline.toml: role_arn may only be set by flags or in "
         "a file that you name; use --config driftline.toml if you trust it"),
    ],
)  # fmt: skip
def test_a_settings_file_that_cannot_be_used(here, text, line):
    Path("driftline.toml").write_text(text)
    assert told("scan", *WHAT) == line


def test_a_settings_file_is_held_to_the_same_words_as_flags(here):
    Path("mine.toml").write_text('severities = ["severe"]')
    assert told("check", "--config", "mine.toml") == "--severity severe: choose from low, medium, high, critical"


@pytest.mark.parametrize("flag", ["--from", "--region", "--account", "--profile", "--config", "--db", "--suppress"])
def test_a_flag_without_a_word_is_an_unset_variable(here, flag):
    assert told("scan", flag, "") == f"{flag} is empty: say what it names, or leave it out; see `driftline scan --help`"


# --- the database ---------------------------------------------------------------------------------


def test_a_database_that_is_none(here):
    Path("history.sqlite").write_text("no database " * 100)
    assert told("scan", *WHAT) == (
        f"{here}/history.sqlite: not a Driftline database (file is not a database); name another file with --db"
    )


def test_a_database_in_a_folder_that_cannot_be(here):
    assert told("scan", *WHAT, "--db", "good.tfstate/h.sqlite") == (
        "good.tfstate/h.sqlite: file exists; name another file with --db"
    )


def test_a_database_that_may_not_be_written_is_found_out_before_the_scan(here, monkeypatch):
    driftline("check", *WHAT, "-q")
    here.chmod(0o555)
    Path("history.sqlite").chmod(0o444)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    as_nobody = os.geteuid() == 0
    if as_nobody:  # root may write everywhere
        for folder in (here.parent.parent.parent, here.parent.parent, here.parent):
            folder.chmod(0o755)
        os.seteuid(65534)
    try:
        line = told("check", *WHAT)
    finally:
        if as_nobody:
            os.seteuid(0)
        here.chmod(0o755)
    assert line == (
        f"{here}/history.sqlite: the database may not be written; mend its permissions, or name another file with --db"
    )


def test_a_database_that_another_scan_holds(here):
    driftline("check", *WHAT, "-q")
    with sqlite3.connect("history.sqlite") as other:
        other.execute("begin immediate")
        assert told("check", *WHAT) == (
            f"{here}/history.sqlite: the database is locked by another scan; wait for it, "
            "or name another file with --db"
        )


def test_a_database_of_a_newer_version_is_left_as_it_is(here):
    driftline("check", *WHAT, "-q")
    with sqlite3.connect("history.sqlite") as other:
        other.execute("insert into _sqlite_migrations values (99, 'driftline', 'of_tomorrow', '2030-01-01')")
    other.close()
    before = Path("history.sqlite").read_bytes()
    for command in (("check", *WHAT), ("history",), ("diff",)):
        assert told(*command) == (
            f"{here}/history.sqlite: a newer driftline made this database; update this one, "
            "or name another file with --db"
        )
    assert Path("history.sqlite").read_bytes() == before


# --- the other commands ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["history", "diff", "notify slack"])
def test_without_a_database_there_is_no_past(here, command):
    webhook = {"DRIFTLINE_SLACK_WEBHOOK": "http://127.0.0.1:9/x"}
    assert told(*command.split(), env=webhook) == (
        f"{here}/history.sqlite: no scan is recorded yet; run `driftline scan` first"
    )


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("notify slack", "set DRIFTLINE_SLACK_WEBHOOK to the channel's incoming webhook"),
        ("diff 1 2 3", "diff compares two scans; give one number or two (see `driftline history`)"),
        ("checks show s3-bucket-versionin", "there is no check 's3-bucket-versionin'; "
                                            "did you mean s3-bucket-versioning?"),
        ("scan --regoin eu-west-1", "No such option '--regoin'. Did you mean '--region'? "
                                    "(see `driftline scan --help`)"),
        ("scna", "No such command 'scna'. Did you mean 'scan'? (see `driftline --help`)"),
        ("scan else", "Got unexpected extra argument (else); see `driftline scan --help`"),
        ("scan --timeout soon", "Invalid value for '--timeout': 'soon' is not a valid float; "
                                "see `driftline scan --help`"),
        ("checks lst", "No such command 'lst'. Did you mean 'list'? (see `driftline checks --help`)"),
        ("checks show no-such", "there is no check 'no-such'; `driftline checks list` names them all"),
        ("checks list --severity severe", "--severity severe: choose from low, medium, high, critical"),
        ("checks list --check no-*", "--check no-*: there is no such check; `driftline checks list` names them all"),
        ("diff --output xml", "there is no output 'xml'; there are: json, jsonl, markdown, slack, terminal"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_followed(here, command, line):
    assert told(*command.split()) == line


@pytest.mark.parametrize("url", ["notaurl", "http://[::1"])
def test_an_endpoint_that_is_no_url(here, url):
    said = told("check", *WHAT, env={"AWS_ENDPOINT_URL": url})
    assert said.startswith("the endpoint of sts in your AWS settings cannot be used: Invalid ")


def test_an_error_that_nobody_foresaw_is_a_line_and_shows_where_only_to_who_asks(caplog):
    @click.command()
    @_mendable
    def broken():
        int("many")

    found = CliRunner().invoke(broken)
    assert (found.exit_code, found.stdout, found.stderr) == (
        2,
        "",
        "driftline: a fault of its own: ValueError: invalid literal for int() with base 10: 'many'; "
        "-v shows where it happened\n",
    )
    with caplog.at_level("INFO", "driftline"):
        CliRunner().invoke(broken)
    [where] = caplog.records
    assert where.exc_info[0] is ValueError

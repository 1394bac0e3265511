"""What is accepted for a time, from the command line: findings, drift, and what history makes of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.scanner.command import driftline
from tests.state.terraform.states import block, bucket, state

WHOSE = block(
    "aws_iam_role", "ci", [{"attributes": {"id": "ci", "name": "ci", "arn": "arn:aws:iam::123456789012:role/ci"}}]
)
WHERE = ("--region", "eu-west-1", "--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning")
WHAT = (*WHERE, "--check", "s3-bucket-versioning", "--from", "state.tfstate", "--fail-on", "medium,changed,missing")
TODAY = datetime.now(UTC).date()


def day(days):
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def s3(aws, here):
    """A bucket without versions, one medium failure, with a tag that somebody set by hand; and one that is gone."""
    client = aws("s3")
    client.create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    tags(client, by="hand")
    Path("state.tfstate").write_bytes(state(bucket("orders", tags={}), bucket("lost", "lost"), WHOSE))
    return client


def tags(s3, **tags):
    s3.put_bucket_tagging(Bucket="orders", Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})


def versioned(s3):
    s3.put_bucket_versioning(Bucket="orders", VersioningConfiguration={"Status": "Enabled"})


def suppress(*entries, policy="", file="s.toml"):
    texts = (f'[[{table}]]\n{text}\nreason = "known"\nexpires = {day(end)}\n' for table, text, end in entries)
    Path(file).write_text(policy + "\n".join(texts))


FINDING = (
    "findings",
    'check = "s3-bucket-versioning"\nresource = "aws_s3_bucket.it"\nowner = "ann"\nticket = "OPS-1"',
    9,
)
TAGS = ("drift", 'resource = "orders"\nattribute = "tags"', 9)
LOST = ("drift", 'resource = "*lost"\nkind = "missing"', 9)


def tell(*more, code, command="scan"):
    found = driftline(command, *WHAT, *more, "--output", "json", "-q")
    assert (found.exit_code, found.stderr) == (code, "")
    return json.loads(found.stdout)


def kinds(found):
    return {
        kind: [each["id"] for each in moves]
        for kind, moves in found["regressions"].items()
        if isinstance(moves, list) and moves
    }


def notes(found):
    return [each["text"] for each in found["notes"] if each["about"] in ("suppress", "baseline")]


def test_nothing_is_taken_from_a_file_that_merely_lies_here(s3):
    suppress(FINDING, TAGS, LOST, file="driftline.suppress.toml")
    Path(".driftignore").write_text("aws_s3_bucket\n")
    found = tell(code=1)
    assert found["scan"]["counts"]["findings"] | {"pass": 0} == {
        "pass": 0,
        "fail": 1,
        "unknown": 0,
        "suppressed": 0,
        "skipped": 0,
    }


def test_what_is_suppressed_fails_no_gate_and_is_still_told(s3):
    suppress(FINDING, TAGS, LOST)
    found = tell("--suppress", "s.toml", code=0)
    [finding] = [each for each in found["findings"] if each["status"] == "suppressed"]
    assert finding["message"].endswith(f"; suppressed until {day(9)}: known")
    assert finding["suppression"] == {
        "reason": "known", "entry": "s.toml [[findings]] 1", "expires": day(9), "owner": "ann", "ticket": "OPS-1",
    }  # fmt: skip
    assert found["drift"] == []
    rows = [(each["status"], each["id"], each["suppression"]["entry"]) for each in found["suppressed"]]
    assert rows == [("changed", "orders", "s.toml [[drift]] 1"), ("missing", "lost", "s.toml [[drift]] 2")]
    assert found["scan"]["counts"]["suppressed"] == 2
    assert notes(found) == []
    lines = driftline("scan", *WHAT, "--suppress", "s.toml", "--output", "jsonl", "-q").stdout.splitlines()
    assert [json.loads(each)["kind"] for each in lines].count("suppressed") == 2


def test_the_summary_counts_what_is_suppressed_and_shows_it_with_all(s3):
    suppress(FINDING, TAGS, LOST)
    said = driftline("scan", *WHAT, "--suppress", "s.toml").stderr
    assert "suppressed: 1 finding, 2 resources" in said
    assert "OPS-1" not in said
    said = " ".join(driftline("scan", *WHAT, "--suppress", "s.toml", "--all").stderr.split())
    assert f"known (until {day(9)}, owner ann, ticket OPS-1, s.toml [[findings]] 1)" in said
    assert f"known (until {day(9)}, s.toml [[drift]] 2)" in said
    shown = driftline("check", *WHAT, "--suppress", "s.toml", "--all", "-q", "--output", "markdown").stdout
    assert "### Suppressed: 1 finding" in shown


def test_one_attribute_is_suppressed_and_the_next_is_drift(s3):
    suppress(("drift", 'resource = "orders"\nattribute = "tags.by"', 9), LOST, FINDING)
    tags(s3, by="hand", cost="1")
    found = tell("--suppress", "s.toml", code=1)
    assert [each["path"] for row in found["drift"] for each in row["evidence"]] == ["tags.cost"]
    assert [each["path"] for row in found["suppressed"] for each in row["evidence"]] == ["tags.by"]


def test_an_expired_entry_comes_back_and_is_told_as_what_it_is(s3):
    suppress(FINDING, TAGS, LOST)
    assert kinds(tell("--suppress", "s.toml", code=0)) == {}
    suppress(*((table, text, -1) for table, text, _ in (FINDING, TAGS, LOST)))
    found = tell("--suppress", "s.toml", "--fail-on", "regression,new", code=0)
    assert kinds(found) == {"unsuppressed": ["lost", "orders", "orders"]}
    assert {each["before"] for each in found["regressions"]["unsuppressed"]} == {"suppressed"}
    assert notes(found)[0] == (
        "s.toml [[findings]] 1 (check s3-bucket-versioning, resource aws_s3_bucket.it, owner ann, ticket OPS-1)"
        f" expired on {day(-1)}; what it hid is back"
    )
    assert kinds(tell("--suppress", "s.toml", code=1)) == {}


def test_a_failure_that_is_suppressed_is_not_resolved_and_one_that_is_mended_is_so_once(s3):
    tell(code=1)
    suppress(FINDING, TAGS, LOST)
    assert kinds(tell("--suppress", "s.toml", code=0)) == {}
    versioned(s3)
    found = tell("--suppress", "s.toml", "--fail-on", "medium", code=0)
    assert [(each["check"], each["before"], each["status"]) for each in found["regressions"]["resolved"]] == [
        ("s3-bucket-versioning", "suppressed", "pass")
    ]
    assert kinds(tell("--suppress", "s.toml", "--fail-on", "medium", code=0)) == {}


def test_drift_that_grows_beside_what_is_suppressed_is_a_regression(s3):
    suppress(FINDING, ("drift", 'resource = "orders"\nattribute = "tags.by"', 9), LOST)
    tell("--suppress", "s.toml", code=0)
    tags(s3, by="hand", cost="1")
    assert kinds(tell("--suppress", "s.toml", code=1)) == {"regressed": ["orders"]}


# --- unused ---------------------------------------------------------------------------------------

IDLE = [
    ("findings", 'check = "s3-bucket-versioning"\nresource = "billing"\nregion = "eu-west-1"', 9),
    ("findings", 'check = "no-such"', 9),
    ("drift", 'type = "aws_s3_bucket"\nresource = "billing"\nregion = "eu-west-1"', 9),
]


def test_what_covered_nothing_is_unused_where_that_was_read(s3):
    elsewhere = [
        ("findings", 'check = "rds-*"', 9),
        ("findings", 'check = "s3-bucket-versioning"\nregion = "us-east-1"', 9),
        ("findings", 'check = "s3-bucket-versioning"\naccount = "999999999999"', 9),
        ("findings", 'check = "s3-bucket-versioning"\nresource = "anywhere"', 9),
        ("drift", 'resource = "anywhere"', 9),
        ("gaps", 'type = "aws_s3_bucket"', 9),
    ]
    suppress(FINDING, TAGS, LOST, *IDLE, *elsewhere)
    assert notes(tell("--suppress", "s.toml", code=0)) == [
        "s.toml [[findings]] 2 (check s3-bucket-versioning, resource billing, region eu-west-1) is unused: "
        "it covered nothing in this scan",
        "s.toml [[findings]] 3 is unused: there is no check no-such",
        "s.toml [[drift]] 3 (resource billing, type aws_s3_bucket, region eu-west-1) is unused: "
        "it covered nothing in this scan",
    ]


def test_nothing_unseen_is_called_unused(s3, allowed_only):
    suppress(*IDLE[::2], ("gaps", 'type = "aws_vpc"', 9))
    with allowed_only("ec2:DescribeRegions", "s3:ListAllMyBuckets", "s3:GetBucketLocation"):
        assert notes(tell("--suppress", "s.toml", "--fail-on", "never", code=3)) == []


def test_a_scan_of_everything_says_what_is_unused_everywhere(s3):
    suppress(("findings", 'check = "s3-bucket-versioning"\nresource = "billing"', 9))
    where = ("--type", "aws_s3_bucket", "--type", "aws_s3_bucket_versioning", "--check", "s3-bucket-versioning")
    found = driftline("check", *where, "--suppress", "s.toml", "--output", "json", "-q")
    assert [each.partition(" is ")[2] for each in notes(json.loads(found.stdout))] == [
        "unused: it covered nothing in this scan"
    ]


# --- tags and .driftignore ------------------------------------------------------------------------


def test_a_tag_of_the_live_resource_suppresses_where_the_file_says_so(s3):
    tags(s3, by="hand", **{"driftline:suppress": "s3-bucket-versioning"})
    suppress(TAGS, LOST)
    tell("--suppress", "s.toml", code=1)
    reason = f'resource_tags_reason = "teams decide"\nresource_tags_expire = {day(9)}\n'
    suppress(TAGS, LOST, policy=f"[policy]\nallow_resource_tags = true\n{reason}")
    found = tell("--suppress", "s.toml", code=0)
    [by] = [each["suppression"] for each in found["findings"] if each["status"] == "suppressed"]
    assert (by["reason"], by["expires"], by["entry"]) == (
        "teams decide", day(9), "s.toml [policy], tag driftline:suppress"
    )  # fmt: skip
    assert driftline("check", *WHAT, "--suppress", "s.toml", "-q").exit_code == 0


def test_a_driftignore_beside_a_file_of_entries(s3):
    suppress(FINDING)
    Path(".driftignore").write_text("# ours\naws_s3_bucket.lost\naws_s3_bucket.orders.tags.by\naws_s3_bucket.other\n")
    named = ("--suppress", "s.toml", "--suppress", ".driftignore")
    found = tell(*named, code=0)
    assert [
        (each["id"], each["suppression"]["reason"], each["suppression"]["expires"]) for each in found["suppressed"]
    ] == [
        ("orders", "ignored by aws_s3_bucket.orders.tags.by", None),
        ("lost", "ignored by aws_s3_bucket.lost", None),
    ]
    both = {"DRIFTLINE_SUPPRESS": "s.toml:.driftignore"}
    assert driftline("scan", *WHAT, "-q", env=both).exit_code == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[findings]]\nreason = "x"\nexpires = 2020-01-01\n', "s.toml [[findings]] 1 would silence everything; narrow "
                                                               "it by check, resource, type, account or region"),
        ("[[findings]]\n", "s.toml:1: [[findings]] 1: missing required field `reason`; "
                            "see README, what is accepted"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_line_before_aws_is_asked(here, text, line):
    Path("s.toml").write_text(text)
    found = driftline("scan", "--suppress", "s.toml", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert (found.exit_code, found.stderr) == (2, f"driftline: {line}\n")


# --- add, list, prune -----------------------------------------------------------------------------


def test_add_appends_and_the_entry_applies(s3):
    Path("driftline.suppress.toml").write_text("# ours, no newline at the end")
    drift = ("--drift", "--resource", "orders", "--attribute", "tags", "--reason", 'by "hand"\\', "--days", 5)
    for asked in (
        ("--check", "s3-bucket-versioning", "--account", "123456789012", "--region", "eu-*", "--reason", "r",
         "--expires", day(9), "--owner", "ann", "--ticket", "OPS-1"),
        drift,
        ("--drift", "--kind", "missing", "--type", "aws_s3_*", "--reason", "r"),
    ):  # fmt: skip
        found = driftline("suppress", "add", *asked)
        assert (found.exit_code, found.stdout) == (0, "")
    assert Path("driftline.suppress.toml").read_text() == (
        "# ours, no newline at the end\n\n"
        '[[findings]]\ncheck = "s3-bucket-versioning"\naccount = "123456789012"\nregion = "eu-*"\nreason = "r"\n'
        f'expires = {day(9)}\nowner = "ann"\nticket = "OPS-1"\n'
        f'\n[[drift]]\nresource = "orders"\nattribute = "tags"\nreason = "by \\"hand\\"\\\\"\nexpires = {day(5)}\n'
        f'\n[[drift]]\nkind = "missing"\ntype = "aws_s3_*"\nreason = "r"\nexpires = {day(90)}\n'
    )
    tell("--suppress", "driftline.suppress.toml", code=0)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "s.toml [[findings]] 1 would silence everything; narrow it by check, resource, type, account or region"),
        (("--check", "a", "--days", "181"), f"s.toml [[findings]] 1 expires {day(181)}, "
                                            "over 180 days from now; renew it"),
        (("--check", "a", "--expires", "2020-01-01"), "s.toml: the entry would have expired on 2020-01-01; "
                                                      "give a later --expires"),
        (("--check", "a", "--drift"), "an entry is about findings (--check) or about --drift; add two"),
        (("--check", "a", "--kind", "missing"), "--attribute and --kind are about drift; add --drift"),
        (("--check", "a", "--days", "1", "--expires", day(1)), "give --expires or --days, not both"),
        (("--check", "a\nb"), "an entry holds plain text of one line"),
        (("--check", "a", "--suppress", "b"), "an entry goes into one file; name it with --suppress"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_leaves_the_file_as_it_is(here, arguments, line):
    found = driftline("suppress", "add", "--suppress", "s.toml", "--reason", "r", *arguments)
    assert (found.exit_code, found.stderr) == (2, f"driftline: {line}\n")
    assert not Path("s.toml").exists()


def test_list_says_how_each_entry_stands(here):
    suppress(
        ("findings", 'check = "a"\nowner = "ann"', 90), ("findings", 'check = "b"', 3), ("drift", 'resource = "c"', -1)
    )
    Path(".driftignore").write_text("aws_x.y\n!aws_x.z\n")
    found = driftline("suppress", "list", "--suppress", "s.toml", "--suppress", ".driftignore", env={"COLUMNS": "160"})
    assert (found.exit_code, [" ".join(each.split()) for each in found.stdout.splitlines()]) == (
        0,
        [
            "ENTRY ABOUT STATE OWNER TICKET REASON",
            f"s.toml [[drift]] 1 resource c expired on {day(-1)} known",
            "s.toml [[findings]] 2 check b expires in 3 days known",
            f"s.toml [[findings]] 1 check a in force until {day(90)} ann known",
            ".driftignore line 1 aws_x.y ignores, without end",
            ".driftignore line 2 !aws_x.z takes back",
        ],
    )


def test_prune_says_what_it_cuts_out_and_leaves_the_rest_to_the_byte(here):
    within = f'"""\r\n[[findings]]\r\nexpires = {day(-9)}\r\n"""'
    kept = [
        "# head\r\n[policy]\r\nlongest_days = 90\r\n\r\n# of a\r\n",
        f'[[findings]]\r\ncheck = "a"\r\nreason = {within}\r\nexpires = {day(9)}  # soon\r\n\r\n',
        "\t# of the last\r\n",
        f'[[drift]]\r\nresource = "x[0]"\r\nreason = "r"\r\nexpires = {day(9)}',
    ]
    over = f'[[findings]] # b\r\ncheck = "b"\r\n# why\r\nreason = "r"\r\nowner = "ann"\r\nexpires = {day(-1)}\r\n\r\n'
    gap = f'[[ gaps ]]\r\ntype = "c"\r\nreason = "r"\r\nexpires = {day(-2)}\r\n'
    Path("s.toml").write_bytes("".join([kept[0], kept[1], over, gap, kept[2], kept[3]]).encode())
    found = driftline("suppress", "prune", "--suppress", "s.toml")
    assert (found.exit_code, found.stderr.splitlines()) == (
        0,
        [
            f"driftline: s.toml [[findings]] 2 (check b, owner ann) expired on {day(-1)}",
            f"driftline: s.toml [[gaps]] 1 (type c) expired on {day(-2)}",
            "driftline: s.toml: 2 cut out",
        ],
    )
    assert Path("s.toml").read_bytes() == "".join(kept).encode()
    assert driftline("suppress", "prune", "--suppress", "s.toml").stderr == "driftline: s.toml: nothing cut out\n"


def test_prune_leaves_a_file_alone_whose_entries_it_cannot_tell_apart(here):
    text = f'findings = [{{check = "a", reason = "r", expires = {day(-1)}}}]\n'
    Path("s.toml").write_text(text)
    found = driftline("suppress", "prune", "--suppress", "s.toml")
    assert found.exit_code == 2
    assert found.stderr.endswith("s.toml: what has expired cannot be cut out without the rest; take it out by hand\n")
    assert Path("s.toml").read_text() == text


def test_a_settings_file_that_is_named_may_name_files_too(s3):
    suppress(FINDING, TAGS, LOST)
    for said in ('suppress = "s.toml"', 'suppress = ["s.toml"]'):
        Path("mine.toml").write_text(said)
        tell("--config", "mine.toml", code=0)


def test_what_a_file_says_is_hostile_text(here):
    suppress(("findings", 'check = "\\u001b[31mred"', -1))
    for command in ("list", "prune"):
        found = driftline("suppress", command, "--suppress", "s.toml")
        assert found.exit_code == 0
        assert "\x1b" not in found.output
        assert "\\x1b[31mred" in found.output

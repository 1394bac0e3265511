"""Suppressions: what an entry covers, and what is refused in one line."""

from datetime import date

import msgspec
import pytest

from checks import Status
from scanner.outcome import SuppressedDrift, Suppression
from scanner.settings import SettingsError
from scanner.suppress import Suppressions, read
from scanner.suppress.applied import apply
from scanner.suppress.globs import covers, is_anything, matches
from state import Gap
from state.drift import Change, Kind
from tests.scanner.report import sample

TODAY = date(2026, 11, 21)
UNTIL = 'reason = "r"\nexpires = 2026-12-01\n'


def gap(type: str = "aws_iam_role", region: str = "global") -> Gap:
    return Gap(type=type, account="123456789012", region=region, reason="denied", kind="denied")


def written(tmp_path, text, name="s.toml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def entries(tmp_path, text, today=TODAY):
    return read([written(tmp_path, text)], today)


# --- globs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*", "anything", True),
        ("s3-*", "s3-bucket-versioning", True),
        ("s3-*", "rds-s3-x", False),
        ("logs", "logs-2", False),
        ("logs-?", "logs-2", True),
        ("aws_subnet.a[0]", "aws_subnet.a[0]", True),
        ("aws_subnet.a[0]", "aws_subnet.a0", False),
        ('module.m["x"].aws_s3_bucket.*', 'module.m["x"].aws_s3_bucket.b', True),
        ("a.b", "axb", False),
        ("", "x", False),
        ("*a*", "b\na\n", True),
    ],
)
def test_what_fits_a_glob(pattern, text, fits):
    assert matches(pattern, text) is fits


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("tags", "tags", True),
        ("tags", "tags.Name", True),
        ("tags", "tags_all", False),
        ("ingress", "ingress[cidr=0.0.0.0/0,port=22]", True),
        ("ingress[cidr=0.0.0.0/0,port=22]", "ingress[cidr=0.0.0.0/0,port=22]", True),
        ("ingress[cidr=0.0.0.0/0,port=22]", "ingress[cidr=0.0.0.0/0,port=443]", False),
        ("ingress[*port=22]", "ingress[cidr=0.0.0.0/0,port=22]", True),
        ("*.Action", "policy.Statement[Sid=X].Action", True),
        ("policy", "policy.Statement[Sid=X].Action", True),
        ("policy", "policy.Version", True),
        ("policy.Statement", "policy.Statement[0]", True),
        ("policy.Statement[Sid=X]", "policy.Statement[Sid=XY].Action", False),
        ("tags.Name", "tags", False),
    ],
)
def test_a_path_covers_what_lies_under_it(pattern, path, covered):
    assert covers(pattern, path) is covered


def test_stars_and_question_marks_alone_leave_nothing_out():
    assert [each for each in ("*", "**", "?*", "?", "", "a*") if is_anything(each)] == ["*", "**", "?*"]


# --- gaps -----------------------------------------------------------------------------------------


def test_no_file_accepts_nothing():
    assert read([], TODAY) == Suppressions()
    assert read([], TODAY).accepted([gap()]) == []


def test_an_entry_covers_what_its_globs_say_until_it_expires(tmp_path):
    text = '[[gaps]]\ntype = "aws_iam_*"\nreason = "the auditor may not see roles"\nexpires = 2026-12-01\n'
    assert entries(tmp_path, text).accepted([gap(), gap("aws_vpc", "eu-west-1")]) == [gap()]
    assert entries(tmp_path, text, date(2026, 12, 1)).accepted([gap()]) == [gap()]
    assert entries(tmp_path, text, date(2026, 12, 2)).accepted([gap()]) == []


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[gaps]]\nexpires = 2026-12-01\n",
         ":1: [[gaps]] 1: missing required field `reason`; see README, what is accepted"),
        ('[[findings]]\nreason = "x"\n',
         ":1: [[findings]] 1: missing required field `expires`; see README, what is accepted"),
        ('[[drift]]\nreason = " "\nresource = "a"\nexpires = 2026-12-01\n', " [[drift]] 1 gives no reason"),
        (
            '[[findings]]\nreason = "x"\nexpires = 2027-12-01\n',
            " [[findings]] 1 expires 2027-12-01, over 180 days from now; renew it",
        ),
        (
            f'[policy]\nlongest_days = 5\n[[gaps]]\ntype = "a"\n{UNTIL}',
            " [[gaps]] 1 expires 2026-12-01, over 5 days from now; renew it",
        ),
        ("[policy]\nlongest_days = 0\n", ": longest_days: give 1 to 3,660; 180 is the default"),
        (
            f'[[findings]]\ncheck = "a"\n{UNTIL}[[findings]]\ncheck = "**"\n{UNTIL}',
            " [[findings]] 2 would silence everything; narrow it by check, resource, type, account or region",
        ),
        (
            f"[[drift]]\n{UNTIL}",
            " [[drift]] 1 would silence everything; narrow it by resource, attribute, type, account or region",
        ),
        (f"[[gaps]]\n{UNTIL}", " [[gaps]] 1 would silence everything; narrow it by type, account or region"),
        (
            f'[[drift]]\nattribute = "tags"\nkind = "missing"\n{UNTIL}',
            " [[drift]] 1 names an attribute, and nothing of what is missing has one",
        ),
        (
            "[policy]\nallow_resource_tags = true\n",
            ": [policy] allows resource tags, and gives no resource_tags_reason",
        ),
        (
            '[policy]\nallow_resource_tags = true\nresource_tags_reason = "x"\n',
            ": [policy] allows resource tags without an end; set resource_tags_expire",
        ),
        (f'[[findings]]\nchekc = "a"\n{UNTIL}', ":2: there is no setting [[findings]] 1 chekc; did you mean check?"),
        ("[[findings", ": not TOML: *"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_refused(tmp_path, text, line):
    with pytest.raises(SettingsError) as told:
        entries(tmp_path, text)
    said = str(told.value).removeprefix(str(tmp_path / "s.toml"))
    assert said.startswith(line[:-1]) if line.endswith("*") else said == line
    assert "\n" not in said


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="no such file or directory"):
        read([tmp_path / "none.toml"], TODAY)


def test_a_policy_may_reach_further(tmp_path):
    text = '[policy]\nlongest_days = 400\n[[findings]]\ncheck = "a"\nreason = "x"\nexpires = 2027-12-01\n'
    assert len(entries(tmp_path, text).rules) == 1


# --- findings -------------------------------------------------------------------------------------

FAILING = [each for each in sample.FINDINGS if each.status is Status.FAIL]


def hidden(tmp_path, text):
    """The checks and resources that an entry suppresses among the failing of the sample."""
    found = apply(entries(tmp_path, f"[[findings]]\n{text}\n{UNTIL}"), sample.FINDINGS, ())
    assert len(found.findings) == len(sample.FINDINGS)
    now = [each for each, was in zip(found.findings, sample.FINDINGS) if each != was]
    assert {each.id for each in now} == set(found.suppressions)
    assert {each.status for each in now} <= {Status.SUPPRESSED}
    return {each.resource.id for each in now}


@pytest.mark.parametrize(
    ("text", "resources"),
    [
        ('check = "s3-*"', {"logs", "scratch"}),
        ('check = "s3-*"\nresource = "logs"', {"logs"}),
        ('resource = "aws_s3_bucket.logs"', {"logs"}),
        ('resource = "aws_db_instance.*"', {"orders"}),
        ('type = "aws_db_*"', {"orders"}),
        ('account = "123456789012"', {"logs", "scratch", "orders"}),
        ('account = "999999999999"', set()),
        ('region = "us-*"', set()),
        ('region = "eu-west-1"\ncheck = "rds-*"', {"orders"}),
        ('resource = "log"', set()),
        ('resource = "b"', set()),  # it is suppressed by somebody else already
        ('resource = "billing"', set()),  # unknown stays unknown
    ],
)
def test_which_findings_an_entry_suppresses(tmp_path, text, resources):
    assert hidden(tmp_path, text) == resources


def test_a_suppressed_finding_says_why_and_until_when(tmp_path):
    text = f'[[findings]]\ncheck = "rds-*"\nowner = "ann"\nticket = "OPS-1"\n{UNTIL}'
    found = apply(entries(tmp_path, text), sample.FINDINGS, ())
    orders = sample.FINDINGS[0]
    message = "orders runs in one Availability Zone; suppressed until 2026-12-01: r"
    assert found.findings[0] == msgspec.structs.replace(orders, status=Status.SUPPRESSED, message=message)
    by = Suppression(
        reason="r",
        expires=date(2026, 12, 1),
        owner="ann",
        ticket="OPS-1",
        entry=f"{tmp_path / 's.toml'} [[findings]] 1",
    )
    assert found.suppressions == {orders.id: by}


TAGS = (
    '[policy]\nallow_resource_tags = true\nresource_tags_reason = "teams decide"\nresource_tags_expire = 2026-12-01\n'
)


def tagged(value):
    it = sample.FINDINGS[2]
    resource = it.resource.replace(tags={"driftline:suppress": value})
    return msgspec.structs.replace(it, resource=resource)


@pytest.mark.parametrize(
    ("policy", "value", "suppressed"),
    [
        (TAGS, "s3-bucket-public", True),
        (TAGS, "a,s3-bucket-public", True),
        (TAGS, "a s3-bucket-public", True),
        (TAGS, "s3-*", False),
        (TAGS, "*", False),
        (TAGS, "", False),
        (TAGS.replace("2026-12-01", "2026-11-20"), "s3-bucket-public", False),
        ("", "s3-bucket-public", False),
        ('[policy]\nresource_tags_reason = "teams decide"\n', "s3-bucket-public", False),
    ],
)
def test_a_tag_suppresses_only_where_the_policy_allows_it(tmp_path, policy, value, suppressed):
    [found] = apply(entries(tmp_path, policy), [tagged(value)], ()).findings
    assert (found.status is Status.SUPPRESSED) is suppressed


def test_what_a_tag_names_that_is_no_check_is_said(tmp_path):
    found = apply(entries(tmp_path, TAGS), [tagged("s3-*")], ())
    assert [each.text for each in found.notes] == [
        "the tag driftline:suppress of logs names 's3-*', which is no check; it suppresses nothing"
    ]


# --- drift ----------------------------------------------------------------------------------------


def drifted(found):
    """What stands and what is suppressed, as resources with paths."""
    paths = [(each.resource.id, [change.path for change in each.changes]) for each in found.drift]
    apart = [(each.drift.resource.id, [change.path for change in each.drift.changes]) for each in found.suppressed]
    return paths, apart


GROUP, ORDERS = ("sg-1", ["description", "ingress[tcp/22]"]), ("orders", ["master_password", "password"])
ALERTS, SCRATCH = ("alerts", []), ("scratch", [])


@pytest.mark.parametrize(
    ("text", "standing", "apart"),
    [
        ('resource = "sg-1"', [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ('resource = "*"\nattribute = "ingress"',
         [("sg-1", ["description"]), ORDERS, ALERTS, SCRATCH], [("sg-1", ["ingress[tcp/22]"])]),
        ('attribute = "*"\nkind = "changed"', [ALERTS, SCRATCH], [GROUP, ORDERS]),
        ('resource = "alerts"\nkind = "missing"', [GROUP, ORDERS, SCRATCH], [ALERTS]),
        ('resource = "alerts"\nkind = "changed"', [GROUP, ORDERS, ALERTS, SCRATCH], []),
        ('resource = "alerts"\nattribute = "name"', [GROUP, ORDERS, ALERTS, SCRATCH], []),
        ('kind = "unmanaged"', [GROUP, ORDERS, ALERTS], [SCRATCH]),
        ('type = "aws_security_group"\nattribute = "*"', [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ('resource = "arn:aws:ec2:*:security-group/sg-1"', [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ('resource = "aws_security_group.web"', [ORDERS, ALERTS, SCRATCH], [GROUP]),
    ],
)  # fmt: skip
def test_which_drift_an_entry_sets_apart(tmp_path, text, standing, apart):
    found = apply(entries(tmp_path, f"[[drift]]\n{text}\n{UNTIL}"), (), sample.DRIFT)
    assert drifted(found) == (standing, apart)


@pytest.mark.parametrize("address", ["aws_security_group.web", "aws_security_group.old[0]"])
def test_an_entry_goes_on_to_cover_what_moves(tmp_path, address):
    group = sample.DRIFT[0]
    moved = msgspec.structs.replace(group.declared, moved="aws_security_group.old[0]")
    text = f'[[drift]]\nresource = "{address}"\n{UNTIL}'
    found = apply(entries(tmp_path, text), (), [msgspec.structs.replace(group, declared=moved)])
    assert drifted(found) == ([], [GROUP])


def test_two_entries_of_one_resource(tmp_path):
    one, two = (f'[[drift]]\nattribute = "{path}"\n{UNTIL}' for path in ("description", "ingress"))
    found = apply(entries(tmp_path, one + two), (), sample.DRIFT[:1])
    assert drifted(found) == ([], [("sg-1", ["description"]), ("sg-1", ["ingress[tcp/22]"])])
    assert {each.drift.id for each in found.suppressed} == {sample.DRIFT[0].id}


# --- .driftignore ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "standing", "apart"),
    [
        ("aws_security_group.sg-1", [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ("aws_security_group.*", [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ("aws_security_group", [ORDERS, ALERTS, SCRATCH], [GROUP]),
        ("aws_security_group.sg", [GROUP, ORDERS, ALERTS, SCRATCH], []),
        ("aws_*.scr*", [GROUP, ORDERS, ALERTS], [SCRATCH]),
        ("# aws_s3_bucket.scratch\n\n  \naws_sns_topic.alerts", [GROUP, ORDERS, SCRATCH], [ALERTS]),
        ("*\n!aws_s3_bucket", [SCRATCH], [GROUP, ORDERS, ALERTS]),
        ("*\n!aws_s3_bucket\naws_s3_bucket.scratch", [], [GROUP, ORDERS, ALERTS, SCRATCH]),
        ("aws_security_group.sg-1.description",
         [("sg-1", ["ingress[tcp/22]"]), ORDERS, ALERTS, SCRATCH], [("sg-1", ["description"])]),
        ("aws_security_group.*.ingress",
         [("sg-1", ["description"]), ORDERS, ALERTS, SCRATCH], [("sg-1", ["ingress[tcp/22]"])]),
        ("*.*.master*", [GROUP, ("orders", ["password"]), ALERTS, SCRATCH], [("orders", ["master_password"])]),
        ("aws_db_instance\n!aws_db_instance.orders.password",
         [GROUP, ("orders", ["password"]), ALERTS, SCRATCH], [("orders", ["master_password"])]),
    ],
)  # fmt: skip
def test_what_a_driftignore_ignores(tmp_path, text, standing, apart):
    found = apply(read([written(tmp_path, text, ".driftignore")], TODAY), sample.FINDINGS, sample.DRIFT)
    assert drifted(found) == (standing, apart)
    assert [*found.findings] == sample.FINDINGS


@pytest.mark.parametrize("line", ["policy", "policy.Statement", "*.Action", "tags"])
def test_a_line_covers_what_lies_under_its_path(tmp_path, line):
    paths = "policy.Statement[Sid=A].Action", "policy.Statement[Sid=A].Condition.Bool.aws:SecureTransport"
    changes = tuple(Change(each, "a", "b") for each in paths)
    told = sample.Drift(kind=Kind.CHANGED, resource=sample.resource("aws_iam_policy", "p"), changes=changes)
    found = apply(read([written(tmp_path, f"aws_iam_policy.p.{line}", ".driftignore")], TODAY), (), [told])
    expected = {"policy": {*paths}, "policy.Statement": {*paths}, "*.Action": {paths[0]}}
    hidden = {change.path for each in found.suppressed for change in each.drift.changes}
    assert hidden == expected.get(line, set())


def test_escaped_dots_and_backslashes_are_of_the_id(tmp_path):
    def of(id):
        return sample.Drift(kind=Kind.UNMANAGED, resource=sample.resource("aws_route53_zone", id))

    path = written(tmp_path, "aws_route53_zone.example\\.com\naws_route53_zone.a\\\\b\n", "prod.driftignore")
    found = apply(read([path], TODAY), (), [of("example.com"), of("exampleXcom"), of("example"), of("a\\b")])
    assert drifted(found) == ([("exampleXcom", []), ("example", [])], [("example.com", []), ("a\\b", [])])
    assert found.suppressed[0] == SuppressedDrift(
        of("example.com"), Suppression(reason="ignored by aws_route53_zone.example\\.com", entry=f"{path} line 1")
    )


@pytest.mark.parametrize("text", ["*", "*.*", "# all\n\n**\n", "!aws_s3_bucket\n*.*.*"])
def test_a_driftignore_that_ignores_everything_is_refused(tmp_path, text):
    with pytest.raises(SettingsError, match=r"line \d would silence everything; narrow it, or take back with !"):
        read([written(tmp_path, text, ".driftignore")], TODAY)


# --- what has expired -----------------------------------------------------------------------------


def test_what_has_expired_does_not_apply_and_is_said(tmp_path):
    text = '[[findings]]\ncheck = "*-az"\nreason = "r"\nexpires = 2026-11-20\nowner = "ann"\nticket = "OPS-1"\n'
    found = entries(tmp_path, text + TAGS.replace("2026-12-01", "2026-11-01"))
    assert [*apply(found, sample.FINDINGS, ()).findings] == sample.FINDINGS
    file = tmp_path / "s.toml"
    assert [each.text for each in found.over()] == [
        f"{file} [[findings]] 1 (check *-az, owner ann, ticket OPS-1) expired on 2026-11-20; what it hid is back",
        f"{file} [policy] resource_tags_expire was 2026-11-01; tags suppress nothing any more",
    ]

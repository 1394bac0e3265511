"""Accepted gaps: by glob, with a reason, and never for long."""

from datetime import date

import pytest

from scanner.settings import SettingsError
from scanner.suppress import Suppressions, read
from state import Gap

TODAY = date(2026, 11, 21)


def gap(type: str = "aws_iam_role", region: str = "global") -> Gap:
    return Gap(type=type, account="123456789012", region=region, reason="denied", kind="denied")


def written(tmp_path, text):
    path = tmp_path / "driftline.suppress.toml"
    path.write_text(text)
    return path


def test_no_file_accepts_nothing():
    assert read(None, TODAY) == Suppressions()
    assert read(None, TODAY).accepted([gap()], TODAY) == []


def test_an_entry_covers_what_its_globs_say_until_it_expires(tmp_path):
    text = '[[gaps]]\ntype = "aws_iam_*"\nreason = "the auditor may not see roles"\nexpires = 2026-12-01\n'
    found = read(written(tmp_path, text), TODAY)
    assert found.accepted([gap(), gap("aws_vpc", "eu-west-1")], TODAY) == [gap()]
    assert found.accepted([gap()], date(2026, 12, 1)) == [gap()]
    assert found.accepted([gap()], date(2026, 12, 2)) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[gaps]]\nexpires = 2026-12-01\n", "Object missing required field `reason` - at `$.gaps[0]`"),
        ('[[gaps]]\nreason = "x"\n', "Object missing required field `expires` - at `$.gaps[0]`"),
        ('[[gaps]]\nreason = " "\nexpires = 2026-12-01\n', "an entry gives no reason"),
        (
            '[[gaps]]\nreason = "x"\nexpires = 2027-12-01\n',
            "an entry expires 2027-12-01, over 180 days from now; renew it",
        ),
        ('[[findings]]\nreason = "x"\n', "Object contains unknown field `findings`"),
    ],
)
def test_an_entry_without_a_reason_or_an_end_is_refused(tmp_path, text, line):
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as told:
        read(path, TODAY)
    assert str(told.value) == f"{path}: {line}"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="no such file or directory"):
        read(tmp_path / "none.toml", TODAY)

"""What fails the gate, and which exit code it comes to."""

import msgspec
import pytest

from checks import Effect, Findings, Status
from scanner.gate import Exit, exit_code, failed
from scanner.settings import Gate, Settings
from state.history import Digest
from tests.scanner.report import sample

FAILS = {
    "critical": ["2 findings of severity critical"],
    "high": ["2 findings of severity high or worse"],
    "medium": ["3 findings of severity medium or worse"],
    "low": ["3 findings of severity low or worse"],
    "changed": ["2 resources changed"],
    "missing": ["1 resource missing"],
    "unmanaged": ["1 resource unmanaged"],
    "regression": ["3 regressions"],
    "new": ["1 new failure"],
    "worse": ["no plan was compared with what there is"],
    "unknown": ["1 unknown verdict"],
    "never": [],
}


@pytest.mark.parametrize("word", Gate)
def test_each_word_fails_on_its_own_things(word):
    scan = sample.scan()
    assert scan.count(Status.UNKNOWN) == 1
    assert failed(scan, [word]) == FAILS[word]
    assert exit_code(scan, [word]) is (Exit.GATE_FAILED if FAILS[word] else Exit.INCOMPLETE)


@pytest.mark.parametrize("word", Gate)
def test_nothing_found_fails_no_gate(word):
    scan = sample.bare()
    scan.digest, scan.before = None, "scan a"
    assert (failed(scan, [word]), exit_code(scan, [word])) == ([], Exit.CLEAN)


def test_a_plan_fails_by_what_it_makes_worse_alone():
    scan = sample.scan()
    effects = iter((Effect.AS_BEFORE, Effect.WORSE, Effect.NEW))
    scan.findings = Findings(
        [
            msgspec.structs.replace(each, effect=next(effects) if each.status is Status.FAIL else Effect.MENDED)
            for each in scan.findings
        ]
    )
    scan.before = "scan a"
    assert failed(scan, ["worse"]) == ["2 findings that the plan makes worse"]
    scan.known = frozenset(each.id for each in scan.failures)
    assert failed(scan, ["worse"]) == []


def test_words_add_up_and_never_outweighs_them():
    assert failed(sample.scan(), ["critical", "missing"]) == [*FAILS["critical"], *FAILS["missing"]]
    assert failed(sample.scan(), ["critical", "never"]) == []


def test_high_changed_and_missing_are_the_default():
    assert Settings().fail_on == ("high", "changed", "missing")


def test_what_is_resolved_fails_nothing():
    scan = sample.scan()
    assert scan.digest
    scan.digest = Digest(scan="b", since="a", resolved=scan.digest.resolved, now_visible=scan.digest.new)
    assert failed(scan, ["regression", "new"]) == []


def test_a_gap_that_is_not_accepted_is_not_clean():
    scan = sample.scan()
    assert (len(scan.gaps), len(scan.accepted)) == (3, 1)
    assert exit_code(scan, ["never"]) is Exit.INCOMPLETE
    scan.accepted = scan.gaps
    assert exit_code(scan, ["never"]) is Exit.CLEAN
    assert exit_code(scan, ["high"]) is Exit.GATE_FAILED, "an accepted gap excuses no failure"


def test_every_word_of_the_gate_is_documented_here():
    assert set(FAILS) == {each.value for each in Gate}

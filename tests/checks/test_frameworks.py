"""How a control stands by the verdicts of its checks, what a framework's score counts, and whether lists are whole."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from checks import FRAMEWORKS, REGISTRY, Category, Check, Finding, Severity, Status
from checks import frameworks as module
from checks.frameworks import NAMES, Control, Listed, Standing, assessed, lists
from state import Inventory, Resource
from tests.cases import every

CATALOGUE = json.loads(Path(__file__).with_name("catalogue.json").read_bytes())
CHAPTERS = {
    "cis_3_0": {"1": 22, "2": 9, "3": 9, "4": 16, "5": 6},
    "cis_5_0": {"1": 21, "2": 9, "3": 9, "4": 16, "5": 8},
    "cis_6_0": {"2": 21, "3": 9, "4": 9, "5": 16, "6": 8},
    "cis_7_0": {"2": 26, "3": 9, "4": 10, "5": 16, "6": 9},
    "fsbp": 205,
    "pci_4": dict(zip(map(str, range(1, 13)), (19, 11, 29, 6, 13, 19, 12, 29, 27, 27, 21, 37), strict=True))
    | {"A1": 7, "A2": 3, "A3": 20},
    "nist_800_53_r5": 287,
    "soc2": {"cc": 36, "a": 2, "pi": 5, "p": 18},
    "hipaa": {"164_308": 31, "164_310": 12, "164_312": 12, "164_314": 11, "164_316": 6},
    "well_architected_reliability": {
        f"REL{number:02}": count for number, count in enumerate((6, 5, 3, 4, 7, 7, 4, 5, 4, 3, 7, 5, 5), 1)
    },
}
"""How many controls the sources of the lists have, by chapter where the ids tell it."""

WIDER = {"fsbp": r"\w+\.\d+", "nist_800_53_r5": r"[a-z]{2}_\d+(_\d+)?"}
"""Checks are mapped to controls that these lists do not have: an older one, and one of a baseline."""
FAIL, PASS, UNKNOWN, SUPPRESSED, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SUPPRESSED, Status.SKIPPED


def one(resource: Resource, inventory: Inventory) -> None:
    """One."""


def other(resource: Resource, inventory: Inventory) -> None:
    """Other."""


def mapped(rule, **frameworks: tuple[str, ...]) -> Check:
    about = {"types": ("aws_vpc",), "severity": Severity.LOW, "category": Category.NETWORK}
    return Check(rule=rule, frameworks=frameworks, **about)


ONE, OTHER = mapped(one, gdpr=("article_1",)), mapped(other, gdpr=("article_1", "article_2"))


def findings(check: Check, *statuses: Status, message: str = "") -> list[Finding]:
    seen = [Resource(type="aws_vpc", id=each) for each in statuses]
    return [Finding(check=check, resource=each, status=Status(each.id), message=message) for each in seen]


def standings(name: str, check: Check, *statuses: Status) -> dict[str, Standing]:
    return {each.id: each.standing for each in assessed(name, [check], findings(check, *statuses)).controls}


@pytest.mark.parametrize(
    ("of_one", "of_other", "standing"),
    [
        ([PASS], [PASS, SKIPPED], Standing.PASSED),
        ([PASS], [PASS, FAIL, UNKNOWN], Standing.FAILED),
        ([FAIL], [], Standing.FAILED),
        ([PASS], [PASS, UNKNOWN], Standing.UNKNOWN),
        ([PASS], [], Standing.UNKNOWN),
        ([], [], Standing.UNKNOWN),
        ([PASS], [SUPPRESSED, PASS], Standing.SUPPRESSED),
        ([SUPPRESSED], [UNKNOWN], Standing.UNKNOWN),
        ([SKIPPED], [SKIPPED], Standing.NOTHING),
    ],
)
def test_a_control_stands_as_the_worst_of_its_checks(of_one, of_other, standing) -> None:
    found = assessed("gdpr", [ONE, OTHER], [*findings(ONE, *of_one), *findings(OTHER, *of_other)])
    assert (found.controls[0].id, found.controls[0].standing) == ("article_1", standing)


def test_what_a_control_says_of_its_checks() -> None:
    found = assessed("gdpr", [ONE, OTHER], findings(ONE, PASS, FAIL, FAIL))
    first, second = found.controls
    assert first == Control(
        id="article_1",
        standing=Standing.FAILED,
        checks=("one", "other"),
        findings={"pass": 1, "fail": 2},
        failed=("one",),
        not_run=("other",),
    )
    assert second == Control(id="article_2", standing=Standing.UNKNOWN, checks=("other",), not_run=("other",))


def test_what_nobody_looked_at_is_unknown_even_beside_what_passed() -> None:
    unseen = findings(ONE, SKIPPED, message="live only: no account is read")
    (control,) = assessed("gdpr", [ONE], [*findings(ONE, PASS), *unseen]).controls
    assert (control.standing, control.not_run, control.findings) == (Standing.UNKNOWN, ("one",), {"pass": 1})
    (control,) = assessed("gdpr", [ONE], findings(ONE, PASS, UNKNOWN)).controls
    assert (control.standing, control.unsure, control.not_run) == (Standing.UNKNOWN, ("one",), ())
    none = findings(ONE, SKIPPED, message="no aws_vpc")
    assert assessed("gdpr", [ONE], none).controls[0].standing is Standing.NOTHING


def test_without_a_whole_list_there_is_no_score() -> None:
    found = assessed("gdpr", [ONE], findings(ONE, PASS))
    assert (found.listed, found.score, found.counts[Standing.PASSED]) == (None, None, 1)


def test_the_score_counts_only_what_passed_of_the_whole_list_but_what_has_nothing_to_judge() -> None:
    well = mapped(one, fsbp=("EC2.1", "EC2.2", "EC2.3", "Later.1"))
    none = mapped(other, fsbp=("S3.1", "S3.2"))
    found = assessed("fsbp", [well, none], [*findings(well, PASS), *findings(none, SKIPPED)])
    counts = {Standing.PASSED: 3, Standing.NOTHING: 2, Standing.UNCHECKED: 200}
    assert found.counts == dict.fromkeys(Standing, 0) | counts
    assert found.beside == dict.fromkeys(Standing, 0) | {Standing.PASSED: 1}
    assert (found.judged, found.score) == (203, 300 // 203)
    for status in (FAIL, UNKNOWN, SUPPRESSED):
        assert assessed("fsbp", [well], findings(well, status)).score == 0


def test_what_no_check_is_mapped_to_is_manual_or_not_checked() -> None:
    found = standings("cis-7.0", mapped(one, cis_7_0=("2.4",)), PASS)
    assert [found[each] for each in ("2.4", "2.5", "2.1.2")] == [Standing.PASSED, Standing.UNCHECKED, Standing.MANUAL]
    assert standings("cis-7.0", mapped(one, cis_7_0=("2.1.2",)), PASS)["2.1.2"] is Standing.PASSED


def test_a_check_is_mapped_to_a_control_by_parts_of_it() -> None:
    check = mapped(one, nist_800_53_r5=("ac_2_j", "ac_2_d_1", "ac_2_3_a", "ac_2_12_a"))
    found = {
        each.id: each for each in assessed("nist-800-53-r5", [check], findings(check, FAIL)).controls if each.checks
    }
    assert {id: (each.title, each.beside, each.findings) for id, each in found.items()} == {
        "ac_2": ("Account management", False, {"fail": 1}),
        "ac_2_3": ("Accounts are disabled", False, {"fail": 1}),
        "ac_2_12": ("", True, {"fail": 1}),
    }


def test_controls_are_told_in_the_order_of_their_numbers() -> None:
    check = mapped(one, cis_7_0=("2.10", "2.9", "2.1.1", "10.1"))
    found = assessed("cis-7.0", [check], ()).controls
    assert [each.id for each in found if each.checks] == ["2.1.1", "2.9", "2.10", "10.1"]


# --- the lists ------------------------------------------------------------------------------------


def chapter(control: str) -> str:
    """``5`` of 5.1.1, ``A1`` of A1.2.1, ``cc`` of cc_6_1, ``164_308`` of 164_308_a_1_i, ``REL01`` of REL01-BP01."""
    found = re.match(r"164_\d+|REL\d+|A?\d+|[a-z]+", control)
    assert found
    return found[0]


def test_each_framework_has_a_name() -> None:
    assert list(NAMES.values()) == list(FRAMEWORKS)


def test_no_id_is_listed_twice() -> None:
    def whole(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert [name for name, count in Counter(name for name, _ in pairs).items() if count > 1] == []
        return dict(pairs)

    json.loads(Path(module.__file__).with_name("frameworks.json").read_text(), object_pairs_hook=whole)
    assert [id for id, each in lists().items() if each.controls.keys() & each.manual.keys()] == []


@pytest.mark.parametrize(("id", "listed"), lists().items(), ids=lists())
def test_a_list_names_its_source_and_has_all_that_the_source_has(id: str, listed: Listed) -> None:
    assert listed.source.startswith("https://")
    assert re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", listed.date)
    every = [*listed.controls, *listed.manual]
    expected = CHAPTERS[id]
    assert (len(every) if isinstance(expected, int) else Counter(map(chapter, every))) == expected


@pytest.mark.parametrize("listed", lists().values(), ids=lists())
def test_titles_are_short_and_not_the_benchmarks(listed: Listed) -> None:
    for title in (*listed.controls.values(), *listed.manual.values()):
        assert 5 <= len(title) <= 72
        assert not re.search(r"\.$|^Ensure|^The entity", title)


@pytest.mark.parametrize(("id", "listed"), lists().items(), ids=lists())
def test_each_id_that_checks_are_mapped_to_is_in_the_list_and_not_manual(id: str, listed: Listed) -> None:
    mine = {listed.control(each) for check in REGISTRY.values() for each in check.frameworks.get(id, ())}
    assert sorted(mine & listed.manual.keys()) == []
    beside = sorted(mine - listed.controls.keys())
    assert [each for each in beside if not re.fullmatch(WIDER.get(id, "none"), each)] == []


def test_an_id_of_fsbp_is_written_as_the_list_writes_it() -> None:
    services = {each.partition(".")[0] for each in lists()["fsbp"].controls}
    mine = {id.partition(".")[0] for each in REGISTRY.values() for id in each.frameworks.get("fsbp", ())}
    assert {
        each for each in mine if each.lower() in {one.lower() for one in services} and each not in services
    } == set()


@every(REGISTRY)
def test_it_is_mapped_to_all_that_the_catalogue_has(check: Check) -> None:
    row = CATALOGUE[check.id]["frameworks"]
    assert {name: list(ids) for name, ids in check.frameworks.items()} == row

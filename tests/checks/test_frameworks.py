"""How a control stands by the verdicts of its checks, and what a framework's score counts."""

import json
import re
from pathlib import Path

import pytest

from checks import FRAMEWORKS, REGISTRY, Category, Check, Finding, Severity, Status
from checks.frameworks import NAMES, Control, Standing, assessed, lists
from state import Inventory, Resource

CATALOGUE = Path(__file__).with_name("catalogue.json")
FAIL, PASS, UNKNOWN, SUPPRESSED, SKIPPED = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.SUPPRESSED, Status.SKIPPED


def one(resource: Resource, inventory: Inventory) -> None:
    """One."""


def other(resource: Resource, inventory: Inventory) -> None:
    """Other."""


def mapped(rule, **frameworks: tuple[str, ...]) -> Check:
    about = {"types": ("aws_vpc",), "severity": Severity.LOW, "category": Category.NETWORK}
    return Check(rule=rule, frameworks=frameworks, **about)


ONE, OTHER = mapped(one, soc2=("cc_1",)), mapped(other, soc2=("cc_1", "cc_2"))


def findings(check: Check, *statuses: Status) -> list[Finding]:
    return [Finding(check=check, resource=Resource(type="aws_vpc", id=each), status=each) for each in statuses]


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
    found = assessed("soc2", [ONE, OTHER], [*findings(ONE, *of_one), *findings(OTHER, *of_other)])
    assert (found.controls[0].id, found.controls[0].standing) == ("cc_1", standing)


def test_what_a_control_says_of_its_checks() -> None:
    found = assessed("soc2", [ONE, OTHER], findings(ONE, PASS, FAIL, FAIL))
    first, second = found.controls
    assert first == Control(
        id="cc_1",
        standing=Standing.FAILED,
        checks=("one", "other"),
        findings={"pass": 1, "fail": 2},
        failed=("one",),
        not_run=("other",),
    )
    assert second == Control(id="cc_2", standing=Standing.UNKNOWN, checks=("other",), not_run=("other",))


def test_without_a_whole_list_there_is_no_score() -> None:
    found = assessed("soc2", [ONE], findings(ONE, PASS))
    assert (found.listed, found.score, len(found.controls)) == (None, None, 1)


def test_the_score_counts_only_what_passed_of_the_whole_list_but_what_has_nothing_to_judge() -> None:
    controls = lists()["fsbp"].controls
    well = mapped(one, fsbp=("EC2.1", "EC2.2", "EC2.3", "Later.1"))
    none = mapped(other, fsbp=("S3.1", "S3.2"))
    found = assessed("fsbp", [well, none], [*findings(well, PASS), *findings(none, SKIPPED)])
    counts = {Standing.PASSED: 4, Standing.NOTHING: 2, Standing.MANUAL: len(controls) - 5}
    assert found.counts == dict.fromkeys(Standing, 0) | counts
    assert found.score == 100 * 4 // (len(controls) + 1 - 2)
    assert assessed("fsbp", [well], findings(well, UNKNOWN)).score == 0


def test_controls_are_told_in_the_order_of_their_numbers() -> None:
    check = mapped(one, cis_7_0=("2.10", "2.9", "2.1.1", "10.1"))
    assert [each.id for each in assessed("cis-7.0", [check], ()).controls] == ["2.1.1", "2.9", "2.10", "10.1"]


def test_each_framework_has_a_name_and_each_list_a_source() -> None:
    assert list(NAMES.values()) == list(FRAMEWORKS)
    for id, listed in lists().items():
        assert id in FRAMEWORKS
        assert listed.source.startswith("https://")
        assert re.fullmatch(r"\d{4}-\d{2}", listed.date)
        assert len(set(listed.controls)) == len(listed.controls)


def test_an_id_of_fsbp_is_written_as_the_list_writes_it() -> None:
    services = {each.partition(".")[0] for each in lists()["fsbp"].controls}
    mine = {id.partition(".")[0] for each in REGISTRY.values() for id in each.frameworks.get("fsbp", ())}
    assert {
        each for each in mine if each.lower() in {one.lower() for one in services} and each not in services
    } == set()


@pytest.mark.parametrize("check", REGISTRY.values(), ids=REGISTRY)
def test_it_is_mapped_to_all_that_the_catalogue_has(check: Check) -> None:
    row = json.loads(CATALOGUE.read_text())[check.id]["frameworks"]
    assert {name: list(ids) for name, ids in check.frameworks.items()} == row

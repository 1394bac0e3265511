"""Many verdicts, kept in few bytes, are the verdicts that were put there."""

from __future__ import annotations

from itertools import chain
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from checks import REGISTRY, Effect, Finding, Findings, Origin, Status
from checks.verdicts import Told
from state import Resource

CHECKS = [REGISTRY["s3-bucket-versioning"], REGISTRY["rds-iam-authentication"]]
RESOURCES = [Resource(type="aws_s3_bucket", id=name) for name in ("logs", "shop", "*")]

about = {"check": st.sampled_from(CHECKS), "resource": st.sampled_from(RESOURCES)}
bare = st.builds(Finding, **about, status=st.just(Status.PASS))
findings = st.builds(
    Finding,
    **about,
    status=st.sampled_from(Status),
    message=st.sampled_from(["", "has no versions"]),
    evidence=st.sampled_from([{}, {"versioning": None}]),
    origin=st.sampled_from([None, Origin.DECLARED]),
    effect=st.sampled_from([None, Effect.MENDED]),
)


@given(st.lists(findings | bare))
def test_what_is_kept_is_what_was_put_there(put: list[Finding]) -> None:
    kept = Findings(put)
    assert ([*kept], len(kept), kept[1:3]) == (put, len(put), put[1:3])


def test_a_pass_that_says_nothing_more_is_kept_by_its_resource_alone() -> None:
    bare = Finding(check=CHECKS[0], resource=RESOURCES[0], status=Status.PASS)
    mended = msgspec.structs.replace(bare, effect=Effect.MENDED)
    kept = Findings([bare, bare, mended])
    inside = list(chain.from_iterable(run.kept for run in kept._runs))
    assert (inside, len(kept._runs)) == ([RESOURCES[0], RESOURCES[0], Told.of(mended)], 1)


def test_a_message_that_many_share_is_kept_once() -> None:
    said = [Finding(check=CHECKS[0], resource=each, status=Status.SKIPPED, message="no " + "key") for each in RESOURCES]
    [run] = Findings(said)._runs
    inside: Any = run.kept
    assert inside == list(chain.from_iterable(((Status.SKIPPED, "no key"), each) for each in RESOURCES))
    assert len({id(each) for each in inside[::2]}) == 1


@given(st.lists(findings | bare))
def test_revised_are_those_of_the_checks_meant_alone(put: list[Finding]) -> None:
    def mended(each: Finding) -> Finding:
        return msgspec.structs.replace(each, effect=Effect.MENDED)

    found = Findings(put).revised(lambda check, status: check is CHECKS[0], mended)
    assert [*found] == [mended(each) if each.check is CHECKS[0] else each for each in put]
    assert len(found) == len(put)


@given(st.lists(findings | bare))
def test_sorted_are_all_by_check_and_resource(put: list[Finding]) -> None:
    found = Findings(put).sorted(lambda check: check.id)
    assert [*found] == sorted(put, key=lambda each: (each.check.id, each.resource.key))


@given(st.lists(findings | bare), st.sampled_from(Status))
def test_those_of_a_status_are_these_and_no_others(put: list[Finding], status: Status) -> None:
    assert [*Findings(put).those(status)] == [each for each in put if each.status is status]


@given(st.lists(findings | bare))
def test_by_resource_and_by_check_all_are_there(put: list[Finding]) -> None:
    parted = Findings(put).by_resource(lambda resource: resource.id)
    assert {id: [*each] for id, each in parted.items()} == {
        id: [each for each in put if each.resource.id == id] for id in {each.resource.id for each in put}
    }
    assert [each for check, some in Findings(put).by_check() for each in some if each.check is check] == put

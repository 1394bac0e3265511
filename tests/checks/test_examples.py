"""Every documented example holds, and no check takes what it cannot see for a pass."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from checks import FRAMEWORKS, REGISTRY, TAGGED, Check, Finding, Status, Terms
from checks.secrets import in_attributes
from scanner.collectors import collectors, schemas
from state import Gap, Inventory, Resource
from state.terraform import configuration, discovery, hcl
from state.terraform.keeping import kept
from state.terraform.remote import S3
from tests.cases import every

CATALOGUE = json.loads(Path(__file__).with_name("catalogue.json").read_bytes())
NOW = datetime(2026, 11, 21, tzinfo=UTC)
UNSEEN = "nobody may look"
TERMS = Terms(
    allowed_regions=("eu-west-1",),
    name_pattern="[a-z0-9]+(-[a-z0-9]+){2,}",
    public_load_balancers=("shop-*",),
    public_repositories=("shop-*",),
    allowed_tag_values={"environment": "live|test|dev"},
    owners=("shop", "payments"),
    delegated_administrators=("111122223333",),
)
UNDECIDED = (Status.UNKNOWN, Status.SKIPPED)


@cache
def terms_of(text: str) -> Terms:
    """What is agreed on, and that the state of an example lies where its backend says."""
    code = configuration.of_text(text, "main.tf")
    backings = [*discovery.of_code(code, discovery.Follow())]
    held = {
        f"{each.type}.{each.id}.{path}": kind
        for each in hcl.resources(code, schemas())
        for path, kind in in_attributes(each.type, each.attributes)
    }
    read = [(S3(bucket=each.settings["bucket"], key=each.settings["key"]), held) for each in backings]
    return msgspec.structs.replace(TERMS, states=tuple(kept(read, backings)))


EXAMPLES = {
    f"{check.id}-{number}-{verdict}": (check, verdict, text)
    for check in REGISTRY.values()
    for number, (verdict, text) in enumerate(check.examples)
}
every_example, every_check = every(EXAMPLES), every(REGISTRY)


@cache
def read(text: str) -> Inventory:
    return hcl.read(text, schemas(), now=NOW)


def first(check: Check, inventory: Inventory) -> Resource:
    """The resource that an example is about: the first one of the check's types."""
    return next(each for each in inventory.resources if each.type in check.types or TAGGED in check.types)


def judged(check: Check, inventory: Inventory, text: str) -> Finding:
    return check.judge(first(check, inventory), inventory, terms_of(text))


class Noted(dict[str, Any]):
    """Attributes that note which of them are read, and of what."""

    def __init__(self, values: Any, resource: Resource, notes: list[tuple[Resource, str]]) -> None:
        super().__init__(values)
        self.resource, self.notes = resource, notes

    def __getitem__(self, name: str) -> Any:
        self.notes.append((self.resource, name))
        return super().__getitem__(name)


@cache
def reads(check: Check, text: str) -> list[tuple[Resource, str]]:
    """Each attribute and fact that the rule reads of an example, of neighbours too, in order."""
    inventory, notes = read(text), list[tuple[Resource, str]]()
    watched = [
        each.replace(attributes=Noted(each.attributes, each, notes), facts=Noted(each.facts, each, notes))
        for each in inventory.resources
    ]
    judged(check, Inventory(watched, inventory.gaps, taken_at=inventory.taken_at), text)
    return notes


@every_example
def test_it_holds(check: Check, verdict: Status, text: str) -> None:
    finding = judged(check, read(text), text)
    assert (finding.status, finding.message if finding.status is Status.UNKNOWN else "") == (verdict, "")
    assert bool(finding.message) is (verdict is Status.FAIL)
    assert bool(finding.evidence) is (verdict is Status.FAIL)


@every_check
def test_a_failure_and_a_pass_are_documented(check: Check) -> None:
    assert {verdict for verdict, _ in check.examples} == {Status.FAIL, Status.PASS}


@every_check
def test_it_says_what_why_and_how_to_mend_it(check: Check) -> None:
    assert all((check.title, check.rationale, check.remediation))
    assert "Fix:" not in check.rationale + check.remediation
    assert check.id.startswith(f"{check.service}-")


def without(inventory: Inventory, withheld: list[tuple[Resource, str]]) -> Inventory:
    """The same reading, had nobody been let see these values."""

    def blind(each: Resource) -> Resource:
        names = [name for resource, name in withheld if resource is each]
        return each.replace(unknown={**each.unknown, **dict.fromkeys(names, UNSEEN)})

    return Inventory(map(blind, inventory.resources), inventory.gaps, taken_at=inventory.taken_at)


@every_example
def test_what_cannot_be_seen_is_never_taken_for_an_answer(check: Check, verdict: Status, text: str) -> None:
    inventory = read(text)
    noted = reads(check, text)
    for each in noted:
        finding = judged(check, without(inventory, [each]), text)
        assert (each[1], finding.status) in [(each[1], status) for status in (*UNDECIDED, verdict)]
    if noted:
        assert judged(check, without(inventory, noted), text).status in UNDECIDED


class Asked(Inventory):
    """A reading that notes which types of neighbours are asked for."""

    def __init__(self, inventory: Inventory, hidden: set[str]) -> None:
        gaps = [Gap(type=type, account="", region="global", reason=UNSEEN) for type in hidden]
        left = [each for each in inventory.resources if each.type not in hidden]
        super().__init__(left, [*inventory.gaps, *gaps], taken_at=inventory.taken_at)
        self.asked: set[str] = set()

    def near(self, resource: Resource, type: str, **where: Any) -> Any:
        self.asked.add(type)
        return super().near(resource, type, **where)

    def candidates(self, resource: Resource, type: str, *about: Any) -> Any:
        self.asked.add(type)
        return super().candidates(resource, type, *about)


@every_example
def test_what_hangs_on_neighbours_is_unknown_behind_a_gap(check: Check, verdict: Status, text: str) -> None:
    inventory = read(text)
    subject = first(check, inventory)
    plain = Asked(inventory, set())
    check.judge(subject, plain, terms_of(text))
    for type in plain.asked:
        finding = check.judge(subject, Asked(inventory, {type}), terms_of(text))
        assert (type, finding.status) in [(type, Status.UNKNOWN), (type, verdict)]
    if plain.asked:
        finding = check.judge(subject, Asked(inventory, plain.asked), terms_of(text))
        assert finding.status is Status.UNKNOWN
        assert UNSEEN in finding.message


@cache
def collected() -> dict[str, set[str]]:
    found = {each.type: {*each.attributes, *each.facts} | ({"tags"} if each.tags else set()) for each in collectors()}
    return found | {"region": set()}


@every_example
def test_only_what_is_collected_is_read(check: Check, verdict: Status, text: str) -> None:
    assert [f"{each.type}.{name}" for each, name in reads(check, text) if name not in collected()[each.type]] == []


@every_check
def test_what_it_says_of_itself_is_what_the_catalogue_has(check: Check) -> None:
    row = CATALOGUE[check.id]
    assert (check.title, check.severity, check.category) == (row["title"], row["severity"], row["category"])
    invented = {name: sorted(set(ids) - set(row["frameworks"].get(name, ()))) for name, ids in check.frameworks.items()}
    assert {name: ids for name, ids in invented.items() if ids} == {}
    named = {name for name in row["frameworks"] if name.startswith("cis") or name == "fsbp"}
    assert named - set(check.frameworks) == set()
    assert set(check.frameworks) <= set(FRAMEWORKS)

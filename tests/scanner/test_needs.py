"""What a scan asks AWS for is what its checks read and its declared resources are compared in, and no more."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from checks import REGISTRY, Category, Check, Severity
from checks import run as judge
from scanner.aws.asked import Want
from scanner.aws.collector import Collector, Detail, Listing, Shared, joined, volatile
from scanner.aws.owners import owner_by_tags
from scanner.collectors import collectors, schemas
from scanner.demo.company import READ, build
from scanner.needs import Needs, needs
from state import Inventory, Resource
from state.drift import Comparison, drift
from state.schema import Parent
from state.terraform.settle import settle
from tests.conftest import read
from tests.witness.account import replay
from tests.witness.case import Case

ACME = [each for each in collectors() if each.type in READ]
SETTINGS = {each.type for each in ACME if each.type.startswith("aws_s3_bucket_")}


ONE_BY_ONE = {
    "aws_instance Credits",
    "aws_instance ToldDisableApiStop",
    "aws_instance ToldDisableApiTermination",
    "aws_instance ToldInstanceInitiatedShutdownBehavior",
}
"""What an instance tells for a call of its own, and no check reads."""
UNREAD = ONE_BY_ONE | {
    "aws_dynamodb_table Expiry",
    "aws_iam_role Listed",
    "aws_lambda_function Concurrency",
    "aws_vpc EnableDnsHostnames",
    "aws_vpc EnableDnsSupport",
    "aws_vpc EnableNetworkAddressUsageMetrics",
}


def run(found: Needs) -> set[str]:
    return {each.type for each in found.collectors}


def asked(found: Needs) -> set[str]:
    """The details that are asked for, as ``type into``."""
    return {
        f"{each.type} {detail.into}"
        for each in found.collectors
        for detail in each.details
        if found.want(each, detail) is not Want.NONE
    }


def left(found: Needs) -> set[str]:
    """The details that are not asked for, of the types that are read."""
    return {f"{each.type} {detail.into}" for each in found.collectors for detail in each.details} - asked(found)


def of_checks(*ids: str) -> Needs:
    return needs(ACME, [REGISTRY[id] for id in ids], None, drift=False, everything=False)


def of_state(*declared: Resource, checks: Iterable[Check] = (), everything: bool = False) -> Needs:
    return needs(ACME, checks, Inventory(declared), drift=True, everything=everything)


def declared(type: str, unknown: dict[str, str] | None = None, **attributes: Any) -> Resource:
    return Resource(type=type, id="it", attributes=attributes, unknown=unknown or {})


def witness(name: str) -> list[Resource]:
    """What a state that the real provider wrote declares."""
    return settle(Case(name).declared(), schemas())


# --- checks alone -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "types", "details"),
    [
        ("rds-instance-public", {"aws_db_instance"}, set()),
        (
            "rds-snapshot-public",
            {"aws_db_snapshot", "aws_db_cluster_snapshot"},
            {"aws_db_snapshot Sharing", "aws_db_cluster_snapshot Sharing"},
        ),
        ("sg-ingress-ssh-world", {"aws_security_group", "aws_vpc_security_group_ingress_rule"}, set()),
        ("dynamodb-pitr", {"aws_dynamodb_table"}, {"aws_dynamodb_table Described", "aws_dynamodb_table Backups"}),
        (
            "s3-bucket-versioning",
            {"aws_s3_bucket", "aws_s3_bucket_versioning"},
            {"aws_s3_bucket_versioning Versioning"},
        ),
        ("iam-user-mfa-console", {"aws_iam_user"}, {"aws_iam_user Credentials"}),
        ("iam-root-mfa", {"account"}, {"account Summary"}),
        ("iam-role-trust-anyone", {"aws_iam_role"}, set()),
        ("vpc-single-az", {"aws_vpc", "aws_subnet"}, set()),
        ("ebs-volume-unencrypted", {"aws_ebs_volume"}, set()),
    ],
)
def test_a_check_needs_its_types_and_the_calls_that_tell_what_it_reads(
    check: str, types: set[str], details: set[str]
) -> None:
    found = of_checks(check)
    assert (run(found), asked(found)) == (types, details)


def test_no_check_needs_nothing() -> None:
    assert (run(of_checks()), asked(of_checks())) == (set(), set())


def test_tags_need_whatever_has_them_and_whoever_tells_the_owner() -> None:
    found = of_checks("tag-untagged")
    tagged = {each.type for each in ACME if each.tags}
    neighbours = {"aws_route", "aws_route_table_association"}  # of a main route table; a part that can carry tags
    assert run(found) == tagged | neighbours
    assert asked(found) == {
        "aws_dynamodb_table Described",
        "aws_dynamodb_table Tagging",
        "aws_iam_instance_profile Whole",
        "aws_iam_policy Whole",
        "aws_lambda_function Tagging",
        "aws_s3_bucket Tagging",
    }


def test_all_checks_together_leave_out_what_none_reads() -> None:
    found = of_checks(*REGISTRY)
    assert left(found) == UNREAD
    assert {each.type for each in ACME} - run(found) == {"aws_volume_attachment"}


def test_what_nobody_selected_is_not_read() -> None:
    only = [each for each in ACME if each.type == "aws_s3_bucket"]
    found = needs(only, [REGISTRY["s3-bucket-versioning"]], None, drift=False, everything=False)
    assert (run(found), asked(found)) == ({"aws_s3_bucket"}, set())


# --- drift --------------------------------------------------------------------------------------


def test_drift_lists_everything_and_asks_whose_it_is() -> None:
    found = of_state()
    assert run(found) == {each.type for each in ACME} - SETTINGS
    assert asked(found) == {
        "aws_dynamodb_table Described",
        "aws_dynamodb_table Tagging",
        "aws_iam_account_password_policy Policy",
        "aws_iam_instance_profile Whole",
        "aws_iam_policy Whole",
        "aws_lambda_function Tagging",
        "aws_s3_bucket Tagging",
    }


def test_without_drift_a_state_needs_nothing() -> None:
    state = Inventory([declared("aws_dynamodb_table", ttl=[{"enabled": True}])])
    found = needs(ACME, [], state, drift=False, everything=False)
    assert run(found) == set()


@pytest.mark.parametrize("value", [[{"enabled": True}], [], None])
def test_a_call_is_needed_where_a_declared_resource_is_compared_in_what_it_tells(value: Any) -> None:
    """Also where none is declared: one that somebody set by hand is drift."""
    found = of_state(declared("aws_dynamodb_table", ttl=value))
    assert asked(found) - asked(of_state()) == {"aws_dynamodb_table Expiry"}


def test_a_call_is_not_needed_where_the_declaration_does_not_say() -> None:
    assert asked(of_state(declared("aws_dynamodb_table", hash_key="id"))) == asked(of_state())
    unknown = declared("aws_dynamodb_table", {"ttl": "is an expression"}, ttl=None)
    assert asked(of_state(unknown)) == asked(of_state())
    assert asked(of_state(declared("aws_iam_user", mfa_active=True))) == asked(of_state()), "a fact does not compare"


def test_what_a_check_reads_is_asked_for_besides() -> None:
    found = of_state(checks=[REGISTRY["rds-snapshot-public"], REGISTRY["s3-bucket-versioning"]])
    assert asked(found) - asked(of_state()) == {
        "aws_db_cluster_snapshot Sharing",
        "aws_db_snapshot Sharing",
        "aws_s3_bucket_versioning Versioning",
    }
    assert run(found) - run(of_state()) == {"aws_s3_bucket_versioning"}


def test_a_declared_bucket_needs_each_of_its_settings() -> None:
    assert run(of_state(declared("aws_s3_bucket", bucket="orders"))) >= SETTINGS
    with_details = {each.type for each in collectors() if each.type in SETTINGS and each.details}
    assert {each.partition(" ")[0] for each in asked(of_state(declared("aws_s3_bucket")))} >= with_details
    alone = of_state(declared("aws_s3_bucket_policy", bucket="orders"))
    assert run(alone) & SETTINGS == {"aws_s3_bucket_policy"}
    assert run(of_state(everything=True)) >= SETTINGS, "parts count as unmanaged too"


def test_a_state_of_functions_tables_and_a_network() -> None:
    found = of_state(*witness("data"))
    assert "aws_lambda_function Tagging" in asked(found)
    assert left(found) == {
        "account Credentials",
        "account Regions",
        "account Summary",
        "aws_db_cluster_snapshot Sharing",
        "aws_db_snapshot Sharing",
        "aws_ebs_snapshot Public",
        "aws_iam_user Credentials",
        "aws_instance ToldUserData",
        *ONE_BY_ONE,
    }
    both = of_state(*witness("data"), checks=REGISTRY.values())
    assert left(both) == ONE_BY_ONE


def test_a_state_of_buckets() -> None:
    found = of_state(*witness("buckets"), checks=REGISTRY.values())
    assert run(found) == {each.type for each in ACME}
    assert left(found) == UNREAD


# --- neighbours, and calls that serve others ------------------------------------------------------


def reading(type: str, *names: str) -> Check:
    """A check that reads these names of a type."""

    def rule(resource: Resource, inventory: Inventory) -> None: ...

    return Check(rule=rule, types=(type,), severity=Severity.LOW, category=Category.COST, also_reads=names)


def of_reading(type: str, *names: str, known: Iterable[Collector] = ()) -> Needs:
    return needs(known or ACME, [reading(type, *names)], None, drift=False, everything=False)


def test_an_attribute_that_neighbours_tell_needs_them() -> None:
    assert run(of_reading("aws_instance", "ami")) == {"aws_instance"}
    assert run(of_reading("aws_instance", "root_block_device")) == {"aws_instance", "aws_ebs_volume"}
    assert run(of_reading("aws_vpc", "main_route_table_id")) == {"aws_vpc", "aws_route_table"}


def test_an_owner_that_neighbours_tell_needs_them_and_theirs() -> None:
    assert run(of_reading("aws_ebs_volume", "owner")) == {"aws_ebs_volume", "aws_instance"}
    assert run(of_reading("aws_route_table", "owner")) == {"aws_route_table", "aws_route", "aws_vpc"}


def test_an_owner_is_told_by_tags() -> None:
    assert asked(of_reading("aws_lambda_function", "runtime")) == set()
    assert asked(of_reading("aws_lambda_function", "owner")) == {"aws_lambda_function Tagging"}


async def ask(place: Any) -> dict[str, Any]:
    return {}


def detail(into: str, **arguments: str) -> Detail:
    return Detail(operation="describe", arguments=arguments, into=into)


THING = Collector(
    type="aws_thing",
    service="things",
    fetch=Listing("list_things", "Things"),
    permissions=(),
    id="Name",
    attributes={
        "arn": "Arn",
        "colour": "Seen.Colour",
        "size": "Weighed.Size",
        "kind": "Sorted.Kind",
        "gloss": "Dusted.Gloss",
    },
    facts={"age": "Dated.Age", "pending_deletion": "Going.Soon"},
    details=(
        detail("Seen", Name="Name"),
        detail("Weighed", Token="Opened.Token"),
        detail("Opened", Key="Seen.Key"),
        Shared(ask=ask, by="Name", into="Dated", only="Opened.Token"),
        Shared(ask=ask, by="Sorted.Name", into="Dusted"),
        detail("Sorted", Name="Name"),
        detail("Going", Name="Name"),
        detail("Made", Name="Name"),
    ),
)


def details_of(thing: Collector, *names: str, drift: bool = False, state: Iterable[Resource] = ()) -> set[str]:
    check = reading("aws_thing", *names)
    found = needs([thing], [check], Inventory(state), drift=drift, everything=False)
    return {into for _, into in found.details | found.near}


def changed(**about: Any) -> Collector:
    return Collector(**{name: getattr(THING, name) for name in THING.__struct_fields__} | about)


def test_a_call_needs_the_calls_that_it_is_asked_with() -> None:
    assert details_of(THING, "colour") == {"Seen"}
    assert details_of(THING, "size") == {"Weighed", "Opened", "Seen"}
    assert details_of(THING, "age") == {"Dated", "Opened", "Seen"}
    assert details_of(THING, "gloss") == {"Dusted", "Sorted"}
    assert details_of(THING) == set()


def test_what_names_a_thing_is_always_needed() -> None:
    assert details_of(changed(id="Seen.Id")) == {"Seen"}
    assert details_of(changed(arn="Seen.Arn")) == {"Seen"}
    assert details_of(changed(identity=("kind",))) == {"Sorted"}
    assert details_of(changed(identity=lambda said: said["kind"])) == {"Sorted"}
    assert details_of(changed(parent=Parent(type="aws_box", by="kind", part="thing"))) == {"Sorted"}
    assert details_of(changed(attributes={"arn": "Seen.Arn"})) == {"Seen"}


def made_by(item: Any) -> str | None:
    return item["Made"]


def test_what_says_whose_it_is_is_needed_where_somebody_asks() -> None:
    owned = changed(owner=made_by)
    assert (details_of(owned, "owner"), details_of(owned, "age")) == ({"Made"}, {"Dated", "Opened", "Seen"})
    assert details_of(changed(tags="Made.Tags"), "owner") == {"Made"}
    assert details_of(owned, drift=True) == {"Made", "Going"}


def test_what_tells_that_a_thing_is_as_aws_makes_it_is_needed_for_drift() -> None:
    plain = changed(at_default=lambda thing: thing["colour"] == "grey")
    assert (details_of(plain), details_of(plain, drift=True)) == (set(), {"Seen", "Going"})


def test_an_attribute_that_is_never_compared_needs_no_call() -> None:
    state = [declared("aws_thing", colour="grey")]
    assert details_of(THING, drift=True, state=state) == {"Seen", "Going"}
    moving = changed(attributes={"arn": "Arn", "colour": volatile("Seen.Colour")})
    assert details_of(moving, drift=True, state=state) == {"Going"}


def test_a_part_of_a_declared_thing_is_told_whole() -> None:
    part = changed(
        attributes={"box": "Box", "kind": "Sorted.Kind"}, parent=Parent(type="aws_box", by="box", part="thing")
    )
    assert details_of(part, drift=True) == {"Going"}
    assert details_of(part, drift=True, state=[declared("aws_box")]) == {"Going", "Sorted"}


def test_what_a_neighbour_is_found_by_is_needed_too() -> None:
    def place(thing: Resource, inventory: Inventory) -> Any:
        return inventory.near(thing, "aws_box", box=thing["kind"])

    assert details_of(changed(joins={"place": place}), "place") == {"Sorted"}


def test_no_collector_puts_two_answers_under_one_name() -> None:
    twice = [each.type for each in collectors() if len({one.into for one in each.details}) < len(each.details)]
    assert twice == []


def test_needs_are_said_of_any_of_the_collectors() -> None:
    found = of_checks("dynamodb-pitr")
    [table] = found.collectors
    wanted = {each.into: found.want(table, each) for each in table.details}
    assert wanted == dict.fromkeys(wanted, Want.NONE) | dict.fromkeys(("Described", "Backups"), Want.EACH)
    other = msgspec.structs.replace(table.details[0], into="Else")
    assert found.want(table, other) is Want.NONE


# --- the same is found ----------------------------------------------------------------------------

UNASKED = "was not asked for"


def only(live: Inventory, found: Needs) -> Inventory:
    """A reading of everything as it would be, had only what is needed been asked for."""
    kept = {each.type: each for each in found.collectors}
    seen = [_blinded(each, found, kept[each.type]) for each in live.resources if each.type in kept]
    subjects = [each for each in live.resources if each.type in {"account", "region"} - kept.keys()]
    bare = [each.replace(facts={}) for each in subjects]
    inventory = Inventory(
        [*seen, *bare],
        live.gaps,
        read=[each for each in live.read or () if each[0] in {"account", "region", *kept}],
        taken_at=live.taken_at,
    )
    told = [joined(each, kept[each.type], inventory) for each in seen]
    return Inventory([*told, *bare], live.gaps, read=inventory.read, taken_at=live.taken_at)


def _blinded(each: Resource, found: Needs, collector: Collector) -> Resource:
    details = [detail for detail in collector.details if found.want(collector, detail) is Want.NONE]
    unknown = {name: UNASKED for detail in details for name in collector.reads(detail)}
    by_tags = "tags" in unknown and each.owner == owner_by_tags(each.tags)
    return each.replace(
        attributes={name: value for name, value in each.attributes.items() if name not in unknown},
        facts={name: value for name, value in each.facts.items() if name not in unknown},
        tags={} if "tags" in unknown else each.tags,
        unknown={**each.unknown, **unknown},
        owner=None if by_tags else each.owner,
    )


def verdicts(checks: Iterable[Check], inventory: Inventory) -> list[tuple[str, ...]]:
    found = judge(checks, inventory)
    return sorted((each.check.id, each.id, each.resource.name, each.status, each.message) for each in found)


def test_a_check_finds_the_same_in_what_it_needs_as_in_everything(aws: Any) -> None:
    build(aws)
    live = read(*ACME)
    less = {id: verdicts([each], only(live, of_checks(id))) for id, each in REGISTRY.items()}
    assert less == {id: verdicts([each], live) for id, each in REGISTRY.items()}
    every = REGISTRY.values()
    assert verdicts(every, only(live, of_checks(*REGISTRY))) == verdicts(every, live)
    assert not [each for each in verdicts(every, only(live, of_checks(*REGISTRY))) if UNASKED in each[-1]]
    assert verdicts([REGISTRY["dynamodb-pitr"]], only(live, of_state())) != less["dynamodb-pitr"], "less is unknown"


def told(found: Comparison) -> list[Any]:
    return [(each.kind, each.resource.key, each.changes, each.note) for each in found.drift]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("buckets", "versioning_suspended"),
        ("data", "expiry_switched_off"),
        ("network", "host_names_switched_off"),
        ("roles", "session_lengthened"),
    ],
)
def test_the_same_has_drifted_in_what_is_needed_as_in_everything(
    aws: Any, endpoint: str, name: str, change: str
) -> None:
    case = Case(name)
    replay(endpoint, case.account)
    case.changes[change](aws, case.state())
    live, state = read(*ACME), Inventory(witness(name))
    whole = drift(live, state, schemas())
    less = drift(only(live, of_state(*state.resources)), state, schemas())
    paired = [{each.key for each in one.pairs} for one in (less, whole)]
    assert (told(less), less.unseen, paired[0]) == (told(whole), whole.unseen, paired[1])
    assert any(changes for _, _, changes, _ in told(less))

"""What a check is said to read holds all that it reads, and little more."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial, wraps
from typing import Any

from checks import REGISTRY, TAGGED, Check, Terms, dynamodb
from checks.check import Skip
from checks.reads import FIELDS, reads
from checks.tag import PARTS
from scanner.collectors import collectors
from state import Inventory, Resource, Unknown
from tests.checks.test_examples import TERMS, every_check, first, terms_of
from tests.checks.test_examples import read as example
from tests.conftest import REGION, read

Notes = set[tuple[str, str]]
"""(type, name); the name is empty where a type was looked for."""


# --- what is read -------------------------------------------------------------------------------


class Noted(Resource):
    """A resource that notes what is asked of it, whether or not it can answer."""

    notes: Notes

    def __getattribute__(self, name: str) -> Any:
        if name in FIELDS:
            self.notes.add((self.type, name))
        return super().__getattribute__(name)

    def _seen(self, name: str, values: Any, unknown: Any) -> Any:
        self.notes.add((self.type, name))
        return super()._seen(name, values, unknown)


class NotedInventory(Inventory):
    """A reading that notes which types are looked for in it, and by what."""

    def __init__(self, inventory: Inventory, notes: Notes) -> None:
        noted = [Noted.at_hand(each) for each in inventory.resources]
        for each in noted:
            each.notes = notes
        super().__init__(noted, inventory.gaps, read=inventory.read, taken_at=inventory.taken_at)
        self.notes = notes
        notes.clear()  # of what the making read

    def of(self, type: str) -> Any:
        self.notes.add((type, ""))
        return super().of(type)

    def near(self, resource: Resource, type: str, **where: Any) -> Any:
        self.notes.update((type, name) for name in ("", *where.keys() - {"id"}))
        return super().near(resource, type, **where)

    def candidates(self, resource: Resource, type: str, *about: Any) -> Any:
        self.notes.add((type, ""))
        return super().candidates(resource, type, *about)


def observed(check: Check, subject: Resource, inventory: Inventory, terms: Terms = TERMS) -> Notes:
    """What a rule reads as it judges one resource of a reading."""
    notes: Notes = set()
    noted = NotedInventory(inventory, notes)
    [twin] = [each for each, one in zip(noted.resources, inventory.resources) if one is subject]
    with suppress(Unknown, Skip):
        check.rule(twin, noted, terms) if check.asks_terms else check.rule(twin, noted)
    return notes | {(subject.type, "")}


def blind(inventory: Inventory, seen: Notes) -> Iterator[Inventory]:
    """The same reading without one of the values that were read: unset, or unseen. Rules then go on by other ways."""
    for type, name in seen:
        for unset in (True, False):
            yield Inventory(
                [_without(each, name, unset) if each.type == type else each for each in inventory.resources],
                inventory.gaps,
                taken_at=inventory.taken_at,
            )


def _without(each: Resource, name: str, unset: bool) -> Resource:
    if not unset:
        return each.replace(unknown={**each.unknown, name: "nobody may look"})
    where = "facts" if name in each.facts else "attributes"
    return each.replace(**{where: {**getattr(each, where), name: None}})


@cache
def of_examples(check: Check) -> Notes:
    """What a rule reads of its examples, whole and with one value after the other taken away."""
    found: Notes = set()
    for _, text in check.examples:
        whole = example(text)
        terms = terms_of(text)
        seen = observed(check, first(check, whole), whole, terms)
        found |= seen
        for less in blind(whole, {each for each in seen if each[1]}):
            try:
                found |= observed(check, first(check, less), less, terms)
            except (AttributeError, TypeError):  # what AWS never leaves unset, a rule need not stand
                continue
    return found


def strange(check: Check, seen: Notes) -> Notes:
    """What was read and is not in what the check is said to read."""
    said = check.reads
    anything = said.get(TAGGED, frozenset())
    return {
        (type, name)
        for type, name in seen
        if (type not in said and TAGGED not in said) or (name and name not in said.get(type, anything))
    }


@every_check
def test_what_it_reads_of_its_examples_is_known_beforehand(check: Check) -> None:
    assert strange(check, of_examples(check)) == set()


@every_check
def test_no_type_is_claimed_that_it_never_looks_for(check: Check) -> None:
    looked_for = {type for type, _ in of_examples(check)}
    of_all = PARTS | {TAGGED} if TAGGED in check.reads else set()
    assert set(check.reads) - looked_for - set(check.types) == of_all - set(check.types)


def test_what_is_read_of_a_live_account_is_known_beforehand(aws: Any) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trusting, all_of_it = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, everything))
    iam = aws("iam")
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trusting)
    arn = iam.create_policy(PolicyName="all", PolicyDocument=all_of_it)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="partner", PolicyArn=arn)
    iam.put_role_policy(RoleName="partner", PolicyName="all", PolicyDocument=all_of_it)
    aws("s3").create_bucket(Bucket="acme", CreateBucketConfiguration={"LocationConstraint": REGION})
    aws("ec2").create_volume(Size=1, AvailabilityZone=f"{REGION}a")
    live = read(*collectors())
    judged = [
        (check, observed(check, each, live))
        for check in REGISTRY.values()
        for each in live.resources
        if each.type in check.types or (TAGGED in check.types and "tags" in each.attributes)
    ]
    assert len({check.id for check, _ in judged}) >= 25
    assert [(check.id, found) for check, seen in judged if (found := strange(check, seen))] == []


def test_little_is_claimed_that_is_not_read() -> None:
    assert REGISTRY["rds-instance-public"].reads == {"aws_db_instance": {"publicly_accessible"}}
    assert REGISTRY["ebs-snapshot-public"].reads == {"aws_ebs_snapshot": {"public"}}
    assert REGISTRY["tag-untagged"].reads == {type: {"tags", "owner"} for type in (TAGGED, *PARTS)}
    of_buckets = ("s3", "backup", "cloudtrail", "macie", "route53", "tfstate")
    assert not {
        each for check in REGISTRY.values() if check.service not in of_buckets for each in check.reads if "s3" in each
    }
    of_all = ("tag", "name", "region")
    assert not {
        each for check in REGISTRY.values() if check.service not in of_all for each in check.reads if each == "*"
    }


# --- how it is told -----------------------------------------------------------------------------

WORDS = ("engine", {"port": frozenset({"iops"})})
TYPE = "aws_db_instance"


def told(rule: Any, *also: str) -> dict[str, set[str]]:
    return {type: set(names) for type, names in reads(rule, ("aws_vpc",), also).items()}


def test_a_name_stands_in_the_code_in_inner_functions_and_in_constants() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        """Text."""
        return [lambda: resource["inner"], inventory.near(resource, TYPE, by=WORDS)]

    names = {"inner", "by", "engine", "port", "iops"}
    assert told(rule) == {"aws_db_instance": names, "aws_vpc": names}


def word_of_another(resource: Resource) -> Any:
    return resource["another"] or also_calls(resource)


def also_calls(resource: Resource) -> Any:
    return resource["circle"] or word_of_another(resource)


@cache
def remembered(resource: Resource, name: str = "default", *, other: str = "kept") -> Any:
    return resource[name]


def test_it_follows_what_the_code_calls_and_comes_back_from_a_circle() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return word_of_another(resource) and remembered(resource)

    assert told(rule)["aws_vpc"] == {"another", "circle", "default", "other", "kept"}


class Above:
    def name(self) -> str:
        return "inherited"


class Reader(Above):
    WORD = "constant"

    def __init__(self, resource: Resource) -> None:
        self.value = resource["made"]

    @property
    def word(self) -> str:
        return "property"

    @staticmethod
    def still() -> str:
        return "static"

    @classmethod
    def own(cls) -> str:
        return "class_method"


def test_it_looks_into_classes() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return Reader(resource).word

    named = {"inherited", "constant", "made", "property", "static", "class_method"}
    assert named <= told(rule)["aws_vpc"]


CUT = partial(also_calls, name="part")


def made(word: str) -> Any:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return resource[word] or CUT()

    @wraps(rule)
    def wrapped(*args: Any) -> Any:
        return rule(*args)

    return wrapped


def test_it_looks_into_what_a_rule_was_made_with() -> None:
    assert {"made_with", "part", "circle"} <= told(made("made_with"))["aws_vpc"]


def test_it_looks_into_a_module_of_ours_and_into_no_others() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        from checks.rds import days_kept

        return days_kept(resource) or dynamodb.dynamodb_pitr(resource, inventory) or json.dumps(resource)

    names = {"backup_days", "backup_retention_period", "days_kept", "point_in_time_recovery", "enabled"}
    assert told(rule)["aws_vpc"] == names


def test_a_path_is_read_by_its_first_name_and_prose_by_none() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return resource["root_block_device.0"], resource["ebs_block_device[0].iops"], "Has no name."

    assert told(rule)["aws_vpc"] == {"root_block_device", "ebs_block_device"}


def test_owner_and_tags_are_read_without_a_text() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return resource.owner, resource.tags, resource.arn

    assert told(rule) == {"aws_vpc": {"owner", "tags"}}


def test_a_name_that_is_put_together_is_said() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return [resource[f"key_{number}_active"] for number in (1, 2)]

    assert told(rule, "key_1_active", "key_2_active")["aws_vpc"] >= {"key_1_active", "key_2_active"}
    assert {"access_key_1_active", "access_key_2_last_rotated"} <= REGISTRY["iam-access-key-rotation"].reads[
        "aws_iam_user"
    ]


def test_a_subject_is_a_type_and_may_be_an_attribute() -> None:
    def rule(resource: Resource, inventory: Inventory) -> Any:
        return inventory.of("account"), resource["region"]

    names = {"account", "region"}
    assert told(rule) == {"account": names, "aws_vpc": names, "region": names}

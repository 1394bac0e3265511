"""The shape of a resource, where a reading could not look, and the ids that are fixed for good."""

from typing import Any

import pytest

from checks import REGISTRY, Finding, Status
from state import GLOBAL, Declaration, Gap, Inventory, LiveOnly, Resource, Unknown, stable_id
from state.drift import drift_id
from state.resource import ANYTHING

ACCOUNT, OTHER, REGION = "123456789012", "210987654321", "eu-west-1"
DECLARED = Declaration(address="aws_db_instance.orders", source="main.tf")


def db(id: str = "orders", **about: Any) -> Resource:
    return Resource(**{"type": "aws_db_instance", "id": id, "account": ACCOUNT, "region": REGION} | about)


def gap(type: str = "aws_db_instance", account: str = ACCOUNT, region: str = REGION, **about: Any) -> Gap:
    return Gap(type=type, account=account, region=region, reason="access denied", **about)


# --- a resource ---------------------------------------------------------------------------------


def test_unset_is_none_and_unseen_raises() -> None:
    seen = db(attributes={"multi_az": None, "port": 0, "owner": "ann"}, unknown={"policy": "denied", "owner": "denied"})
    assert (seen["multi_az"], seen["port"]) == (None, 0)
    for name, why in {"policy": "denied", "owner": "denied", "engine": "was read without its engine"}.items():
        with pytest.raises(Unknown, match=why) as error:
            seen[name]
        assert not isinstance(error.value, LiveOnly)


def test_a_fact_is_live_only_unless_the_declaration_holds_it() -> None:
    live = db(facts={"last_used": None}, unknown={"created": "denied"})
    assert live.fact("last_used") is None
    with pytest.raises(Unknown, match="denied"):
        live.fact("created")
    twin = live.replace(declared=DECLARED)
    assert twin.fact("last_used") is None
    with pytest.raises(LiveOnly, match="created is not in what Terraform declares"):
        twin.fact("created")


def test_an_attribute_is_no_fact() -> None:
    with pytest.raises(Unknown, match="was read without its port"):
        db(attributes={"port": 1}).fact("port")


def test_the_key_is_the_identity_or_else_the_id() -> None:
    assert db("db-M5EN", identity="orders").key == ("aws_db_instance", ACCOUNT, REGION, "orders")
    assert db("db-M5EN").key == ("aws_db_instance", ACCOUNT, REGION, "db-M5EN")
    assert (db("db-M5EN", identity="orders").name, db("db-M5EN").name) == ("orders", "db-M5EN")


def test_printing_a_resource_shows_nothing_it_holds() -> None:
    held = db(attributes={"password": "hunter2"}, facts={"token": "hunter2"}, tags={"secret": "hunter2"})
    assert repr(held) == str(held) == f"<aws_db_instance orders in {ACCOUNT} {REGION}>"
    nowhere = db(account="", region="", declared=DECLARED)
    assert repr(nowhere) == "<aws_db_instance orders in ? ? at aws_db_instance.orders>"


# --- ids, which are fixed for good: a change here forgets every suppression and all of history ----


def test_stable_ids() -> None:
    assert stable_id() == "cae66941d9efbd404e4d88758ea67670"
    assert stable_id("a", "b") == "065ab5741cdfad44687cf119c1eb4ec9"
    assert stable_id("a", "", "b") == "9d4a4bf134719d820cdd5d0a62d91a0b"
    assert stable_id("é\ud800") == "82f093af48f78fccdb641e269ec609fe"
    assert len({stable_id("a", "b"), stable_id("ab"), stable_id("a", "", "b"), stable_id("a", "b", "")}) == 4


def test_a_findings_id() -> None:
    def id(check: str, resource: Resource) -> str:
        return Finding(check=REGISTRY[check], resource=resource, status=Status.FAIL).id

    orders = db("db-M5EN", identity="orders")
    bucket = Resource(type="aws_s3_bucket", id="logs", account=ACCOUNT, region="us-east-1", identity="logs")
    assert id("rds-instance-single-az", orders) == "e416cd49b721a57c566d33e13cffcebd"
    assert id("rds-instance-public", orders) == "5ce570bdad15161f7fdaaf5dc3fcea24"
    assert id("tag-untagged", bucket) == "19705bfe11937bf1bddf8d0981bea2c0"


def test_a_drifts_id() -> None:
    role = Resource(type="aws_iam_role", id="AROA1", identity="ci", account=ACCOUNT, region=GLOBAL)
    assert drift_id(role) == "ba332524c58b1e099a27c53753a1da10"
    assert drift_id(db("db-M5EN", identity="orders")) == "fa0aa750351a3fc587b02fb60f1ba559"
    renamed = role.replace(id="AROA2", arn="arn", attributes={"path": "/"}, declared=DECLARED)
    assert drift_id(renamed) == drift_id(role)


# --- gaps -----------------------------------------------------------------------------------------

ASKED = ("aws_db_instance", ACCOUNT, REGION, "orders")


@pytest.mark.parametrize(
    ("about", "asked", "covers"),
    [
        (gap(), ASKED, True),
        (gap(), ASKED[:3], True),
        (gap(type="aws_s3_bucket"), ASKED, False),
        (gap(type=ANYTHING), ASKED, True),
        (gap(account=OTHER), ASKED, False),
        (gap(account=""), ASKED, True),
        (gap(region="us-east-1"), ASKED, False),
        (gap(region=GLOBAL), ASKED, True),
        (gap(), ("aws_db_instance", ACCOUNT, GLOBAL, "orders"), True),
        (gap(id="orders"), ASKED, True),
        (gap(id="invoices"), ASKED, False),
        (gap(id="orders"), ASKED[:3], False),
        (gap(attribute="policy"), ASKED, False),
        (gap(id="orders", attribute="policy"), ASKED, False),
    ],
)
def test_what_a_gap_covers(about: Gap, asked: tuple[str, ...], covers: bool) -> None:
    assert about.covers(*asked) is covers


@pytest.mark.parametrize(
    ("about", "ids", "unseen"),
    [
        (gap(), (), True),
        (gap(), ("orders",), True),
        (gap(id="orders"), (), True),
        (gap(id="orders"), ("orders",), True),
        (gap(id="orders"), ("invoices",), False),
        (gap(id="orders"), ("invoices", "orders"), True),
        (gap(attribute="policy"), (), False),
        (gap(type=ANYTHING, account="", region=GLOBAL), ("orders",), True),
        (gap(region="us-east-1"), (), False),
    ],
)
def test_unseen_by_gap(about: Gap, ids: tuple[str, ...], unseen: bool) -> None:
    reason = Inventory([], [about]).unseen("aws_db_instance", ACCOUNT, REGION, *ids)
    assert reason == ("could not read aws_db_instance: access denied" if unseen else None)


@pytest.mark.parametrize(
    ("read", "region", "outside"),
    [
        (None, REGION, False),
        ([], REGION, True),
        ([("aws_db_instance", ACCOUNT, REGION)], REGION, False),
        ([("aws_db_instance", ACCOUNT, REGION)], "us-east-1", True),
        ([("aws_db_instance", ACCOUNT, REGION)], GLOBAL, False),
        ([("aws_db_instance", ACCOUNT, GLOBAL)], "us-east-1", False),
        ([("aws_db_instance", OTHER, REGION)], REGION, True),
        ([("aws_db_instance", OTHER, REGION)], GLOBAL, True),
        ([("aws_s3_bucket", ACCOUNT, REGION)], REGION, True),
    ],
)
def test_unseen_because_it_was_not_asked_for(read: Any, region: str, outside: bool) -> None:
    reason = Inventory(read=read).unseen("aws_db_instance", ACCOUNT, region)
    assert reason == (f"aws_db_instance in {ACCOUNT} {region} is outside this scan" if outside else None)


# --- neighbours -----------------------------------------------------------------------------------


def policy(bucket: str | None, **about: Any) -> Resource:
    given = {"type": "aws_s3_bucket_policy", "id": f"{bucket}", "account": ACCOUNT, "region": REGION}
    return Resource(**given | {"attributes": {"bucket": bucket, "policy": "{}"}} | about)


BUCKET = Resource(type="aws_s3_bucket", id="logs", account=ACCOUNT, region=REGION)
TYPE = "aws_s3_bucket_policy"


def test_neighbours_by_value_account_and_region() -> None:
    own = policy("logs")
    others = [policy("data"), policy("logs", account=OTHER), policy("logs", region="us-east-1"), policy(None)]
    inventory = Inventory([BUCKET, own, *others])
    assert inventory.near(BUCKET, TYPE, bucket="logs") == [own]
    assert inventory.near(BUCKET, TYPE, id="logs") == [own]
    assert inventory.near(BUCKET, TYPE, bucket="logs", policy="{}") == [own]
    assert inventory.near(BUCKET, TYPE, policy="{}", bucket="none") == []
    assert inventory.near(BUCKET, TYPE) == [own, others[0], others[3]]


def test_what_is_global_has_neighbours_in_every_region() -> None:
    own, far = policy("logs"), policy("logs", region="us-east-1")
    everywhere = BUCKET.replace(region=GLOBAL)
    assert Inventory([own, far]).near(everywhere, TYPE, bucket="logs") == [own, far]
    anywhere = policy("logs", region=GLOBAL)
    assert Inventory([anywhere, far]).near(BUCKET, TYPE, bucket="logs") == [anywhere]


def test_no_neighbour_is_none_only_where_the_reading_looked() -> None:
    assert Inventory().near(BUCKET, TYPE, bucket="logs") == []
    for inventory in (
        Inventory([policy("logs")], [gap(TYPE)]),
        Inventory([], [gap(TYPE, id="logs")]),
        Inventory([], [gap(ANYTHING)]),
        Inventory([policy("logs")], read=[]),
    ):
        with pytest.raises(Unknown):
            inventory.near(BUCKET, TYPE, bucket="logs")


def test_a_gap_about_another_thing_hides_no_neighbour_that_is_named() -> None:
    inventory = Inventory([policy("logs")], [gap(TYPE, id="data")])
    assert inventory.near(BUCKET, TYPE, bucket="logs") == [policy("logs")]
    with pytest.raises(Unknown, match="access denied"):
        inventory.near(BUCKET, TYPE, policy="{}")


def test_a_neighbour_whose_value_nobody_saw_may_be_the_one() -> None:
    unsure = policy("logs", attributes={}, unknown={"bucket": "var.bucket"})
    with pytest.raises(Unknown, match=r"aws_s3_bucket_policy logs: var\.bucket"):
        Inventory([unsure]).near(BUCKET, TYPE, bucket="logs")
    elsewhere = unsure.replace(region="us-east-1")
    assert Inventory([elsewhere]).near(BUCKET, TYPE, bucket="logs") == []
    assert Inventory([unsure]).near(BUCKET, TYPE, id="logs") == [unsure]


def test_candidates_are_those_of_a_word_and_those_of_which_nobody_can_say() -> None:
    def words(each: Resource) -> list[str]:
        return each["names"]

    def alarm(id: str, region: str = REGION, **more: Any) -> Resource:
        return Resource(type="alarm", id=id, account=ACCOUNT, region=region, **more)

    both, other = alarm("both", attributes={"names": ["a", "b"]}), alarm("other", attributes={"names": ["c"]})
    hidden, far = alarm("hidden", unknown={"names": "denied"}), alarm("far", "us-east-1", attributes={"names": ["a"]})
    seen = Inventory([both, other, hidden, far])
    assert list(seen.candidates(db(), "alarm", words, "a")) == [both, hidden]
    assert list(seen.candidates(db(), "alarm", words, "c", "d")) == [other, hidden]
    assert list(seen.candidates(db(region="us-east-1"), "alarm", words, "a")) == [far]
    with pytest.raises(Unknown, match="outside this scan"):
        Inventory([both], read=[]).candidates(db(), "alarm", words, "a")


def test_resources_of_a_type() -> None:
    inventory = Inventory([BUCKET, policy("logs")])
    assert (inventory.of("aws_s3_bucket"), list(inventory.of("aws_db_instance"))) == ([BUCKET], [])

"""Neighbours in what is declared: those that are there are found, and those that may be elsewhere are Unknown."""

import pytest

from scanner.collectors import schemas
from scanner.declarations import Declarations
from state import Declaration, Gap, Inventory, Resource, Unknown

ELSEWHERE = "aws_flow_log may be declared elsewhere, or be there undeclared"


def declared(type, id, *, witness="plan", new=False, **attributes):
    said = Declaration(address=f"{type}.it", source="plan.json", witness=witness, new=new)
    return Resource(type=type, id=id, attributes={"id": id} | attributes, declared=said)


def of(*resources, gaps=(), beside=None):
    return Declarations(resources, gaps, schemas(), beside)


VPC = declared("aws_vpc", "vpc-1")
NEW = declared("aws_vpc", "${aws_vpc.it}", new=True)
LOG = declared("aws_flow_log", "fl-1", vpc_id="vpc-1", traffic_type="ALL")


def test_what_is_found_may_not_be_all():
    found = of(VPC, LOG).near(VPC, "aws_flow_log", vpc_id="vpc-1")
    assert (bool(found), found[0], next(iter(found))) == (True, LOG, LOG)
    for ask in (list, len, lambda some: some[1], lambda some: all(each["traffic_type"] for each in some)):
        with pytest.raises(Unknown, match=ELSEWHERE):
            ask(found)


def test_nothing_found_is_not_nothing():
    found = of(VPC).near(VPC, "aws_flow_log", vpc_id="vpc-1")
    with pytest.raises(Unknown, match=ELSEWHERE):
        bool(found)


def test_nothing_outside_refers_to_what_a_plan_creates():
    assert list(of(NEW).near(NEW, "aws_flow_log", vpc_id=NEW.id)) == []
    named = declared("aws_iam_user", "ann", new=True, name="ann")
    assert list(of(named).near(named, "aws_iam_access_key", user="ann")) == []


def test_code_does_not_say_what_is_new():
    found = of().near(declared("aws_vpc", "${aws_vpc.it}", witness="code"), "aws_flow_log", vpc_id="${aws_vpc.it}")
    with pytest.raises(Unknown, match=ELSEWHERE):
        list(found)


def test_what_a_name_finds_is_all_there_is():
    assert list(of(VPC).near(LOG, "aws_vpc", id="vpc-1")) == [VPC]
    with pytest.raises(Unknown):
        list(of().near(LOG, "aws_vpc", id="vpc-1"))


def test_a_place_that_is_not_said_is_any_place_and_another_is_none():
    here = Resource(type="aws_vpc", id="vpc-1", account="1", region="eu-west-1", attributes={"id": "vpc-1"})
    there = Resource(type="aws_vpc", id="vpc-1", account="2", region="eu-west-1", attributes={"id": "vpc-1"})
    assert list(of(VPC).near(here, "aws_vpc", id="vpc-1")) == [VPC]
    with pytest.raises(Unknown):
        list(of(there).near(here, "aws_vpc", id="vpc-1"))


def test_a_block_that_is_not_known_hides_only_what_it_may_hold():
    hidden = Gap(type="aws_flow_log", account="", region="global", reason="later", id=NEW.id)
    assert list(of(gaps=[hidden]).near(NEW, "aws_vpc_endpoint", vpc_id=NEW.id)) == []
    with pytest.raises(Unknown, match="later"):
        list(of(gaps=[hidden]).near(NEW, "aws_flow_log", vpc_id=NEW.id))


def test_beside_the_account_there_is_no_elsewhere_but_what_was_not_read():
    live = Inventory(read=[("aws_flow_log", "1", "eu-west-1")])
    vpc = Resource(type="aws_vpc", id="vpc-1", account="1", region="eu-west-1", declared=VPC.declared)
    found = of(vpc, beside=live)
    assert list(found.near(vpc, "aws_flow_log", vpc_id="vpc-1")) == []
    with pytest.raises(Unknown, match="is outside this scan"):
        list(found.near(vpc, "aws_subnet", vpc_id="vpc-1"))

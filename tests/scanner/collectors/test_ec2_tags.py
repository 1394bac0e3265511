from __future__ import annotations

import pytest

from scanner.collectors.ec2_tags import COLLECTORS, TAG
from scanner.collectors.vpc import VPC
from scanner.needs import needs
from state import Inventory
from tests.conftest import read
from tests.scanner.compared import declared, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.whole import whole

BOTH = [VPC, TAG]


@pytest.fixture
def vpc(aws):
    ec2 = aws("ec2")
    id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[id], Tags=[{"Key": "Name", "Value": "main"}, {"Key": "shared", "Value": "yes"}])
    return ec2, id


def tag(id, value="yes"):
    return declared("aws_ec2_tag", f"{id},shared", resource_id=id, key="shared", value=value)


def test_tag(vpc):
    _, id = vpc
    [made] = [each for each in read(TAG).of("aws_ec2_tag") if each["key"] == "shared"]
    assert whole(made) == {
        "its id": f"{id},shared",
        "its identity": f"{id}/shared",
        "its arn": None,
        "its owner": None,
        "key": "shared",
        "resource_id": id,
        "value": "yes",
    }


def test_tag_of_a_network_is_told_by_itself(vpc):
    ec2, id = vpc
    found = read(*BOTH)
    [live] = [each for each in found.of("aws_vpc") if each.id == id]
    network = twin(live).replace(attributes=dict(live.attributes) | {"tags": {"Name": "main"}})
    assert told(found, BOTH, network) == {("changed", "aws_vpc", "tags.shared")}
    assert told(found, BOTH, network, tag(id)) == told(found, BOTH, twin(live), tag(id)) == set()
    assert told(found, BOTH, network, tag(id, "no")) == {("changed", "aws_ec2_tag", "value")}
    ec2.delete_tags(Resources=[id], Tags=[{"Key": "shared"}])
    assert told(read(*BOTH), BOTH, network, tag(id)) == {("missing", "aws_ec2_tag", "")}


def test_tags_are_read_where_one_is_declared():
    def asked(*wanted):
        return [each.type for each in needs([TAG], [], Inventory(wanted), drift=True, everything=True).collectors]

    assert (asked(), asked(tag("vpc-1"))) == ([], ["aws_ec2_tag"])


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)

import pytest

from scanner.collectors.vpc_peering import COLLECTORS
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin


@pytest.fixture
def vpcs(ec2):
    return [ec2.create_vpc(CidrBlock=range)["Vpc"]["VpcId"] for range in ("10.1.0.0/16", "10.2.0.0/16")]


@pytest.fixture
def peering(ec2, vpcs):
    tags = [{"ResourceType": "vpc-peering-connection", "Tags": [{"Key": "Name", "Value": "x"}]}]
    made = ec2.create_vpc_peering_connection(VpcId=vpcs[0], PeerVpcId=vpcs[1], TagSpecifications=tags)
    id = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=id)
    return id


def test_vpc_peering_connection(peering, vpcs):
    made = only(read(*COLLECTORS), "aws_vpc_peering_connection")
    assert (made.id, made.unknown) == (peering, {})
    assert made.attributes == {
        "accept_status": "active",
        "peer_owner_id": ACCOUNT,
        "peer_region": REGION,
        "peer_vpc_id": vpcs[1],
        "vpc_id": vpcs[0],
        "tags": {"Name": "x"},
    }


def test_who_asked_does_not_know_yet_that_it_was_accepted(peering):
    found = read(*COLLECTORS)
    asked = twin(only(found, "aws_vpc_peering_connection"), accept_status="pending-acceptance")
    assert told(found, COLLECTORS, asked) == set()


def test_the_accepting_account_sees_its_own_network_first(aws, ec2, vpcs, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    from scanner.aws.collector import joined
    from scanner.collectors.vpc_peering import CONNECTION
    from state import Inventory

    class Here:
        partition, region, account = "aws", REGION, ACCOUNT

    ours, theirs = {"OwnerId": ACCOUNT, "VpcId": "vpc-1"}, {"OwnerId": "210987654321", "VpcId": "vpc-2"}
    for requester, accepter in ((ours, theirs), (theirs, ours)):
        item = {"VpcPeeringConnectionId": "pcx-1", "RequesterVpcInfo": requester, "AccepterVpcInfo": accepter}
        made = joined(CONNECTION.resource(item, Here(), {}), CONNECTION, Inventory())
        assert (made["vpc_id"], made["peer_vpc_id"], made["peer_owner_id"]) == ("vpc-1", "vpc-2", "210987654321")


def test_options_are_the_same_wherever_they_are_declared(ec2, peering):
    ec2.modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=peering, AccepterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": True}
    )
    found = read(*COLLECTORS)
    made = only(found, "aws_vpc_peering_connection_options")
    yes, no = ([{"allow_remote_vpc_dns_resolution": said}] for said in (True, False))
    assert made.id == peering
    assert made.attributes == {"accepter": yes, "requester": no, "vpc_peering_connection_id": peering}
    connection = only(found, "aws_vpc_peering_connection")
    inline, bare = twin(connection, accepter=yes, requester=no), twin(connection)
    assert told(found, COLLECTORS, inline) == told(found, COLLECTORS, bare, twin(made)) == set()
    path = "accepter[0].allow_remote_vpc_dns_resolution"
    wrong = twin(connection, accepter=no)
    assert told(found, COLLECTORS, wrong) == {("changed", "aws_vpc_peering_connection", path)}
    apart = twin(made, accepter=no)
    assert told(found, COLLECTORS, bare, apart) == {("changed", "aws_vpc_peering_connection_options", path)}


def test_a_connection_that_was_deleted_is_missing(ec2, peering):
    wanted = declared("aws_vpc_peering_connection_accepter", peering, vpc_peering_connection_id=peering)
    assert told(read(*COLLECTORS), COLLECTORS, wanted) == set()
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    assert told(read(*COLLECTORS), COLLECTORS, wanted) == {("missing", "aws_vpc_peering_connection", "")}

from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest

from scanner.collectors import route53
from scanner.collectors.route53 import RECORD, ZONE, ZONE_ASSOCIATION
from scanner.collectors.vpc import VPC
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import refusal, regions, vpcs
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, in_xml
from tests.scanner.whole import whole

COLLECTORS = route53.COLLECTORS


def zone(aws, name="example.com", tags=(), **about):
    created = aws("route53").create_hosted_zone(Name=name, CallerReference=name, **about)
    id = created["HostedZone"]["Id"].rpartition("/")[2]
    tagging = [{"Key": key, "Value": value} for key, value in tags]
    if tagging:
        aws("route53").change_tags_for_resource(ResourceType="hostedzone", ResourceId=id, AddTags=tagging)
    return id


def change(aws, id, action="CREATE", **record):
    changes = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    aws("route53").change_resource_record_sets(HostedZoneId=id, ChangeBatch=changes)


def test_zone(aws):
    id = zone(aws, "Example.com", [("team", "web")], HostedZoneConfig={"Comment": "ours"})
    found = only(read(ZONE), "aws_route53_zone")
    assert (found.region, found.facts["private_zone"]) == ("global", False)
    assert whole(found) == {
        "its id": id,
        "its identity": id,
        "its arn": f"arn:aws:route53:::hostedzone/{id}",
        "its owner": None,
        "arn": f"arn:aws:route53:::hostedzone/{id}",
        "comment": "ours",
        "name": "example.com",
        "name_servers": found["name_servers"],
        "tags": {"team": "web"},
        "zone_id": id,
    }


def test_zone_changed_by_hand(aws):
    id = zone(aws, "example.com", [("team", "web")])
    wanted = twin(only(read(ZONE), ZONE.type), name="example.com.", force_destroy=True)
    assert told(read(ZONE), [ZONE], wanted) == set()
    aws("route53").change_tags_for_resource(ResourceType="hostedzone", ResourceId=id, RemoveTagKeys=["team"])
    assert told(read(ZONE), [ZONE], wanted) == {("changed", ZONE.type, "tags.team")}


# --- records --------------------------------------------------------------------------------------


def record(name="www.example.com", type="A", **more):
    about = {"TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]} if "AliasTarget" not in more else {}
    return {"Name": name, "Type": type, **about, **more}


ALIAS = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d111.cloudfront.net", "EvaluateTargetHealth": False}
PLAIN = {"records": ["192.0.2.1"], "ttl": 60}
RECORDS = {
    "plain": ({}, PLAIN),
    "alias": (
        {"AliasTarget": ALIAS},
        {"alias": [{"evaluate_target_health": False, "name": ALIAS["DNSName"], "zone_id": "Z2FDTNDATAQYW2"}]},
    ),
    "weighted": ({"SetIdentifier": "a", "Weight": 10}, PLAIN | {"weighted_routing_policy": [{"weight": 10}]}),
    "latency": ({"SetIdentifier": "a", "Region": REGION}, PLAIN | {"latency_routing_policy": [{"region": REGION}]}),
    "failover": (
        {"SetIdentifier": "a", "Failover": "PRIMARY"},
        PLAIN | {"failover_routing_policy": [{"type": "PRIMARY"}]},
    ),
    "geolocation": (
        {"SetIdentifier": "a", "GeoLocation": {"CountryCode": "NL"}},
        PLAIN | {"geolocation_routing_policy": [{"country": "NL"}]},
    ),
    "multivalue": (
        {"SetIdentifier": "a", "MultiValueAnswer": True},
        PLAIN | {"multivalue_answer_routing_policy": True},
    ),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_record(aws, kind):
    said, wanted = RECORDS[kind]
    id = zone(aws)
    change(aws, id, **record(**said))
    found = whole(only(read(RECORD), RECORD.type))
    name = f"{id}_www.example.com_A" + ("_a" if "SetIdentifier" in said else "")
    assert {
        key: each for key, each in found.items() if key not in ("set_identifier", "multivalue_answer_routing_policy")
    } == {
        "its id": name,
        "its identity": name,
        "its arn": None,
        "its owner": None,
        "fqdn": "www.example.com",
        "name": "www.example.com",
        "type": "A",
        "zone_id": id,
        **{key: each for key, each in wanted.items() if key != "multivalue_answer_routing_policy"},
    }


def test_what_route_53_makes_at_the_top_of_a_zone_is_its_own(aws):
    id = zone(aws)
    change(aws, id, **record("sub.example.com", "NS", ResourceRecords=[{"Value": "ns.example.net."}]))
    found = read(RECORD)
    assert {(each["type"], each["name"], each.owner) for each in found.of(RECORD.type)} == {
        ("NS", "example.com", "aws: route53"),
        ("SOA", "example.com", "aws: route53"),
        ("NS", "sub.example.com", None),
    }


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (record("*.example.com"), {"name": "*", "fqdn": "*.example.com"}),
        (record("\\052.example.com"), {"name": "*.example.com.", "fqdn": "*.example.com"}),
        (record("0\\05725.example.com"), {"name": "0/25.example.com", "fqdn": "0/25.example.com"}),
        (record("a\\100b.example.com"), {"name": "a@b", "fqdn": "a@b.example.com"}),
        (record("www.example.com"), {"name": "www"}),
        (record("example.com"), {"name": ""}),
        (record(type="TXT", ResourceRecords=[{"Value": '"one" "two"'}]), {"records": ['one""two']}),
        (record(AliasTarget=ALIAS | {"DNSName": "dualstack.LB.elb.amazonaws.com"}), {"alias": "lb.elb.amazonaws.com"}),
        (
            record(ResourceRecords=[{"Value": "192.0.2.2"}, {"Value": "192.0.2.1"}]),
            {"records": ["192.0.2.1", "192.0.2.2"]},
        ),
    ],
    ids=lambda each: each.get("Name") or next(iter(each)),
)
def test_words_for_the_same(aws, live, wanted):
    change(aws, zone(aws), **live)
    found = read(RECORD)
    one = only(found, RECORD.type)
    if "alias" in wanted:
        wanted = {"alias": [one["alias"][0] | {"name": wanted["alias"]}]}
    assert told(found, [RECORD], twin(one, **wanted, allow_overwrite=True)) == set()


def test_a_text_is_read_as_terraform_keeps_it(aws):
    change(aws, zone(aws), **record(type="TXT", ResourceRecords=[{"Value": '"v=spf1 -all"'}, {"Value": '"a" "b"'}]))
    assert only(read(RECORD), RECORD.type)["records"] == ["v=spf1 -all", 'a" "b']


def test_record_changed_by_hand(aws):
    id = zone(aws)
    change(aws, id, **record())
    wanted = twin(only(read(RECORD), RECORD.type))
    change(aws, id, "UPSERT", **record(ResourceRecords=[{"Value": "198.51.100.9"}], TTL=300))
    assert told(read(RECORD), [RECORD], wanted) == {
        ("changed", RECORD.type, "records"),
        ("changed", RECORD.type, "ttl"),
    }
    change(aws, id, **record("evil.example.com"))
    change(aws, id, "DELETE", **record(ResourceRecords=[{"Value": "198.51.100.9"}], TTL=300))
    assert told(read(RECORD), [RECORD], wanted) == {("missing", RECORD.type, ""), ("unmanaged", RECORD.type, "")}


# --- what moto does not do --------------------------------------------------------------------------


LISTED = {"Id": "/hostedzone/Z1", "Name": "inside.test.", "CallerReference": "1", "Config": {"PrivateZone": True}}
ZONES = {"HostedZones": [LISTED], "Marker": "", "IsTruncated": False, "MaxItems": "100"}


def answers(more=()):
    return {"GET /2013-04-01/hostedzone": in_xml("route53", "ListHostedZones", ZONES), **dict(more)}


def test_denied():
    with answering(answers()):
        found = read(ZONE, RECORD)
    assert sorted(only(found, ZONE.type).unknown) == ["delegation_set_id", "name_servers", "tags"]
    assert list(found.of(RECORD.type)) == []
    assert {(each.type, each.permission) for each in found.gaps} == {
        ("aws_route53_record", "route53:ListResourceRecordSets"),
        ("aws_route53_zone", "route53:GetHostedZone"),
        ("aws_route53_zone", "route53:ListTagsForResources"),
    }


def test_a_network_may_be_of_a_zone_of_another_account_or_of_a_service():
    of_ours = {"HostedZoneId": "Z1", "Name": "inside.test.", "Owner": {"OwningAccount": ACCOUNT}}
    of_others = {"HostedZoneId": "Z2", "Name": "theirs.test.", "Owner": {"OwningAccount": "210987654321"}}
    of_efs = {"HostedZoneId": "Z3", "Name": "efs.test.", "Owner": {"OwningService": "efs.amazonaws.com"}}
    summaries = {"HostedZoneSummaries": [of_ours, of_others, of_efs], "MaxItems": "100"}
    whole_zone = {"HostedZone": LISTED, "VPCs": [{"VPCId": "vpc-1", "VPCRegion": REGION}]}
    said = {
        "DescribeVpcs": vpcs("vpc-1"),
        "GET /2013-04-01/hostedzone/Z1": in_xml("route53", "GetHostedZone", whole_zone),
        "GET /2013-04-01/hostedzonesbyvpc": in_xml("route53", "ListHostedZonesByVPC", summaries),
    }
    with answering(answers(said)):
        found = read(ZONE_ASSOCIATION)
    assert found.gaps == []
    assert {(each.id, each["owning_account"], each.owner) for each in found.of(ZONE_ASSOCIATION.type)} == {
        ("Z1:vpc-1", ACCOUNT, None),
        ("Z2:vpc-1", "210987654321", None),
        ("Z3:vpc-1", None, "aws: efs"),
    }


def test_networks_are_listed_in_all_regions_at_once_and_kept_where_one_region_refuses():
    both = Barrier(2, timeout=5)

    def listed(asked):
        both.wait()
        return vpcs("vpc-1") if asked.signed.region == REGION else refusal("UnauthorizedOperation", 403)

    of_others = {"HostedZoneId": "Z2", "Name": "theirs.test.", "Owner": {"OwningAccount": "210987654321"}}
    summaries = {"HostedZoneSummaries": [of_others], "MaxItems": "100"}
    said = {
        "DescribeVpcs": listed,
        "GET /2013-04-01/hostedzone/Z1": in_xml("route53", "GetHostedZone", {"HostedZone": LISTED, "VPCs": []}),
        "GET /2013-04-01/hostedzonesbyvpc": in_xml("route53", "ListHostedZonesByVPC", summaries),
    }
    with answering(answers(said)):
        found = read(ZONE_ASSOCIATION, regions=(REGION, "us-west-2"))
    assert [each.id for each in found.of(ZONE_ASSOCIATION.type)] == ["Z2:vpc-1"]
    assert [each.permission for each in found.gaps] == ["ec2:DescribeVpcs"]


def elsewhere(*declared):
    """What is read of a region, beside which there is another, and which networks Route 53 was asked about."""
    theirs = {"HostedZoneSummaries": [{"HostedZoneId": "Z2", "Name": "theirs.test.", "Owner": {"OwningAccount": "2"}}]}
    networks = [{"VPCId": "vpc-0", "VPCRegion": "us-west-2"}]
    said = {
        "DescribeVpcs": lambda asked: vpcs("vpc-1") if asked.signed.region == REGION else refusal("no", 403),
        "GET /2013-04-01/hostedzone/Z1": in_xml("route53", "GetHostedZone", {"HostedZone": LISTED, "VPCs": networks}),
        "GET /2013-04-01/hostedzonesbyvpc": in_xml("route53", "ListHostedZonesByVPC", theirs | {"MaxItems": "100"}),
    }
    with answering(answers(said) | {"DescribeRegions": regions(REGION, "us-west-2")}) as aws:
        found = read(ZONE_ASSOCIATION, VPC, declared=declared)
    asked = [parse_qs(urlsplit(each.path).query) for each in aws.requests if "hostedzonesbyvpc" in each.path]
    assert [each for each in found.gaps if each.type == ZONE_ASSOCIATION.type] == []
    assert aws.asked.count("DescribeVpcs") == 1
    return found, sorted((each["vpcid"][0], each["vpcregion"][0]) for each in asked)


def test_a_region_that_is_not_read_is_not_asked_for_its_networks():
    found, asked = elsewhere()
    assert asked == [("vpc-1", REGION)]
    assert {each.id for each in found.of(ZONE_ASSOCIATION.type)} == {"Z1:vpc-0", "Z2:vpc-1"}


def test_an_association_that_is_declared_of_a_region_that_is_not_read_is_not_missing():
    theirs, ours, other = (
        declared(ZONE_ASSOCIATION.type, f"{zone}:{vpc}", zone_id=zone, vpc_id=vpc, vpc_region="us-west-2")
        for zone, vpc in [("Z2", "vpc-9"), ("Z1", "vpc-0"), ("Z3", "vpc-9")]
    )
    found, asked = elsewhere(theirs, ours, other, other.replace(account="210987654321"))
    assert asked == [("vpc-1", REGION), ("vpc-9", "us-west-2")]
    assert told(found, [ZONE_ASSOCIATION], theirs, ours) == set()
    assert told(found, [ZONE_ASSOCIATION], other) == {("missing", ZONE_ASSOCIATION.type, "")}


def test_a_network_of_a_zone_may_be_declared_in_it_or_by_itself():
    both = [{"vpc_id": each, "vpc_region": REGION} for each in ("vpc-1", "vpc-2")]
    networks = [{"VPCId": each["vpc_id"], "VPCRegion": REGION} for each in both]
    said = {
        "DescribeVpcs": vpcs(),
        "GET /2013-04-01/hostedzone/Z1": in_xml("route53", "GetHostedZone", {"HostedZone": LISTED, "VPCs": networks}),
        "POST /2013-04-01/tags/hostedzone": in_xml("route53", "ListTagsForResources", {"ResourceTagSets": []}),
    }
    with answering(answers(said)):
        found = read(ZONE, ZONE_ASSOCIATION)
    assert found.gaps == []
    association = next(each for each in found.of(ZONE_ASSOCIATION.type) if each["vpc_id"] == "vpc-2")
    assert whole(association) == {
        "its id": "Z1:vpc-2",
        "its identity": "Z1/vpc-2",
        "its arn": None,
        "its owner": None,
        "owning_account": ACCOUNT,
        "vpc_id": "vpc-2",
        "vpc_region": REGION,
        "zone_id": "Z1",
    }
    zoned, two = only(found, ZONE.type), [ZONE, ZONE_ASSOCIATION]
    alone = declared(ZONE_ASSOCIATION.type, "Z1:vpc-2", zone_id="Z1", vpc_id="vpc-2", vpc_region=REGION)
    assert told(found, two, twin(zoned, vpc=both)) == set()
    assert told(found, two, twin(zoned, vpc=both), alone) == set()
    assert told(found, two, twin(zoned, vpc=both[:1]), alone) == set()
    assert told(found, two, twin(zoned, vpc=both[:1])) == {("changed", ZONE.type, "vpc[vpc-2]")}


def test_corpus():
    assert_corpus_equals_itself(COLLECTORS)

"""The AWS Price List: what is asked of it, what it says, and what is said where it does not answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from checks.prices import Estimate
from scanner import scan
from scanner.aws.rates import Rate, rate
from scanner.aws.stop import Stop
from scanner.outcome import Scan
from scanner.settings import Settings
from tests.scanner.aws import wire
from tests.scanner.aws.wire import Answer, Asked
from tests.scanner.standin import answering, refused

ZONE = "eu-west-1a"
VOLUME = (
    "<volumeId>vol-1</volumeId><size>40</size><volumeType>gp2</volumeType><iops>120</iops><status>available</status>"
    f"<encrypted>false</encrypted><availabilityZone>{ZONE}</availabilityZone>"
)
ADDRESS = (
    "<allocationId>eipalloc-1</allocationId><publicIp>203.0.113.1</publicIp><domain>vpc</domain>"
    "<publicIpv4Pool>amazon</publicIpv4Pool><networkBorderGroup>eu-west-1</networkBorderGroup>"
)
ACCOUNT = {
    "DescribeVolumes": wire.items("DescribeVolumes", "volumeSet", VOLUME),
    "DescribeAddresses": wire.items("DescribeAddresses", "addressesSet", ADDRESS),
}
CHECKS = ("ebs-volume-unattached", "ebs-volume-gp2", "eip-unattached")


def entry(usage: str, usd: str, unit: str, region: str = "eu-west-1", begin: str = "0", **attributes: str) -> str:
    family = attributes.pop("family", None)
    step = {"unit": unit, "beginRange": begin, "pricePerUnit": {"USD": usd}}
    product = {"attributes": {"usagetype": usage, "regionCode": region, **attributes}}
    terms = {"OnDemand": {"A.B": {"priceDimensions": {"A.B.C": step}}}}
    return json.dumps({"product": {**product, **({"productFamily": family} if family else {})}, "terms": terms})


GP2 = entry("EU-EBS:VolumeUsage.gp2", "0.1100000000", "GB-Mo", family="Storage")
GP3 = entry("EU-EBS:VolumeUsage.gp3", "0.0880000000", "GB-Mo", family="Storage")
IDLE = entry("EU-PublicIPv4:IdleAddress", "0.0060000000", "Hrs", group="VPCPublicIPv4Address")
STRANGE = [
    entry("EU-EBS:VolumeUsage.gp2", "0.5", "GB-Mo", region="eu-west-1-lhr-1", family="Storage"),
    entry("EU-EBS:VolumeUsage.gp2", "0.4", "Hrs", family="Storage"),
    entry("EU-EBS:VolumeUsage.gp2", "0.3", "GB-Mo", begin="1000", family="Storage"),
    entry("EU-EBS:VolumeUsage.gp2", "0.0", "GB-Mo", family="Storage"),
    entry("EU-EBS:VolumeUsage.gp2.outposts", "0.2", "GB-Mo", family="Storage"),
    entry("EU-EBS:VolumeUsage.gp2", "0.9", "GB-Mo", family="Other"),
]


def listing(*entries: str, token: str = "") -> Answer:
    return wire.json({"FormatVersion": "aws_v1", "PriceList": entries, **({"NextToken": token} if token else {})})


def priced(asked: Asked) -> Answer:
    """A list in two pages for EC2, in one for VPC."""
    request = json.loads(asked.body)
    if request["ServiceCode"] == "AmazonVPC":
        return listing(IDLE)
    return listing(GP3) if "NextToken" in request else listing(*STRANGE, GP2, token="more")


def scanned(prices: Any, *checks: str, **about: Any) -> tuple[Scan, list[Asked]]:
    with answering({**ACCOUNT, **about.pop("account", {}), "GetProducts": prices}) as it:
        found = asyncio.run(scan(Settings(checks=checks or CHECKS), kinds=("check",), **about))
        return found, [each for each in it.requests if each.action == "GetProducts"]


def estimates(found: Scan) -> dict[str, Estimate | None]:
    return {each.check.id: each.estimate for each in found.failures}


LISTED = "AWS Price List, eu-west-1"
BY_LIST = {
    "ebs-volume-gp2": Estimate(
        amount=0.88,
        kind="saves",
        basis="40 GB of gp2 at $0.11, less 40 GB of gp3 at $0.088",
        source=LISTED,
        of=("vol-1",),
    ),
    "ebs-volume-unattached": Estimate(
        amount=4.4, kind="costs", basis="40 GB of gp2 at $0.11", source=LISTED, of=("vol-1",)
    ),
    "eip-unattached": Estimate(
        amount=4.38, kind="costs", basis="730 hours of an address at $0.006", source=LISTED, of=("eipalloc-1",)
    ),
}


def test_prices_are_those_of_the_region() -> None:
    found, asked = scanned(priced)
    assert (estimates(found), found.gaps, found.notes) == (BY_LIST, [], [])
    region = {"Type": "ANY_OF", "Field": "regionCode", "Value": "eu-west-1"}
    requests = [json.loads(each.body) for each in asked]
    assert [(each["ServiceCode"], each.get("NextToken"), each["Filters"]) for each in requests] == [
        ("AmazonEC2", None, [{"Type": "ANY_OF", "Field": "productFamily", "Value": "Storage"}, region]),
        ("AmazonEC2", "more", [{"Type": "ANY_OF", "Field": "productFamily", "Value": "Storage"}, region]),
        ("AmazonVPC", None, [{"Type": "ANY_OF", "Field": "group", "Value": "VPCPublicIPv4Address"}, region]),
    ]
    assert {each.signed.region for each in asked} == {"us-east-1"}


BUILT_IN = "built in, us-east-1, read 2026-11-21; eu-west-1 may differ; not of the AWS Price List: "


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refused("AccessDeniedException"), "GetProducts: access denied (AccessDeniedException)"),
        (listing(), "it names no such price"),
        (listing(GP2, GP2.replace("0.11", "0.12"), GP3.replace("OnDemand", "Reserved")), "it names no such price"),
        (listing("{}"), "the answer could not be read (the AWS Price List has an entry that cannot be read)"),
        (listing("<html>"), "the answer could not be read (the AWS Price List has an entry that cannot be read)"),
    ],
)
def test_what_the_list_does_not_tell_changes_no_verdict(answer: Answer, why: str) -> None:
    found, _ = scanned(answer)
    told = {id: (each.amount, each.source) for id, each in estimates(found).items() if each}
    whole = {"ebs-volume-gp2": 0.8, "ebs-volume-unattached": 4.0, "eip-unattached": 3.65}
    assert told == {id: (amount, BUILT_IN + why) for id, amount in whole.items()}
    by_list, _ = scanned(priced)
    assert [(each.id, each.status, each.message) for each in found.findings] == [
        (each.id, each.status, each.message) for each in by_list.findings
    ]
    assert (found.gaps, found.notes, found.interrupted) == ([], [], "")


def test_what_no_failure_needs_is_not_asked() -> None:
    found, asked = scanned(priced, "ebs-volume-unencrypted")
    assert (len(found.failures), asked) == (1, [])


def test_other_partitions_have_no_list_to_ask() -> None:
    china = {
        "GetCallerIdentity": wire.identity("arn:aws-cn:iam::123456789012:user/ci"),
        "DescribeRegions": wire.regions("cn-north-1"),
    }
    found, asked = scanned(priced, account=china)
    assert (estimates(found), asked) == (dict.fromkeys(BY_LIST), [])


def test_whoever_ends_the_scan_does_not_wait_for_prices() -> None:
    stop = Stop()

    def never(asked: Asked) -> str:
        stop("interrupted", "interrupted by Ctrl-C")
        return wire.SILENT

    found, asked = scanned(never, stop=stop)
    assert {each.source for each in estimates(found).values() if each} == {BUILT_IN + "interrupted by Ctrl-C"}
    assert (len(asked), found.interrupted, found.gaps) == (1, "", [])


def test_the_list_is_asked_no_faster_than_aws_lets_it_be() -> None:
    assert rate("pricing", "GetProducts") == ("pricing:GetProducts", Rate(10, 5))

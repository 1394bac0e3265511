"""The AWS Price List: what the things that fail cost where they are, asked in a call or two for each service.

It knows the prices of all regions of the partition ``aws``, at three endpoints, for nothing. Whoever may not ask, or
gets no answer, loses no verdict and no gap: the prices that are built in serve, and each estimate says so.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from checks.prices import OF_AWS, Price, Prices, built_in
from checks.verdicts import estimated
from scanner.aws.collect import Reach
from scanner.aws.errors import Malformed, Refused, Stopped, explain
from scanner.aws.session import Aws
from scanner.aws.stop import Stop
from scanner.outcome import Scan

PARTITION, ENDPOINT = "aws", "us-east-1"
FAILED = (ClientError, BotoCoreError, OSError, TimeoutError, Refused, Stopped)
PATIENCE = 30
"""Seconds until the prices that are built in have to do: where nothing but a VPC's endpoints can be reached, say."""

NAMES_NONE = "it names no such price"


class Product(NamedTuple):
    """How the Price List has something; a ``usage`` begins with a sign of the region almost everywhere.

    ``family`` is found in the attribute ``field``. One of its ``units`` is ``of`` ours.
    """

    service: str
    family: str
    usage: str
    units: tuple[str, ...] = ("Hrs",)
    field: str = "productFamily"
    of: int = 1


GB = ("GB-Mo", "GB-month")
STORAGE = {"standard": "", "gp2": ".gp2", "gp3": ".gp3", "io1": ".piops", "io2": ".io2", "st1": ".st1", "sc1": ".sc1"}
IOPS = {"gp3": "gp3", "io1": "piops", "io2": "io2"}

PRODUCTS: Mapping[str, Product] = {
    **{f"ebs:{kind}": Product("AmazonEC2", "Storage", f"EBS:VolumeUsage{end}", GB) for kind, end in STORAGE.items()},
    **{
        f"ebs:{kind}:iops": Product("AmazonEC2", "System Operation", f"EBS:VolumeP-IOPS.{end}", ("IOPS-Mo",))
        for kind, end in IOPS.items()
    },
    "ebs:gp3:throughput": Product(
        "AmazonEC2", "Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", ("GiBps-mo",), of=1024
    ),
    "eip": Product("AmazonVPC", "VPCPublicIPv4Address", "PublicIPv4:IdleAddress", field="group"),
    "lb:application": Product("AWSELB", "Load Balancer-Application", "LoadBalancerUsage"),
    "lb:network": Product("AWSELB", "Load Balancer-Network", "LoadBalancerUsage"),
    "nat": Product("AmazonEC2", "NAT Gateway", "NatGateway-Hours"),
    "secret": Product("AWSSecretsManager", "Secret", "AWSSecretsManager-Secrets", ("Secrets",)),
}
"""By the names of checks.prices."""

Wanted = set[tuple[str, str]]
"""(name, region) of what is to be priced."""


async def estimate(found: Scan, reach: Reach, stop: Stop) -> None:
    """Sets what failures cost a month, at the prices of their regions where the Price List tells them."""
    prices = await _prices(wanted(found), reach, stop)
    found.findings = estimated(found.findings, prices)


def wanted(found: Scan) -> Wanted:
    """The prices that the estimates of a scan are made of."""
    asked: Wanted = set()

    def note(name: str, region: str) -> Price:
        asked.add((name, region))
        return Price(0, "")

    estimated(found.findings, note)
    return {(name, region) for name, region in asked if name in PRODUCTS and OF_AWS.fullmatch(region)}


async def _prices(asked: Wanted, reach: Reach, stop: Stop) -> Prices:
    """The prices that are listed, and those built in for what is not."""
    aws = next((each for each in reach if each.partition == PARTITION), None)
    if aws is None or not asked:
        return built_in
    services: dict[str, Wanted] = defaultdict(set)
    for name, region in asked:
        services[PRODUCTS[name].service].add((name, region))
    listed: dict[tuple[str, str], float] = {}
    why = NAMES_NONE
    try:
        async with asyncio.timeout(PATIENCE):
            for service, of_it in sorted(services.items()):
                listed |= await stop.may_end(_listed(aws, service, of_it))
    except FAILED as error:
        why = explain(error)[1]
    return _either(listed, why)


def _either(listed: Mapping[tuple[str, str], float], why: str) -> Prices:
    def price(name: str, region: str) -> Price | None:
        if (name, region) in listed:
            return Price(listed[name, region], f"AWS Price List, {region}")
        known = built_in(name, region)
        return Price(known.usd, f"{known.source}; not of the AWS Price List: {why}") if known else None

    return price


# --- what is listed -------------------------------------------------------------------------------


async def _listed(aws: Aws, service: str, asked: Wanted) -> dict[tuple[str, str], float]:
    """The prices of one service, where the list names just one."""
    found: dict[tuple[str, str], set[float]] = defaultdict(set)
    request = {"ServiceCode": service, "FormatVersion": "aws_v1", "Filters": list(_filters(asked))}
    async for page in aws.at(ENDPOINT).pages("pricing", "get_products", **request):
        for text in page.get("PriceList") or ():
            for name, region, usd in _told(text, asked):
                found[name, region].add(usd)
    return {what: prices.pop() for what, prices in found.items() if len(prices) == 1}


def _filters(asked: Wanted) -> Iterator[dict[str, str]]:
    products = [PRODUCTS[name] for name, _ in asked]
    for field in sorted({each.field for each in products}):
        yield _any_of(field, {each.family for each in products})
    yield _any_of("regionCode", {region for _, region in asked})


def _any_of(field: str, values: Iterable[str]) -> dict[str, str]:
    return {"Type": "ANY_OF", "Field": field, "Value": ",".join(sorted(values))}


def _told(text: Any, asked: Wanted) -> Iterator[tuple[str, str, float]]:
    """What an entry of the list says of what was asked for. Raises Malformed where it is none."""
    try:
        entry = json.loads(text)
        said, terms = entry["product"]["attributes"], entry["terms"].get("OnDemand") or {}
        region, usage = said.get("regionCode", ""), re.sub(r"\A[A-Z0-9]+-", "", said.get("usagetype", ""))
        family = {"productFamily": entry["product"].get("productFamily"), "group": said.get("group")}
        steps = [step for term in terms.values() for step in term["priceDimensions"].values()]
        for name in sorted(PRODUCTS):
            product = PRODUCTS[name]
            if (name, region) in asked and (family[product.field], usage) == (product.family, product.usage):
                yield from ((name, region, usd / product.of) for usd in _first(steps, product.units))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Malformed("the AWS Price List has an entry that cannot be read") from error


def _first(steps: Iterable[Any], units: tuple[str, ...]) -> Iterator[float]:
    """What the first of something costs; AWS takes less from some number on."""
    for step in steps:
        usd = float(step["pricePerUnit"]["USD"])
        if step["unit"] in units and step["beginRange"] == "0" and usd > 0:
            yield usd

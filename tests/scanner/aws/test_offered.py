"""A service that a region does not have, told from one that is not reached."""

import asyncio
import socket

import pytest

from scanner import Settings, scan
from scanner.aws.collector import Collector, Listing
from scanner.gate import exit_code
from state import Resource
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.test_collect import gaps, names, vpc
from tests.scanner.aws.wire import regions, vpcs

DAX = Collector(
    type="aws_dax_cluster",
    service="dax",
    fetch=Listing("describe_clusters", "Clusters"),
    permissions=(),
    id="ClusterName",
    attributes={},
)
NONE = "ap-east-1"
"""A region in which botocore lists no DAX."""


@pytest.fixture
def names_of(wire, monkeypatch):
    """Say which errors the name server answers for hosts of AWS, which it knows otherwise; each is listed as asked."""
    asked, real = [], socket.getaddrinfo

    def known(errors):
        def getaddrinfo(host, *about, **more):
            if "amazonaws" not in str(host):
                return real(host, *about, **more)
            asked.append(host)
            if host in errors:
                raise socket.gaierror(errors[host], "said the stand-in")
            return real("127.0.0.1", 9, type=socket.SOCK_STREAM)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    for service in ("EC2", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", wire.url)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    wire.answers["DescribeVpcs"] = vpcs("vpc-1")
    return known


def test_a_service_that_a_region_does_not_have_is_no_gap(names_of):
    host = f"dax.{NONE}.amazonaws.com"
    asked = names_of({host: socket.EAI_NONAME})
    seen = read(DAX, vpc(), regions=(NONE,))
    assert (names(seen), gaps(seen)) == (["vpc-1"], [])
    assert ("aws_dax_cluster", ACCOUNT, NONE) in seen.read
    assert asked == [host, f"ec2.{NONE}.amazonaws.com"]


@pytest.mark.parametrize(
    ("region", "errors", "setting"),
    [
        (NONE, {"dax": socket.EAI_AGAIN}, {}),
        (NONE, {}, {}),
        (NONE, {"dax": socket.EAI_NONAME, "ec2": socket.EAI_NONAME}, {}),
        (REGION, {"dax": socket.EAI_NONAME}, {}),
        (NONE, {"dax-fips": socket.EAI_NONAME}, {"AWS_USE_FIPS_ENDPOINT": "true"}),
    ],
    ids=["no name server", "a name", "no names of AWS at all", "botocore lists it", "FIPS"],
)
def test_a_service_that_is_not_reached_for_another_reason_is_a_gap(names_of, monkeypatch, region, errors, setting):
    names_of({f"{service}.{region}.amazonaws.com": error for service, error in errors.items()})
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert gaps(read(DAX, regions=(region,))) == [("unreachable", "aws_dax_cluster", region, None, None)]


def test_a_scan_says_where_a_service_is_not_offered(wire, names_of):
    wire.answers["DescribeRegions"] = regions(NONE)
    names_of({f"dax.{NONE}.amazonaws.com": socket.EAI_NONAME})
    found = asyncio.run(scan(Settings(types=("aws_dax_parameter_group",)), kinds=("inventory",)))
    assert (list(found.gaps), exit_code(found, ["high"])) == ([], 0)
    assert [each.text for each in found.notes] == [
        f"dax is not offered in {NONE}: botocore lists it only in others, and there is no such host"
    ]


@pytest.mark.parametrize("where", [NONE, ""])
def test_what_is_declared_where_its_service_is_not_offered_is_not_called_missing(names_of, where):
    names_of({f"dax.{NONE}.amazonaws.com": socket.EAI_NONAME})
    declared = [Resource(type="aws_dax_cluster", id="orders", account=ACCOUNT, region=where)]
    seen = read(DAX, regions=(NONE,), declared=declared)
    assert gaps(seen) == [("unsupported", "aws_dax_cluster", NONE, None, None)]
    assert seen.gaps[0].reason == f"dax is not offered in {NONE}: there is no dax.{NONE}.amazonaws.com"

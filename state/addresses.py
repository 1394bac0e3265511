"""Addresses that AWS makes of names: what a host name says of the thing behind it."""

from __future__ import annotations

import re

_BUCKET = re.compile(r"(?P<name>.+)\.s3(?:[.-](?!website)[a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?")
_WEBSITE = re.compile(r"(?:(?P<name>.+)\.)?s3-website[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_MACHINE = re.compile(r"ec2-(\d+)-(\d+)-(\d+)-(\d+)\.[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")


def bucket_in(host: str) -> str | None:
    """The bucket whose own address a host name is; that of its website is another thing."""
    found = _BUCKET.fullmatch(host)
    return found["name"] if found else None


def website_in(host: str) -> str | None:
    """The bucket whose website a host name is; empty where it is that of all websites of a region."""
    found = _WEBSITE.fullmatch(host)
    return (found["name"] or "") if found else None


def machine_in(host: str) -> str | None:
    """The public address that a host name of EC2 is (``ec2-192-0-2-1.eu-west-1.compute.amazonaws.com``)."""
    found = _MACHINE.fullmatch(host)
    return ".".join(found.groups()) if found else None

"""Whether a region has a service: where botocore lists none there, and no such host is known, it has not.

AWS opens services in more regions than a botocore of some months knows, and then there is a host. A network that knows
no host of AWS proves nothing, and so EC2's, which every region has, is looked up besides.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import EndpointConnectionError

from scanner.aws.guard import hosted_in

EVERYWHERE = "ec2"


async def is_nowhere(resolver: Any, prefix: str, region: str, error: EndpointConnectionError) -> bool:
    """Whether a call could not be sent because its region has no such service.

    ``resolver`` is botocore's, of endpoints; ``prefix`` is the service's name in it.
    """
    host = urlsplit(error.kwargs["endpoint_url"]).hostname or ""
    if not _is_unknown(error) or not _is_regions_own(host, region) or _is_listed(resolver, prefix, region):
        return False
    other = resolver.construct_endpoint(EVERYWHERE, region) or {}
    try:
        return bool(await asyncio.get_running_loop().getaddrinfo(other.get("hostname"), 443))
    except OSError:
        return False


def _is_unknown(error: EndpointConnectionError) -> bool:
    """Whether the name server answered that there is no such name; one that did not answer is another matter."""
    cause = error.kwargs.get("error")
    cause = getattr(cause, "os_error", cause)
    return isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME


def _is_regions_own(host: str, region: str) -> bool:
    """Whether it is the plain host of a region: many services have no other, for FIPS or IPv6."""
    return hosted_in(f"https://{host}") == region and "-fips" not in host and ".api." not in host


def _is_listed(resolver: Any, prefix: str, region: str) -> bool:
    """Whether botocore knows the service in a region, or nothing of where it is."""
    listed = {
        each: resolver.get_available_endpoints(prefix, each, allow_non_regional=True)
        for each in resolver.get_available_partitions()
    }
    here = listed[resolver.get_partition_for_region(region)]
    return region in here or any(each.endswith("-global") for each in here) or not any(listed.values())

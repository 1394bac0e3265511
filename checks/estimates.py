"""What resources cost a month: so much of this and that, at the prices there are of it.

Each is None where something of it has no price that is known, and raises Unknown where an attribute is. What lies
outside of a region's own zones, or is no hardware of AWS, has prices of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checks.prices import HOURS, Estimate, Part, Prices, estimate
from state import Resource, Unknown

Estimator = Callable[[Resource, Prices], Estimate | None]

INCLUDED = {"iops": 3_000, "throughput": 125}
"""What each gp3 volume has, whatever its size, without being paid for. https://aws.amazon.com/ebs/pricing/"""

FIRST_STEP = 32_000
"""IOPS of an io2 volume beyond which each costs less. https://aws.amazon.com/ebs/pricing/"""


def volume(disk: Resource, prices: Prices) -> Estimate | None:
    """What a volume costs, whether or not it is used."""
    if not _in_zone(disk):
        return None
    said = {name: disk[name] for name in ("type", "size", "iops", "throughput")}
    return estimate("costs", [disk.id], disk.region, prices, _storage(said))


def gp3_instead(disk: Resource, prices: Prices) -> Estimate | None:
    """What a gp2 volume costs more than a gp3 volume with as many IOPS."""
    if not _in_zone(disk):
        return None
    size, iops = disk["size"], disk["iops"]
    now = _storage({"type": "gp2", "size": size})
    return estimate("saves", [disk.id], disk.region, prices, now, _storage({"type": "gp3", "size": size, "iops": iops}))


def disks(instance: Resource, prices: Prices) -> Estimate | None:
    """What the disks of an instance cost, whether or not it runs."""
    if not _in_zone(instance):
        return None
    found = [*(instance["root_block_device"] or ()), *(instance["ebs_block_device"] or ())]
    parts = [part for each in found for part in _storage(_of_block(each))]
    return estimate("costs", [str(each.get("volume_id")) for each in found], instance.region, prices, parts)


def address(elastic: Resource, prices: Prices) -> Estimate | None:
    """What an Elastic IP costs; not one of a pool of one's own, nor of a zone outside of the region."""
    if elastic["public_ipv4_pool"] not in ("amazon", None) or elastic["customer_owned_ipv4_pool"]:
        return None
    if elastic["network_border_group"] != elastic.region:
        return None
    return estimate("costs", [elastic.id], elastic.region, prices, [Part(HOURS, "hours of an address", "eip")])


def gateway(nat: Resource, prices: Prices) -> Estimate | None:
    """What a NAT gateway in a subnet costs without any traffic; one of a whole region costs more."""
    if not nat["subnet_id"]:
        return None
    return estimate("costs", [nat.id], nat.region, prices, [Part(HOURS, "hours of a NAT gateway", "nat")])


def balancer(of: Resource, prices: Prices) -> Estimate | None:
    """What a load balancer costs without any traffic."""
    if of["customer_owned_ipv4_pool"] or any(each.get("outpost_id") for each in of["subnet_mapping"] or ()):
        return None
    kind = of["load_balancer_type"]
    hours = Part(HOURS, f"hours of a load balancer ({kind})", f"lb:{kind}")
    return estimate("costs", [of.id], of.region, prices, [hours])


def secret(of: Resource, prices: Prices) -> Estimate | None:
    return estimate("costs", [of.id], of.region, prices, [Part(1, "secret", "secret")])


def _in_zone(of: Resource) -> bool:
    """Whether it lies in one of the region's own zones: not in a Local Zone, and not on an Outpost."""
    zone = re.fullmatch(re.escape(of.region) + "[a-z]", of["availability_zone"] or "")
    return zone is not None and not of["outpost_arn"]


def _of_block(block: Mapping[str, Any]) -> dict[str, Any]:
    named = {"type": "volume_type", "size": "volume_size", "iops": "iops", "throughput": "throughput"}
    return {name: block.get(path) for name, path in named.items()}


def _storage(said: Mapping[str, Any]) -> Iterator[Part]:
    """What is paid for of a volume. Raises Unknown where its type or size is not said, or IOPS are paid in steps."""
    kind, size = said["type"], said["size"]
    if not (kind and size):
        raise Unknown("the type or the size of a volume is not known")
    yield Part(size, f"GB of {kind}", f"ebs:{kind}")
    if kind in ("io1", "io2"):
        yield Part(_iops(kind, said["iops"]), "IOPS", f"ebs:{kind}:iops")
    for name, unit in (("iops", "IOPS"), ("throughput", "MiB/s")) if kind == "gp3" else ():
        more = (said.get(name) or 0) - INCLUDED[name]
        if more > 0:
            yield Part(more, f"{unit} beyond {INCLUDED[name]:,}", f"ebs:gp3:{name}")


def _iops(kind: str, iops: int | None) -> int:
    if not iops or (kind == "io2" and iops > FIRST_STEP):
        raise Unknown(f"what the IOPS of {kind} cost is not known")
    return iops

"""What things cost: dated list prices of the common few, and the estimate that is made of prices.

List prices on demand in US dollars, without tax, discounts and free tiers; a month is 730 hours. They were looked up
on the day of ``READ`` in stored copies of the pages that stand beside them, which were up to months old themselves.
What could not be confirmed there is left out: cold disks (sc1), and what is paid in steps (beyond 32,000 IOPS of io2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

HOURS = 730
READ = date(2026, 11, 21)
HOME = "us-east-1"
OF_AWS = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+")
"""Regions of the partition ``aws``; the others have prices, and some a currency, of their own."""

EBS = "https://aws.amazon.com/ebs/pricing/"
ELB = "https://aws.amazon.com/elasticloadbalancing/pricing/"
SECRETS = "https://aws.amazon.com/secrets-manager/pricing/"
VPC = "https://aws.amazon.com/vpc/pricing/"

BUILT_IN: Mapping[str, tuple[float, str]] = {
    "ebs:gp2": (0.10, EBS),
    "ebs:gp3": (0.08, EBS),
    "ebs:gp3:iops": (0.005, EBS),
    "ebs:gp3:throughput": (0.04, EBS),
    "ebs:io1": (0.125, EBS),
    "ebs:io1:iops": (0.065, EBS),
    "ebs:io2": (0.125, EBS),
    "ebs:io2:iops": (0.065, EBS),
    "ebs:st1": (0.045, EBS),
    "ebs:standard": (0.05, EBS),
    "eip": (0.005, VPC),
    "lb:application": (0.0225, ELB),
    "lb:network": (0.0225, ELB),
    "nat": (0.045, VPC),
    "secret": (0.40, SECRETS),
}
"""The price in us-east-1, and the page that says it: of a GB, an IOPS, a MiB/s or a secret a month, or of an hour."""


Kind = Literal["costs", "saves"]


class Price(NamedTuple):
    usd: float
    source: str


Prices = Callable[[str, str], Price | None]
"""The price of something (a name of BUILT_IN, or ``ebs:sc1``) in a region; None where it is not known."""


def built_in(name: str, region: str) -> Price | None:
    """The price in us-east-1, which says so where it stands for that of another region."""
    if name not in BUILT_IN or not OF_AWS.fullmatch(region):
        return None
    differs = "" if region == HOME else f"; {region} may differ"
    return Price(BUILT_IN[name][0], f"built in, {HOME}, read {READ}{differs}")


class Estimate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a failure costs a month, or what mending it saves, at list prices; never what a bill says.

    ``basis`` is what was multiplied. ``of`` are the ids of what is paid for: another failure may be about the same.
    """

    amount: float
    kind: Kind
    basis: str
    source: str
    of: tuple[str, ...]
    currency: str = "USD"


class Part(NamedTuple):
    """So many of what has a price: ``40``, ``GB of gp2``, ``ebs:gp2``."""

    number: float
    what: str
    name: str


def estimate(
    kind: Kind, of: Sequence[str], region: str, prices: Prices, parts: Iterable[Part], less: Iterable[Part] = ()
) -> Estimate | None:
    """The parts at their prices, less others; None where there are none, or one has no price that is known."""
    paid, saved = _priced(parts, region, prices), _priced(less, region, prices)
    if not paid or saved is None:
        return None
    said = " + ".join(map(_said, paid)) + "".join(f", less {_said(each)}" for each in saved)
    sources = dict.fromkeys(price.source for _, price in (*paid, *saved))
    amount = sum(map(_amount, paid)) - sum(map(_amount, saved))
    return Estimate(amount=round(amount, 2), kind=kind, basis=said, source="; ".join(sources), of=tuple(of))


def _priced(parts: Iterable[Part], region: str, prices: Prices) -> list[tuple[Part, Price]] | None:
    """Each part with its price, those of one kind as one; None where a price is not known."""
    counts: dict[tuple[str, str], float] = {}
    for each in parts:
        counts[each.what, each.name] = counts.get((each.what, each.name), 0) + each.number
    found = [(Part(count, *named), prices(named[1], region)) for named, count in counts.items()]
    known = [(part, price) for part, price in found if price is not None]
    return known if len(known) == len(found) else None


def _amount(priced: tuple[Part, Price]) -> float:
    return priced[0].number * priced[1].usd


def _said(priced: tuple[Part, Price]) -> str:
    return f"{priced[0].number:,} {priced[0].what} at {unit_price(priced[1].usd)}"


def unit_price(usd: float) -> str:
    """``$0.10``, ``$0.0225``: to the cent, and to what is smaller where there is any."""
    whole, _, rest = f"{usd:.6f}".rstrip("0").partition(".")
    return f"${whole}.{rest:0<2}"


def money(amount: float) -> str:
    """``$1,240``, ``$8``, ``$0.80``: an estimate has no cents where they say nothing."""
    return f"${amount:,.0f}" if amount >= 10 or amount == int(amount) else f"${amount:,.2f}"


def total(estimates: Iterable[Estimate]) -> float:
    """What they come to, nothing paid for twice: a disk that is not in use is not also one that could be cheaper."""
    counted: set[str] = set()
    found = 0.0
    for each in sorted(estimates, key=lambda each: -each.amount):
        if counted.isdisjoint(each.of):
            counted.update(each.of)
            found += each.amount
    return round(found, 2)

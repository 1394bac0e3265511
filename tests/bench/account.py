"""A synthetic account: how many of each thing it has, what they are called, and how they hang together.

Everything is known by its number within its kind, which its id or its name ends in. Things of a region
are dealt out to the regions in turn, and refer to things of their own region only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

CALLER = "123456789012"
REGIONS = (
    "eu-west-1",
    "us-east-1",
    "us-west-2",
    "eu-central-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "us-east-2",
    "us-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ca-central-1",
    "sa-east-1",
)

MIX = {
    "aws_vpc": 1,
    "aws_subnet": 24,
    "aws_route_table": 8,
    "aws_internet_gateway": 1,
    "aws_nat_gateway": 2,
    "aws_eip": 4,
    "aws_security_group": 50,
    "aws_ebs_volume": 150,
    "aws_ebs_snapshot": 10,
    "aws_iam_role": 80,
    "aws_iam_policy": 30,
    "aws_iam_user": 15,
    "aws_iam_group": 5,
    "aws_iam_instance_profile": 10,
    "aws_s3_bucket": 30,
    "aws_db_instance": 20,
    "aws_rds_cluster": 4,
    "aws_db_snapshot": 4,
    "aws_db_cluster_snapshot": 2,
    "aws_dynamodb_table": 20,
    "aws_lambda_function": 30,
    "aws_instance": 200,
}
"""Of 700 resources; the last kind takes what rounding leaves."""

EVERYWHERE = ("aws_vpc", "aws_subnet", "aws_route_table", "aws_internet_gateway", "aws_security_group")
"""Each region has one of these at least."""

GLOBAL = frozenset(kind for kind in MIX if kind.startswith("aws_iam_"))

_NAMED_HEX = {
    "aws_vpc": "vpc-0",
    "aws_subnet": "subnet-0",
    "aws_route_table": "rtb-0",
    "aws_internet_gateway": "igw-0",
    "aws_nat_gateway": "nat-0",
    "aws_eip": "eipalloc-0",
    "aws_security_group": "sg-0",
    "aws_ebs_volume": "vol-0",
    "aws_ebs_snapshot": "snap-0",
    "aws_instance": "i-0",
}
_NAMED = {
    "aws_iam_role": "app-role-",
    "aws_iam_policy": "app-policy-",
    "aws_iam_user": "person-",
    "aws_iam_group": "team-",
    "aws_iam_instance_profile": "app-profile-",
    "aws_db_instance": "orders-db-",
    "aws_rds_cluster": "ledger-cluster-",
    "aws_db_snapshot": "before-upgrade-",
    "aws_db_cluster_snapshot": "ledger-before-upgrade-",
    "aws_dynamodb_table": "sessions-",
    "aws_lambda_function": "thumbnailer-",
}

Words = Mapping[str, str]


def counts(size: int, regions: int) -> dict[str, int]:
    """How many of each kind there are among ``size`` resources."""
    found = {
        kind: max(round(size * share / 700), regions if kind in EVERYWHERE else 1)
        for kind, share in MIX.items()
        if kind != "aws_instance"
    }
    return found | {"aws_instance": max(size - sum(found.values()), 1)}


class Account(msgspec.Struct, frozen=True):
    """One account of so many things of each kind, in these regions."""

    id: str
    regions: tuple[str, ...]
    counts: Mapping[str, int]

    def region_of(self, kind: str, n: int) -> str:
        return "global" if kind in GLOBAL else self.regions[n % len(self.regions)]

    def numbers(self, kind: str, region: str) -> range:
        """The things of a kind that are in a region; all, of a global kind."""
        if kind in GLOBAL:
            return range(self.counts[kind])
        if region not in self.regions:
            return range(0)
        return range(self.regions.index(region), self.counts[kind], len(self.regions))

    def fits(self, kind: str, n: int, other: str) -> bool:
        """Whether the region has as many of another kind as it takes for the ``n``th of a kind to have its own."""
        return n // len(self.regions) < len(self.numbers(other, self.region_of(kind, n)))

    def near(self, kind: str, n: int) -> int:
        """A thing of another kind in the same region as a regional one's ``n``."""
        if kind in GLOBAL:
            return n % self.counts[kind]
        there, step = self.numbers(kind, self.regions[n % len(self.regions)]), len(self.regions)
        return there[n // step % len(there)] if there else 0

    def name(self, kind: str, n: int) -> str:
        """The id or name that ends in a thing's number."""
        if kind in _NAMED_HEX:
            return f"{_NAMED_HEX[kind]}{n:016x}"
        return f"bench-{self.id}-{n:06d}" if kind == "aws_s3_bucket" else f"{_NAMED[kind]}{n:06d}"

    def number(self, kind: str, name: str) -> int | None:
        """The number that a name ends in, if there is such a thing."""
        found = re.search(r"[0-9a-f]{16}$" if kind in _NAMED_HEX else r"\d{6}$", name)
        n = int(found[0], 16 if kind in _NAMED_HEX else 10) if found else -1
        return n if 0 <= n < self.counts[kind] and self.name(kind, n) == re.split("[/:]", name)[-1] else None

    def resources(self) -> Iterator[tuple[str, str, str]]:
        """(type, region, id or name) of all that it holds."""
        for kind, count in self.counts.items():
            for n in range(count):
                yield kind, self.region_of(kind, n), self.name(kind, n)

    def words(self, n: int) -> Words:
        """What the templates say of the thing with this number, of whatever kind."""
        made = _BEGINNING + timedelta(hours=n % 9000, seconds=n * 37 % 3600)
        region = self.regions[n % len(self.regions)]
        return {
            "account": self.id,
            "region": region,
            "zone": f"{region}{'abc'[n % 3]}",
            "n": f"{n:06d}",
            "hex": f"{n:016x}",
            "id21": f"{n:021X}".replace("0", "Q"),
            "ip": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
            "dashed": f"10-{n >> 16 & 255}-{n >> 8 & 255}-{n & 255}",
            "public": f"52.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
            "time": f"{made:%Y-%m-%dT%H:%M:%S}.000Z",
            "later": f"{made + timedelta(seconds=41):%Y-%m-%dT%H:%M:%S}.000Z",
            "epoch": f"{made.timestamp():.3f}",
            "environment": ("production", "staging", "development")[n % 3],
            "owner": f"team-{n % 23}@example.com",
            **{word: self.name(kind, self.near(kind, n)) for word, kind in _REFERENCES.items()},
        }


_BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
_REFERENCES = {
    "vpc": "aws_vpc",
    "subnet": "aws_subnet",
    "igw": "aws_internet_gateway",
    "eip": "aws_eip",
    "group": "aws_security_group",
    "instance": "aws_instance",
    "cluster": "aws_rds_cluster",
    "db": "aws_db_instance",
    "disk": "aws_ebs_volume",
    "role": "aws_iam_role",
    "policy": "aws_iam_policy",
    "team": "aws_iam_group",
    "profile": "aws_iam_instance_profile",
}

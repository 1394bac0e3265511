"""What an endpoint was asked: calls by (account, region, API), those asked twice, throttled or not paged."""

from __future__ import annotations

from collections import Counter

import msgspec

from tests.bench.rates import Bucket, rated


class Row(msgspec.Struct):
    """What became of one API's calls in an account and region, and how fast AWS lets them be made.

    ``chain`` is the longest chain of pages: each has to be waited for before the next can be asked.
    """

    account: str
    region: str
    api: str
    bucket: str
    burst: float
    per_second: float
    calls: int = 0
    throttled: int = 0
    duplicates: int = 0
    unpaged: int = 0
    faults: int = 0
    refused: int = 0
    chain: int = 0


class Counts(msgspec.Struct):
    """What was asked since the last reset."""

    rows: list[Row] = []
    peak: int = 0
    in_flight: int = 0
    unknown: list[str] = []

    def total(self, what: str) -> int:
        return sum(getattr(row, what) for row in self.rows)

    @property
    def chain(self) -> int:
        return max((row.chain for row in self.rows), default=0)


class Book:
    """Keeps the counts."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str, str], Row] = {}
        self.buckets: dict[tuple[str, str, str], Bucket] = {}
        self.answered: set[int] = set()
        self.chains: Counter[tuple[str, ...]] = Counter()
        self.peak = self.in_flight = 0
        self.unknown: list[str] = []

    def row(self, account: str, region: str, api: str, unqualified: bool) -> Row:
        bucket, rate = rated(api, unqualified)
        key = account, region, api, bucket
        if key not in self.rows:
            self.rows[key] = Row(account, region, api, bucket, *rate)
        return self.rows[key]

    def allows(self, row: Row, now: float) -> bool:
        key = row.account, row.region, row.bucket
        if key not in self.buckets:
            self.buckets[key] = Bucket(rated(row.api, row.bucket.endswith("unqualified"))[1], now)
        return self.buckets[key].take(now)

    def counts(self) -> Counts:
        return Counts(list(self.rows.values()), self.peak, self.in_flight, self.unknown)

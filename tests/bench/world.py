"""What an endpoint is to be: how many accounts of what size, how far away, and what goes wrong there."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.bench.account import CALLER


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What there is: accounts of so many resources in so many regions, so far away.

    ``tls`` is the folder to leave the certificate in; without one there is no TLS.
    """

    size: int = 700
    regions: int = 1
    accounts: int = 1
    latency: float = 0.04
    limited: bool = True
    tls: Path | None = None

    @property
    def ids(self) -> list[str]:
        return [CALLER, *(f"{200000000000 + n}" for n in range(1, self.accounts))]


class Wrong(msgspec.Struct, kw_only=True):
    """What goes wrong with an API's calls: a status (500, 503), ``reset``, ``truncated`` or ``slow``.

    With a probability, or always; the next so many ``times``, or from now on.
    """

    what: str
    api: str = ""
    probability: float = 1.0
    times: int | None = None
    seconds: float = 5.0

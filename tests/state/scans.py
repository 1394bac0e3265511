"""Records of scans as history keeps them, and what moved, for its tests."""

from datetime import UTC, datetime

from state.history import Digest, Record, Verdict
from state.moves import KINDS

DRIFT = "drift"
CHECK = "rds-instance-single-az"
ACCOUNT = "123456789012"
WHEN = datetime(2026, 11, 21, tzinfo=UTC)


def verdict(name: str, status: str, check: str = "rds-instance-single-az", **more: object) -> Verdict:
    about = {"kind": "drift" if check == DRIFT else "finding", "title": check, "severity": "medium"}
    where = {"type": "aws_db_instance", "identity": name, "resource": name, "account": ACCOUNT, "region": "eu-west-1"}
    return Verdict(id=f"{check}/{name}", check=check, status=status, **about, **where, **more)  # type: ignore[arg-type]


def record(id: str, *verdicts: Verdict, unseen: object = None, checks: tuple[str, ...] = (), **more: object) -> Record:
    asked = {
        "account": ACCOUNT,
        "started": WHEN,
        "ended": WHEN,
        "version": "0",
        "regions": ["eu-west-1"],
        "sources": [],
        "checks": sorted({each.check for each in verdicts} | set(checks)),
        "read": [("aws_db_instance", "eu-west-1")],
        "counts": {"failing": 1},
        "unseen": unseen or (lambda *where: False),
    } | more
    return Record(id=id, verdicts=verdicts, **asked)  # type: ignore[arg-type]


def moved(digest: Digest) -> dict[str, list[tuple[str, str | None, str]]]:
    """The digest's lists that hold something: (resource, before, after)."""
    lists = {name: [(m.verdict.resource, m.before, m.verdict.status) for m in getattr(digest, name)] for name in KINDS}
    return {name: moves for name, moves in lists.items() if moves}

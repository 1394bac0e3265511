"""What every kind of database is asked: how long it is kept, how it is guarded, and over how many zones it is spread.

RDS, Aurora, DocumentDB and Neptune say it in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.check import Fault, Terms, evidence_of
from state import Inventory, Resource


def days_kept(database: Resource, terms: Terms) -> str | None:
    days = database["backup_retention_period"] or 0
    if days >= terms.days(database, "backup_days"):
        return None
    return f"{database.name} keeps backups for {days} days" if days else f"{database.name} keeps no backups"


def unencrypted(database: Resource) -> str | None:
    return None if database["storage_encrypted"] else f"{database.name} is not encrypted"


def deletable(database: Resource) -> str | None:
    return None if database["deletion_protection"] else f"{database.name} can be deleted by one call"


def shared_with_all(snapshot: Resource) -> str | None:
    """What is wrong with a snapshot that anyone may restore, of an engine of which only AWS tells it."""
    return f"{snapshot.name} can be restored by anyone" if "all" in (snapshot.fact("shared_accounts") or ()) else None


def instances_in_one_zone(cluster: Resource, inventory: Inventory, type: str) -> Fault | None:
    """What is wrong with a cluster whose instances, of this type, all lie in one zone."""
    members = inventory.near(cluster, type, cluster_identifier=cluster["cluster_identifier"])
    if not in_one_zone(members):
        return None
    evidence = {name: value for each in members for name, value in evidence_of(each, "availability_zone").items()}
    return Fault(f"all instances of {cluster.name} lie in one Availability Zone", evidence)


def in_one_zone(members: Sequence[Resource]) -> bool:
    """A lone instance lies in one zone, whichever; without any nothing lies anywhere."""
    return len(members) == 1 or (bool(members) and len({each["availability_zone"] for each in members}) == 1)

"""What every kind of database is asked: how long it is kept, how it is guarded, and over how many zones it is spread.

RDS, Aurora, DocumentDB and Neptune say it in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.check import Fault, Terms, evidence_of
from checks.doubt import any_of
from checks.reach import is_public
from checks.zones import subnet
from state import Inventory, Resource, Unknown


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


def in_public_subnet(database: Resource, inventory: Inventory, type: str, name: str) -> Fault | None:
    """What is wrong with a database, or a cache, that lies in a group of subnets of which one leads to the internet."""
    groups = inventory.near(database, type, name=name)
    if not groups:
        raise Unknown(f"the subnet group {name} of {database.name} was not read")
    ids = [id for group in groups for id in group["subnet_ids"] or ()]
    public = any_of(lambda id: id if is_public(subnet(database, inventory, id), inventory) else None, ids)
    message = f"{database.name} may lie in the public subnet {public}"
    return Fault(message, evidence_of(groups[0], "subnet_ids")) if public else None

"""Amazon RDS: instances, clusters and snapshots."""

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_db_instance", severity=Severity.MEDIUM, category=Category.RESILIENCE, cis_5_0="2.2.4", fsbp="RDS.5")
def rds_instance_single_az(db: Resource, inventory: Inventory) -> str | None:
    """Database instance runs in a single Availability Zone.

    A single-AZ instance is down for as long as its zone is, and comes back from its last backup
    rather than from a standby. Read replicas are exempt: the source is what fails over.

    Fix: set `multi_az = true`; RDS makes the standby without an outage.

    Fails:

        resource "aws_db_instance" "orders" {
          multi_az = false
        }

    Passes:

        resource "aws_db_instance" "orders" {
          multi_az = true
        }
    """
    if db["multi_az"] or db["replicate_source_db"]:
        return None
    return f"{db.id} runs in one Availability Zone"

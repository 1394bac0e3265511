"""Amazon RDS: what is seen of instances while they run, and the storage they stand on."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_db_instance",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="RDS.6",
    nist_800_53_r5="au_12_3;au_14_a;au_14_b;ca_2_2;ca_7;ca_7_b;pm_14_a_1;pm_14_b;pm_31;sc_36_1_a;si_2_a",
    well_architected_reliability="REL06-BP01",
)
def rds_enhanced_monitoring(db: Resource, inventory: Inventory) -> str | None:
    """Database instance has no enhanced monitoring.

    CloudWatch tells of the hypervisor's view once a minute; which process took the memory or the processor of
    the host before a failure is then not to be found out.

    Fix: set `monitoring_interval` to 60 or less, and a `monitoring_role_arn`.

    Fails:

        resource "aws_db_instance" "orders" {
          monitoring_interval = 0
        }

    Passes:

        resource "aws_db_instance" "orders" {
          monitoring_interval = 60
        }
    """
    return None if db["monitoring_interval"] else f"{db.name} has no enhanced monitoring"


@check(
    "aws_db_instance",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
)
def rds_storage_autoscaling(db: Resource, inventory: Inventory) -> str | None:
    """Database storage cannot grow by itself.

    A database whose storage is full stops taking writes, and stays so until somebody gives it more.

    Fix: set `max_allocated_storage` above `allocated_storage`.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --max-allocated-storage 500`

    Fails:

        resource "aws_db_instance" "orders" {
          allocated_storage     = 100
          max_allocated_storage = 0
        }

    Passes:

        resource "aws_db_instance" "orders" {
          allocated_storage     = 100
          max_allocated_storage = 500
        }
    """
    return None if db["max_allocated_storage"] else f"the storage of {db.name} cannot grow by itself"


@check(
    "aws_db_instance",
    severity=Severity.LOW,
    category=Category.COST,
)
def rds_gp2_storage(db: Resource, inventory: Inventory) -> str | None:
    """Database storage is gp2 where gp3 costs less.

    The speed of gp2 comes with its size, so that it is often made larger than its data to be fast enough; gp3
    does 3,000 operations a second at any size. A gigabyte of either may cost the same: what is saved is what
    nobody needs but for speed.

    Fix: set `storage_type = "gp3"`; the change is made while the database is in use.

    CLI: `aws rds modify-db-instance --db-instance-identifier {identifier} --storage-type gp3`

    Fails:

        resource "aws_db_instance" "orders" {
          storage_type = "gp2"
        }

    Passes:

        resource "aws_db_instance" "orders" {
          storage_type = "gp3"
        }
    """
    return f"the storage of {db.name} is gp2" if db["storage_type"] == "gp2" else None

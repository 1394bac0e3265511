"""Amazon DynamoDB: tables and how they are kept."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Skip, check
from checks.doubt import any_of, either, said
from checks.protection import unprotected
from checks.tag import bare, own_tags
from state import Inventory, Resource

ON_DEMAND = "PAY_PER_REQUEST"
CRITICAL = frozenset({("criticality", "critical"), ("criticality", "high"), ("critical", "true"), ("critical", "yes")})
SCALING = ("aws_appautoscaling_target", "aws_appautoscaling_policy")


@check(
    "aws_dynamodb_table",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DynamoDB.2",
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.3.3;10.5.1",
    nist_800_53_r5="cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_2;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_13_5",
    soc2="cc_7_4;cc_a_1_1",
    hipaa="164_308_a_1_ii_b;164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c;164_312_a_2_ii",
    well_architected_reliability="REL09-BP03",
)
def dynamodb_pitr(table: Resource, inventory: Inventory) -> str | None:
    """Table has no point-in-time recovery.

    Without it a bad write or delete can be undone only as far as somebody took a backup by hand.

    Fix: add `point_in_time_recovery { enabled = true }`; the table stays in use.

    CLI: `aws dynamodb update-continuous-backups --table-name {name} --point-in-time-recovery-specification
    PointInTimeRecoveryEnabled=true`

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          point_in_time_recovery {
            enabled = false
          }
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          point_in_time_recovery {
            enabled = true
          }
        }
    """
    if any_of(lambda block: block.get("enabled"), table["point_in_time_recovery"] or ()):
        return None
    return f"{table.id} has no point-in-time recovery"


@check(
    "aws_dynamodb_table",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DynamoDB.4",
    pci_4="10.3.3",
)
def dynamodb_backup_plan(table: Resource, inventory: Inventory) -> Fault | None:
    """Table is in no backup plan.

    Point-in-time recovery reaches back 35 days and ends with the table; backups of AWS Backup lie in a
    vault that can be locked, and can be copied to another region or account.

    Fix: select the table, or a tag that it has, in an `aws_backup_selection`.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          tags = {}
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          tags = {}
        }

        resource "aws_backup_selection" "tables" {
          plan_id       = "plan-1"
          resources     = [aws_dynamodb_table.carts.arn]
          not_resources = []
        }
    """
    return unprotected(table, inventory)


@check(
    "aws_dynamodb_table",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DynamoDB.6",
)
def dynamodb_deletion_protection(table: Resource, inventory: Inventory) -> str | None:
    """Table can be deleted by one call.

    A wrong `terraform destroy` or a stray script then takes the data with it.

    Fix: set `deletion_protection_enabled = true`; whoever means it turns it off first.

    CLI: `aws dynamodb update-table --table-name {name} --deletion-protection-enabled`

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name                        = "carts"
          deletion_protection_enabled = false
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name                        = "carts"
          deletion_protection_enabled = true
        }
    """
    return None if table["deletion_protection_enabled"] else f"{table.name} can be deleted by one call"


@check(
    "aws_dynamodb_table",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="DynamoDB.1",
)
def dynamodb_autoscaling(table: Resource, inventory: Inventory) -> Fault | None:
    """Provisioned table does not scale with demand.

    When more comes than was provisioned for, requests are refused; when less comes it is paid for all the
    same. Reads and writes both need a target and a policy. Tables on demand are exempt.

    Fix: set `billing_mode = "PAY_PER_REQUEST"`, or add `aws_appautoscaling_target`s and policies for the
    table's read and write capacity.

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name         = "carts"
          billing_mode = "PROVISIONED"
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name         = "carts"
          billing_mode = "PAY_PER_REQUEST"
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name         = "carts"
          billing_mode = "PROVISIONED"
        }

        resource "aws_appautoscaling_target" "read" {
          service_namespace  = "dynamodb"
          resource_id        = "table/carts"
          scalable_dimension = "dynamodb:table:ReadCapacityUnits"
        }

        resource "aws_appautoscaling_policy" "read" {
          service_namespace  = "dynamodb"
          resource_id        = "table/carts"
          scalable_dimension = "dynamodb:table:ReadCapacityUnits"
        }

        resource "aws_appautoscaling_target" "write" {
          service_namespace  = "dynamodb"
          resource_id        = "table/carts"
          scalable_dimension = "dynamodb:table:WriteCapacityUnits"
        }

        resource "aws_appautoscaling_policy" "write" {
          service_namespace  = "dynamodb"
          resource_id        = "table/carts"
          scalable_dimension = "dynamodb:table:WriteCapacityUnits"
        }
    """
    if table["billing_mode"] == ON_DEMAND:
        return None
    scaled = {"service_namespace": "dynamodb", "resource_id": f"table/{table['name']}"}
    for units in ("Read", "Write"):
        dimension = f"dynamodb:table:{units}CapacityUnits"
        for type in SCALING:
            if not inventory.near(table, type, scalable_dimension=dimension, **scaled):
                evidence = {f"{type}.scalable_dimension": dimension}
                return Fault(f"{units.lower()} capacity of {table.name} does not scale", evidence)
    return None


@check(
    "aws_dynamodb_table",
    severity=Severity.LOW,
    category=Category.ENCRYPTION,
    pci_4="3.5.1;8.3.2",
    nist_800_53_r5="au_9_3;sc_13_a;sc_28_1;sc_8_3;sc_8_4;si_19_4",
    soc2="pi_1_5",
    hipaa="164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    gdpr="article_32",
    well_architected_security="SEC08-BP02",
)
def dynamodb_cmk(table: Resource, inventory: Inventory) -> str | None:
    """Table is encrypted with the AWS-owned key only.

    That key belongs to AWS: who may use it cannot be limited, and its use stands in no log of yours. AWS's
    managed key, which CloudTrail does log, is enough to pass.

    Fix: add `server_side_encryption { enabled = true }`, with a `kms_key_arn` of your own; the table stays in
    use.

    CLI: `aws dynamodb update-table --table-name {name} --sse-specification Enabled=true,SSEType=KMS`

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          server_side_encryption {
            enabled = false
          }
        }

    Fails:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
        }

    Passes:

        resource "aws_dynamodb_table" "carts" {
          name = "carts"
          server_side_encryption {
            enabled = true
          }
        }
    """
    if any_of(lambda block: block.get("enabled"), said(table, "server_side_encryption") or ()):
        return None
    return f"{table.id} is encrypted with a key of AWS's"


@check("aws_dynamodb_table", severity=Severity.LOW, category=Category.BACKUP)
def dynamodb_single_region(table: Resource, inventory: Inventory) -> str | None:
    """Critical table has no replica in another region.

    What takes the region away takes the table, and whatever asks it. A table is critical where the team says so: it
    is protected from deletion, or its tag `criticality` is critical or high, or `critical` is true or yes. Others are
    skipped. Replicas of the old kind (2017), which AWS does not tell with the table, do not count.

    Fix: add a `replica` block with another region, and have what asks the table know of it.

    Fails:

        resource "aws_dynamodb_table" "orders" {
          name                        = "orders"
          deletion_protection_enabled = true
          tags                        = {}
        }

    Fails:

        resource "aws_dynamodb_table" "orders" {
          name = "orders"
          tags = { Criticality = "high" }
        }

    Passes:

        resource "aws_dynamodb_table" "orders" {
          name                        = "orders"
          deletion_protection_enabled = true
          tags                        = {}
          replica {
            region_name = "eu-central-1"
          }
        }
    """
    if not either(lambda: said(table, "deletion_protection_enabled"), lambda: _said_critical(table)):
        raise Skip(f"nothing says that {table.id} is critical")
    if any_of(lambda each: each.get("region_name") not in (None, table.region), table["replica"] or ()):
        return None
    return f"{table.id} is in one region only"


def _said_critical(table: Resource) -> bool:
    return any((bare(key), value.lower()) in CRITICAL for key, value in own_tags(table).items())

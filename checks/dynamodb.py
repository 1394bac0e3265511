"""Amazon DynamoDB: tables and how they are kept."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource


@check(
    "aws_dynamodb_table",
    severity=Severity.MEDIUM,
    category=Category.BACKUP,
    fsbp="DynamoDB.2",
    pci_4="3.2.1;3.3.1.1;3.3.1.3;3.3.2;3.3.3;10.3.3;10.5.1",
    nist_800_53_r5="cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_2;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_13_5",
    soc2="cc_7_4;cc_a_1_1",
)
def dynamodb_pitr(table: Resource, inventory: Inventory) -> str | None:
    """Table has no point-in-time recovery.

    Without it a bad write or delete can be undone only as far as somebody took a backup by hand.

    Fix: add `point_in_time_recovery { enabled = true }`; the table stays in use.

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

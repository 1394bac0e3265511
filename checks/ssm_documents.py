"""AWS Systems Manager: documents, which say what is run on machines."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource


@check(
    "aws_ssm_document",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="SSM.4",
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
    well_architected_security="SEC03-BP07",
)
def ssm_document_public(document: Resource, inventory: Inventory) -> Fault | None:
    """Systems Manager document is shared with everyone.

    Anyone reads how your machines are run, and what somebody once wrote into it: names, addresses, passwords.

    Fix: share it with accounts by their numbers in `permissions`, and block public sharing in the region's settings
    of Systems Manager.

    CLI: `aws ssm modify-document-permission --name {name} --permission-type Share --account-ids-to-remove all`

    Fails:

        resource "aws_ssm_document" "restart" {
          permissions = {
            type        = "Share"
            account_ids = "All"
          }
        }

    Passes:

        resource "aws_ssm_document" "restart" {
          permissions = {
            type        = "Share"
            account_ids = "111111111111"
          }
        }
    """
    said = str((document["permissions"] or {}).get("account_ids") or "")
    if "all" not in said.lower().split(","):
        return None
    return Fault(f"{document.name} is shared with everyone", {"permissions.account_ids": said})

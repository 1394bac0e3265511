"""Amazon FSx: where file systems stand."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_fsx_windows_file_system",
    severity=Severity.LOW,
    category=Category.RESILIENCE,
)
def fsx_windows_single_az(files: Resource, inventory: Inventory) -> str | None:
    """FSx for Windows file system lies in one zone.

    It is away for as long as its zone is, and at each maintenance.

    Fix: make it anew with `deployment_type = "MULTI_AZ_1"` from a backup; it cannot be changed in place.

    Fails:

        resource "aws_fsx_windows_file_system" "shares" {
          deployment_type = "SINGLE_AZ_2"
        }

    Passes:

        resource "aws_fsx_windows_file_system" "shares" {
          deployment_type = "MULTI_AZ_1"
        }
    """
    kind = files["deployment_type"] or "SINGLE_AZ_1"
    return f"{files.name} lies in one Availability Zone" if kind.startswith("SINGLE_AZ") else None

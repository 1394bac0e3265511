"""Amazon EFS access points: as whom, and where, a file system is mounted."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import said, said_in
from state import Inventory, Resource


@check(
    "aws_efs_access_point",
    severity=Severity.MEDIUM,
    category=Category.IAM,
    fsbp="EFS.3;EFS.4",
    pci_4="3.5.1.3;10.3.2;A1.1.2;A3.4.1",
)
def efs_access_point_root(point: Resource, inventory: Inventory) -> str | None:
    """Access point exposes the root directory or sets no user.

    One application then reads the files of all others, or writes as whichever user it says it is, root too.

    Fix: give it a `root_directory` with a `path` of its own, and a `posix_user`.

    Fails:

        resource "aws_efs_access_point" "shop" {
          posix_user {
            gid = 1000
            uid = 1000
          }

          root_directory {
            path = "/"
          }
        }

    Fails:

        live "aws_efs_access_point" "shop" {
          posix_user     = []
          root_directory = [{ path = "/shop" }]
        }

    Passes:

        resource "aws_efs_access_point" "shop" {
          posix_user {
            gid = 1000
            uid = 1000
          }

          root_directory {
            path = "/shop"
          }
        }
    """
    if all((said_in(each, "path") or "/") == "/" for each in said(point, "root_directory") or ()):
        return f"{point.name} exposes the root directory"
    return None if point["posix_user"] else f"{point.name} sets no user"

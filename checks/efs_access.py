"""Amazon EFS: who may mount a file system."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource


@check(
    "aws_efs_file_system_policy",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC03-BP07",
)
def efs_policy_public(policy: Resource, inventory: Inventory) -> str | None:
    """File system policy admits any client.

    Whoever reaches a mount target mounts the file system, without an identity. The policy that the
    console writes names everyone too and is closed by `elasticfilesystem:AccessedViaMountTarget`, as
    AWS itself counts it; a condition on TLS closes nothing. A file system without any policy is open to
    its network and is not judged here.

    Fix: name the principals, or allow access by mount targets only.

    Fails:

        resource "aws_efs_file_system_policy" "it" {
          file_system_id = "fs-0123456789abcdef0"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "elasticfilesystem:ClientMount"
            }]
          })
        }

    Passes:

        resource "aws_efs_file_system_policy" "it" {
          file_system_id = "fs-0123456789abcdef0"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "elasticfilesystem:ClientMount"
              Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
            }]
          })
        }
    """
    statement = opens_to_anyone(parse(policy["policy"]), ("elasticfilesystem:*",))
    return f"{statement.label} lets anyone into {policy.name}" if statement else None

"""Amazon S3 access points: ways into a bucket beside its own."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource

SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@check(
    "aws_s3_access_point",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="S3.19",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
)
def s3_access_point_public_access_block(point: Resource, inventory: Inventory) -> Fault | None:
    """S3 access point does not block public access.

    Its policy can then open the bucket to everyone. It cannot be changed later: the setting is made with the access
    point. One that only a VPC reaches is exempt.

    Fix: make it anew with all four switches of `public_access_block_configuration` on, as they are by default.

    Fails:

        resource "aws_s3_access_point" "readers" {
          name   = "readers"
          bucket = "orders"

          public_access_block_configuration {
            block_public_acls       = true
            block_public_policy     = false
            ignore_public_acls      = true
            restrict_public_buckets = true
          }
        }

    Passes:

        resource "aws_s3_access_point" "readers" {
          name   = "readers"
          bucket = "orders"

          public_access_block_configuration {
            block_public_acls       = true
            block_public_policy     = true
            ignore_public_acls      = true
            restrict_public_buckets = true
          }
        }
    """
    for block in point["public_access_block_configuration"] or ():
        off = [name for name in SWITCHES if block.get(name) is False]
        if off and not point["vpc_configuration"]:
            evidence = {f"public_access_block_configuration[0].{name}": False for name in off}
            return Fault(f"{point.name} does not block public access", evidence)
    return None

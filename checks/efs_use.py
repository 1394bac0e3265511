"""Amazon EFS: where file systems are mounted, how clients talk to them, and what cold files cost."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.policy import parse
from checks.reach import is_public
from checks.s3 import refuses_plain_http
from checks.zones import subnet
from state import Inventory, Resource

POLICY = "aws_efs_file_system_policy"
CLIENT = "elasticfilesystem:client*"


@check(
    "aws_efs_mount_target",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
)
def efs_mount_target_public_subnet(target: Resource, inventory: Inventory) -> str | None:
    """Mount target lies in a public subnet.

    It has no public address, but shares its network with machines that the internet reaches: whoever breaks into
    one of these is next to the files.

    Fix: make a mount target in a private subnet of the same zone, and delete this one.

    Fails:

        resource "aws_efs_mount_target" "a" {
          subnet_id = aws_subnet.a.id
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.public.id
        }

    Passes:

        resource "aws_efs_mount_target" "a" {
          subnet_id = aws_subnet.a.id
        }

        resource "aws_subnet" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "private" {
          vpc_id = "vpc-1"
          route  = []
        }

        resource "aws_route_table_association" "a" {
          subnet_id      = aws_subnet.a.id
          route_table_id = aws_route_table.private.id
        }
    """
    public = is_public(subnet(target, inventory, target["subnet_id"]), inventory)
    return f"{target.id} lies in the public subnet {target['subnet_id']}" if public else None


@check(
    "aws_efs_file_system",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
)
def efs_tls_not_enforced(files: Resource, inventory: Inventory) -> Fault | None:
    """File system policy does not demand TLS from clients.

    NFS without TLS shows files to whoever listens in the network. A file system without a policy takes both kinds of
    clients; so does one whose policy allows nothing but TLS without denying the rest, as identities' own policies
    may allow more.

    Fix: deny `*` to everyone where `aws:SecureTransport` is false, after mounting with `-o tls` everywhere.

    Fails:

        resource "aws_efs_file_system" "shared" {
          encrypted = true
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          encrypted = true
        }

        resource "aws_efs_file_system_policy" "shared" {
          file_system_id = aws_efs_file_system.shared.id
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Deny"
              Principal = { AWS = "*" }
              Action    = "*"
              Condition = { Bool = { "aws:SecureTransport" = "false" } }
            }]
          })
        }
    """
    found = inventory.near(files, POLICY, file_system_id=files.id)
    if not found:
        return Fault(f"{files.name} has no policy, and takes clients without TLS", {POLICY: None})
    if any(refuses_plain_http(each, CLIENT) for each in parse(found[0]["policy"])):
        return None
    return Fault(f"the policy of {files.name} takes clients without TLS", evidence_among(POLICY, found[:1], "policy"))


@check(
    "aws_efs_file_system",
    severity=Severity.LOW,
    category=Category.COST,
)
def efs_no_lifecycle(files: Resource, inventory: Inventory) -> str | None:
    """File system never moves cold files to cheaper storage.

    Files that nobody has opened for months cost ten times and more of what they would in the classes for such.

    Fix: add a `lifecycle_policy` with `transition_to_ia`.

    CLI: `aws efs put-lifecycle-configuration --file-system-id {id}
    --lifecycle-policies TransitionToIA=AFTER_30_DAYS`

    Fails:

        resource "aws_efs_file_system" "shared" {
          encrypted = true
        }

    Passes:

        resource "aws_efs_file_system" "shared" {
          lifecycle_policy {
            transition_to_ia = "AFTER_30_DAYS"
          }
        }
    """
    rules = files["lifecycle_policy"] or ()
    cheaper = any(each.get("transition_to_ia") or each.get("transition_to_archive") for each in rules)
    return None if cheaper else f"{files.name} never moves cold files"

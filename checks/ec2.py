"""Amazon EC2: instances and what of them the internet sees."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, both, either, unless
from checks.sg import ADMIN, INGRESS, admits, from_anywhere, said_by
from state import Inventory, Resource


@check(
    "aws_instance",
    severity=Severity.HIGH,
    category=Category.IAM,
    cis_3_0="5.6",
    cis_5_0="5.7",
    cis_6_0="6.7",
    cis_7_0="6.7",
    fsbp="EC2.8",
    pci_4="8.2.8",
    soc2="cc_7_2",
)
def ec2_imdsv2_required(instance: Resource, inventory: Inventory) -> str | None:
    """Instance still answers metadata requests without a session token.

    Version 1 of the metadata endpoint hands the instance's credentials to whoever can make it send
    one GET request, as a server-side request forgery does.

    Fix: set `http_tokens = "required"` in `metadata_options`; no restart is needed.

    Fails:

        resource "aws_instance" "web" {
          metadata_options {
            http_tokens = "optional"
          }
        }

    Passes:

        resource "aws_instance" "web" {
          metadata_options {
            http_tokens = "required"
          }
        }

    Passes:

        resource "aws_instance" "web" {
          metadata_options {
            http_endpoint = "disabled"
            http_tokens   = "optional"
          }
        }
    """

    def safe(options: dict[str, object]) -> bool:
        return either(
            lambda: options.get("http_tokens") == "required",
            lambda: options.get("http_endpoint") == "disabled",
        )

    if any_of(safe, instance["metadata_options"] or ()):
        return None
    return f"{instance.id} answers metadata requests without a token"


@check(
    "aws_instance",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    soc2="cc_6_6",
)
def ec2_instance_admin_port_public(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance with a public address answers SSH, RDP or a remote shell from anywhere.

    An open rule alone harms nobody and neither does an address; together they put the machine's
    login in front of the internet.

    Fix: take the address away and use Session Manager, or admit only your VPN or bastion.

    Fails:

        resource "aws_instance" "jump" {
          associate_public_ip_address = true
          vpc_security_group_ids      = [aws_security_group.jump.id]
        }

        resource "aws_security_group" "jump" {}

        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          security_group_id = aws_security_group.jump.id
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_instance" "jump" {
          associate_public_ip_address = true
          vpc_security_group_ids      = [aws_security_group.jump.id]
        }

        resource "aws_security_group" "jump" {}

        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          security_group_id = aws_security_group.jump.id
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = "203.0.113.7/32"
        }
    """

    def through(rule: Resource) -> Fault | None:
        reached = both(lambda: admits(rule, ADMIN), lambda: from_anywhere(rule))
        return Fault(f"{instance.id} has a public address and an open login", said_by(rule)) if reached else None

    def of_group(group: str) -> Fault | None:
        return any_of(through, inventory.near(instance, INGRESS, security_group_id=group))

    groups = instance["vpc_security_group_ids"] or ()
    return unless(lambda: not has_public_address(instance), lambda: any_of(of_group, groups))


ADDRESSES = ("public_ip", "associate_public_ip_address", "ipv6_addresses")


def has_public_address(instance: Resource) -> bool:
    """Whether anyone can send to the instance; its addresses of IPv6 are all public."""
    return bool(any_of(lambda name: instance[name], ADDRESSES))

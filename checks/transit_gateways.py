"""AWS Transit Gateway: who may join the network."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check(
    "aws_ec2_transit_gateway",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    fsbp="EC2.23",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
    soc2="cc_6_7",
)
def transit_gateway_auto_accept(gateway: Resource, inventory: Inventory) -> str | None:
    """Transit gateway accepts attachments from other accounts without review.

    Each account that it is shared with joins its network to yours, and nobody here is asked.

    Fix: set `auto_accept_shared_attachments = "disable"`, and accept each with an
    `aws_ec2_transit_gateway_vpc_attachment_accepter`.

    CLI: `aws ec2 modify-transit-gateway --transit-gateway-id {id} --options AutoAcceptSharedAttachments=disable`

    Fails:

        resource "aws_ec2_transit_gateway" "main" {
          auto_accept_shared_attachments = "enable"
        }

    Passes:

        resource "aws_ec2_transit_gateway" "main" {
          auto_accept_shared_attachments = "disable"
        }
    """
    accepts = gateway["auto_accept_shared_attachments"] == "enable"
    return f"{gateway.name} accepts attachments by itself" if accepts else None

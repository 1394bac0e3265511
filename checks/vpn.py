"""AWS Site-to-Site VPN: whether both ways are open."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.doubt import left_out
from state import Inventory, LiveOnly, Resource, Unknown


@check(
    "aws_vpn_connection",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    fsbp="EC2.20",
    pci_4="1.3.1;1.3.2;1.4.1;1.4.2;1.4.4",
)
def vpn_tunnels_down(connection: Resource, inventory: Inventory) -> str | None:
    """Site-to-Site VPN does not have both tunnels up.

    AWS takes one tunnel down for maintenance now and then, and counts on the other. With one that is down
    already the offices are cut off that day.

    Fix: bring the second tunnel up on the customer gateway; its configuration can be downloaded from the connection.

    Fails:

        live "aws_vpn_connection" "office" {
          vgw_telemetry = [
            { outside_ip_address = "203.0.113.1", status = "UP" },
            { outside_ip_address = "203.0.113.2", status = "DOWN" },
          ]
        }

    Passes:

        live "aws_vpn_connection" "office" {
          vgw_telemetry = [
            { outside_ip_address = "203.0.113.1", status = "UP" },
            { outside_ip_address = "203.0.113.2", status = "UP" },
          ]
        }
    """
    if left_out(connection, "vgw_telemetry"):
        raise LiveOnly("whether tunnels are up is not in what declares them")
    tunnels = connection["vgw_telemetry"]
    if not tunnels:
        raise Unknown(f"AWS does not say how the tunnels of {connection.id} are")
    up = [each for each in tunnels if each.get("status") == "UP"]
    return None if len(up) > 1 else f"{connection.id} has {len(up) or 'none'} of its tunnels up"

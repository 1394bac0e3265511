"""Subnets."""

from __future__ import annotations

from checks.check import Category, Severity, check
from checks.default_network import where_used
from state import Inventory, Resource


@check("aws_subnet", severity=Severity.MEDIUM, category=Category.PUBLIC_EXPOSURE, fsbp="EC2.15", soc2="cc_6_6")
def subnet_auto_public_ip(subnet: Resource, inventory: Inventory) -> str | None:
    """Subnet gives every new interface a public address.

    Whatever starts in it is on the internet unless somebody thinks of saying no. Subnets of the default
    network, which AWS makes so, are skipped where nothing runs in it.

    Fix: set `map_public_ip_on_launch = false`, and ask for an address where one is needed.

    Fails:

        resource "aws_subnet" "web" {
          map_public_ip_on_launch = true
        }

    Fails:

        live "aws_subnet" "a" {
          id                      = "subnet-1"
          vpc_id                  = "vpc-1"
          map_public_ip_on_launch = true
        }

        live "aws_vpc" "default" {
          id         = "vpc-1"
          is_default = true
        }

        live "aws_network_interface" "web" {
          subnet_id = "subnet-1"
        }

    Passes:

        resource "aws_subnet" "web" {
          map_public_ip_on_launch = false
        }
    """
    if not subnet["map_public_ip_on_launch"]:
        return None
    return where_used(subnet, inventory, f"{subnet.id} gives every interface a public address")

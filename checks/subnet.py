"""Subnets."""

from __future__ import annotations

from ipaddress import ip_network

from checks.check import Category, Fault, Severity, check
from checks.default_network import where_used
from state import Inventory, Resource, Unknown

KEPT_BY_AWS = 5
"""The addresses of each subnet that AWS keeps for itself."""


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


@check(
    "aws_subnet",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
)
def subnet_ip_exhaustion(subnet: Resource, inventory: Inventory) -> Fault | None:
    """Subnet has under 10 % of its addresses free.

    When they run out nothing more starts in it: no task, no function, no further node of a load balancer, and
    that on the busiest day. The five addresses that AWS keeps in each subnet do not count. Subnets without IPv4
    are exempt.

    Fix: add a larger subnet, from a secondary range of the network if need be; a subnet's size cannot be changed.

    Fails:

        live "aws_subnet" "a" {
          id                         = "subnet-1"
          cidr_block                 = "10.0.1.0/24"
          available_ip_address_count = 20
        }

    Passes:

        live "aws_subnet" "a" {
          id                         = "subnet-1"
          cidr_block                 = "10.0.1.0/24"
          available_ip_address_count = 200
        }
    """
    free = subnet.fact("available_ip_address_count")
    if not subnet["cidr_block"]:
        return None
    usable = ip_network(subnet["cidr_block"], strict=False).num_addresses - KEPT_BY_AWS
    if free is None:
        raise Unknown(f"AWS does not say how many addresses {subnet.id} has free")
    if free >= usable / 10:
        return None
    return Fault(f"{subnet.id} has {free} of {usable} addresses free", {"available_ip_address_count": free})

"""Amazon VPC: how a network is laid out over Availability Zones."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource


@check("aws_vpc", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def vpc_single_az(vpc: Resource, inventory: Inventory) -> str | None:
    """VPC's subnets all lie in one Availability Zone.

    Nothing in such a network can outlive the loss of its zone. A network without subnets holds
    nothing and passes.

    Fix: add a subnet of each kind in a second and a third zone.

    Fails:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_subnet" "a" {
          vpc_id            = aws_vpc.shop.id
          cidr_block        = "10.0.1.0/24"
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "another" {
          vpc_id            = aws_vpc.shop.id
          cidr_block        = "10.0.2.0/24"
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_subnet" "a" {
          vpc_id            = aws_vpc.shop.id
          cidr_block        = "10.0.1.0/24"
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          vpc_id            = aws_vpc.shop.id
          cidr_block        = "10.0.2.0/24"
          availability_zone = "eu-west-1b"
        }
    """
    zones = {each["availability_zone"] for each in inventory.near(vpc, "aws_subnet", vpc_id=vpc.id)}
    return f"{vpc.id} lies in {zones.pop()} alone" if len(zones) == 1 else None

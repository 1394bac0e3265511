"""Amazon VPC's NAT gateways: whose way out they are."""

from __future__ import annotations

from collections.abc import Iterator

from checks import estimates
from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource


@check("aws_nat_gateway", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def nat_gateway_single_az(nat: Resource, inventory: Inventory) -> Fault | None:
    """VPC's private subnets in several zones leave through a NAT gateway in one zone.

    When that zone fails, the subnets of the others are still up but reach nothing any more; until
    then their traffic is paid for between zones.

    Fix: make a NAT gateway in each zone, and give the subnets of each zone a route table that leads
    to theirs.

    Fails:

        resource "aws_nat_gateway" "only" {
          subnet_id = aws_subnet.public.id
        }

        resource "aws_subnet" "public" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "a" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1b"
        }

        resource "aws_route_table" "private" {
          vpc_id = "vpc-1"

          route {
            cidr_block     = "0.0.0.0/0"
            nat_gateway_id = aws_nat_gateway.only.id
          }
        }

        resource "aws_route_table_association" "a" {
          route_table_id = aws_route_table.private.id
          subnet_id      = aws_subnet.a.id
        }

        resource "aws_route_table_association" "b" {
          route_table_id = aws_route_table.private.id
          subnet_id      = aws_subnet.b.id
        }

    Passes:

        resource "aws_nat_gateway" "a" {
          subnet_id = aws_subnet.public.id
        }

        resource "aws_subnet" "public" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "a" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1a"
        }

        resource "aws_route_table" "a" {
          vpc_id = "vpc-1"
        }

        resource "aws_route" "out" {
          route_table_id         = aws_route_table.a.id
          destination_cidr_block = "0.0.0.0/0"
          nat_gateway_id         = aws_nat_gateway.a.id
        }

        resource "aws_route_table_association" "a" {
          route_table_id = aws_route_table.a.id
          subnet_id      = aws_subnet.a.id
        }
    """
    served = {subnet.id: subnet["availability_zone"] for subnet in served_by(nat, inventory)}
    if len(set(served.values())) < 2:
        return None
    evidence = {f"aws_subnet.{id}.availability_zone": zone for id, zone in served.items()}
    return Fault(f"{nat.id} is the only way out of {len(set(served.values()))} zones", evidence)


@check("aws_nat_gateway", severity=Severity.LOW, category=Category.COST, monthly=estimates.gateway)
def nat_gateway_idle(nat: Resource, inventory: Inventory) -> Fault | None:
    """NAT gateway carries no traffic or no route leads to it.

    It is paid for by the hour, used or not. Judged by routes alone: how much goes through one that a route leads
    to is a question to CloudWatch's metrics, which AWS charges for.

    Fix: delete the gateway, and release its address.

    Fails:

        resource "aws_nat_gateway" "old" {
          subnet_id = "subnet-1"
        }

    Passes:

        resource "aws_nat_gateway" "a" {
          subnet_id = "subnet-1"
        }

        resource "aws_route" "out" {
          route_table_id         = "rtb-1"
          destination_cidr_block = "0.0.0.0/0"
          nat_gateway_id         = aws_nat_gateway.a.id
        }
    """
    if inventory.near(nat, "aws_route", nat_gateway_id=nat.id):
        return None
    return Fault(f"no route leads to {nat.id}", {"aws_route": None})


def served_by(nat: Resource, inventory: Inventory) -> Iterator[Resource]:
    """The subnets whose route table leads to this gateway."""
    routes = inventory.near(nat, "aws_route", nat_gateway_id=nat.id)
    for table in dict.fromkeys(route["route_table_id"] for route in routes):
        for association in inventory.near(nat, "aws_route_table_association", route_table_id=table):
            if association["subnet_id"]:  # else it is the table of a gateway
                yield from inventory.near(nat, "aws_subnet", id=association["subnet_id"])
        for each in inventory.near(nat, "aws_route_table", id=table):
            if is_main(each, inventory):
                yield from without_table(each, inventory)


def is_main(table: Resource, inventory: Inventory) -> bool:
    """Whether subnets without a table of their own use this one."""
    if table.declared is None:
        return bool(table.fact("main"))
    adopted = "aws_default_route_table." in table.declared.address
    return adopted or bool(inventory.near(table, "aws_main_route_table_association", route_table_id=table.id))


def without_table(main: Resource, inventory: Inventory) -> Iterator[Resource]:
    for subnet in inventory.near(main, "aws_subnet", vpc_id=main["vpc_id"]):
        if not inventory.near(subnet, "aws_route_table_association", subnet_id=subnet.id):
            yield subnet

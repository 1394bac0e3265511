"""Amazon VPC: ways out of a network, its endpoints and its peers."""

from __future__ import annotations

from ipaddress import ip_network

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import all_of, any_of, unless
from checks.reach import is_public
from checks.zones import in_one_zone
from state import Inventory, Resource, Unknown

ENDPOINT = "aws_vpc_endpoint"
KINDS = (None, "", "Gateway")
"""The type of an endpoint, which is a gateway where code says none."""


@check("aws_vpc", severity=Severity.LOW, category=Category.NETWORK, cis_7_0="6.8")
def vpc_endpoint_gateway_missing(vpc: Resource, inventory: Inventory) -> Fault | None:
    """VPC with private subnets has no gateway endpoint for S3 or DynamoDB.

    The traffic of private subnets to these services then leaves through a NAT gateway, where each
    gigabyte is paid for, though an endpoint costs nothing. DynamoDB is asked for where there are tables.

    Fix: add an `aws_vpc_endpoint` of type `Gateway`, with the route tables of the private subnets.

    Fails:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_subnet" "web" {
          vpc_id = aws_vpc.shop.id
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = aws_vpc.shop.id
        }

        resource "aws_route_table" "public" {
          vpc_id = aws_vpc.shop.id

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }

    Passes:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_subnet" "web" {
          vpc_id = aws_vpc.shop.id
        }

        resource "aws_vpc_endpoint" "s3" {
          vpc_id            = aws_vpc.shop.id
          vpc_endpoint_type = "Gateway"
          service_name      = "com.amazonaws.eu-west-1.s3"
        }

    Passes:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_subnet" "web" {
          vpc_id = aws_vpc.shop.id
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = aws_vpc.shop.id
        }

        resource "aws_route_table" "public" {
          vpc_id = aws_vpc.shop.id

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }

        resource "aws_route_table_association" "web" {
          route_table_id = aws_route_table.public.id
          subnet_id      = aws_subnet.web.id
        }
    """
    subnets = inventory.near(vpc, "aws_subnet", vpc_id=vpc.id)
    there = inventory.near(vpc, ENDPOINT, vpc_id=vpc.id)
    has = {str(each["service_name"]).rpartition(".")[2] for each in there if each["vpc_endpoint_type"] in KINDS}

    def missing() -> Fault | None:
        needed = ["s3", *(["dynamodb"] if inventory.near(vpc, "aws_dynamodb_table") else [])]
        lacking = [name for name in needed if name not in has]
        if not lacking:
            return None
        evidence = evidence_among(ENDPOINT, there, "vpc_endpoint_type", "service_name")
        return Fault(f"{vpc.id} has no gateway endpoint for {' and '.join(lacking)}", evidence)

    return unless(lambda: all_of(lambda place: is_public(place, inventory), subnets), missing)


@check("aws_vpc_endpoint", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def vpc_endpoint_single_az(endpoint: Resource, inventory: Inventory) -> Fault | None:
    """Interface endpoint lies in one Availability Zone.

    When that zone fails nothing in the network reaches the service by it, from any zone. Endpoints that
    another service made for itself are exempt.

    Fix: give `subnet_ids` a subnet in a second and a third zone.

    Fails:

        resource "aws_vpc_endpoint" "ecr" {
          vpc_endpoint_type = "Interface"
          subnet_ids        = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_vpc_endpoint" "ecr" {
          vpc_endpoint_type = "Interface"
          subnet_ids        = [aws_subnet.a.id, aws_subnet.b.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    if endpoint["vpc_endpoint_type"] != "Interface" or (endpoint.owner or "").startswith("aws: "):
        return None
    placed = inventory.near(endpoint, "aws_vpc_endpoint_subnet_association", vpc_endpoint_id=endpoint.id)
    return in_one_zone(endpoint, inventory, [each["subnet_id"] for each in placed])


@check(
    "aws_vpc_peering_connection",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    cis_3_0="5.5",
    cis_5_0="5.6",
    cis_6_0="6.6",
    cis_7_0="6.6",
)
def vpc_peering_routes_wide(connection: Resource, inventory: Inventory) -> Fault | None:
    """Peering route covers a whole VPC or more.

    Whatever is broken into on one side then reaches everything on the other. A route to one subnet's
    range, or to the few machines that are meant, passes.

    Fix: replace the route by one for each subnet, or range, that the other side has to reach.

    Fails:

        live "aws_vpc_peering_connection" "partner" {
          id          = "pcx-1"
          cidr_blocks = ["10.0.0.0/16", "10.1.0.0/16"]
        }

        live "aws_route" "partner" {
          vpc_peering_connection_id   = "pcx-1"
          destination_cidr_block      = "10.1.0.0/16"
          destination_ipv6_cidr_block = null
        }

    Passes:

        live "aws_vpc_peering_connection" "partner" {
          id          = "pcx-1"
          cidr_blocks = ["10.0.0.0/16", "10.1.0.0/16"]
        }

        live "aws_route" "partner" {
          vpc_peering_connection_id   = "pcx-1"
          destination_cidr_block      = "10.1.3.0/24"
          destination_ipv6_cidr_block = null
        }
    """
    ranges = [ip_network(cidr) for cidr in connection.fact("cidr_blocks") or ()]

    def wide(route: Resource) -> Fault | None:
        for name in ("destination_cidr_block", "destination_ipv6_cidr_block"):
            network = ip_network(route[name], strict=False) if route[name] else None
            if network and any(each.version == network.version and each.subnet_of(network) for each in ranges):  # type: ignore[arg-type]
                return Fault(
                    f"a route through {connection.id} covers a whole network",
                    evidence_of(route, "route_table_id", name),
                )
        return None

    routes = inventory.near(connection, "aws_route", vpc_peering_connection_id=connection.id)
    if routes and not ranges:
        raise Unknown(f"AWS does not say which ranges {connection.id} connects")
    return any_of(wide, routes)

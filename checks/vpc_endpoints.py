"""Amazon VPC endpoints: who may use them, and which of them are missing."""

from __future__ import annotations

from checks.absence import evidence_among
from checks.check import Category, Fault, Severity, check
from checks.default_network import where_used
from checks.doubt import said
from checks.policy import opens_to_anyone, parse
from state import Inventory, Resource

ENDPOINT = "aws_vpc_endpoint"
OFFERED = "com.amazonaws.vpce."
"""How the names of services begin that AWS's customers offer: their endpoints take no policies."""


@check(
    "aws_vpc_endpoint",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    well_architected_security="SEC05-BP01",
)
def vpc_endpoint_policy_open(endpoint: Resource, inventory: Inventory) -> str | None:
    """Endpoint policy admits principals of any account.

    Whoever runs code in the network then gets out through the endpoint with keys of an account of their own,
    and takes data along. That is what AWS gives an endpoint whose policy nobody wrote. A condition on whose the
    resources are says nothing of the caller and closes nothing. Endpoints of services that AWS's customers offer
    take no policy and are exempt.

    Fix: write a `policy` that names principals, or has a condition on `aws:PrincipalOrgID` or
    `aws:PrincipalAccount`.

    Fails:

        resource "aws_vpc_endpoint" "s3" {
          vpc_endpoint_type = "Gateway"
          service_name      = "com.amazonaws.eu-west-1.s3"
        }

    Fails:

        resource "aws_vpc_endpoint" "s3" {
          vpc_endpoint_type = "Gateway"
          service_name      = "com.amazonaws.eu-west-1.s3"
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }]
          })
        }

    Passes:

        resource "aws_vpc_endpoint" "s3" {
          vpc_endpoint_type = "Gateway"
          service_name      = "com.amazonaws.eu-west-1.s3"
          policy = jsonencode({
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = "*"
              Action    = "s3:*"
              Resource  = "*"
              Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } }
            }]
          })
        }
    """
    if said(endpoint, "vpc_endpoint_type") not in (None, "", "Gateway", "Interface"):
        return None
    policies = inventory.near(endpoint, "aws_vpc_endpoint_policy", vpc_endpoint_id=endpoint.id)
    for each in policies:
        statement = opens_to_anyone(parse(each["policy"]), ("*",))
        if statement and not str(endpoint["service_name"]).startswith(OFFERED):
            return f"{statement.label} of the policy of {endpoint.id} admits anyone"
    if policies or str(endpoint["service_name"]).startswith(OFFERED):
        return None
    return f"{endpoint.id} has no policy of its own, and lets everyone through"


@check(
    "aws_vpc",
    severity=Severity.LOW,
    category=Category.NETWORK,
    cis_7_0="6.8",
    fsbp="EC2.10",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.1;1.4.2;1.4.4;1.5.1;A1.1.3",
)
def vpc_endpoint_ec2_missing(vpc: Resource, inventory: Inventory) -> Fault | None:
    """VPC has no interface endpoint for the EC2 API.

    Calls to that API, which start and stop machines, then leave the network for the internet. The default
    network is skipped where nothing runs in it.

    Fix: add an `aws_vpc_endpoint` of type `Interface` for `com.amazonaws.<region>.ec2`.

    Fails:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

    Fails:

        live "aws_vpc" "default" {
          id         = "vpc-1"
          is_default = true
        }

        live "aws_subnet" "a" {
          id     = "subnet-1"
          vpc_id = "vpc-1"
        }

        live "aws_network_interface" "web" {
          subnet_id = "subnet-1"
        }

    Passes:

        resource "aws_vpc" "shop" {
          cidr_block = "10.0.0.0/16"
        }

        resource "aws_vpc_endpoint" "ec2" {
          vpc_id            = aws_vpc.shop.id
          vpc_endpoint_type = "Interface"
          service_name      = "com.amazonaws.eu-west-1.ec2"
        }
    """
    there = inventory.near(vpc, ENDPOINT, vpc_id=vpc.id)
    if any(str(each["service_name"]).endswith(".ec2") for each in there):
        return None
    evidence = evidence_among(ENDPOINT, there, "service_name")
    return where_used(vpc, inventory, Fault(f"{vpc.id} has no endpoint for the EC2 API", evidence))

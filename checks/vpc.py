"""Amazon VPC: how a network is laid out, and whether somebody sees what goes through it."""

from __future__ import annotations

from checks.absence import SHOWN, evidence_among
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.default_network import interfaces, is_default, where_used
from checks.doubt import all_of, any_of
from checks.reach import is_public, way_out
from state import Inventory, LiveOnly, Resource

LOG = "aws_flow_log"
LEADS = ("route_table_id", "destination_cidr_block", "destination_ipv6_cidr_block", "gateway_id")


@check("aws_vpc", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def vpc_single_az(vpc: Resource, inventory: Inventory) -> Fault | None:
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
    subnets = inventory.near(vpc, "aws_subnet", vpc_id=vpc.id)
    zones = {each["availability_zone"] for each in subnets}
    if len(zones) != 1:
        return None
    return Fault(f"{vpc.id} lies in {zones.pop()} alone", evidence_among("aws_subnet", subnets, "availability_zone"))


@check(
    "aws_vpc",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    cis_3_0="3.7",
    cis_5_0="3.7",
    cis_6_0="4.7",
    cis_7_0="4.7",
    fsbp="EC2.6",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_7_2;cc_7_3",
    nist_800_53_r5=(
        "ac_4_26;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;"
        "au_3_c;au_3_d;au_3_e;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;ca_7_b;cm_5_1_b;cm_6_a;cm_9_b;ia_3_3_b;ma_4_1_a;"
        "pm_14_a_1;pm_14_b;pm_31;si_4_17;si_7_8"
    ),
    hipaa="164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_6_ii;164_312_b;164_312_c_2",
    gdpr="article_25;article_30",
    well_architected_security="SEC04-BP01;SEC04-BP02;SEC04-BP03;SEC05-BP04;SEC09-BP04",
)
def vpc_flow_logs(vpc: Resource, inventory: Inventory) -> Fault | None:
    """VPC has no active flow log.

    What reached a machine, and what it sent out, is then not known after the fact. A flow log that
    cannot deliver is none. The default network is skipped where nothing runs in it.

    Fix: add an `aws_flow_log` for the network with `traffic_type` REJECT or ALL.

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

        resource "aws_flow_log" "shop" {
          vpc_id          = aws_vpc.shop.id
          traffic_type    = "ALL"
          log_destination = "arn:aws:s3:::logs"
        }
    """

    def is_active(log: Resource) -> bool:
        if log.declared is not None:
            return True
        return bool(log.fact("flow_log_status") == "ACTIVE" and log.fact("deliver_logs_status") != "FAILED")

    found = inventory.near(vpc, LOG, vpc_id=vpc.id)
    if any_of(is_active, found):
        return None
    evidence = evidence_among(LOG, found, "flow_log_status", "deliver_logs_status")
    return where_used(vpc, inventory, Fault(f"{vpc.id} has no active flow log", evidence))


@check("aws_vpc", severity=Severity.MEDIUM, category=Category.NETWORK)
def vpc_default_in_use(vpc: Resource, inventory: Inventory) -> Fault | None:
    """Default VPC holds workloads.

    Each of its subnets is public, and gives everything that starts in it an address that the internet
    reaches. Whoever forgets to name a subnet ends up there.

    Fix: move what runs there into a network of your own, and delete the default one in every region.

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

        live "aws_vpc" "default" {
          id         = "vpc-1"
          is_default = true
        }

        live "aws_subnet" "a" {
          id     = "subnet-1"
          vpc_id = "vpc-1"
        }

    Passes:

        live "aws_vpc" "shop" {
          id         = "vpc-2"
          is_default = false
        }
    """
    if not is_default(vpc):
        return None
    if vpc.declared is not None:
        raise LiveOnly("what runs in a network is not in what declares it")
    found = interfaces(vpc, inventory)
    evidence = {f"aws_network_interface.{each.id}.subnet_id": each["subnet_id"] for each in found[:SHOWN]}
    return Fault(f"{vpc.id} is the default network, and {len(found)} interfaces are in it", evidence) if found else None


@check("aws_vpc", severity=Severity.MEDIUM, category=Category.NETWORK, soc2="cc_6_6")
def vpc_no_private_subnet(vpc: Resource, inventory: Inventory) -> Fault | None:
    """VPC has no private subnet, so workloads and entry points share one tier.

    Everything in it is then one rule away from the internet. A subnet is private if its route table does
    not lead to an internet gateway. The default network is exempt, since vpc-default-in-use tells of it,
    and so is one without subnets.

    Fix: add subnets whose route table leads out through a NAT gateway, or not at all.

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

        resource "aws_route_table_association" "web" {
          route_table_id = aws_route_table.public.id
          subnet_id      = aws_subnet.web.id
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
    """
    if is_default(vpc):
        return None
    subnets = inventory.near(vpc, "aws_subnet", vpc_id=vpc.id)
    if not subnets or not all_of(lambda place: is_public(place, inventory), subnets):
        return None
    routes = [route for place in subnets[:SHOWN] for route in way_out(place, inventory)]
    evidence = {path: value for each in routes for path, value in evidence_of(each, *LEADS).items()}
    return Fault(f"every subnet of {vpc.id} is public", evidence)

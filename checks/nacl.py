"""Network ACLs: what they let into their subnets from the whole internet.

Their rules are asked in the order of their numbers, so that one that denies before one that allows is heeded.
"""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.default_network import where_used
from checks.doubt import any_of
from checks.ranges import Span, how_far
from checks.reach import IPV4, IPV6, LAST, in_order, is_default_acl, lets, passing
from checks.sg import RDP, SSH
from state import Inventory, Resource

LOGINS = [(port, port) for port in (*SSH, *RDP)]


def let_in(acl: Resource, inventory: Inventory, ports: Span) -> list[Resource] | None:
    """The rules by which an ACL lets one of these ports in over TCP."""
    rules = inventory.near(acl, "aws_network_acl_rule", network_acl_id=acl.id)
    return any_of(lambda family: lets(rules, False, family, "tcp", ports), (IPV4, IPV6))


def told(acl: Resource, rules: list[Resource], what: str) -> Fault:
    names = ("rule_number", "protocol", "from_port", "to_port", "cidr_block", "ipv6_cidr_block")
    evidence = {path: value for rule in rules for path, value in evidence_of(rule, *names).items()}
    far = how_far(rule[name] for rule in rules for name in names[-2:])
    return Fault(f"{acl.id} admits {what} from {far}", evidence)


@check(
    "aws_network_acl",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    cis_3_0="5.1",
    cis_5_0="5.2",
    cis_6_0="6.2",
    cis_7_0="6.2",
    fsbp="EC2.21",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
    soc2="cc_6_6",
    well_architected_security="SEC05-BP02;SEC05-BP03",
)
def nacl_ingress_admin_world(acl: Resource, inventory: Inventory) -> Fault | None:
    """Network ACL admits SSH or RDP from the whole internet.

    The ACL is what is left when a security group is wrong. A rule that denies the port with a lower
    number closes it; Prowler does not look at the order. An ACL of the default network is skipped where
    nothing runs in that.

    Fix: deny ports 22 and 3389 before the rule that allows, or allow only the ports that are served.

    Fails:

        resource "aws_network_acl" "web" {
          vpc_id = "vpc-1"

          ingress {
            rule_no    = 100
            action     = "allow"
            protocol   = "-1"
            cidr_block = "0.0.0.0/0"
            from_port  = 0
            to_port    = 0
          }
        }

    Fails:

        live "aws_network_acl" "default" {
          id     = "acl-1"
          vpc_id = "vpc-1"
        }

        live "aws_network_acl_rule" "all" {
          network_acl_id  = "acl-1"
          egress          = false
          rule_number     = 100
          rule_action     = "allow"
          protocol        = "-1"
          cidr_block      = "0.0.0.0/0"
          ipv6_cidr_block = null
        }

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

        resource "aws_network_acl" "web" {
          vpc_id = "vpc-1"

          ingress {
            rule_no    = 50
            action     = "deny"
            protocol   = "tcp"
            cidr_block = "0.0.0.0/0"
            from_port  = 0
            to_port    = 4000
          }

          ingress {
            rule_no    = 100
            action     = "allow"
            protocol   = "-1"
            cidr_block = "0.0.0.0/0"
            from_port  = 0
            to_port    = 0
          }
        }
    """
    rules = any_of(lambda ports: let_in(acl, inventory, ports), LOGINS)
    return where_used(acl, inventory, told(acl, rules, "SSH or RDP")) if rules else None


@check(
    "aws_network_acl",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    cis_3_0="5.1",
    cis_5_0="5.2",
    cis_6_0="6.2",
    cis_7_0="6.2",
    soc2="cc_6_6",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_4_21;cm_2_2;cm_2_a;cm_6_a;cm_7_b;cm_8_6;cm_9_b;sc_7_11;"
        "sc_7_12;sc_7_16;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_5;sc_7_7;sc_7_a;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_312_e_1",
    well_architected_security="SEC05-BP03",
)
def nacl_ingress_any_world(acl: Resource, inventory: Inventory) -> Fault | None:
    """Custom network ACL admits every port from the whole internet.

    It was made and does nothing. The default ACL of a VPC, which AWS makes so, is exempt.

    Fix: allow the ports that are served, and 1024 to 65535 for the answers to what the subnet asks.

    Fails:

        resource "aws_network_acl" "web" {
          vpc_id = "vpc-1"

          ingress {
            rule_no    = 100
            action     = "allow"
            protocol   = "-1"
            cidr_block = "0.0.0.0/0"
            from_port  = 0
            to_port    = 0
          }
        }

    Passes:

        resource "aws_network_acl" "web" {
          vpc_id = "vpc-1"

          ingress {
            rule_no    = 100
            action     = "allow"
            protocol   = "tcp"
            cidr_block = "0.0.0.0/0"
            from_port  = 443
            to_port    = 443
          }
        }
    """
    if is_default_acl(acl):
        return None

    rules = inventory.near(acl, "aws_network_acl_rule", network_acl_id=acl.id)
    found = any_of(lambda family: passing(filter(about_all, in_order(rules, False, family)), family), (IPV4, IPV6))
    return told(acl, found, "every port") if found else None


def about_all(rule: Resource) -> bool:
    return str(rule["protocol"]) in ("-1", "all") or (rule["from_port"] in (0, 1) and rule["to_port"] == LAST)

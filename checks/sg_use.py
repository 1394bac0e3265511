"""Amazon EC2 security groups: what else they let in, and whether anything uses them."""

from __future__ import annotations

import re
from typing import Any

from checks import ranges
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of, each_yes, either
from checks.sg import EGRESS, INGRESS, admits, is_default, opened, range_in, said_by
from state import Inventory, LiveOnly, Resource

WEB = (80, 443)
LEGACY = {
    20: "FTP",
    21: "FTP",
    23: "Telnet",
    25: "SMTP",
    69: "TFTP",
    110: "POP3",
    111: "portmapper",
    135: "RPC",
    137: "NetBIOS",
    138: "NetBIOS",
    139: "CIFS",
    143: "IMAP",
    389: "LDAP",
    445: "CIFS",
    512: "rexec",
    513: "rlogin",
    514: "rsh",
    873: "rsync",
    2049: "NFS",
    2375: "Docker",
    3000: "HTTP of a development server",
    4333: "mSQL",
    5000: "HTTP of a development server",
    5500: "VNC",
    5900: "VNC",
    8080: "HTTP",
    8088: "HTTP",
    8888: "HTTP",
}
"""Ports whose protocols hide nothing, or let in whoever asks. Databases and logins have checks of their own."""


@check(
    "aws_security_group",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    fsbp="EC2.19",
    soc2="cc_6_6",
    well_architected_security="SEC05-BP03",
)
def sg_ingress_legacy_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens Telnet, FTP, CIFS or another high-risk port to the whole internet.

    These protocols send passwords in the clear or ask for none, and were made for networks where
    everyone is known.

    Fix: remove the rule, or admit only the range that needs it; use what is encrypted in its place.

    Fails:

        resource "aws_security_group" "old" {}

        resource "aws_vpc_security_group_ingress_rule" "telnet" {
          security_group_id = aws_security_group.old.id
          ip_protocol       = "tcp"
          from_port         = 23
          to_port           = 23
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_security_group" "old" {}

        resource "aws_vpc_security_group_ingress_rule" "telnet" {
          security_group_id = aws_security_group.old.id
          ip_protocol       = "tcp"
          from_port         = 23
          to_port           = 23
          cidr_ipv4         = "10.0.0.0/8"
        }
    """
    return opened(group, inventory, lambda rule: admits(rule, LEGACY), "a port of an old, open protocol")


def admits_other(rule: Resource) -> bool:
    """Whether a rule admits a port over TCP or UDP that is not of the web."""
    if rule["ip_protocol"] == "-1":
        return True
    if rule["ip_protocol"] not in ("tcp", "udp"):
        return False
    return not (rule["from_port"] == rule["to_port"] and rule["from_port"] in WEB)


@check(
    "aws_security_group",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="EC2.18",
    pci_4="1.2.5;1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;2.2.5;A1.1.3",
    soc2="cc_6_6",
)
def sg_ingress_any_port_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens a port other than 80 and 443 to the whole internet.

    Few things but web servers are meant for everyone. What is meant so, a mail server or a game, belongs
    into the suppressions with its reason.

    Fix: admit only the ranges or security groups that need the port.

    Fails:

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "alt" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 8080
          to_port           = 8080
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "https" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }
    """
    return opened(group, inventory, admits_other, "a port beside 80 and 443")


@check(
    "aws_security_group",
    severity=Severity.LOW,
    category=Category.NETWORK,
    fsbp="EC2.22",
    well_architected_security="SEC05-BP03",
)
def sg_unused(group: Resource, inventory: Inventory) -> str | None:
    """Security group is attached to nothing.

    Nobody looks after it, and one day somebody takes it for what its name says. A group is used where a
    network interface has it, a rule of another group names it, or a function or launch template would bring
    it back; a rule of its own that names it does not count. The default groups, which cannot be deleted,
    are exempt.

    Fix: delete it.

    Fails:

        live "aws_security_group" "old" {
          id   = "sg-1"
          name = "old"
        }

    Passes:

        live "aws_security_group" "web" {
          id   = "sg-1"
          name = "web"
        }

        live "aws_network_interface_sg_attachment" "web" {
          security_group_id    = "sg-1"
          network_interface_id = "eni-1"
        }
    """
    if group.declared is not None:
        raise LiveOnly("what uses a group is not in what declares it")
    if is_default(group) or is_attached(group, inventory) or is_kept(group, inventory):
        return None
    return f"{group.id} is attached to nothing"


def is_attached(group: Resource, inventory: Inventory) -> bool:
    if inventory.near(group, "aws_network_interface_sg_attachment", security_group_id=group.id):
        return True
    naming = (
        *inventory.near(group, INGRESS, referenced_security_group_id=group.id),
        *inventory.near(group, EGRESS, referenced_security_group_id=group.id),
    )
    return bool(any_of(lambda rule: rule["security_group_id"] != group.id, naming))


def is_kept(group: Resource, inventory: Inventory) -> bool:
    """Whether a function or a template names the group, which then has interfaces only now and then."""
    return either(
        lambda: any_of(
            lambda each: group.id in of_function(each),
            inventory.candidates(group, "aws_lambda_function", of_function, group.id),
        ),
        lambda: any_of(
            lambda each: group.id in of_template(each),
            inventory.candidates(group, "aws_launch_template", of_template, group.id),
        ),
    )


def of_function(function: Resource) -> list[Any]:
    """The groups of a function's interfaces."""
    return [id for each in function["vpc_config"] or () for id in each.get("security_group_ids") or ()]


def of_template(template: Resource) -> list[Any]:
    """The groups of what is made of a launch template."""
    inside = [id for each in template["network_interfaces"] or () for id in each.get("security_groups") or ()]
    return [*(template["vpc_security_group_ids"] or ()), *inside]


WIZARD = re.compile(r"launch-wizard(-\d+)?")


@check(
    "aws_security_group",
    severity=Severity.LOW,
    category=Category.GOVERNANCE,
    well_architected_security="SEC05-BP03",
)
def sg_launch_wizard(group: Resource, inventory: Inventory) -> str | None:
    """Security group was made by the console's launch wizard.

    Its name says nothing of its purpose, its rules were somebody's choice of a minute, often SSH from anywhere,
    and no code or review knows of it.

    Fix: give what uses it a group of your own, declared in code, and delete this one.

    Fails:

        live "aws_security_group" "wizard" {
          name = "launch-wizard-1"
        }

    Passes:

        resource "aws_security_group" "web" {
          name = "web"
        }
    """
    return f"{group.id} is {group['name']}, of the console" if WIZARD.fullmatch(str(group["name"])) else None


NARROW = {4: 24, 6: 48}
"""The widest public range that is somebody's own network, rather than all customers of a provider."""


@check(
    "aws_security_group",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    soc2="cc_6_6",
    well_architected_security="SEC03-BP07",
)
def sg_ingress_wide_cidr(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group admits an overly large public range.

    Such a range is rarely one customer's alone: whoever rents a machine of the same provider is let in with the
    partner who was meant. Wider than /24 of IPv4, where Prowler draws its line too, or than /48 of IPv6, one site's,
    is large. Ranges that are the internet, or half of it, are what other checks are about; what is let out is not
    looked at, other than with Prowler.

    Fix: admit the addresses that the partner names, or a VPN between the two networks.

    Fails:

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "provider" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "52.0.0.0/11"
        }

    Fails:

        resource "aws_security_group" "web" {
          ingress {
            protocol         = "tcp"
            from_port        = 22
            to_port          = 22
            ipv6_cidr_blocks = ["2a05:d000::/25"]
          }
        }

    Passes:

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "office" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "203.0.114.0/24"
        }

        resource "aws_vpc_security_group_ingress_rule" "inside" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "-1"
          cidr_ipv4         = "10.0.0.0/8"
        }
    """

    def wide(rule: Resource) -> Resource | None:
        said = any_of(lambda name: is_wide(range_in(rule, name)), ("cidr_ipv4", "cidr_ipv6"))
        return rule if said else None

    found = each_yes(wide, inventory.near(group, INGRESS, security_group_id=group.id))
    admitted = ", ".join(str(rule[name]) for rule in found for name in ("cidr_ipv4", "cidr_ipv6") if rule[name])
    return Fault(f"{group.id} admits {admitted}", said_by(*found)) if found else None


def is_wide(range: str | None) -> bool:
    """Whether a range is public and wide, and yet not the internet."""
    if range is None or ranges.is_world([range]):
        return False
    own = ranges.network(range)
    return own.is_global and own.prefixlen < NARROW[own.version]

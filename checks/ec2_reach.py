"""Amazon EC2: what of an instance the internet sees."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import unless
from checks.reach import has_public_address, reached
from checks.sg import ADMIN, DATABASES
from state import Inventory, Resource

FILES = {20: "FTP", 21: "FTP", 137: "NetBIOS", 138: "NetBIOS", 139: "CIFS", 389: "LDAP", 445: "CIFS", 636: "LDAP"}


@check(
    "aws_instance",
    severity=Severity.MEDIUM,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="EC2.9",
    soc2="cc_6_6",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def ec2_instance_public_ip(instance: Resource, inventory: Inventory) -> str | None:
    """Instance has a public address.

    A machine with a public address is one wrong rule away from the internet. Elastic IPs count, and so
    do addresses of IPv6. Where code leaves it to the subnet, the subnet is asked.

    Fix: move it into a private subnet, behind a load balancer or a NAT gateway.

    Fails:

        resource "aws_instance" "web" {
          subnet_id                   = aws_subnet.web.id
          associate_public_ip_address = true
        }

        resource "aws_subnet" "web" {
          assign_ipv6_address_on_creation = false
        }

    Fails:

        resource "aws_instance" "web" {
          subnet_id                   = aws_subnet.web.id
          associate_public_ip_address = false
        }

        resource "aws_eip" "web" {
          instance = aws_instance.web.id
        }

        resource "aws_subnet" "web" {
          assign_ipv6_address_on_creation = false
        }

    Passes:

        resource "aws_instance" "web" {
          subnet_id                   = aws_subnet.web.id
          associate_public_ip_address = false
        }

        resource "aws_subnet" "web" {
          assign_ipv6_address_on_creation = false
        }
    """
    return f"{instance.id} has a public address" if has_public_address(instance, inventory) else None


@check(
    "aws_instance",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    well_architected_security="SEC06-BP01",
)
def ec2_instance_public_with_role(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance is reachable from the internet and carries an IAM role.

    Whoever breaks into it holds the role's rights in the account. Reachable is what has a public
    address, a route to an internet gateway, and a network ACL and a security group that let anyone in
    on one port at least.

    Fix: move it into a private subnet behind a load balancer, or give the role only what the machine
    needs.

    Fails:

        resource "aws_instance" "web" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
          iam_instance_profile        = "web"
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

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

        resource "aws_instance" "web" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
          iam_instance_profile        = "web"
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }
    """
    found = unless(lambda: not instance["iam_instance_profile"], lambda: reached(instance, inventory))
    return Fault(f"{instance.id} is reached from the internet and holds a role", found) if found else None


@check("aws_instance", severity=Severity.CRITICAL, category=Category.PUBLIC_EXPOSURE, soc2="cc_6_6")
def ec2_instance_admin_port_public(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance with a public address answers SSH, RDP or a remote shell from anywhere.

    An open rule alone harms nobody and neither does an address; with a route to the internet and a
    network ACL that lets it through they put the machine's login in front of everyone.

    Fix: take the address away and use Session Manager, or admit only your VPN or bastion.

    Fails:

        resource "aws_instance" "jump" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

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

        resource "aws_instance" "jump" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }
    """
    found = reached(instance, inventory, ADMIN)
    return Fault(f"{instance.id} has a public address and an open login", found) if found else None


@check(
    "aws_instance",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    cis_5_0="5.1.2",
    cis_6_0="6.1.2",
    cis_7_0="6.1.2",
    soc2="cc_6_6",
)
def ec2_instance_file_share_public(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance with a public address answers CIFS, FTP or LDAP from anywhere.

    Shares and directories were made for an office's own network. Judged as the login is: by address,
    route, network ACL and security group together.

    Fix: admit only your own networks, or reach the share through a VPN.

    Fails:

        resource "aws_instance" "files" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 445
          to_port           = 445
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

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

        resource "aws_instance" "files" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 445
          to_port           = 445
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }
    """
    found = reached(instance, inventory, FILES)
    return Fault(f"{instance.id} shares files or a directory with the internet", found) if found else None


@check("aws_instance", severity=Severity.CRITICAL, category=Category.PUBLIC_EXPOSURE, soc2="cc_6_6")
def ec2_instance_data_port_public(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance with a public address answers a database or cache port from anywhere.

    Many databases serve whoever connects, and scanners find an open one within minutes. Judged as the
    login is: by address, route, network ACL and security group together.

    Fix: admit only the security group of the application that uses the data.

    Fails:

        resource "aws_instance" "cache" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 6379
          to_port           = 6379
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

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

        resource "aws_instance" "cache" {
          subnet_id                   = aws_subnet.web.id
          vpc_security_group_ids      = [aws_security_group.web.id]
          associate_public_ip_address = true
        }

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "open" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "tcp"
          from_port         = 6379
          to_port           = 6379
          cidr_ipv4         = "0.0.0.0/0"
        }

        resource "aws_subnet" "web" {
          vpc_id = "vpc-1"
        }

        resource "aws_internet_gateway" "out" {
          vpc_id = "vpc-1"
        }

        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"

          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.out.id
          }
        }
    """
    found = reached(instance, inventory, DATABASES)
    return Fault(f"{instance.id} answers a database port from anywhere", found) if found else None

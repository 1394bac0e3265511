"""Amazon EC2 security groups: what they let in from the whole internet.

A group is judged by its rules together, which live are things of their own: the internet in two halves is the internet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checks import ranges
from checks.check import Category, Fault, Severity, check, evidence_of
from checks.default_network import where_used
from checks.doubt import any_of
from state import Inventory, Resource, Unknown

INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"

SSH = (22,)
RDP = (3389,)
ADMIN = (*SSH, *RDP, 5985, 5986)  # the last two are Windows Remote Management
DATABASES = {
    1433: "SQL Server",
    1434: "SQL Server",
    1521: "Oracle",
    2181: "ZooKeeper",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    5601: "Kibana",
    5671: "AMQP",
    5672: "AMQP",
    5984: "CouchDB",
    6379: "Redis",
    7000: "Cassandra",
    7001: "Cassandra",
    7474: "Neo4j",
    7687: "Neo4j",
    8086: "InfluxDB",
    8123: "ClickHouse",
    8182: "Neptune",
    9042: "Cassandra",
    9092: "Kafka",
    9094: "Kafka",
    9096: "Kafka",
    9098: "Kafka",
    9160: "Cassandra",
    9200: "OpenSearch",
    9300: "OpenSearch",
    11211: "Memcached",
    15672: "RabbitMQ",
    26257: "CockroachDB",
    27017: "MongoDB",
    27018: "MongoDB",
    27019: "MongoDB",
    50000: "Db2",
    61616: "ActiveMQ",
    61617: "ActiveMQ",
}


def admits(rule: Resource, ports: Iterable[int]) -> list[int]:
    """Those of some ports that a rule lets through, over TCP or UDP."""
    protocol = rule["ip_protocol"]
    if protocol not in ("-1", "tcp", "udp"):
        return []
    first, last = (None, None) if protocol == "-1" else (rule["from_port"], rule["to_port"])
    return [port for port in ports if (first or 0) <= port <= (65535 if last is None else last)]


def admits_all(rule: Resource) -> bool:
    return len(admits(rule, (1, 65535))) == 2


def range_in(rule: Resource, name: str) -> str | None:
    """The range of IPv4 or of IPv6 that a rule admits; of a prefix list nobody can say."""
    if not rule[name] and rule["prefix_list_id"]:
        raise Unknown(f"what the prefix list {rule['prefix_list_id']} holds was not read")
    return str(rule[name]) if rule[name] else None


def opened(group: Resource, inventory: Inventory, reached: Callable[[Resource], object], what: str) -> Fault | None:
    """The rules that let the internet reach something, one and the same thing, told by ``reached``."""
    rules = inventory.near(group, INGRESS, security_group_id=group.id)

    def by(name: str) -> Fault | None:
        found = next(ranges.opened(rules, reached, lambda rule: range_in(rule, name)), None)
        if found is None:
            return None
        far = ranges.how_far(rule[name] for rule in found[1])
        return Fault(f"{group.id} opens {what} to {far}", said_by(*found[1]))

    return any_of(by, ("cidr_ipv4", "cidr_ipv6"))


def said_by(*rules: Resource) -> dict[str, object]:
    names = ("ip_protocol", "from_port", "to_port", "cidr_ipv4", "cidr_ipv6", "description")
    return {path: value for rule in rules for path, value in evidence_of(rule, *names).items()}


@check(
    "aws_security_group",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    cis_3_0="5.2;5.3",
    cis_5_0="5.3;5.4",
    cis_6_0="6.3;6.4",
    cis_7_0="6.3;6.4",
    fsbp="EC2.13;EC2.19",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
    soc2="cc_6_6;cc_7_2",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_9;ac_17_b;cm_9_b;sc_7_11;sc_7_12;sc_7_16;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;"
        "sc_7_27;sc_7_28;sc_7_7;sc_7_a;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_312_e_1",
    well_architected_security="SEC05-BP03",
)
def sg_ingress_ssh_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens SSH to the whole internet (IPv4 or IPv6).

    An open port 22 is tried with stolen and guessed keys all day long. From 0 to 0 is port 0 alone, and a
    rule that names the group itself admits its ranges beside its members: Checkov has both otherwise.

    Fix: remove the rule and reach the machines through Session Manager, or admit only the range of
    your VPN or bastion.

    Fails:

        resource "aws_security_group" "bastion" {}

        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          security_group_id = aws_security_group.bastion.id
          ip_protocol       = "tcp"
          from_port         = 20
          to_port           = 30
          cidr_ipv4         = "0.0.0.0/0"
        }

    Fails:

        resource "aws_security_group" "bastion" {
          ingress {
            protocol         = "tcp"
            from_port        = 22
            to_port          = 22
            ipv6_cidr_blocks = ["::/0"]
          }
        }

    Passes:

        resource "aws_security_group" "bastion" {}

        resource "aws_vpc_security_group_ingress_rule" "ssh" {
          security_group_id = aws_security_group.bastion.id
          ip_protocol       = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_ipv4         = "203.0.113.0/24"
        }
    """
    return opened(group, inventory, lambda rule: rule["ip_protocol"] != "udp" and admits(rule, SSH), "SSH")


@check(
    "aws_security_group",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    cis_3_0="5.2;5.3",
    cis_5_0="5.3;5.4",
    cis_6_0="6.3;6.4",
    cis_7_0="6.3;6.4",
    fsbp="EC2.14;EC2.19",
    soc2="cc_6_6",
    well_architected_security="SEC05-BP03",
)
def sg_ingress_rdp_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens RDP to the whole internet (IPv4 or IPv6).

    An open port 3389 is the usual way in for ransomware.

    Fix: remove the rule and use Fleet Manager, or admit only the range of your VPN or bastion.

    Fails:

        resource "aws_security_group" "desktops" {}

        resource "aws_vpc_security_group_ingress_rule" "rdp" {
          security_group_id = aws_security_group.desktops.id
          ip_protocol       = "tcp"
          from_port         = 3389
          to_port           = 3389
          cidr_ipv6         = "::/0"
        }

    Passes:

        resource "aws_security_group" "desktops" {}

        resource "aws_vpc_security_group_ingress_rule" "web" {
          security_group_id = aws_security_group.desktops.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }
    """
    return opened(group, inventory, lambda rule: admits(rule, RDP), "RDP")


@check(
    "aws_security_group",
    severity=Severity.CRITICAL,
    category=Category.NETWORK,
    cis_3_0="5.2;5.3",
    cis_5_0="5.3;5.4",
    cis_6_0="6.3;6.4",
    cis_7_0="6.3;6.4",
    soc2="cc_6_6",
    well_architected_security="SEC05-BP03",
)
def sg_ingress_all_ports_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens every port to the whole internet.

    Whatever listens behind such a group is exposed, and so is whatever will listen there one day.

    Fix: replace the rule by one for each port that is meant to be public.

    Fails:

        resource "aws_security_group" "web" {}

        resource "aws_vpc_security_group_ingress_rule" "all" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "-1"
          cidr_ipv4         = "0.0.0.0/0"
        }

    Fails:

        resource "aws_security_group" "web" {}

        resource "aws_security_group_rule" "all" {
          type              = "ingress"
          security_group_id = aws_security_group.web.id
          protocol          = "tcp"
          from_port         = 0
          to_port           = 65535
          cidr_blocks       = ["10.0.0.0/8", "0.0.0.0/0"]
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

        resource "aws_vpc_security_group_ingress_rule" "inside" {
          security_group_id = aws_security_group.web.id
          ip_protocol       = "-1"
          cidr_ipv4         = "10.0.0.0/8"
        }
    """
    return opened(group, inventory, admits_all, "every port")


@check(
    "aws_security_group",
    severity=Severity.HIGH,
    category=Category.NETWORK,
    fsbp="EC2.19",
    soc2="cc_6_6",
    well_architected_security="SEC05-BP03",
)
def sg_ingress_database_world(group: Resource, inventory: Inventory) -> Fault | None:
    """Security group opens a database, cache, search or broker port to the whole internet.

    Many of these serve whoever connects, and all of them are found by scanners within minutes.

    Fix: admit only the security group of the application that uses the data.

    Fails:

        resource "aws_security_group" "orders" {}

        resource "aws_vpc_security_group_ingress_rule" "postgres" {
          security_group_id = aws_security_group.orders.id
          ip_protocol       = "tcp"
          from_port         = 5432
          to_port           = 5432
          cidr_ipv4         = "0.0.0.0/0"
        }

    Passes:

        resource "aws_security_group" "orders" {}

        resource "aws_security_group" "shop" {}

        resource "aws_vpc_security_group_ingress_rule" "postgres" {
          security_group_id            = aws_security_group.orders.id
          ip_protocol                  = "tcp"
          from_port                    = 5432
          to_port                      = 5432
          referenced_security_group_id = aws_security_group.shop.id
        }
    """
    return opened(group, inventory, lambda rule: admits(rule, DATABASES), "a database port")


@check(
    "aws_security_group",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    cis_3_0="5.4",
    cis_5_0="5.5",
    cis_6_0="6.5",
    cis_7_0="6.5",
    fsbp="EC2.2",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_4_21;cm_6_a;cm_9_b;sc_7_11;sc_7_12;sc_7_16;sc_7_21;"
        "sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_5;sc_7_7;sc_7_a;sc_7_c"
    ),
    well_architected_security="SEC05-BP03",
)
def sg_default_restricts(group: Resource, inventory: Inventory) -> Fault | None:
    """Default security group of a VPC has rules.

    Whatever is started without a group of its own gets the default one. As AWS makes it, its
    members trust each other and reach the whole internet. That of the default network is skipped where
    nothing runs in it.

    Fix: adopt it with an `aws_default_security_group` that has no rules, and give everything a group
    of its own.

    Fails:

        resource "aws_default_security_group" "main" {
          ingress {
            protocol  = "-1"
            from_port = 0
            to_port   = 0
            self      = true
          }
        }

    Fails:

        live "aws_security_group" "default" {
          id     = "sg-1"
          name   = "default"
          vpc_id = "vpc-1"
        }

        live "aws_vpc_security_group_egress_rule" "all" {
          security_group_id = "sg-1"
          ip_protocol       = "-1"
          cidr_ipv4         = "0.0.0.0/0"
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

        resource "aws_default_security_group" "main" {
          ingress = []
          egress  = []
        }

    Passes:

        resource "aws_security_group" "web" {
          name = "web"

          egress {
            protocol    = "-1"
            from_port   = 0
            to_port     = 0
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
    """
    if not is_default(group):
        return None
    for direction, type in (("ingress", INGRESS), ("egress", EGRESS)):
        for rule in inventory.near(group, type, security_group_id=group.id):
            fault = Fault(f"{group.id} is a default group and has {direction} rules", said_by(rule))
            return where_used(group, inventory, fault)
    return None


def is_default(group: Resource) -> bool:
    """Whether AWS made the group with its VPC. Code that adopts one does not say its name."""
    if group.declared and "aws_default_security_group." in group.declared.address:
        return True
    return bool(group["name"] == "default")

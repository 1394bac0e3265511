"""Amazon Redshift: who reaches warehouse clusters, and how they are kept."""

from __future__ import annotations

from typing import Any

from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.doubt import either
from checks.protection import copied_away
from state import Inventory, Resource, Unknown

TLS_BY_DEFAULT = {"redshift-1.0": False, "redshift-2.0": True}
"""Whether a family of parameters asks for TLS where nobody says so."""


def decided(cluster: Resource, name: str) -> Any:
    """A switch whose default is another in each major version of the provider."""
    if cluster[name] is None:
        raise Unknown(f"{name} is left out of the code, and its default depends on the provider's version")
    return cluster[name]


@check(
    "aws_redshift_cluster",
    severity=Severity.CRITICAL,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="Redshift.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;3.5.1.3;10.3.2;A1.1.2;A1.1.3;A3.4.1",
    nist_800_53_r5=(
        "ac_17_1;ac_17_10;ac_17_4_a;ac_17_9;ac_17_b;ac_2_6;ac_3;ac_3_7;ac_4_21;ac_6;mp_2;sc_25;sc_7_11;sc_7_12;"
        "sc_7_16;sc_7_2;sc_7_20;sc_7_21;sc_7_24_b;sc_7_25;sc_7_26;sc_7_27;sc_7_28;sc_7_3;sc_7_7;sc_7_9_a;sc_7_a;"
        "sc_7_b;sc_7_c"
    ),
    hipaa="164_308_a_1_ii_b;164_308_a_3_i;164_312_a_1",
    well_architected_security="SEC03-BP07",
)
def redshift_public(cluster: Resource, inventory: Inventory) -> str | None:
    """Warehouse cluster is publicly accessible.

    It has a public address, so that one open security group is all that is missing between the internet
    and everything a company knows.

    Fix: set `publicly_accessible = false` and reach the cluster from inside the VPC.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          publicly_accessible = true
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          publicly_accessible = false
        }
    """
    return f"{cluster.name} has a public address" if decided(cluster, "publicly_accessible") else None


@check(
    "aws_redshift_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="Redshift.10",
    pci_4="3.5.1;8.3.2",
)
def redshift_unencrypted(cluster: Resource, inventory: Inventory) -> str | None:
    """Warehouse cluster is not encrypted at rest.

    Its snapshots are not encrypted either, and can be shared without any key.

    Fix: set `encrypted = true`; Redshift moves the data by itself, and the cluster is read-only meanwhile.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          encrypted = false
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          encrypted = true
        }
    """
    return None if str(decided(cluster, "encrypted")).lower() == "true" else f"{cluster.name} is not encrypted"


@check(
    "aws_redshift_cluster",
    severity=Severity.HIGH,
    category=Category.ENCRYPTION,
    fsbp="Redshift.2",
    pci_4="1.2.5;2.2.5;2.2.7;4.2.1;4.2.1.1;8.3.2",
    soc2="cc_6_7",
)
def redshift_tls(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Warehouse cluster accepts connections without TLS.

    Queries, what they find and the passwords then pass through the network as they are. Where nobody sets
    `require_ssl`, the family of the parameter group decides: redshift-1.0 does not ask for it, 2.0 does.

    Fix: set `require_ssl` to true in the cluster's `aws_redshift_parameter_group`, and reboot it.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          cluster_parameter_group_name = "facts"
        }

        resource "aws_redshift_parameter_group" "facts" {
          name   = "facts"
          family = "redshift-1.0"
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          cluster_parameter_group_name = "facts"
        }

        resource "aws_redshift_parameter_group" "facts" {
          name   = "facts"
          family = "redshift-1.0"
          parameter {
            name  = "require_ssl"
            value = "true"
          }
        }
    """
    name = cluster["cluster_parameter_group_name"]
    for group in inventory.near(cluster, "aws_redshift_parameter_group", name=name):
        if asks_for_tls(group):
            return None
        return Fault(f"{cluster.name} takes connections without TLS", evidence_of(group, "family", "parameter"))
    raise Unknown(f"the parameter group {name} was not read")


def asks_for_tls(group: Resource) -> bool:
    """Whether a group of parameters asks for TLS, by what is set in it or by its family."""
    for each in group["parameter"] or ():
        if each["name"] == "require_ssl":
            return str(each["value"]).lower() == "true"
    family = group["family"]
    if family not in TLS_BY_DEFAULT:
        raise Unknown(f"whether {family} asks for TLS by default is not known here")
    return TLS_BY_DEFAULT[family]


@check(
    "aws_redshift_cluster",
    severity=Severity.MEDIUM,
    category=Category.RESILIENCE,
    pci_4=(
        "3.5.1;5.3.4;6.3.3;8.3.2;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;"
        "10.2.2;10.3.1;10.6.3;A1.2.1"
    ),
)
def redshift_single_az(cluster: Resource, inventory: Inventory) -> str | None:
    """Warehouse cluster lies in one Availability Zone.

    It is down for as long as its zone is. Relocation moves it only if there is room for it elsewhere, which
    is when everybody looks for room.

    Fix: set `multi_az = true` (RA3 nodes), or accept to restore a snapshot and suppress this.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          multi_az = false
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          multi_az = true
        }
    """
    return None if cluster["multi_az"] else f"{cluster.name} runs in one Availability Zone"


@check(
    "aws_redshift_cluster",
    severity=Severity.HIGH,
    category=Category.BACKUP,
    fsbp="Redshift.3",
    pci_4="10.3.3",
    soc2="cc_7_4;cc_7_5;cc_a_1_1",
    nist_800_53_r5="cp_10;cp_10_2;cp_1_2;cp_2_5;cp_6_1;cp_6_2;cp_6_a;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_13_5",
    hipaa="164_308_a_4_ii_a;164_308_a_7_i;164_308_a_7_ii_a;164_308_a_7_ii_b;164_308_a_7_ii_c;164_312_a_2_ii",
    gdpr="article_32",
)
def redshift_snapshots(cluster: Resource, inventory: Inventory, terms: Terms) -> str | None:
    """Warehouse cluster keeps no automated snapshots for a week.

    They are kept for one day unless told otherwise, which is too short for a mistake that is noticed after
    the weekend.

    Fix: set `automated_snapshot_retention_period` to 7 or more.

    CLI: `aws redshift modify-cluster --cluster-identifier {cluster_identifier}
    --automated-snapshot-retention-period 35`

    Fails:

        resource "aws_redshift_cluster" "facts" {
          automated_snapshot_retention_period = 1
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          automated_snapshot_retention_period = 7
        }
    """
    kept = cluster["automated_snapshot_retention_period"]
    days = 1 if kept is None else kept
    if days >= terms.days(cluster, "backup_days"):
        return None
    return f"{cluster.name} keeps automated snapshots for {days} days"


@check(
    "aws_redshift_cluster",
    severity=Severity.LOW,
    category=Category.BACKUP,
)
def redshift_snapshot_copy(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Warehouse snapshots are not copied to another region.

    What takes the region away takes the snapshots too. A backup plan that copies elsewhere will do as well.

    Fix: add an `aws_redshift_snapshot_copy` with a `destination_region`.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          cluster_identifier = "facts"
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          cluster_identifier = "facts"
        }

        resource "aws_redshift_snapshot_copy" "far" {
          cluster_identifier = aws_redshift_cluster.facts.id
          destination_region = "eu-central-1"
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          cluster_identifier = "facts"
        }

        live "aws_backup_selection" "all" {
          plan_id       = "plan-1"
          resources     = ["*"]
          not_resources = []
          selection_tag = []
          condition     = []
        }

        live "aws_backup_plan" "far" {
          id   = "plan-1"
          arn  = "arn:aws:backup:eu-west-1:123456789012:backup-plan:plan-1"
          rule = [{
            copy_action = [{ destination_vault_arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:far" }]
          }]
        }
    """
    copy = "aws_redshift_snapshot_copy"
    name = cluster["cluster_identifier"]
    copies = either(
        lambda: inventory.near(cluster, copy, cluster_identifier=name), lambda: copied_away(cluster, inventory)
    )
    return None if copies else Fault(f"the snapshots of {cluster.name} stay in its region", {copy: None})

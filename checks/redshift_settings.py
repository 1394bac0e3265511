"""Amazon Redshift: what warehouse clusters log, how they are kept up to date, and the way of their traffic."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from state import Inventory, Resource

LOGGING = "aws_redshift_logging"


@check(
    "aws_redshift_cluster",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="Redshift.4",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    nist_800_53_r5=(
        "ac_2_4;ac_3_1;ac_3_10;ac_4_26;ac_6_9;au_10;au_12_1;au_12_2;au_12_3;au_12_4;au_12_a;au_12_c;au_14_3;"
        "au_14_a;au_14_b;au_2_b;au_3_a;au_3_b;au_3_c;au_3_d;au_3_e;au_3_f;au_6_3;au_6_4;au_6_6;au_6_9;au_8_b;"
        "au_9_3;ca_7_b;cm_5_1_b;cp_9_d;ia_3_3_b;ma_4_1_a;pm_14_a_1;pm_14_b;pm_31;sc_13_a;sc_28_1;sc_7_9_b;sc_8_3;"
        "sc_8_4;si_10_1_c;si_19_4;si_1_1_c;si_3_8_b;si_4_17;si_4_2;si_4_20;si_7_8"
    ),
    soc2="cc_7_2",
    hipaa=(
        "164_308_a_1_ii_b;164_308_a_1_ii_d;164_308_a_3_ii_a;164_308_a_4_ii_a;164_312_a_2_iv;164_312_b;164_312_e_2_ii"
    ),
    gdpr="article_30;article_32",
    well_architected_security="SEC04-BP01",
)
def redshift_audit_log(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Warehouse cluster writes no audit log.

    Who signed in, or tried to, and what they asked is then not to be found out once the cluster's own tables
    have forgotten it, which is after days.

    Fix: add an `aws_redshift_logging` that leads to CloudWatch or a bucket; what users ask is logged with the
    parameter `enable_user_activity_logging` alone.

    Fails:

        resource "aws_redshift_cluster" "facts" {
          cluster_identifier = "facts"
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          cluster_identifier = "facts"
        }

        resource "aws_redshift_logging" "facts" {
          cluster_identifier   = aws_redshift_cluster.facts.id
          log_destination_type = "cloudwatch"
          log_exports          = ["connectionlog", "userlog"]
        }
    """
    if inventory.near(cluster, LOGGING, cluster_identifier=cluster["cluster_identifier"]):
        return None
    return Fault(f"{cluster.name} writes no audit log", {LOGGING: None})


@check(
    "aws_redshift_cluster",
    severity=Severity.LOW,
    category=Category.GOVERNANCE,
    fsbp="Redshift.6",
    nist_800_53_r5="cm_2_b;cm_2_b_1;cm_2_b_2;cm_2_b_3;cm_3_3;cp_9_a;cp_9_b;cp_9_c;sc_5_2;si_2_2;si_2_5;si_2_c;si_2_d",
    well_architected_security="SEC06-BP01",
)
def redshift_upgrades(cluster: Resource, inventory: Inventory) -> str | None:
    """Warehouse cluster takes no automatic version upgrades.

    Flaws that AWS has mended then stay open until somebody thinks of it.

    Fix: set `allow_version_upgrade = true`, and a maintenance window that suits.

    CLI: `aws redshift modify-cluster --cluster-identifier {cluster_identifier} --allow-version-upgrade`

    Fails:

        resource "aws_redshift_cluster" "facts" {
          allow_version_upgrade = false
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          allow_version_upgrade = true
        }
    """
    return None if cluster["allow_version_upgrade"] else f"{cluster.name} takes no version upgrades"


@check(
    "aws_redshift_cluster",
    severity=Severity.MEDIUM,
    category=Category.NETWORK,
    fsbp="Redshift.7",
    pci_4="1.3.1;1.3.2;1.4.1;1.4.2;1.4.4",
)
def redshift_vpc_routing(cluster: Resource, inventory: Inventory) -> str | None:
    """Warehouse traffic to stores leaves the VPC.

    What is copied from and unloaded to S3 then passes outside of the VPC, past its security groups, its
    endpoints' policies and its flow logs.

    Fix: set `enhanced_vpc_routing = true`, and give the VPC an endpoint for S3.

    CLI: `aws redshift modify-cluster --cluster-identifier {cluster_identifier} --enhanced-vpc-routing`

    Fails:

        resource "aws_redshift_cluster" "facts" {
          enhanced_vpc_routing = false
        }

    Passes:

        resource "aws_redshift_cluster" "facts" {
          enhanced_vpc_routing = true
        }
    """
    return None if cluster["enhanced_vpc_routing"] else f"what {cluster.name} loads and unloads leaves its VPC"

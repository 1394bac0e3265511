"""Amazon EKS: clusters and their node groups."""

from __future__ import annotations

from datetime import date

from checks.check import Category, Fault, Severity, check
from checks.doubt import said_in
from checks.ranges import how_far, is_world
from checks.versions import KUBERNETES, numbers
from checks.zones import in_one_zone
from state import Inventory, Resource, Unknown

COMPONENTS = ("api", "audit", "authenticator", "controllerManager", "scheduler")

# End of standard support: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html, read on
# 2026-11-21 up to 1.34 (awsdocs/amazon-eks-user-guide latest/ug/versioning/kubernetes-versions.adoc), from 1.35 on as
# endoflife.date cites it; those before 1.29 were over long ago.
STANDARD_SUPPORT = {
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}


@check(
    "aws_eks_cluster",
    severity=Severity.HIGH,
    category=Category.PUBLIC_EXPOSURE,
    fsbp="EKS.1",
    pci_4="1.2.8;1.3.1;1.3.2;1.4.2;1.5.1;A1.1.3",
    well_architected_security="SEC03-BP07;SEC05-BP01",
)
def eks_endpoint_public(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Cluster endpoint is open to the whole internet.

    Anyone can then try stolen tokens and fresh flaws of Kubernetes on it. A public endpoint that admits
    named ranges passes, unlike in AWS's own standard.

    Fix: set `endpoint_public_access = false` and reach it from inside, or name your ranges in
    `public_access_cidrs`.

    Fails:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids             = []
            endpoint_public_access = true
            public_access_cidrs    = ["0.0.0.0/0"]
          }
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids             = []
            endpoint_public_access = true
            public_access_cidrs    = ["203.0.113.0/24"]
          }
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids             = []
            endpoint_public_access = false
          }
        }
    """
    for each in cluster["vpc_config"] or ():
        if said_in(each, "endpoint_public_access") is False:  # it is public where nothing is said
            continue
        ranges = said_in(each, "public_access_cidrs") or ["0.0.0.0/0"]
        if is_world(ranges):
            evidence = {"vpc_config[0].endpoint_public_access": True, "vpc_config[0].public_access_cidrs": ranges}
            return Fault(f"the endpoint of {cluster.name} is open to {how_far(ranges)}", evidence)
    return None


@check("aws_eks_cluster", severity=Severity.HIGH, category=Category.GOVERNANCE, fsbp="EKS.2", pci_4="6.3.3")
def eks_version_unsupported(cluster: Resource, inventory: Inventory) -> str | None:
    """Cluster's Kubernetes version is out of standard support.

    Extended support costs six times as much an hour, and when it ends AWS moves the cluster to another
    version by itself. The dates are AWS's; a version that this list does not have yet is unknown.

    Fix: raise `version` by one minor version at a time, node groups after it.

    Fails:

        resource "aws_eks_cluster" "main" {
          version = "1.31"
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          version = "1.35"
        }
    """
    version = str(cluster["version"])
    end = STANDARD_SUPPORT.get(version)
    if end is None and numbers(version, KUBERNETES) > numbers(next(iter(STANDARD_SUPPORT))):
        raise Unknown(f"until when Kubernetes {version} is supported is not known here")
    if end is None:
        return f"{cluster.name} runs Kubernetes {version}, long out of support"
    over = inventory.taken_at.date() >= end
    return f"{cluster.name} runs Kubernetes {version}, in standard support until {end}" if over else None


@check(
    "aws_eks_cluster",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="EKS.8",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    well_architected_security="SEC04-BP01",
)
def eks_control_plane_logging(cluster: Resource, inventory: Inventory) -> str | None:
    """Cluster does not log every control-plane component.

    Who did what in the cluster is told by its audit log alone, and nobody can turn that on backwards.

    Fix: set `enabled_cluster_log_types` to all five.

    CLI: `aws eks update-cluster-config --name {name} --logging '{"clusterLogging": [{"types": ["api", "audit",
    "authenticator", "controllerManager", "scheduler"], "enabled": true}]}'`

    Fails:

        resource "aws_eks_cluster" "main" {
          enabled_cluster_log_types = ["api", "audit"]
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
        }
    """
    lacking = set(COMPONENTS) - set(cluster["enabled_cluster_log_types"] or ())
    return f"{cluster.name} does not log {', '.join(sorted(lacking))}" if lacking else None


@check(
    "aws_eks_cluster",
    severity=Severity.MEDIUM,
    category=Category.SECRETS,
    fsbp="EKS.3",
    pci_4="3.5.1;8.3.2",
    hipaa="164_308_a_4_ii_a;164_312_a_2_iv;164_312_e_2_ii",
    well_architected_security="SEC08-BP02",
)
def eks_secrets_encryption(cluster: Resource, inventory: Inventory) -> str | None:
    """Kubernetes secrets are not encrypted with a KMS key.

    AWS encrypts its own disks either way, and since Kubernetes 1.28 the API's data with a key of its
    own; only a key of yours lets you say who may decrypt, and see who did.

    Fix: set `encryption_config` with `resources = ["secrets"]` and the key's ARN.

    Fails:

        resource "aws_eks_cluster" "main" {
          encryption_config = []
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          encryption_config {
            resources = ["secrets"]

            provider {
              key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1"
            }
          }
        }
    """
    covered = any("secrets" in (each.get("resources") or ()) for each in cluster["encryption_config"] or ())
    return None if covered else f"the secrets of {cluster.name} are not encrypted with a key of yours"


@check("aws_eks_cluster", "aws_eks_node_group", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def eks_single_az(placed: Resource, inventory: Inventory) -> Fault | None:
    """Cluster's or node group's subnets lie in one zone.

    A cluster's subnets are where its control plane reaches the nodes, a group's where the nodes are. With
    one zone what runs there goes down with it. Groups for one zone each are judged one by one all the
    same: suppress those that together cover several.

    Fix: give it a subnet in a second and a third zone.

    Fails:

        resource "aws_eks_node_group" "main" {
          subnet_ids = [aws_subnet.a.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Fails:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids = [aws_subnet.a.id]
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_eks_node_group" "main" {
          subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    if placed.type == "aws_eks_node_group":
        return in_one_zone(placed, inventory, placed["subnet_ids"])
    return in_one_zone(
        placed, inventory, [id for each in placed["vpc_config"] or () for id in each.get("subnet_ids") or ()]
    )


@check("aws_eks_node_group", severity=Severity.HIGH, category=Category.NETWORK)
def eks_nodegroup_remote_access(group: Resource, inventory: Inventory) -> Fault | None:
    """Node group allows SSH from anywhere.

    A node group with an SSH key, and without source security groups, opens port 22 of its nodes to the whole
    internet by a group that EKS makes.

    Fix: leave out `remote_access` and reach nodes through Session Manager, or set `source_security_group_ids`.

    Fails:

        resource "aws_eks_node_group" "main" {
          remote_access {
            ec2_ssh_key               = "ops"
            source_security_group_ids = []
          }
        }

    Passes:

        resource "aws_eks_node_group" "main" {
          remote_access {
            ec2_ssh_key               = "ops"
            source_security_group_ids = ["sg-0a1b2c3d"]
          }
        }
    """
    for each in group["remote_access"] or ():
        if said_in(each, "ec2_ssh_key") and not said_in(each, "source_security_group_ids"):
            evidence = {"remote_access[0].source_security_group_ids": None}
            return Fault(f"{group.name} opens SSH of its nodes to the whole internet", evidence)
    return None

"""Amazon EKS: whether anything stands between one pod and another."""

from __future__ import annotations

import re

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said, said_in
from state import Inventory, Resource, Unknown

CNI = "vpc-cni"
ENGINES = re.compile(r"calico|cilium", re.IGNORECASE)
ENABLED = re.compile(r"""["']?enableNetworkPolicy["']?\s*:\s*["']?true\b""", re.IGNORECASE)
"""The add-on's configuration is JSON or YAML, and its switches are texts."""


@check("aws_eks_cluster", severity=Severity.MEDIUM, category=Category.NETWORK)
def eks_network_policy(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Cluster has no network policy engine.

    Without one a NetworkPolicy is accepted and does nothing: whoever breaks into one pod talks to all of them. The
    VPC CNI enforces policies where its add-on is told to, and add-ons of Calico or Cilium do. What is installed in
    the cluster itself no API of AWS tells: a cluster without the add-on of the VPC CNI, or in Auto Mode, is unknown,
    and one whose engine runs beside that add-on belongs into the suppressions.

    Fix: set `enableNetworkPolicy` in the `configuration_values` of the `vpc-cni` add-on.

    CLI: `aws eks update-addon --cluster-name {name} --addon-name vpc-cni --configuration-values
    '{"enableNetworkPolicy": "true"}'`

    Fails:

        resource "aws_eks_cluster" "main" {
          name           = "main"
          compute_config = []
        }

        resource "aws_eks_addon" "network" {
          cluster_name         = aws_eks_cluster.main.name
          addon_name           = "vpc-cni"
          configuration_values = jsonencode({ enableNetworkPolicy = "false" })
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          name           = "main"
          compute_config = []
        }

        resource "aws_eks_addon" "network" {
          cluster_name         = aws_eks_cluster.main.name
          addon_name           = "vpc-cni"
          configuration_values = jsonencode({ enableNetworkPolicy = "true" })
        }
    """
    addons = inventory.near(cluster, "aws_eks_addon", cluster_name=cluster["name"])
    if any_of(lambda each: ENGINES.search(str(each["addon_name"])), addons) or any_of(enforces, addons):
        return None
    if any(said_in(each, "enabled") for each in said(cluster, "compute_config") or ()):
        raise Unknown(f"{cluster.name} runs in Auto Mode, and whether that enforces policies is said in the cluster")
    for each in addons:
        if each["addon_name"] == CNI:
            evidence = {f"aws_eks_addon.{each.id}.configuration_values": None}
            message = f"nothing enforces network policies in {cluster.name}"
            return Fault(message, evidence_of(each, "configuration_values") or evidence)
    raise Unknown(f"{cluster.name} has no add-on {CNI}, and which network it has is said in the cluster")


def enforces(addon: Resource) -> bool:
    return addon["addon_name"] == CNI and bool(ENABLED.search(str(said(addon, "configuration_values") or "")))

"""Amazon EKS: how clusters are kept in one piece, and how their nodes keep up with them."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import either, said, said_in
from checks.versions import KUBERNETES, numbers
from state import Inventory, Resource, Unknown

PROVIDER, POD_IDENTITY = "aws_iam_openid_connect_provider", "aws_eks_pod_identity_association"


@check("aws_eks_cluster", severity=Severity.MEDIUM, category=Category.NETWORK)
def eks_private_endpoint(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Cluster has no private endpoint.

    Without one the nodes, too, talk to their control plane over public addresses, and the public endpoint
    can never be shut.

    Fix: set `endpoint_private_access = true` in `vpc_config`.

    CLI: `aws eks update-cluster-config --name {name} --resources-vpc-config endpointPrivateAccess=true`

    Fails:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids              = []
            endpoint_private_access = false
          }
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          vpc_config {
            subnet_ids              = []
            endpoint_private_access = true
          }
        }
    """
    for each in cluster["vpc_config"] or ():
        if not said_in(each, "endpoint_private_access"):
            return Fault(f"{cluster.name} has no private endpoint", {"vpc_config[0].endpoint_private_access": False})
    return None


@check("aws_eks_cluster", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def eks_deletion_protection(cluster: Resource, inventory: Inventory) -> str | None:
    """Cluster can be deleted by one call.

    With the cluster go its API objects, which no snapshot brings back. Protection is off where nothing is said.

    Fix: set `deletion_protection = true`.

    CLI: `aws eks update-cluster-config --name {name} --deletion-protection`

    Fails:

        resource "aws_eks_cluster" "main" {
          deletion_protection = false
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          deletion_protection = true
        }
    """
    return None if said(cluster, "deletion_protection") else f"{cluster.name} is not protected from deletion"


@check("aws_eks_node_group", severity=Severity.MEDIUM, category=Category.GOVERNANCE)
def eks_nodegroup_version_skew(group: Resource, inventory: Inventory) -> Fault | None:
    """Node group runs an older version than its cluster.

    Nodes that stay behind lack the fixes of their cluster, and hold up its next upgrade once they are too far
    behind. Where the group does not tell a version, as with an image of your own, the verdict is unknown.

    Fix: raise the group's `version` to the cluster's.

    CLI: `aws eks update-nodegroup-version --cluster-name {cluster_name} --nodegroup-name {node_group_name}`

    Fails:

        resource "aws_eks_cluster" "main" {
          name    = "main"
          version = "1.35"
        }

        resource "aws_eks_node_group" "main" {
          cluster_name = aws_eks_cluster.main.name
          version      = "1.34"
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          name    = "main"
          version = "1.35"
        }

        resource "aws_eks_node_group" "main" {
          cluster_name = aws_eks_cluster.main.name
          version      = "1.35"
        }
    """
    clusters = inventory.near(group, "aws_eks_cluster", name=group["cluster_name"])
    if not clusters:
        raise Unknown(f"cluster {group['cluster_name']} is not among those that were read")
    own, wanted = (numbers(each["version"], KUBERNETES, 2) for each in (group, clusters[0]))
    if own >= wanted:
        return None
    message = f"{group.name} runs Kubernetes {group['version']}, its cluster {clusters[0]['version']}"
    return Fault(message, evidence_of(clusters[0], "version"))


@check("aws_eks_node_group", severity=Severity.LOW, category=Category.RESILIENCE)
def eks_nodegroup_scaling(group: Resource, inventory: Inventory) -> Fault | None:
    """Node group cannot grow.

    Where the most nodes are as many as the fewest, no autoscaler can add one when pods wait for a place, and an
    upgrade's extra node is all the room there is.

    Fix: set `max_size` in `scaling_config` above `min_size`.

    Fails:

        resource "aws_eks_node_group" "main" {
          scaling_config {
            desired_size = 2
            min_size     = 2
            max_size     = 2
          }
        }

    Passes:

        resource "aws_eks_node_group" "main" {
          scaling_config {
            desired_size = 2
            min_size     = 2
            max_size     = 6
          }
        }
    """
    for each in group["scaling_config"] or ():
        least, most = each.get("min_size"), each.get("max_size")
        if least is None or most is None:
            raise Unknown(f"how far {group.name} may grow is not said")
        if int(most) <= int(least):
            evidence = {"scaling_config[0].min_size": least, "scaling_config[0].max_size": most}
            return Fault(f"{group.name} stays at {most} nodes", evidence)
    return None


@check("aws_eks_cluster", severity=Severity.MEDIUM, category=Category.IAM)
def eks_oidc_irsa(cluster: Resource, inventory: Inventory) -> Fault | None:
    """Cluster has neither an OIDC provider nor pod identity for workloads.

    Pods that need AWS then take the role of their node, so that each may do what any of them needs, or carry
    access keys. One pod identity association is enough to pass, as is a provider of IAM for the cluster's issuer.
    A cluster whose workloads call nothing of AWS needs neither: suppress it.

    Fix: declare an `aws_eks_pod_identity_association`, or an `aws_iam_openid_connect_provider` with the
    cluster's issuer as its `url`.

    Fails:

        live "aws_eks_cluster" "main" {
          name     = "main"
          identity = [{ oidc = [{ issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/1" }] }]
        }

    Passes:

        live "aws_eks_cluster" "main" {
          name     = "main"
          identity = [{ oidc = [{ issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/1" }] }]
        }

        live "aws_iam_openid_connect_provider" "main" {
          url = "oidc.eks.eu-west-1.amazonaws.com/id/1"
        }

    Passes:

        resource "aws_eks_cluster" "main" {
          name = "main"
        }

        resource "aws_eks_pod_identity_association" "shop" {
          cluster_name    = aws_eks_cluster.main.name
          namespace       = "shop"
          service_account = "shop"
        }
    """
    if either(
        lambda: inventory.near(cluster, POD_IDENTITY, cluster_name=cluster["name"]),
        lambda: _trusted(cluster, inventory),
    ):
        return None
    evidence = {POD_IDENTITY: None, PROVIDER: None}
    return Fault(f"no workload of {cluster.name} has a role of its own", evidence)


def _trusted(cluster: Resource, inventory: Inventory) -> bool:
    """Whether IAM trusts the issuer of a cluster's tokens."""
    issuers = [oidc.get("issuer") for each in cluster["identity"] or () for oidc in each.get("oidc") or ()]
    urls = {_bare(each["url"]) for each in inventory.near(cluster, PROVIDER)}
    return any(_bare(issuer) in urls for issuer in issuers if issuer)


def _bare(url: object) -> str:
    return str(url).removeprefix("https://")

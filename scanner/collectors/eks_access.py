"""Amazon EKS: who may enter a cluster, and which roles its pods take.

EKS makes an access entry by itself for each role that nodes of its own have.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanner.aws.collector import Collector, block, unordered, volatile
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item
from scanner.collectors.eks import (
    CLUSTERS,
    ENTRIES,
    IN_CLUSTER,
    _associations,
    _policies,
    _providers,
    described,
    named,
)
from state import Inventory, Resource, Unknown
from state.forms import MAP, UNORDERED

ENTRY_AT = "Described.accessEntry"
SERVICE_ROLES = ":role/aws-service-role/"


def made_for_nodes(entry: Resource, inventory: Inventory) -> str | None:
    """Of a managed node group's role and of a Fargate profile's EKS makes the entry by itself."""
    cluster, principal = entry["cluster_name"], entry["principal_arn"]
    kinds = {"aws_eks_node_group": "node_role_arn", "aws_eks_fargate_profile": "pod_execution_role_arn"}
    try:
        if any(inventory.near(entry, type, cluster_name=cluster, **{by: principal}) for type, by in kinds.items()):
            return f"eks: {cluster}"
    except Unknown as reason:
        return None if entry["type"] == "STANDARD" else f"unknown: {reason}"
    return None


ENTRY = Collector(
    type="aws_eks_access_entry",
    service="eks",
    fetch=named("access_entries", ENTRIES, "accessEntries"),
    details=(described("describe_access_entry", clusterName="Cluster", principalArn="Name"),),
    permissions=("eks:ListClusters", "eks:ListAccessEntries", "eks:DescribeAccessEntry"),
    id=IN_CLUSTER,
    identity=("cluster_name", "principal_arn"),
    owner=lambda item: "aws: eks" if SERVICE_ROLES in item["Name"] else None,
    owned=made_for_nodes,
    attributes={
        "access_entry_arn": f"{ENTRY_AT}.accessEntryArn",
        "cluster_name": f"{ENTRY_AT}.clusterName",
        "created_at": volatile(f"{ENTRY_AT}.createdAt"),
        "kubernetes_groups": unordered(f"{ENTRY_AT}.kubernetesGroups"),
        "modified_at": volatile(f"{ENTRY_AT}.modifiedAt"),
        "principal_arn": f"{ENTRY_AT}.principalArn",
        "type": f"{ENTRY_AT}.type",
        "user_name": f"{ENTRY_AT}.username",
    },
    arn=f"{ENTRY_AT}.accessEntryArn",
    tags=f"{ENTRY_AT}.tags",
)


def policies(answers: list[Item], cluster: Item) -> Iterable[Item]:
    for answer in answers:
        for each in answer.get("associatedAccessPolicies") or ():
            yield {**each, "Cluster": cluster["Cluster"], "Principal": answer["principalArn"]}


ACCESS_POLICY = Collector(
    type="aws_eks_access_policy_association",
    service="eks",
    fetch=inside("access_policies", CLUSTERS, Once(_policies), policies),
    permissions=("eks:ListClusters", "eks:ListAccessEntries", "eks:ListAssociatedAccessPolicies"),
    id="join('#', [Cluster, Principal, policyArn])",
    identity=("cluster_name", "principal_arn", "policy_arn"),
    owner=lambda item: "aws: eks" if SERVICE_ROLES in item["Principal"] else None,
    attributes={
        "access_scope": block("accessScope.{namespaces: namespaces, type: type}", namespaces=UNORDERED),
        "associated_at": volatile("associatedAt"),
        "cluster_name": "Cluster",
        "modified_at": volatile("modifiedAt"),
        "policy_arn": "policyArn",
        "principal_arn": "Principal",
    },
)


def providers(answer: Item, cluster: Item) -> Iterable[Item]:
    return [{**each, "Cluster": cluster["Cluster"], "Name": each["name"]} for each in answer["identityProviderConfigs"]]


OIDC = "Described.identityProviderConfig.oidc"

IDENTITY_PROVIDER = Collector(
    type="aws_eks_identity_provider_config",
    service="eks",
    fetch=inside("identity_providers", CLUSTERS, Once(_providers), providers),
    details=(
        described(
            "describe_identity_provider_config",
            clusterName="Cluster",
            identityProviderConfig="{type: type, name: name}",
        ),
    ),
    permissions=("eks:ListClusters", "eks:ListIdentityProviderConfigs", "eks:DescribeIdentityProviderConfig"),
    id=IN_CLUSTER,
    attributes={
        "arn": f"{OIDC}.identityProviderConfigArn",
        "cluster_name": f"{OIDC}.clusterName",
        "oidc": block(
            f"{OIDC}.{{client_id: clientId, groups_claim: groupsClaim, groups_prefix: groupsPrefix, "
            "identity_provider_config_name: identityProviderConfigName, issuer_url: issuerUrl, "
            "required_claims: requiredClaims, username_claim: usernameClaim, username_prefix: usernamePrefix}",
            required_claims=MAP,
        ),
        "status": volatile(f"{OIDC}.status"),
    },
    facts={"pending_deletion": f"{OIDC}.status=='DELETING'"},
    tags=f"{OIDC}.tags",
)


def associations(answer: Item, cluster: Item) -> Iterable[Item]:
    return answer.get("associations") or ()


POD_AT = "Described.association"

POD_IDENTITY = Collector(
    type="aws_eks_pod_identity_association",
    service="eks",
    fetch=inside("pod_identities", CLUSTERS, Once(_associations), associations),
    details=(described("describe_pod_identity_association", clusterName="clusterName", associationId="associationId"),),
    permissions=("eks:ListClusters", "eks:ListPodIdentityAssociations", "eks:DescribePodIdentityAssociation"),
    id="associationId",
    arn="associationArn",
    owner=lambda item: f"eks: {item['ownerArn']}" if item.get("ownerArn") else None,
    attributes={
        "association_arn": "associationArn",
        "association_id": "associationId",
        "cluster_name": "clusterName",
        "disable_session_tags": f"{POD_AT}.disableSessionTags",
        "external_id": f"{POD_AT}.externalId",
        "namespace": "namespace",
        "role_arn": f"{POD_AT}.roleArn",
        "service_account": "serviceAccount",
        "target_role_arn": f"{POD_AT}.targetRoleArn",
    },
    tags=f"{POD_AT}.tags",
)

COLLECTORS = [ACCESS_POLICY, ENTRY, IDENTITY_PROVIDER, POD_IDENTITY]

import pytest

from scanner.collectors import eks, eks_access
from scanner.collectors.eks import ADDON, CLUSTER, FARGATE_PROFILE, NODE_GROUP
from scanner.collectors.eks_access import ACCESS_POLICY, ENTRY, IDENTITY_PROVIDER, POD_IDENTITY
from state.noise import BY_GROUP
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json, wire
from tests.scanner.collectors.test_elbv2 import network
from tests.scanner.compared import noise, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

COLLECTORS = [*eks.COLLECTORS, *eks_access.COLLECTORS]
ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nodes"
SHOP = {"team": "shop"}


def one(collector, inventory=None):
    inventory = inventory or read(collector)
    assert inventory.gaps == []
    [found] = inventory.of(collector.type)
    assert_value_types(found)
    return found


@pytest.fixture
def shop(aws):
    """A cluster, shop, and where it is."""
    _, subnets, group = network(aws)
    aws("eks").create_cluster(
        name="shop",
        roleArn=ROLE,
        resourcesVpcConfig={"subnetIds": subnets, "securityGroupIds": [group]},
        tags=SHOP,
        logging={"clusterLogging": [{"types": ["api"], "enabled": True}, {"types": ["audit"], "enabled": False}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": "arn:key"}}],
    )
    return {"api": aws("eks"), "subnets": subnets, "group": group}


def test_cluster(shop):
    found = one(CLUSTER)
    assert found.key == ("aws_eks_cluster", ACCOUNT, REGION, "shop")
    assert (found.id, found.arn, found.tags) == ("shop", f"{ARN}:cluster/shop", SHOP)
    moved = ("certificate_authority", "created_at", "endpoint", "identity", "platform_version", "version")
    network = dict.fromkeys(("elastic_load_balancing", "ip_family", "service_ipv6_cidr"))
    vpc = ("cluster_security_group_id", "endpoint_private_access", "endpoint_public_access", "public_access_cidrs")
    blocks = ("access_config", "compute_config", "outpost_config", "remote_network_config", "storage_config")
    where = dict.fromkeys((*vpc, "vpc_id")) | {"security_group_ids": [shop["group"]], "subnet_ids": shop["subnets"]}
    assert found.attributes == dict.fromkeys(CLUSTER.attributes) | {
        **{name: found[name] for name in moved},
        **{name: [] for name in (*blocks, "upgrade_policy", "zonal_shift_config")},
        "arn": f"{ARN}:cluster/shop",
        "enabled_cluster_log_types": ["api"],
        "encryption_config": [{"provider": [{"key_arn": "arn:key"}], "resources": ["secrets"]}],
        "kubernetes_network_config": [network | {"service_ipv4_cidr": "172.20.0.0/16"}],
        "name": "shop",
        "role_arn": ROLE,
        "status": "ACTIVE",
        "vpc_config": [where],
        "tags": SHOP,
    }
    turned = [where | {"subnet_ids": shop["subnets"][::-1]}]
    wanted = twin(found, vpc_config=turned, storage_config=[{"block_storage": [{"enabled": False}]}])
    assert told(read(CLUSTER), [CLUSTER], wanted) == set()
    lost = twin(wanted, **wanted.attributes | {"enabled_cluster_log_types": ["api", "audit"]})
    changed = {("changed", CLUSTER.type, "enabled_cluster_log_types")}
    assert told(read(CLUSTER), [CLUSTER], lost) == changed


def test_node_group(shop):
    shop["api"].create_nodegroup(
        clusterName="shop",
        nodegroupName="main",
        subnets=shop["subnets"],
        nodeRole=ROLE,
        scalingConfig={"minSize": 1, "maxSize": 2, "desiredSize": 1},
        labels={"tier": "web"},
        taints=[{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}],
        tags=SHOP,
    )
    nodes = one(NODE_GROUP)
    assert (nodes.id, nodes.identity, nodes.tags) == ("shop:main", "shop/main", SHOP)
    assert nodes.attributes == dict.fromkeys(NODE_GROUP.attributes) | {
        "ami_type": "AL2_x86_64",
        "arn": nodes.arn,
        "capacity_type": "ON_DEMAND",
        "cluster_name": "shop",
        "disk_size": 20,
        "instance_types": ["t3.medium"],
        "labels": {"tier": "web"},
        "launch_template": [],
        "node_group_name": "main",
        "node_repair_config": [],
        "node_role_arn": ROLE,
        "release_version": nodes["release_version"],
        "remote_access": nodes["remote_access"],
        "resources": nodes["resources"],
        "scaling_config": [{"desired_size": 1, "max_size": 2, "min_size": 1}],
        "status": "ACTIVE",
        "subnet_ids": shop["subnets"],
        "taint": [{"effect": "NO_SCHEDULE", "key": "k", "value": "v"}],
        "update_config": [],
        "version": nodes["version"],
        "tags": SHOP,
    }
    scaled = twin(nodes, scaling_config=[{"desired_size": 9, "max_size": 2, "min_size": 1}])
    assert told(read(NODE_GROUP), [NODE_GROUP], scaled) == set()
    assert noise(read(NODE_GROUP), [NODE_GROUP], scaled) == {"scaling_config[0].desired_size": BY_GROUP}
    larger = twin(nodes, scaling_config=[{"desired_size": 1, "max_size": 3, "min_size": 1}], labels={"tier": "db"})
    paths = {"labels.tier", "scaling_config[0].max_size"}
    assert {path for _, _, path in told(read(NODE_GROUP), [NODE_GROUP], larger)} == paths
    shop["api"].update_nodegroup_config(
        clusterName="shop", nodegroupName="main", scalingConfig={"minSize": 1, "maxSize": 1, "desiredSize": 1}
    )
    assert len(told(read(NODE_GROUP), [NODE_GROUP], scaled)) == 2  # of one size it is what was set


def test_fargate_profile(shop):
    shop["api"].create_fargate_profile(
        clusterName="shop",
        fargateProfileName="jobs",
        podExecutionRoleArn=ROLE,
        subnets=shop["subnets"],
        selectors=[{"namespace": "jobs", "labels": {"a": "b"}}],
        tags=SHOP,
    )
    profile = one(FARGATE_PROFILE)
    assert (profile.id, profile.identity) == ("shop:jobs", "shop/jobs")
    assert profile.attributes == {
        "arn": profile.arn,
        "cluster_name": "shop",
        "fargate_profile_name": "jobs",
        "pod_execution_role_arn": ROLE,
        "selector": [{"labels": {"a": "b"}, "namespace": "jobs"}],
        "status": "ACTIVE",
        "subnet_ids": shop["subnets"],
        "tags": SHOP,
    }
    wanted = twin(profile, selector=[{"labels": {}, "namespace": "jobs"}])
    assert told(read(FARGATE_PROFILE), [FARGATE_PROFILE], wanted) == {("changed", FARGATE_PROFILE.type, "selector")}


# --- what moto does not know ------------------------------------------------------------------------


class Paths(dict):
    """Answers by their paths, whatever is asked about the size of a page."""

    def get(self, path, default=None):
        return super().get(path.partition("?")[0], default)


@pytest.fixture
def standin(monkeypatch):
    """A cluster, shop, without anything in it."""
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        it.answers = Paths(it.answers)
        it.answers["GET /clusters"] = json({"clusters": ["shop"]})
        for name in ("node-groups", "fargate-profiles"):
            it.answers[f"GET /clusters/shop/{name}"] = json({})
        yield it


def path(*parts, verb="GET"):
    return f"{verb} /clusters/shop/{'/'.join(parts)}"


def test_addon(standin):
    about = {"addonName": "coredns", "clusterName": "shop", "addonArn": f"{ARN}:addon/shop/coredns/1", "tags": SHOP}
    said = {"addonVersion": "v1", "configurationValues": '{"a": 1}', "status": "ACTIVE", "serviceAccountRoleArn": ROLE}
    standin.answers[path("addons")] = json({"addons": ["coredns"]})
    standin.answers[path("addons", "coredns")] = json({"addon": about | said})
    addon = one(ADDON)
    assert (addon.id, addon.identity, addon.tags) == ("shop:coredns", "shop/coredns", SHOP)
    assert addon.attributes == {
        "addon_name": "coredns",
        "addon_version": "v1",
        "arn": f"{ARN}:addon/shop/coredns/1",
        "cluster_name": "shop",
        "configuration_values": '{"a": 1}',
        "created_at": None,
        "modified_at": None,
        "service_account_role_arn": ROLE,
        "tags": SHOP,
    }
    assert told(read(ADDON), [ADDON], twin(addon, configuration_values='{"a":1}')) == set()
    assert told(read(ADDON), [ADDON], twin(addon, addon_version="v0")) == {("changed", ADDON.type, "addon_version")}


def entry(it, *principals, type="STANDARD"):
    it.answers[path("access-entries")] = json({"accessEntries": list(principals)})
    for each in principals:
        said = {"clusterName": "shop", "principalArn": each, "kubernetesGroups": ["b", "a"], "username": "me"}
        told = said | {"type": type, "tags": SHOP, "accessEntryArn": f"{ARN}:access-entry/shop/1"}
        it.answers[path("access-entries", quoted(each))] = json({"accessEntry": told})


def quoted(text):
    return text.replace(":", "%3A").replace("/", "%2F")


def test_access_entry(standin):
    entry(standin, ROLE)
    found = one(ENTRY, read(ENTRY, NODE_GROUP, FARGATE_PROFILE))
    assert (found.id, found.identity, found.owner) == (f"shop:{ROLE}", f"shop/{ROLE}", None)
    assert (found.arn, found.tags) == (f"{ARN}:access-entry/shop/1", SHOP)
    assert found.attributes == {
        "access_entry_arn": f"{ARN}:access-entry/shop/1",
        "cluster_name": "shop",
        "created_at": None,
        "kubernetes_groups": ["b", "a"],
        "modified_at": None,
        "principal_arn": ROLE,
        "type": "STANDARD",
        "user_name": "me",
        "tags": SHOP,
    }
    known, wanted = read(ENTRY), twin(found, kubernetes_groups=["a", "b"])
    assert told(known, [ENTRY], wanted) == set()
    assert told(known, [ENTRY], twin(found, user_name="you")) == {("changed", ENTRY.type, "user_name")}


def test_the_entry_of_a_node_groups_role_is_made_by_eks(standin):
    entry(standin, ROLE, f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/eks/X", type="EC2_LINUX")
    standin.answers[path("node-groups")] = json({"nodegroups": ["main"]})
    group = {"clusterName": "shop", "nodegroupName": "main", "nodeRole": ROLE}
    standin.answers[path("node-groups", "main")] = json({"nodegroup": group})
    owners = [each.owner for each in read(ENTRY, NODE_GROUP, FARGATE_PROFILE).of(ENTRY.type)]
    assert owners == ["eks: shop", "aws: eks"]


def test_access_policy(standin):
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    scope = {"type": "namespace", "namespaces": ["web", "jobs"]}
    entry(standin, ROLE)
    associated = {"clusterName": "shop", "principalArn": ROLE}
    associated["associatedAccessPolicies"] = [{"policyArn": policy, "accessScope": scope}]
    standin.answers[path("access-entries", quoted(ROLE), "access-policies")] = json(associated)
    found = one(ACCESS_POLICY)
    assert (found.id, found.identity) == (f"shop#{ROLE}#{policy}", f"shop/{ROLE}/{policy}")
    assert found.attributes == {
        "access_scope": [scope],
        "associated_at": None,
        "cluster_name": "shop",
        "modified_at": None,
        "policy_arn": policy,
        "principal_arn": ROLE,
    }
    known = read(ACCESS_POLICY)
    turned = twin(found, access_scope=[scope | {"namespaces": ["jobs", "web"]}])
    assert told(known, [ACCESS_POLICY], turned) == set()
    assert told(known, [ACCESS_POLICY], twin(found, access_scope=[{"type": "cluster"}])) == {
        ("changed", ACCESS_POLICY.type, "access_scope[0].type")
    }


def test_a_cluster_that_has_no_access_entries_has_none(standin):
    refused = json({"__type": "InvalidRequestException", "message": "no"})._replace(
        status=400, headers={"x-amzn-ErrorType": "InvalidRequestException"}
    )
    standin.answers[path("access-entries")] = refused
    inventory = read(ENTRY, ACCESS_POLICY)
    assert (inventory.gaps, inventory.of(ENTRY.type), inventory.of(ACCESS_POLICY.type)) == ([], (), ())


def test_identity_provider(standin):
    standin.answers[path("identity-provider-configs")] = json(
        {"identityProviderConfigs": [{"type": "oidc", "name": "login"}]}
    )
    said = {"identityProviderConfigName": "login", "clusterName": "shop", "issuerUrl": "https://i", "clientId": "c"}
    more = {"identityProviderConfigArn": f"{ARN}:identityproviderconfig/1", "status": "ACTIVE", "tags": SHOP}
    answer = json({"identityProviderConfig": {"oidc": said | more}})
    standin.answers[path("identity-provider-configs", "describe", verb="POST")] = answer
    found = one(IDENTITY_PROVIDER)
    assert (found.id, found.identity, found.tags) == ("shop:login", "shop:login", SHOP)
    names = ("groups_claim", "groups_prefix", "required_claims", "username_claim", "username_prefix")
    oidc = {"client_id": "c", "identity_provider_config_name": "login", "issuer_url": "https://i"}
    assert found.attributes == {
        "arn": f"{ARN}:identityproviderconfig/1",
        "cluster_name": "shop",
        "oidc": [dict.fromkeys(names) | oidc],
        "status": "ACTIVE",
        "tags": SHOP,
    }


def test_pod_identity(standin):
    about = {"clusterName": "shop", "namespace": "web", "serviceAccount": "api", "associationId": "a-1"}
    about |= {"associationArn": f"{ARN}:podidentityassociation/shop/a-1"}
    standin.answers[path("pod-identity-associations")] = json({"associations": [about]})
    described = json({"association": about | {"roleArn": ROLE, "tags": SHOP}})
    standin.answers[path("pod-identity-associations", "a-1")] = described
    found = one(POD_IDENTITY)
    assert (found.id, found.identity, found.arn, found.owner) == ("a-1", "a-1", about["associationArn"], None)
    assert found.attributes == dict.fromkeys(POD_IDENTITY.attributes) | {
        "association_arn": about["associationArn"],
        "association_id": "a-1",
        "cluster_name": "shop",
        "namespace": "web",
        "role_arn": ROLE,
        "service_account": "api",
        "tags": SHOP,
    }
    changed = {("changed", POD_IDENTITY.type, "role_arn")}
    assert told(read(POD_IDENTITY), [POD_IDENTITY], twin(found, role_arn="arn:other")) == changed


def test_what_is_denied_is_a_gap(standin):
    del standin.answers[path("node-groups")]
    inventory = read(CLUSTER, NODE_GROUP)
    assert inventory.of(CLUSTER.type) == ()
    assert {each.permission for each in inventory.gaps} == {"eks:DescribeCluster", "eks:ListNodegroups"}


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)

"""What Application Auto Scaling moves, of every kind that it knows: within the bounds of its target, and no further."""

import pytest
from botocore.session import Session

from checks.reads import texts
from scanner.collectors import collectors as all_collectors
from scanner.collectors import elasticache, kafka, neptune, rds, schemas
from scanner.collectors.appautoscaling import KINDS, TARGET
from state import Inventory
from state.drift import drift
from state.noise import BY_TARGET
from tests.conftest import read
from tests.scanner.collectors.test_elasticache import ANSWERS as CACHES
from tests.scanner.collectors.test_kafka import ANSWERS as BROKERS
from tests.scanner.collectors.test_kafka import SHOP
from tests.scanner.collectors.test_rds import cluster, member
from tests.scanner.compared import declared, noise, told, twin
from tests.scanner.standin import answering

MODEL = Session().get_service_model("application-autoscaling")
MOVES = {
    "dynamodb:index:ReadCapacityUnits": ("aws_dynamodb_table", "global_secondary_index"),
    "dynamodb:index:WriteCapacityUnits": ("aws_dynamodb_table", "global_secondary_index"),
    "dynamodb:table:ReadCapacityUnits": ("aws_dynamodb_table", "read_capacity"),
    "dynamodb:table:WriteCapacityUnits": ("aws_dynamodb_table", "write_capacity"),
    "ecs:service:DesiredCount": ("aws_ecs_service", "desired_count"),
    "elasticache:cache-cluster:Nodes": ("aws_elasticache_cluster", "num_cache_nodes"),
    "elasticache:replication-group:NodeGroups": ("aws_elasticache_replication_group", "num_node_groups"),
    "elasticache:replication-group:Replicas": ("aws_elasticache_replication_group", "replicas_per_node_group"),
    "kafka:broker-storage:VolumeSize": ("aws_msk_cluster", "broker_node_group_info"),
    "lambda:function:ProvisionedConcurrency": (
        "aws_lambda_provisioned_concurrency_config",
        "provisioned_concurrent_executions",
    ),
}
ADDS = {
    "neptune:cluster:ReadReplicaCount": "aws_neptune_cluster_instance",
    "rds:cluster:ReadReplicaCount": "aws_rds_cluster_instance",
}
NOT_READ = {
    "appstream:fleet:DesiredCapacity": "aws_appstream_fleet",
    "cassandra:table:ReadCapacityUnits": "aws_keyspaces_table",
    "cassandra:table:WriteCapacityUnits": "aws_keyspaces_table",
    "comprehend:document-classifier-endpoint:DesiredInferenceUnits": None,  # no type of the provider's
    "comprehend:entity-recognizer-endpoint:DesiredInferenceUnits": None,
    "custom-resource:ResourceType:Property": None,
    "ec2:spot-fleet-request:TargetCapacity": "aws_spot_fleet_request",
    "elasticmapreduce:instancegroup:InstanceCount": "aws_emr_instance_group",
    "sagemaker:inference-component:DesiredCopyCount": None,
    "sagemaker:variant:DesiredInstanceCount": "aws_sagemaker_endpoint_configuration",
    "sagemaker:variant:DesiredProvisionedConcurrency": "aws_sagemaker_endpoint_configuration",
    "workspaces:workspacespool:DesiredUserSessions": "aws_workspaces_pool",
}


def test_all_that_can_be_scaled_is_known():
    """One that is not read yet is to get its rule together with its collector."""
    assert {*MODEL.shape_for("ScalableDimension").enum} == {*MOVES, *ADDS, *NOT_READ}
    assert {*MODEL.shape_for("ServiceNamespace").enum} == {*KINDS}
    assert schemas().keys().isdisjoint(filter(None, NOT_READ.values()))


@pytest.mark.parametrize("dimension", MOVES)
def test_each_has_a_rule(dimension):
    type, attribute = MOVES[dimension]
    said = texts(schemas()[type].excuses[attribute])
    assert any(dimension.startswith(each) for each in said if each.count(":") == 2)


@pytest.mark.parametrize("dimension", ADDS)
def test_what_is_added_has_an_owner(dimension):
    [owned] = [each.owned for each in all_collectors() if each.type == ADDS[dimension]]
    assert dimension.partition(":")[0] in texts(owned)


def target(dimension, id, least, most):
    return declared(
        "aws_appautoscaling_target",
        id,
        service_namespace=dimension.partition(":")[0],
        scalable_dimension=dimension,
        resource_id=id,
        min_capacity=least,
        max_capacity=most,
    )


def beside(live, *targets):
    """What is live, and all the targets that there are."""
    return Inventory([*live.resources, *targets], live.gaps)


def compared(live, collector, wanted):
    """What is drift of one thing, and what is noise."""
    drifted = {path for _, type, path in told(live, [collector], wanted) if type == collector.type and path}
    return drifted, noise(live, [collector], wanted)


SHARDS, REPLICAS = "elasticache:replication-group:NodeGroups", "elasticache:replication-group:Replicas"
NODES = "elasticache:cache-cluster:Nodes"


def test_shards_replicas_and_nodes_of_a_cache():
    group, lone = elasticache.REPLICATION_GROUP, elasticache.CLUSTER
    with answering(CACHES):
        live = read(group, lone)
    [shop] = live.of(group.type)
    wanted = twin(shop, num_node_groups=2, replicas_per_node_group=0, num_cache_clusters=2)
    assert (shop["num_node_groups"], shop["replicas_per_node_group"], shop["num_cache_clusters"]) == (1, 1, 2)
    paths = {"num_node_groups", "replicas_per_node_group"}
    assert compared(beside(live), group, wanted) == (paths, {})
    scaled = beside(live, target(SHARDS, "replication-group/shop", 1, 4))
    assert compared(scaled, group, wanted) == ({"replicas_per_node_group"}, {"num_node_groups": BY_TARGET})
    whole = beside(scaled, target(REPLICAS, "replication-group/shop", 1, 2))
    assert compared(whole, group, wanted) == (set(), dict.fromkeys(paths, BY_TARGET))
    outside = beside(scaled, target(REPLICAS, "replication-group/shop", 2, 3))
    assert compared(outside, group, wanted) == ({"replicas_per_node_group"}, {"num_node_groups": BY_TARGET})

    more = {"num_cache_clusters": 3}  # as many as three shards without replicas had
    smaller = twin(shop, num_node_groups=3, replicas_per_node_group=0, **more)
    assert compared(whole, group, smaller)[1] == dict.fromkeys({*paths, *more}, BY_TARGET)
    assert compared(scaled, group, smaller)[0] == {"num_cache_clusters", "replicas_per_node_group"}
    by_hand = twin(shop, **more)  # a node that is gone, while shards and replicas are as they were
    assert compared(whole, group, by_hand) == ({*more}, {})

    [one] = [each for each in live.of(lone.type) if each.id == "lone"]
    three = twin(one, num_cache_nodes=3)
    assert compared(beside(live), lone, three) == ({"num_cache_nodes"}, {})
    assert compared(beside(live, target(NODES, "cache-cluster/lone", 1, 3)), lone, three)[0] == set()
    assert compared(beside(live, target(NODES, "cache-cluster/lone", 2, 3)), lone, three)[1] == {}


def test_disks_of_brokers():
    dimension, path = "kafka:broker-storage:VolumeSize", "broker_node_group_info[0].storage_info[0].ebs_storage_info[0]"
    with answering(BROKERS):
        live = read(kafka.CLUSTER)
    [shop] = live.of(kafka.CLUSTER.type)
    [nodes] = shop["broker_node_group_info"]
    storage = [{"ebs_storage_info": [{"volume_size": 50}]}]
    wanted = twin(shop, broker_node_group_info=[nodes | {"storage_info": storage, "instance_type": "kafka.m5.xlarge"}])
    type = "broker_node_group_info[0].instance_type"
    size = f"{path}.volume_size"
    assert compared(beside(live), kafka.CLUSTER, wanted) == ({size, type}, {})
    assert compared(beside(live, target(dimension, SHOP, 1, 200)), kafka.CLUSTER, wanted) == ({type}, {size: BY_TARGET})
    assert compared(beside(live, target(dimension, SHOP, 1, 99)), kafka.CLUSTER, wanted) == ({size, type}, {})


def unmanaged(live, *wanted):
    """Members of clusters that nobody declares."""
    known = {each.type: each.schema for each in (rds.CLUSTER_INSTANCE, TARGET)}
    found = drift(live, Inventory(wanted), known).drift
    return {each.resource.id for each in found if each.resource.type == rds.CLUSTER_INSTANCE.type}


def test_replicas_that_scaling_adds_are_its_own(aws, allowed_only):
    known, added = [rds.CLUSTER_INSTANCE, TARGET], "application-autoscaling-1"
    cluster(aws("rds"))
    for name in ("writer", "by-hand", added):
        member(aws("rds"), DBInstanceIdentifier=name)
    live = read(*known)
    wanted = [twin(each) for each in live.of(rds.CLUSTER_INSTANCE.type) if each.id == "writer"]
    assert unmanaged(live, *wanted) == {"by-hand", added}
    with allowed_only(*rds.CLUSTER_INSTANCE.permissions):
        assert unmanaged(read(*known), *wanted) == {"by-hand"}
    aws("application-autoscaling").register_scalable_target(
        ServiceNamespace="rds",
        ScalableDimension="rds:cluster:ReadReplicaCount",
        ResourceId="cluster:aurora",
        MinCapacity=1,
        MaxCapacity=4,
    )
    live = read(*known)
    owners = {each.id: each.owner for each in live.of(rds.CLUSTER_INSTANCE.type)}
    assert owners == {"writer": None, "by-hand": None, added: "application-autoscaling: aurora"}
    assert unmanaged(live, *wanted) == {"by-hand"}


def test_replicas_of_a_graph():
    type, dimension = neptune.CLUSTER_INSTANCE.type, "neptune:cluster:ReadReplicaCount"
    added, own = (declared(type, name, cluster_identifier="graph") for name in ("autoscaled-reader-1", "reader"))
    scaled = Inventory([target(dimension, "cluster:graph", 1, 2)])
    owned = neptune.CLUSTER_INSTANCE.owned
    assert [owned(each, scaled) for each in (added, own)] == ["application-autoscaling: graph", None]
    assert owned(added, Inventory([target(dimension, "cluster:other", 1, 2)])) is None

import json as texts

import pytest
from msgspec.structs import replace

from scanner.collectors import ecs, ecs_tasks
from scanner.collectors.appautoscaling import TARGET
from scanner.collectors.ecs import CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY, SERVICE, SETTING
from scanner.collectors.ecs_tasks import TASK_DEFINITION, Containers
from scanner.report import _rows
from state import Inventory
from state.drift import drift
from state.noise import BY_DAEMON, BY_PIPELINE, BY_TARGET
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import json, wire
from tests.scanner.collectors.test_elbv2 import network
from tests.scanner.compared import noise, one, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.provider import assert_value_types

COLLECTORS = [*ecs.COLLECTORS, *ecs_tasks.COLLECTORS]
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
TAGS = [{"key": "team", "value": "shop"}]
SHOP = {"team": "shop"}


def task(api, image="nginx:1"):
    container = {
        "name": "web",
        "image": image,
        "memory": 128,
        "environment": [{"name": "KEY", "value": "hush"}],
        "portMappings": [{"containerPort": 80}],
    }
    api.register_task_definition(
        family="web",
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[container],
        volumes=[{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
        tags=TAGS,
    )
    return container


def cluster(aws):
    api = aws("ecs")
    api.create_cluster(
        clusterName="shop",
        tags=TAGS,
        settings=[{"name": "containerInsights", "value": "enabled"}],
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        configuration={
            "executeCommandConfiguration": {"logging": "OVERRIDE", "logConfiguration": {"s3BucketName": "logs"}}
        },
    )
    return api


def test_cluster(aws):
    api, arn = cluster(aws), f"{ARN}:cluster/shop"
    shop = one(CLUSTER)
    assert shop.key == ("aws_ecs_cluster", ACCOUNT, REGION, "shop")
    assert (shop.id, shop.arn, shop.tags, shop.owner) == (arn, arn, SHOP, None)
    logs = dict.fromkeys(
        ("cloud_watch_encryption_enabled", "cloud_watch_log_group_name", "s3_bucket_encryption_enabled")
    )
    logs |= {"s3_bucket_name": "logs", "s3_key_prefix": None}
    command = {"kms_key_id": None, "log_configuration": [logs], "logging": "OVERRIDE"}
    assert shop.attributes == {
        "arn": arn,
        "configuration": [{"execute_command_configuration": [command], "managed_storage_configuration": None}],
        "name": "shop",
        "service_connect_defaults": [],
        "setting": [{"name": "containerInsights", "value": "enabled"}],
        "tags": SHOP,
    }
    api.update_cluster(cluster="shop", settings=[{"name": "containerInsights", "value": "disabled"}])
    assert told(read(CLUSTER), [CLUSTER], twin(shop)) == {("changed", "aws_ecs_cluster", "setting")}


def test_clusters_of_batch_are_its_own(aws):
    name = "jobs_Batch_11111111-2222-3333-4444-555555555555"
    aws("ecs").create_cluster(clusterName=name)
    assert one(CLUSTER).owner == f"batch: {name}"


def test_cluster_capacity(aws):
    cluster(aws)
    found, shop = one(CLUSTER_CAPACITY), one(CLUSTER)
    assert (found.id, found.identity) == ("shop", "shop")
    strategy = [{"base": None, "capacity_provider": "FARGATE", "weight": 1}]
    said = {"capacity_providers": ["FARGATE"], "default_capacity_provider_strategy": strategy}
    assert found.attributes == said | {"cluster_name": "shop"}
    seen, known = read(CLUSTER, CLUSTER_CAPACITY), [CLUSTER, CLUSTER_CAPACITY]
    assert told(seen, known, twin(shop), twin(found)) == set()
    assert told(seen, known, twin(shop, **said)) == set()  # as clusters declared it themselves
    assert told(seen, known, twin(shop)) == {("changed", "aws_ecs_cluster", "capacity_providers")}


def test_service(aws):
    _, subnets, group = network(aws)
    api = cluster(aws)
    task(api)
    api.create_service(
        cluster="shop",
        serviceName="web",
        taskDefinition="web",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group], "assignPublicIp": "DISABLED"}
        },
        loadBalancers=[{"targetGroupArn": "arn:tg", "containerName": "web", "containerPort": 80}],
        tags=TAGS,
    )
    web, arn = one(SERVICE), f"{ARN}:service/shop/web"
    assert (web.id, web.identity, web.arn, web.tags) == (arn, "shop/web", arn, SHOP)
    assert web.attributes == dict.fromkeys(SERVICE.attributes) | {
        "alarms": [],
        "arn": arn,
        "capacity_provider_strategy": [],
        "cluster": f"{ARN}:cluster/shop",
        "deployment_circuit_breaker": [],
        "deployment_controller": [{"type": "ECS"}],
        "desired_count": 1,
        "launch_type": "FARGATE",
        "load_balancer": [
            {"container_name": "web", "container_port": 80, "elb_name": None, "target_group_arn": "arn:tg"}
        ],
        "name": "web",
        "network_configuration": [{"assign_public_ip": False, "security_groups": [group], "subnets": subnets}],
        "ordered_placement_strategy": [],
        "placement_constraints": [],
        "propagate_tags": "NONE",
        "scheduling_strategy": "REPLICA",
        "service_connect_configuration": [],
        "service_registries": [],
        "task_definition": f"{ARN}:task-definition/web:1",
        "volume_configuration": [],
        "tags": SHOP,
    }
    networks = [{"assign_public_ip": False, "security_groups": [group], "subnets": subnets[::-1]}]
    wanted = twin(web, cluster="shop", deployment_controller=[], network_configuration=networks)
    for definition in ("web", "web:1", f"{ARN}:task-definition/web:1"):
        named = twin(wanted, **wanted.attributes | {"task_definition": definition})
        assert told(read(SERVICE), [SERVICE], named) == set()


@pytest.fixture
def web(aws):
    """A service of one task, and as it was declared."""
    api = cluster(aws)
    task(api)
    api.create_service(cluster="shop", serviceName="web", taskDefinition="web", desiredCount=1)
    return api, twin(one(SERVICE))


def test_a_later_revision_is_a_pipelines(web):
    api, wanted = web
    task(api, "nginx:2")
    api.update_service(cluster="shop", service="web", taskDefinition="web:2")
    live = read(SERVICE)
    assert told(live, [SERVICE], wanted) == set()
    assert noise(live, [SERVICE], wanted) == {"task_definition": BY_PIPELINE}
    for said in (f"{ARN}:task-definition/web:3", f"{ARN}:task-definition/other:1", "other", None):
        another = twin(wanted, **wanted.attributes | {"task_definition": said})
        assert told(live, [SERVICE], another) == {("changed", SERVICE.type, "task_definition")}


def test_a_count_is_drift_unless_something_scales_it(aws, web):
    api, wanted = web
    api.update_service(cluster="shop", service="web", desiredCount=3)
    drifted = {("changed", SERVICE.type, "desired_count")}
    assert told(read(SERVICE, TARGET), [SERVICE], wanted) == drifted
    register = aws("application-autoscaling").register_scalable_target
    about = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
    register(**about, ResourceId="service/shop/web", MinCapacity=1, MaxCapacity=4)
    assert told(read(SERVICE, TARGET), [SERVICE], wanted) == set()
    assert noise(read(SERVICE, TARGET), [SERVICE], wanted) == {"desired_count": BY_TARGET}
    for count in (0, 5):  # where scaling does not come to
        api.update_service(cluster="shop", service="web", desiredCount=count)
        assert told(read(SERVICE, TARGET), [SERVICE], wanted) == drifted


def test_where_targets_could_not_be_read_a_count_is_neither_drift_nor_seen(web, allowed_only):
    api, wanted = web
    api.update_service(cluster="shop", service="web", desiredCount=0)
    known = [SERVICE, TARGET]
    with allowed_only(*SERVICE.permissions):
        live = read(*known)
    assert told(live, known, wanted) == set()
    (reason,) = noise(live, known, wanted).values()
    assert reason.startswith("may be noise: could not read aws_appautoscaling_target: DescribeScalableTargets: access")
    schemas = {each.type: each.schema for each in known}
    assert drift(live, Inventory([wanted]), schemas).unseen == {live.of(SERVICE.type)[0].key}
    ignored = wanted.replace(declared=replace(wanted.declared, ignore_changes=frozenset({"desired_count"})))
    assert drift(live, Inventory([ignored]), schemas).unseen == set()


def test_what_a_daemon_counts_is_no_drift(aws):
    api = cluster(aws)
    task(api)
    api.create_service(cluster="shop", serviceName="agent", taskDefinition="web", schedulingStrategy="DAEMON")
    agent = one(SERVICE)
    assert noise(read(SERVICE), [SERVICE], twin(agent, desired_count=7)) == {"desired_count": BY_DAEMON}


def test_task_definition(aws):
    api = aws("ecs")
    task(api)
    container = task(api, "nginx:2")
    web = one(TASK_DEFINITION)
    assert (web.id, web.identity, web.tags) == ("web", "web", SHOP)
    assert web.arn == f"{ARN}:task-definition/web:2"
    assert texts.loads(web["container_definitions"])[0] | container == texts.loads(web["container_definitions"])[0]
    assert "container_definitions" in web.sensitive
    empty = ("configure_at_launch", "docker_volume_configuration", "fsx_windows_file_server_volume_configuration")
    efs = dict.fromkeys(("authorization_config", "transit_encryption", "transit_encryption_port"))
    volume = {"efs_volume_configuration": [efs | {"file_system_id": "fs-1", "root_directory": "/"}]}
    assert web.attributes == dict.fromkeys(TASK_DEFINITION.attributes) | {
        "arn": web.arn,
        "container_definitions": web["container_definitions"],
        "cpu": "256",
        "ephemeral_storage": [],
        "family": "web",
        "inference_accelerator": [],
        "memory": "512",
        "network_mode": "awsvpc",
        "placement_constraints": [],
        "proxy_configuration": [],
        "requires_compatibilities": ["FARGATE"],
        "revision": 2,
        "runtime_platform": [],
        "volume": [dict.fromkeys((*empty, "host_path")) | volume | {"name": "data"}],
        "tags": SHOP,
    }
    wanted = twin(web, container_definitions=texts.dumps([container]))
    assert told(read(TASK_DEFINITION), [TASK_DEFINITION], wanted) == set()
    path = "container_definitions[web].image"
    other = twin(web, container_definitions=texts.dumps([{**container, "image": "nginx:3"}]))
    assert told(read(TASK_DEFINITION), [TASK_DEFINITION], other) == {("changed", TASK_DEFINITION.type, path)}


def test_what_a_later_revision_says_is_no_drift(aws):
    api, known = aws("ecs"), [TASK_DEFINITION]
    task(api)
    before, first = read(*known), twin(one(TASK_DEFINITION))
    task(api, "nginx:2")
    live, second = read(*known), twin(one(TASK_DEFINITION))
    path = "container_definitions[web].image"
    assert told(live, known, first) == set()
    assert noise(live, known, first) == dict.fromkeys(("arn", path, "revision"), BY_PIPELINE)
    schemas = {TASK_DEFINITION.type: TASK_DEFINITION.schema}
    (row,) = drift(live, Inventory([first]), schemas, everything=True).noise
    assert {(each["path"], each["rule"]) for each in _rows.changes(row)} >= {
        (path, BY_PIPELINE)
    }  # of a sensitive one too
    following = twin(first, **first.attributes, track_latest=True)  # which reads the latest
    assert told(live, known, following) == {("changed", TASK_DEFINITION.type, path)}
    gone = {each for _, _, each in told(before, known, second)}  # to AWS the latest is the latest that is active
    assert gone == {"arn", path, "revision"}


def test_containers_say_the_same_in_many_ways():
    live = {
        "name": "web",
        "essential": True,
        "cpu": 0,
        "environment": [{"name": "A"}, {"name": "B"}],
        "mountPoints": [],
    }
    live["portMappings"] = [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    said = {"name": "web", "environment": [{"name": "B"}, {"name": "A"}], "portMappings": [{"containerPort": 80}]}

    def paths(declared):
        return [path for path, _, _ in Containers().differences("c", texts.dumps([declared]), texts.dumps([live]))]

    assert paths(said) == []
    assert paths(said | {"essential": False}) == ["c[web].essential"]
    assert paths(said | {"portMappings": [{"containerPort": 80, "hostPort": 8080}]}) == ["c[web].portMappings"]
    assert paths(said | {"name": "api"}) == ["c[api]", "c[web]"]
    assert list(Containers().differences("c", "no list", "[]")) == [("c", "no list", "[]")]


def test_capacity_providers(monkeypatch):
    """moto answers only to whoever names them."""
    scaling = {"status": "ENABLED", "targetCapacity": 90}
    spot = {
        "capacityProviderArn": f"{ARN}:capacity-provider/spot",
        "name": "spot",
        "status": "ACTIVE",
        "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:asg", "managedScaling": scaling},
        "tags": TAGS,
    }
    fargate = {"capacityProviderArn": f"{ARN}:capacity-provider/FARGATE", "name": "FARGATE", "status": "ACTIVE"}
    with wire() as it:
        monkeypatch.setenv("AWS_ENDPOINT_URL", it.url)
        pages = [{"capacityProviders": [spot], "nextToken": "2"}, {"capacityProviders": [fargate]}]
        it.answers["DescribeCapacityProviders"] = lambda asked: json(pages["nextToken" in asked.body])
        inventory = read(CAPACITY_PROVIDER)
    assert inventory.gaps == []
    found, own = inventory.of(CAPACITY_PROVIDER.type)
    assert_value_types(found)
    assert (found.id, found.identity, found.tags, found.owner) == (spot["capacityProviderArn"], "spot", SHOP, None)
    assert own.owner == "aws"
    managed = dict.fromkeys(("instance_warmup_period", "maximum_scaling_step_size", "minimum_scaling_step_size"))
    managed |= {"status": "ENABLED", "target_capacity": 90}
    group = {"auto_scaling_group_arn": "arn:asg", "managed_draining": None, "managed_termination_protection": None}
    assert found.attributes == {
        "arn": spot["capacityProviderArn"],
        "auto_scaling_group_provider": [group | {"managed_scaling": [managed]}],
        "cluster": None,
        "managed_instances_provider": [],
        "name": "spot",
        "tags": SHOP,
    }
    changed = twin(found, auto_scaling_group_provider=[group | {"managed_scaling": [managed | {"target_capacity": 1}]}])
    path = "auto_scaling_group_provider[0].managed_scaling[0].target_capacity"
    assert told(inventory, [CAPACITY_PROVIDER], changed) == {("changed", CAPACITY_PROVIDER.type, path)}


def test_account_setting(aws):
    aws("ecs").put_account_setting(name="containerInsights", value="enabled")
    root = f"arn:aws:iam::{ACCOUNT}:root"
    found = one(SETTING)
    assert (found.id, found.identity) == (root, "containerInsights")
    assert found.attributes == {"name": "containerInsights", "principal_arn": root, "value": "enabled"}
    assert told(read(SETTING), [SETTING], twin(found, value="disabled")) == {("changed", SETTING.type, "value")}


def test_what_is_denied_is_a_gap(aws, allowed_only):
    cluster(aws)
    with allowed_only("ecs:ListClusters", "ecs:DescribeClusters"):
        inventory = read(CLUSTER, SERVICE, TASK_DEFINITION)
    assert len(inventory.of("aws_ecs_cluster")) == 1
    assert {(each.type, each.permission) for each in inventory.gaps} == {
        ("aws_ecs_service", "ecs:ListServices"),
        ("aws_ecs_task_definition", "ecs:ListTaskDefinitionFamilies"),
    }


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)

"""What people do to repositories, clusters, services and tasks by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def images_made_mutable(aws: Clients, state: State) -> None:
    aws("ecr").put_image_tag_mutability(repositoryName="shop/web", imageTagMutability="MUTABLE")


def scanning_switched_off(aws: Clients, state: State) -> None:
    aws("ecr").put_image_scanning_configuration(
        repositoryName="shop/web", imageScanningConfiguration={"scanOnPush": False}
    )


def repository_opened(aws: Clients, state: State) -> None:
    statement = {"Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("ecr").set_repository_policy(repositoryName="shop/web", policyText=document)


def repository_written_by_others(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_ecr_repository_policy.shop"]["policy"])
    document["Statement"][0]["Action"] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage"]
    aws("ecr").set_repository_policy(repositoryName="shop/web", policyText=json.dumps(document))


def other_repository_opened(aws: Clients, state: State) -> None:
    document = state["aws_ecr_repository_policy.shop"]["policy"]
    aws("ecr").set_repository_policy(repositoryName="plain", policyText=document)


def repository_policy_deleted(aws: Clients, state: State) -> None:
    aws("ecr").delete_repository_policy(repositoryName="shop/web")


def images_kept_longer(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_ecr_lifecycle_policy.shop"]["policy"])
    document["rules"][0]["selection"]["countNumber"] = 1000
    aws("ecr").put_lifecycle_policy(repositoryName="shop/web", lifecyclePolicyText=json.dumps(document))


def untagged_images_kept(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_ecr_lifecycle_policy.shop"]["policy"])
    document["rules"] = [each for each in document["rules"] if each["selection"]["tagStatus"] != "untagged"]
    aws("ecr").put_lifecycle_policy(repositoryName="shop/web", lifecyclePolicyText=json.dumps(document))


def images_kept_for_ever(aws: Clients, state: State) -> None:
    aws("ecr").delete_lifecycle_policy(repositoryName="shop/web")


def repository_deleted(aws: Clients, state: State) -> None:
    aws("ecr").delete_repository(repositoryName="plain")


def repository_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_ecr_repository.shop"]["arn"]
    aws("ecr").tag_resource(resourceArn=arn, tags=[{"Key": "Team", "Value": "nobody"}])


def registry_opened(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_ecr_registry_policy.all"]["policy"])
    document["Statement"][0]["Principal"] = {"AWS": "*"}
    aws("ecr").put_registry_policy(policyText=json.dumps(document))


def others_make_repositories(aws: Clients, state: State) -> None:
    document = json.loads(state["aws_ecr_registry_policy.all"]["policy"])
    document["Statement"][0]["Action"] = ["ecr:CreateRepository", "ecr:ReplicateImage"]
    aws("ecr").put_registry_policy(policyText=json.dumps(document))


def registry_policy_deleted(aws: Clients, state: State) -> None:
    aws("ecr").delete_registry_policy()


def registry_scanned_less(aws: Clients, state: State) -> None:
    aws("ecr").put_registry_scanning_configuration(scanType="BASIC", rules=[])


def images_scanned_only_once(aws: Clients, state: State) -> None:
    rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}
    aws("ecr").put_registry_scanning_configuration(scanType="ENHANCED", rules=[rule])


def other_images_scanned(aws: Clients, state: State) -> None:
    rules = [
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]},
        {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "test", "filterType": "WILDCARD"}]},
    ]
    aws("ecr").put_registry_scanning_configuration(scanType="ENHANCED", rules=rules)


def replication_widened(aws: Clients, state: State) -> None:
    destinations = [{"region": "us-east-1", "registryId": "123456789012"}]
    aws("ecr").put_replication_configuration(replicationConfiguration={"rules": [{"destinations": destinations}]})


def images_copied_elsewhere(aws: Clients, state: State) -> None:
    rule = {
        "destinations": [{"region": "eu-central-1", "registryId": "123456789012"}],
        "repositoryFilters": [{"filter": "shop", "filterType": "PREFIX_MATCH"}],
    }
    aws("ecr").put_replication_configuration(replicationConfiguration={"rules": [rule]})


def images_no_longer_copied(aws: Clients, state: State) -> None:
    aws("ecr").put_replication_configuration(replicationConfiguration={"rules": []})


def insights_switched_off(aws: Clients, state: State) -> None:
    aws("ecs").update_cluster(cluster="shop", settings=[{"name": "containerInsights", "value": "disabled"}])


def capacity_made_spot(aws: Clients, state: State) -> None:
    aws("ecs").put_cluster_capacity_providers(
        cluster="shop",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 100, "base": 1}],
    )


def spot_capacity_given_up(aws: Clients, state: State) -> None:
    aws("ecs").put_cluster_capacity_providers(
        cluster="shop",
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 100, "base": 1}],
    )


def capacity_no_longer_chosen(aws: Clients, state: State) -> None:
    aws("ecs").put_cluster_capacity_providers(
        cluster="shop", capacityProviders=["FARGATE", "FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )


def capacity_given_by_hand(aws: Clients, state: State) -> None:
    aws("ecs").put_cluster_capacity_providers(
        cluster="plain", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )


def cluster_deleted(aws: Clients, state: State) -> None:
    aws("ecs").delete_service(cluster="plain", service="job", force=True)
    aws("ecs").delete_cluster(cluster="plain")


def cluster_tag_removed(aws: Clients, state: State) -> None:
    aws("ecs").untag_resource(resourceArn=state["aws_ecs_cluster.shop"]["arn"], tagKeys=["Team"])


def other_tasks_run(aws: Clients, state: State) -> None:
    containers = json.loads(state["aws_ecs_task_definition.web"]["container_definitions"])
    containers[0]["image"] = "nginx:latest"
    made = aws("ecs").register_task_definition(
        family="web",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=state["aws_iam_role.all"]["arn"],
        taskRoleArn=state["aws_iam_role.all"]["arn"],
        containerDefinitions=containers,
        volumes=[{"name": "scratch"}],
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    )
    aws("ecs").update_service(cluster="shop", service="web", taskDefinition=made["taskDefinition"]["taskDefinitionArn"])


def tasks_retired(aws: Clients, state: State) -> None:
    aws("ecs").deregister_task_definition(taskDefinition=state["aws_ecs_task_definition.job"]["arn"])


def tasks_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_ecs_task_definition.web"]["arn"]
    aws("ecs").tag_resource(resourceArn=arn, tags=[{"key": "Team", "value": "nobody"}])


def service_scaled(aws: Clients, state: State) -> None:
    aws("ecs").update_service(cluster="shop", service="web", desiredCount=20)


def service_deleted(aws: Clients, state: State) -> None:
    aws("ecs").delete_service(cluster="shop", service="web", force=True)


def cluster_opened(aws: Clients, state: State) -> None:
    aws("eks").update_cluster_config(
        name="shop", resourcesVpcConfig={"publicAccessCidrs": ["0.0.0.0/0"], "endpointPrivateAccess": False}
    )


def control_plane_not_logged(aws: Clients, state: State) -> None:
    off = [{"types": ["api", "audit"], "enabled": False}]
    aws("eks").update_cluster_config(name="shop", logging={"clusterLogging": off})


def nodes_added(aws: Clients, state: State) -> None:
    aws("eks").update_nodegroup_config(
        clusterName="shop", nodegroupName="nodes", scalingConfig={"minSize": 1, "maxSize": 40, "desiredSize": 2}
    )


def nodes_relabelled(aws: Clients, state: State) -> None:
    aws("eks").update_nodegroup_config(
        clusterName="shop",
        nodegroupName="nodes",
        labels={"addOrUpdateLabels": {"role": "db"}},
        taints={"removeTaints": [{"key": "dedicated", "value": "web", "effect": "NO_SCHEDULE"}]},
    )


def fargate_profile_deleted(aws: Clients, state: State) -> None:
    aws("eks").delete_fargate_profile(clusterName="shop", fargateProfileName="jobs")


def _fargate_profile(aws: Clients, state: State, **changed: object) -> None:
    """The profile made again; AWS lets nobody change one."""
    aws("eks").delete_fargate_profile(clusterName="shop", fargateProfileName="jobs")
    profile = state["aws_eks_fargate_profile.jobs"]
    said = {
        "podExecutionRoleArn": profile["pod_execution_role_arn"],
        "subnets": list(profile["subnet_ids"]),
        "selectors": [{"namespace": "jobs", "labels": {"kind": "batch"}}],
        "tags": {"Stage": "live"},
    }
    aws("eks").create_fargate_profile(clusterName="shop", fargateProfileName="jobs", **said | changed)


def more_runs_on_fargate(aws: Clients, state: State) -> None:
    selectors = [{"namespace": "jobs", "labels": {"kind": "batch"}}, {"namespace": "default"}]
    _fargate_profile(aws, state, selectors=selectors)


def fargate_run_by_another_role(aws: Clients, state: State) -> None:
    _fargate_profile(aws, state, podExecutionRoleArn="arn:aws:iam::123456789012:role/admin")


def node_group_deleted(aws: Clients, state: State) -> None:
    aws("eks").delete_nodegroup(clusterName="shop", nodegroupName="nodes")


def cluster_retagged(aws: Clients, state: State) -> None:
    aws("eks").tag_resource(resourceArn=state["aws_eks_cluster.shop"]["arn"], tags={"Team": "nobody"})


UNMANAGED = "Terraform never looks for what it does not manage: to us a part of something managed is a change of that"
COPIES = "what copies nothing is gone to the provider; to us that is a change of what is declared"
REVISION = "a later revision of the family that is declared, as pipelines make them: noise"

EXPLAINED: dict[str, dict[str, str]] = {
    "capacity_given_by_hand": {"ours: changed aws_ecs_cluster.plain capacity_providers": UNMANAGED},
    "images_no_longer_copied": {
        "ours: changed aws_ecr_replication_configuration.all replication_configuration": COPIES,
        "terraform: missing aws_ecr_replication_configuration.all": COPIES,
    },
    "other_repository_opened": {"ours: changed aws_ecr_repository.plain policy": UNMANAGED},
    "other_tasks_run": {
        "terraform: changed aws_ecs_service.web task_definition": REVISION,
    },
    "tasks_retagged": {
        "terraform: changed aws_ecs_task_definition.web tags": "of a revision that is no longer the newest one: noise",
    },
    "tasks_retired": {
        "terraform: missing aws_ecs_task_definition.job": "moto goes on to list a family of which all is retired",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

VALUES: dict[str, dict[str, str]] = {
    "cluster_opened": {
        "terraform: before aws_eks_cluster.shop vpc_config.endpoint_public_access": (
            "moto leaves out what it was not told; where AWS says nothing it is true"
        ),
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""

"""Amazon ECS: clusters and services."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.zones import in_one_zone
from state import Inventory, Resource, Unknown


@check("aws_ecs_cluster", severity=Severity.LOW, category=Category.LOGGING, fsbp="ECS.12")
def ecs_cluster_insights(cluster: Resource, inventory: Inventory) -> str | None:
    """Cluster has no Container Insights.

    Without it there are no metrics by task and container, and a crash leaves no trace.

    Fix: set `containerInsights` to `enhanced` or `enabled` in the cluster's `setting`.

    CLI: `aws ecs update-cluster-settings --cluster {arn} --settings name=containerInsights,value=enabled`

    Fails:

        resource "aws_ecs_cluster" "main" {
          name = "main"

          setting {
            name  = "containerInsights"
            value = "disabled"
          }
        }

    Passes:

        resource "aws_ecs_cluster" "main" {
          name = "main"

          setting {
            name  = "containerInsights"
            value = "enhanced"
          }
        }
    """
    settings = cluster["setting"] or ()
    chosen = [str(each.get("value")) for each in settings if each.get("name") == "containerInsights"]
    if not chosen and cluster.declared is not None:
        raise Unknown("where code says nothing, the account's own setting decides")
    return None if {"enabled", "enhanced"} & set(chosen) else f"{cluster.name} has no Container Insights"


@check("aws_ecs_service", severity=Severity.HIGH, category=Category.PUBLIC_EXPOSURE, fsbp="ECS.2")
def ecs_service_public_ip(service: Resource, inventory: Inventory) -> str | None:
    """Service gives its tasks public addresses.

    Each task can then be reached by whoever its security group lets in, past the load balancer.

    Fix: set `assign_public_ip = false`, and use private subnets with a NAT gateway or VPC endpoints for
    the images.

    Fails:

        resource "aws_ecs_service" "shop" {
          network_configuration {
            subnets          = ["subnet-1"]
            assign_public_ip = true
          }
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          network_configuration {
            subnets          = ["subnet-1"]
            assign_public_ip = false
          }
        }
    """
    public = any(each.get("assign_public_ip") for each in service["network_configuration"] or ())
    return f"{service.name} gives its tasks public addresses" if public else None


def is_daemon(service: Resource) -> bool:
    """Whether it runs one task on each instance, so that nobody chooses how many there are."""
    return bool(service["scheduling_strategy"] == "DAEMON")


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ecs_service_single_task(service: Resource, inventory: Inventory) -> str | None:
    """Service runs a single task.

    When that task dies, or its host does, nothing answers until another one has started. Daemons, and
    services that are scaled to nothing, are exempt.

    Fix: set `desired_count`, or the least capacity that scales it, to two or more.

    Fails:

        resource "aws_ecs_service" "shop" {
          desired_count = 1
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          desired_count = 2
        }

    Passes:

        resource "aws_ecs_service" "agent" {
          scheduling_strategy = "DAEMON"
        }
    """
    if is_daemon(service):
        return None
    if service["desired_count"] is None:
        raise Unknown("how many tasks there are is not said")
    return f"{service.name} runs a single task" if service["desired_count"] == 1 else None


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ecs_service_single_az(service: Resource, inventory: Inventory) -> Fault | None:
    """Service's subnets lie in one Availability Zone.

    All tasks of such a service go down with that zone. Where tasks share the network of their
    instances, these decide where they run, and the service passes.

    Fix: give `network_configuration` a subnet in a second and a third zone.

    Fails:

        resource "aws_ecs_service" "shop" {
          network_configuration {
            subnets = [aws_subnet.a.id]
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          network_configuration {
            subnets = [aws_subnet.a.id, aws_subnet.b.id]
          }
        }

        resource "aws_subnet" "a" {
          availability_zone = "eu-west-1a"
        }

        resource "aws_subnet" "b" {
          availability_zone = "eu-west-1b"
        }
    """
    networks = service["network_configuration"] or ()
    return in_one_zone(service, inventory, [id for each in networks for id in each.get("subnets") or ()])


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ecs_service_autoscaling(service: Resource, inventory: Inventory) -> str | Fault | None:
    """Service has no scaling policy.

    A number of tasks that nobody changes is too small at noon and too large at night. Daemons are
    exempt. A schedule alone is no policy: it does not see the load.

    Fix: add an `aws_appautoscaling_target` for the service, and a policy that tracks a target.

    Fails:

        resource "aws_ecs_service" "shop" {
          name    = "shop"
          cluster = aws_ecs_cluster.main.id
        }

        resource "aws_ecs_cluster" "main" {
          name = "main"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          name    = "shop"
          cluster = aws_ecs_cluster.main.id
        }

        resource "aws_ecs_cluster" "main" {
          name = "main"
        }

        resource "aws_appautoscaling_target" "shop" {
          service_namespace = "ecs"
          resource_id       = "service/main/shop"
        }

        resource "aws_appautoscaling_policy" "cpu" {
          service_namespace = "ecs"
          resource_id       = "service/main/shop"
          policy_type       = "TargetTrackingScaling"
        }
    """
    if is_daemon(service):
        return None
    scaled = f"service/{cluster_of(service, inventory)}/{service['name']}"
    targets = inventory.near(service, "aws_appautoscaling_target", service_namespace="ecs", resource_id=scaled)
    policies = inventory.near(service, "aws_appautoscaling_policy", service_namespace="ecs", resource_id=scaled)
    if targets and policies:
        return None
    lacking = "policy" if targets else "target"
    return Fault(f"{service.name} has no scaling {lacking}", {"aws_appautoscaling_target.resource_id": scaled})


def cluster_of(service: Resource, inventory: Inventory) -> str:
    """The name of a service's cluster, which may be said by its ARN."""
    cluster = str(service["cluster"] or "default")
    found = inventory.near(service, "aws_ecs_cluster", id=cluster)
    return str(found[0]["name"]) if found else cluster.rpartition("/")[2]


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ecs_service_circuit_breaker(service: Resource, inventory: Inventory) -> str | None:
    """Service does not roll back a failed deployment.

    A revision that does not start is then tried again and again until somebody looks. Alarms that roll
    back do as well; deployments that CodeDeploy or another controller makes have their own way back.

    Fix: set `deployment_circuit_breaker` with `enable` and `rollback` both true.

    Fails:

        resource "aws_ecs_service" "shop" {
          deployment_circuit_breaker {
            enable   = true
            rollback = false
          }
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          deployment_circuit_breaker {
            enable   = true
            rollback = true
          }
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          deployment_controller {
            type = "CODE_DEPLOY"
          }
        }
    """
    if any(each.get("type") not in (None, "", "ECS") for each in service["deployment_controller"] or ()):
        return None
    ways = [*(service["deployment_circuit_breaker"] or ()), *(service["alarms"] or ())]
    back = any(each.get("enable") and each.get("rollback") for each in ways)
    return None if back else f"{service.name} does not roll back by itself"


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ecs_service_min_healthy(service: Resource, inventory: Inventory) -> str | None:
    """Deployment may take all tasks down at once.

    With a least healthy percentage of 0 the old tasks may all be stopped before the first new one runs.
    Daemons, which replace the one task of each instance, are exempt.

    Fix: set `deployment_minimum_healthy_percent` to 100, or to 50 where there is no room for more tasks.

    Fails:

        resource "aws_ecs_service" "shop" {
          deployment_minimum_healthy_percent = 0
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          deployment_minimum_healthy_percent = 50
        }
    """
    if is_daemon(service) or service["deployment_minimum_healthy_percent"] != 0:
        return None
    return f"a deployment may stop every task of {service.name}"

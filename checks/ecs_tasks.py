"""Amazon ECS task definitions: how the containers of a task run.

The containers are JSON text, which is sensitive as a whole: evidence names a container and what of it decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from checks import secrets
from checks.check import Category, Fault, Severity, check
from checks.doubt import any_of
from state import Inventory, Resource, Unknown

Container = Mapping[str, Any]
ROOT = ("root", "0")


def containers(task: Resource) -> list[Container]:
    """The containers of a task, under AWS's names; raises Unknown where they cannot be read."""
    text = task["container_definitions"]
    try:
        found = msgspec.json.decode(text or "[]")
    except (msgspec.DecodeError, TypeError) as error:
        raise Unknown(f"the containers of {task.name} are not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unknown(f"the containers of {task.name} are no list of containers")
    return found


def wrong(task: Resource, name: str, judge: Callable[[Container], bool], what: str) -> Fault | None:
    """What is wrong with those containers that are judged so; the value under ``name`` is the evidence."""
    evidence = {
        f"container_definitions[{each.get('name')}].{name}": each.get(name) for each in containers(task) if judge(each)
    }
    named = ", ".join(sorted(path.partition("[")[2].partition("]")[0] for path in evidence))
    return Fault(f"{task.name}: {named} {what}", evidence) if evidence else None


def on_windows(task: Resource) -> bool:
    """Windows has neither privileged containers nor read-only root file systems."""
    platforms = task["runtime_platform"] or ()
    return any(str(each.get("operating_system_family")).upper().startswith("WINDOWS") for each in platforms)


@check(
    "aws_ecs_task_definition",
    severity=Severity.HIGH,
    category=Category.CONTAINERS,
    fsbp="ECS.4",
    pci_4="7.2.1;7.2.2;7.2.3",
)
def ecs_task_privileged(task: Resource, inventory: Inventory) -> Fault | None:
    """Task definition has a privileged container.

    Such a container is root on its host, and with it over every other task there.

    Fix: take `privileged` out of the container definition, and add the one capability that it needs.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", privileged = true }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", privileged = false }])
        }
    """
    return wrong(task, "privileged", is_privileged, "is privileged")


def is_privileged(container: Container) -> bool:
    return container.get("privileged") is True


def is_root(container: Container) -> bool:
    """Whether no other user than root is named; an image may name one, which nobody can see here."""
    return str(container.get("user") or "root").partition(":")[0] in ROOT


@check("aws_ecs_task_definition", severity=Severity.MEDIUM, category=Category.CONTAINERS)
def ecs_task_root_user(task: Resource, inventory: Inventory) -> Fault | None:
    """Container runs as root or sets no user.

    Whoever breaks into a container that runs as root is one flaw of the kernel away from the host. A
    user that only the image names is not seen here, and is not enough: the next image may not name one.
    Windows, which has no root, is exempt.

    Fix: set `user` in the container definition to a number other than 0.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", user = "0:0" }])
        }

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", user = "1000" }])
        }
    """
    return None if on_windows(task) else wrong(task, "user", is_root, "runs as root, or as whom the image says")


@check(
    "aws_ecs_task_definition",
    severity=Severity.MEDIUM,
    category=Category.CONTAINERS,
    fsbp="ECS.5",
    pci_4="3.5.1.3;7.2.1;7.2.2;7.2.5;7.2.6;7.3.1;7.3.2;7.3.3;8.2.7;8.2.8;8.3.4;10.3.2;10.6.3;A1.1.2;A3.4.1",
)
def ecs_task_readonly_root(task: Resource, inventory: Inventory) -> Fault | None:
    """Container can write to its root file system.

    What can be written can be replaced: a tool that an intruder brings, or the program itself. Windows,
    which does not have it, is exempt.

    Fix: set `readonlyRootFilesystem = true`, and mount a volume where the application has to write.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", readonlyRootFilesystem = true }])
        }
    """
    if on_windows(task):
        return None
    return wrong(
        task,
        "readonlyRootFilesystem",
        lambda each: each.get("readonlyRootFilesystem") is not True,
        "can write to its root file system",
    )


@check(
    "aws_ecs_task_definition",
    severity=Severity.CRITICAL,
    category=Category.SECRETS,
    fsbp="ECS.8",
    pci_4="3.5.1;8.2.2;8.3.2",
    well_architected_security="SEC02-BP03",
)
def ecs_task_env_secrets(task: Resource, inventory: Inventory) -> Fault | None:
    """Container environment holds what looks like a secret.

    The environment stands in the task definition for whoever may describe it, and in every revision for
    good. What is looked for is the form of known keys, and values under names like PASSWORD.

    Fix: name the secret in the container's `secrets` with its ARN; change the one that was shown.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"
          container_definitions = jsonencode([{
            name        = "web"
            image       = "shop:1"
            environment = [{ name = "DB_PASSWORD", value = "hunter2" }]
          }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"
          container_definitions = jsonencode([{
            name        = "web"
            image       = "shop:1"
            environment = [{ name = "DB_PASSWORD_ARN", value = "arn:aws:secretsmanager:eu-west-1:1:secret:db" }]
            secrets     = [{ name = "DB_PASSWORD", valueFrom = "arn:aws:secretsmanager:eu-west-1:1:secret:db" }]
          }])
        }
    """
    found = (
        each
        for container in containers(task)
        for each in secrets.in_pairs(
            f"container_definitions[{container.get('name')}].environment",
            {str(pair.get("name")): pair.get("value") for pair in container.get("environment") or ()},
        )
    )
    return secrets.fault(task, found)


def is_unpinned(image: str) -> bool:
    """Whether an image's name leaves open which image it is; the host before it may have a port."""
    if "@" in image:
        return False
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return not colon or tag == "latest"


@check("aws_ecs_task_definition", severity=Severity.MEDIUM, category=Category.CONTAINERS)
def ecs_task_image_latest(task: Resource, inventory: Inventory) -> Fault | None:
    """Container image is named by :latest or by no tag.

    Two tasks of one revision may then run two programs, and there is nothing to roll back to.

    Fix: name the image by a tag that is never used twice, or by its digest.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "registry.example:5000/shop" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "registry.example:5000/shop:1.4.2" }])
        }
    """
    return wrong(
        task, "image", lambda each: is_unpinned(str(each.get("image") or "")), "takes whatever image is newest"
    )


@check("aws_ecs_task_definition", severity=Severity.MEDIUM, category=Category.CONTAINERS)
def ecs_task_no_resource_limits(task: Resource, inventory: Inventory) -> Fault | None:
    """Container has no CPU or memory limit.

    A container without limits takes the memory and the time of all others on its host. Limits of the
    whole task, as Fargate always has them, count for each of its containers.

    Fix: set `cpu` and `memory` of the task, or of each container.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", memoryReservation = 256 }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", cpu = 256, memory = 512 }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          cpu                   = "256"
          memory                = "512"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }
    """

    def unlimited(what: str) -> Fault | None:
        return None if task[what] else wrong(task, what, lambda each: not each.get(what), f"has no limit of {what}")

    return any_of(unlimited, ("memory", "cpu"))


@check("aws_ecs_task_definition", severity=Severity.MEDIUM, category=Category.CONTAINERS)
def ecs_task_no_health_check(task: Resource, inventory: Inventory) -> Fault | None:
    """Neither the container nor its target group has a health check.

    A container that hangs is then kept, and traffic still goes to it. It is enough that one container of
    the task is checked, or a target group of a service that runs it.

    Fix: add a `healthCheck` to the container definition, or put the service behind a load balancer.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"
          container_definitions = jsonencode([{
            name        = "web"
            image       = "shop:1"
            healthCheck = { command = ["CMD", "/bin/healthy"] }
          }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }

        resource "aws_ecs_service" "shop" {
          name            = "shop"
          task_definition = aws_ecs_task_definition.shop.arn

          load_balancer {
            target_group_arn = aws_lb_target_group.shop.arn
            container_name   = "web"
            container_port   = 80
          }
        }

        resource "aws_lb_target_group" "shop" {
          name = "shop"

          health_check {
            enabled = true
          }
        }
    """
    if any(each.get("healthCheck") for each in containers(task)):
        return None
    if any_of(lambda service: is_checked(service, inventory), services_of(task, inventory)):
        return None
    return wrong(task, "healthCheck", lambda each: True, "has no health check")


def services_of(task: Resource, inventory: Inventory) -> list[Resource]:
    """The services that run this very revision."""
    return list(inventory.near(task, "aws_ecs_service", task_definition=task["arn"]))


def is_checked(service: Resource, inventory: Inventory) -> bool:
    """Whether a load balancer asks the service's tasks for their health."""

    def asks(group: Resource) -> bool:
        return any(each.get("enabled") is not False for each in group["health_check"] or ())

    arns = [each.get("target_group_arn") for each in service["load_balancer"] or ()]
    classic = any(each.get("elb_name") for each in service["load_balancer"] or ())
    return classic or bool(
        any_of(lambda arn: any_of(asks, inventory.near(service, "aws_lb_target_group", arn=arn)), filter(None, arns))
    )


@check(
    "aws_ecs_task_definition",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="ECS.9",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1",
)
def ecs_task_logging(task: Resource, inventory: Inventory) -> Fault | None:
    """Container sends its logs nowhere.

    What such a container writes is gone with it. A container that itself routes the logs of the others
    is exempt.

    Fix: add a `logConfiguration` with the driver `awslogs` or `awsfirelens`.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          container_definitions = jsonencode([{ name = "web", image = "shop:1" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"
          container_definitions = jsonencode([{
            name             = "web"
            image            = "shop:1"
            logConfiguration = { logDriver = "awslogs", options = { awslogs-group = "shop" } }
          }])
        }
    """

    def silent(container: Container) -> bool:
        driver = (container.get("logConfiguration") or {}).get("logDriver")
        return driver in (None, "", "none") and not container.get("firelensConfiguration")

    evidence = {
        f"container_definitions[{each.get('name')}].logConfiguration": None for each in containers(task) if silent(each)
    }
    return Fault(f"{task.name} sends the logs of {len(evidence)} containers nowhere", evidence) if evidence else None


@check(
    "aws_ecs_task_definition",
    severity=Severity.HIGH,
    category=Category.CONTAINERS,
    fsbp="ECS.1",
    pci_4="7.2.1;7.2.2;7.2.3",
)
def ecs_task_host_network(task: Resource, inventory: Inventory) -> Fault | None:
    """Task shares the host's network with a privileged or root container.

    In the host's network a container sees its traffic and reaches what listens on the host alone, the
    agent's credentials among it; root or privileged it can also change that network.
    AWS's own control takes `privileged` for a choice and lets it pass.

    Fix: use `network_mode = "awsvpc"`, or run the container as another user and without privileges.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          network_mode          = "host"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", user = "root" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          network_mode          = "awsvpc"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", user = "root" }])
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family                = "shop"
          network_mode          = "host"
          container_definitions = jsonencode([{ name = "web", image = "shop:1", user = "1000" }])
        }
    """
    if task["network_mode"] != "host":
        return None
    return wrong(task, "privileged", is_privileged, "is privileged in the host's network") or wrong(
        task, "user", is_root, "is root in the host's network"
    )


@check("aws_ecs_task_definition", severity=Severity.HIGH, category=Category.CONTAINERS, fsbp="ECS.3", pci_4="1.4.5")
def ecs_task_host_pid(task: Resource, inventory: Inventory) -> str | None:
    """Task shares the host's process namespace.

    Its containers then see every process of the host with its environment, and may stop it.

    Fix: take `pid_mode` out of the task definition, or set it to `task`.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family   = "shop"
          pid_mode = "host"
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family   = "shop"
          pid_mode = "task"
        }
    """
    return f"{task.name} shares the host's processes" if task["pid_mode"] == "host" else None

"""Amazon ECS: what services run on, who may enter their containers, and the roles of tasks."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import said
from checks.ecs_tasks import on_windows
from state import Inventory, Resource, Unknown

OLD = ("1.1.0", "1.2.0", "1.3.0")
OLDEST = "1.0.0"
"""The first version of Linux, and the only one of Windows."""
NEWEST = "1.4.0"


@check("aws_ecs_service", severity=Severity.MEDIUM, category=Category.GOVERNANCE, fsbp="ECS.10", pci_4="6.3.3")
def ecs_service_platform_version(service: Resource, inventory: Inventory) -> Fault | str | None:
    """Fargate service pins an old platform version.

    The version is the kernel and the container runtime that tasks run on; an old one is not mended any more, and
    AWS retires it. `LATEST`, which is what runs where nothing is said, passes, and so does the newest by its number:
    1.4.0 of Linux, 1.0.0 of Windows.

    Fix: take `platform_version` out, or set it to `LATEST`.

    CLI: `aws ecs update-service --cluster {cluster} --service {name} --platform-version LATEST`

    Fails:

        resource "aws_ecs_service" "shop" {
          platform_version = "1.3.0"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          platform_version = "LATEST"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          platform_version = "1.0.0"
          task_definition  = aws_ecs_task_definition.shop.arn
        }

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"

          runtime_platform {
            operating_system_family = "WINDOWS_SERVER_2022_CORE"
          }
        }
    """
    version = said(service, "platform_version")
    if version in (None, "", "LATEST", NEWEST):
        return None
    message = f"{service.name} runs on platform version {version}"
    if version in OLD:
        return message
    if version != OLDEST:
        raise Unknown(f"platform version {version} is not known here")
    tasks = inventory.near(service, "aws_ecs_task_definition", arn=service["task_definition"])
    if not tasks:
        raise Unknown(f"{service['task_definition']}, which tells whether it is Windows, was not read")
    return None if on_windows(tasks[0]) else Fault(message, evidence_of(tasks[0], "runtime_platform"))


@check("aws_ecs_service", severity=Severity.LOW, category=Category.CONTAINERS)
def ecs_service_exec_enabled(service: Resource, inventory: Inventory) -> str | None:
    """Shell access to running containers is on.

    Whoever may call `ecs:ExecuteCommand` gets a shell in a container, with its role and its secrets. That is of use
    while a fault is looked for, and should be shut afterwards.

    Fix: set `enable_execute_command = false`, and replace the tasks that run.

    CLI: `aws ecs update-service --cluster {cluster} --service {name} --no-enable-execute-command
    --force-new-deployment`

    Fails:

        resource "aws_ecs_service" "shop" {
          enable_execute_command = true
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          enable_execute_command = false
        }
    """
    return f"{service.name} lets shells into its containers" if service["enable_execute_command"] else None


@check("aws_ecs_task_definition", severity=Severity.LOW, category=Category.IAM)
def ecs_task_role_missing(task: Resource, inventory: Inventory) -> str | None:
    """Task has no role of its own or uses the execution role.

    Without a role a task on an instance takes that of the instance, with all that each task there needs. The
    execution role is the agent's: its rights to pull images and read secrets are not the application's. A task
    that calls nothing of AWS still gets a role, which allows nothing.

    Fix: set `task_role_arn` to a role of this task alone.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family             = "shop"
          task_role_arn      = "arn:aws:iam::123456789012:role/run"
          execution_role_arn = "arn:aws:iam::123456789012:role/run"
        }

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family        = "shop"
          task_role_arn = null
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family             = "shop"
          task_role_arn      = "arn:aws:iam::123456789012:role/shop"
          execution_role_arn = "arn:aws:iam::123456789012:role/run"
        }
    """
    role = said(task, "task_role_arn")
    if not role:
        return f"{task.name} has no role of its own"
    return f"{task.name} runs with its execution role" if role == said(task, "execution_role_arn") else None

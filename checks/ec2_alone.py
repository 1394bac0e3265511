"""Amazon EC2: machines that stand alone, and images that nothing is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from checks.asg_instances import made_of, templates_of
from checks.check import Category, Fault, Severity, check
from checks.clock import moment
from checks.doubt import any_of, both, either
from checks.ec2_upkeep import is_up
from state import Inventory, Resource, Unknown

GROUP = "aws_autoscaling_group"
BEHIND = {"aws_lb_target_group_attachment": "target_id", "aws_elb_attachment": "instance"}
"""How a machine is put behind a load balancer, and what names it there."""
REPLACED_BY = ("karpenter: ", "ec2-fleet: ")
"""Who makes a new machine where one fails, beside Auto Scaling groups."""


@check("aws_instance", severity=Severity.MEDIUM, category=Category.RESILIENCE)
def ec2_instance_standalone(instance: Resource, inventory: Inventory) -> Fault | None:
    """Instance serves a load balancer but belongs to no Auto Scaling group.

    When it fails nobody makes a new one, however well the load balancer sees that; and it cannot grow with its load.
    What Karpenter or a fleet made is replaced by them, and passes. A machine that does not run is exempt, and one
    that is registered by its address, rather than its id, is not seen to serve.

    Fix: make a launch template of it and let an Auto Scaling group of at least two register its instances.

    Fails:

        resource "aws_instance" "web" {
          instance_type = "t3.micro"
        }

        resource "aws_lb_target_group_attachment" "web" {
          target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"
          target_id        = aws_instance.web.id
        }

    Fails:

        live "aws_instance" "web" {
          id             = "i-1"
          instance_state = "running"
        }

        live "aws_elb_attachment" "web" {
          elb      = "web"
          instance = "i-1"
        }

    Passes:

        live "aws_instance" "web" {
          id             = "i-1"
          instance_state = "running"
        }

        live "aws_lb_target_group_attachment" "web" {
          target_group_arn = "web"
          target_id        = "i-1"
        }

        live "aws_autoscaling_group" "web" {
          instance_ids = ["i-1", "i-2"]
        }

    Passes:

        resource "aws_instance" "batch" {
          instance_type = "t3.micro"
        }
    """

    def served() -> Resource | None:
        return any_of(lambda type: next(iter(behind(type)), None), BEHIND)

    def behind(type: str) -> Sequence[Resource]:
        by = {BEHIND[type]: instance.id}
        return inventory.near(instance, type, **by)

    if not is_up(instance) or not both(served, lambda: not is_replaced(instance, inventory)):
        return None
    found = served()
    evidence = {f"{found.type}.{found.id}.{BEHIND[found.type]}": instance.id} if found else {}
    return Fault(f"{instance.id} serves a load balancer and belongs to no Auto Scaling group", evidence)


def is_replaced(instance: Resource, inventory: Inventory) -> bool:
    """Whether a new machine comes where this one fails. Code cannot put one that it declares into a group."""
    if instance.declared is not None:
        return False
    if (instance.owner or "").startswith(REPLACED_BY):
        return True
    groups = inventory.candidates(instance, GROUP, members, instance.id)
    return bool(any_of(lambda group: instance.id in members(group), groups))


def members(group: Resource) -> Sequence[str]:
    return group.fact("instance_ids") or ()


OLDEST = timedelta(days=180)
KEEPERS = ("dlm: ", "backup")
"""Who makes images as backups, and deletes them in time."""
OF_AWS = "resolve:ssm:/aws/service/"
ONE_VERSION = ("$Default", "$Latest")


@check("aws_ami", severity=Severity.LOW, category=Category.COST)
def ec2_ami_unused(image: Resource, inventory: Inventory) -> str | None:
    """Our AMI is used by no instance, template or group and is over 180 days old.

    Its snapshots are paid for by the month, and the longer it lies there the more patches a machine that somebody
    makes of it will lack. Instances that are stopped count as use, and so does a launch in the last 180 days. Backups
    that AWS Backup or Data Lifecycle Manager made are exempt. Where the image is shared with others, or a default
    version or a group's version of a launch template was not read, nobody can say: unknown.

    Fix: deregister the image, and delete its snapshots.

    Fails:

        live "aws_ami" "old" {
          id                 = "ami-1"
          creation_date      = "2024-01-31T12:00:00Z"
          last_launched_time = null
          public             = false
        }

        live "aws_launch_template" "web" {
          id              = "lt-1"
          image_id        = "ami-2"
          default_version = 3
          latest_version  = 3
        }

    Passes:

        live "aws_ami" "web" {
          id                 = "ami-1"
          creation_date      = "2024-01-31T12:00:00Z"
          last_launched_time = null
          public             = false
        }

        live "aws_launch_template" "web" {
          id              = "lt-1"
          image_id        = "ami-1"
          default_version = 3
          latest_version  = 3
        }

    Passes:

        live "aws_ami" "new" {
          id            = "ami-1"
          creation_date = "2999-01-31T12:00:00Z"
        }
    """
    if (image.owner or "").startswith(KEEPERS) or not is_old(image, inventory):
        return None
    if is_used(image, inventory):
        return None
    if image["public"] or inventory.near(image, "aws_ami_launch_permission", image_id=image.id):
        raise Unknown(f"{image.id} is shared with others, whose machines were not read")
    return f"{image.id} is of {image.fact('creation_date')[:10]}, and nothing is made of it"


def is_old(image: Resource, inventory: Inventory) -> bool:
    """Whether an image was made long ago, and not started since."""
    return both(lambda: is_past(image.fact("creation_date"), inventory), lambda: not is_fresh(image, inventory))


def is_fresh(image: Resource, inventory: Inventory) -> bool:
    launched = image["last_launched_time"]
    return bool(launched) and not is_past(launched, inventory)


def is_past(day: str | None, inventory: Inventory) -> bool:
    if day is None:
        raise Unknown("AWS does not say when the image was made")
    return inventory.taken_at - moment(day) > OLDEST


def is_used(image: Resource, inventory: Inventory) -> bool:
    """Whether a machine, or what machines are made of, names an image."""
    templates = "aws_launch_template"
    return either(
        lambda: inventory.near(image, "aws_instance", ami=image.id),
        lambda: inventory.near(image, "aws_launch_configuration", image_id=image.id),
        lambda: any_of(lambda each: names(each, image.id), inventory.candidates(image, templates, images, image.id)),
        lambda: any_of(
            lambda group: any(each["image_id"] == image.id for each in made_of(group, inventory)),
            inventory.candidates(image, GROUP, pins, True),
        ),
    )


def names(template: Resource, id: str) -> bool:
    return bool(template["image_id"] == id) or id in images(template)


def images(template: Resource) -> list[Any]:
    """The image that a launch template names, where its default version is the one that was read."""
    image, default = template["image_id"], template["default_version"]
    if default != template["latest_version"]:
        raise Unknown(f"version {default} of {template.id} was not read, but its latest")
    if str(image).startswith("resolve:ssm:") and not str(image).startswith(OF_AWS):
        raise Unknown(f"nobody can say which image {image} stands for")
    return [image]


def pins(group: Resource) -> list[bool]:
    """Whether a group takes a version of a template that it names by its number."""
    return [each.get("version") not in (None, "", *ONE_VERSION) for each in templates_of(group)]

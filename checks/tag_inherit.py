"""Tags: whether what a thing makes or carries says whose it is, as the thing does."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, Terms, check, evidence_of
from checks.doubt import any_of, said
from checks.tag import bare, own_tags
from state import Inventory, Resource, Unknown


@check("aws_ecs_service", severity=Severity.LOW, category=Category.TAGGING)
def tag_ecs_propagation(service: Resource, inventory: Inventory) -> str | None:
    """Service passes no tags to its tasks.

    What Fargate costs is billed by task, so that a task without tags is nobody's.

    Fix: set `propagate_tags = "SERVICE"`.

    CLI: `aws ecs update-service --cluster {cluster} --service {name} --propagate-tags SERVICE --force-new-deployment`

    Fails:

        resource "aws_ecs_service" "shop" {
          propagate_tags = "NONE"
        }

    Passes:

        resource "aws_ecs_service" "shop" {
          propagate_tags = "SERVICE"
        }
    """
    passed = said(service, "propagate_tags") not in (None, "", "NONE")
    return None if passed else f"{service.name} passes no tags to its tasks"


@check("aws_ebs_volume", "aws_ebs_snapshot", severity=Severity.LOW, category=Category.TAGGING)
def tag_volume_snapshot_inherit(disk: Resource, inventory: Inventory, terms: Terms) -> Fault | None:
    """Volume or snapshot lacks the required tags of its instance.

    Disks and their snapshots are billed apart from their machine, and stay when it goes: without its tags nobody
    knows whose they are. Asked are those required keys that the instance itself has. A volume on no instance,
    and a snapshot whose volume or instance is gone, have nothing to inherit. What AWS or
    another service made is not asked.

    Fix: set `volume_tags` of the instance, or `copy_tags` of whatever makes the snapshots.

    Fails:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = [{ instance_id = "i-1" }]
          tags        = {}
        }

        live "aws_instance" "db" {
          id   = "i-1"
          tags = { owner = "shop" }
        }

    Fails:

        live "aws_ebs_snapshot" "data" {
          volume_id = "vol-1"
          tags      = {}
        }

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = [{ instance_id = "i-1" }]
        }

        live "aws_instance" "db" {
          id   = "i-1"
          tags = { owner = "shop" }
        }

    Passes:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = [{ instance_id = "i-1" }]
          tags        = { Owner = "shop" }
        }

        live "aws_instance" "db" {
          id   = "i-1"
          tags = { owner = "shop" }
        }

    Passes:

        live "aws_ebs_volume" "data" {
          id          = "vol-1"
          attachments = []
          tags        = {}
        }
    """
    if disk.owner and not disk.owner.startswith("cloudformation:"):
        return None
    present = {bare(key) for key, value in own_tags(disk).items() if value}
    wanted = {bare(key): key for key in terms.of(disk, "required_tags")}
    lacking = {key: name for key, name in wanted.items() if key not in present}
    if not lacking:
        return None

    def unlike(instance: Resource) -> Fault | None:
        keys = [lacking[bare(key)] for key, value in own_tags(instance).items() if value and bare(key) in lacking]
        message = f"{disk.id} lacks {', '.join(keys)} of {instance.id}"
        return Fault(message, evidence_of(instance, "tags")) if keys else None

    return any_of(unlike, _instances(disk, inventory))


def _instances(disk: Resource, inventory: Inventory) -> list[Resource]:
    """The machines that a volume, or that of a snapshot, is on."""
    volumes = (
        inventory.near(disk, "aws_ebs_volume", id=disk["volume_id"]) if disk.type == "aws_ebs_snapshot" else [disk]
    )
    ids = [each.get("instance_id") for volume in volumes for each in volume.fact("attachments") or ()]
    found = [each for id in ids for each in inventory.near(disk, "aws_instance", id=id)]
    if ids and not found:
        raise Unknown(f"{', '.join(map(str, ids))} was not read")
    return found

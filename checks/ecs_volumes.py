"""Amazon ECS: what tasks mount."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import said_in
from state import Inventory, Resource


@check("aws_ecs_task_definition", severity=Severity.MEDIUM, category=Category.ENCRYPTION)
def ecs_task_efs_no_tls(definition: Resource, inventory: Inventory) -> Fault | None:
    """Task mounts EFS without encryption in transit.

    What the task reads and writes passes through the network for everyone there to read.

    Fix: set `transit_encryption = "ENABLED"` in the volume's `efs_volume_configuration`.

    Fails:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"

          volume {
            name = "files"

            efs_volume_configuration {
              file_system_id = "fs-1"
            }
          }
        }

    Passes:

        resource "aws_ecs_task_definition" "shop" {
          family = "shop"

          volume {
            name = "files"

            efs_volume_configuration {
              file_system_id     = "fs-1"
              transit_encryption = "ENABLED"
            }
          }
        }
    """
    mounts = [
        (each["name"], mount)
        for each in definition["volume"] or ()
        for mount in said_in(each, "efs_volume_configuration") or ()
    ]
    plain = [name for name, mount in mounts if said_in(mount, "transit_encryption") != "ENABLED"]
    if not plain:
        return None
    evidence = {f"volume[{name}].efs_volume_configuration[0].transit_encryption": None for name in plain}
    return Fault(f"{definition.name} mounts {', '.join(plain)} without TLS", evidence)

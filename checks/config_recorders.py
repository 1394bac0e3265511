"""AWS Config: as whom its recorder looks."""

from __future__ import annotations

from checks.check import Category, Severity, check
from state import Inventory, Resource

LINKED = ":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
LINKED_IN_CODE = "${aws_iam_service_linked_role."


@check(
    "aws_config_configuration_recorder",
    severity=Severity.LOW,
    category=Category.GOVERNANCE,
    fsbp="Config.1",
)
def config_recorder_role(recorder: Resource, inventory: Inventory) -> str | None:
    """Config recorder does not use its service-linked role.

    A role of one's own misses what AWS adds: types of resources that it may not read are then not recorded, and
    nobody is told. The recorder of a service that records for itself is exempt.

    Fix: set `role_arn` to that of `AWSServiceRoleForConfig`.

    Fails:

        resource "aws_config_configuration_recorder" "it" {
          role_arn = "arn:aws:iam::111122223333:role/config"
        }

    Passes:

        resource "aws_config_configuration_recorder" "it" {
          role_arn = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        }
    """
    if recorder.owner:
        return None
    role = recorder["role_arn"] or ""
    if role.endswith(LINKED) or role.startswith(LINKED_IN_CODE):
        return None
    return f"the recorder {recorder.name} looks as {role or 'nobody'}"

"""AWS Step Functions: state machines."""

from __future__ import annotations

from checks.check import Category, Fault, Severity, check
from checks.doubt import said, said_in
from state import Inventory, Resource


@check(
    "aws_sfn_state_machine",
    severity=Severity.LOW,
    category=Category.LOGGING,
    fsbp="StepFunctions.1",
    pci_4="5.3.4;10.2.1;10.2.1.1;10.2.1.2;10.2.1.3;10.2.1.4;10.2.1.5;10.2.1.6;10.2.1.7;10.2.2;10.3.1;10.6.3;A1.2.1",
    soc2="cc_a_1_1;pi_1_3",
)
def stepfunctions_logging(machine: Resource, inventory: Inventory) -> Fault | None:
    """State machine logs nothing.

    The history of a standard execution is gone after 90 days, and one of an express machine is told by its logs
    alone. Nothing is logged where nothing is said.

    Fix: set `level` of `logging_configuration` to `ERROR` or more, with a log group as `log_destination`.

    Fails:

        resource "aws_sfn_state_machine" "orders" {
          logging_configuration {
            level = "OFF"
          }
        }

    Passes:

        resource "aws_sfn_state_machine" "orders" {
          logging_configuration {
            level           = "ERROR"
            log_destination = "arn:aws:logs:eu-west-1:123456789012:log-group:orders:*"
          }
        }
    """
    for each in said(machine, "logging_configuration") or ():
        if said_in(each, "level") not in (None, "", "OFF"):
            return None
    return Fault(f"{machine.name} logs nothing", {"logging_configuration[0].level": "OFF"})

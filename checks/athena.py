"""Amazon Athena: workgroups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.check import Category, Fault, Severity, Skip, check
from checks.doubt import said_in
from state import Inventory, Resource

PRIMARY = "primary"


@check(
    "aws_athena_workgroup",
    severity=Severity.MEDIUM,
    category=Category.ENCRYPTION,
    fsbp="Athena.1",
    pci_4="3.5.1;8.3.2",
)
def athena_workgroup_encryption(group: Resource, inventory: Inventory) -> Fault | None:
    """Query results are not encrypted, or clients may switch that off.

    Results hold what the query found, often the most sensitive rows there are. Without
    `enforce_workgroup_configuration` each client brings its own settings, and none of the workgroup's count. Results
    that Athena keeps itself are always encrypted. The workgroup `primary`, which AWS makes in every region, is
    skipped where nobody gave it a place for results or saved a query in it.

    Fix: set `encryption_configuration` in `result_configuration`, and leave `enforce_workgroup_configuration` true.

    Fails:

        resource "aws_athena_workgroup" "reports" {
          name = "reports"

          configuration {
            result_configuration {
              output_location = "s3://results/"
            }
          }
        }

    Fails:

        resource "aws_athena_workgroup" "reports" {
          name = "reports"

          configuration {
            enforce_workgroup_configuration = false

            result_configuration {
              encryption_configuration {
                encryption_option = "SSE_S3"
              }
            }
          }
        }

    Fails:

        live "aws_athena_workgroup" "primary" {
          name          = "primary"
          configuration = [{ enforce_workgroup_configuration = false }]
        }

        live "aws_athena_named_query" "sales" {
          workgroup = "primary"
        }

    Passes:

        resource "aws_athena_workgroup" "reports" {
          name = "reports"

          configuration {
            result_configuration {
              encryption_configuration {
                encryption_option = "SSE_S3"
              }
            }
          }
        }
    """
    blocks = group["configuration"] or ()
    results = [each for block in blocks for each in block.get("result_configuration") or ()]
    if any(
        said_in(each, "enabled") for block in blocks for each in block.get("managed_query_results_configuration") or ()
    ):
        return None
    if not any(map(_option, results)):
        used = group.declared is not None or group["name"] != PRIMARY or any(map(_place, results))
        if not used and not inventory.near(group, "aws_athena_named_query", workgroup=group["name"]):
            raise Skip(f"nobody has set up {PRIMARY} in {group.region}")
        evidence = {"configuration[0].result_configuration[0].encryption_configuration": None}
        return Fault(f"results of {group.name} are not encrypted", evidence)
    if all(said_in(block, "enforce_workgroup_configuration") is False for block in blocks):
        unenforced = {"configuration[0].enforce_workgroup_configuration": False}
        return Fault(f"clients of {group.name} may leave out the encryption", unenforced)
    return None


def _option(results: Mapping[str, Any]) -> bool:
    return any(said_in(each, "encryption_option") for each in results.get("encryption_configuration") or ())


def _place(results: Mapping[str, Any]) -> bool:
    return bool(said_in(results, "output_location"))

"""AWS Systems Manager: whether sessions on machines leave a trace."""

from __future__ import annotations

import json
from typing import Any

from checks.check import Category, Fault, Severity, Skip, check, evidence_of
from checks.doubt import each_yes
from state import Inventory, Resource, Unknown

DOCUMENT = "aws_ssm_document"
PREFERENCES = "SSM-SessionManagerRunShell"
"""The document of this name holds the region's preferences, and is there once somebody has set any."""
LOGS = ("cloudWatchLogGroupName", "s3BucketName")


@check("region", severity=Severity.MEDIUM, category=Category.LOGGING)
def ssm_session_logging(region: Resource, inventory: Inventory) -> Fault | None:
    """Session Manager sessions leave no log.

    CloudTrail says who opened a session, and nothing of what was typed in it. The region's preferences have to name a
    log group or a bucket, and so has each own session document for a shell; sessions that only pass a port
    through cannot be logged. A region without instances is skipped: machines elsewhere that Systems Manager knows
    are not looked at.

    Fix: declare an `aws_ssm_document` named `SSM-SessionManagerRunShell` of type `Session` whose `inputs` have a
    `cloudWatchLogGroupName` or an `s3BucketName`.

    Fails:

        region {}

        resource "aws_instance" "web" {
          instance_type = "t3.micro"
        }

    Fails:

        region {}

        resource "aws_instance" "web" {
          instance_type = "t3.micro"
        }

        resource "aws_ssm_document" "preferences" {
          name          = "SSM-SessionManagerRunShell"
          document_type = "Session"
          content = jsonencode({
            schemaVersion = "1.0"
            sessionType   = "Standard_Stream"
            inputs        = { s3BucketName = "", cloudWatchLogGroupName = "" }
          })
        }

    Passes:

        region {}

        resource "aws_instance" "web" {
          instance_type = "t3.micro"
        }

        resource "aws_ssm_document" "preferences" {
          name          = "SSM-SessionManagerRunShell"
          document_type = "Session"
          content = jsonencode({
            schemaVersion = "1.0"
            sessionType   = "Standard_Stream"
            inputs        = { cloudWatchLogGroupName = "sessions" }
          })
        }
    """
    if not inventory.near(region, "aws_instance"):
        raise Skip("there are no instances")
    found = inventory.near(region, DOCUMENT, document_type="Session")
    if not any(each.name == PREFERENCES for each in found):
        return Fault("no preferences have sessions logged", {f"{DOCUMENT}.{PREFERENCES}": None})
    if mute := each_yes(lambda each: None if _logs(each) else each, found):
        return Fault(f"sessions by {mute[0].name} are not logged", evidence_of(mute[0], "content"))
    return None


def _logs(document: Resource) -> bool:
    """Whether sessions by a document are logged; those through a port alone cannot be."""
    said = _content(document)
    inputs = said.get("inputs") or {}
    return said.get("sessionType") == "Port" or any(inputs.get(each) for each in LOGS)


def _content(document: Resource) -> dict[str, Any]:
    """What a document says. Raises Unknown where it is written in YAML."""
    try:
        said = json.loads(document["content"])
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Unknown(f"what {document.name} says is not written in JSON")
    return said

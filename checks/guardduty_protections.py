"""Amazon GuardDuty: what a detector watches besides the logs that each of them reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.check import Category, Fault, Severity, check, evidence_of
from checks.doubt import any_of, said, said_in
from state import Inventory, Resource, Unknown

FEATURE = "aws_guardduty_detector_feature"


def _everything(resource: Resource) -> bool:
    return True


def _tells_logins(database: Resource) -> bool:
    """Whether GuardDuty can watch who signs in to a database."""
    return str(said(database, "engine") or "").startswith(("aurora", "postgres"))


NEEDS: tuple[tuple[str, str, Callable[[Resource], bool]], ...] = (
    ("aws_eks_cluster", "EKS_AUDIT_LOGS", _everything),
    ("aws_rds_cluster", "RDS_LOGIN_EVENTS", _tells_logins),
    ("aws_db_instance", "RDS_LOGIN_EVENTS", _tells_logins),
    ("aws_lambda_function", "LAMBDA_NETWORK_LOGS", _everything),
    ("aws_instance", "EBS_MALWARE_PROTECTION", _everything),
)


def _feature(detector: Resource, inventory: Inventory, name: str) -> Resource | None:
    """What is said of a feature. Raises Unknown where code leaves it to AWS, which switches on what is new."""
    found = inventory.near(detector, FEATURE, name=name)
    if not found and detector.declared is not None:
        raise Unknown(f"the code leaves it to AWS whether {name} is on")
    return found[0] if found else None


def _is_off(feature: Resource | None) -> bool:
    return feature is None or feature["status"] != "ENABLED"


def _evidence(feature: Resource | None, name: str) -> dict[str, Any]:
    return evidence_of(feature, "name", "status") if feature else {f"{FEATURE}.{name}": None}


@check(
    "aws_guardduty_detector",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="GuardDuty.10",
)
def guardduty_s3_protection(detector: Resource, inventory: Inventory) -> Fault | None:
    """GuardDuty does not watch S3.

    Who reads a whole bucket at night, or makes it public, shows in events that GuardDuty reads only when told
    to. A detector that is suspended is told by `guardduty-enabled`, and so is a region that has none.

    Fix: declare an `aws_guardduty_detector_feature` named `S3_DATA_EVENTS` with `status = "ENABLED"`.

    Fails:

        resource "aws_guardduty_detector" "it" {
          enable = true
        }

        resource "aws_guardduty_detector_feature" "s3" {
          detector_id = aws_guardduty_detector.it.id
          name        = "S3_DATA_EVENTS"
          status      = "DISABLED"
        }

    Passes:

        resource "aws_guardduty_detector" "it" {
          enable = true
        }

        resource "aws_guardduty_detector_feature" "s3" {
          detector_id = aws_guardduty_detector.it.id
          name        = "S3_DATA_EVENTS"
          status      = "ENABLED"
        }
    """
    if said(detector, "enable") is False:
        return None
    unwatched = f"{detector.name} does not watch S3"
    logs = [each for source in said(detector, "datasources") or () for each in said_in(source, "s3_logs") or ()]
    if logs and not inventory.near(detector, FEATURE, name="S3_DATA_EVENTS"):
        return None if logs[0]["enable"] else Fault(unwatched)
    feature = _feature(detector, inventory, "S3_DATA_EVENTS")
    if not _is_off(feature):
        return None
    return Fault(unwatched, _evidence(feature, "S3_DATA_EVENTS"))


@check(
    "aws_guardduty_detector",
    severity=Severity.MEDIUM,
    category=Category.LOGGING,
    fsbp="GuardDuty.9",
)
def guardduty_protections(detector: Resource, inventory: Inventory) -> Fault | None:
    """GuardDuty's EKS, RDS, Lambda or malware protection is off where such resources exist.

    Each of these reads what the detector does not see by itself: calls to a cluster's API, sign-ins to databases
    (those of Aurora and PostgreSQL, which alone tell them), where functions connect to, and what lies on disks. It
    counts only where the region has such a thing. A detector that is suspended is told by `guardduty-enabled`.

    Fix: declare an `aws_guardduty_detector_feature` for each, with `status = "ENABLED"`.

    Fails:

        resource "aws_guardduty_detector" "it" {
          enable = true
        }

        resource "aws_guardduty_detector_feature" "functions" {
          detector_id = aws_guardduty_detector.it.id
          name        = "LAMBDA_NETWORK_LOGS"
          status      = "DISABLED"
        }

        resource "aws_lambda_function" "orders" {
          function_name = "orders"
        }

    Passes:

        resource "aws_guardduty_detector" "it" {
          enable = true
        }

        resource "aws_guardduty_detector_feature" "functions" {
          detector_id = aws_guardduty_detector.it.id
          name        = "LAMBDA_NETWORK_LOGS"
          status      = "ENABLED"
        }

        resource "aws_lambda_function" "orders" {
          function_name = "orders"
        }

    Passes:

        resource "aws_guardduty_detector" "it" {
          enable = true
        }
    """

    def missing(need: tuple[str, str, Callable[[Resource], bool]]) -> Fault | None:
        type, name, fits = need
        thing = any_of(lambda each: each if fits(each) else None, inventory.near(detector, type))
        if thing is None:
            return None
        feature = _feature(detector, inventory, name)
        if not _is_off(feature):
            return None
        return Fault(f"{detector.name} has {name} off, and {thing.name} is there", _evidence(feature, name))

    return None if said(detector, "enable") is False else any_of(missing, NEEDS)

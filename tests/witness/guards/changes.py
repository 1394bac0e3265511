"""What people do to guards by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _buckets_not_watched(aws: Clients, state: State) -> None:
    detector = state["aws_guardduty_detector.all"]["id"]
    aws("guardduty").update_detector(DetectorId=detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}])


def _inspector_sees_less(aws: Clients, state: State) -> None:
    aws("inspector2").disable(accountIds=["123456789012"], resourceTypes=["ECR"])


def _inspector_switched_off(aws: Clients, state: State) -> None:
    aws("inspector2").disable(accountIds=["123456789012"], resourceTypes=["ECR", "EC2"])


def functions_inspected_too(aws: Clients, state: State) -> None:
    aws("inspector2").enable(accountIds=["123456789012"], resourceTypes=["LAMBDA"])


def detector_deleted(aws: Clients, state: State) -> None:
    aws("guardduty").delete_detector(DetectorId=state["aws_guardduty_detector.all"]["id"])


def buckets_forgotten(aws: Clients, state: State) -> None:
    """moto forgets the features that are not named."""
    detector = state["aws_guardduty_detector.all"]["id"]
    aws("guardduty").update_detector(DetectorId=detector, Features=[{"Name": "EKS_AUDIT_LOGS", "Status": "DISABLED"}])


def _shield_taken_away(aws: Clients, state: State) -> None:
    aws("shield").delete_protection(ProtectionId=state["aws_shield_protection.shop"]["id"])


def _shield_tag_changed(aws: Clients, state: State) -> None:
    arn = state["aws_shield_protection.shop"]["arn"]
    aws("shield").tag_resource(ResourceARN=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def shield_tag_removed(aws: Clients, state: State) -> None:
    aws("shield").untag_resource(ResourceARN=state["aws_shield_protection.shop"]["arn"], TagKeys=["Team"])


def _dashboard_shows_else(aws: Clients, state: State) -> None:
    widget = {"type": "text", "x": 0, "y": 0, "width": 3, "height": 3, "properties": {"markdown": "Other"}}
    body = json.dumps({"widgets": [widget]})
    aws("cloudwatch", "us-east-1").put_dashboard(DashboardName="shop", DashboardBody=body)


def dashboard_emptied(aws: Clients, state: State) -> None:
    aws("cloudwatch", "us-east-1").put_dashboard(DashboardName="shop", DashboardBody='{"widgets": []}')


def _dashboard_deleted(aws: Clients, state: State) -> None:
    aws("cloudwatch", "us-east-1").delete_dashboards(DashboardNames=["shop"])


def less_is_watched(aws: Clients, state: State) -> None:
    for change in (_buckets_not_watched, _inspector_sees_less, _shield_tag_changed, _dashboard_shows_else):
        change(aws, state)


def nothing_is_watched(aws: Clients, state: State) -> None:
    for change in (_inspector_switched_off, _shield_taken_away, _dashboard_deleted):
        change(aws, state)


EXPLAINED: dict[str, dict[str, str]] = {
    "nothing_is_watched": {
        "terraform: changed aws_inspector2_enabler.all account_ids": (
            "the account that is read is not compared with itself"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

"""Amazon GuardDuty: the region's detector, and what it watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.aws.collector import Attribute, Collector, as_block, converted
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import IF_DECLARED, defaulting
from state.schema import Parent


async def _detectors(place: Place) -> list[Item]:
    answer = await place.whole("guardduty", "list_detectors")
    return [{"DetectorId": each} for each in answer.get("DetectorIds") or ()]


async def _detector(place: Place, detector: Item) -> Item:
    return await place.call("guardduty", "get_detector", DetectorId=detector["DetectorId"])


DETECTORS, DESCRIBED = Once(_detectors), Once(_detector)


def whole(answer: Item, detector: Item) -> list[Item]:
    return [detector | answer]


def features(answer: Item, detector: Item) -> Iterator[Item]:
    for each in answer.get("Features") or ():
        yield detector | each


def on(path: str) -> str:
    return f"[{{enable: {path}.Status=='ENABLED'}}]"


DETECTOR = Collector(
    type="aws_guardduty_detector",
    service="guardduty",
    fetch=inside("guardduty_detectors", DETECTORS, DESCRIBED, whole),
    permissions=("guardduty:ListDetectors", "guardduty:GetDetector"),
    id="DetectorId",
    arn="arn:{partition}:guardduty:{region}:{account}:detector/{DetectorId}",
    attributes={
        "datasources": Attribute(
            path=f"""DataSources.{{
                kubernetes: Kubernetes && [{{audit_logs: {on("Kubernetes.AuditLogs")}}}],
                malware_protection: MalwareProtection && [{{scan_ec2_instance_with_findings: [{{
                    ebs_volumes: {on("MalwareProtection.ScanEc2InstanceWithFindings.EbsVolumes")}}}]}}],
                s3_logs: S3Logs && {on("S3Logs")}
            }}""",
            form=IF_DECLARED,
            convert=as_block,
        ),
        "enable": Attribute(path="Status=='ENABLED'", form=defaulting(True)),
        "finding_publishing_frequency": Attribute(path="FindingPublishingFrequency", form=defaulting("SIX_HOURS")),
    },
    facts={"created_at": "CreatedAt", "status": "Status", "updated_at": "UpdatedAt"},
    tags="Tags",
)


def undeclared(feature: Resource) -> bool:
    """Every detector has them all, on or off; AWS chooses which are on where nobody says."""
    return feature.declared is None


def additional(found: Any) -> list[Any]:
    return [{"name": each["Name"], "status": each["Status"]} for each in found or ()]


FEATURE = Collector(
    type="aws_guardduty_detector_feature",
    service="guardduty",
    fetch=inside("guardduty_features", DETECTORS, DESCRIBED, features),
    permissions=("guardduty:ListDetectors", "guardduty:GetDetector"),
    id="join('/', [DetectorId, Name])",
    identity=("detector_id", "name"),
    parent=Parent(type="aws_guardduty_detector", by="detector_id", part="feature"),
    at_default=undeclared,
    attributes={
        "additional_configuration": converted("AdditionalConfiguration", additional, IF_DECLARED),
        "detector_id": "DetectorId",
        "name": "Name",
        "status": "Status",
    },
)

COLLECTORS = [DETECTOR, FEATURE]

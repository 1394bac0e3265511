from scanner.collectors.guardduty import COLLECTORS, DETECTOR, FEATURE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import declared, only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole


def test_detector(aws):
    id = aws("guardduty").create_detector(Enable=True, Tags={"team": "shop"})["DetectorId"]
    arn = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{id}"
    found = only(read(DETECTOR), "aws_guardduty_detector")
    off = [{"enable": False}]
    assert whole(found) == {
        "its id": id,
        "its identity": id,
        "its arn": arn,
        "its owner": None,
        "arn": arn,
        "datasources": [{"kubernetes": [{"audit_logs": off}], "s3_logs": off}],
        "enable": True,
        "finding_publishing_frequency": "SIX_HOURS",
        "tags": {"team": "shop"},
    }
    aws("guardduty").update_detector(DetectorId=id, Enable=False)
    assert told(read(DETECTOR), [DETECTOR], twin(found)) == {("changed", "aws_guardduty_detector", "enable")}


FEATURES = [
    {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"},
    {
        "Name": "RUNTIME_MONITORING",
        "Status": "DISABLED",
        "AdditionalConfiguration": [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "DISABLED"}],
    },
]


def test_features():
    answers = {
        "GET /detector": {"detectorIds": ["d"]},
        "GET /detector/d": {"status": "ENABLED", "features": [lower(each) for each in FEATURES]},
    }
    with answering(answers) as aws:
        found = read(*COLLECTORS)
    assert len(aws.asked) == 2  # both types read the same answers
    [events, runtime] = sorted(found.of(FEATURE.type), key=lambda each: each.id, reverse=True)
    assert whole(events) == {
        "its id": "d/S3_DATA_EVENTS",
        "its identity": "d/S3_DATA_EVENTS",
        "its arn": None,
        "its owner": None,
        "detector_id": "d",
        "name": "S3_DATA_EVENTS",
        "status": "ENABLED",
    }
    assert runtime["additional_configuration"] == [{"name": "EKS_ADDON_MANAGEMENT", "status": "DISABLED"}]
    detector = twin(only(found, "aws_guardduty_detector"))
    assert told(found, COLLECTORS, detector) == set()
    off = declared(FEATURE.type, "d/S3_DATA_EVENTS", detector_id="d", name="S3_DATA_EVENTS", status="DISABLED")
    assert told(found, COLLECTORS, detector, off) == {("changed", "aws_guardduty_detector_feature", "status")}


def lower(said):
    """As GuardDuty writes it."""
    if isinstance(said, dict):
        return {name[0].lower() + name[1:]: lower(each) for name, each in said.items()}
    return [lower(each) for each in said] if isinstance(said, list) else said


def test_denied_is_a_gap():
    with answering({"GET /detector": refused("AccessDeniedException", status=403)}):
        found = read(*COLLECTORS)
    assert [(gap.type, gap.permission) for gap in found.gaps] == [
        ("aws_guardduty_detector", "guardduty:ListDetectors"),
        ("aws_guardduty_detector_feature", "guardduty:ListDetectors"),
    ]

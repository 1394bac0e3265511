import pytest

from scanner.collectors.securityhub import COLLECTORS
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

HUB = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"
CIS = f"arn:aws:securityhub:{REGION}::standards/cis-aws-foundations-benchmark/v/3.0.0"
SUBSCRIBED = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription/cis-aws-foundations-benchmark/v/3.0.0"
ANSWERS = {
    "GET /accounts": {"HubArn": HUB, "AutoEnableControls": True, "ControlFindingGenerator": "SECURITY_CONTROL"},
    "POST /standards/get": {
        "StandardsSubscriptions": [
            {"StandardsSubscriptionArn": SUBSCRIBED, "StandardsArn": CIS, "StandardsStatus": "READY"}
        ]
    },
}


def test_hub_and_its_standards():
    with answering(ANSWERS):
        found = read(*COLLECTORS)
    assert whole(only(found, "aws_securityhub_account")) == {
        "its id": ACCOUNT,
        "its identity": ACCOUNT,
        "its arn": HUB,
        "its owner": None,
        "arn": HUB,
        "auto_enable_controls": True,
        "control_finding_generator": "SECURITY_CONTROL",
    }
    assert whole(only(found, "aws_securityhub_standards_subscription")) == {
        "its id": SUBSCRIBED,
        "its identity": CIS,
        "its arn": SUBSCRIBED,
        "its owner": None,
        "standards_arn": CIS,
    }
    wanted = twin(only(found, "aws_securityhub_account"), auto_enable_controls=False)
    assert told(found, COLLECTORS[:1], wanted) == {("changed", "aws_securityhub_account", "auto_enable_controls")}


@pytest.mark.parametrize(
    ("code", "gaps"),
    [
        ("InvalidAccessException", []),
        ("AccessDeniedException", ["securityhub:DescribeHub", "securityhub:GetEnabledStandards"]),
    ],
)
def test_to_have_no_hub_is_not_to_be_denied(code, gaps):
    with answering(dict.fromkeys(ANSWERS, refused(code, status=403))):
        found = read(*COLLECTORS)
    assert [each for each in found.resources if each.type.startswith("aws_")] == []
    assert sorted(gap.permission for gap in found.gaps) == gaps

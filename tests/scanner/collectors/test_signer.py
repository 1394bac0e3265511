from __future__ import annotations

from scanner.collectors.signer import COLLECTORS, SIGNING_PROFILE
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

ARN = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/shop"
PROFILE = {
    "profileName": "shop",
    "profileVersion": "v1",
    "profileVersionArn": f"{ARN}/v1",
    "signatureValidityPeriod": {"value": 5, "type": "YEARS"},
    "platformId": "AWSLambda-SHA384-ECDSA",
    "platformDisplayName": "AWS Lambda",
    "status": "Active",
    "arn": ARN,
    "tags": {"Team": "shop"},
}


def test_signing_profile():
    gone = PROFILE | {"profileName": "old", "status": "Canceled"}
    with answering({"GET /signing-profiles": {"profiles": [PROFILE, gone]}}):
        made = only(found := read(SIGNING_PROFILE), "aws_signer_signing_profile")
    assert whole(made) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "name": "shop",
        "platform_display_name": "AWS Lambda",
        "platform_id": "AWSLambda-SHA384-ECDSA",
        "signature_validity_period": [{"type": "YEARS", "value": 5}],
        "status": "Active",
        "tags": {"Team": "shop"},
        "version": "v1",
        "version_arn": f"{ARN}/v1",
    }
    wanted = twin(made, signature_validity_period=[{"type": "YEARS", "value": 6}])
    assert told(found, COLLECTORS, wanted) == {("changed", made.type, "signature_validity_period[0].value")}

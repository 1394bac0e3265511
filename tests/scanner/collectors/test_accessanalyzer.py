from scanner.collectors.accessanalyzer import ANALYZER
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/unused"
EXCLUSIONS = [{"accountIds": ["111111111111"], "resourceTags": [{"team": "shop"}]}]
LISTED = {
    "arn": ARN,
    "name": "unused",
    "type": "ACCOUNT_UNUSED_ACCESS",
    "createdAt": "2026-01-01T00:00:00Z",
    "status": "ACTIVE",
    "tags": {"team": "shop"},
    "configuration": {"unusedAccess": {"unusedAccessAge": 60, "analysisRule": {"exclusions": EXCLUSIONS}}},
}


def test_analyzer():
    with answering({"GET /analyzer": {"analyzers": [LISTED]}}):
        found = read(ANALYZER)
    exclusion = {"account_ids": ["111111111111"], "resource_tags": [{"team": "shop"}]}
    access = {"analysis_rule": [{"exclusion": [exclusion]}], "unused_access_age": 60}
    one = only(found, "aws_accessanalyzer_analyzer")
    assert whole(one) == {
        "its id": "unused",
        "its identity": "unused",
        "its arn": ARN,
        "its owner": None,
        "analyzer_name": "unused",
        "arn": ARN,
        "configuration": [{"unused_access": [access]}],
        "tags": {"team": "shop"},
        "type": "ACCOUNT_UNUSED_ACCESS",
    }
    assert one.fact("status") == "ACTIVE"
    assert told(found, [ANALYZER], twin(one)) == set()
    older = [{"unused_access": [{"analysis_rule": [], "unused_access_age": 90}]}]
    assert {path for _, _, path in told(found, [ANALYZER], twin(one, configuration=older))} != set()


def test_denied_is_a_gap():
    with answering({"GET /analyzer": refused("AccessDeniedException", status=403)}):
        found = read(ANALYZER)
    assert [gap.permission for gap in found.gaps] == ["access-analyzer:ListAnalyzers"]

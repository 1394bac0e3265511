from scanner.collectors.inspector2 import ENABLER
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import declared, only, told
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

TYPE = "aws_inspector2_enabler"


def test_enabler(aws):
    aws("inspector2").enable(accountIds=[ACCOUNT], resourceTypes=["EC2", "LAMBDA"])
    found = read(ENABLER)
    assert whole(only(found, TYPE)) == {
        "its id": ACCOUNT,
        "its identity": ACCOUNT,
        "its arn": None,
        "its owner": None,
        "account_ids": [ACCOUNT],
        "resource_types": ["EC2", "LAMBDA"],
    }
    both = declared(TYPE, "x", account_ids=[ACCOUNT, "111111111111"], resource_types=["LAMBDA", "EC2"])
    assert told(found, [ENABLER], both) == set()  # the other account was not read
    fewer = declared(TYPE, "x", account_ids=[ACCOUNT], resource_types=["EC2"])
    assert told(found, [ENABLER], fewer) == {("changed", TYPE, "resource_types")}


def test_where_nothing_is_scanned_nothing_is_unmanaged(aws):
    assert told(read(ENABLER), [ENABLER]) == set()
    wanted = declared(TYPE, "x", account_ids=[ACCOUNT], resource_types=["EC2"])
    assert {kind for kind, _, _ in told(read(ENABLER), [ENABLER], wanted)} <= {"missing", "changed"} != set()


def test_denied_is_a_gap():
    with answering({"POST /status/batch/get": refused("AccessDeniedException", status=403)}):
        found = read(ENABLER)
    assert [gap.permission for gap in found.gaps] == ["inspector2:BatchGetAccountStatus"]

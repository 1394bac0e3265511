import pytest

from scanner.collectors.macie2 import ACCOUNT as MACIE
from tests.conftest import ACCOUNT, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole


def test_account(aws):
    aws("macie2").enable_macie(findingPublishingFrequency="ONE_HOUR")
    found = only(read(MACIE), "aws_macie2_account")
    said = whole(found)
    assert {name for name in ("created_at", "service_role", "updated_at") if said.pop(name)}
    assert said == {
        "its id": ACCOUNT,
        "its identity": ACCOUNT,
        "its arn": None,
        "its owner": None,
        "finding_publishing_frequency": "ONE_HOUR",
        "status": "ENABLED",
    }
    assert told(read(MACIE), [MACIE], twin(found, status="PAUSED")) == {("changed", "aws_macie2_account", "status")}


@pytest.mark.parametrize(
    ("message", "gaps"), [("Macie is not enabled", 0), ("User is not authorized to perform this", 1)]
)
def test_to_have_no_macie_is_not_to_be_denied(message, gaps):
    with answering({"GET /macie": refused("AccessDeniedException", message, 403)}):
        found = read(MACIE)
    assert (list(found.of("aws_macie2_account")), len(found.gaps)) == ([], gaps)


def test_macie_switched_off_is_none(aws):
    aws("macie2").enable_macie()
    aws("macie2").disable_macie()
    found = read(MACIE)
    assert (list(found.of("aws_macie2_account")), found.gaps) == ([], [])

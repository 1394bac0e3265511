"""What an event answers to a filter pattern."""

from typing import Any

import pytest

from checks.filter_patterns import parse
from state import Unknown

EVENT: dict[str, Any] = {
    "eventName": "DeleteTrail",
    "eventSource": "cloudtrail.amazonaws.com",
    "errorCode": None,
    "managementEvent": True,
    "userIdentity.type": "IAMUser",
}


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("{ $.eventName = DeleteTrail }", True),
        ('{ ($.eventName = "DeleteTrail") }', True),
        ("{($.eventName=CreateTrail)||($.eventName=DeleteTrail)}", True),
        ("{ $.eventName = CreateTrail }", False),
        ("{ $.eventName = Delete* }", True),
        ('{ $.eventName = "*Trail" && $.eventSource = cloudtrail.amazonaws.com }', True),
        ("{ $.eventName = *Trail && $.eventSource = s3.amazonaws.com }", False),
        ("{ $.eventName = A || $.eventName = DeleteTrail && $.eventSource = s3.* }", False),
        ("{ ($.eventName = DeleteTrail || $.eventName = B) && $.eventSource = cloud* }", True),
        ("{ $.eventName != CreateTrail }", True),
        ("{ $.eventName = %^Delete.+l$% }", True),
        ("{ $.eventName = %^Create% }", False),
        ("{ $.errorCode NOT EXISTS }", True),
        ("{ $.eventName NOT EXISTS }", False),
        ("{ $.errorCode = AccessDenied }", False),
        ("{ $.managementEvent IS TRUE }", True),
        ("{ $.managementEvent IS FALSE }", False),
        ("{ $.errorCode IS NULL }", True),
        ("{ $.eventName = DeleteTrail || $.userAgent = curl }", True),
        ("{ $.eventName = CreateTrail && $.userAgent = curl }", False),
    ],
)
def test_answers(pattern: str, answer: bool) -> None:
    assert parse(pattern)(EVENT) is answer


@pytest.mark.parametrize(
    "pattern",
    [
        "DeleteTrail",
        "[ip, user, ...]",
        "{ $.eventName = DeleteTrail && $.userAgent = curl }",
        "{ $.errorCode != AccessDenied }",
        "{ $.eventName > 5 }",
        "{ eventName = DeleteTrail }",
        "{ ($.eventName = DeleteTrail }",
        "{ $.eventName = DeleteTrail } }",
        "{ $.eventName IS ODD }",
        "{ }",
        "",
    ],
)
def test_what_nobody_can_say(pattern: str) -> None:
    with pytest.raises(Unknown):
        parse(pattern)(EVENT)

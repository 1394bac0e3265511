"""What a difference that is nobody's doing is called."""

import pytest

from state.noise import ADDRESS, APART, BY_ITSELF, STATE, TIME, named, numbers


@pytest.mark.parametrize(
    ("rule", "attribute", "told"),
    [
        (BY_ITSELF, "last_modified_time", TIME),
        (BY_ITSELF, "created_at", TIME),
        (BY_ITSELF, "creation_date", TIME),
        (BY_ITSELF, "not_after", TIME),
        (BY_ITSELF, "status", STATE),
        (BY_ITSELF, "key_state", STATE),
        (BY_ITSELF, "reader_endpoint", ADDRESS),
        (BY_ITSELF, "dns_name", ADDRESS),
        (BY_ITSELF, "etag", BY_ITSELF),
        (APART, "instance_state", APART),
        ("", "created_at", ""),
    ],
)
def test_a_rule_says_what_the_name_does(rule: str, attribute: str, told: str) -> None:
    assert named(rule, attribute) == told


def test_a_version_as_numbers() -> None:
    assert numbers("8.0.mysql_aurora.3.04.0") == (8, 0, 3, 4, 0)
    assert numbers(None) == ()

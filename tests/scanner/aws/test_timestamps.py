"""Times are read as botocore reads them, only faster, and always in UTC."""

from datetime import UTC, datetime

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from scanner.aws.timestamps import timestamp

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1))


PRECISIONS, ZONES = ("seconds", "milliseconds", "microseconds"), ("Z", "+00:00", "-05:30")


@given(MOMENTS, st.sampled_from(PRECISIONS), st.sampled_from(ZONES))
def test_what_aws_writes_is_read_as_botocore_reads_it(moment, to, zone):
    text = moment.isoformat(timespec=to) + zone
    assert timestamp(text) == parse_timestamp(text)
    assert timestamp(text).tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        1735787045,
        1735787045.25,
        "1735787045",
        "20260102T030405Z",
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "2026-01-02T03:04:05+02:00",
        "2026-01-02 03:04:05Z",
        "0001-01-01T00:00:00Z",
    ],
)
def test_other_ways_to_write_a_time(value):
    assert timestamp(value) == parse_timestamp(value)
    assert timestamp(value).tzinfo is UTC


@pytest.mark.parametrize("value", ["", "soon", "2026-13-45T00:00:00Z", None, "T"])
def test_what_is_no_time_is_refused_as_botocore_refuses_it(value):
    def said(read):
        with pytest.raises(Exception) as error:
            read(value)
        return type(error.value), str(error.value)

    assert said(timestamp) == said(parse_timestamp)


def test_a_time_without_a_zone_is_one_in_utc():
    """botocore leaves it as it is, and what is made of it depends on where it is read."""
    assert timestamp("2026-01-02T03:04:05") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

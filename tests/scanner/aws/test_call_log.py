"""The log of calls: what stands in a line, what never does, and a disk that is full."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.aws.call_log import CallLog
from scanner.aws.pacing import Sent, Where
from scanner.aws.session import Access, Aws
from scanner.aws.wire import Wire
from tests.conftest import ACCOUNT, REGION, run
from tests.scanner.aws.wire import RESET, Answer, refusal, vpcs
from tests.scanner.aws.wire import json as answer

WHERE = Where(ACCOUNT, REGION, "ec2", "DescribeVpcs")


def logged(path, *calls):
    """The lines of these calls (service, operation, arguments), and of finding out who is calling."""

    async def calling():
        with CallLog(path) as log:
            async with Wire(log=log) as wire, Aws(Access(), wire=wire) as aws:
                for service, operation, arguments in calls:
                    await asyncio.gather(aws.at(REGION).call(service, operation, **arguments), return_exceptions=True)

    run(calling())
    return [json.loads(each) for each in path.read_text().splitlines()]


def test_a_line_for_each_call_and_each_attempt(wire, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    busy = iter([refusal("RequestLimitExceeded", 503), RESET])
    wire.answers |= {
        "DescribeVpcs": lambda asked: next(busy, vpcs("vpc-1")),
        "ListTables": Answer('{"TableNames": []}', headers={"x-amzn-RequestId": "REQUEST-1"}),
    }
    began = datetime.now(UTC).replace(microsecond=0)
    calls = [("ec2", "describe_vpcs", {}), ("ec2", "describe_vpcs", {}), ("dynamodb", "list_tables", {})]
    lines = logged(tmp_path / "calls", *calls)
    for each in lines:
        assert began <= datetime.fromisoformat(each.pop("time")) <= datetime.now(UTC)
        assert 0 <= each.pop("milliseconds") < 5000
    names = ("account", "region", "operation", "attempt", "status", "error", "request_id")
    lost = lines[2]["error"]
    assert lost in ("ConnectionClosedError", "EndpointConnectionError")
    assert [tuple(each[name] for name in names) for each in lines] == [
        ("", REGION, "sts:GetCallerIdentity", 1, 200, None, None),
        (ACCOUNT, REGION, "ec2:DescribeVpcs", 1, 503, "RequestLimitExceeded", None),
        (ACCOUNT, REGION, "ec2:DescribeVpcs", 2, None, lost, None),
        (ACCOUNT, REGION, "ec2:DescribeVpcs", 1, 200, None, None),
        (ACCOUNT, REGION, "dynamodb:ListTables", 1, 200, None, "REQUEST-1"),
    ]
    assert {tuple(each) for each in lines} == {names}


def test_neither_arguments_nor_answers_nor_keys_stand_in_it(wire, tmp_path):
    wire.answers |= {
        "DescribeTable": answer({"Table": {"TableName": "the-answer"}}),
        "DescribeVpcs": refusal("the-code"),
    }
    logged(
        tmp_path / "calls", ("dynamodb", "describe_table", {"TableName": "the-argument"}), ("ec2", "describe_vpcs", {})
    )
    told = (tmp_path / "calls").read_text()
    assert "the-code" in told
    assert not re.search("the-answer|the-argument|testing|said the stand-in", told)


def test_only_its_owner_may_read_it_and_it_goes_on_where_it_ended(wire, tmp_path):
    path = tmp_path / "calls"
    assert (len(logged(path)), len(logged(path))) == (1, 2)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_is_there_as_soon_as_the_call_is_over(tmp_path):
    with CallLog(tmp_path / "calls") as log:
        log.write(Sent(where=WHERE, attempt=1, seconds=0.0004, answer={}))
        assert json.loads((tmp_path / "calls").read_text())["milliseconds"] == 0


def test_a_call_that_is_not_waited_for_stands_in_it(tmp_path):
    with CallLog(tmp_path / "calls") as log:
        log.write(Sent(where=WHERE, attempt=1, seconds=1, error=asyncio.CancelledError()))
    line = json.loads((tmp_path / "calls").read_text())
    assert (line["status"], line["error"], line["milliseconds"]) == (None, "CancelledError", 1000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full here")
def test_a_full_disk_is_counted():
    with CallLog(Path("/dev/full")) as log:
        for _ in range(3):
            log.write(Sent(where=WHERE, attempt=1, seconds=1, answer={}))
    assert (log.lost, log.why) == (3, "no space left on device")


def test_after_half_a_line_the_next_begins_anew(tmp_path):
    """A file may be given no more than so many bytes: what a disk does as it fills."""
    import resource
    import signal

    before, heard = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = tmp_path / "calls"
    with CallLog(path) as log:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
            for _ in range(3):
                log.write(Sent(where=WHERE, attempt=1, seconds=1, answer={}))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, heard)
        log.write(Sent(where=WHERE, attempt=4, seconds=1, answer={}))
    first, *_, last = path.read_text().splitlines()
    assert (json.loads(first)["attempt"], json.loads(last)["attempt"]) == (1, 4)
    assert log.lost == 2

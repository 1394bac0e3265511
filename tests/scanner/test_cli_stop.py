"""The command when it is told to end: Ctrl-C, SIGTERM and --timeout, at every stage of a scan."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from state.history import History
from tests.scanner.aws.wire import ACCOUNT, SILENT, Answer, items, refusal, regions, subnets, wire
from tests.scanner.command import PROGRAM, driftline, environment
from tests.state.terraform.states import bucket, state

STOPPING = "driftline: stopping; what was seen is kept (once more to leave at once)\n"
BOTH = ("--region", "eu-west-1", "--type", "aws_vpc", "--type", "aws_subnet")
CALLED = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Slow:
    """An AWS that answers at once but for one operation, which it never does; ``reached`` is set when that is asked."""

    def __init__(self, it, operation="DescribeSubnets"):
        self.it, self.reached = it, Event()
        vpc = items("DescribeVpcs", "vpcSet", f"<vpcId>vpc-1</vpcId><ownerId>{ACCOUNT}</ownerId>")
        it.answers |= {"DescribeVpcs": vpc, "DescribeSubnets": subnets("subnet-1")}
        it.answers[operation] = self.hang

    def hang(self, asked):
        self.reached.set()
        return SILENT


@pytest.fixture
def aws():
    with wire() as it:
        yield it


def begun(aws, *arguments, **env):
    whole = environment({"env": {"AWS_ENDPOINT_URL": aws.url, "AWS_MAX_ATTEMPTS": "1", **env}})
    return subprocess.Popen([PROGRAM, *map(str, arguments)], env=whole, stdout=-1, stderr=-1, text=True)


def ended(process, within=30.0):
    began = time.monotonic()
    told = process.communicate(timeout=60)
    assert time.monotonic() - began < within
    assert "Traceback" not in told[1]
    return process.returncode, *told


def recorded():
    """The gaps of the one scan in the database, or that there is none."""
    with History(Path("history.sqlite"), read_only=True) as history:
        scans = list(history.scans())
        return [history.gaps(each.n) for each in scans]


# --- while it collects ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", CALLED)
def test_once_ends_the_collecting_and_tells_and_keeps_what_was_seen(here, aws, number):
    slow = Slow(aws)
    process = begun(aws, "check", *BOTH, "--output", "json")
    assert slow.reached.wait(30)
    time.sleep(1)  # for the answer that came before to be read
    process.send_signal(number)
    code, out, err = ended(process, within=10)
    found = json.loads(out)
    reason = f"the scan was ended by {CALLED[number]}"
    assert (code, STOPPING in err) == (130, True)
    assert f"{reason[0].upper()}{reason[1:]}" in err
    gaps = [(each["type"], each["status"], each["message"]) for each in found["gaps"]]
    assert [each for each in gaps if each[1] != "denied"] == [("aws_subnet", "interrupted", reason)]
    assert found["scan"]["counts"]["resources"] == 1
    (kept,) = recorded()
    assert [(each.type, each.kind, each.reason) for each in kept] == gaps


def test_twice_ends_the_program_at_once(here, aws):
    slow = Slow(aws)
    process = begun(aws, "check", "-q", *BOTH)
    assert slow.reached.wait(30)
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGTERM)
    code, out, err = ended(process, within=1)
    assert (code, out, err) == (130, "", STOPPING)
    assert recorded() == []


def test_the_time_limit_ends_the_collecting(here, aws):
    Slow(aws)
    began = time.monotonic()
    process = begun(aws, "check", *BOTH, "--timeout", "2", "--output", "json", "-q", "--fail-on", "never")
    code, out, err = ended(process)
    assert time.monotonic() - began < 15
    reason = "the time limit of 2 seconds was reached"
    gaps = [(each["type"], each["status"], each["message"]) for each in json.loads(out)["gaps"]]
    assert [each for each in gaps if each[1] != "denied"] == [("aws_subnet", "timeout", reason)]
    assert (code, err) == (3, "")
    assert [(each.type, each.kind, each.reason) for each in recorded()[0]] == gaps


def test_what_was_seen_before_the_end_may_fail_the_gate(here, aws):
    Slow(aws)
    process = begun(aws, "check", *BOTH, "--timeout", "2", "-q", "--fail-on", "unknown")
    assert ended(process)[0] == 1


def test_the_gaps_of_a_stopped_scan_are_a_few_lines(here, aws):
    """Everything in three regions."""
    aws.answers["DescribeRegions"] = regions("eu-west-1", "eu-north-1", "us-east-1")
    slow = Slow(aws)
    process = begun(aws, "check")
    assert slow.reached.wait(30)
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    section = err[err.index("Not seen") : err.index("Result")]
    assert code == 130
    assert section.count("the scan was ended by Ctrl-C") <= 2
    assert section.count("\n") < 120, section


# --- before and after it ------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "DescribeRegions"])
def test_before_an_account_is_entered_there_is_nothing_to_keep(here, aws, operation):
    slow = Slow(aws, operation)
    process = begun(aws, "check", *BOTH)
    assert slow.reached.wait(30)
    process.send_signal(signal.SIGINT)
    said = "driftline: the scan was ended by Ctrl-C, before any account could be read; nothing was recorded\n"
    assert ended(process, within=10) == (130, "", STOPPING + said)
    assert recorded() == []


def test_while_the_states_are_read_there_is_nothing_to_keep(here, aws):
    slow = Slow(aws, "GET /states?list-type=2&prefix=&encoding-type=url")
    aws.answers = {name: slow.hang if name.startswith("GET") else answer for name, answer in aws.answers.items()}
    process = begun(aws, "scan", *BOTH, "--from", "s3://states/**")
    while not any(each.action.startswith("GET /") for each in aws.requests) and process.poll() is None:
        time.sleep(0.05)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    code, _, err = ended(process, within=15)
    assert (code, err.splitlines()[-1]) == (
        130,
        "driftline: the scan was ended by Ctrl-C, before any account could be read; nothing was recorded",
    )


@pytest.mark.parametrize(
    "command", [("scan",), ("check",), ("drift",), ("import-blocks",)], ids=lambda command: command[0]
)
def test_the_time_limit_holds_while_the_states_are_read(here, aws, command):
    aws.answers = {"GetCallerIdentity": aws.answers["GetCallerIdentity"]}
    aws.answer = lambda asked, answer=aws.answer: SILENT if asked.action.startswith("GET /") else answer(asked)
    began = time.monotonic()
    process = begun(aws, *command, *BOTH, "--from", "s3://states/a.tfstate", "--timeout", "3")
    said = "driftline: the time limit of 3 seconds was reached, before any account could be read\n"
    assert ended(process) == (2, "", said)
    assert time.monotonic() - began < 15
    assert {each.action for each in aws.requests} <= {"GetCallerIdentity", "GET /states/a.tfstate"}


SLOW_STAGE = """
import os, signal, sys, threading
from scanner import journey
from scanner.cli import main
from state.history import History

stage, times = sys.argv.pop(1), int(sys.argv.pop(1))
home = History if stage == "record" else journey
inner = getattr(home, stage)

def slowly(*arguments, **named):
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)
    sum(range(10**6))
    return inner(*arguments, **named)

setattr(home, stage, slowly)
main()
"""
"""What Python does between two steps of its own: no loop is there to be told of a signal."""


@pytest.mark.parametrize("stage", ["run", "record"])
@pytest.mark.parametrize("times", [1, 2])
def test_while_it_checks_and_records(here, aws, stage, times):
    Slow(aws, "Nothing")
    env = environment({"env": {"AWS_ENDPOINT_URL": aws.url}})
    command = [sys.executable, "-c", SLOW_STAGE, stage, str(times), "check", *BOTH]
    process = subprocess.Popen(command, env=env, stdout=-1, stderr=-1, text=True, cwd=here)
    code, _, err = ended(process)
    assert (code, STOPPING in err) == (130, True)
    assert ("Findings" in err, len(recorded())) == ((True, 1) if times == 1 else (False, 0))


# --- the log of calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "why"), [("none/calls", "no such file or directory"), (".", "is a directory")])
def test_a_call_log_that_cannot_be_written_ends_the_scan_before_it_begins(here, aws, monkeypatch, path, why):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    found = driftline("check", *BOTH, "--call-log", path)
    assert (found.exit_code, found.stderr) == (2, f"driftline: --call-log {path}: {why}\n")
    assert aws.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full here")
def test_a_disk_that_is_full_in_mid_scan_is_told_of(here, aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    Slow(aws, "Nothing")
    found = driftline("check", *BOTH, "--call-log", "/dev/full", "--fail-on", "never")
    assert "calls are not in /dev/full: no space left on device" in " ".join(found.stderr.split())
    assert "Findings" in found.stderr


@pytest.mark.parametrize("command", ["check", "import-blocks"])
def test_what_is_read_before_the_scan_has_its_id_and_is_logged(here, aws, monkeypatch, command):
    """Both have to know what is declared before they can tell what to read."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    declared = Answer(state(bucket("orders", tags={})).decode(), headers={"ETag": '"1"'})
    aws.answers |= dict.fromkeys(("GET /states/a.tfstate", "HEAD /states/a.tfstate"), declared)
    driftline(command, *BOTH, "--from", "s3://states/a.tfstate", "--call-log", "calls.jsonl", "-q")
    logged = [json.loads(line)["operation"] for line in Path("calls.jsonl").read_text().splitlines()]
    assert len(logged) == len(aws.requests)
    assert {"s3:GetObject", "s3:HeadObject"} <= set(logged)
    assert len({each.headers["User-Agent"].partition("scan/")[2].split()[0] for each in aws.requests}) == 1


# --- as a library ---------------------------------------------------------------------------------------

LIBRARY = """
import asyncio
from scanner import Settings, scan
found = asyncio.run(scan(Settings(regions=("eu-west-1",), types=("aws_vpc", "aws_subnet"), timeout=20)))
print(len(found.gaps) > 0)
"""


def test_a_library_writes_nothing_by_itself(here, aws):
    aws.answers["DescribeVpcs"] = refusal("UnauthorizedOperation", 403)
    env = environment({"env": {"AWS_ENDPOINT_URL": aws.url}})
    told = subprocess.run(
        [sys.executable, "-c", LIBRARY], env=env, capture_output=True, text=True, timeout=60, cwd=here
    )
    assert (told.stdout, told.stderr) == ("True\n", "")


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full here")


@FULL
@pytest.mark.parametrize("command", ["checks list", "iam-policy --type aws_vpc", "checks show s3-bucket-versioning"])
def test_an_answer_that_does_not_fit_is_told_in_one_line(command):
    with Path("/dev/full").open("w") as full:
        found = subprocess.run([PROGRAM, *command.split()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert found.returncode == 2
    assert found.stderr == ("driftline: the answer could not be written: no space left on device; send it elsewhere\n")


@FULL
def test_where_nothing_can_be_told_it_is_no_gate_that_failed():
    with Path("/dev/full").open("w") as full:
        assert subprocess.run([PROGRAM, "checks", "show", "none"], stderr=full, timeout=60).returncode == 2


@pytest.mark.parametrize("command", ["checks list", "checks show s3-bucket-versioning"])
def test_a_reader_that_has_gone_is_no_gate_that_failed(command):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        found = subprocess.run([PROGRAM, *command.split()], stdout=writing, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writing)
    assert (found.returncode, found.stderr) == (2, b"")


EARLY = """
import sys


class Hit:
    def find_spec(self, name, *about):
        if name == sys.argv[1]:
            raise KeyboardInterrupt


sys.meta_path.insert(0, Hit())
from scanner.program import run

sys.argv[:2] = ["driftline"]
run()
"""


@pytest.mark.parametrize("module", ["scanner.options", "scanner.own_checks", "scanner.report.catalogue"])
def test_ctrl_c_while_the_program_is_still_loaded_is_told_as_any_other(module):
    command = [sys.executable, "-c", EARLY, module, "checks", "list"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout) == (130, "")
    assert found.stderr == "driftline: interrupted; nothing was recorded\n"

"""The command on a terminal of its own: who is asked for a code is left alone, and gets the terminal back."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scanner.aws.wire import assumed, vpcs, wire
from tests.scanner.command import PROGRAM, environment

PROMPT = "Enter MFA code for arn:aws:iam::111122223333:mfa/ci: "
CONFIG = """
[profile audit]
region = eu-west-1
role_arn = arn:aws:iam::111122223333:role/audit
mfa_serial = arn:aws:iam::111122223333:mfa/ci
source_profile = ci
[profile ci]
aws_access_key_id = AKIACI
aws_secret_access_key = s
"""
OWN = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A program on a terminal, what it has written there, and whether that shows what is typed."""

    def __init__(self, env: dict[str, str], *arguments: object) -> None:
        self.hand, self.screen = pty.openpty()
        command = [sys.executable, "-c", OWN, str(PROGRAM), *map(str, arguments)]
        self.process = subprocess.Popen(command, env=env, stdin=self.screen, stdout=self.screen, stderr=self.screen)
        self.said = ""

    def read(self, until: Callable[[], bool], within: float = 60) -> str:
        """What it says from now on, until something is so or the time is over."""
        end, before = time.monotonic() + within, len(self.said)
        while not until() and (left := end - time.monotonic()) > 0:
            if select.select([self.hand], [], [], min(left, 0.1))[0]:
                self.said += os.read(self.hand, 65536).decode()
        return self.said[before:]

    def type(self, text: str) -> None:
        os.write(self.hand, text.encode())

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.screen)[3] & termios.ECHO)

    def over(self) -> bool:
        return self.process.poll() is not None


@pytest.fixture
def asked(here: Path) -> Iterator[Terminal]:
    """A scan that asks for a code."""
    (here / "config").write_text(CONFIG)
    with wire() as it:
        it.answers |= {"AssumeRole": assumed("ASIAAUDIT"), "DescribeVpcs": vpcs()}
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "NO_COLOR")
        gone: dict[str, str | None] = dict.fromkeys(names)
        own = {"HOME": str(here), "AWS_CONFIG_FILE": str(here / "config"), "AWS_ENDPOINT_URL": it.url, "TERM": "xterm"}
        arguments = ("inventory", "--profile", "audit", "--region", "eu-west-1", "--type", "aws_vpc")
        terminal = Terminal(environment({"env": gone | own}), *arguments)
        try:
            terminal.read(lambda: PROMPT in terminal.said)
            assert PROMPT in terminal.said
            yield terminal
        finally:
            terminal.process.kill()
            terminal.process.wait()
            os.close(terminal.hand)
            os.close(terminal.screen)


def test_nothing_is_drawn_while_a_code_is_asked_for(asked: Terminal) -> None:
    assert asked.read(lambda: False, within=1.5) == ""
    assert asked.said.endswith(PROMPT)
    asked.type("654987\n")
    rest = asked.read(asked.over)
    assert "reading AWS" in rest, "the display goes on"
    assert "654987" not in asked.said
    assert asked.echoes


def test_who_leaves_at_the_prompt_sees_what_they_type_again(asked: Terminal) -> None:
    assert not asked.echoes
    asked.type("\x03")
    asked.read(lambda: "once more" in asked.said)
    asked.type("\x03")
    asked.read(asked.over)
    assert (asked.process.returncode, asked.echoes) == (130, True)
    assert "stopping; what was seen is kept" in asked.said

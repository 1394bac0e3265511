"""The command line as users meet it: run in this process, or as the program that is installed."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from scanner.cli import main
from scanner.demo import company

ACME = ("--no-parts", *(word for type in company.READ for word in ("--type", type)))
"""The types that moto answers for as AWS does."""
PROGRAM = Path(sys.executable).with_name("driftline")
LOUD = ("", "botocore", "aiobotocore", "asyncio", "urllib3")


def driftline(*arguments: object, env: dict[str, str | None] | None = None) -> Result:
    """What the command answers; standard output and standard error apart."""
    with _logging_as_it_was():
        found = CliRunner().invoke(main, list(map(str, arguments)), env=env, prog_name="driftline")
    assert isinstance(found.exception, SystemExit | None), found.output
    return found


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in LOUD}
    handlers = list(root.handlers)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def program(*arguments: object, **about: Any) -> subprocess.CompletedProcess[str]:
    """The installed program, in a process of its own; ``env`` is put over this one's, None takes a name out."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        **about | {"env": environment(about)},
    )


def environment(about: dict[str, Any]) -> dict[str, str]:
    whole = os.environ | about.get("env", {})
    return {name: value for name, value in whole.items() if value is not None}

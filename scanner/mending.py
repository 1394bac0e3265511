"""What the user can mend: an error as one line on standard error, and exit code 2."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

INTERRUPTED = 130


class Failure(click.ClickException):
    """Something the user can mend: one line, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"driftline: {self.message}", err=True)


def mendable(command: Command) -> Command:
    """Errors become one line and exit code 2, and show where they happened only when asked to say more."""

    @functools.wraps(command)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            click.echo("driftline: interrupted; nothing was recorded", err=True)
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            _nobody_listens()
            sys.exit(2)
        except Exception as error:
            logging.getLogger("driftline").info("where it happened", exc_info=error)
            raise Failure(_line(_leaf(error))) from error

    return told  # type: ignore[return-value]


def _line(error: BaseException) -> str:
    from checks.custom import BadCheck
    from scanner.aws.errors import Refused
    from scanner.notify import NotDelivered
    from scanner.report import ReportError
    from scanner.settings import SettingsError
    from state.history import HistoryError
    from state.terraform.errors import Unreadable

    if isinstance(error, BadCheck | Refused | NotDelivered | ReportError | SettingsError | HistoryError | Unreadable):
        return str(error)
    said = " ".join(str(error).split())
    return f"a fault of its own: {type(error).__name__}: {said}; -v shows where it happened"


def _leaf(error: BaseException) -> BaseException:
    return _leaf(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _nobody_listens() -> None:
    """Whoever read standard output is gone; Python would say so once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

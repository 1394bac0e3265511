"""What the user can mend: an error as one line on standard error, and exit code 2."""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

INTERRUPTED = 130
ENDED = "driftline: interrupted; nothing was recorded"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Failure(click.ClickException):
    """Something the user can mend: one line, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"driftline: {self.message}", err=True)


class InOneLine(click.Group):
    """Commands whose misuse is told in one line, as every other error is."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _told():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _told():
            return super().invoke(ctx)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as ended:  # click would call it aborted, and end with 1, which is a gate that failed
        click.echo(ENDED, err=True)
        raise click.exceptions.Exit(INTERRUPTED) from ended
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        said = error.format_message().rstrip(".")
        more = f"see `{error.ctx.command_path} --help`" if error.ctx else "see --help"
        raise Failure(f"{said} ({more})" if said.endswith("?") else f"{said}; {more}") from error


def mendable(command: Command) -> Command:
    """Errors become one line and exit code 2, and show where they happened only when asked to say more."""

    @functools.wraps(command)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit):
            raise
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
    if isinstance(error, OSError) and error.errno in NO_ROOM and error.filename is None:
        return f"the answer could not be written: {(error.strerror or '').lower()}; send it elsewhere"
    said = " ".join(str(error).split())
    return f"a fault of its own: {type(error).__name__}: {said}; -v shows where it happened"


def _leaf(error: BaseException) -> BaseException:
    return _leaf(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def _nobody_listens() -> None:
    """Whoever read standard output is gone; Python would say so once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

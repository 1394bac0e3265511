"""The log of calls that security asks for: a line of JSON for each request, and what AWS answered."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

import msgspec

from scanner.aws.errors import code, status
from scanner.aws.pacing import Sent


class Log(Protocol):
    """What is told of each call that was sent, each attempt at it by itself."""

    def write(self, sent: Sent) -> None: ...


class CallLog:
    """A file that each call is written to. Use as a context manager; raises OSError where it cannot be opened.

    A line: ``time`` (RFC 3339), ``account`` (empty before it is known), ``region``, ``operation``
    (``ec2:DescribeVpcs``), ``attempt``, ``status`` (HTTP's; null where no answer came), ``error`` (AWS's
    code), ``request_id`` and ``milliseconds``. Never arguments, never answers. Each is written when its
    call is over. What cannot be, for want of space, is counted in ``lost``, and ``why`` says the reason.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost, self.why = 0, ""
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)
        self._torn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def write(self, sent: Sent) -> None:
        answered = sent.answer or getattr(sent.error, "response", None) or {}
        about = answered.get("ResponseMetadata", {})
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "account": sent.where.account,
            "region": sent.where.region,
            "operation": f"{sent.where.service}:{sent.where.operation}",
            "attempt": sent.attempt,
            "status": about.get("HTTPStatusCode") if sent.error is None else status(sent.error),
            "error": code(sent.error) if sent.error is not None else None,
            "request_id": about.get("RequestId"),
            "milliseconds": round(sent.seconds * 1000),
        }
        self._append(msgspec.json.encode(line) + b"\n")

    def _append(self, line: bytes) -> None:
        whole = b"\n" + line if self._torn else line
        try:
            written = self._file.write(whole) or 0
            self._torn = 0 < written < len(whole)
            why = "it was cut short" if self._torn else ""
        except OSError as error:
            why = (error.strerror or str(error)).lower()
        if why:
            self.lost, self.why = self.lost + 1, why

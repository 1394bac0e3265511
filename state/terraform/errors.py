"""What can be wrong with a declared source, in one line that says what, where and what to do.

Unreadable
  NotState          the file is no Terraform state (or is empty, cut short, encrypted, a pointer)
  NotFound          there is no such file, folder, object or match
  Forbidden         the source is there and may not be read
"""

from __future__ import annotations


class Unreadable(Exception):
    """A declared source that could not be read; its text is the line for the user."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source, self.problem = source, problem


class NotState(Unreadable):
    pass


class NotFound(Unreadable):
    pass


class Forbidden(Unreadable):
    pass

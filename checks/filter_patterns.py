"""Filter patterns of CloudWatch Logs for JSON events, as a question that an event answers by yes or no.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. A pattern in words or for
columns, and one that asks what the event at hand does not tell, raises Unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from checks.doubt import all_of, any_of
from state import Unknown

Event = Mapping[str, Any]
"""Values by path (``userIdentity.type``); None where the event surely has none there."""
Pattern = Callable[[Event], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<sign>\|\||&&|[()]|!=|<=|>=|[=<>])|(?P<text>\"(?:[^\"\\]|\\.)*\")|%(?P<regex>[^%]*)%"
    r"|(?P<word>[^\s()=!<>&|\"]+))"
)
_STATES = {("NOT", "EXISTS"): False, ("IS", "NULL"): None, ("IS", "TRUE"): True, ("IS", "FALSE"): False}
Token = tuple[str, str]


@lru_cache(maxsize=1024)
def parse(text: str) -> Pattern:
    """The question that a pattern asks; raises Unknown for what is no pattern for JSON."""
    inner = text.strip()
    if not (inner.startswith("{") and inner.endswith("}")):
        raise Unknown(f"the filter pattern {text!r} is not one for JSON")
    tokens = _Tokens(inner[1:-1])
    found = _either(tokens)
    if tokens.next() != END:
        raise Unknown(f"the filter pattern {text!r} cannot be read")
    return found


END: Token = ("end", "")


class _Tokens:
    """The words and signs of a pattern, one after the other."""

    def __init__(self, text: str) -> None:
        self.text, self.left = text, self._split(text.strip())

    def _split(self, text: str) -> list[Token]:
        found, at = [], 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if not match or match.end() == at:
                raise Unknown(f"the filter pattern {{{self.text}}} cannot be read")
            kind = match.lastgroup or ""
            found.append((kind, match[kind]))
            at = match.end()
        return found

    def peek(self) -> Token:
        return self.left[0] if self.left else END

    def next(self) -> Token:
        return self.left.pop(0) if self.left else END

    def take(self, sign: str) -> bool:
        return self.peek() == ("sign", sign) and bool(self.next())


def _either(tokens: _Tokens) -> Pattern:
    parts = [_both(tokens)]
    while tokens.take("||"):
        parts.append(_both(tokens))
    return lambda event: bool(any_of(lambda part: part(event), parts))


def _both(tokens: _Tokens) -> Pattern:
    parts = [_term(tokens)]
    while tokens.take("&&"):
        parts.append(_term(tokens))
    return lambda event: all_of(lambda part: part(event), parts)


def _term(tokens: _Tokens) -> Pattern:
    if tokens.take("("):
        inner = _either(tokens)
        if not tokens.take(")"):
            raise Unknown(f"the filter pattern {{{tokens.text}}} lacks a bracket")
        return inner
    _, selector = tokens.next()
    if not selector.startswith("$."):
        raise Unknown(f"the filter pattern {{{tokens.text}}} names no field at {selector!r}")
    path = selector.removeprefix("$.")
    kind, sign = tokens.next()
    if kind == "word":
        return _state(path, (sign.upper(), tokens.next()[1].upper()), tokens.text)
    return _comparison(path, sign, tokens.next())


def _state(path: str, asked: tuple[str, str], text: str) -> Pattern:
    if asked not in _STATES:
        raise Unknown(f"the filter pattern {{{text}}} asks {' '.join(asked)}, which nobody knows here")
    if asked == ("NOT", "EXISTS"):
        return lambda event: _value(event, path) is None
    wanted = _STATES[asked]
    return lambda event: _value(event, path) is wanted


def _comparison(path: str, sign: str, wanted: Token) -> Pattern:
    if sign not in ("=", "!="):
        raise Unknown(f"a filter pattern compares {path} by {sign}, which says nothing of names")

    def holds(event: Event) -> bool:
        value = _value(event, path)
        if value is None and sign == "!=":
            raise Unknown(f"a filter pattern asks what {path} is not, of events that have none")
        return value is not None and _equal(value, wanted) == (sign == "=")

    return holds


def _value(event: Event, path: str) -> Any:
    if path not in event:
        raise Unknown(f"a filter pattern asks for {path}, which may be anything")
    return event[path]


def _equal(value: Any, wanted: Token) -> bool:
    kind, text = wanted
    if kind == "regex":
        return re.search(text, str(value)) is not None
    plain = re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text
    return re.fullmatch(".*".join(map(re.escape, plain.split("*"))), str(value)) is not None

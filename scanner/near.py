"""What somebody may have meant by a word that is not known, and on which line of a settings file it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

CLOSE = 0.75
"""How much alike two words have to be."""

_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_BLANK = r"Expected `str` matching regex '\\S'"
_ENTRY = re.compile(r"^(\w+)\[(\d+)\](\.?)")
_TABLE = re.compile(r"\s*\[\[?\s*([\w.\"-]+)\s*\]\]?")


def meant(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """``; did you mean s3-bucket-versioning?``, or what else is to be done."""
    if found := get_close_matches(word, list(known), 1, CLOSE):
        return f"; did you mean {found[0]}?"
    return f"; {otherwise}" if otherwise else ""


def refusal(error: msgspec.ValidationError, text: str, where: str, read: type[msgspec.Struct], otherwise: str) -> str:
    """Why a TOML text is not as ``read``: file, line, what is wrong there and what may have been meant."""
    said, place = str(error), _PLACE.search(str(error))
    path = place[1] if place else ""
    unknown = _UNKNOWN.match(said)
    wrong = unknown[1] if unknown else ""
    number = line_of(text, [*path.split("."), wrong] if wrong else path.split("."))
    at = f"{where}:{number}" if number else where
    if unknown is None:
        told = (said[: place.start()] if place else said).removeprefix("Object ").replace(_BLANK, "says nothing")
        return f"{at}: {f'{_shown(path)}: ' if path else ''}{told[:1].lower()}{told[1:]}; {otherwise}"
    whole = _shown(f"{path}.{wrong}" if path else wrong)
    return f"{at}: there is no setting {whole}{meant(wrong, _names(read), otherwise)}"


def _shown(path: str) -> str:
    """``[[findings]] 1 expires``, for ``findings[0].expires``."""
    return _ENTRY.sub(lambda entry: f"[[{entry[1]}]] {int(entry[2]) + 1}{' ' if entry[3] else ''}", path)


def line_of(text: str, path: Iterable[str]) -> int | None:
    """The line of ``["findings[0]", "expires"]``: of the entry, where it does not say that key. None where unsure."""
    table, index, within, found = "", 0, True, None
    steps = [each for each in path if each]
    if steps and (nested := re.fullmatch(r"(\w+)\[(\d+)\]", steps[0])):
        table, index, within = nested[1], int(nested[2]), False
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            is_it = header[1].strip('"') == (table or steps[0])
            within, index = is_it and index == 0, index - is_it
            found = number if within and found is None else found
        elif within and re.match(rf'\s*"?{re.escape(steps[-1])}"?\s*[=.]', line):
            return number
    return found


def _names(read: type[msgspec.Struct]) -> Iterable[str]:
    """What a struct and those inside it may say."""
    for field in msgspec.structs.fields(read):
        yield field.encode_name
        yield from _inside(field.type)


def _inside(kind: object) -> Iterable[str]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _names(kind)
    for each in getattr(kind, "__args__", ()):
        yield from _inside(each)

"""How values are written: as JSON for programs, and for people on one line with nothing in them that acts."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from state.secret import Secret

SENSITIVE = "(sensitive)"

_UNSEEN = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""What a reader does not see and a terminal may obey: C1 controls, marks that reorder text, tags."""

_ACTING = re.compile(f"[\x00-\x1f\ud800-\udfff]|{_UNSEEN.pattern}")


def to_json(value: Any) -> str:
    """JSON on one line, secrets as ``(sensitive)``, and no character in it that a terminal would obey."""
    try:
        text = _encoder.encode(value).decode()
    except (UnicodeEncodeError, OverflowError, TypeError):  # half a surrogate pair, 2**64, a key that is no text
        text = json.dumps(msgspec.to_builtins(value, enc_hook=_native, str_keys=True), default=_native)
    return _UNSEEN.sub(_json_escape, text)


def _native(value: Any) -> Any:
    return SENSITIVE if isinstance(value, Secret) else str(value)


_encoder = msgspec.json.Encoder(enc_hook=_native)


def _json_escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1].replace("\x7f", "\\u007f")


def inert(text: str) -> str:
    """The text on one line: what a terminal or a reader's eye would obey stands as its escape."""
    return _ACTING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def shown(value: Any, longest: int = 160) -> str:
    """A value as people read it: ``"web"``, ``true``, ``unset``, ``(sensitive)``."""
    if value is None:
        return "unset"
    if isinstance(value, Secret) or value == SENSITIVE:
        return SENSITIVE
    is_document = isinstance(value, str) and value[:1] in ("{", "[") and value[-1:] in ("}", "]")
    return cut(inert(value if is_document else to_json(value)), longest)


def line(text: str, longest: int = 300) -> str:
    """A sentence, a name or an id as people read it."""
    return cut(inert(text), longest)

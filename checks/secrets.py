"""What looks like a secret: by its form, or by the name that it is kept under. Never by how random it looks.

What is found is told by its place and its kind. The value itself leaves no function of this module.
"""

from __future__ import annotations

import base64
import binascii
import email
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from checks.check import Fault
from checks.doubt import said
from state import Resource, Unknown
from state.paths import first

FORMS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(form)
    for kind, form in {
        "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b(?<!EXAMPLE)",
        "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
        "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})",
        "a GitLab token": r"\bglpat-[\w-]{20}",
        "a Slack token": r"\bxox[abeoprs]-[0-9A-Za-z-]{10}",
        "a Slack webhook": r"hooks\.slack\.com/(?:services|workflows)/T\w+/\w+/\w+",
        "a Stripe key": r"\b(?:sk|rk)_live_[0-9A-Za-z]{16}",
        "a Google API key": r"\bAIza[\w-]{35}",
        "a SendGrid key": r"\bSG\.[\w-]{22}\.[\w-]{43}",
        "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
        "a PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50}",
        "an API key of a language model": r"\bsk-(?:ant|proj)-[\w-]{20}",
        "a Vault token": r"\bhv[sb]\.[\w-]{24}",
        "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10}",
        "an Azure storage key": r"AccountKey=[A-Za-z0-9+/]{40}",
        "a password in a URL": r"\b[a-z][a-z0-9+.-]*://[^/\s:@\"']+:(?![$<{*%])[^/\s:@\"']{3,}@",
    }.items()
}

SIGNS = (
    *("AKIA", "ASIA", "PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox"),
    *("hooks.slack.com", "_live_", "AIza", "SG.", "npm_", "pypi-", "sk-", "hvs.", "hvb.", "eyJ", "AccountKey=", "://"),
)
"""One of these is in whatever has a form: to look for a plain text first makes it ten times as quick."""

_WORDS = (
    r"password|passwd|passphrase|pwd|secret|token|credentials?|auth_?data|api_?key"
    r"|(?:private|access|auth|signing|master)_?key"
)
NAME = re.compile(rf"(?:^|_)(?:{_WORDS})s?(?:_\d+)?$")
"""A name that ends in what it holds; ``token_url`` and ``secret_arn`` end in something else."""
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
PUBLIC = re.compile(r"(?:^|_)(?:max|num|use|enable|has|page|next|public|csrf|encrypted)_|(?:^|_)(?:tokens)$")
ELSEWHERE = re.compile(
    r"(?i)^(?:|null|none|true|false|yes|no|on|off|n/a|\*+|x{3,}|\d{1,3})$"
    r"|^(?:arn:|\$|<|\{\{|%\{|vault:|ssm:|secretsmanager:|op://|file://|/run/secrets/|/[\w./-]+$)|REDACTED"
)
"""Values that hold no secret: nothing, a switch, or where the secret is kept."""
ASSIGNED = re.compile(
    r"""([A-Za-z][\w.-]*)["']?\s*(?::=|=>|[:=])\s*(?:"([^"]*)"|'([^']*)'|([^\s"';&|,()]+))"""
    r"""|--([a-z][\w-]*) +([^\s"';&|]+)"""
)
DIGEST = re.compile(r"[0-9a-f]{40}")
LARGEST = 1 << 20

Found = Iterator[tuple[str, str]]
"""Where something that looks like a secret is, and what it looks like."""


def formed(text: str) -> str | None:
    """What kind of secret has a form that is found in a text."""
    if not any(each in text for each in SIGNS):
        return None
    return next((kind for kind, form in FORMS.items() if form.search(text)), None)


@lru_cache(10_000)
def is_named(name: str) -> bool:
    """Whether a name says that what it names is a secret."""
    words = _HUMPS.sub("_", name).lower().strip("_")
    return NAME.search(words) is not None and PUBLIC.search(words) is None


def in_pair(name: str, value: Any) -> str | None:
    """What kind of secret stands under a name."""
    text = value if isinstance(value, str) else ""
    return formed(text) or ("a secret by its name" if is_named(name) and not ELSEWHERE.search(text.strip()) else None)


def in_pairs(place: str, pairs: Mapping[str, Any]) -> Found:
    for name, value in pairs.items():
        if kind := in_pair(name, value):
            yield f"{place}.{name}", kind


def in_text(place: str, text: str) -> Found:
    """The lines of a text that hold a secret, by its form or given to such a name."""
    for number, line in enumerate(text.splitlines(), 1):
        if kind := formed(line) or next(filter(None, (_assigned(each) for each in ASSIGNED.finditer(line))), None):
            yield f"{place}[line {number}]", kind


def _assigned(match: re.Match[str]) -> str | None:
    name, *values, option, value = match.groups()
    return in_pair(name or option, next((each for each in (*values, value) if each is not None), ""))


def fault(resource: Resource, found: Found, *within: str) -> Fault | None:
    """What is wrong with a resource in which secrets were found, in attributes that are not shown then."""
    evidence = dict(found)
    if not evidence:
        return None
    kinds = sorted(set(evidence.values()))
    said = f"{resource.name} holds what looks like {', '.join(kinds)}"
    return Fault(said, dict.fromkeys(within, "(sensitive)") | evidence)


# --- what a state holds ---------------------------------------------------------------------------

KEPT: Mapping[str, tuple[str, ...]] = {
    "aws_secretsmanager_secret_version": ("secret_string", "secret_binary"),
    "aws_vpn_connection": ("tunnel1_preshared_key", "tunnel2_preshared_key"),
    "random_password": ("result",),
}
"""Attributes that hold a secret, by type, where their name does not end in that."""
DEEPEST = 20


def in_attributes(type: str, attributes: Mapping[str, Any]) -> Found:
    """Where the attributes of anything in a state hold a secret, inside of JSON texts too."""
    leaves = list(_leaves("", attributes))
    has_form = formed("\n".join(value for _, _, value in leaves)) is not None
    always = KEPT.get(type, ("value",) if attributes.get("type") == "SecureString" else ())
    for path, name, value in leaves:
        if (attribute := first(path)) in always and not ELSEWHERE.search(value.strip()):
            yield attribute, "a secret by its type"
        elif name not in ("id", "arn") and (has_form or is_named(name)) and (kind := in_pair(name, value)):
            yield path, kind


def _leaves(path: str, value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str, str]]:
    """Path, name and text of each text inside a value; what stands in a pair of name and value has that name."""
    if isinstance(value, str):
        inner = _of_json(value) if depth < DEEPEST else None
        if inner is None:
            yield path, name, value
            return
        value = inner
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        called = value.get("name") if isinstance(value.get("value"), str) else None
        for key, each in value.items():
            of = called if key == "value" and isinstance(called, str) else str(key)
            yield from _leaves(f"{path}.{of}" if path else of, each, of, depth + 1)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _leaves(f"{path}[{number}]", each, name, depth + 1)


def _of_json(text: str) -> Any:
    """What a JSON text of an object or a list says; None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


# --- user data ----------------------------------------------------------------------------------


def in_user_data(resource: Resource, live: str = "user_data", code: Iterable[str] = ("user_data",)) -> Found:
    """What user data holds, by the attribute that has it live, or by those in which code may say it.

    Raises Unknown where only a digest of it was kept, as in a state.
    """
    for name in (live,) if resource.declared is None else code:
        value = said(resource, name)
        if value and DIGEST.fullmatch(str(value)):
            raise Unknown(f"of the user data of {resource.id} only a digest is known")
        for text in texts(str(value or "")):
            yield from in_text(name, text)


def texts(data: str) -> Iterable[str]:
    """The texts inside user data: unpacked, and each part of a message of several parts by itself."""
    text = _unpacked(_bytes(data)).decode(errors="replace")
    if not re.match(r"(?i)content-type:\s*multipart|mime-version:", text.lstrip()):
        return [text]
    parts = (part.get_payload(decode=True) for part in email.message_from_string(text.lstrip()).walk())
    return [_unpacked(part).decode(errors="replace") for part in parts if isinstance(part, bytes)]


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return data.encode()


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return zlib.decompressobj(wbits=31).decompress(data, LARGEST)
    except zlib.error as error:
        raise Unknown(f"the user data cannot be unpacked: {error}") from error

"""An IAM policy document as statements: who may do what, and on which conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A question that the
document leaves open (a condition whose reach nobody knows, a document that is none) raises Unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

import msgspec

from checks.doubt import all_of, any_of, either
from state import Unknown

WILD = frozenset("*?:")
PARTITION = re.compile("^arn:(aws[a-z-]*:)?")


class Condition(msgspec.Struct, frozen=True):
    """One test of a statement, its operator in small letters and cut into its parts."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. A part that the document leaves out is empty; ``principals`` are their names alone."""

    allows: bool
    sid: str = ""
    principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        return f"statement {self.sid}" if self.sid else "a statement"

    @property
    def names_everyone(self) -> bool:
        """Whether the principals are everyone, or (in an Allow) everyone but some."""
        return "*" in self.principals or (self.allows and bool(self.not_principals))

    @property
    def every_action(self) -> bool:
        return any(wild(each) for each in self.actions)

    @property
    def every_resource(self) -> bool:
        """Whether it reaches every resource, or all but some."""
        return bool(self.not_resources) or any(wild(PARTITION.sub("", each)) for each in self.resources)

    def touches(self, action: str) -> bool:
        if self.actions:
            return any(matches(pattern, action) for pattern in self.actions)
        return not any(matches(pattern, action) for pattern in self.not_actions)

    def reaches(self, resources: Iterable[str]) -> bool:
        """Whether all of what these patterns name is named here too."""
        own = self.resources or (() if self.not_resources else ("*",))
        return all(any(covers(pattern, each) for pattern in own) for each in resources)


Policy = Sequence[Statement]


# --- patterns -----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _pattern(text: str, flags: int) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(wild.get(each) or re.escape(each) for each in text), flags | re.DOTALL)


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern names an action: ``s3:get*`` names ``s3:GetObject``."""
    return _pattern(pattern, re.IGNORECASE).fullmatch(action) is not None


def covers(pattern: str, other: str) -> bool:
    """Whether a pattern names all that another one does. ``*`` in the other is matched by ``*`` alone."""
    return _pattern(pattern, 0).fullmatch(other) is not None


def wild(pattern: str) -> bool:
    """Whether a pattern is nothing but wildcards: ``*``, ``*:*``."""
    return "*" in pattern and set(pattern) <= WILD


# --- reading ------------------------------------------------------------------------------------


def parse(document: Any) -> Policy:
    """The statements of a policy, given as JSON text or as a map; no policy has none."""
    if isinstance(document, str) and document.strip():
        try:
            document = msgspec.json.decode(document)
        except msgspec.DecodeError as error:
            raise Unknown(f"the policy is not JSON: {error}") from error
    if document in (None, "", {}):
        return ()
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise Unknown("the policy has no Statement")
    return tuple(_statement(each) for each in _many(document["Statement"]))


def _statement(raw: Any) -> Statement:
    if not isinstance(raw, Mapping) or raw.get("Effect") not in ("Allow", "Deny"):
        raise Unknown("a statement of the policy has no Effect")
    if not raw.keys() & {"Action", "NotAction"}:
        raise Unknown("a statement of the policy has no Action")
    return Statement(
        allows=raw["Effect"] == "Allow",
        sid=str(raw.get("Sid") or ""),
        principals=_principals(raw.get("Principal")),
        not_principals=_principals(raw.get("NotPrincipal")),
        actions=_texts(raw.get("Action")),
        not_actions=_texts(raw.get("NotAction")),
        resources=_texts(raw.get("Resource")),
        not_resources=_texts(raw.get("NotResource")),
        conditions=tuple(_conditions(raw.get("Condition"))),
    )


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _texts(value: Any) -> tuple[str, ...]:
    found = _many(value)
    if not all(isinstance(each, str | bool | int | float) for each in found):
        raise Unknown("the policy holds something that is no text where text belongs")
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in found)


def _principals(value: Any) -> tuple[str, ...]:
    groups = value.values() if isinstance(value, Mapping) else [value]
    return tuple(name for group in groups for name in _texts(group))


def _conditions(raw: Any) -> Iterable[Condition]:
    if not isinstance(raw, Mapping | None):
        raise Unknown("the policy has a Condition that is none")
    for operator, tests in (raw or {}).items():
        quantifier, _, name = str(operator).lower().rpartition(":")
        if not isinstance(tests, Mapping):
            raise Unknown("the policy has a Condition that is none")
        for key, values in tests.items():
            bare, lax = name.removesuffix("ifexists"), name.endswith("ifexists")
            yield Condition(bare, str(key).lower(), _texts(values), quantifier, lax)


# --- conditions ---------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLOSING = _words(
    """
    aws:principalaccount aws:principalarn aws:principalorgid aws:principalorgpaths aws:sourceaccount aws:sourcearn
    aws:sourceip aws:sourceorgid aws:sourceorgpaths aws:sourceowner aws:sourcevpc aws:sourcevpcarn aws:sourcevpce
    aws:userid aws:vpceaccount aws:vpceorgid aws:vpceorgpaths kms:calleraccount s3:dataaccesspointaccount
    s3:dataaccesspointarn
    """
)
"""Keys that only the right caller or the right network can meet: a fixed value shuts everyone else out."""

CHOSEN_BY_CALLER = _words(
    """
    aws:multifactorauthage aws:multifactorauthpresent aws:principaltag aws:principaltype aws:referer
    aws:requestedregion aws:requesttag aws:resourcetag aws:securetransport aws:sourceidentity aws:tagkeys
    aws:useragent aws:username aws:vpcsourceip s3:authtype s3:delimiter s3:existingobjecttag s3:max-keys s3:prefix
    s3:requestobjecttag s3:requestobjecttagkeys s3:signatureage s3:signatureversion s3:tlsversion s3:versionid
    s3:x-amz-acl s3:x-amz-content-sha256 s3:x-amz-server-side-encryption s3:x-amz-storage-class sts:externalid
    sts:rolesessionname
    """
)
"""Keys that anyone can meet, from an account or a request of their own: they shut nobody out."""

LIMITING = frozenset({"aws:requesttag", "aws:resourcetag", "aws:tagkeys"})
"""Keys of `aws:` that limit which resources a grant reaches, rather than who holds it or how."""

LITERAL = {"stringequals", "stringequalsignorecase"}
LIKE = {"stringlike", "arnequals", "arnlike"}  # ArnEquals takes wildcards as ArnLike does
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
}
ACCOUNT = re.compile(r"\d{12}")
WIDEST = {4: 8, 6: 32}  # what S3 itself still calls a range and not the public


def shuts_out(condition: Condition) -> bool:
    """Whether a condition of an Allow can be met only by callers or networks that it names."""
    key = condition.key.partition("/")[0]
    if key in CHOSEN_BY_CALLER:
        return False
    if key not in CLOSING:
        raise Unknown(f"nobody can say whom the condition {condition.operator} on {condition.key} lets in")
    if condition.if_exists or condition.quantifier == "forallvalues":
        return False  # met by whoever leaves the key out
    if condition.operator in NEGATED or condition.operator == "null":
        return False
    return all(_fixed(condition, value) for value in condition.values)


def _fixed(condition: Condition, value: str) -> bool:
    if condition.operator == "ipaddress":
        return _narrow(value)
    if "${" in value:
        return _of_own(value)
    if condition.operator in LITERAL:
        return True
    if condition.operator in LIKE:
        return not set(_head(value)) & set("*?")
    raise Unknown(f"nobody can say what the condition {condition.operator} on {condition.key} means")


def _of_own(value: str) -> bool:
    """A variable that stands for the account or the organisation that owns the resource."""
    if value.lower() in ("${aws:resourceaccount}", "${aws:resourceorgid}"):
        return True
    raise Unknown(f"the value {value} is known only when a request is made")


def _narrow(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError as error:
        raise Unknown(f"the address range {value} is none: {error}") from error
    return network.prefixlen >= WIDEST[network.version]


def _head(value: str) -> str:
    """The part of a value that must hold no wildcard: an ARN's account (or bucket), an id before its path."""
    parts = value.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn":
        return parts[4] or parts[5].partition("/")[0] or "*"
    return re.split("[:/]", value)[0]


def _spares_only_named(condition: Condition) -> bool:
    """Whether a condition of a Deny leaves out nobody but callers or networks that it names."""
    if condition.key.partition("/")[0] in CLOSING and condition.operator not in NEGATED:
        return False
    if condition.quantifier == "foranyvalue":
        return False  # a request without the key escapes the Deny
    operator = NEGATED.get(condition.operator, condition.operator)
    return shuts_out(Condition(operator, condition.key, condition.values))


# --- questions ----------------------------------------------------------------------------------


def opens_to_anyone(policy: Policy, actions: Iterable[str]) -> Statement | None:
    """The statement of a resource's policy that lets anyone in the world do one of these actions.

    Conditions that only named callers or networks can meet close it, and so does a Deny of the same
    action on the same resources to all but such.
    """
    wanted = tuple(actions)
    grants = (each for each in policy if each.allows and each.names_everyone)
    return any_of(lambda grant: _opens(grant, policy, wanted), grants)


def _opens(grant: Statement, policy: Policy, actions: Iterable[str]) -> Statement | None:
    touched = [action for action in actions if grant.touches(action)]

    closed = either(
        lambda: all_of(lambda action: _denied(grant, policy, action), touched),
        lambda: any_of(shuts_out, grant.conditions),
    )
    return None if closed else grant


def _denied(grant: Statement, policy: Policy, action: str) -> bool:
    denials = (
        each
        for each in policy
        if not each.allows
        and each.touches(action)
        and each.reaches(grant.resources or ("*",))
        and ("*" in each.principals or (each.not_principals and "*" not in each.not_principals))
    )
    return any_of(lambda denial: all_of(_spares_only_named, denial.conditions), denials) or False


def grants_everything(policy: Policy) -> Statement | None:
    """The statement of an identity's policy that allows every action on every resource.

    Conditions on who holds it or how it is used (MFA, address, region) do not make it less. Denying
    some actions beside it does not either; denying all does.
    """
    if any(not each.allows and each.every_action and each.every_resource and not each.conditions for each in policy):
        return None
    whole = (each for each in policy if each.allows and each.every_action and each.every_resource)
    return any_of(lambda each: each if all_of(_leaves_whole, each.conditions) else None, whole)


def _leaves_whole(condition: Condition) -> bool:
    key = condition.key.partition("/")[0]
    if key in LIMITING:
        return False
    if key in CLOSING or key in CHOSEN_BY_CALLER or key in ("aws:resourceaccount", "aws:resourceorgid"):
        return True
    positive = condition.operator not in NEGATED and condition.operator != "null" and not condition.if_exists
    if positive and not key.startswith("aws:"):
        return False  # only the requests of one service carry such a key
    raise Unknown(f"nobody can say what the condition {condition.operator} on {condition.key} leaves of the grant")

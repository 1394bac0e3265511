"""An IAM policy document as statements: who may do what, and on which conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. A question that the
document leaves open (a condition whose reach nobody knows, a document that is none) raises Unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from checks.conditions import NEGATED, Condition, leaves_whole, shuts_out, spares_only_named
from checks.doubt import all_of, any_of, either
from state import Unknown

WILD = frozenset("*?:")
_WILDCARD = re.compile(r"[*?]")
PARTITION = re.compile("^arn:(aws[a-z-]*:)?")
ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12})(?::.*)?")
KINDS = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. A part that the document leaves out is empty; ``principals`` are their names alone.

    ``federated`` are those among them that are identity providers.
    """

    allows: bool
    sid: str = ""
    principals: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
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

    @property
    def accounts(self) -> tuple[str, ...]:
        """The numbers of the accounts that the principals are, or lie in."""
        found = (ACCOUNT.fullmatch(each) for each in self.principals if each not in self.federated)
        return tuple(dict.fromkeys(each[1] for each in found if each))

    def touches(self, action: str) -> bool:
        """Whether it is about all of what an action (or a pattern of actions) names."""
        if self.actions:
            return any(matches(pattern, action) for pattern in self.actions)
        return not any(meet(pattern.lower(), action.lower()) for pattern in self.not_actions)

    def within(self, wanted: Iterable[str]) -> Iterator[str]:
        """What it names of some actions (or patterns of actions)."""
        for each in wanted:
            if not self.actions and not any(matches(pattern, each) for pattern in self.not_actions):
                yield each
            for own in self.actions:
                if meet(own.lower(), each.lower()):
                    yield each if matches(own, each) else own

    def reaches(self, resources: Iterable[str]) -> bool:
        """Whether all of what these patterns name is named here too."""
        if self.not_resources:
            return not any(meet(pattern, each) for pattern in self.not_resources for each in resources)
        own = self.resources or ("*",)
        return all(any(covers(pattern, each) for pattern in own) for each in resources)


Policy = Sequence[Statement]


# --- patterns -----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _pattern(text: str, flags: int) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(wild.get(each) or re.escape(each) for each in text), flags | re.DOTALL)


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern names an action: ``s3:get*`` names ``s3:GetObject``."""
    plain, asked = pattern.lower(), action.lower()
    start = _start(plain)
    if start == plain or not asked.startswith(start):  # nearly all are told apart by this, at a tenth of the cost
        return plain == asked
    return _pattern(plain, 0).fullmatch(asked) is not None


def _start(pattern: str) -> str:
    """What stands before its first wildcard."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


def covers(pattern: str, other: str) -> bool:
    """Whether a pattern names all that another one does. ``*`` in the other is matched by ``*`` alone."""
    return _pattern(pattern, 0).fullmatch(other) is not None


def wild(pattern: str) -> bool:
    """Whether a pattern is nothing but wildcards: ``*``, ``*:*``."""
    return "*" in pattern and set(pattern) <= WILD


def meet(one: str, other: str) -> bool:
    """Whether two patterns have a text in common: ``s3:Get*`` and ``s3:*Object`` do."""
    begun = min(len(_start(one)), len(_start(other)))
    if one[:begun] != other[:begun]:  # nearly all are told apart by this, at a twentieth of the cost
        return False
    row = [True]
    for theirs in other:
        row.append(row[-1] and theirs == "*")
    for mine in one:
        below = [row[0] and mine == "*"]
        for index, theirs in enumerate(other):
            if "*" in (mine, theirs):
                below.append(row[index + 1] or below[index])
            else:
                below.append(row[index] and (mine == theirs or "?" in (mine, theirs)))
        row = below
    return row[-1]


# --- reading ------------------------------------------------------------------------------------


def parse(document: Any) -> Policy:
    """The statements of a policy, given as JSON text or as a map; no policy has none."""
    return _of_text(document) if isinstance(document, str) else _of_map(document)


@lru_cache(maxsize=256)
def _of_text(text: str) -> Policy:
    """Kept for a while: a dozen checks after each other ask for the same."""
    if not text.strip():
        return _of_map(text)
    try:
        return _of_map(msgspec.json.decode(text))
    except msgspec.DecodeError as error:
        raise Unknown(f"the policy is not JSON: {error}") from error


def _of_map(document: Any) -> Policy:
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
        federated=_texts(raw["Principal"].get("Federated")) if isinstance(raw.get("Principal"), Mapping) else (),
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
    if isinstance(value, Mapping) and not value.keys() <= KINDS:
        raise Unknown(f"nobody can say what the principals {', '.join(map(str, value.keys() - KINDS))} are")
    groups = value.values() if isinstance(value, Mapping) else [value]
    found = tuple(name for group in groups for name in _texts(group))
    if any(name != "*" and "*" in name for name in found):
        raise Unknown("the policy names principals by a wildcard, which AWS does not accept")
    return found


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


# --- questions ----------------------------------------------------------------------------------


def opens_to_anyone(policy: Policy, actions: Iterable[str]) -> Statement | None:
    """The statement of a resource's policy that lets anyone in the world do one of these actions.

    An action may be a pattern, as ``sqs:*``. Conditions that only named callers or networks can meet
    close it, and so does a Deny of the same action on the same resources to all but such.
    """
    wanted = tuple(actions)
    grants = (each for each in policy if each.allows and each.names_everyone)
    return any_of(lambda grant: _opens(grant, policy, wanted), grants)


def _opens(grant: Statement, policy: Policy, actions: Iterable[str]) -> Statement | None:
    touched = list(grant.within(actions))

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
    return any_of(lambda denial: all_of(spares_only_named, denial.conditions), denials) or False


NAMING = frozenset({"aws:principalaccount", "aws:principalarn", "kms:calleraccount"})


def accounts_let_in(policy: Policy) -> Iterator[tuple[str, Statement]]:
    """Each account that a resource's policy lets in by name: as a principal, or by a condition on everyone.

    Whoever a condition binds to one organisation, or to networks, counts all the same: it is an account.
    """
    for each in policy:
        if each.allows:
            names = each.accounts
            if each.names_everyone:
                tests = (test for test in each.conditions if test.name in NAMING and not test.lax)
                values = (value for test in tests if test.operator not in ("null", *NEGATED) for value in test.values)
                names = tuple(found[1] for value in values if (found := ACCOUNT.fullmatch(value)))
            yield from ((name, each) for name in names)


def grants_everything(policy: Policy) -> Statement | None:
    """The statement of an identity's policy that allows every action on every resource.

    Conditions on who holds it or how it is used (MFA, address, region) do not make it less. Denying
    some actions beside it does not either; denying all does.
    """
    if any(not each.allows and each.every_action and each.every_resource and not each.conditions for each in policy):
        return None
    whole = (each for each in policy if each.allows and each.every_action and each.every_resource)
    return any_of(lambda each: each if all_of(leaves_whole, each.conditions) else None, whole)

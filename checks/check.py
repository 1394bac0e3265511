"""What a check is, and its verdict on one resource."""

from __future__ import annotations

import inspect
import logging
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

import msgspec

from checks.estimates import Estimator
from checks.prices import Estimate, Prices
from checks.reads import reads, texts
from state import Declaration, Inventory, LiveOnly, Resource, Unknown, stable_id
from state.packed import EMPTY
from state.resource import ANYTHING, Key
from state.terraform.keeping import Kept
from state.terraform.provider import attributes

log = logging.getLogger("driftline")

TAGGED = "*"
"""The type of a check that judges every resource that can carry tags."""

FIX, CLI = "Fix:", "CLI:"

LIVE_ONLY = "live only"
"""How the message of a verdict begins that was not come to, since nobody looked at what is live."""

FRAMEWORKS = {
    "cis_3_0": "CIS AWS 3.0",
    "cis_5_0": "CIS AWS 5.0",
    "cis_6_0": "CIS AWS 6.0",
    "cis_7_0": "CIS AWS 7.0",
    "fsbp": "AWS FSBP",
    "pci_4": "PCI DSS 4.0",
    "nist_800_53_r5": "NIST 800-53 r5",
    "soc2": "SOC 2",
    "hipaa": "HIPAA",
    "gdpr": "GDPR",
    "well_architected_reliability": "Well-Architected reliability",
    "well_architected_security": "Well-Architected security",
    "well_architected_cost": "Well-Architected cost",
}


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Status(StrEnum):
    PASS = "pass"  # noqa: S105  the verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    SKIPPED = "skipped"


class Origin(StrEnum):
    """Where a failure comes from, and so who mends it: the code, a re-apply, or nobody's code yet."""

    DECLARED = "declared"
    DRIFTED = "drifted"
    UNMANAGED = "unmanaged"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a plan makes of what is there: of a failure, of what is mended, and of what goes with its resource."""

    WORSE = "worse"
    NEW = "new"
    AS_BEFORE = "as before"
    UNSURE = "unsure"
    MENDED = "mended"
    REMOVED = "removed"


class Category(StrEnum):
    BACKUP = "backup"
    CONTAINERS = "containers"
    COST = "cost"
    ENCRYPTION = "encryption"
    GOVERNANCE = "governance"
    IAM = "iam"
    LOGGING = "logging-monitoring"
    NETWORK = "network"
    PUBLIC_EXPOSURE = "public-exposure"
    RESILIENCE = "resilience"
    SECRETS = "secrets"
    TAGGING = "tagging"


Days = Annotated[int, msgspec.Meta(ge=1)]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many days something is too old, or how many it has to be kept.

    Backups and logs are kept at least so long; keys are at most so old, and credentials at most so long unused;
    a certificate is told of so long before its end. What a framework asks for stands as default.
    """

    backup_days: Days = 7
    log_retention_days: Days = 365
    access_key_days: Days = 90
    unused_days: Days = 45
    certificate_days: Days = 30


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a team has agreed on, for the checks that ask: required tag keys, the regions it works in, the pattern
    (a regular expression) that names have to fit whole, accounts of partners and of delegated administrators, who
    may own things and the tags that say so, by tag key the pattern that its values have to fit. What is empty is not
    asked. ``thresholds`` say how long is long enough, and ``narrowed`` where that is another number of days for one
    resource; ``conventions`` where tags and names have to be otherwise. ``states`` are those that lie in S3, whether
    they were read or code only says so; ``public_load_balancers`` and ``public_repositories`` the names, by glob, of
    those that are meant for everyone.
    """

    required_tags: tuple[str, ...] = ("owner", "environment", "cost-center", "service")
    allowed_regions: tuple[str, ...] = ()
    name_pattern: str = ""
    partner_accounts: tuple[str, ...] = ()
    public_load_balancers: tuple[str, ...] = ()
    public_repositories: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    owner_tags: tuple[str, ...] = ("owner", "team")
    delegated_administrators: tuple[str, ...] = ()
    thresholds: Thresholds = Thresholds()
    narrowed: Callable[[Resource, str], int | None] | None = None
    allowed_tag_values: Mapping[str, str] = {}
    conventions: Callable[[Resource, str], Any] | None = None
    states: tuple[Kept, ...] = ()

    def days(self, resource: Resource, threshold: str) -> int:
        """A threshold as it is for one resource; raises Unknown where that hangs on a tag that could not be seen."""
        own: int | None = self.narrowed(resource, threshold) if self.narrowed else None
        usual: int = getattr(self.thresholds, threshold)
        return usual if own is None else own

    def of(self, resource: Resource, convention: str) -> Any:
        """``required_tags``, ``allowed_tag_values`` or ``name_pattern`` as it is for one resource; raises as `days`."""
        own = self.conventions(resource, convention) if self.conventions else None
        return getattr(self, convention) if own is None else own


class Skip(Exception):
    """There is nothing to judge by: the team has not said what this check asks for."""


class Fault(msgspec.Struct, frozen=True):
    """Why a resource fails, with evidence beyond its own attributes: a neighbour's, as path and value."""

    message: str
    evidence: Mapping[str, Any] = {}


def evidence_of(neighbour: Resource, *names: str) -> dict[str, Any]:
    """What a neighbour says, as evidence of a Fault; an attribute that is not set says nothing."""
    said = {name: neighbour.attributes.get(name) for name in names}
    return {
        f"{neighbour.type}.{neighbour.id}.{name}": "(sensitive)" if name in neighbour.sensitive else value
        for name, value in said.items()
        if value is not None
    }


Verdict = str | Fault | None
Rule = Callable[..., Verdict]
Subjects = Callable[[Inventory, Terms], Iterable[Resource]]


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The verdict of one check on one resource.

    ``evidence`` maps each attribute that the rule read to its value (``(sensitive)`` where it must
    not be shown). ``origin`` is set on failures, ``twin`` where the code declares the resource.
    ``effect`` is set where a plan was compared with what is there. ``estimate`` is what a failure costs a month, where
    prices of that are known.
    """

    check: Check
    resource: Resource
    status: Status
    message: str = ""
    evidence: Mapping[str, Any] = EMPTY
    origin: Origin | None = None
    twin: Resource | None = None
    effect: Effect | None = None
    estimate: Estimate | None = None

    @property
    def declared(self) -> Declaration | None:
        """Where the code declares it."""
        return self.twin.declared if self.twin else None

    @property
    def id(self) -> str:
        return finding_id(self.check.id, self.resource.key)

    @property
    def is_brief(self) -> bool:
        """Whether its message is all that it says."""
        return self.evidence is EMPTY and not (self.origin or self.twin or self.effect or self.estimate)


def finding_id(check: str, key: Key) -> str:
    """The id, fixed for good, of what a check says of the resource with a key."""
    type, account, region, identity = key
    return stable_id(check, type, identity, account, region, "")


_EXAMPLE = re.compile(r"^(Fails|Passes):\n\n((?:    .*(?:\n|\Z)|\n)+)", re.MULTILINE)


class Check(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A rule over one resource and its neighbours, and what the field needs to know of it."""

    rule: Rule
    types: tuple[str, ...]
    severity: Severity
    category: Category
    frameworks: Mapping[str, tuple[str, ...]] = {}
    asks_terms: bool = False
    also_reads: tuple[str, ...] = ()
    subjects: Subjects | None = None
    monthly: Estimator | None = None

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """What the rule and its estimate may read, by Terraform type: attributes, facts, ``tags`` and ``owner``."""
        estimated = sorted(texts(self.monthly)) if self.monthly else ()
        return reads(self.rule, self.types, (*self.also_reads, *estimated))

    @cached_property
    def id(self) -> str:
        return self.rule.__name__.replace("_", "-")

    @property
    def service(self) -> str:
        """How the file that the check lives in begins, and so its id: ``rds``, ``iam`` of ``iam_users``."""
        return self.rule.__module__.rpartition(".")[2].partition("_")[0]

    @cached_property
    def title(self) -> str:
        return self._docs[0].rstrip(".")

    @property
    def rationale(self) -> str:
        """Why it matters: the paragraphs between the title and the examples."""
        return "\n\n".join(each for each in self._docs[1:] if not each.startswith((FIX, CLI)))

    @property
    def remediation(self) -> str:
        """How to mend it: the paragraph that begins with ``Fix:``, without that word."""
        return self._after(FIX)

    @property
    def command(self) -> str:
        """The AWS CLI's command that mends it by itself, with ``{id}`` and the like; empty where there is none."""
        return self._after(CLI).strip("`")

    def _after(self, word: str) -> str:
        said = next((each for each in self._docs[1:] if each.startswith(word)), "")
        return said.removeprefix(word).strip()

    @property
    def examples(self) -> list[tuple[Status, str]]:
        """The documented configurations, with the verdict that each of them gets."""
        verdicts = {"Fails": Status.FAIL, "Passes": Status.PASS}
        found = _EXAMPLE.findall(inspect.getdoc(self.rule) or "")
        return [(verdicts[word], textwrap.dedent(text).strip("\n") + "\n") for word, text in found]

    @cached_property
    def _docs(self) -> list[str]:
        text = inspect.getdoc(self.rule) or ""
        prose = text.partition("\nFails:")[0]
        return [" ".join(each.split()) for each in prose.split("\n\n") if each.strip()]

    def judge(self, resource: Resource, inventory: Inventory, terms: Terms) -> Finding:
        """The verdict on one resource; whatever goes wrong costs this verdict and no other."""
        seen: dict[str, Any] = {}
        watched = _Watched.of(resource, seen)
        try:
            verdict = self.rule(watched, inventory, terms) if self.asks_terms else self.rule(watched, inventory)
        except LiveOnly:
            return Finding(check=self, resource=resource, status=Status.SKIPPED, message=LIVE_ONLY)
        except Skip as nothing:
            return Finding(check=self, resource=resource, status=Status.SKIPPED, message=str(nothing))
        except Unknown as unseen:
            return Finding(check=self, resource=resource, status=Status.UNKNOWN, message=str(unseen))
        except Exception as error:
            reason = f"the check could not judge it: {type(error).__name__}: {error}"
            return Finding(check=self, resource=resource, status=Status.UNKNOWN, message=reason)
        fault = Fault(verdict) if isinstance(verdict, str) else verdict
        if fault is None:
            return Finding(check=self, resource=resource, status=Status.PASS)
        return Finding(
            check=self,
            resource=resource,
            status=Status.FAIL,
            message=fault.message,
            evidence={**seen, **fault.evidence},
        )

    def estimate(self, resource: Resource, prices: Prices) -> Estimate | None:
        """What a failure of this resource costs a month; None where that cannot be told, and the verdict stands."""
        try:
            return self.monthly(resource, prices) if self.monthly else None
        except Unknown:
            return None
        except Exception as error:
            log.warning("%s: what %s costs could not be told: %s: %s", self.id, resource, type(error).__name__, error)
            return None

    def run(self, inventory: Inventory, terms: Terms, among: Inventory | None = None) -> Iterator[Finding]:
        """A finding for each resource of the check's types, and for each place that could not be read.

        A check that has ``subjects`` judges those alone, and they tell what could not be read of them.
        Neighbours are looked for ``among`` another reading's, where that holds more.
        """
        judged = False
        for resource in self._subjects(inventory, terms):
            judged = True
            yield self.judge(resource, among or inventory, terms)
        for gap in inventory.gaps:
            if gap.attribute is None and self.subjects is None and self._judges(gap.type):
                judged = True
                unread = Resource(type=gap.type, id=gap.id or "*", account=gap.account, region=gap.region)
                yield Finding(check=self, resource=unread, status=Status.UNKNOWN, message=gap.reason)
        if not judged:
            none = Resource(type=self.types[0], id="*")
            yield Finding(check=self, resource=none, status=Status.SKIPPED, message=f"no {self._kinds()}")

    def _kinds(self) -> str:
        if self.subjects:
            return self.subjects.__name__.replace("_", " ")
        return "resource that takes tags" if TAGGED in self.types else " or ".join(self.types)

    def _judges(self, type: str) -> bool:
        return type in (ANYTHING, *self.types) or (TAGGED in self.types and "tags" in attributes(type))

    def _subjects(self, inventory: Inventory, terms: Terms) -> Iterable[Resource]:
        if self.subjects:
            return self.subjects(inventory, terms)
        if TAGGED in self.types:
            return (each for each in inventory.resources if "tags" in each.attributes or "tags" in each.unknown)
        return (each for type in self.types for each in inventory.of(type))


class _Watched(Resource):
    """A resource that remembers what is read of it: the evidence of a verdict."""

    __slots__ = ("seen",)

    seen: dict[str, Any]

    @classmethod
    def of(cls, resource: Resource, seen: dict[str, Any]) -> _Watched:
        watched = cls.at_hand(resource)
        watched.seen = seen
        return watched

    def _seen(self, name: str, values: Mapping[str, Any], unknown: Mapping[str, str]) -> Any:
        value = super()._seen(name, values, unknown)
        self.seen[name] = "(sensitive)" if name in self.sensitive else value
        return value


REGISTRY: dict[str, Check] = {}


def add(declared: Check) -> None:
    """Put a check into the registry. Raises ValueError where its id is taken."""
    if declared.id in REGISTRY:
        raise ValueError(f"there is a check {declared.id} already; name it otherwise")
    REGISTRY[declared.id] = declared


def check(
    *types: str,
    severity: Severity,
    category: Category,
    reads: Sequence[str] = (),
    subjects: Subjects | None = None,
    monthly: Estimator | None = None,
    **frameworks: str,
) -> Callable[[Rule], Rule]:
    """Register a rule. Framework ids are given as ``cis_3_0="5.2;5.3"``; see FRAMEWORKS.

    What a rule reads is told by its code; ``reads`` names what it asks by a name that it puts together.
    ``subjects`` choose whom it judges, where that is not all there are of its types. ``monthly`` tells what a
    failure costs a month.

    The rule takes a resource and the inventory it lies in (and the team's Terms, if it has a third
    parameter). It returns None when all is well, else the sentence that says what is wrong.
    """

    def register(rule: Rule) -> Rule:
        add(
            Check(
                rule=rule,
                types=types,
                severity=severity,
                category=category,
                frameworks={name: tuple(ids.split(";")) for name, ids in frameworks.items()},
                asks_terms=len(inspect.signature(rule).parameters) > 2,
                also_reads=tuple(reads),
                subjects=subjects,
                monthly=monthly,
            )
        )
        return rule

    return register


def select(
    *,
    checks: Sequence[str] = (),
    types: Sequence[str] = (),
    categories: Sequence[str] = (),
    frameworks: Sequence[str] = (),
) -> list[Check]:
    """The registered checks that fit every selector given.

    ``frameworks`` are ids of FRAMEWORKS; a check that is mapped to one of them fits.
    """
    from fnmatch import fnmatchcase

    return [
        each
        for each in REGISTRY.values()
        if (not checks or any(fnmatchcase(each.id, pattern) for pattern in checks))
        and (not types or set(types) & set(each.types))
        and (not categories or each.category in categories)
        and (not frameworks or set(frameworks) & set(each.frameworks))
    ]

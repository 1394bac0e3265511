"""How much of what Terraform declares is read and compared, and what is not and why: nothing of AWS is asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from scanner import delivery
from scanner.aws.pacing import read_timeout
from scanner.aws.session import Access
from scanner.collectors import schemas
from scanner.settings import Settings
from state import Inventory, Resource
from state.resource import Gap
from state.schema import Schemas
from state.terraform import provider
from state.terraform.remote import shown
from state.terraform.settle import Told, told
from state.terraform.sources import Follow, Hint, Web, written


class LeftOut(StrEnum):
    """Attributes that no API tells anybody: they count neither as compared nor as not compared."""

    TIMEOUTS = "timeouts"
    PREFIX = "prefix"
    ARGUMENT = "argument"
    HIDDEN = "secret"


class Why(StrEnum):
    """Why an attribute that is set is not compared."""

    TYPE = "type"
    UNREAD = "unread"
    COMPUTED = "computed"
    MADE_UP = "made-up"
    UNKNOWN = "unknown"


NEVER = {
    "aws_secretsmanager_secret_version": "is the secret itself, which is never read",
    "aws_dynamodb_table_item": "is data in a table, which is never read",
}
"""Types of which nothing may be read, or that are not read for their number."""

NOT_YET = "no collector reads it yet"

_PREFIXES = ("name", "bucket", "key_name", "node_group_name", "cluster_identifier", "identifier")
_ARGUMENTS = frozenset(
    (
        *("allow_major_version_upgrade", "allow_overwrite", "apply_immediately", "bypass_policy_lockout_safety_check"),
        *("delete_automated_backups", "deletion_window_in_days", "filename", "final_snapshot_identifier"),
        *("force_delete", "force_destroy", "force_detach_policies", "force_new_deployment", "get_password_data"),
        *("ipv4_netmask_length", "publish", "recovery_window_in_days", "replace_triggered_by", "retain_on_delete"),
        *("revoke_rules_on_delete", "skip_destroy", "skip_final_snapshot", "snapshot_identifier", "source_region"),
        *("triggers", "user_data_replace_on_change"),
    )
)
_ARGUMENTS_OF = {
    "aws_ecs_service": {"iam_role"},
    "aws_lambda_function": {"s3_key", "s3_object_version"},
}
_WRITE_ONLY = re.compile(r"wait_for_\w+|\w+_wo(_version)?")
_PASSWORDS = frozenset(("auth_token", "master_password", "password"))
_SECRETS_OF = {
    "aws_iam_access_key": {"encrypted_secret", "key_fingerprint", "pgp_key", "secret", "ses_smtp_password_v4"},
    "aws_key_pair": {"public_key"},
}


def left_out(type: str, name: str) -> LeftOut | None:
    """Why nobody could compare an attribute of this name; None where somebody could."""
    if name == "timeouts":
        return LeftOut.TIMEOUTS
    if name.endswith("_prefix") and name.removesuffix("_prefix") in _PREFIXES:
        return LeftOut.PREFIX
    if name in _PASSWORDS or name in _SECRETS_OF.get(type, ()):
        return LeftOut.HIDDEN
    if name in _ARGUMENTS or name in _ARGUMENTS_OF.get(type, ()) or _WRITE_ONLY.fullmatch(name):
        return LeftOut.ARGUMENT
    return None


class TypeCoverage(msgspec.Struct, kw_only=True):
    """What was found of one type; the counts of attributes are of those that are set, by name.

    Among those compared, ``repeated`` are ids that only say again what other attributes do, and
    ``noise`` are those in which a difference is nobody's doing: told apart from drift.
    """

    instances: int = 0
    instances_collected: int = 0
    reason: str | None = None
    repeated: int = 0
    noise: int = 0
    compared: Counter[str] = msgspec.field(default_factory=Counter)
    not_compared: dict[Why, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    left_out: dict[LeftOut, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))

    @property
    def attributes(self) -> int:
        return self.attributes_compared + sum(each.total() for each in self.not_compared.values())

    @property
    def attributes_compared(self) -> int:
        return self.compared.total()


class Coverage(msgspec.Struct, kw_only=True):
    """What was found of each type, by type, and the sources that could not be read."""

    types: dict[str, TypeCoverage]
    sources: Sequence[str] = ()
    gaps: Sequence[Gap] = ()

    def total(self, count: str) -> int:
        """The sum of one of the counts over all types."""
        return sum(getattr(each, count) for each in self.types.values())


async def coverage(settings: Settings) -> Coverage:
    """What a scan would compare of what the sources declare. Raises Unreadable for one that cannot be read."""
    hints = [Hint(source=each.source, account=each.account, region=each.region) for each in settings.states]
    follow = Follow(settings.allow_backends) if settings.follow_backends else None
    access = Access(profile=settings.profile)
    async with delivery.objects(access) as objects:
        await objects.enter(settings.sources)
        web = Web(read_timeout())
        found = await written(settings.sources, schemas(), objects=objects, web=web, hints=hints, follow=follow)
    return covered(found, schemas(), tuple(map(shown, settings.sources)))


def covered(declared: Inventory, schemas: Schemas, sources: Sequence[str] = ()) -> Coverage:
    """What a comparison would look at of declared resources as their sources have them."""
    names = {type: frozenset(schema.compared) for type, schema in schemas.items()}
    types: dict[str, TypeCoverage] = defaultdict(TypeCoverage)
    for each in told(declared.resources, schemas):
        _count(types[each.declared.type], each, schemas, names)
    return Coverage(types=dict(sorted(types.items())), sources=sources, gaps=declared.gaps)


def _count(found: TypeCoverage, each: Told, schemas: Schemas, names: Mapping[str, frozenset[str]]) -> None:
    found.instances += 1
    if each.collected:
        found.instances_collected += 1
    else:
        found.reason = NEVER.get(each.declared.type, NOT_YET)
    looked_at = seen(each, names, schemas) if each.collected else frozenset()
    found.repeated += "id" in looked_at and not is_found_by_id(each, schemas)
    for name in present(each.declared):
        if rule := left_out(each.declared.type, name):
            found.left_out[rule][name] += 1
        elif name in looked_at:
            found.compared[name] += 1
            found.noise += _is_noise(each, name, schemas)
        else:
            found.not_compared[_why(each, name)][name] += 1


def _is_noise(each: Told, name: str, schemas: Schemas) -> bool:
    form = schemas[each.own.type].form(name) if each.own else None
    return form is not None and bool(form.noise)


def present(declared: Resource) -> Iterator[str]:
    """The attributes that are set, and those that the source does not say the value of."""
    yield from (name for name, value in declared.attributes.items() if value is not None)
    yield from (name for name in declared.unknown if name not in declared.attributes)


def seen(each: Told, names: Mapping[str, frozenset[str]], schemas: Schemas) -> frozenset[str]:
    """The attributes of a declared resource that a comparison looks at: those of its type that are
    compared, those that are compared as parts, and those that it finds the live thing by."""
    found = set(each.blocks)
    if each.own is not None:
        found |= names[each.own.type]
        if "tags" in found:
            found.add("tags_all")  # which is what is compared as tags
    found -= each.declared.unknown.keys()
    if each.declared.region and each.declared.attributes.get("region") == each.declared.region:
        found.add("region")
    if each.declared.id and (is_found_by_id(each, schemas) or _is_repeated(each.declared, found)):
        found.add("id")
    return frozenset(found)


def is_found_by_id(each: Told, schemas: Schemas) -> bool:
    """Whether with another id it would be taken for another thing."""
    if each.own is None:
        return False
    another = f"{each.own.id}x"
    return schemas[each.own.type].identify(another, {**each.own.attributes, "id": another}) != each.own.identity


def _is_repeated(declared: Resource, compared: Iterable[str]) -> bool:
    """Whether the id but repeats other attributes, as ``agr-a1b2-root`` does: it holds one word more at most."""
    left = declared.id
    values = {value for name in compared if isinstance(value := declared.attributes.get(name), str) and value}
    for value in sorted(values, key=len, reverse=True):
        left = left.replace(value, "")
    return left != declared.id and re.fullmatch(r"[a-z]*[\W_]*", left) is not None


def _why(each: Told, name: str) -> Why:
    if name in each.declared.unknown:
        return Why.UNKNOWN
    if not each.collected:
        return Why.TYPE
    if name == "id":
        return Why.MADE_UP
    known = provider.attributes(each.declared.type).get(name)
    return Why.COMPUTED if known is not None and known.flags.strip() == "c" else Why.UNREAD

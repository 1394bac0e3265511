"""AWS KMS: grants, which let one principal use a key beside what the key's policy says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, blocks, unordered
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from scanner.aws.texts import last
from scanner.collectors.kms import ALIASES, GONE, KEYS, key_of, of_aws
from state.forms import MAP, Form
from state.schema import Parent


async def _own_keys(place: Place) -> list[Item]:
    """The keys but those of AWS's making, each of which an alias of AWS's stands for: only AWS can grant their use."""
    of_services = {each.get("TargetKeyId") for each in await ALIASES(_own_keys, place) if of_aws(each)}
    return [each for each in await KEYS(_own_keys, place) if each["KeyId"] not in of_services]


async def _grants(place: Place, key: Item) -> Item:
    return await place.whole("kms", "list_grants", KeyId=key["KeyId"])


ALIASES.readers.add(_own_keys)
KEYS.readers.add(_own_keys)
OWN_KEYS = Once(_own_keys)


def in_key(answer: Item, key: Item) -> list[Item]:
    """The grants of a key, under its id: AWS names the key of each by its ARN."""
    return [each | {"KeyId": key["KeyId"]} for each in answer.get("Grants") or ()]


def grant_identity(grant: Mapping[str, Any]) -> str | None:
    """``1234abcd/f020fe75``: the key's id, whether it is written so or as an ARN, and the grant's."""
    key, grant_id = key_of(grant), grant.get("grant_id")
    return f"{key}/{grant_id}" if key and grant_id else None


_SERVICE = re.compile(r"([a-z0-9-]+)(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_ROLE_OF_SERVICE = re.compile(r":assumed-role/aws:([a-z0-9]+)-")
_CONTEXT = re.compile(r"aws:([a-z0-9-]+):")


def maker(grant: Item) -> str | None:
    """The service that took a grant for what it encrypts with the key.

    It takes it for itself, or so that it retires it; for a role of its own, whose name begins with ``aws:``; or for
    a role of the account that uses the key, and then for one thing, which the encryption context names as AWS's
    services do (``aws:lambda:FunctionArn``). A grant to a service-linked role is not the service's: AWS has people
    make it, where the key is of another account.

    https://docs.aws.amazon.com/kms/latest/developerguide/determining-access-grants.html
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    """
    grantee = grant.get("GranteePrincipal") or ""
    found = _SERVICE.fullmatch(grantee) or _SERVICE.fullmatch(grant.get("RetiringPrincipal") or "")
    found = found or _ROLE_OF_SERVICE.search(grantee)
    if found is None and _account(grantee) == _account(grant.get("IssuingAccount")):
        found = next(filter(None, map(_CONTEXT.match, _context(grant))), None)
    return found[1] if found else None


def _account(arn: str | None) -> str:
    """The account in the ARN of a principal."""
    return f"{arn}:::::".split(":")[4]


def _context(grant: Item) -> list[str]:
    """The names in the encryption context that a grant is bound to."""
    return [name for said in (grant.get("Constraints") or {}).values() if isinstance(said, Mapping) for name in said]


GRANT = Collector(
    type="aws_kms_grant",
    service="kms",
    fetch=inside("kms_grants", OWN_KEYS, Once(_grants), in_key, gone=GONE),
    asks_parents=True,
    permissions=("kms:ListKeys", "kms:ListAliases", "kms:ListGrants"),
    id="join(':', [KeyId, GrantId])",
    identity=grant_identity,
    parent=Parent(type="aws_kms_key", by=key_of, part="grant"),
    owner=maker,
    attributes={
        "constraints": blocks(
            "Constraints.{encryption_context_equals: EncryptionContextEquals, "
            "encryption_context_subset: EncryptionContextSubset}",
            encryption_context_equals=MAP,
            encryption_context_subset=MAP,
        ),
        "grant_id": "GrantId",
        "grantee_principal": "GranteePrincipal",
        "key_id": Attribute(path="KeyId", form=Form(canonical=last)),
        "name": "Name",
        "operations": unordered("Operations"),
        "retiring_principal": "RetiringPrincipal",
    },
    facts={"creation_date": "CreationDate", "issuing_account": "IssuingAccount"},
)

COLLECTORS = [GRANT]

"""Who may use a bucket by its access control list, and where the log of its use goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, as_block
from scanner.collectors.s3 import answer, copies, in_bucket, part, setting
from state import Resource
from state.forms import UNREAD, VOLATILE, Form, Pairwise, plain

Grant = tuple[str | None, str | None, str | None]
"""(type of grantee, its id, URI or address, permission)"""

GROUPS = "http://acs.amazonaws.com/groups"

CANNED = {
    "private": (),
    "public-read": (("global/AllUsers", "READ"),),
    "public-read-write": (("global/AllUsers", "READ"), ("global/AllUsers", "WRITE")),
    "authenticated-read": (("global/AuthenticatedUsers", "READ"),),
    "log-delivery-write": (("s3/LogDelivery", "WRITE"), ("s3/LogDelivery", "READ_ACP")),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
}
"""What a canned ACL grants besides all to the owner. The last two say something of objects only."""

GRANTEE = (
    "{grantee: [{display_name: Grantee.DisplayName, email_address: Grantee.EmailAddress, id: Grantee.ID, "
    "type: Grantee.Type, uri: Grantee.URI}], permission: Permission}"
)


def granted(grants: Any, owner: str | None = None) -> set[Grant]:
    """Grants without names; a user without an id is the owner."""
    found = set()
    for grant in grants or ():
        for grantee in grant.get("grantee") or ():
            kind = grantee.get("type")
            who = grantee.get("id") or grantee.get("uri") or grantee.get("email_address")
            found.add((kind, who or (owner if kind == "CanonicalUser" else None), grant.get("permission")))
    return found


def _owner(policy: Any) -> str | None:
    return next((owner["id"] for each in policy or () for owner in each.get("owner") or () if owner.get("id")), None)


def _grants(policy: Any) -> list[dict[str, Any]]:
    return [grant for each in policy or () for grant in each.get("grant") or ()]


def same_grants(declared: Any, live: Any) -> bool:
    owner = _owner(live)
    return granted(_grants(declared), owner) == granted(_grants(live), owner)


GRANTS = Form(canonical=lambda value: sorted(map(repr, granted(value))) or None)
ACCESS = Pairwise(agree=same_grants, inner={"grant": GRANTS, "owner": UNREAD})


def canned_grants(name: str) -> list[dict[str, Any]]:
    """A canned ACL in full; the owner goes without an id, which only AWS knows."""
    groups = [("Group", f"{GROUPS}/{group}", permission) for group, permission in CANNED[name]]
    return [
        {"grantee": [{"type": type, "id": None, "uri": uri}], "permission": permission}
        for type, uri, permission in [("CanonicalUser", None, "FULL_CONTROL"), *groups]
    ]


def canned(answer: Any) -> str | None:
    """The canned ACL that these grants are, if they are one."""
    owner = _owner(answer)
    actual = granted(_grants(answer), owner)
    return next((name for name in CANNED if granted(canned_grants(name), owner) == actual), None)


def acl_in_bucket(bucket: Resource) -> Iterator[Resource]:
    """The bucket's copy of the grants; before version 4 there is none where the ACL is a canned one."""
    rows = copies(bucket, "grant")
    name = bucket.attributes.get("acl")
    grants = list(_one_each(rows)) if rows else canned_grants(name) if name in CANNED else []
    if grants:
        yield in_bucket(bucket, access_control_policy=[{"grant": grants}])


def _one_each(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        grantee = {"type": row.get("type"), "id": row.get("id"), "uri": row.get("uri")}
        for permission in row.get("permissions") or ():
            yield {"grantee": [grantee], "permission": permission}


def private(acl: Resource) -> bool:
    policy = acl.attributes.get("access_control_policy")
    return same_grants([{"grant": canned_grants("private")}], policy) or _grants(policy) == canned_grants("private")


POLICY = f"Acl.{{grant: Grants[].{GRANTEE}, owner: [{{display_name: Owner.DisplayName, id: Owner.ID}}]}}"

ACL = setting(
    "aws_s3_bucket_acl",
    part("acl", **{"access_control_policy[0].grant": "grant", "access_control_policy": "grant"}),
    answer("get_bucket_acl", "Acl"),
    "s3:GetBucketAcl",
    {
        "access_control_policy": Attribute(path=POLICY, form=ACCESS, convert=as_block),
        # AWS keeps the grants and forgets the name, so that the provider never reads it: the grants compare.
        "acl": Attribute(path=POLICY, form=VOLATILE, convert=lambda policy: canned(as_block(policy))),
    },
    homes={"aws_s3_bucket": acl_in_bucket},
    at_default=private,
)


# --- logging --------------------------------------------------------------------------------------


def logging_in_bucket(bucket: Resource) -> Iterator[Resource]:
    for each in copies(bucket, "logging"):
        yield in_bucket(bucket, target_bucket=each.get("target_bucket"), target_prefix=each.get("target_prefix"))


def key_format(value: Any) -> Any:
    """Simple prefixes are what one gets without saying anything."""
    partitioned = [plain(each.get("partitioned_prefix")) for each in value or () if each]
    return [each for each in partitioned if each] or None


LOGGING = setting(
    "aws_s3_bucket_logging",
    part("logging[0]"),
    answer("get_bucket_logging", "Logging", holds="LoggingEnabled"),
    "s3:GetBucketLogging",
    {
        "target_bucket": "Logging.LoggingEnabled.TargetBucket",
        "target_grant": Attribute(
            path=f"Logging.LoggingEnabled.TargetGrants[].{GRANTEE}", form=GRANTS, convert=as_block
        ),
        "target_object_key_format": Attribute(
            path="Logging.LoggingEnabled.TargetObjectKeyFormat.{partitioned_prefix: PartitionedPrefix && "
            "[{partition_date_source: PartitionedPrefix.PartitionDateSource}], "
            "simple_prefix: SimplePrefix && [SimplePrefix]}",
            form=Form(canonical=key_format),
            convert=as_block,
        ),
        "target_prefix": "Logging.LoggingEnabled.TargetPrefix",
    },
    homes={"aws_s3_bucket": logging_in_bucket},
)

COLLECTORS = [ACL, LOGGING]

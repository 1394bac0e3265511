"""Amazon ElastiCache: who may enter the caches, and the groups in which they are let in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.aws.collector import Collector, Listing, block, caseless, unordered, volatile
from scanner.aws.place import Item
from scanner.collectors.elasticache import tagging
from state import Resource
from state.forms import UNREAD, Form
from state.noise import APART
from state.schema import Parent

DELETING = "Status=='deleting'"


def way_in(value: Any) -> Any:
    """AWS and Terraform have two names for entering without a password."""
    return "no-password" if value == "no-password-required" else value or None


# How many passwords there are is told; what they are is not.
AUTHENTICATION = block(
    "Authentication.{password_count: PasswordCount, type: Type}", passwords=UNREAD, type=Form(canonical=way_in)
)


def made_with_account(user: Item) -> str | None:
    """AWS makes a user, default, who stands for nobody."""
    return "aws" if user["UserId"] == "default" else None


USER = Collector(
    type="aws_elasticache_user",
    service="elasticache",
    fetch=Listing("describe_users", "Users"),
    details=(tagging(unless="UserId=='default'"),),
    permissions=("elasticache:DescribeUsers", "elasticache:ListTagsForResource"),
    id="UserId",
    identity=("user_id",),
    owner=made_with_account,
    attributes={
        "access_string": "AccessString",
        "arn": "ARN",
        "authentication_mode": AUTHENTICATION,
        "engine": caseless("Engine"),
        "no_password_required": volatile("Authentication.Type=='no-password'"),  # told by authentication_mode
        "user_id": "UserId",
        "user_name": "UserName",
    },
    facts={"minimum_engine_version": "MinimumEngineVersion", "pending_deletion": DELETING, "status": "Status"},
    tags="Tagging.TagList",
)

USER_GROUP = Collector(
    type="aws_elasticache_user_group",
    service="elasticache",
    fetch=Listing("describe_user_groups", "UserGroups"),
    details=(tagging(),),
    permissions=("elasticache:DescribeUserGroups", "elasticache:ListTagsForResource"),
    id="UserGroupId",
    identity=("user_group_id",),
    attributes={
        "arn": "ARN",
        "engine": caseless("Engine"),
        "user_group_id": "UserGroupId",
        "user_ids": volatile("UserIds", APART),  # each is an association of its own
    },
    facts={
        "pending_deletion": DELETING,
        "replication_groups": unordered("ReplicationGroups"),
        "serverless_caches": unordered("ServerlessCaches"),
        "status": "Status",
    },
    tags="Tagging.TagList",
)


def members(group: Resource) -> Iterator[Resource]:
    """The users whom a group names itself."""
    name = group.attributes.get("user_group_id") or group.id
    for user in group.attributes.get("user_ids") or ():
        said = {"user_group_id": name, "user_id": user}
        yield group.replace(id=f"{name},{user}", attributes=said)


USER_GROUP_ASSOCIATION = Collector(
    type="aws_elasticache_user_group_association",
    service="elasticache",
    fetch=Listing("describe_user_groups", "UserIds", within="UserGroups"),
    permissions=("elasticache:DescribeUserGroups",),
    id="join(',', [Parent.UserGroupId, Item])",
    identity=("user_group_id", "user_id"),
    parent=Parent(type="aws_elasticache_user_group", by="user_group_id", part="user_ids"),
    homes={"aws_elasticache_user_group": members},
    attributes={"user_group_id": "Parent.UserGroupId", "user_id": "Item"},
)

COLLECTORS = [USER, USER_GROUP, USER_GROUP_ASSOCIATION]

"""What IAM principals hold: inline policies, attached policies, and users' groups, in the finest form.

Terraform declares each in several homes: a resource of its own, a list in the role
(managed_policy_arns, inline_policy, which are often only the provider's copy), one resource for all
holders of a policy (aws_iam_policy_attachment) and one for all a principal holds (…_exclusive).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import Collector, Scope, policy
from scanner.aws.place import Item
from scanner.collectors.iam import DETAILS, details, owner
from state import Resource
from state.schema import Home, Parent, Projection

LISTS = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
NAMES = {"user": "UserName", "group": "GroupName", "role": "RoleName"}
INLINE = {"user": "UserPolicyList", "group": "GroupPolicyList", "role": "RolePolicyList"}


def owner_of_parent(item: Item) -> str | None:
    """A part of a role that AWS made is AWS's too."""
    return owner(item["Parent"])


def projected(rows: Callable[[Mapping[str, Any]], Iterable[dict[str, Any]]]) -> Projection:
    """A home whose attributes tell the attributes of each part."""

    def project(home: Resource) -> Iterator[Resource]:
        for attributes in rows(home.attributes):
            yield home.replace(attributes=attributes)

    return project


# --- inline policies ----------------------------------------------------------------------------


def inline_identity(kind: str) -> Callable[[Mapping[str, Any]], str | None]:
    """``deployer/logs``; a state that does not tell the name has it in the id, ``deployer:logs``."""

    def identify(attributes: Mapping[str, Any]) -> str | None:
        name = attributes.get("name") or str(attributes.get("id") or "").partition(":")[2]
        return f"{attributes[kind]}/{name}" if attributes.get(kind) and name else None

    return identify


def inline_in_role(role: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The role's own blocks. One without a name is how the provider writes that there are none."""
    for block in role.get("inline_policy") or ():
        if block.get("name"):
            yield {"role": role.get("name"), "name": block["name"], "policy": block.get("policy")}


def inline_exclusive(kind: str) -> Projection:
    """Names only: what the policies say is declared elsewhere."""
    return projected(
        lambda home: ({kind: home.get(f"{kind}_name"), "name": name} for name in home.get("policy_names") or ())
    )


def inline(kind: str, part: str, homes: Mapping[str, Projection]) -> Collector:
    return Collector(
        type=f"aws_iam_{kind}_policy",
        service="iam",
        scope=Scope.GLOBAL,
        fetch=details(INLINE[kind], within=LISTS[kind]),
        permissions=(DETAILS,),
        id=f"join(':', [Parent.{NAMES[kind]}, Item.PolicyName])",
        identity=inline_identity(kind),
        owner=owner_of_parent,
        parent=Parent(type=f"aws_iam_{kind}", by=kind, part=part),
        homes={
            **homes,
            f"aws_iam_{kind}_policies_exclusive": Home(
                project=inline_exclusive(kind), members="policy_names", lasts=True
            ),
        },
        attributes={
            "name": "Item.PolicyName",
            "policy": policy("Item.PolicyDocument"),
            kind: f"Parent.{NAMES[kind]}",
        },
    )


# --- attached policies --------------------------------------------------------------------------


def attached_in_role(role: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for arn in role.get("managed_policy_arns") or ():
        yield {"role": role.get("name"), "policy_arn": arn}


def attached_to_all(kind: str) -> Projection:
    """aws_iam_policy_attachment: one policy and every user, group and role that holds it."""
    return projected(
        lambda home: ({kind: name, "policy_arn": home.get("policy_arn")} for name in home.get(f"{kind}s") or ())
    )


def attached_exclusive(kind: str) -> Projection:
    return projected(
        lambda home: ({kind: home.get(f"{kind}_name"), "policy_arn": arn} for arn in home.get("policy_arns") or ())
    )


def attachment(kind: str, part: str, homes: Mapping[str, Projection]) -> Collector:
    return Collector(
        type=f"aws_iam_{kind}_policy_attachment",
        service="iam",
        scope=Scope.GLOBAL,
        fetch=details("AttachedManagedPolicies", within=LISTS[kind]),
        permissions=(DETAILS,),
        id=f"join('/', [Parent.{NAMES[kind]}, Item.PolicyArn])",
        identity=(kind, "policy_arn"),
        owner=owner_of_parent,
        parent=Parent(type=f"aws_iam_{kind}", by=kind, part=part),
        homes={
            **homes,
            "aws_iam_policy_attachment": Home(project=attached_to_all(kind), members=f"{kind}s"),
            f"aws_iam_{kind}_policy_attachments_exclusive": Home(
                project=attached_exclusive(kind), members="policy_arns", lasts=True
            ),
        },
        attributes={"policy_arn": "Item.PolicyArn", kind: f"Parent.{NAMES[kind]}"},
    )


# --- members of groups --------------------------------------------------------------------------


def member_identity(membership: Mapping[str, Any]) -> str | None:
    """``ann/admins``, of one user in one group."""
    groups: list[str] = membership.get("groups") or []
    return f"{membership['user']}/{groups[0]}" if membership.get("user") and len(groups) == 1 else None


def groups_of_user(home: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for group in home.get("groups") or ():
        yield {"user": home.get("user"), "groups": [group]}


def users_of_group(home: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for user in home.get("users") or ():
        yield {"user": user, "groups": [home.get("group")]}


def group_of(membership: Mapping[str, Any]) -> str | None:
    return next(iter(membership.get("groups") or ()), None)


GROUP_OF_USERS = Parent(type="aws_iam_group", by=group_of, part="users")

MEMBERSHIP = Collector(
    type="aws_iam_user_group_membership",
    service="iam",
    scope=Scope.GLOBAL,
    fetch=details("GroupList", within="UserDetailList"),
    permissions=(DETAILS,),
    id="join('/', [Parent.UserName, Item])",
    identity=member_identity,
    owner=owner_of_parent,
    parent=Parent(type="aws_iam_user", by="user", part="groups"),
    homes={
        "aws_iam_user_group_membership": Home(project=projected(groups_of_user), members="groups", lasts=True),
        "aws_iam_group_membership": Home(
            project=projected(users_of_group), members="users", lasts=True, of=GROUP_OF_USERS
        ),
    },
    attributes={"groups": "[Item]", "user": "Parent.UserName"},
)

COLLECTORS = [
    inline("role", "inline_policy", {"aws_iam_role": projected(inline_in_role)}),
    inline("user", "policy", {}),
    inline("group", "policy", {}),
    attachment("role", "managed_policy_arns", {"aws_iam_role": projected(attached_in_role)}),
    attachment("user", "policy_attachment", {}),
    attachment("group", "policy_attachment", {}),
    MEMBERSHIP,
]

"""What people do to an organization by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State


def _shops(state: State) -> str:
    found: str = state["aws_organizations_organizational_unit.shops"]["id"]
    return found


def _unit_renamed(aws: Clients, state: State) -> None:
    aws("organizations").update_organizational_unit(OrganizationalUnitId=_shops(state), Name="stores")


def _unit_deleted(aws: Clients, state: State) -> None:
    unit = state["aws_organizations_organizational_unit.test"]["id"]
    aws("organizations").delete_organizational_unit(OrganizationalUnitId=unit)


def _unit_tag_changed(aws: Clients, state: State) -> None:
    aws("organizations").tag_resource(ResourceId=_shops(state), Tags=[{"Key": "Team", "Value": "nobody"}])


def _account_moved(aws: Clients, state: State) -> None:
    aws("organizations").move_account(
        AccountId=state["aws_organizations_account.plain"]["id"],
        SourceParentId=state["aws_organizations_account.plain"]["parent_id"],
        DestinationParentId=_shops(state),
    )


def _account_tag_removed(aws: Clients, state: State) -> None:
    account = state["aws_organizations_account.shop"]["id"]
    aws("organizations").untag_resource(ResourceId=account, TagKeys=["Stage"])


def account_tag_changed(aws: Clients, state: State) -> None:
    account = state["aws_organizations_account.shop"]["id"]
    aws("organizations").tag_resource(ResourceId=account, Tags=[{"Key": "Stage", "Value": "test"}])


def account_sent_away(aws: Clients, state: State) -> None:
    aws("organizations").remove_account_from_organization(AccountId=state["aws_organizations_account.plain"]["id"])


def account_closed(aws: Clients, state: State) -> None:
    aws("organizations").close_account(AccountId=state["aws_organizations_account.plain"]["id"])


def _everybody_may_leave(aws: Clients, state: State) -> None:
    policy = state["aws_organizations_policy.stay"]
    content = json.loads(policy["content"])
    content["Statement"]["Condition"] = {"StringEquals": {"aws:PrincipalTag/May": "no"}}
    aws("organizations").update_policy(PolicyId=policy["id"], Content=json.dumps(content))


def _policy_lifted(aws: Clients, state: State) -> None:
    policy = state["aws_organizations_policy.stay"]["id"]
    aws("organizations").detach_policy(PolicyId=policy, TargetId=_shops(state))


def policy_lifted_from_account(aws: Clients, state: State) -> None:
    aws("organizations").detach_policy(
        PolicyId=state["aws_organizations_policy.stay"]["id"],
        TargetId=state["aws_organizations_account.plain"]["id"],
    )


def policy_held_elsewhere_too(aws: Clients, state: State) -> None:
    aws("organizations").attach_policy(
        PolicyId=state["aws_organizations_policy.stay"]["id"],
        TargetId=state["aws_organizations_organizational_unit.test"]["id"],
    )


def policy_told_otherwise(aws: Clients, state: State) -> None:
    policy = state["aws_organizations_policy.stay"]["id"]
    aws("organizations").update_policy(PolicyId=policy, Description="By hand")


def policy_retagged(aws: Clients, state: State) -> None:
    policy = state["aws_organizations_policy.stay"]["id"]
    aws("organizations").tag_resource(ResourceId=policy, Tags=[{"Key": "Team", "Value": "nobody"}])


def _policy_deleted(aws: Clients, state: State) -> None:
    aws("organizations").delete_policy(PolicyId=state["aws_organizations_policy.tags"]["id"])


def _trail_not_trusted(aws: Clients, state: State) -> None:
    aws("organizations").disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


def _backups_trusted(aws: Clients, state: State) -> None:
    aws("organizations").enable_aws_service_access(ServicePrincipal="backup.amazonaws.com")


def _tags_not_held(aws: Clients, state: State) -> None:
    root = state["aws_organizations_organization.all"]["roots"][0]["id"]
    aws("organizations").disable_policy_type(RootId=root, PolicyType="TAG_POLICY")


def backups_held(aws: Clients, state: State) -> None:
    root = state["aws_organizations_organization.all"]["roots"][0]["id"]
    aws("organizations").enable_policy_type(RootId=root, PolicyType="BACKUP_POLICY")


def _shop_no_longer_delegated(aws: Clients, state: State) -> None:
    account = state["aws_organizations_account.shop"]["id"]
    aws("organizations").deregister_delegated_administrator(
        AccountId=account, ServicePrincipal="guardduty.amazonaws.com"
    )


def shop_delegated_more(aws: Clients, state: State) -> None:
    aws("organizations").register_delegated_administrator(
        AccountId=state["aws_organizations_account.shop"]["id"], ServicePrincipal="ssm.amazonaws.com"
    )


def plain_delegated_instead(aws: Clients, state: State) -> None:
    _shop_no_longer_delegated(aws, state)
    aws("organizations").register_delegated_administrator(
        AccountId=state["aws_organizations_account.plain"]["id"], ServicePrincipal="guardduty.amazonaws.com"
    )


def told_otherwise(aws: Clients, state: State) -> None:
    for change in (_unit_renamed, _account_moved, _everybody_may_leave, _policy_lifted, _trail_not_trusted):
        change(aws, state)


def tags_changed(aws: Clients, state: State) -> None:
    for change in (_unit_tag_changed, _account_tag_removed, _backups_trusted, _tags_not_held):
        change(aws, state)


def things_deleted(aws: Clients, state: State) -> None:
    for change in (_unit_deleted, _policy_deleted, _shop_no_longer_delegated):
        change(aws, state)


UNMANAGED = "Terraform never looks for what it does not manage"
ACCOUNTS = "the accounts of an organization are told once, where each is declared"
TYPES = "told once, in enabled_policy_types"

EXPLAINED: dict[str, dict[str, str]] = {
    "account_closed": {
        "terraform: changed aws_organizations_organization.all accounts": ACCOUNTS,
        "terraform: changed aws_organizations_organization.all non_master_accounts": ACCOUNTS,
    },
    "account_sent_away": {
        "terraform: changed aws_organizations_organization.all accounts": ACCOUNTS,
        "terraform: changed aws_organizations_organization.all non_master_accounts": ACCOUNTS,
    },
    "backups_held": {"terraform: changed aws_organizations_organization.all roots": TYPES},
    "plain_delegated_instead": {"ours: unmanaged aws_organizations_delegated_administrator plain": UNMANAGED},
    "policy_held_elsewhere_too": {
        "ours: unmanaged aws_organizations_policy_attachment ou-n6is-c14an35r:p-ujzde8gx": UNMANAGED,
    },
    "shop_delegated_more": {"ours: unmanaged aws_organizations_delegated_administrator shop": UNMANAGED},
    "tags_changed": {"terraform: changed aws_organizations_organization.all roots": TYPES},
    "told_otherwise": {
        "terraform: changed aws_organizations_organizational_unit.shops accounts": (
            "the accounts of a unit are told once, where each is declared"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

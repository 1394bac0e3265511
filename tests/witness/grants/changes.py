"""What people do to grants by hand."""

from __future__ import annotations

from tests.witness.case import Clients, State


def _named(state: State, name: str) -> dict[str, str]:
    grant = state[f"aws_kms_grant.{name}"]
    return {"KeyId": grant["key_id"], "GrantId": grant["grant_id"]}


def grant_revoked(aws: Clients, state: State) -> None:
    aws("kms").revoke_grant(**_named(state, "agent"))


def bound_grant_retired(aws: Clients, state: State) -> None:
    aws("kms").retire_grant(**_named(state, "bound"))


def narrow_grant_revoked(aws: Clients, state: State) -> None:
    aws("kms").revoke_grant(**_named(state, "narrow"))


def grant_given_to_another_account(aws: Clients, state: State) -> None:
    aws("kms").create_grant(
        KeyId=state["aws_kms_key.shop"]["key_id"],
        GranteePrincipal="arn:aws:iam::333333333333:root",
        Operations=["Decrypt"],
    )


EXPLAINED: dict[str, dict[str, str]] = {
    "grant_given_to_another_account": {
        "ours: changed aws_kms_key.shop grant": "the provider reads no grants but those that are declared",
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

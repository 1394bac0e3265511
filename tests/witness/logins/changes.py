"""What people do to logins by hand."""

from __future__ import annotations

from typing import Any

from tests.witness.case import Clients, State


def _pool(state: State, name: str = "shop") -> str:
    found: str = state[f"aws_cognito_user_pool.{name}"]["id"]
    return found


def _second_factor_for_all(aws: Clients, state: State) -> None:
    aws("cognito-idp").set_user_pool_mfa_config(
        UserPoolId=_pool(state), MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )


def _update(aws: Clients, state: State, **changed: Any) -> None:
    kept = ("Policies", "AutoVerifiedAttributes", "AdminCreateUserConfig", "AccountRecoverySetting", "UserPoolAddOns")
    found = aws("cognito-idp").describe_user_pool(UserPoolId=_pool(state))["UserPool"]
    said = {name: found[name] for name in kept if name in found}
    aws("cognito-idp").update_user_pool(UserPoolId=_pool(state), **said | changed)


def _pool_no_longer_protected(aws: Clients, state: State) -> None:
    _update(aws, state, DeletionProtection="INACTIVE")


def pool_deleted(aws: Clients, state: State) -> None:
    _pool_no_longer_protected(aws, state)
    _domain_deleted(aws, state)
    aws("cognito-idp").delete_user_pool(UserPoolId=_pool(state))


def _client(aws: Clients, state: State, **changed: Any) -> None:
    client = {"UserPoolId": _pool(state), "ClientId": state["aws_cognito_user_pool_client.web"]["id"]}
    aws("cognito-idp").update_user_pool_client(**client, **changed)


def _sent_back_elsewhere(aws: Clients, state: State) -> None:
    _client(aws, state, CallbackURLs=["https://shop.example.com/a", "https://elsewhere.example.net"])


def _tokens_last_longer(aws: Clients, state: State) -> None:
    _client(aws, state, AccessTokenValidity=24, TokenValidityUnits={"AccessToken": "hours", "RefreshToken": "days"})


def _client_deleted(aws: Clients, state: State) -> None:
    client = state["aws_cognito_user_pool_client.plain"]["id"]
    aws("cognito-idp").delete_user_pool_client(UserPoolId=_pool(state, "plain"), ClientId=client)


def _domain_deleted(aws: Clients, state: State) -> None:
    aws("cognito-idp").delete_user_pool_domain(UserPoolId=_pool(state), Domain="driftline-witness")


def domain_given_to_another_pool(aws: Clients, state: State) -> None:
    _domain_deleted(aws, state)
    aws("cognito-idp").create_user_pool_domain(UserPoolId=_pool(state, "plain"), Domain="driftline-witness")


def _group_first_of_all(aws: Clients, state: State) -> None:
    aws("cognito-idp").update_group(UserPoolId=_pool(state), GroupName="buyers", Precedence=1, Description="By hand")


def group_given_another_role(aws: Clients, state: State) -> None:
    role = "arn:aws:iam::123456789012:role/admin"
    aws("cognito-idp").update_group(UserPoolId=_pool(state), GroupName="buyers", RoleArn=role)


def plain_group_told_otherwise(aws: Clients, state: State) -> None:
    aws("cognito-idp").update_group(UserPoolId=_pool(state), GroupName="plain", Description="By hand")


def _group_deleted(aws: Clients, state: State) -> None:
    aws("cognito-idp").delete_group(UserPoolId=_pool(state), GroupName="buyers")


def _staff_vouched_for_elsewhere(aws: Clients, state: State) -> None:
    details = state["aws_cognito_identity_provider.staff"]["provider_details"]
    aws("cognito-idp").update_identity_provider(
        UserPoolId=_pool(state),
        ProviderName="Staff",
        ProviderDetails={**details, "oidc_issuer": "https://elsewhere.example.net"},
        AttributeMapping={"email": "email", "username": "sub"},
        IdpIdentifiers=["staff"],
    )


def staff_read_otherwise(aws: Clients, state: State) -> None:
    aws("cognito-idp").update_identity_provider(
        UserPoolId=_pool(state),
        ProviderName="Staff",
        AttributeMapping={"email": "email", "username": "email"},
    )


def staff_found_by_another_name(aws: Clients, state: State) -> None:
    aws("cognito-idp").update_identity_provider(
        UserPoolId=_pool(state), ProviderName="Staff", IdpIdentifiers=["everybody"]
    )


def _provider_deleted(aws: Clients, state: State) -> None:
    aws("cognito-idp").delete_identity_provider(UserPoolId=_pool(state), ProviderName="Staff")


def _pool_of_identities(aws: Clients, state: State, **changed: Any) -> None:
    pool = state["aws_cognito_identity_pool.shop"]["id"]
    found = aws("cognito-identity").describe_identity_pool(IdentityPoolId=pool)
    aws("cognito-identity").update_identity_pool(
        **{name: each for name, each in found.items() if name != "ResponseMetadata"} | changed
    )


def _strangers_shut_out(aws: Clients, state: State) -> None:
    _pool_of_identities(aws, state, AllowUnauthenticatedIdentities=False)


def _strangers_let_in(aws: Clients, state: State) -> None:
    pool = state["aws_cognito_identity_pool.plain"]["id"]
    aws("cognito-identity").update_identity_pool(
        IdentityPoolId=pool, IdentityPoolName="plain", AllowUnauthenticatedIdentities=True
    )


def identities_of_another_network(aws: Clients, state: State) -> None:
    _pool_of_identities(aws, state, SupportedLoginProviders={"graph.facebook.com": "1"})


def _identities_deleted(aws: Clients, state: State) -> None:
    aws("cognito-identity").delete_identity_pool(IdentityPoolId=state["aws_cognito_identity_pool.plain"]["id"])


def more_is_let_in(aws: Clients, state: State) -> None:
    for change in (
        _second_factor_for_all,
        _sent_back_elsewhere,
        _group_first_of_all,
        _staff_vouched_for_elsewhere,
        _strangers_shut_out,
        _strangers_let_in,
    ):
        change(aws, state)


def protection_dropped(aws: Clients, state: State) -> None:
    for change in (_pool_no_longer_protected, _tokens_last_longer):
        change(aws, state)


def things_deleted(aws: Clients, state: State) -> None:
    for change in (_domain_deleted, _group_deleted, _provider_deleted, _identities_deleted, _client_deleted):
        change(aws, state)


GAPS = {"cognito-identity:GetIdentityPoolRoles"}
"""The operations that moto does not have."""

ONCE = "told once, in verification_message_template"

COPY = "the pool's own copy of what is declared by itself: told once, where it is declared"

EXPLAINED: dict[str, dict[str, str]] = {
    "domain_given_to_another_pool": {
        "terraform: changed aws_cognito_user_pool.plain domain": COPY,
        "terraform: changed aws_cognito_user_pool.shop domain": COPY,
    },
    "none": {
        "ours: changed aws_cognito_user_pool_domain.shop aws_account_id": "moto draws another account at each answer",
    },
    "protection_dropped": {
        "terraform: changed aws_cognito_user_pool.shop email_verification_message": ONCE,
        "terraform: changed aws_cognito_user_pool.shop email_verification_subject": ONCE,
        "terraform: changed aws_cognito_user_pool.shop sms_verification_message": ONCE,
        "terraform: changed aws_cognito_user_pool.shop username_configuration": (
            "moto forgets how names are compared; AWS lets nobody change it"
        ),
    },
    "things_deleted": {"terraform: changed aws_cognito_user_pool.shop domain": COPY},
}
"""What only one of the two says after a change, and why that is as it should be."""

VALUES: dict[str, dict[str, str]] = {
    "more_is_let_in": {
        "ours: before aws_cognito_identity_provider.staff provider_details.client_secret": (
            "AWS does not tell it, and the provider keeps what is declared; we tell a document with secrets as a whole"
        ),
    },
    "protection_dropped": {
        f"terraform: after aws_cognito_user_pool.shop verification_message_template.{name}": (
            "left out of what is declared, so that what AWS writes stands"
        )
        for name in ("email_message", "email_subject", "sms_message")
    },
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""

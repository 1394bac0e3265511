"""Amazon Cognito identity pools, and the roles that those who sign in are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, blocks, converted, unordered
from state.forms import MAP, UNORDERED
from state.schema import Parent

GONE = ("ResourceNotFoundException",)
POOLS = Listing("list_identity_pools", "IdentityPools", (("MaxResults", 60),))
OF_POOL = {"IdentityPoolId": "IdentityPoolId"}

IDENTITY_POOL = Collector(
    type="aws_cognito_identity_pool",
    service="cognito-identity",
    fetch=POOLS,
    details=(
        Detail(operation="describe_identity_pool", arguments=OF_POOL, into="Described", gone=GONE, essential=True),
    ),
    permissions=("cognito-identity:ListIdentityPools", "cognito-identity:DescribeIdentityPool"),
    id="IdentityPoolId",
    arn="arn:{partition}:cognito-identity:{region}:{account}:identitypool/{IdentityPoolId}",
    attributes={
        "allow_classic_flow": "Described.AllowClassicFlow",
        "allow_unauthenticated_identities": "Described.AllowUnauthenticatedIdentities",
        "cognito_identity_providers": blocks(
            "Described.CognitoIdentityProviders[].{client_id: ClientId, provider_name: ProviderName, "
            "server_side_token_check: ServerSideTokenCheck}"
        ),
        "developer_provider_name": "Described.DeveloperProviderName",
        "identity_pool_name": "Described.IdentityPoolName",
        "openid_connect_provider_arns": unordered("Described.OpenIdConnectProviderARNs"),
        "saml_provider_arns": "Described.SamlProviderARNs",
        "supported_login_providers": Attribute(path="Described.SupportedLoginProviders", form=MAP),
    },
    tags="Described.IdentityPoolTags",
)


def mappings(found: Any) -> list[Any]:
    """A mapping of roles for each provider, which AWS tells by the provider's name."""
    return [{"identity_provider": name, **mapping(each)} for name, each in (found or {}).items()]


def mapping(said: Mapping[str, Any]) -> dict[str, Any]:
    rules = (said.get("RulesConfiguration") or {}).get("Rules") or ()
    return {
        "ambiguous_role_resolution": said.get("AmbiguousRoleResolution"),
        "mapping_rule": [
            {
                "claim": each["Claim"],
                "match_type": each["MatchType"],
                "role_arn": each["RoleARN"],
                "value": each["Value"],
            }
            for each in rules
        ],
        "type": said.get("Type"),
    }


ROLES_ATTACHMENT = Collector(
    type="aws_cognito_identity_pool_roles_attachment",
    service="cognito-identity",
    fetch=POOLS,
    details=(
        Detail(
            operation="get_identity_pool_roles",
            arguments=OF_POOL,
            into="Roled",
            gone=GONE,
            holds="Roles || RoleMappings",
            essential=True,
        ),
    ),
    permissions=("cognito-identity:ListIdentityPools", "cognito-identity:GetIdentityPoolRoles"),
    id="IdentityPoolId",
    identity=("identity_pool_id",),
    parent=Parent(type="aws_cognito_identity_pool", by="identity_pool_id", part="roles"),
    attributes={
        "identity_pool_id": "IdentityPoolId",
        "role_mapping": converted("Roled.RoleMappings", mappings, UNORDERED),
        "roles": Attribute(path="Roled.Roles", form=MAP),
    },
)

COLLECTORS = [IDENTITY_POOL, ROLES_ATTACHMENT]

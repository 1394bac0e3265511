import pytest

from scanner.collectors import cognito, cognito_identity
from scanner.collectors.cognito import (
    IDENTITY_PROVIDER,
    RESOURCE_SERVER,
    USER_GROUP,
    USER_POOL,
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
    of_a_provider,
    own_attributes,
)
from scanner.collectors.cognito_identity import IDENTITY_POOL, ROLES_ATTACHMENT
from tests.conftest import read
from tests.scanner.compared import only, told, twin
from tests.scanner.corpus import assert_corpus_equals_itself
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

COLLECTORS = [*cognito.COLLECTORS, *cognito_identity.COLLECTORS]
ROLE = "arn:aws:iam::123456789012:role/in"
POOL = {
    "Id": "p",
    "Arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p",
    "Name": "shop",
    "UserPoolTags": {"team": "shop"},
    "MfaConfiguration": "OPTIONAL",
    "LambdaConfig": {"PreSignUp": "arn:f"},
    "Policies": {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True, "TemporaryPasswordValidityDays": 7}},
    "SchemaAttributes": [
        {
            "Name": "email",
            "AttributeDataType": "String",
            "Mutable": True,
            "Required": False,
            "DeveloperOnlyAttribute": False,
            "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"},
        },
        {"Name": "custom:tenant", "AttributeDataType": "String", "Mutable": True, "StringAttributeConstraints": {}},
    ],
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
    "UsernameConfiguration": {"CaseSensitive": False},
    "Domain": "shop",
    "CustomDomain": "login.example.com",
}
ANSWERS = {
    "ListUserPools": {"UserPools": [{"Id": "p", "Name": "shop"}]},
    "DescribeUserPool": {"UserPool": POOL},
    "GetUserPoolMfaConfig": {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "MfaConfiguration": "OPTIONAL"},
    "ListUserPoolClients": {"UserPoolClients": [{"ClientId": "c", "ClientName": "web"}]},
    "DescribeUserPoolClient": {
        "UserPoolClient": {
            "UserPoolId": "p",
            "ClientId": "c",
            "ClientName": "web",
            "ClientSecret": "hush",
            "CallbackURLs": ["https://b", "https://a"],
            "AllowedOAuthFlows": ["code"],
            "RefreshTokenValidity": 30,
            "EnableTokenRevocation": True,
            "TokenValidityUnits": {"IdToken": "minutes"},
        }
    },
    "ListGroups": {"Groups": [{"GroupName": "admins", "UserPoolId": "p", "Precedence": 1, "RoleArn": ROLE}]},
    "ListResourceServers": {
        "ResourceServers": [
            {
                "UserPoolId": "p",
                "Identifier": "api",
                "Name": "api",
                "Scopes": [{"ScopeName": "r", "ScopeDescription": "read"}],
            }
        ]
    },
    "ListIdentityProviders": {"Providers": [{"ProviderName": "Google", "ProviderType": "Google"}]},
    "DescribeIdentityProvider": {
        "IdentityProvider": {
            "UserPoolId": "p",
            "ProviderName": "Google",
            "ProviderType": "Google",
            "ProviderDetails": {
                "client_id": "i",
                "client_secret": "hush",
                "authorize_scopes": "email",
                "token_url": "https://t",
            },
            "AttributeMapping": {"email": "email", "username": "sub"},
        }
    },
    "ListIdentityPools": {"IdentityPools": [{"IdentityPoolId": "eu-west-1:1", "IdentityPoolName": "shop"}]},
    "DescribeIdentityPool": {
        "IdentityPoolId": "eu-west-1:1",
        "IdentityPoolName": "shop",
        "AllowUnauthenticatedIdentities": False,
        "CognitoIdentityProviders": [{"ProviderName": "p", "ClientId": "c", "ServerSideTokenCheck": False}],
        "SupportedLoginProviders": {"graph.facebook.com": "1"},
        "IdentityPoolTags": {"team": "shop"},
    },
    "GetIdentityPoolRoles": {
        "IdentityPoolId": "eu-west-1:1",
        "Roles": {"authenticated": ROLE},
        "RoleMappings": {
            "p:c": {
                "Type": "Rules",
                "AmbiguousRoleResolution": "Deny",
                "RulesConfiguration": {"Rules": [{"Claim": "a", "MatchType": "Equals", "Value": "b", "RoleARN": ROLE}]},
            }
        },
    },
}


def seen(*collectors, **changed):
    with answering(ANSWERS | changed):
        return read(*collectors)


def test_user_pool():
    found = only(seen(USER_POOL), USER_POOL.type)
    assert whole(found) == {
        "its id": "p",
        "its identity": "p",
        "its arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p",
        "its owner": None,
        "admin_create_user_config": [{"allow_admin_create_user_only": False}],
        "arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/p",
        "custom_domain": "login.example.com",
        "domain": "shop",
        "email_configuration": [{"email_sending_account": "COGNITO_DEFAULT"}],
        "lambda_config": [{"pre_sign_up": "arn:f"}],
        "mfa_configuration": "OPTIONAL",
        "name": "shop",
        "password_policy": [{"minimum_length": 12, "require_numbers": True, "temporary_password_validity_days": 7}],
        "schema": [
            {
                "attribute_data_type": "String",
                "developer_only_attribute": False,
                "mutable": True,
                "name": "email",
                "required": False,
                "string_attribute_constraints": [{"max_length": "2048", "min_length": "0"}],
            },
            {"attribute_data_type": "String", "mutable": True, "name": "tenant"},
        ],
        "software_token_mfa_configuration": [{"enabled": True}],
        "username_configuration": [{"case_sensitive": False}],
        "verification_message_template": [{"default_email_option": "CONFIRM_WITH_CODE"}],
        "tags": {"team": "shop"},
    }
    said = twin(found, schema=[found["schema"][1]], verification_message_template=[], email_configuration=[])
    assert told(seen(USER_POOL), COLLECTORS, said) == set()
    loose = POOL | {"MfaConfiguration": "OFF", "SchemaAttributes": []}
    assert told(seen(USER_POOL, DescribeUserPool={"UserPool": loose}), COLLECTORS, said) == {
        ("changed", USER_POOL.type, "mfa_configuration"),
        ("changed", USER_POOL.type, "schema"),
    }


def test_what_is_as_every_pool_has_it_is_nobodys():
    [email, tenant] = only(seen(USER_POOL), USER_POOL.type)["schema"]
    assert own_attributes([email]) is None
    assert own_attributes([email | {"required": True}, tenant]) is not None


def test_client():
    found = only(seen(USER_POOL_CLIENT), USER_POOL_CLIENT.type)
    assert whole(found) == {
        "its id": "c",
        "its identity": "p/c",
        "its arn": None,
        "its owner": None,
        "allowed_oauth_flows": ["code"],
        "callback_urls": ["https://b", "https://a"],
        "enable_token_revocation": True,
        "name": "web",
        "refresh_token_validity": 30,
        "token_validity_units": [{"id_token": "minutes"}],
        "user_pool_id": "p",
    }
    assert "hush" not in str(found)
    turned = twin(found, callback_urls=["https://a", "https://b"], client_secret="hush")
    assert told(seen(USER_POOL_CLIENT), COLLECTORS, turned) == set()
    assert told(seen(USER_POOL_CLIENT), COLLECTORS, twin(found, allowed_oauth_flows=[])) == {
        ("changed", USER_POOL_CLIENT.type, "allowed_oauth_flows")
    }


def test_domains():
    about = {"UserPoolId": "p", "AWSAccountId": "123456789012", "CloudFrontDistribution": "d.cloudfront.net"}
    found = seen(USER_POOL_DOMAIN, DescribeUserPoolDomain={"DomainDescription": about | {"Domain": "shop"}})
    assert [each.id for each in found.of(USER_POOL_DOMAIN.type)] == ["shop", "login.example.com"]
    assert whole(found.of(USER_POOL_DOMAIN.type)[0]) == {
        "its id": "shop",
        "its identity": "shop",
        "its arn": None,
        "its owner": None,
        "aws_account_id": "123456789012",
        "cloudfront_distribution": "d.cloudfront.net",
        "cloudfront_distribution_arn": "d.cloudfront.net",
        "domain": "shop",
        "user_pool_id": "p",
    }
    gone = seen(USER_POOL_DOMAIN, DescribeUserPoolDomain={"DomainDescription": {}})
    assert (list(gone.of(USER_POOL_DOMAIN.type)), gone.gaps) == ([], [])


def test_group():
    found = only(seen(USER_GROUP), USER_GROUP.type)
    assert whole(found) == {
        "its id": "p/admins",
        "its identity": "p/admins",
        "its arn": None,
        "its owner": None,
        "name": "admins",
        "precedence": 1,
        "role_arn": "arn:aws:iam::123456789012:role/in",
        "user_pool_id": "p",
    }
    assert of_a_provider({"UserPoolId": "p", "GroupName": "p_Google"}) == "cognito: p_Google"
    assert told(seen(USER_GROUP), COLLECTORS, twin(found, precedence=2)) == {("changed", USER_GROUP.type, "precedence")}


def test_resource_server():
    found = only(seen(RESOURCE_SERVER), RESOURCE_SERVER.type)
    assert whole(found) == {
        "its id": "p|api",
        "its identity": "p/api",
        "its arn": None,
        "its owner": None,
        "identifier": "api",
        "name": "api",
        "scope": [{"scope_description": "read", "scope_name": "r"}],
        "user_pool_id": "p",
    }
    assert told(seen(RESOURCE_SERVER), COLLECTORS, twin(found, name="b")) == {("changed", RESOURCE_SERVER.type, "name")}


def test_identity_provider():
    found = only(seen(IDENTITY_PROVIDER), IDENTITY_PROVIDER.type)
    assert whole(found) == {
        "its id": "p:Google",
        "its identity": "p/Google",
        "its arn": None,
        "its owner": None,
        "attribute_mapping": {"email": "email", "username": "sub"},
        "provider_details": {"client_id": "i", "authorize_scopes": "email", "token_url": "https://t"},
        "provider_name": "Google",
        "provider_type": "Google",
        "user_pool_id": "p",
    }
    details = {"client_id": "i", "client_secret": "other", "authorize_scopes": "email"}
    said = twin(found, provider_details=details, attribute_mapping={"email": "email"})
    assert told(seen(IDENTITY_PROVIDER), COLLECTORS, said) == set()
    other = twin(
        said, **said.attributes | {"provider_details": details | {"client_id": "j"}, "attribute_mapping": {"a": "b"}}
    )
    assert told(seen(IDENTITY_PROVIDER), COLLECTORS, other) == {
        ("changed", IDENTITY_PROVIDER.type, "attribute_mapping"),
        ("changed", IDENTITY_PROVIDER.type, "provider_details"),
    }


def test_identity_pool():
    found = seen(IDENTITY_POOL, ROLES_ATTACHMENT)
    assert whole(only(found, IDENTITY_POOL.type)) == {
        "its id": "eu-west-1:1",
        "its identity": "eu-west-1:1",
        "its arn": "arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:1",
        "its owner": None,
        "allow_unauthenticated_identities": False,
        "cognito_identity_providers": [{"client_id": "c", "provider_name": "p", "server_side_token_check": False}],
        "identity_pool_name": "shop",
        "supported_login_providers": {"graph.facebook.com": "1"},
        "tags": {"team": "shop"},
        "arn": "arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:1",
    }
    assert whole(only(found, ROLES_ATTACHMENT.type)) == {
        "its id": "eu-west-1:1",
        "its identity": "eu-west-1:1",
        "its arn": None,
        "its owner": None,
        "identity_pool_id": "eu-west-1:1",
        "role_mapping": [
            {
                "identity_provider": "p:c",
                "ambiguous_role_resolution": "Deny",
                "mapping_rule": [
                    {
                        "claim": "a",
                        "match_type": "Equals",
                        "role_arn": "arn:aws:iam::123456789012:role/in",
                        "value": "b",
                    }
                ],
                "type": "Rules",
            }
        ],
        "roles": {"authenticated": "arn:aws:iam::123456789012:role/in"},
    }
    open_to_all = twin(only(found, IDENTITY_POOL.type), allow_unauthenticated_identities=True)
    assert told(seen(IDENTITY_POOL), COLLECTORS, open_to_all) == {
        ("changed", IDENTITY_POOL.type, "allow_unauthenticated_identities")
    }
    none = seen(ROLES_ATTACHMENT, GetIdentityPoolRoles={"IdentityPoolId": "eu-west-1:1"})
    assert (list(none.of(ROLES_ATTACHMENT.type)), none.gaps) == ([], [])


@pytest.mark.parametrize(
    ("operation", "collector"),
    [("GetUserPoolMfaConfig", USER_POOL), ("DescribeUserPoolClient", USER_POOL_CLIENT), ("ListGroups", USER_GROUP)],
)
def test_denied(operation, collector):
    found = seen(collector, **{operation: refused("AccessDeniedException")})
    assert [gap.permission for gap in found.gaps] == [f"cognito-idp:{operation}"]
    unknown = ["email_mfa_configuration", "software_token_mfa_configuration", "web_authn_configuration"]
    assert [sorted(each.unknown) for each in found.of(collector.type)] == ([unknown] if collector is USER_POOL else [])


def test_real_states():
    assert_corpus_equals_itself(COLLECTORS)

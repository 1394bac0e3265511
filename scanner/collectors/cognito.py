"""Amazon Cognito: user pools, and what is in them.

Everything in a pool is listed one pool at a time. A client's secret comes with the client, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, as_block, block, blocks, converted, unordered, volatile
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from state.forms import IF_DECLARED, MAP, UNORDERED, Form, Pairwise, defaulting, plain, sort_key

GONE = ("ResourceNotFoundException",)


async def _pools(place: Place) -> list[Item]:
    answer = await place.whole("cognito-idp", "list_user_pools")
    return [{"UserPoolId": each["Id"]} for each in answer.get("UserPools") or ()]


async def _described(place: Place, pool: Item) -> Item:
    return await place.call("cognito-idp", "describe_user_pool", UserPoolId=pool["UserPoolId"])


async def _clients(place: Place, pool: Item) -> Item:
    return await place.whole("cognito-idp", "list_user_pool_clients", UserPoolId=pool["UserPoolId"])


async def _groups(place: Place, pool: Item) -> Item:
    return await place.whole("cognito-idp", "list_groups", UserPoolId=pool["UserPoolId"])


async def _servers(place: Place, pool: Item) -> Item:
    return await place.whole("cognito-idp", "list_resource_servers", UserPoolId=pool["UserPoolId"])


async def _providers(place: Place, pool: Item) -> Item:
    return await place.whole("cognito-idp", "list_identity_providers", UserPoolId=pool["UserPoolId"])


POOLS, DESCRIBED = Once(_pools), Once(_described)

# --- pools ----------------------------------------------------------------------------------------


def described(answer: Item, pool: Item) -> list[Item]:
    return [answer["UserPool"]] if answer.get("UserPool") else []


def unsaid(declared: Any, live: Any) -> bool:
    """Where the block is left out, what AWS filled in stands."""
    return not declared


def if_said(**inner: Form) -> Form:
    return Pairwise(agree=unsaid, inner=inner)


TEXTS = (
    "address",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "website",
    "zoneinfo",
)
STANDARD = {
    **dict.fromkeys(TEXTS, ("String", True, False, "0", "2048")),
    "birthdate": ("String", True, False, "10", "10"),
    "email_verified": ("Boolean", True, False, "", ""),
    "identities": ("String", True, False, "", ""),
    "phone_number_verified": ("Boolean", True, False, "", ""),
    "sub": ("String", False, True, "1", "2048"),
    "updated_at": ("Number", True, False, "0", ""),
}
"""Type, mutable, required, least and most: as every pool has them, unless it says otherwise.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
"""


def is_standard(attribute: Mapping[str, Any]) -> bool:
    limits = {}
    for kind in ("string", "number"):
        for each in attribute.get(f"{kind}_attribute_constraints") or ():
            limits = {name.partition("_")[0]: said for name, said in each.items() if said}
    said = (
        attribute.get("attribute_data_type"),
        bool(attribute.get("mutable")),
        bool(attribute.get("required")),
        limits.get("min", ""),
        limits.get("max", ""),
    )
    return STANDARD.get(str(attribute.get("name"))) == said


def own_attributes(value: Any) -> Any:
    """The attributes that were asked for: AWS lists its own beside them."""
    found = [plain(each) for each in value or () if isinstance(each, Mapping) and not is_standard(each)]
    return sorted(found, key=sort_key) or None


CONSTRAINTS = ("number_attribute_constraints", "string_attribute_constraints")


def attributes(found: Any) -> list[Any]:
    """A custom attribute goes by its name alone: AWS puts custom: and dev: before it."""
    return [
        {
            **each,
            "name": each["name"].removeprefix("dev:").removeprefix("custom:"),
            **{name: each[name] or [] for name in CONSTRAINTS},
        }
        for each in found or ()
    ]


USER_POOL = Collector(
    type="aws_cognito_user_pool",
    service="cognito-idp",
    fetch=inside("user_pools", POOLS, DESCRIBED, described),
    details=(Detail(operation="get_user_pool_mfa_config", arguments={"UserPoolId": "Id"}, into="Mfa", gone=GONE),),
    permissions=("cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool", "cognito-idp:GetUserPoolMfaConfig"),
    id="Id",
    attributes={
        "account_recovery_setting": Attribute(
            path="AccountRecoverySetting.{recovery_mechanism: RecoveryMechanisms[].{name: Name, priority: Priority}}",
            form=if_said(recovery_mechanism=UNORDERED),
            convert=as_block,
        ),
        "admin_create_user_config": block(
            "AdminCreateUserConfig.{allow_admin_create_user_only: AllowAdminCreateUserOnly, "
            "invite_message_template: InviteMessageTemplate && [InviteMessageTemplate.{email_message: EmailMessage, "
            "email_subject: EmailSubject, sms_message: SMSMessage}]}"
        ),
        "alias_attributes": unordered("AliasAttributes"),
        "arn": "Arn",
        "auto_verified_attributes": unordered("AutoVerifiedAttributes"),
        "creation_date": volatile("CreationDate"),
        "custom_domain": volatile("CustomDomain"),
        "deletion_protection": Attribute(path="DeletionProtection", form=defaulting("INACTIVE")),
        "device_configuration": block(
            "DeviceConfiguration.{challenge_required_on_new_device: ChallengeRequiredOnNewDevice, "
            "device_only_remembered_on_user_prompt: DeviceOnlyRememberedOnUserPrompt}"
        ),
        "domain": volatile("Domain"),
        "email_configuration": block(
            "EmailConfiguration.{configuration_set: ConfigurationSet, email_sending_account: EmailSendingAccount, "
            "from_email_address: From, reply_to_email_address: ReplyToEmailAddress, source_arn: SourceArn}",
            email_sending_account=defaulting("COGNITO_DEFAULT"),
        ),
        "email_mfa_configuration": block("Mfa.EmailMfaConfiguration.{message: Message, subject: Subject}"),
        "email_verification_message": Attribute(path="EmailVerificationMessage", form=IF_DECLARED),
        "email_verification_subject": Attribute(path="EmailVerificationSubject", form=IF_DECLARED),
        "estimated_number_of_users": volatile("EstimatedNumberOfUsers"),
        "lambda_config": block(
            "LambdaConfig.{create_auth_challenge: CreateAuthChallenge, "
            "custom_email_sender: CustomEmailSender && [CustomEmailSender.{lambda_arn: LambdaArn, "
            "lambda_version: LambdaVersion}], custom_message: CustomMessage, "
            "custom_sms_sender: CustomSMSSender && [CustomSMSSender.{lambda_arn: LambdaArn, "
            "lambda_version: LambdaVersion}], define_auth_challenge: DefineAuthChallenge, kms_key_id: KMSKeyID, "
            "post_authentication: PostAuthentication, post_confirmation: PostConfirmation, "
            "pre_authentication: PreAuthentication, pre_sign_up: PreSignUp, "
            "pre_token_generation: PreTokenGeneration, pre_token_generation_config: PreTokenGenerationConfig "
            "&& [PreTokenGenerationConfig.{lambda_arn: LambdaArn, lambda_version: LambdaVersion}], "
            "user_migration: UserMigration, verify_auth_challenge_response: VerifyAuthChallengeResponse}",
            # Either of these two tells the other.
            pre_token_generation=IF_DECLARED,
            pre_token_generation_config=IF_DECLARED,
        ),
        "last_modified_date": volatile("LastModifiedDate"),
        "mfa_configuration": Attribute(path="MfaConfiguration", form=defaulting("OFF")),
        "name": "Name",
        "password_policy": Attribute(
            path="Policies.PasswordPolicy.{minimum_length: MinimumLength, password_history_size: PasswordHistorySize, "
            "require_lowercase: RequireLowercase, require_numbers: RequireNumbers, require_symbols: RequireSymbols, "
            "require_uppercase: RequireUppercase, temporary_password_validity_days: TemporaryPasswordValidityDays}",
            form=if_said(temporary_password_validity_days=defaulting(7)),
            convert=as_block,
        ),
        "schema": Attribute(
            path="SchemaAttributes[].{attribute_data_type: AttributeDataType, "
            "developer_only_attribute: DeveloperOnlyAttribute, mutable: Mutable, name: Name, "
            "number_attribute_constraints: NumberAttributeConstraints "
            "&& [NumberAttributeConstraints.{max_value: MaxValue, min_value: MinValue}], required: Required, "
            "string_attribute_constraints: StringAttributeConstraints "
            "&& [StringAttributeConstraints.{max_length: MaxLength, min_length: MinLength}]}",
            form=Form(canonical=own_attributes),
            convert=attributes,
        ),
        "sign_in_policy": Attribute(
            path="Policies.SignInPolicy.{allowed_first_auth_factors: AllowedFirstAuthFactors}",
            form=if_said(allowed_first_auth_factors=UNORDERED),
            convert=as_block,
        ),
        "sms_authentication_message": "SmsAuthenticationMessage",
        "sms_configuration": block(
            "SmsConfiguration.{external_id: ExternalId, sns_caller_arn: SnsCallerArn, sns_region: SnsRegion}",
            sns_region=IF_DECLARED,
        ),
        "sms_verification_message": Attribute(path="SmsVerificationMessage", form=IF_DECLARED),
        "software_token_mfa_configuration": block("Mfa.SoftwareTokenMfaConfiguration.{enabled: Enabled}"),
        "user_attribute_update_settings": block(
            "UserAttributeUpdateSettings.{attributes_require_verification_before_update: "
            "AttributesRequireVerificationBeforeUpdate}",
            attributes_require_verification_before_update=UNORDERED,
        ),
        "user_pool_add_ons": block(
            "UserPoolAddOns.{advanced_security_additional_flows: AdvancedSecurityAdditionalFlows "
            "&& [AdvancedSecurityAdditionalFlows.{custom_auth_mode: CustomAuthMode}], "
            "advanced_security_mode: AdvancedSecurityMode}",
            advanced_security_additional_flows=IF_DECLARED,
            advanced_security_mode=defaulting("OFF"),
        ),
        "user_pool_tier": Attribute(path="UserPoolTier", form=IF_DECLARED),
        "username_attributes": unordered("UsernameAttributes"),
        "username_configuration": Attribute(
            path="UsernameConfiguration.{case_sensitive: CaseSensitive}", form=if_said(), convert=as_block
        ),
        "verification_message_template": Attribute(
            path="VerificationMessageTemplate.{default_email_option: DefaultEmailOption, email_message: EmailMessage, "
            "email_message_by_link: EmailMessageByLink, email_subject: EmailSubject, "
            "email_subject_by_link: EmailSubjectByLink, sms_message: SmsMessage}",
            form=if_said(
                default_email_option=defaulting("CONFIRM_WITH_CODE"),
                **dict.fromkeys(
                    ("email_message", "email_message_by_link", "email_subject", "email_subject_by_link", "sms_message"),
                    IF_DECLARED,
                ),
            ),
            convert=as_block,
        ),
        "web_authn_configuration": block(
            "Mfa.WebAuthnConfiguration.{relying_party_id: RelyingPartyId, user_verification: UserVerification}"
        ),
    },
    facts={"status": "Status"},
    tags="UserPoolTags",
)

# --- what is in a pool ----------------------------------------------------------------------------


def listed(key: str) -> Any:
    """The parts of an answer, each with the pool it is in."""

    def parts(answer: Item, pool: Item) -> Iterable[Item]:
        return [{**each, "UserPoolId": pool["UserPoolId"]} for each in answer.get(key) or ()]

    return parts


CLIENT = "Described.UserPoolClient"

USER_POOL_CLIENT = Collector(
    type="aws_cognito_user_pool_client",
    service="cognito-idp",
    fetch=inside("user_pool_clients", POOLS, Once(_clients), listed("UserPoolClients")),
    details=(
        Detail(
            operation="describe_user_pool_client",
            arguments={"ClientId": "ClientId", "UserPoolId": "UserPoolId"},
            into="Described",
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=(
        "cognito-idp:ListUserPools",
        "cognito-idp:ListUserPoolClients",
        "cognito-idp:DescribeUserPoolClient",
    ),
    id="ClientId",
    identity=("user_pool_id", "id"),
    attributes={
        "access_token_validity": f"{CLIENT}.AccessTokenValidity",
        "allowed_oauth_flows": unordered(f"{CLIENT}.AllowedOAuthFlows"),
        "allowed_oauth_flows_user_pool_client": f"{CLIENT}.AllowedOAuthFlowsUserPoolClient",
        "allowed_oauth_scopes": unordered(f"{CLIENT}.AllowedOAuthScopes"),
        "analytics_configuration": block(
            f"{CLIENT}.AnalyticsConfiguration.{{application_arn: ApplicationArn, application_id: ApplicationId, "
            "external_id: ExternalId, role_arn: RoleArn, user_data_shared: UserDataShared}"
        ),
        "auth_session_validity": f"{CLIENT}.AuthSessionValidity",
        "callback_urls": unordered(f"{CLIENT}.CallbackURLs"),
        "default_redirect_uri": f"{CLIENT}.DefaultRedirectURI",
        "enable_propagate_additional_user_context_data": f"{CLIENT}.EnablePropagateAdditionalUserContextData",
        "enable_token_revocation": f"{CLIENT}.EnableTokenRevocation",
        "explicit_auth_flows": unordered(f"{CLIENT}.ExplicitAuthFlows"),
        "id_token_validity": f"{CLIENT}.IdTokenValidity",
        "logout_urls": unordered(f"{CLIENT}.LogoutURLs"),
        "name": f"{CLIENT}.ClientName",
        "prevent_user_existence_errors": f"{CLIENT}.PreventUserExistenceErrors",
        "read_attributes": unordered(f"{CLIENT}.ReadAttributes"),
        "refresh_token_rotation": block(
            f"{CLIENT}.RefreshTokenRotation.{{feature: Feature, retry_grace_period_seconds: RetryGracePeriodSeconds}}"
        ),
        "refresh_token_validity": Attribute(path=f"{CLIENT}.RefreshTokenValidity", form=defaulting(30)),
        "supported_identity_providers": unordered(f"{CLIENT}.SupportedIdentityProviders"),
        "token_validity_units": block(
            f"{CLIENT}.TokenValidityUnits.{{access_token: AccessToken, id_token: IdToken, refresh_token: RefreshToken}}"
        ),
        "user_pool_id": "UserPoolId",
        "write_attributes": unordered(f"{CLIENT}.WriteAttributes"),
    },
    facts={
        "creation_date": f"{CLIENT}.CreationDate",
        "has_secret": converted(f"{CLIENT}.ClientSecret", bool),
        "last_modified_date": f"{CLIENT}.LastModifiedDate",
    },
)


def domains(answer: Item, pool: Item) -> list[Item]:
    """A pool may have a domain of AWS's and one of its owner's."""
    found = answer.get("UserPool") or {}
    return [{"Domain": found[name]} for name in ("Domain", "CustomDomain") if found.get(name)]


DOMAIN = "Described.DomainDescription"

USER_POOL_DOMAIN = Collector(
    type="aws_cognito_user_pool_domain",
    service="cognito-idp",
    fetch=inside("user_pool_domains", POOLS, DESCRIBED, domains),
    details=(
        Detail(
            operation="describe_user_pool_domain",
            arguments={"Domain": "Domain"},
            into="Described",
            gone=GONE,
            holds="DomainDescription.Domain",
            essential=True,
        ),
    ),
    permissions=("cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolDomain"),
    id="Domain",
    identity=("domain",),
    attributes={
        "aws_account_id": f"{DOMAIN}.AWSAccountId",
        "certificate_arn": f"{DOMAIN}.CustomDomainConfig.CertificateArn",
        "cloudfront_distribution": f"{DOMAIN}.CloudFrontDistribution",
        "cloudfront_distribution_arn": f"{DOMAIN}.CloudFrontDistribution",
        "domain": "Domain",
        "managed_login_version": f"{DOMAIN}.ManagedLoginVersion",
        "s3_bucket": f"{DOMAIN}.S3Bucket",
        "user_pool_id": f"{DOMAIN}.UserPoolId",
        "version": volatile(f"{DOMAIN}.Version"),
    },
    facts={"status": f"{DOMAIN}.Status"},
)


def of_a_provider(group: Item) -> str | None:
    """Cognito makes a group for whoever signs in with an identity provider: the pool's id and the provider's name."""
    pool, name = group["UserPoolId"], group["GroupName"]
    return f"cognito: {name}" if name.startswith(f"{pool}_") else None


USER_GROUP = Collector(
    type="aws_cognito_user_group",
    service="cognito-idp",
    fetch=inside("user_groups", POOLS, Once(_groups), listed("Groups")),
    permissions=("cognito-idp:ListUserPools", "cognito-idp:ListGroups"),
    id="join('/', [UserPoolId, GroupName])",
    identity=("user_pool_id", "name"),
    owner=of_a_provider,
    attributes={
        "description": "Description",
        "name": "GroupName",
        "precedence": "Precedence",
        "role_arn": "RoleArn",
        "user_pool_id": "UserPoolId",
    },
    facts={"creation_date": "CreationDate", "last_modified_date": "LastModifiedDate"},
)

RESOURCE_SERVER = Collector(
    type="aws_cognito_resource_server",
    service="cognito-idp",
    fetch=inside("resource_servers", POOLS, Once(_servers), listed("ResourceServers")),
    permissions=("cognito-idp:ListUserPools", "cognito-idp:ListResourceServers"),
    id="join('|', [UserPoolId, Identifier])",
    identity=("user_pool_id", "identifier"),
    attributes={
        "identifier": "Identifier",
        "name": "Name",
        "scope": blocks("Scopes[].{scope_description: ScopeDescription, scope_name: ScopeName}"),
        "user_pool_id": "UserPoolId",
    },
)

# --- who else may vouch for users -------------------------------------------------------------------

SECRET = ("client_secret", "private_key")


def without_secrets(details: Any) -> dict[str, Any]:
    return {name: each for name, each in (details or {}).items() if name not in SECRET}


def as_declared(declared: Any, live: Any) -> bool:
    """Whether all that is declared is so: AWS adds what it reads in the provider's metadata."""
    if not isinstance(declared, Mapping) or not isinstance(live, Mapping):
        return not declared
    return all(live.get(name) == each for name, each in without_secrets(declared).items() if each)


def but_for_the_username(declared: Any, live: Any) -> bool:
    """AWS maps the username by itself, where nothing is said of it."""
    if not isinstance(declared, Mapping) or not isinstance(live, Mapping):
        return not declared
    return declared == {name: each for name, each in live.items() if name != "username" or name in declared}


PROVIDER = "Described.IdentityProvider"

IDENTITY_PROVIDER = Collector(
    type="aws_cognito_identity_provider",
    service="cognito-idp",
    fetch=inside("user_pool_providers", POOLS, Once(_providers), listed("Providers")),
    details=(
        Detail(
            operation="describe_identity_provider",
            arguments={"ProviderName": "ProviderName", "UserPoolId": "UserPoolId"},
            into="Described",
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=(
        "cognito-idp:ListUserPools",
        "cognito-idp:ListIdentityProviders",
        "cognito-idp:DescribeIdentityProvider",
    ),
    id="join(':', [UserPoolId, ProviderName])",
    identity=("user_pool_id", "provider_name"),
    attributes={
        "attribute_mapping": Attribute(
            path=f"{PROVIDER}.AttributeMapping", form=Pairwise(canonical=MAP.canonical, agree=but_for_the_username)
        ),
        "idp_identifiers": f"{PROVIDER}.IdpIdentifiers",
        "provider_details": Attribute(
            path=f"{PROVIDER}.ProviderDetails",
            form=Pairwise(canonical=MAP.canonical, agree=as_declared),
            convert=without_secrets,
            sensitive=True,
        ),
        "provider_name": "ProviderName",
        "provider_type": f"{PROVIDER}.ProviderType",
        "user_pool_id": "UserPoolId",
    },
    facts={"creation_date": f"{PROVIDER}.CreationDate", "last_modified_date": f"{PROVIDER}.LastModifiedDate"},
)

COLLECTORS = [
    IDENTITY_PROVIDER,
    RESOURCE_SERVER,
    USER_GROUP,
    USER_POOL,
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
]

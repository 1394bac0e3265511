"""What people do by hand to who may do what, where that is written otherwise."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _text(state: State) -> str:
    return str(state['aws_iam_policy.all["text"]']["arn"])


def _passwords_kept_for_ever(aws: Clients, state: State) -> None:
    aws("iam").update_account_password_policy(MinimumPasswordLength=6, AllowUsersToChangePassword=True)


def _inline_policy_of_whole_widened(aws: Clients, state: State) -> None:
    role = state["aws_iam_role.whole"]["name"]
    aws("iam").put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=json.dumps(ALL))


def _whole_given_another_policy(aws: Clients, state: State) -> None:
    role = state["aws_iam_role.whole"]["name"]
    aws("iam").put_role_policy(RoleName=role, PolicyName="hand", PolicyDocument=json.dumps(ALL))


def _whole_given_a_shared_policy(aws: Clients, state: State) -> None:
    aws("iam").attach_role_policy(RoleName=state["aws_iam_role.whole"]["name"], PolicyArn=_text(state))


def _whole_loses_its_bounds(aws: Clients, state: State) -> None:
    role = state["aws_iam_role.whole"]["name"]
    aws("iam").delete_role_permissions_boundary(RoleName=role)
    aws("iam").update_role(RoleName=role, MaxSessionDuration=43200, Description="By hand")


def _whole_trusts_without_an_id(aws: Clients, state: State) -> None:
    trusts = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
        ],
    }
    aws("iam").update_assume_role_policy(
        RoleName=state["aws_iam_role.whole"]["name"], PolicyDocument=json.dumps(trusts)
    )


def _empty_given_policies(aws: Clients, state: State) -> None:
    aws("iam").put_role_policy(RoleName="empty", PolicyName="hand", PolicyDocument=json.dumps(ALL))
    aws("iam").attach_role_policy(RoleName="empty", PolicyArn=_text(state))


def _apart_given_another_policy(aws: Clients, state: State) -> None:
    role = state["aws_iam_role.apart"]["name"]
    aws("iam").put_role_policy(RoleName=role, PolicyName="hand", PolicyDocument=json.dumps(ALL))


def _apart_given_a_shared_policy(aws: Clients, state: State) -> None:
    policy = state['aws_iam_policy.all["bare"]']["arn"]
    aws("iam").attach_role_policy(RoleName=state["aws_iam_role.apart"]["name"], PolicyArn=policy)


def _order_shared_with_another_group(aws: Clients, state: State) -> None:
    policy = state['aws_iam_policy.all["order"]']["arn"]
    aws("iam").attach_group_policy(GroupName="empty", PolicyArn=policy)


def _somebody_among_none(aws: Clients, state: State) -> None:
    aws("iam").add_user_to_group(GroupName="empty", UserName="Ann")


def _text_of_group_widened(aws: Clients, state: State) -> None:
    name = state["aws_iam_group_policy.text"]["name"]
    aws("iam").put_group_policy(GroupName="writers", PolicyName=name, PolicyDocument=json.dumps(ALL))


def _ben_woken(aws: Clients, state: State) -> None:
    key = state["aws_iam_user_ssh_key.ben"]["ssh_public_key_id"]
    aws("iam").update_ssh_public_key(UserName="ben", SSHPublicKeyId=key, Status="Active")
    certificate = state["aws_iam_signing_certificate.ben"]["certificate_id"]
    aws("iam").update_signing_certificate(UserName="ben", CertificateId=certificate, Status="Active")


def _others_vouch(aws: Clients, state: State) -> None:
    arn = state['aws_iam_openid_connect_provider.all["slash"]']["arn"]
    aws("iam").update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["f" * 40])


def _nobody_acts_for_detectors(aws: Clients, state: State) -> None:
    account = state['aws_organizations_account.all["audit"]']["id"]
    aws("organizations").deregister_delegated_administrator(
        AccountId=account, ServicePrincipal="guardduty.amazonaws.com"
    )


def _text_narrowed(aws: Clients, state: State) -> None:
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    aws("organizations").update_policy(
        PolicyId=state["aws_organizations_policy.text"]["id"], Content=json.dumps(content)
    )


def _google_told_otherwise(aws: Clients, state: State) -> None:
    provider = state["aws_cognito_identity_provider.google"]
    aws("cognito-idp").update_identity_provider(
        UserPoolId=provider["user_pool_id"],
        ProviderName="Google",
        ProviderDetails={**provider["provider_details"], "client_id": "other.apps.googleusercontent.com"},
    )


def _machines_log_in_as_people(aws: Clients, state: State) -> None:
    client = state["aws_cognito_user_pool_client.machines"]
    aws("cognito-idp").update_user_pool_client(
        UserPoolId=client["user_pool_id"],
        ClientId=client["id"],
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )


def _pool_opened_to_strangers(aws: Clients, state: State) -> None:
    pool = state["aws_cognito_identity_pool.teams"]
    aws("cognito-identity").update_identity_pool(
        IdentityPoolId=pool["id"],
        IdentityPoolName="teams",
        AllowUnauthenticatedIdentities=True,
        OpenIdConnectProviderARNs=sorted(pool["openid_connect_provider_arns"])[:1],
    )


def roles_widened(aws: Clients, state: State) -> None:
    _inline_policy_of_whole_widened(aws, state)
    _empty_given_policies(aws, state)
    _apart_given_another_policy(aws, state)
    _passwords_kept_for_ever(aws, state)


def roles_given_more(aws: Clients, state: State) -> None:
    _whole_given_another_policy(aws, state)
    _apart_given_a_shared_policy(aws, state)
    _whole_trusts_without_an_id(aws, state)


def roles_loosened(aws: Clients, state: State) -> None:
    _whole_given_a_shared_policy(aws, state)
    _whole_loses_its_bounds(aws, state)


def people_given_more(aws: Clients, state: State) -> None:
    _order_shared_with_another_group(aws, state)
    _somebody_among_none(aws, state)
    _text_of_group_widened(aws, state)
    _ben_woken(aws, state)


def others_let_in(aws: Clients, state: State) -> None:
    _others_vouch(aws, state)
    _nobody_acts_for_detectors(aws, state)
    _text_narrowed(aws, state)
    _google_told_otherwise(aws, state)


def pools_opened(aws: Clients, state: State) -> None:
    _machines_log_in_as_people(aws, state)
    _pool_opened_to_strangers(aws, state)


GAPS = {"cognito-identity:GetIdentityPoolRoles", "iam:ListServiceSpecificCredentials"}
"""The operations that moto does not have."""

DRAWN = "moto draws another id of a policy each time that it makes one"
ACCOUNT = "moto draws another account at each answer"
COUNTED = "a count of the policy's users, told by the role that began or ceased to use it"
ONCE = "what somebody adds to what a list alone declares is told once, of the thing that has it now"
BOTH = (
    "the provider's documentation calls a role's own list and an attachment beside it incompatible: "
    "to us the list is then a copy, and declares nothing"
)

ALWAYS = {f'ours: changed aws_iam_policy.all["{name}"] policy_id': DRAWN for name in ("text", "bare", "order")}
LISTED = {"ours: changed aws_iam_role.whole managed_policy_arns": BOTH}

AFTER: dict[str, dict[str, str]] = {
    "none": LISTED
    | {f'ours: changed aws_cognito_user_pool_domain.all["{name}"] aws_account_id': ACCOUNT for name in ("one", "two")},
    "others_let_in": LISTED,
    "people_given_more": LISTED
    | {
        'ours: changed aws_iam_group.all["empty"] policy_attachment': ONCE,
        'ours: changed aws_iam_user.all["Ann"] groups': ONCE,
        "terraform: changed aws_iam_group_membership.none users": ONCE,
        'terraform: changed aws_iam_policy.all["order"] attachment_count': COUNTED,
        "terraform: changed aws_iam_policy_attachment.shared groups": ONCE,
    },
    "pools_opened": LISTED,
    "roles_given_more": LISTED
    | {
        'terraform: changed aws_iam_policy.all["bare"] attachment_count': COUNTED,
        "terraform: changed aws_iam_role_policy_attachments_exclusive.apart policy_arns": ONCE,
    },
    "roles_loosened": {'terraform: changed aws_iam_policy.all["text"] attachment_count': COUNTED},
    "roles_widened": LISTED
    | {
        'terraform: changed aws_iam_policy.all["text"] attachment_count': COUNTED,
        "terraform: changed aws_iam_role_policies_exclusive.apart policy_names": ONCE,
    },
}

EXPLAINED: dict[str, dict[str, str]] = {name: ALWAYS | each for name, each in AFTER.items()}
"""What only one of the two says after a change, and why that is as it should be."""

HIDDEN = "AWS never tells it: nobody can say whether it is another"
ROOT = "an account's number and the ARN of its root mean the same"

VALUES: dict[str, dict[str, str]] = {
    "others_let_in": {"ours: before aws_cognito_identity_provider.google provider_details.client_secret": HIDDEN},
    "roles_given_more": {
        f"terraform: {side} aws_iam_role.whole assume_role_policy.Statement.Principal.AWS": ROOT
        for side in ("before", "after")
    },
    "roles_loosened": {"ours: after aws_iam_role.whole managed_policy_arns": BOTH},
}
"""Where the two tell other values of what both call changed, and why that is as it should be."""

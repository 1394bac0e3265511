"""What people do to people by hand."""

from __future__ import annotations

import json

from tests.witness.case import Clients, State

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _policy(state: State) -> str:
    found: str = state["aws_iam_policy.read"]["arn"]
    return found


def alias_changed(aws: Clients, state: State) -> None:
    aws("iam").create_account_alias(AccountAlias="other")


def alias_removed(aws: Clients, state: State) -> None:
    aws("iam").delete_account_alias(AccountAlias="driftline-witness")


def key_woken(aws: Clients, state: State) -> None:
    key = state["aws_iam_access_key.old"]["id"]
    aws("iam").update_access_key(UserName="robot", AccessKeyId=key, Status="Active")


def key_put_to_sleep(aws: Clients, state: State) -> None:
    key = state["aws_iam_access_key.robot"]["id"]
    aws("iam").update_access_key(UserName="robot", AccessKeyId=key, Status="Inactive")


def key_deleted(aws: Clients, state: State) -> None:
    aws("iam").delete_access_key(UserName="robot", AccessKeyId=state["aws_iam_access_key.robot"]["id"])


def key_made_by_hand(aws: Clients, state: State) -> None:
    aws("iam").create_access_key(UserName="ann")


def password_taken(aws: Clients, state: State) -> None:
    aws("iam").delete_login_profile(UserName="ann")


def user_may_do_all(aws: Clients, state: State) -> None:
    aws("iam").put_user_policy(UserName="ann", PolicyName="read", PolicyDocument=json.dumps(ALL))


def user_may_read_without_encryption(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_iam_user_policy.ann"]["policy"])
    del policy["Statement"][0]["Condition"]
    aws("iam").put_user_policy(UserName="ann", PolicyName="read", PolicyDocument=json.dumps(policy))


def user_policy_deleted(aws: Clients, state: State) -> None:
    name = state["aws_iam_user_policy.prefixed"]["name"]
    aws("iam").delete_user_policy(UserName="robot", PolicyName=name)


def user_policy_given_by_hand(aws: Clients, state: State) -> None:
    aws("iam").put_user_policy(UserName="ann", PolicyName="hand", PolicyDocument=json.dumps(ALL))


def policy_taken_from_user(aws: Clients, state: State) -> None:
    aws("iam").detach_user_policy(UserName="robot", PolicyArn=_policy(state))


def policy_given_to_user(aws: Clients, state: State) -> None:
    aws("iam").attach_user_policy(UserName="ann", PolicyArn=_policy(state))


def group_may_do_all(aws: Clients, state: State) -> None:
    aws("iam").put_group_policy(GroupName="shop", PolicyName="read", PolicyDocument=json.dumps(ALL))


def group_may_write(aws: Clients, state: State) -> None:
    policy = json.loads(state["aws_iam_group_policy.shop"]["policy"])
    policy["Statement"][0]["Action"].append("s3:PutObject")
    aws("iam").put_group_policy(GroupName="shop", PolicyName="read", PolicyDocument=json.dumps(policy))


def group_policy_deleted(aws: Clients, state: State) -> None:
    aws("iam").delete_group_policy(GroupName="shop", PolicyName="read")


def policy_taken_from_group(aws: Clients, state: State) -> None:
    aws("iam").detach_group_policy(GroupName="shop", PolicyArn=_policy(state))


def group_policy_given_by_hand(aws: Clients, state: State) -> None:
    aws("iam").put_group_policy(GroupName="shop", PolicyName="hand", PolicyDocument=json.dumps(ALL))


def group_renamed(aws: Clients, state: State) -> None:
    aws("iam").update_group(GroupName="shop", NewGroupName="by-hand")


def group_deleted(aws: Clients, state: State) -> None:
    user_leaves_group(aws, state)
    policy_taken_from_group(aws, state)
    group_policy_deleted(aws, state)
    aws("iam").delete_group(GroupName="shop")


def robot_deleted(aws: Clients, state: State) -> None:
    policy_taken_from_user(aws, state)
    user_policy_deleted(aws, state)
    for name in ("robot", "old"):
        key = state[f"aws_iam_access_key.{name}"]["id"]
        aws("iam").delete_access_key(UserName="robot", AccessKeyId=key)
    aws("iam").delete_user(UserName="robot")


def robot_renamed(aws: Clients, state: State) -> None:
    aws("iam").update_user(UserName="robot", NewUserName="by-hand")


def ann_deleted(aws: Clients, state: State) -> None:
    user_leaves_group(aws, state)
    password_taken(aws, state)
    ssh_key_deleted(aws, state)
    certificate_deleted(aws, state)
    aws("iam").delete_user_policy(UserName="ann", PolicyName="read")
    aws("iam").delete_user(UserName="ann")


def user_leaves_group(aws: Clients, state: State) -> None:
    aws("iam").remove_user_from_group(GroupName="shop", UserName="ann")


def user_tag_removed(aws: Clients, state: State) -> None:
    aws("iam").untag_user(UserName="ann", TagKeys=["Team"])


def ssh_key_put_to_sleep(aws: Clients, state: State) -> None:
    key = state["aws_iam_user_ssh_key.ann"]["ssh_public_key_id"]
    aws("iam").update_ssh_public_key(UserName="ann", SSHPublicKeyId=key, Status="Inactive")


def ssh_key_deleted(aws: Clients, state: State) -> None:
    key = state["aws_iam_user_ssh_key.ann"]["ssh_public_key_id"]
    aws("iam").delete_ssh_public_key(UserName="ann", SSHPublicKeyId=key)


def certificate_put_to_sleep(aws: Clients, state: State) -> None:
    certificate = state["aws_iam_signing_certificate.ann"]["certificate_id"]
    aws("iam").update_signing_certificate(UserName="ann", CertificateId=certificate, Status="Inactive")


def certificate_deleted(aws: Clients, state: State) -> None:
    certificate = state["aws_iam_signing_certificate.ann"]["certificate_id"]
    aws("iam").delete_signing_certificate(UserName="ann", CertificateId=certificate)


def others_vouch(aws: Clients, state: State) -> None:
    arn = state["aws_iam_openid_connect_provider.pipelines"]["arn"]
    aws("iam").update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["f" * 40])


def pipelines_not_vouched_for(aws: Clients, state: State) -> None:
    arn = state["aws_iam_openid_connect_provider.pipelines"]["arn"]
    aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def pipelines_retagged(aws: Clients, state: State) -> None:
    arn = state["aws_iam_openid_connect_provider.pipelines"]["arn"]
    aws("iam").tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "Team", "Value": "nobody"}])


def staff_vouched_for_otherwise(aws: Clients, state: State) -> None:
    provider = state["aws_iam_saml_provider.staff"]
    document = provider["saml_metadata_document"].replace("login.example.com", "login.example.net")
    aws("iam").update_saml_provider(SAMLProviderArn=provider["arn"], SAMLMetadataDocument=document)


def staff_not_vouched_for(aws: Clients, state: State) -> None:
    aws("iam").delete_saml_provider(SAMLProviderArn=state["aws_iam_saml_provider.staff"]["arn"])


def staff_vouched_for_longer(aws: Clients, state: State) -> None:
    provider = state["aws_iam_saml_provider.staff"]
    document = provider["saml_metadata_document"].replace(
        "<EntityDescriptor", '<EntityDescriptor validUntil="2099-01-01"'
    )
    aws("iam").update_saml_provider(SAMLProviderArn=provider["arn"], SAMLMetadataDocument=document)


def server_certificate_moved(aws: Clients, state: State) -> None:
    _certificate(aws, state, Path="/elsewhere/")


def server_certificate_with_a_chain(aws: Clients, state: State) -> None:
    chain = state["aws_iam_server_certificate.shop"]["certificate_body"]
    _certificate(aws, state, CertificateChain=chain)


def _certificate(aws: Clients, state: State, **settings: str) -> None:
    """Uploaded anew: moto does not change one."""
    was = state["aws_iam_server_certificate.shop"]
    aws("iam").delete_server_certificate(ServerCertificateName="shop")
    said = {"Path": was["path"], "CertificateBody": was["certificate_body"], "PrivateKey": was["private_key"]}
    aws("iam").upload_server_certificate(ServerCertificateName="shop", **said | settings)


def server_certificate_deleted(aws: Clients, state: State) -> None:
    aws("iam").delete_server_certificate(ServerCertificateName="shop")


def linked_role_told_otherwise(aws: Clients, state: State) -> None:
    name = state["aws_iam_service_linked_role.streams"]["name"]
    aws("iam").update_role_description(RoleName=name, Description="By hand")


def linked_role_tagged(aws: Clients, state: State) -> None:
    name = state["aws_iam_service_linked_role.streams"]["name"]
    aws("iam").tag_role(RoleName=name, Tags=[{"Key": "Owner", "Value": "nobody"}])


def linked_role_deleted(aws: Clients, state: State) -> None:
    aws("iam").delete_service_linked_role(RoleName=state["aws_iam_service_linked_role.scaling"]["name"])


GAPS = {"iam:ListServiceSpecificCredentials"}
"""The operations that moto does not have."""

HAND = "Terraform never looks for what it does not manage"
COUNT = "a count that AWS keeps, and no drift"
FORMER = "moto goes on to tell whose a key is by the name that the user had"
ALIAS = "an alias is known by itself: to us the one is gone and another is there"

DRAWN = "moto draws another id of a policy each time that it makes one"
ALWAYS = {"ours: changed aws_iam_policy.read policy_id": DRAWN}

AFTER: dict[str, dict[str, str]] = {
    "alias_changed": {
        "ours: missing aws_iam_account_alias.shop": ALIAS,
        "ours: unmanaged aws_iam_account_alias other": ALIAS,
        "terraform: changed aws_iam_account_alias.shop account_alias": ALIAS,
        "terraform: changed aws_iam_account_alias.shop id": ALIAS,
    },
    "group_deleted": {"terraform: changed aws_iam_policy.read attachment_count": COUNT},
    "group_policy_given_by_hand": {"ours: changed aws_iam_group.shop policy": HAND},
    "group_renamed": {
        "ours: changed aws_iam_user.ann groups": HAND,
        "ours: unmanaged aws_iam_group by-hand": HAND,
    },
    "key_made_by_hand": {"ours: changed aws_iam_user.ann access_key": HAND},
    "policy_given_to_user": {
        "ours: changed aws_iam_user.ann policy_attachment": HAND,
        "terraform: changed aws_iam_policy.read attachment_count": COUNT,
    },
    "policy_taken_from_group": {"terraform: changed aws_iam_policy.read attachment_count": COUNT},
    "policy_taken_from_user": {"terraform: changed aws_iam_policy.read attachment_count": COUNT},
    "robot_deleted": {"terraform: changed aws_iam_policy.read attachment_count": COUNT},
    "robot_renamed": {
        "ours: unmanaged aws_iam_user by-hand": HAND,
        "terraform: missing aws_iam_access_key.old": FORMER,
        "terraform: missing aws_iam_access_key.robot": FORMER,
    },
    "user_policy_given_by_hand": {"ours: changed aws_iam_user.ann policy": HAND},
}

EXPLAINED: dict[str, dict[str, str]] = {
    name: ALWAYS | AFTER.get(name, {}) for name in ["none", *globals()] if name[0] != "_"
}
"""What only one of the two says after a change, and why that is as it should be."""

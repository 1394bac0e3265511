"""AWS Transfer Family: servers, the users that they know by themselves, users' keys, and workflows."""

from __future__ import annotations

import asyncio
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    policy,
    sensitive,
    unordered,
)
from scanner.aws.inside import Once, all_of, inside, listing
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from state.forms import IF_DECLARED, UNORDERED, Form, defaulting, said

GONE = ("ResourceNotFoundException",)
S = "Described.Server"

# --- servers --------------------------------------------------------------------------------------

STARTED = "[].{execution_role: ExecutionRole, workflow_id: WorkflowId}"

SERVERS = all_of("transfer", "list_servers", "Servers")

SERVER = Collector(
    type="aws_transfer_server",
    service="transfer",
    fetch=listing("transfer_servers", SERVERS),
    details=(
        Detail(
            operation="describe_server", arguments={"ServerId": "ServerId"}, into="Described", gone=GONE, essential=True
        ),
    ),
    permissions=("transfer:ListServers", "transfer:DescribeServer"),
    id="ServerId",
    attributes={
        "arn": f"{S}.Arn",
        "certificate": f"{S}.Certificate",
        "directory_id": f"{S}.IdentityProviderDetails.DirectoryId",
        "domain": Attribute(path=f"{S}.Domain", form=defaulting("S3")),
        "endpoint_details": Attribute(
            path=f"{S}.EndpointDetails.{{address_allocation_ids: AddressAllocationIds, "
            "security_group_ids: SecurityGroupIds, subnet_ids: SubnetIds, vpc_endpoint_id: VpcEndpointId, "
            "vpc_id: VpcId}",
            form=if_said(
                address_allocation_ids=UNORDERED,
                security_group_ids=UNORDERED,
                subnet_ids=UNORDERED,
                vpc_endpoint_id=IF_DECLARED,
            ),
            convert=as_block,
        ),
        "endpoint_type": Attribute(path=f"{S}.EndpointType", form=defaulting("PUBLIC")),
        "function": f"{S}.IdentityProviderDetails.Function",
        "host_key_fingerprint": f"{S}.HostKeyFingerprint",
        "identity_provider_type": Attribute(path=f"{S}.IdentityProviderType", form=defaulting("SERVICE_MANAGED")),
        "invocation_role": f"{S}.IdentityProviderDetails.InvocationRole",
        "logging_role": f"{S}.LoggingRole",
        "post_authentication_login_banner": sensitive(f"{S}.PostAuthenticationLoginBanner"),
        "pre_authentication_login_banner": sensitive(f"{S}.PreAuthenticationLoginBanner"),
        "protocol_details": Attribute(
            path=f"{S}.ProtocolDetails.{{as2_transports: As2Transports, passive_ip: PassiveIp, "
            "set_stat_option: SetStatOption, tls_session_resumption_mode: TlsSessionResumptionMode}",
            form=if_said(as2_transports=UNORDERED),
            convert=as_block,
        ),
        "protocols": unordered(f"{S}.Protocols"),
        "s3_storage_options": Attribute(
            path=f"{S}.S3StorageOptions.{{directory_listing_optimization: DirectoryListingOptimization}}",
            form=if_said(),
            convert=as_block,
        ),
        "security_policy_name": f"{S}.SecurityPolicyName",
        "sftp_authentication_methods": f"{S}.IdentityProviderDetails.SftpAuthenticationMethods",
        "structured_log_destinations": unordered(f"{S}.StructuredLogDestinations"),
        "url": f"{S}.IdentityProviderDetails.Url",
        "workflow_details": block(
            f"{S}.WorkflowDetails.{{on_partial_upload: OnPartialUpload{STARTED}, on_upload: OnUpload{STARTED}}}"
        ),
    },
    facts={"state": f"{S}.State", "user_count": f"{S}.UserCount"},
    tags=f"{S}.Tags",
)

# --- users ----------------------------------------------------------------------------------------


async def _users(place: Place, server: Item) -> list[Item]:
    """The users of a server, described, where it knows them by itself: others ask a directory, a function or an API."""
    if server["IdentityProviderType"] != "SERVICE_MANAGED":
        return []
    id = server["ServerId"]
    listed = (await place.whole("transfer", "list_users", ServerId=id)).get("Users") or ()
    asked = (place.call("transfer", "describe_user", ServerId=id, UserName=each["UserName"]) for each in listed)
    return [{**answer["User"], "ServerId": id} for answer in await asyncio.gather(*asked)]


USERS = Once(_users)
IN_ITS_PLACE = ("transfer:ListServers", "transfer:ListUsers", "transfer:DescribeUser")

USER = Collector(
    type="aws_transfer_user",
    service="transfer",
    fetch=inside("transfer_users", SERVERS, USERS, lambda answer, server: answer),
    permissions=IN_ITS_PLACE,
    id="join('/', [ServerId, UserName])",
    identity=("server_id", "user_name"),
    attributes={
        "arn": "Arn",
        "home_directory": "HomeDirectory",
        "home_directory_mappings": block("HomeDirectoryMappings[].{entry: Entry, target: Target}"),
        "home_directory_type": Attribute(path="HomeDirectoryType", form=defaulting("PATH")),
        "policy": policy("Policy"),
        "posix_profile": block(
            "PosixProfile.{gid: Gid, secondary_gids: SecondaryGids, uid: Uid}",
            gid=Form(canonical=said),
            secondary_gids=UNORDERED,
            uid=Form(canonical=said),
        ),
        "role": "Role",
        "server_id": "ServerId",
        "user_name": "UserName",
    },
    tags="Tags",
)


def keys(users: list[Item], server: Item) -> list[Item]:
    about = ("ServerId", "UserName")
    return [
        {**key, **{name: user[name] for name in about}} for user in users for key in user.get("SshPublicKeys") or ()
    ]


def without_comment(key: Any) -> Any:
    """A public key is its kind and its body: what follows says nothing."""
    return " ".join(str(key).split()[:2]) if key else None


SSH_KEY = Collector(
    type="aws_transfer_ssh_key",
    service="transfer",
    fetch=inside("transfer_keys", SERVERS, USERS, keys),
    permissions=IN_ITS_PLACE,
    id="join('/', [ServerId, UserName, SshPublicKeyId])",
    attributes={
        "body": Attribute(path="SshPublicKeyBody", form=Form(canonical=without_comment)),
        "server_id": "ServerId",
        "ssh_key_id": "SshPublicKeyId",
        "user_name": "UserName",
    },
    facts={"date_imported": "DateImported"},
)

# --- workflows ------------------------------------------------------------------------------------

TO = """destination_file_location: DestinationFileLocation && [DestinationFileLocation.{
    efs_file_location: EfsFileLocation && [EfsFileLocation.{file_system_id: FileSystemId, path: Path}],
    s3_file_location: S3FileLocation && [S3FileLocation.{bucket: Bucket, key: Key}]}]"""
FROM = "name: Name, source_file_location: SourceFileLocation"

STEP = f"""{{
    copy_step_details: CopyStepDetails && [CopyStepDetails.{{{FROM}, {TO}, overwrite_existing: OverwriteExisting}}],
    custom_step_details: CustomStepDetails && [CustomStepDetails.{{
        {FROM}, target: Target, timeout_seconds: TimeoutSeconds}}],
    decrypt_step_details: DecryptStepDetails && [DecryptStepDetails.{{
        {FROM}, {TO}, overwrite_existing: OverwriteExisting, type: Type}}],
    delete_step_details: DeleteStepDetails && [DeleteStepDetails.{{{FROM}}}],
    tag_step_details: TagStepDetails && [TagStepDetails.{{
        {FROM}, tags: Tags[].{{key: Key, value: Value}}}}],
    type: Type}}"""
KEPT = Form(inner={"overwrite_existing": defaulting("FALSE")})
STEPS = {"copy_step_details": KEPT, "decrypt_step_details": KEPT}

WORKFLOW = Collector(
    type="aws_transfer_workflow",
    service="transfer",
    fetch=Listing("list_workflows", "Workflows"),
    details=(
        Detail(
            operation="describe_workflow",
            arguments={"WorkflowId": "WorkflowId"},
            into="Described",
            gone=GONE,
            essential=True,
        ),
    ),
    permissions=("transfer:ListWorkflows", "transfer:DescribeWorkflow"),
    id="WorkflowId",
    attributes={
        "arn": "Arn",
        "description": "Described.Workflow.Description",
        "on_exception_steps": block(f"Described.Workflow.OnExceptionSteps[].{STEP}", **STEPS),
        "steps": block(f"Described.Workflow.Steps[].{STEP}", **STEPS),
    },
    tags="Described.Workflow.Tags",
)

COLLECTORS = [SERVER, SSH_KEY, USER, WORKFLOW]

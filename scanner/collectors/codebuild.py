"""AWS CodeBuild: projects, what starts their builds, groups of reports, and credentials of other hosts.

Projects and report groups are told a hundred at a time. A webhook is told with its project.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from scanner.aws.collector import Attribute, Collector, Listing, as_block, block, blocks, name_or_arn, volatile
from scanner.aws.inside import Once, listing
from scanner.aws.place import Item, Place
from scanner.collectors.cognito import if_said
from scanner.collectors.ecs import some
from state.forms import IF_DECLARED, UNORDERED, Form, defaulting
from state.schema import Parent

AT_ONCE = 100


async def _projects(place: Place) -> list[Item]:
    names = (await place.whole("codebuild", "list_projects")).get("projects") or []
    asked = (place.call("codebuild", "batch_get_projects", names=each) for each in some(names, AT_ONCE))
    return [each for answer in await asyncio.gather(*asked) for each in answer.get("projects") or ()]


PROJECTS = Once(_projects)

# --- projects -------------------------------------------------------------------------------------

ARTIFACTS = """{
    artifact_identifier: artifactIdentifier, bucket_owner_access: bucketOwnerAccess,
    encryption_disabled: encryptionDisabled, location: location, name: name, namespace_type: namespaceType,
    override_artifact_name: overrideArtifactName, packaging: packaging, path: path, type: type}"""
PACKED = {"namespace_type": defaulting("NONE"), "packaging": defaulting("NONE")}

SOURCE = """auth: auth && [auth.{resource: resource, type: type}],
    build_status_config: buildStatusConfig && [buildStatusConfig.{context: context, target_url: targetUrl}],
    buildspec: buildspec, git_clone_depth: gitCloneDepth,
    git_submodules_config: gitSubmodulesConfig && [gitSubmodulesConfig.{fetch_submodules: fetchSubmodules}],
    insecure_ssl: insecureSsl, location: location, report_build_status: reportBuildStatus, type: type"""

LOGS = """logsConfig.{
    cloudwatch_logs: cloudWatchLogs && [cloudWatchLogs.{
        group_name: groupName, status: status, stream_name: streamName}],
    s3_logs: s3Logs && [s3Logs.{
        bucket_owner_access: bucketOwnerAccess, encryption_disabled: encryptionDisabled,
        location: location, status: status}]}"""

ENVIRONMENT = """environment.{
    certificate: certificate,
    compute_type: computeType,
    docker_server: dockerServer && [dockerServer.{
        compute_type: computeType, security_group_ids: securityGroupIds}],
    environment_variable: environmentVariables[].{name: name, type: type, value: value},
    fleet: fleet && [fleet.{fleet_arn: fleetArn}],
    image: image,
    image_pull_credentials_type: imagePullCredentialsType,
    privileged_mode: privilegedMode,
    registry_credential: registryCredential && [registryCredential.{
        credential: credential, credential_provider: credentialProvider}],
    type: type}"""

PROJECT = Collector(
    type="aws_codebuild_project",
    service="codebuild",
    fetch=listing("build_projects", PROJECTS),
    permissions=("codebuild:ListProjects", "codebuild:BatchGetProjects"),
    id="arn",
    identity=("name",),
    attributes={
        "arn": "arn",
        "artifacts": block(f"artifacts.{ARTIFACTS}", **PACKED),
        "auto_retry_limit": "autoRetryLimit",
        "badge_enabled": "badge.badgeEnabled",
        "badge_url": volatile("badge.badgeRequestUrl"),
        "build_batch_config": block(
            "buildBatchConfig.{combine_artifacts: combineArtifacts, restrictions: restrictions "
            "&& [restrictions.{compute_types_allowed: computeTypesAllowed, "
            "maximum_builds_allowed: maximumBuildsAllowed}], service_role: serviceRole, "
            "timeout_in_mins: timeoutInMins}"
        ),
        "build_timeout": Attribute(path="timeoutInMinutes", form=defaulting(60)),
        "cache": block("cache.{location: location, modes: modes, type: type}", type=defaulting("NO_CACHE")),
        "concurrent_build_limit": "concurrentBuildLimit",
        "description": "description",
        "encryption_key": name_or_arn("encryptionKey"),
        "environment": Attribute(
            path=ENVIRONMENT,
            form=Form(
                inner={
                    "docker_server": Form(inner={"security_group_ids": UNORDERED}),
                    "environment_variable": Form(inner={"type": defaulting("PLAINTEXT")}),
                    "image_pull_credentials_type": defaulting("CODEBUILD"),
                }
            ),
            convert=as_block,
            sensitive=True,
        ),
        "file_system_locations": blocks(
            "fileSystemLocations[].{identifier: identifier, location: location, mount_options: mountOptions, "
            "mount_point: mountPoint, type: type}",
            type=defaulting("EFS"),
        ),
        "logs_config": block(
            LOGS,
            cloudwatch_logs=Form(inner={"status": defaulting("ENABLED")}),
            s3_logs=Form(inner={"status": defaulting("DISABLED")}),
        ),
        "name": "name",
        "project_visibility": Attribute(path="projectVisibility", form=defaulting("PRIVATE")),
        "public_project_alias": "publicProjectAlias",
        "queued_timeout": Attribute(path="queuedTimeoutInMinutes", form=defaulting(480)),
        "resource_access_role": "resourceAccessRole",
        "secondary_artifacts": blocks(f"secondaryArtifacts[].{ARTIFACTS}", **PACKED),
        "secondary_source_version": blocks(
            "secondarySourceVersions[].{source_identifier: sourceIdentifier, source_version: sourceVersion}"
        ),
        "secondary_sources": blocks(f"secondarySources[].{{{SOURCE}, source_identifier: sourceIdentifier}}"),
        "service_role": name_or_arn("serviceRole"),
        "source": block(f"source.{{{SOURCE}}}"),
        "source_version": "sourceVersion",
        "vpc_config": block(
            "vpcConfig.{security_group_ids: securityGroupIds, subnets: subnets, vpc_id: vpcId}",
            security_group_ids=UNORDERED,
            subnets=UNORDERED,
        ),
    },
    facts={"created": "created", "last_modified": "lastModified"},
    tags="tags[].{Key: key, Value: value}",
)


async def build_webhooks(place: Place) -> AsyncIterator[list[Item]]:
    yield [each for each in await PROJECTS(build_webhooks, place) if each.get("webhook")]


PROJECTS.readers.add(build_webhooks)
HOOK = "webhook"

WEBHOOK = Collector(
    type="aws_codebuild_webhook",
    service="codebuild",
    fetch=build_webhooks,
    permissions=("codebuild:ListProjects", "codebuild:BatchGetProjects"),
    id="name",
    identity=("project_name",),
    parent=Parent(type="aws_codebuild_project", by="project_name", part="webhook"),
    attributes={
        "branch_filter": f"{HOOK}.branchFilter",
        "build_type": Attribute(path=f"{HOOK}.buildType", form=IF_DECLARED),
        "filter_group": Attribute(
            path=f"{HOOK}.filterGroups[*].{{filter: [*].{{exclude_matched_pattern: excludeMatchedPattern, "
            "pattern: pattern, type: type}}",
            form=UNORDERED,
            convert=as_block,
        ),
        "manual_creation": f"{HOOK}.manualCreation",
        "payload_url": volatile(f"{HOOK}.payloadUrl"),
        "project_name": "name",
        "pull_request_build_policy": Attribute(
            path=f"{HOOK}.pullRequestBuildPolicy.{{approver_roles: approverRoles, "
            "requires_comment_approval: requiresCommentApproval}",
            form=if_said(approver_roles=UNORDERED),
            convert=as_block,
        ),
        "scope_configuration": block(f"{HOOK}.scopeConfiguration.{{domain: domain, name: name, scope: scope}}"),
        "url": volatile(f"{HOOK}.url"),
    },
)

# --- reports and credentials ------------------------------------------------------------------------


async def report_groups(place: Place) -> AsyncIterator[list[Item]]:
    arns = (await place.whole("codebuild", "list_report_groups")).get("reportGroups") or []
    asked = (place.call("codebuild", "batch_get_report_groups", reportGroupArns=each) for each in some(arns, AT_ONCE))
    yield [each for answer in await asyncio.gather(*asked) for each in answer.get("reportGroups") or ()]


REPORT_GROUP = Collector(
    type="aws_codebuild_report_group",
    service="codebuild",
    fetch=report_groups,
    permissions=("codebuild:ListReportGroups", "codebuild:BatchGetReportGroups"),
    id="arn",
    identity=("name",),
    attributes={
        "arn": "arn",
        "created": volatile("created"),
        "export_config": block(
            "exportConfig.{s3_destination: s3Destination && [s3Destination.{bucket: bucket, "
            "encryption_disabled: encryptionDisabled, encryption_key: encryptionKey, packaging: packaging, "
            "path: path}], type: exportConfigType}",
            s3_destination=Form(inner={"packaging": defaulting("NONE")}),
        ),
        "name": "name",
        "type": "type",
    },
    facts={"pending_deletion": "status=='DELETING'"},
    tags="tags[].{Key: key, Value: value}",
)

SOURCE_CREDENTIAL = Collector(
    type="aws_codebuild_source_credential",
    service="codebuild",
    fetch=Listing("list_source_credentials", "sourceCredentialsInfos"),
    permissions=("codebuild:ListSourceCredentials",),
    id="arn",
    identity=("server_type", "auth_type"),
    attributes={"arn": "arn", "auth_type": "authType", "server_type": "serverType"},
    facts={"resource": "resource"},
)

COLLECTORS = [PROJECT, REPORT_GROUP, SOURCE_CREDENTIAL, WEBHOOK]

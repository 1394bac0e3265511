"""AWS Systems Manager: parameters but never what they hold, own documents, maintenance windows, settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, arn, converted, document, name_or_arn, volatile
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import Form, Pairwise, defaulting

GONE = ("InvalidResourceId", "ParameterNotFound")
PARAMETER, WINDOW = "'Parameter'", "'MaintenanceWindow'"


def tags_of(kind: str, name: str) -> Detail:
    return Detail(
        operation="list_tags_for_resource",
        arguments={"ResourceType": kind, "ResourceId": name},
        into="Tagging",
        gone=GONE,
    )


def chosen_by_aws(declared: Any, live: Any) -> bool:
    """Tiering is AWS's choice where it was left to it."""
    return bool(declared == "Intelligent-Tiering")


PARAMETERS = Collector(
    type="aws_ssm_parameter",
    service="ssm",
    fetch=Listing("describe_parameters", "Parameters"),
    details=(tags_of(PARAMETER, "Name"),),
    permissions=("ssm:DescribeParameters", "ssm:ListTagsForResource"),
    id="Name",
    identity=("name",),
    attributes={
        "allowed_pattern": "AllowedPattern",
        "arn": volatile("ARN"),
        "data_type": Attribute(path="DataType", form=defaulting("text")),
        "description": "Description",
        "key_id": name_or_arn("KeyId"),
        "name": "Name",
        "tier": Attribute(path="Tier", form=Pairwise(canonical=defaulting("Standard").canonical, agree=chosen_by_aws)),
        "type": "Type",
        "version": volatile("Version"),
    },
    facts={
        "last_modified_date": "LastModifiedDate",
        "last_modified_user": "LastModifiedUser",
        "policies": "Policies[].PolicyType",
    },
    tags="Tagging.TagList",
)


# --- documents --------------------------------------------------------------------------------------

OF_DOCUMENT = {"Name": "Name"}
NO_DOCUMENT = ("InvalidDocument",)


def shared(accounts: Any) -> dict[str, str]:
    """With whom a document is shared, as the provider keeps it."""
    return {"type": "Share", "account_ids": ",".join(accounts)} if accounts else {}


def same_accounts(value: Any) -> Any:
    """Accounts in any order."""
    said = dict(value) if isinstance(value, Mapping) else {}
    return sorted(str(said.get("account_ids") or "").split(","))


def arn_of(document: Item, place: Place) -> str:
    """AWS names runbooks of automation in ARNs of their own kind, and tells no ARN."""
    kind = "automation-definition" if document.get("DocumentType") == "Automation" else "document"
    return arn(place, "ssm", f"{kind}/{document['Name']}")


async def own_documents(place: Place) -> AsyncIterator[list[Item]]:
    async for page in place.pages("ssm", "list_documents", Filters=[{"Key": "Owner", "Values": ["Self"]}]):
        yield [{**each, "Arn": arn_of(each, place)} for each in page.get("DocumentIdentifiers") or ()]


SSM_DOCUMENT = Collector(
    type="aws_ssm_document",
    service="ssm",
    fetch=own_documents,
    details=(
        Detail(operation="describe_document", arguments=OF_DOCUMENT, into="Described", gone=NO_DOCUMENT),
        Detail(
            operation="get_document",
            arguments={"Name": "Name", "DocumentFormat": "DocumentFormat", "DocumentVersion": "'$LATEST'"},
            into="Got",
            gone=NO_DOCUMENT,
        ),
        Detail(
            operation="describe_document_permission",
            arguments={"Name": "Name", "PermissionType": "'Share'"},
            into="Sharing",
            gone=NO_DOCUMENT,
        ),
    ),
    permissions=("ssm:ListDocuments", "ssm:DescribeDocument", "ssm:GetDocument", "ssm:DescribeDocumentPermission"),
    id="Name",
    identity=("name",),
    attributes={
        "arn": volatile("Arn"),  # the provider has not always told runbooks from the rest
        "content": document("Got.Content"),
        "created_date": volatile("CreatedDate"),
        "default_version": "Described.Document.DefaultVersion",
        "description": volatile("Described.Document.Description"),
        "document_format": Attribute(path="DocumentFormat", form=defaulting("JSON")),
        "document_type": "DocumentType",
        "document_version": volatile("DocumentVersion"),
        "hash": volatile("Described.Document.Hash"),
        "hash_type": volatile("Described.Document.HashType"),
        "latest_version": volatile("Described.Document.LatestVersion"),
        "name": "Name",
        "owner": "Owner",
        "permissions": converted("Sharing.AccountIds", shared, Form(canonical=same_accounts)),
        "platform_types": volatile("PlatformTypes"),
        "schema_version": volatile("SchemaVersion"),
        "status": volatile("Described.Document.Status"),
        "target_type": "TargetType",
        "version_name": "VersionName",
    },
    facts={"pending_deletion": "Described.Document.Status=='Deleting'"},
    tags="Tags",
)


# --- maintenance windows ----------------------------------------------------------------------------

MAINTENANCE_WINDOW = Collector(
    type="aws_ssm_maintenance_window",
    service="ssm",
    fetch=Listing("describe_maintenance_windows", "WindowIdentities"),
    details=(
        Detail(
            operation="get_maintenance_window",
            arguments={"WindowId": "WindowId"},
            into="Got",
            gone=("DoesNotExistException",),
        ),
        tags_of(WINDOW, "WindowId"),
    ),
    permissions=("ssm:DescribeMaintenanceWindows", "ssm:GetMaintenanceWindow", "ssm:ListTagsForResource"),
    id="WindowId",
    attributes={
        "allow_unassociated_targets": "Got.AllowUnassociatedTargets",
        "cutoff": "Cutoff",
        "description": "Description",
        "duration": "Duration",
        "enabled": Attribute(path="Enabled", form=defaulting(True)),
        "end_date": "EndDate",
        "name": "Name",
        "schedule": "Schedule",
        "schedule_offset": "ScheduleOffset",
        "schedule_timezone": "ScheduleTimezone",
        "start_date": "StartDate",
    },
    facts={"next_execution_time": "NextExecutionTime"},
    tags="Tagging.TagList",
)


# --- settings ---------------------------------------------------------------------------------------

SETTINGS = (
    "/ssm/appmanager/appmanager-enabled",
    "/ssm/automation/customer-script-log-destination",
    "/ssm/automation/customer-script-log-group-name",
    "/ssm/automation/enable-adaptive-concurrency",
    "/ssm/documents/console/public-sharing-permission",
    "/ssm/managed-instance/activation-tier",
    "/ssm/managed-instance/default-ec2-instance-management-role",
    "/ssm/opsinsights/opscenter",
    "/ssm/parameter-store/default-parameter-tier",
    "/ssm/parameter-store/high-throughput-enabled",
)


async def service_settings(place: Place) -> AsyncIterator[list[Item]]:
    """AWS lists no settings: each is asked for by its name."""
    asked = (place.call("ssm", "get_service_setting", SettingId=each) for each in SETTINGS)
    yield [answer["ServiceSetting"] for answer in await asyncio.gather(*asked)]


def setting(said: Mapping[str, Any]) -> str | None:
    """A setting is named by its path, or by the ARN that ends in it."""
    return _path(said.get("setting_id")) or None


def _path(said: Any) -> str:
    text = str(said or "")
    return text[found:] if (found := text.find("/ssm/")) >= 0 else text


def as_aws_has_it(found: Resource) -> bool:
    return found.attributes.get("status") == "Default"


SERVICE_SETTING = Collector(
    type="aws_ssm_service_setting",
    service="ssm",
    fetch=service_settings,
    permissions=("ssm:GetServiceSetting",),
    id="ARN",
    identity=setting,
    at_default=as_aws_has_it,
    attributes={
        "arn": "ARN",
        "setting_id": Attribute(path="SettingId", form=Form(canonical=_path)),
        "setting_value": "SettingValue",
        "status": volatile("Status"),
    },
)

COLLECTORS = [PARAMETERS, SSM_DOCUMENT, MAINTENANCE_WINDOW, SERVICE_SETTING]

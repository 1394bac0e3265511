"""AWS Glue: what turns data over: jobs, crawlers, triggers, workflows, connections, and how they encrypt.

Glue says no ARNs of these: they are put together from names. Tags are asked for one thing at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    arn,
    as_block,
    block,
    converted,
    document,
    name_or_arn,
    policy,
    volatile,
)
from scanner.aws.inside import Fetch
from scanner.aws.place import Item, Place
from scanner.collectors.ecs import some
from state import Resource
from state.forms import IF_DECLARED, MAP, UNORDERED, Form, Pairwise, defaulting, not_told

GONE = ("EntityNotFoundException",)
WORKFLOWS_AT_ONCE = 25
TAGS = Detail(operation="get_tags", arguments={"ResourceArn": "Arn"}, into="Tagging", gone=GONE)


def spelled(place: Place, kind: str, name: str) -> str:
    return arn(place, "glue", f"{kind}/{name}")


def listed(name: str, ask: Callable[[Place], AsyncIterator[Item]], key: str, kind: str) -> Fetch:
    """The fetch, under this name, of things with their ARNs, which are of this kind."""

    async def fetch(place: Place) -> AsyncIterator[list[Item]]:
        async for page in ask(place):
            found = page.get(key) or ()
            yield [{**each, "Arn": spelled(place, kind, each["Name"]), "Account": place.account} for each in found]

    fetch.__name__ = name
    return fetch


# --- jobs -----------------------------------------------------------------------------------------

JOB = Collector(
    type="aws_glue_job",
    service="glue",
    fetch=listed("glue_jobs", lambda place: place.pages("glue", "get_jobs"), "Jobs", "job"),
    details=(TAGS,),
    permissions=("glue:GetJobs", "glue:GetTags"),
    id="Name",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "command": block(
            "Command.{name: Name, python_version: PythonVersion, runtime: Runtime, script_location: ScriptLocation}",
            name=defaulting("glueetl"),
            python_version=IF_DECLARED,
            runtime=IF_DECLARED,
        ),
        "connections": "Connections.Connections",
        "default_arguments": Attribute(path="DefaultArguments", form=MAP),
        "description": "Description",
        "execution_class": Attribute(path="ExecutionClass", form=defaulting("STANDARD")),
        "execution_property": block(
            "ExecutionProperty.{max_concurrent_runs: MaxConcurrentRuns}", max_concurrent_runs=defaulting(1)
        ),
        "glue_version": "GlueVersion",
        "job_mode": Attribute(path="JobMode", form=IF_DECLARED),
        "job_run_queuing_enabled": "JobRunQueuingEnabled",
        "maintenance_window": "MaintenanceWindow",
        "max_capacity": "MaxCapacity",
        "max_retries": "MaxRetries",
        "name": "Name",
        "non_overridable_arguments": Attribute(path="NonOverridableArguments", form=MAP),
        "notification_property": block("NotificationProperty.{notify_delay_after: NotifyDelayAfter}"),
        "number_of_workers": "NumberOfWorkers",
        "role_arn": name_or_arn("Role"),
        "security_configuration": "SecurityConfiguration",
        "source_control_details": block(
            "SourceControlDetails.{auth_strategy: AuthStrategy, branch: Branch, folder: Folder, "
            "last_commit_id: LastCommitId, owner: Owner, provider: Provider, repository: Repository}",
            last_commit_id=IF_DECLARED,
        ),
        "timeout": "Timeout",
        "worker_type": "WorkerType",
    },
    facts={"created_on": "CreatedOn", "last_modified_on": "LastModifiedOn"},
    tags="Tagging.Tags",
)

# --- crawlers -------------------------------------------------------------------------------------

EVERYWHERE = "connection_name: ConnectionName, exclusions: Exclusions"
LAKE = f"{EVERYWHERE}, maximum_traversal_depth: MaximumTraversalDepth, paths: Paths"


def targets(kind: str, members: str, **inner: Form) -> Attribute:
    return block(f"Targets.{kind}[].{{{members}}}", **inner)


CRAWLER = Collector(
    type="aws_glue_crawler",
    service="glue",
    fetch=listed("glue_crawlers", lambda place: place.pages("glue", "get_crawlers"), "Crawlers", "crawler"),
    details=(TAGS,),
    permissions=("glue:GetCrawlers", "glue:GetTags"),
    id="Name",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "catalog_target": targets(
            "CatalogTargets",
            "connection_name: ConnectionName, database_name: DatabaseName, "
            "dlq_event_queue_arn: DlqEventQueueArn, event_queue_arn: EventQueueArn, tables: Tables",
        ),
        "classifiers": "Classifiers",
        "configuration": document("Configuration"),
        "database_name": "DatabaseName",
        "delta_target": targets(
            "DeltaTargets",
            "connection_name: ConnectionName, create_native_delta_table: CreateNativeDeltaTable, "
            "delta_tables: DeltaTables, write_manifest: WriteManifest",
            delta_tables=UNORDERED,
        ),
        "description": "Description",
        "dynamodb_target": targets(
            "DynamoDBTargets", "path: Path, scan_all: scanAll, scan_rate: scanRate", scan_all=defaulting(True)
        ),
        "hudi_target": targets("HudiTargets", LAKE, paths=UNORDERED),
        "iceberg_target": targets("IcebergTargets", LAKE, paths=UNORDERED),
        "jdbc_target": targets(
            "JdbcTargets", f"{EVERYWHERE}, enable_additional_metadata: EnableAdditionalMetadata, path: Path"
        ),
        "lake_formation_configuration": block(
            "LakeFormationConfiguration.{account_id: AccountId, "
            "use_lake_formation_credentials: UseLakeFormationCredentials}",
            account_id=IF_DECLARED,
        ),
        "lineage_configuration": block(
            "LineageConfiguration.{crawler_lineage_settings: CrawlerLineageSettings}",
            crawler_lineage_settings=defaulting("DISABLE"),
        ),
        "mongodb_target": targets(
            "MongoDBTargets",
            "connection_name: ConnectionName, path: Path, scan_all: ScanAll",
            scan_all=defaulting(True),
        ),
        "name": "Name",
        "recrawl_policy": block(
            "RecrawlPolicy.{recrawl_behavior: RecrawlBehavior}", recrawl_behavior=defaulting("CRAWL_EVERYTHING")
        ),
        "role": name_or_arn("Role"),
        "s3_target": targets(
            "S3Targets",
            f"{EVERYWHERE}, dlq_event_queue_arn: DlqEventQueueArn, event_queue_arn: EventQueueArn, "
            "path: Path, sample_size: SampleSize",
        ),
        "schedule": "Schedule.ScheduleExpression",
        "schema_change_policy": block(
            "SchemaChangePolicy.{delete_behavior: DeleteBehavior, update_behavior: UpdateBehavior}",
            delete_behavior=defaulting("DEPRECATE_IN_DATABASE"),
            update_behavior=defaulting("UPDATE_IN_DATABASE"),
        ),
        "security_configuration": "CrawlerSecurityConfiguration",
        "table_prefix": "TablePrefix",
    },
    facts={
        "creation_time": "CreationTime",
        "last_crawl_status": "LastCrawl.Status",
        "last_updated": "LastUpdated",
        "schedule_state": "Schedule.State",
        "state": "State",
    },
    tags="Tagging.Tags",
)

# --- triggers and workflows -------------------------------------------------------------------------


def enabled(found: Any) -> bool | None:
    """A trigger that is pulled by hand or by an event is never on nor off: where it is there, what is declared stands.

    So the provider reads it: internal/service/glue/trigger.go, resourceTriggerRead.
    """
    kind, state = found
    if kind in ("ON_DEMAND", "EVENT"):
        return None if state in ("CREATED", "CREATING") else False
    return state in ("ACTIVATED", "ACTIVATING")


ENABLED = Pairwise(agree=not_told, canonical=defaulting(True).canonical)


TRIGGER = Collector(
    type="aws_glue_trigger",
    service="glue",
    fetch=listed("glue_triggers", lambda place: place.pages("glue", "get_triggers"), "Triggers", "trigger"),
    details=(TAGS,),
    permissions=("glue:GetTriggers", "glue:GetTags"),
    id="Name",
    identity=("name",),
    attributes={
        "actions": block(
            "Actions[].{arguments: Arguments, crawler_name: CrawlerName, job_name: JobName, "
            "notification_property: NotificationProperty && [NotificationProperty.{"
            "notify_delay_after: NotifyDelayAfter}], security_configuration: SecurityConfiguration, timeout: Timeout}",
            arguments=MAP,
        ),
        "arn": "Arn",
        "description": "Description",
        "enabled": converted("[Type, State]", enabled, ENABLED),
        "event_batching_condition": block(
            "EventBatchingCondition.{batch_size: BatchSize, batch_window: BatchWindow}", batch_window=defaulting(900)
        ),
        "name": "Name",
        "predicate": block(
            "Predicate.{conditions: Conditions[].{crawl_state: CrawlState, crawler_name: CrawlerName, "
            "job_name: JobName, logical_operator: LogicalOperator, state: State}, logical: Logical}",
            conditions=Form(inner={"logical_operator": defaulting("EQUALS")}),
            logical=defaulting("AND"),
        ),
        "schedule": "Schedule",
        "state": volatile("State"),
        "type": "Type",
        "workflow_name": "WorkflowName",
    },
    facts={"pending_deletion": "State=='DELETING'"},
    tags="Tagging.Tags",
)


async def glue_workflows(place: Place) -> AsyncIterator[list[Item]]:
    """The workflows, which are listed by name and told twenty-five at a time."""
    names = (await place.whole("glue", "list_workflows")).get("Workflows") or []
    asked = (place.call("glue", "batch_get_workflows", Names=each) for each in some(names, WORKFLOWS_AT_ONCE))
    found = [each for answer in await asyncio.gather(*asked) for each in answer.get("Workflows") or ()]
    yield [{**each, "Arn": spelled(place, "workflow", each["Name"])} for each in found]


WORKFLOW = Collector(
    type="aws_glue_workflow",
    service="glue",
    fetch=glue_workflows,
    details=(TAGS,),
    permissions=("glue:ListWorkflows", "glue:BatchGetWorkflows", "glue:GetTags"),
    id="Name",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "default_run_properties": Attribute(path="DefaultRunProperties", form=MAP),
        "description": "Description",
        "max_concurrent_runs": "MaxConcurrentRuns",
        "name": "Name",
    },
    facts={"created_on": "CreatedOn", "last_modified_on": "LastModifiedOn"},
    tags="Tagging.Tags",
)

# --- connections ----------------------------------------------------------------------------------

PASSWORDS = ("PASSWORD", "ENCRYPTED_PASSWORD")


def without_password(properties: Any) -> dict[str, Any] | None:
    """What is told of a connection: its password is not asked for, so that none is compared."""
    return {name: each for name, each in (properties or {}).items() if name not in PASSWORDS} or None


OPEN = Form(canonical=lambda value: MAP.canonical(without_password(value)))

CONNECTION = Collector(
    type="aws_glue_connection",
    service="glue",
    fetch=listed(
        "glue_connections",
        lambda place: place.pages("glue", "get_connections", HidePassword=True),
        "ConnectionList",
        "connection",
    ),
    details=(TAGS,),
    permissions=("glue:GetConnections", "glue:GetTags"),
    id="join(':', [Account, Name])",
    identity=("name",),
    attributes={
        "arn": "Arn",
        "athena_properties": Attribute(path="AthenaProperties", form=MAP, sensitive=True),
        "catalog_id": "Account",
        "connection_properties": Attribute(
            path="ConnectionProperties", form=OPEN, convert=without_password, sensitive=True
        ),
        "connection_type": Attribute(path="ConnectionType", form=defaulting("JDBC")),
        "description": "Description",
        "match_criteria": "MatchCriteria",
        "name": "Name",
        "physical_connection_requirements": block(
            "PhysicalConnectionRequirements.{availability_zone: AvailabilityZone, "
            "security_group_id_list: SecurityGroupIdList, subnet_id: SubnetId}",
            availability_zone=IF_DECLARED,
            security_group_id_list=UNORDERED,
        ),
    },
    facts={"creation_time": "CreationTime", "last_updated_time": "LastUpdatedTime", "status": "Status"},
    tags="Tagging.Tags",
)

# --- encryption -----------------------------------------------------------------------------------


def mode(name: str) -> Form:
    return Form(inner={name: defaulting("DISABLED")})


SECURITY_CONFIGURATION = Collector(
    type="aws_glue_security_configuration",
    service="glue",
    fetch=listed(
        "security_configurations",
        lambda place: place.pages("glue", "get_security_configurations"),
        "SecurityConfigurations",
        "securityConfiguration",
    ),
    permissions=("glue:GetSecurityConfigurations",),
    id="Name",
    identity=("name",),
    attributes={
        "encryption_configuration": block(
            "EncryptionConfiguration.{cloudwatch_encryption: CloudWatchEncryption && [CloudWatchEncryption."
            "{cloudwatch_encryption_mode: CloudWatchEncryptionMode, kms_key_arn: KmsKeyArn}], "
            "job_bookmarks_encryption: JobBookmarksEncryption && [JobBookmarksEncryption."
            "{job_bookmarks_encryption_mode: JobBookmarksEncryptionMode, kms_key_arn: KmsKeyArn}], "
            "s3_encryption: S3Encryption[].{kms_key_arn: KmsKeyArn, s3_encryption_mode: S3EncryptionMode}}",
            cloudwatch_encryption=mode("cloudwatch_encryption_mode"),
            job_bookmarks_encryption=mode("job_bookmarks_encryption_mode"),
            s3_encryption=mode("s3_encryption_mode"),
        ),
        "name": "Name",
    },
    facts={"created_time_stamp": "CreatedTimeStamp"},
)


async def glue_catalog(place: Place) -> AsyncIterator[list[Item]]:
    """The data catalog that an account has in every region, whatever may be asked about it."""
    yield [{"Account": place.account}]


def unencrypted(settings: Resource) -> bool:
    said: Any = (settings.attributes.get("data_catalog_encryption_settings") or [{}])[0]
    at_rest = (said.get("encryption_at_rest") or [{}])[0].get("catalog_encryption_mode")
    passwords = (said.get("connection_password_encryption") or [{}])[0]
    return at_rest in (None, "DISABLED") and not passwords.get("return_connection_password_encrypted")


ENCRYPTION_SETTINGS = Collector(
    type="aws_glue_data_catalog_encryption_settings",
    service="glue",
    fetch=glue_catalog,
    details=(Detail(operation="get_data_catalog_encryption_settings", arguments={}, into="Said", essential=True),),
    permissions=("glue:GetDataCatalogEncryptionSettings",),
    id="Said && Account",
    identity=lambda attributes: "glue_data_catalog_encryption_settings",
    at_default=unencrypted,
    attributes={
        "catalog_id": "Account",
        "data_catalog_encryption_settings": Attribute(
            path="Said.DataCatalogEncryptionSettings.{connection_password_encryption: ConnectionPasswordEncryption "
            "&& [ConnectionPasswordEncryption.{aws_kms_key_id: AwsKmsKeyId, "
            "return_connection_password_encrypted: ReturnConnectionPasswordEncrypted}], "
            "encryption_at_rest: EncryptionAtRest && [EncryptionAtRest.{"
            "catalog_encryption_mode: CatalogEncryptionMode, "
            "catalog_encryption_service_role: CatalogEncryptionServiceRole, sse_aws_kms_key_id: SseAwsKmsKeyId}]}",
            form=Form(
                inner={
                    "connection_password_encryption": Form(),
                    "encryption_at_rest": mode("catalog_encryption_mode"),
                }
            ),
            convert=as_block,
        ),
    },
)

RESOURCE_POLICY = Collector(
    type="aws_glue_resource_policy",
    service="glue",
    fetch=glue_catalog,
    details=(
        Detail(
            operation="get_resource_policy",
            arguments={},
            into="Policing",
            absent=GONE,
            holds="PolicyInJson",
            essential=True,
        ),
    ),
    permissions=("glue:GetResourcePolicy",),
    id="Policing && Account",
    identity=lambda attributes: "glue_resource_policy",
    attributes={"policy": policy("Policing.PolicyInJson")},
    facts={"create_time": "Policing.CreateTime", "update_time": "Policing.UpdateTime"},
)

COLLECTORS = [
    CONNECTION,
    CRAWLER,
    ENCRYPTION_SETTINGS,
    JOB,
    RESOURCE_POLICY,
    SECURITY_CONFIGURATION,
    TRIGGER,
    WORKFLOW,
]

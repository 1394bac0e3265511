"""Amazon EventBridge: buses and who may put events on them, rules, and their targets.

A rule is named within its bus, which the state leaves out where it is the default one. The provider has two homes
for a bus's policy: the whole document, or one resource for each of its statements.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    as_block,
    as_tags,
    block,
    converted,
    document,
    name_or_arn,
    policy,
)
from scanner.aws.inside import Once, inside
from scanner.aws.place import Item, Place
from state import Resource
from state.forms import IF_DECLARED, MAP, UNORDERED, Form, defaulting, parsed, plain
from state.schema import Parent

DEFAULT = "default"
GONE = ("ResourceNotFoundException",)
TAGS = Detail(operation="list_tags_for_resource", arguments={"ResourceARN": "Arn"}, into="Tagging", gone=GONE)


def bus_name(said: Any) -> str:
    """A bus's name, which its ARN ends in; partners' names hold slashes."""
    return str(said or DEFAULT).rpartition("event-bus/")[2]


def on_bus(*parts: str) -> Callable[[Mapping[str, Any]], str | None]:
    def identify(said: Mapping[str, Any]) -> str | None:
        found = [bus_name(said.get("event_bus_name")), *(said.get(each) for each in parts)]
        return "/".join(map(str, found)) if all(found) else None

    return identify


BUS_NAME = Attribute(path="EventBusName || 'default'", form=Form(canonical=bus_name))


# --- buses ----------------------------------------------------------------------------------------


async def _buses(place: Place) -> list[Item]:
    return [each async for page in place.pages("events", "list_event_buses") for each in page.get("EventBuses") or ()]


BUSES = Once(_buses)


async def event_buses(place: Place) -> AsyncIterator[list[Item]]:
    yield await BUSES(event_buses, place)


def is_default(bus: Resource) -> bool:
    """Every region has it, whether used or not."""
    return bool(bus.attributes.get("name") == DEFAULT)


def partner(name: Any) -> str | None:
    """The bus of a partner's source is named after it."""
    return name if isinstance(name, str) and name.startswith("aws.partner/") else None


BUS = Collector(
    type="aws_cloudwatch_event_bus",
    service="events",
    fetch=event_buses,
    details=(Detail(operation="describe_event_bus", arguments={"Name": "Name"}, into="Described", gone=GONE), TAGS),
    permissions=("events:ListEventBuses", "events:DescribeEventBus", "events:ListTagsForResource"),
    id="Name",
    identity=("name",),
    at_default=is_default,
    attributes={
        "arn": "Arn",
        "dead_letter_config": block("Described.DeadLetterConfig.{arn: Arn}"),
        "description": "Described.Description",
        "event_source_name": converted("Name", partner),
        "kms_key_identifier": name_or_arn("Described.KmsKeyIdentifier"),
        "log_config": block("Described.LogConfig.{include_detail: IncludeDetail, level: Level}"),
        "name": "Name",
    },
    tags="Tagging.Tags",
)


def statements(document: Any) -> list[dict[str, Any]]:
    said = parsed(document)
    found = said.get("Statement") if isinstance(said, Mapping) else None
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def told_by_statements(given: Resource) -> bool:
    """A policy that nobody declares: each of its statements that has a name tells of itself."""
    return given.declared is None and all(each.get("Sid") for each in statements(given.attributes.get("policy")))


async def bus_policies(place: Place) -> AsyncIterator[list[Item]]:
    yield [each for each in await BUSES(bus_policies, place) if each.get("Policy")]


BUS_POLICY = Collector(
    type="aws_cloudwatch_event_bus_policy",
    service="events",
    fetch=bus_policies,
    permissions=("events:ListEventBuses",),
    id="Name",
    identity=on_bus(),
    at_default=told_by_statements,
    attributes={"event_bus_name": Attribute(path="Name", form=Form(canonical=bus_name)), "policy": policy("Policy")},
)


async def bus_permissions(place: Place) -> AsyncIterator[list[Item]]:
    buses = await BUSES(bus_permissions, place)
    told = [(bus, each) for bus in buses for each in statements(bus.get("Policy")) if each.get("Sid")]
    yield [bus | {"Statement": statement} for bus, statement in told]


ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")


def principal(said: Any) -> str | None:
    """An account by its number, or everybody; whoever else may be meant, as it is written."""
    if isinstance(said, Mapping) and list(said) == ["AWS"]:
        said = said["AWS"]
    if not isinstance(said, str):
        return None if said is None else json.dumps(said, sort_keys=True)
    found = ROOT.fullmatch(said)
    return found[1] if found else said


def actions(said: Any) -> str | None:
    return said if isinstance(said, str) or said is None else ", ".join(sorted(said))


def conditions(said: Any) -> list[dict[str, Any]]:
    return [
        {"key": key, "type": operator, "value": value if isinstance(value, str) else json.dumps(value)}
        for operator, tests in (said or {}).items()
        for key, value in tests.items()
    ]


def permissions_in_policy(whole: Resource) -> Iterator[Resource]:
    """The statements of a policy that is declared as a whole, by name: what they say is compared with the whole."""
    for each in statements(whole.attributes.get("policy")):
        if each.get("Sid"):
            said = {"event_bus_name": whole.attributes.get("event_bus_name"), "statement_id": each["Sid"]}
            yield whole.replace(attributes=said)


def only_named(permission: Resource) -> bool:
    return permission.declared is not None and "principal" not in permission.attributes


PERMISSION = Collector(
    type="aws_cloudwatch_event_permission",
    service="events",
    fetch=bus_permissions,
    permissions=("events:ListEventBuses",),
    id="join('/', [Name, Statement.Sid])",
    identity=on_bus("statement_id"),
    within=Parent(type="aws_cloudwatch_event_bus_policy", by=on_bus(), part="policy"),
    homes={"aws_cloudwatch_event_bus_policy": permissions_in_policy},
    at_default=only_named,
    attributes={
        "action": converted("Statement.Action", actions, defaulting("events:PutEvents")),
        "condition": converted("Statement.Condition", conditions),
        "event_bus_name": Attribute(path="Name", form=Form(canonical=bus_name)),
        "principal": converted("Statement.Principal", principal),
        "statement_id": "Statement.Sid",
    },
)


# --- rules ----------------------------------------------------------------------------------------


async def _rules(place: Place, bus: Item) -> Item:
    return await place.whole("events", "list_rules", EventBusName=bus["Name"])


async def _every_rule(place: Place) -> list[Item]:
    buses = await BUSES(_every_rule, place)
    answers = [await RULES(_every_rule, place, bus) for bus in buses]
    return [each for answer in answers for each in answer.get("Rules") or ()]


async def _targets(place: Place, rule: Item) -> Item:
    return await place.whole(
        "events", "list_targets_by_rule", Rule=rule["Name"], EventBusName=rule.get("EventBusName") or DEFAULT
    )


RULES, EVERY_RULE, TARGETS = Once(_rules), Once(_every_rule), Once(_targets)
BUSES.readers.update((event_buses, bus_policies, bus_permissions, _every_rule))
RULES.readers.add(_every_rule)


def rules_told(answer: Item, bus: Item) -> list[Item]:
    return [{"EventBusName": bus["Name"]} | each for each in answer.get("Rules") or ()]


def targets_told(answer: Item, rule: Item) -> list[Item]:
    beside = {"EventBusName": rule.get("EventBusName") or DEFAULT, "Rule": rule["Name"], "By": rule.get("ManagedBy")}
    return [beside | each for each in answer.get("Targets") or ()]


RULE = Collector(
    type="aws_cloudwatch_event_rule",
    service="events",
    fetch=inside("event_rules", BUSES, RULES, rules_told),
    details=(TAGS,),
    permissions=("events:ListEventBuses", "events:ListRules", "events:ListTagsForResource"),
    # The default bus is left out of the id.
    id="join('/', [EventBusName!='default' && EventBusName || '', Name][?@])",
    identity=on_bus("name"),
    owner=lambda rule: rule.get("ManagedBy"),
    attributes={
        "arn": "Arn",
        "description": "Description",
        "event_bus_name": BUS_NAME,
        "event_pattern": document("EventPattern"),
        "is_enabled": Attribute(path="State!='DISABLED'", form=defaulting(True)),
        "name": "Name",
        "role_arn": "RoleArn",
        "schedule_expression": "ScheduleExpression",
        "state": Attribute(path="State", form=IF_DECLARED),
    },
    tags="Tagging.Tags",
)


# --- targets --------------------------------------------------------------------------------------

TASK = """
    capacity_provider_strategy: CapacityProviderStrategy[].{
        base: base, capacity_provider: capacityProvider, weight: weight},
    enable_ecs_managed_tags: EnableECSManagedTags,
    enable_execute_command: EnableExecuteCommand,
    group: Group,
    launch_type: LaunchType,
    network_configuration: NetworkConfiguration.awsvpcConfiguration && [NetworkConfiguration.awsvpcConfiguration.{
        assign_public_ip: AssignPublicIp=='ENABLED', security_groups: SecurityGroups, subnets: Subnets}],
    platform_version: PlatformVersion,
    propagate_tags: PropagateTags,
    task_count: TaskCount,
    task_definition_arn: TaskDefinitionArn
"""
"""What a target says of a task of ECS, here and in a schedule."""
CONSTRAINTS = "PlacementConstraints[].{expression: expression, type: type}"
STRATEGY = "PlacementStrategy[].{field: field, type: type}"
ECS = f"""EcsParameters.{{
    ordered_placement_strategy: {STRATEGY}, placement_constraint: {CONSTRAINTS}, tags: Tags, {TASK}
}}"""


def tagged(found: Any) -> list[Any]:
    return [{**found, "tags": as_tags(found["tags"])}] if found else []


def same_input(value: Any) -> Any:
    """What a target is given, which is JSON."""
    return plain(value) if not value else json.dumps(parsed(value), sort_keys=True)


TARGET = Collector(
    type="aws_cloudwatch_event_target",
    service="events",
    fetch=inside("event_targets", EVERY_RULE, TARGETS, targets_told),
    permissions=("events:ListEventBuses", "events:ListRules", "events:ListTargetsByRule"),
    id="join('-', [EventBusName!='default' && EventBusName || '', Rule, Id][?@])",
    identity=on_bus("rule", "target_id"),
    owner=lambda target: target["By"],
    attributes={
        "appsync_target": block("AppSyncParameters.{graphql_operation: GraphQLOperation}"),
        "arn": "Arn",
        "batch_target": block(
            "BatchParameters.{array_size: ArrayProperties.Size, job_attempts: RetryStrategy.Attempts, "
            "job_definition: JobDefinition, job_name: JobName}"
        ),
        "dead_letter_config": block("DeadLetterConfig.{arn: Arn}"),
        "ecs_target": Attribute(
            path=ECS,
            form=Form(
                inner={
                    "capacity_provider_strategy": UNORDERED,
                    "network_configuration": Form(inner={"security_groups": UNORDERED, "subnets": UNORDERED}),
                    "placement_constraint": UNORDERED,
                    "tags": MAP,
                    "task_count": defaulting(1),
                }
            ),
            convert=tagged,
        ),
        "event_bus_name": BUS_NAME,
        "http_target": block(
            "HttpParameters.{header_parameters: HeaderParameters, path_parameter_values: PathParameterValues, "
            "query_string_parameters: QueryStringParameters}",
            header_parameters=MAP,
            query_string_parameters=MAP,
        ),
        "input": Attribute(path="Input", form=Form(canonical=same_input)),
        "input_path": "InputPath",
        "input_transformer": block(
            "InputTransformer.{input_paths: InputPathsMap, input_template: InputTemplate}", input_paths=MAP
        ),
        "kinesis_target": block("KinesisParameters.{partition_key_path: PartitionKeyPath}"),
        "redshift_target": block(
            "RedshiftDataParameters.{database: Database, db_user: DbUser, secrets_manager_arn: SecretManagerArn, "
            "sql: Sql, statement_name: StatementName, with_event: WithEvent}"
        ),
        "retry_policy": block(
            "RetryPolicy.{maximum_event_age_in_seconds: MaximumEventAgeInSeconds, "
            "maximum_retry_attempts: MaximumRetryAttempts}"
        ),
        "role_arn": "RoleArn",
        "rule": "Rule",
        "run_command_targets": converted(
            "RunCommandParameters.RunCommandTargets[].{key: Key, values: Values}", as_block
        ),
        "sagemaker_pipeline_target": block(
            "SageMakerPipelineParameters.{pipeline_parameter_list: PipelineParameterList[].{name: Name, value: Value}}",
            pipeline_parameter_list=UNORDERED,
        ),
        "sqs_target": block("SqsParameters.{message_group_id: MessageGroupId}"),
        "target_id": "Id",
    },
)

COLLECTORS = [BUS, BUS_POLICY, PERMISSION, RULE, TARGET]

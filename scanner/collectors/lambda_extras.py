"""AWS Lambda: what belongs to a function and who may call it, and what several functions share."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    as_block,
    block,
    blocks,
    converted,
    unordered,
    volatile,
)
from scanner.aws.inside import GONE, Once, inside, unless_gone
from scanner.aws.place import Item, Place
from scanner.collectors.apigateway import number
from scanner.collectors.lambda_functions import FUNCTIONS, invoke_arn
from state import Resource
from state.documents import DOCUMENT
from state.forms import (
    MAP,
    NAME_OR_ARN,
    UNORDERED,
    VOLATILE,
    Form,
    Pairwise,
    caseless_set,
    defaulting,
    plain,
    without_order,
)
from state.schema import Identity, Parent

LATEST = "$LATEST"


def target(function: Any, qualifier: Any = None) -> tuple[str, str]:
    """The name of a function and the version or alias meant, however it is named: by name, ARN or half of one."""
    name, _, version = str(function or "").rpartition("function:")[2].partition(":")
    version = str(qualifier or version)
    return name, "" if version == LATEST else version


def same_function(declared: Any, live: Any) -> bool:
    """One may name the version that the other leaves to ``qualifier``."""
    return target(declared)[0] == target(live)[0] != ""


SAME_FUNCTION = Pairwise(agree=same_function)
SAME_VERSION = Form(canonical=lambda value: plain(None if value == LATEST else value))


FUNCTION_NAME = Attribute(path="FunctionName", form=SAME_FUNCTION)


def of_function(*parts: str) -> Identity:
    """``resize``, or ``resize:live`` where it is about a version or alias, and what tells the parts apart."""

    def identify(said: Mapping[str, Any]) -> str | None:
        function = ":".join(filter(None, target(said.get("function_name"), said.get("qualifier"))))
        found = [function, *(said.get(each) for each in parts)]
        return "/".join(map(str, found)) if all(found) else None

    return identify


def in_function(part: str) -> Parent:
    return Parent(type="aws_lambda_function", by="function_name", part=part)


# --- what is asked of each function -------------------------------------------------------------


async def _aliases(place: Place, function: Item) -> Item:
    return await place.whole("lambda", "list_aliases", FunctionName=function["FunctionName"])


async def _urls(place: Place, function: Item) -> Item:
    return await place.whole("lambda", "list_function_url_configs", FunctionName=function["FunctionName"])


async def _invoke_configs(place: Place, function: Item) -> Item:
    return await place.whole("lambda", "list_function_event_invoke_configs", FunctionName=function["FunctionName"])


async def _policies(place: Place, function: Item) -> list[Item]:
    """The function's policy and those of its aliases. Each published version may have one too: they are not read."""
    aliases = (await ALIASES(_policies, place, function)).get("Aliases") or ()
    asked = [{}, *({"Qualifier": each["Name"]} for each in aliases)]
    answers = await asyncio.gather(*(_policy(place, function["FunctionName"], about) for about in asked))
    return [answer for answer in answers if answer]


async def _policy(place: Place, function: str, about: Item) -> Item:
    return await unless_gone(place.call("lambda", "get_policy", FunctionName=function, **about), GONE)


ALIASES = Once(_aliases)
ALIASES.readers.add(_policies)


def told(key: str) -> Any:
    """The parts of an answer that lists them under this name, with their function."""

    def parts(answer: Item, function: Item) -> Iterator[Item]:
        for each in answer.get(key) or ():
            found = {"FunctionArn": function["FunctionArn"]} | each
            of, version = target(found["FunctionArn"])
            yield found | {"FunctionName": of, "Qualifier": version}

    return parts


# --- aliases ------------------------------------------------------------------------------------

ALIAS = Collector(
    type="aws_lambda_alias",
    service="lambda",
    fetch=inside("function_aliases", FUNCTIONS, ALIASES, told("Aliases")),
    permissions=("lambda:ListFunctions", "lambda:ListAliases"),
    id="AliasArn",
    identity=of_function("name"),
    parent=in_function("alias"),
    attributes={
        "arn": "AliasArn",
        "description": "Description",
        "function_name": FUNCTION_NAME,
        "function_version": "FunctionVersion",
        "invoke_arn": converted("AliasArn", invoke_arn, VOLATILE),
        "name": "Name",
        "routing_config": block(
            "RoutingConfig.{additional_version_weights: AdditionalVersionWeights}", additional_version_weights=MAP
        ),
    },
)


# --- permissions --------------------------------------------------------------------------------


def statements(answers: list[Item], function: Item) -> Iterator[Item]:
    """Each statement once, with what it is about."""
    told = [each for answer in answers for each in json.loads(answer["Policy"]).get("Statement") or ()]
    for statement in {(each.get("Resource"), each.get("Sid")): each for each in told}.values():
        of, version = target(statement.get("Resource"))
        yield {"FunctionName": of or function["FunctionName"], "Qualifier": version, "Statement": statement}


def principal(said: Any) -> str | None:
    """An account, a service, or everybody."""
    if isinstance(said, Mapping):
        said = said.get("AWS") or said.get("Service") or next(iter(said.values()), None)
    return said if isinstance(said, str) or said is None else json.dumps(said)


ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")


def account(principal: Any) -> Any:
    """An account by its number: AWS answers with its root's ARN."""
    found = ROOT.fullmatch(principal) if isinstance(principal, str) else None
    return found[1] if found else plain(principal)


def condition(key: str) -> Attribute:
    """The value that some test asks this key for; keys have no case."""

    def value(tests: Any) -> str | None:
        found = [test[each] for test in (tests or {}).values() for each in test if each.lower() == key.lower()]
        return str(found[0]) if found else None

    return converted("Statement.Condition", value)


def of_a_version(permission: Resource) -> bool:
    """A permission for one published version: its policy is not read, and so nothing is known of it."""
    return str(permission.attributes.get("qualifier") or "").isdecimal()


PERMISSION = Collector(
    type="aws_lambda_permission",
    service="lambda",
    fetch=inside("function_permissions", FUNCTIONS, Once(_policies), statements),
    permissions=("lambda:ListFunctions", "lambda:ListAliases", "lambda:GetPolicy"),
    id="Statement.Sid",
    identity=of_function("statement_id"),
    parent=in_function("permission"),
    at_default=of_a_version,
    attributes={
        "action": "Statement.Action",
        "event_source_token": condition("lambda:EventSourceToken"),
        "function_name": FUNCTION_NAME,
        "function_url_auth_type": condition("lambda:FunctionUrlAuthType"),
        "principal": converted("Statement.Principal", principal, Form(canonical=account)),
        "principal_org_id": condition("aws:PrincipalOrgID"),
        "qualifier": "Qualifier",
        "source_account": condition("AWS:SourceAccount"),
        "source_arn": condition("AWS:SourceArn"),
        "statement_id": "Statement.Sid",
    },
)


# --- URLs and asynchronous calls ----------------------------------------------------------------


HEADERS = Form(canonical=caseless_set)


def url_id(url: str | None) -> str | None:
    return url.partition("//")[2].partition(".")[0] if url else None


URL = Collector(
    type="aws_lambda_function_url",
    service="lambda",
    fetch=inside("function_urls", FUNCTIONS, Once(_urls), told("FunctionUrlConfigs")),
    permissions=("lambda:ListFunctions", "lambda:ListFunctionUrlConfigs"),
    id="join('/', [FunctionName, Qualifier][?@])",
    identity=of_function(),
    parent=in_function("function_url"),
    attributes={
        "authorization_type": "AuthType",
        "cors": block(
            "Cors.{allow_credentials: AllowCredentials, allow_headers: AllowHeaders, allow_methods: AllowMethods, "
            "allow_origins: AllowOrigins, expose_headers: ExposeHeaders, max_age: MaxAge}",
            allow_headers=HEADERS,
            allow_methods=UNORDERED,
            allow_origins=UNORDERED,
            expose_headers=HEADERS,
        ),
        "function_arn": "FunctionArn",
        "function_name": FUNCTION_NAME,
        "function_url": "FunctionUrl",
        "invoke_mode": Attribute(path="InvokeMode", form=defaulting("BUFFERED")),
        "qualifier": Attribute(path="Qualifier", form=SAME_VERSION),
        "url_id": converted("FunctionUrl", url_id),
    },
    facts={"creation_time": "CreationTime", "last_modified_time": "LastModifiedTime"},
)

INVOKE_CONFIG = Collector(
    type="aws_lambda_function_event_invoke_config",
    service="lambda",
    fetch=inside("function_invoke_configs", FUNCTIONS, Once(_invoke_configs), told("FunctionEventInvokeConfigs")),
    permissions=("lambda:ListFunctions", "lambda:ListFunctionEventInvokeConfigs"),
    id="join(':', [FunctionName, Qualifier][?@])",
    identity=of_function(),
    parent=in_function("event_invoke_config"),
    attributes={
        "destination_config": block(
            "DestinationConfig.{on_failure: OnFailure.Destination && [{destination: OnFailure.Destination}], "
            "on_success: OnSuccess.Destination && [{destination: OnSuccess.Destination}]}"
        ),
        "function_name": FUNCTION_NAME,
        "maximum_event_age_in_seconds": "MaximumEventAgeInSeconds",
        "maximum_retry_attempts": Attribute(path="MaximumRetryAttempts", form=number(2)),
        "qualifier": Attribute(path="Qualifier", form=SAME_VERSION),
    },
)


# --- event sources ------------------------------------------------------------------------------

STATES = {
    "Creating": True,
    "Enabled": True,
    "Enabling": True,
    "Disabled": False,
    "Disabling": False,
}


def pattern(filters: Any) -> Any:
    return [{"filter": [{"pattern": each.get("Pattern")} for each in filters]}] if filters else []


def endpoints(found: Any) -> list[Any]:
    """The provider keeps each list of addresses as one text."""
    return [{"endpoints": {kind: ",".join(each) for kind, each in found.items()}}] if found else []


def kafka(path: str) -> Attribute:
    return block(f"{path}.{{consumer_group_id: ConsumerGroupId}}")


def exactly(declared: Any, live: Any) -> bool:
    return target(declared) == target(live)


EVENT_SOURCE_MAPPING = Collector(
    type="aws_lambda_event_source_mapping",
    service="lambda",
    fetch=Listing("list_event_source_mappings", "EventSourceMappings"),
    details=(
        Detail(
            operation="list_tags",
            arguments={"Resource": "EventSourceMappingArn"},
            into="Tagging",
            gone=("ResourceNotFoundException",),
        ),
    ),
    permissions=("lambda:ListEventSourceMappings", "lambda:ListTags"),
    id="UUID",
    identity=("uuid",),
    attributes={
        "amazon_managed_kafka_event_source_config": kafka("AmazonManagedKafkaEventSourceConfig"),
        "arn": "EventSourceMappingArn",
        "batch_size": "BatchSize",
        "bisect_batch_on_function_error": "BisectBatchOnFunctionError",
        "destination_config": block(
            "DestinationConfig.{on_failure: OnFailure.Destination && [{destination_arn: OnFailure.Destination}]}"
        ),
        "document_db_event_source_config": block(
            "DocumentDBEventSourceConfig.{collection_name: CollectionName, database_name: DatabaseName, "
            "full_document: FullDocument}"
        ),
        "enabled": converted("State", lambda state: STATES.get(str(state)), defaulting(True)),
        "event_source_arn": "EventSourceArn",
        # Who may not use the key that encrypts the filters is shown none.
        "filter_criteria": Attribute(
            path="FilterCriteria.Filters",
            form=Form(inner={"filter": Form(canonical=without_order, inner={"pattern": DOCUMENT})}),
            convert=pattern,
            withheld="FilterCriteriaError.Message",
        ),
        "function_arn": "FunctionArn",
        "function_name": Attribute(path="FunctionArn", form=Pairwise(agree=exactly)),
        "function_response_types": unordered("FunctionResponseTypes"),
        "kms_key_arn": "KMSKeyArn",
        "last_modified": volatile("LastModified"),
        "last_processing_result": volatile("LastProcessingResult"),
        "maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds",
        "maximum_record_age_in_seconds": Attribute(path="MaximumRecordAgeInSeconds", form=defaulting(-1)),
        "maximum_retry_attempts": Attribute(path="MaximumRetryAttempts", form=defaulting(-1)),
        "metrics_config": block("MetricsConfig.{metrics: Metrics}", metrics=UNORDERED),
        "parallelization_factor": "ParallelizationFactor",
        "provisioned_poller_config": block(
            "ProvisionedPollerConfig.{maximum_pollers: MaximumPollers, minimum_pollers: MinimumPollers}"
        ),
        "queues": "Queues",
        "scaling_config": block("ScalingConfig.{maximum_concurrency: MaximumConcurrency}"),
        "self_managed_event_source": converted("SelfManagedEventSource.Endpoints", endpoints),
        "self_managed_kafka_event_source_config": kafka("SelfManagedKafkaEventSourceConfig"),
        "source_access_configuration": blocks("SourceAccessConfigurations[].{type: Type, uri: URI}"),
        "starting_position": "StartingPosition",
        "starting_position_timestamp": volatile("StartingPositionTimestamp"),
        "state": volatile("State"),
        "state_transition_reason": volatile("StateTransitionReason"),
        "topics": unordered("Topics"),
        "tumbling_window_in_seconds": "TumblingWindowInSeconds",
        "uuid": "UUID",
    },
    facts={"pending_deletion": "State=='Deleting'"},
    tags="Tagging.Tags",
)


# --- layers and signatures ----------------------------------------------------------------------


async def _layers(place: Place) -> list[Item]:
    found: list[Item] = (await place.whole("lambda", "list_layers")).get("Layers") or []
    return found


async def _layer_versions(place: Place, layer: Item) -> Item:
    return await place.whole("lambda", "list_layer_versions", LayerName=layer["LayerName"])


def versions(answer: Item, layer: Item) -> Iterable[Item]:
    beside = {name: layer[name] for name in ("LayerName", "LayerArn")}
    newest = (layer.get("LatestMatchingVersion") or {}).get("Version") or 0
    return [{**each, **beside, "Newest": each["Version"] >= newest} for each in answer.get("LayerVersions") or ()]


LAYER_VERSION = Collector(
    type="aws_lambda_layer_version",
    service="lambda",
    fetch=inside("layer_versions", Once(_layers), Once(_layer_versions), versions),
    permissions=("lambda:ListLayers", "lambda:ListLayerVersions"),
    id="LayerVersionArn",
    owner=lambda version: None if version["Newest"] else "lambda: earlier versions",
    attributes={
        "arn": "LayerVersionArn",
        "compatible_architectures": unordered("CompatibleArchitectures"),
        "compatible_runtimes": unordered("CompatibleRuntimes"),
        "created_date": volatile("CreatedDate"),
        "description": "Description",
        "layer_arn": "LayerArn",
        "layer_name": Attribute(path="LayerName", form=NAME_OR_ARN),
        "license_info": "LicenseInfo",
        "version": converted("Version", str),
    },
)

CODE_SIGNING_CONFIG = Collector(
    type="aws_lambda_code_signing_config",
    service="lambda",
    fetch=Listing("list_code_signing_configs", "CodeSigningConfigs"),
    details=(
        Detail(
            operation="list_tags",
            arguments={"Resource": "CodeSigningConfigArn"},
            into="Tagging",
            gone=("ResourceNotFoundException",),
        ),
    ),
    permissions=("lambda:ListCodeSigningConfigs", "lambda:ListTags"),
    id="CodeSigningConfigArn",
    attributes={
        "allowed_publishers": Attribute(
            path="AllowedPublishers.{signing_profile_version_arns: SigningProfileVersionArns}",
            form=Form(inner={"signing_profile_version_arns": UNORDERED}),
            convert=as_block,
        ),
        "arn": "CodeSigningConfigArn",
        "config_id": "CodeSigningConfigId",
        "description": "Description",
        "last_modified": volatile("LastModified"),
        "policies": block(
            "CodeSigningPolicies.{untrusted_artifact_on_deployment: UntrustedArtifactOnDeployment}",
            untrusted_artifact_on_deployment=defaulting("Warn"),
        ),
    },
    tags="Tagging.Tags",
)

COLLECTORS = [
    ALIAS,
    CODE_SIGNING_CONFIG,
    EVENT_SOURCE_MAPPING,
    INVOKE_CONFIG,
    LAYER_VERSION,
    PERMISSION,
    URL,
]

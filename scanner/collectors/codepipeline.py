"""AWS CodePipeline: pipelines, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, block, converted
from scanner.collectors.cognito import if_said
from state.forms import IF_DECLARED, MAP, UNORDERED, Form, defaulting

GONE = ("PipelineNotFoundException", "ResourceNotFoundException")
P = "Got.pipeline"

HIDDEN = frozenset({"OAuthToken"})
"""Settings of an action that AWS tells only as stars."""


def settings(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    return MAP.canonical({name: each for name, each in value.items() if name not in HIDDEN})


def without_hidden(stages: Any) -> list[Any]:
    """The stages, but for stars in the place of secrets."""
    return [{**stage, "action": [_shown(action) for action in stage.get("action") or ()]} for stage in stages or ()]


def _shown(action: dict[str, Any]) -> dict[str, Any]:
    said = action.get("configuration")
    return {**action, "configuration": said and {name: each for name, each in said.items() if name not in HIDDEN}}


RULE = """{
    commands: commands, configuration: configuration, input_artifacts: inputArtifacts[].name, name: name,
    region: region, role_arn: roleArn,
    rule_type_id: ruleTypeId && [ruleTypeId.{category: category, owner: owner, provider: provider, version: version}],
    timeout_in_minutes: timeoutInMinutes}"""
CONDITIONS = f"condition: conditions[].{{result: result, rule: rules[].{RULE}}}"

ACTION = """{
    category: actionTypeId.category, configuration: configuration, input_artifacts: inputArtifacts[].name,
    name: name, namespace: namespace, output_artifacts: outputArtifacts[].name, owner: actionTypeId.owner,
    provider: actionTypeId.provider, region: region, role_arn: roleArn, run_order: runOrder,
    timeout_in_minutes: timeoutInMinutes, version: actionTypeId.version}"""

STAGE = f"""{{
    action: actions[].{ACTION},
    before_entry: beforeEntry && [beforeEntry.{{{CONDITIONS}}}],
    name: name,
    on_failure: onFailure && [onFailure.{{{CONDITIONS}, result: result,
        retry_configuration: retryConfiguration && [retryConfiguration.{{retry_mode: retryMode}}]}}],
    on_success: onSuccess && [onSuccess.{{{CONDITIONS}}}]}}"""

FILES = "branches && [branches.{excludes: excludes, includes: includes}]"
PATHS = "filePaths && [filePaths.{excludes: excludes, includes: includes}]"
LABELS = "tags && [tags.{excludes: excludes, includes: includes}]"

TRIGGER = f"""{{
    git_configuration: gitConfiguration && [gitConfiguration.{{
        pull_request: pullRequest[].{{branches: {FILES}, events: events, file_paths: {PATHS}}},
        push: push[].{{branches: {FILES}, file_paths: {PATHS}, tags: {LABELS}}},
        source_action_name: sourceActionName}}],
    provider_type: providerType}}"""


def stores(found: Any) -> list[Any]:
    """Where artifacts are kept: in one store, or in one for each region."""
    one, many = found or (None, None)
    return [store(region, each) for region, each in (many or ({"": one} if one else {})).items()]


def store(region: str, said: Mapping[str, Any]) -> dict[str, Any]:
    key = said.get("encryptionKey")
    return {
        "encryption_key": [{"id": key.get("id"), "type": key.get("type")}] if key else [],
        "location": said.get("location"),
        "region": region,
        "type": said.get("type"),
    }


PIPELINE = Collector(
    type="aws_codepipeline",
    service="codepipeline",
    fetch=Listing("list_pipelines", "pipelines"),
    details=(
        Detail(operation="get_pipeline", arguments={"name": "name"}, into="Got", gone=GONE, essential=True),
        Detail(
            operation="list_tags_for_resource",
            arguments={"resourceArn": "Got.metadata.pipelineArn"},
            into="Tagging",
            gone=GONE,
        ),
    ),
    permissions=("codepipeline:ListPipelines", "codepipeline:GetPipeline", "codepipeline:ListTagsForResource"),
    id="name",
    identity=("name",),
    attributes={
        "arn": "Got.metadata.pipelineArn",
        "artifact_store": converted(f"[{P}.artifactStore, {P}.artifactStores]", stores, UNORDERED),
        "execution_mode": Attribute(path=f"{P}.executionMode", form=defaulting("SUPERSEDED")),
        "name": "name",
        "pipeline_type": Attribute(path=f"{P}.pipelineType", form=defaulting("V1")),
        "role_arn": f"{P}.roleArn",
        "stage": Attribute(
            path=f"{P}.stages[].{STAGE}",
            form=Form(
                inner={
                    "action": Form(
                        inner={
                            "configuration": Form(canonical=settings),
                            "region": IF_DECLARED,
                            "run_order": defaulting(1),
                        }
                    )
                }
            ),
            convert=without_hidden,
        ),
        # AWS adds a trigger for each source that can be one.
        "trigger": Attribute(path=f"{P}.triggers[].{TRIGGER}", form=if_said(), convert=as_block),
        "variable": block(f"{P}.variables[].{{default_value: defaultValue, description: description, name: name}}"),
    },
    facts={"created": "created", "updated": "updated", "version": "version"},
    tags="Tagging.tags[].{Key: key, Value: value}",
)

COLLECTORS = [PIPELINE]

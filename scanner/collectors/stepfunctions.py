"""AWS Step Functions: state machines."""

from __future__ import annotations

from typing import Any

from scanner.aws.collector import Attribute, Collector, Detail, Listing, as_block, block, document, volatile
from state.forms import Form, defaulting, plain

GONE = ("StateMachineDoesNotExist", "ResourceNotFound")


def unless_off(value: Any) -> Any:
    """To log nothing is what AWS does where nothing is said."""
    return plain([each for each in value or () if each.get("level") not in (None, "", "OFF")])


def unless_aws_owned(value: Any) -> Any:
    """AWS's own keys encrypt what no key is named for."""
    return plain([each for each in value or () if each.get("type") == "CUSTOMER_MANAGED_KMS_KEY"])


STATE_MACHINE = Collector(
    type="aws_sfn_state_machine",
    service="stepfunctions",
    fetch=Listing("list_state_machines", "stateMachines"),
    details=(
        Detail(
            operation="describe_state_machine",
            arguments={"stateMachineArn": "stateMachineArn"},
            into="Described",
            gone=GONE,
            essential=True,
        ),
        Detail(
            operation="list_tags_for_resource", arguments={"resourceArn": "stateMachineArn"}, into="Tagging", gone=GONE
        ),
    ),
    permissions=("states:ListStateMachines", "states:DescribeStateMachine", "states:ListTagsForResource"),
    id="stateMachineArn",
    identity=("name",),
    attributes={
        "arn": "stateMachineArn",
        "creation_date": volatile("creationDate"),
        "definition": document("Described.definition"),
        "description": "Described.description",
        "encryption_configuration": Attribute(
            path="Described.encryptionConfiguration.{"
            "kms_data_key_reuse_period_seconds: kmsDataKeyReusePeriodSeconds, kms_key_id: kmsKeyId, type: type}",
            form=Form(canonical=unless_aws_owned),
            convert=as_block,
        ),
        "logging_configuration": Attribute(
            path="Described.loggingConfiguration.{include_execution_data: includeExecutionData, level: level, "
            "log_destination: destinations[0].cloudWatchLogsLogGroup.logGroupArn}",
            form=Form(canonical=unless_off),
            convert=as_block,
        ),
        "name": "name",
        "revision_id": volatile("Described.revisionId"),
        "role_arn": "Described.roleArn",
        "status": volatile("Described.status"),
        "tracing_configuration": block("Described.tracingConfiguration.{enabled: enabled}"),
        "type": Attribute(path="type", form=defaulting("STANDARD")),
    },
    facts={"pending_deletion": "Described.status=='DELETING'"},
    tags="Tagging.tags[].{Key: key, Value: value}",
)

COLLECTORS = [STATE_MACHINE]

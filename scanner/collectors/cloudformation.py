"""AWS CloudFormation: stacks and stack sets; a stack inside another, or of a stack set, is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.collector import (
    Attribute,
    Collector,
    Detail,
    Listing,
    block,
    to_json,
    unordered,
    volatile,
)
from scanner.aws.place import Item
from scanner.aws.texts import last
from state.forms import VOLATILE, Form, document

HIDDEN = "****"
"""What AWS says of a parameter that nobody may see."""
OF_STACK_SET = re.compile(r"StackSet-(.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def made_by(stack: Item) -> str | None:
    """The stack that a nested one is a part of, and the stack set that an instance is of."""
    if parent := stack.get("ParentId"):
        return f"cloudformation: {last(parent.rpartition('/')[0])}"
    found = OF_STACK_SET.fullmatch(stack["StackName"])
    return f"cloudformation: {found[1]}" if found else None


class _Given(Form, frozen=True, kw_only=True):
    """A map of which Terraform keeps what it gives: a stack has its own values for the rest."""

    def differences(self, path: str, declared: Any, live: Any) -> Iterator[tuple[str, Any, Any]]:
        given = declared if isinstance(declared, Mapping) else {}
        found = live if isinstance(live, Mapping) else {}
        for key in sorted(given):
            if given[key] is not None and found.get(key) not in (str(given[key]), HIDDEN):
                yield f"{path}.{key}", given[key], found.get(key)


def by_key(name: str) -> Any:
    """A list of pairs as a map."""

    def pairs(found: Any) -> dict[str, Any] | None:
        return {each[f"{name}Key"]: each.get(f"{name}Value") for each in found or ()} or None

    return pairs


def template(body: Any) -> Any:
    return document(body.strip() if isinstance(body, str) else body)


PARAMETERS = Attribute(path="Parameters", form=_Given(), convert=by_key("Parameter"), sensitive=True)
TEMPLATE = Form(canonical=template)

STACK = Collector(
    type="aws_cloudformation_stack",
    service="cloudformation",
    fetch=Listing("describe_stacks", "Stacks"),
    details=(
        Detail(
            operation="get_template",
            arguments={"StackName": "StackId", "TemplateStage": "'Original'"},
            into="Template",
            absent=("ValidationError",),
        ),
    ),
    permissions=("cloudformation:DescribeStacks", "cloudformation:GetTemplate"),
    id="StackId",
    identity=("name",),
    arn="StackId",
    owner=made_by,
    attributes={
        "capabilities": unordered("Capabilities"),
        "disable_rollback": "DisableRollback",
        "iam_role_arn": "RoleARN",
        "name": "StackName",
        "notification_arns": unordered("NotificationARNs"),
        "outputs": Attribute(path="Outputs", form=VOLATILE, convert=by_key("Output"), sensitive=True),
        "parameters": PARAMETERS,
        "template_body": Attribute(path="Template.TemplateBody", form=TEMPLATE, convert=to_json, sensitive=True),
        "timeout_in_minutes": "TimeoutInMinutes",
    },
    facts={
        "drift_status": "DriftInformation.StackDriftStatus",
        "enable_termination_protection": "EnableTerminationProtection",
        "stack_status": "StackStatus",
        "pending_deletion": "StackStatus=='DELETE_IN_PROGRESS'",
    },
    tags="Tags",
)

SET = "Whole.StackSet"

STACK_SET = Collector(
    type="aws_cloudformation_stack_set",
    service="cloudformation",
    fetch=Listing("list_stack_sets", "Summaries", (("Status", "ACTIVE"),)),
    details=(
        Detail(
            operation="describe_stack_set",
            arguments={"StackSetName": "StackSetName"},
            into="Whole",
            gone=("StackSetNotFoundException",),
            essential=True,
        ),
    ),
    permissions=("cloudformation:ListStackSets", "cloudformation:DescribeStackSet"),
    id="StackSetName",
    identity=("name",),
    owner=lambda item: "aws: control tower" if item["StackSetName"].startswith("AWSControlTower") else None,
    attributes={
        "administration_role_arn": f"{SET}.AdministrationRoleARN",
        "arn": f"{SET}.StackSetARN",
        "auto_deployment": block(
            f"{SET}.AutoDeployment.{{enabled: Enabled, retain_stacks_on_account_removal: RetainStacksOnAccountRemoval}}"
        ),
        "capabilities": unordered(f"{SET}.Capabilities"),
        "description": f"{SET}.Description",
        "execution_role_name": f"{SET}.ExecutionRoleName",
        "managed_execution": block(f"{SET}.ManagedExecution.{{active: Active}}"),
        "name": "StackSetName",
        "parameters": Attribute(path=f"{SET}.Parameters", form=_Given(), convert=by_key("Parameter"), sensitive=True),
        "permission_model": f"{SET}.PermissionModel",
        "stack_set_id": volatile("StackSetId"),
        "template_body": Attribute(path=f"{SET}.TemplateBody", form=TEMPLATE, sensitive=True),
    },
    tags=f"{SET}.Tags",
)

COLLECTORS = [STACK, STACK_SET]

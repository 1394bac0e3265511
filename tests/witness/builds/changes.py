"""What people do to builds by hand."""

from __future__ import annotations

import json
from typing import Any

from tests.witness.case import Clients, State


def _project(aws: Clients, **changed: Any) -> None:
    """A project made again otherwise; moto cannot change one."""
    [found] = aws("codebuild").batch_get_projects(names=["shop"])["projects"]
    aws("codebuild").delete_project(name="shop")
    kept = {name: found[name] for name in found.keys() - {"arn", "created", "lastModified", "badge", "encryptionKey"}}
    aws("codebuild").create_project(**kept | changed)


def built_otherwise(aws: Clients, state: State) -> None:
    [found] = aws("codebuild").batch_get_projects(names=["shop"])["projects"]
    _project(
        aws,
        environment=found["environment"] | {"image": "example/any:latest", "privilegedMode": False},
        source=found["source"] | {"location": "https://github.com/example/fork.git"},
        timeoutInMinutes=480,
        tags=[{"key": "Team", "value": "nobody"}],
    )


def built_by_another_role(aws: Clients, state: State) -> None:
    _project(aws, serviceRole="arn:aws:iam::123456789012:role/admin")


def builds_no_longer_logged(aws: Clients, state: State) -> None:
    [found] = aws("codebuild").batch_get_projects(names=["shop"])["projects"]
    _project(aws, logsConfig=found["logsConfig"] | {"cloudWatchLogs": {"status": "DISABLED"}})


def stacks_given_otherwise(aws: Clients, state: State) -> None:
    given = [{"ParameterKey": "Name", "ParameterValue": "by-hand"}]
    aws("cloudformation").update_stack(StackName="queue", UsePreviousTemplate=True, Parameters=given)
    template = json.loads(state["aws_cloudformation_stack.topic"]["template_body"])
    template["Resources"]["Topic"]["Properties"]["DisplayName"] = "By hand"
    aws("cloudformation").update_stack(StackName="topic", TemplateBody=json.dumps(template))
    aws("cloudformation").update_stack_set(
        StackSetName="here", Description="By hand", UsePreviousTemplate=True, Parameters=given
    )


def stack_retagged(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    aws("cloudformation").update_stack(StackName="topic", UsePreviousTemplate=True, Tags=tags)


def stack_deleted(aws: Clients, state: State) -> None:
    aws("cloudformation").delete_stack(StackName="topic")


def set_retagged(aws: Clients, state: State) -> None:
    tags = [{"Key": "Team", "Value": "nobody"}]
    given = [{"ParameterKey": "Name", "ParameterValue": "made-by-a-set"}]
    aws("cloudformation").update_stack_set(
        StackSetName="here", Description="Queues", UsePreviousTemplate=True, Parameters=given, Tags=tags
    )


def set_made_by_another_role(aws: Clients, state: State) -> None:
    aws("cloudformation").update_stack_set(
        StackSetName="here",
        Description="Queues",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "made-by-a-set"}],
        AdministrationRoleARN="arn:aws:iam::123456789012:role/admin",
        Tags=[{"Key": "Team", "Value": "build"}],
    )


def somebody_else_is_asked(aws: Clients, state: State) -> None:
    aws("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name="Nobody",
        Title="By hand",
        EmailAddress="nobody@example.net",
        PhoneNumber="+1999",
    )


def billing_called_elsewhere(aws: Clients, state: State) -> None:
    asked = state['aws_account_alternate_contact.asked["BILLING"]']
    aws("account").put_alternate_contact(
        AlternateContactType="BILLING",
        Name=asked["name"],
        Title=asked["title"],
        EmailAddress=asked["email_address"],
        PhoneNumber="+1999",
    )


def things_deleted(aws: Clients, state: State) -> None:
    aws("codebuild").delete_project(name="plain")
    aws("cloudformation").delete_stack(StackName="queue")
    aws("cloudformation").delete_stack_set(StackSetName="there")
    aws("account").delete_alternate_contact(AlternateContactType="BILLING")


EXPLAINED: dict[str, dict[str, str]] = {
    "stacks_given_otherwise": {
        "terraform: changed aws_cloudformation_stack.queue outputs": (
            "what a stack puts out is what it made, and no drift"
        ),
    },
}
"""What only one of the two says after a change, and why that is as it should be."""

import json

import pytest

from scanner.collectors.stepfunctions import STATE_MACHINE, unless_aws_owned, unless_off
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering, refused
from tests.scanner.whole import whole

ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/states"
DEFINITION = json.dumps({"StartAt": "done", "States": {"done": {"Type": "Succeed"}}})


def test_state_machine(aws):
    tags = [{"key": "team", "value": "shop"}]
    aws("stepfunctions").create_state_machine(name="orders", definition=DEFINITION, roleArn=ROLE, tags=tags)
    found = only(read(STATE_MACHINE), "aws_sfn_state_machine")
    said = whole(found)
    assert said.pop("creation_date")
    assert said == {
        "its id": ARN,
        "its identity": "orders",
        "its arn": ARN,
        "its owner": None,
        "arn": ARN,
        "definition": DEFINITION,
        "encryption_configuration": [{"type": "AWS_OWNED_KEY"}],
        "logging_configuration": [{"level": "OFF"}],
        "name": "orders",
        "role_arn": ROLE,
        "status": "ACTIVE",
        "tags": {"team": "shop"},
        "tracing_configuration": [{"enabled": False}],
        "type": "STANDARD",
    }
    spaced = json.dumps(json.loads(DEFINITION), indent=2)
    wanted = twin(found, definition=spaced, logging_configuration=[], encryption_configuration=[])
    assert told(read(STATE_MACHINE), [STATE_MACHINE], wanted) == set()
    aws("stepfunctions").update_state_machine(stateMachineArn=ARN, definition=DEFINITION.replace("done", "end"))
    assert told(read(STATE_MACHINE), [STATE_MACHINE], wanted) == {
        ("changed", "aws_sfn_state_machine", f"definition.{each}") for each in ("StartAt", "States.done", "States.end")
    }


@pytest.mark.parametrize(
    ("canonical", "off", "on"),
    [
        (unless_off, {"level": "OFF"}, {"level": "ERROR", "log_destination": "g"}),
        (unless_aws_owned, {"type": "AWS_OWNED_KEY"}, {"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": "k"}),
    ],
)
def test_what_is_off(canonical, off, on):
    assert canonical([off]) is canonical([]) is canonical(None) is None
    assert canonical([on]) == [on]


def test_one_that_may_not_be_described_is_a_gap():
    machines = {"stateMachines": [{"stateMachineArn": ARN, "name": "orders"}]}
    answers = {"ListStateMachines": machines, "DescribeStateMachine": refused("AccessDeniedException")}
    with answering(answers):
        found = read(STATE_MACHINE)
    assert [(gap.id, gap.permission) for gap in found.gaps] == [(ARN, "states:DescribeStateMachine")]

import json

import pytest

from scanner.collectors.cloudformation import STACK, STACK_SET
from tests.conftest import ACCOUNT, REGION, read
from tests.scanner.aws.wire import xml
from tests.scanner.compared import only, told, twin
from tests.scanner.standin import answering
from tests.scanner.whole import whole

TEMPLATE = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String"}, "Size": {"Type": "String", "Default": "small"}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Size": {"Value": {"Ref": "Size"}}},
    }
)
TAGS = [{"Key": "team", "Value": "shop"}]


def stack(aws, name="shop", **more):
    said = {"Parameters": [{"ParameterKey": "Name", "ParameterValue": "jobs"}], "Tags": TAGS}
    return aws("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE, **said | more)["StackId"]


def test_stack(aws):
    id = stack(aws, TimeoutInMinutes=5)
    found = only(read(STACK), STACK.type)
    told = whole(found)
    assert json.loads(told.pop("template_body")) == json.loads(TEMPLATE)
    assert found.sensitive == {"outputs", "parameters", "template_body"}
    assert told == {
        "its id": id,
        "its identity": "shop",
        "its arn": id,
        "its owner": None,
        "disable_rollback": False,
        "name": "shop",
        "outputs": {"Size": "small"},
        "parameters": {"Name": "jobs", "Size": "small"},
        "tags": {"team": "shop"},
        "timeout_in_minutes": 5,
    }


def test_terraform_keeps_the_parameters_that_it_gives(aws):
    stack(aws)
    found = read(STACK)
    one = only(found, STACK.type)
    same = json.dumps(json.loads(TEMPLATE), indent=2) + "\n"
    assert told(found, [STACK], twin(one, parameters={"Name": "jobs"}, template_body=same, outputs={})) == set()
    assert told(found, [STACK], twin(one, parameters=None)) == set()
    assert told(found, [STACK], twin(one, parameters={"Name": "other"})) == {("changed", STACK.type, "parameters.Name")}


def test_changed_by_hand(aws):
    stack(aws)
    wanted = twin(only(read(STACK), STACK.type))
    changed = [{"ParameterKey": "Name", "ParameterValue": "theirs"}]
    body = TEMPLATE.replace("small", "large")
    aws("cloudformation").update_stack(StackName="shop", TemplateBody=body, Parameters=changed, Tags=TAGS)
    assert told(read(STACK), [STACK], wanted) == {
        ("changed", STACK.type, "parameters.Name"),
        ("changed", STACK.type, "parameters.Size"),
        ("changed", STACK.type, "template_body"),
    }


def test_stack_set(aws):
    said = {"TemplateBody": TEMPLATE, "Description": "ours", "Tags": TAGS}
    id = aws("cloudformation").create_stack_set(StackSetName="guards", **said)["StackSetId"]
    found = read(STACK_SET)
    one = only(found, STACK_SET.type)
    said = whole(one)
    assert {name: said[name] for name in ("its id", "its identity", "name", "description", "stack_set_id", "tags")} == {
        "its id": "guards",
        "its identity": "guards",
        "name": "guards",
        "description": "ours",
        "stack_set_id": id,
        "tags": {"team": "shop"},
    }
    assert told(found, [STACK_SET], twin(one, description="theirs")) == {("changed", STACK_SET.type, "description")}


def listed(name, inner=""):
    id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1"
    about = f"<StackId>{id}</StackId><StackName>{name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>"
    return xml("DescribeStacks", f"<Stacks><member>{about}{inner}</member></Stacks>")


PARENT = f"<ParentId>arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/2</ParentId>"
HIDDEN = "<ParameterKey>Password</ParameterKey><ParameterValue>****</ParameterValue>"


@pytest.mark.parametrize(
    ("answer", "owner"),
    [
        (listed("shop-Inner-1", PARENT), "cloudformation: shop"),
        (listed("StackSet-guards-0a1b2c3d-0000-1111-2222-0123456789ab"), "cloudformation: guards"),
        (listed("StackSet-of-ours"), None),
    ],
    ids=["nested", "of a stack set", "of that name"],
)
def test_whose_a_stack_is(answer, owner):
    with answering({"DescribeStacks": answer}):
        found = read(STACK)
    one = only(found, STACK.type, owner)
    assert list(one.unknown) == ["template_body"]
    assert [each.permission for each in found.gaps] == ["cloudformation:GetTemplate"]


def test_what_nobody_may_see_is_no_difference():
    answer = listed("shop", f"<Parameters><member>{HIDDEN}</member></Parameters>")
    with answering({"DescribeStacks": answer, "GetTemplate": xml("GetTemplate")}):
        found = read(STACK)
    wanted = twin(only(found, STACK.type), parameters={"Password": "secret"})
    assert told(found, [STACK], wanted) == set()

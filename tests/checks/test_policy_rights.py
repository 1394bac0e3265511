"""Identities' policies worked out by hand: by which path, if any, their holder gets more rights than they say.

After the paths that Rhino Security Labs and pathfinding.cloud describe, and AWS's pages on permissions boundaries.
"""

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from checks.policy import grants_everything, meet, parse
from checks.rights import PASS_ROLE, TAKING_OVER, WAYS, allowed, every, of_aws, way_up
from state import Unknown
from tests.generate_managed import abridged

UP, NONE, UNSURE = "up", "none", "unsure"
ACCOUNT = "111122223333"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def may(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | parts


def not_may(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource} | parts


def on(kind: str, name: str = "*") -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def passing(*actions: str, **parts: Any) -> dict[str, Any]:
    return may(["iam:PassRole", *actions], **parts)


def to(service: str, operator: str = "StringEquals") -> dict[str, Any]:
    return {"Condition": {operator: {"iam:PassedToService": service}}}


BOUNDARY = {"iam:PermissionsBoundary": on("policy", "bound")}

TABLE: list[tuple[str, Any, str]] = [
    # alone: actions on IAM
    ("rewrites any policy, its own too", may("iam:CreatePolicyVersion"), UP),
    ("goes back to an older version of any policy", may("iam:SetDefaultPolicyVersion"), UP),
    ("makes a key for anybody", may("iam:CreateAccessKey"), UP),
    ("makes a password for anybody", may("iam:CreateLoginProfile"), UP),
    ("changes anybody's password", may("iam:UpdateLoginProfile"), UP),
    ("attaches any policy to any user", may("iam:AttachUserPolicy"), UP),
    ("attaches any policy to any group", may("iam:AttachGroupPolicy"), UP),
    ("attaches any policy to any role", may("iam:AttachRolePolicy"), UP),
    ("writes a policy into any user", may("iam:PutUserPolicy"), UP),
    ("writes a policy into any group", may("iam:PutGroupPolicy"), UP),
    ("writes a policy into any role", may("iam:PutRolePolicy"), UP),
    ("joins any group", may("iam:AddUserToGroup"), UP),
    ("has any role trust it", may("iam:UpdateAssumeRolePolicy"), UP),
    ("by a pattern, its case wrong", may("IAM:put*"), UP),
    ("all of IAM", may("iam:*"), UP),
    ("all but a service", {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, UP),
    ("reads IAM", may(["iam:Get*", "iam:List*"]), NONE),
    ("makes a role, which trusts but may nothing", may("iam:CreateRole"), NONE),
    # on what
    ("every user of an account", may("iam:CreateAccessKey", on("user")), UP),
    ("every user, by a path that is open", may("iam:CreateAccessKey", "arn:aws:iam::*:user/*"), UP),
    ("itself", may("iam:CreateAccessKey", on("user", "${aws:username}")), NONE),
    ("users under a path", may("iam:CreateAccessKey", on("user", "apps/*")), NONE),
    ("roles of an application", may("iam:PutRolePolicy", on("role", "shop-*")), NONE),
    ("users, by an action on roles", may("iam:PutRolePolicy", on("user")), NONE),
    ("all but some", {"Effect": "Allow", "Action": "iam:PutRolePolicy", "NotResource": on("role", "admin")}, UP),
    ("one of several patterns is open", may("iam:PutUserPolicy", [on("user", "a"), on("user")]), UP),
    ("another service's things", may("iam:PutUserPolicy", "arn:aws:s3:::*"), NONE),
    # on which condition
    ("with MFA, which holders have", may("iam:PutUserPolicy", Condition=MFA), UP),
    ("from an address", may("iam:PutUserPolicy", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), UP),
    ("in a region", may("iam:PutUserPolicy", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), UP),
    ("bounded ones only", may("iam:PutRolePolicy", Condition={"StringEquals": BOUNDARY}), NONE),
    ("tagged ones only", may("iam:PutRolePolicy", Condition={"StringEquals": {"iam:ResourceTag/t": "a"}}), NONE),
    (
        "one policy only",
        may("iam:AttachRolePolicy", Condition={"ArnEquals": {"iam:PolicyARN": on("policy", "a")}}),
        NONE,
    ),
    (
        "AWS's policies, AdministratorAccess among them",
        may("iam:AttachRolePolicy", Condition={"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}),
        UP,
    ),
    (
        "all but one policy",
        may("iam:AttachRolePolicy", Condition={"ArnNotEquals": {"iam:PolicyARN": on("policy", "a")}}),
        UNSURE,
    ),
    (
        "a key of AWS's that nobody here knows",
        may("iam:PutUserPolicy", Condition={"Bool": {"aws:Unheard": "true"}}),
        UNSURE,
    ),
    # denied
    ("denied beside", [may("iam:*"), may("s3:*"), not_may("iam:*")], NONE),
    ("one way denied, others left", [may("iam:Put*"), not_may("iam:PutUserPolicy")], UP),
    ("denied on one user", [may("iam:CreateAccessKey"), not_may("iam:CreateAccessKey", on("user", "root"))], UP),
    (
        "denied without MFA",
        [
            may("iam:PutUserPolicy"),
            not_may("iam:*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
        ],
        UP,
    ),
    (
        "denied unless bounded, as AWS's page delegates",
        [may("iam:PutRolePolicy"), not_may("iam:PutRolePolicy", Condition={"StringNotEquals": BOUNDARY})],
        NONE,
    ),
    (
        "denied to all but some principals",
        [
            may("iam:PutRolePolicy"),
            not_may("iam:*", Condition={"ArnNotLike": {"aws:PrincipalArn": on("role", "admin")}}),
        ],
        UNSURE,
    ),
    (
        "denied by a key that nobody here knows",
        [may("iam:PutRolePolicy"), not_may("iam:*", Condition={"Bool": {"aws:Unheard": "true"}})],
        UNSURE,
    ),
    ("denied: all but another service", [may("iam:*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], NONE),
    (
        "denied outside a region, where IAM is spared",
        [
            may("iam:*"),
            {
                "Effect": "Deny",
                "NotAction": ["iam:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
            },
        ],
        UP,
    ),
    # passing a role
    ("a machine with any role", passing("ec2:RunInstances"), UP),
    ("passes any role, but makes nothing", passing(), NONE),
    ("makes machines, but passes nothing", may("ec2:RunInstances"), NONE),
    ("passes one role", [may("iam:PassRole", on("role", "web")), may("ec2:RunInstances")], NONE),
    ("passes any role, in two statements", [may("iam:PassRole", on("role")), may("ec2:Run*")], UP),
    ("a function, invoked", passing("lambda:CreateFunction", "lambda:InvokeFunction"), UP),
    ("a function, opened to others", passing("lambda:CreateFunction", "lambda:AddPermission"), UP),
    ("a function, fed by a stream", passing("lambda:CreateFunction", "lambda:CreateEventSourceMapping"), UP),
    ("a function that nobody invokes", passing("lambda:CreateFunction"), NONE),
    (
        "functions of one name",
        [passing("lambda:InvokeFunction"), may("lambda:CreateFunction", "arn:aws:lambda:*:*:function:a-*")],
        NONE,
    ),
    (
        "functions of all names",
        [passing("lambda:InvokeFunction"), may("lambda:CreateFunction", "arn:aws:lambda:*:*:function:*")],
        UP,
    ),
    ("a stack", passing("cloudformation:CreateStack"), UP),
    ("an endpoint of Glue", passing("glue:CreateDevEndpoint"), UP),
    ("a job of Glue, started", passing("glue:CreateJob", "glue:StartJobRun"), UP),
    ("a job of Glue, not started", passing("glue:CreateJob"), NONE),
    ("a build", passing("codebuild:CreateProject", "codebuild:StartBuild"), UP),
    ("a task", passing("ecs:RegisterTaskDefinition", "ecs:RunTask"), UP),
    (
        "a notebook, and the way into it",
        passing("sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
        UP,
    ),
    (
        "a pipeline of data",
        passing("datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"),
        UP,
    ),
    ("a state machine", passing("states:CreateStateMachine", "states:StartExecution"), UP),
    ("a schedule", passing("scheduler:CreateSchedule"), UP),
    ("an automation", passing("ssm:StartAutomationExecution"), UP),
    ("passed to the service that it makes", [passing(**to("ec2.amazonaws.com")), may("ec2:RunInstances")], UP),
    ("passed to another service", [passing(**to("ecs-tasks.amazonaws.com")), may("ec2:RunInstances")], NONE),
    ("passed to services by a pattern", [passing(**to("*.amazonaws.com", "StringLike")), may("ec2:RunInstances")], UP),
    (
        "passed to all but one service",
        [passing(**to("ec2.amazonaws.com", "StringNotEquals")), may("ec2:RunInstances")],
        UNSURE,
    ),
    (
        "an unknown condition on a way, an open one beside",
        [passing("ec2:RunInstances"), may("iam:PutUserPolicy", Condition={"Bool": {"aws:Unheard": "true"}})],
        UP,
    ),
    # no way up
    ("one service that leads nowhere", may("s3:*"), NONE),
    ("a service that nobody knows", may("acme:*"), NONE),
    ("nothing at all", [], NONE),
    # what runs already is no way to any right
    ("a shell on every machine", may("ssm:StartSession"), NONE),
]


def verdict(statements: Any, *bounds: Any, **about: Any) -> str:
    try:
        return (
            UP
            if way_up(parse({"Statement": statements}), [parse({"Statement": each}) for each in bounds], **about)
            else NONE
        )
    except Unknown as reason:
        assert str(reason)
        return UNSURE


@pytest.mark.parametrize(("why", "statements", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_ways_up(why: str, statements: Any, expected: str) -> None:
    assert verdict(statements) == expected


def test_a_way_says_by_which_actions() -> None:
    way = way_up(parse({"Statement": passing("ec2:RunInstances")}))
    assert way is not None and way.label == "iam:PassRole and ec2:RunInstances"


@pytest.mark.parametrize("way", WAYS, ids=[f"{way.label} {way.passed_to}" for way in WAYS])
def test_each_way_needs_all_of_its_actions(way: Any) -> None:
    assert verdict([may(action) for action in way.actions]) == UP
    assert all(verdict([may(other) for other in way.actions if other != action]) == NONE for action in way.actions)


@pytest.mark.parametrize(
    "action", ["lambda:UpdateFunctionCode", "glue:UpdateDevEndpoint", "ssm:SendCommand", "ecs:ExecuteCommand"]
)
def test_taking_over_what_runs(action: str) -> None:
    assert verdict(may(action), ways=TAKING_OVER) == UP
    assert verdict(may(action, "arn:aws:lambda:eu-west-1:111122223333:function:a"), ways=TAKING_OVER) == NONE


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (may("*"), UP),
        (may("s3:*"), NONE),
        (may(["iam:PassRole", "s3:*"]), NONE),
        (may(["iam:PassRole", "ec2:*"]), UP),
        ([may("*"), not_may("iam:*")], NONE),
        ({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, NONE),
        (may("iam:PassRole", Condition={"Bool": {"aws:Unheard": "true"}}), NONE),
        ([may("ec2:*"), may("iam:PassRole", Condition={"Bool": {"aws:Unheard": "true"}})], UNSURE),
    ],
)
def test_a_boundary_leaves_what_both_allow(bound: Any, expected: str) -> None:
    assert verdict(passing("ec2:RunInstances"), bound) == expected


# --- one action -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("*", PASS_ROLE, True),
        ("arn:*", PASS_ROLE, True),
        ("arn:aws:iam::*:role/*", PASS_ROLE, True),
        ("arn:aws-cn:iam::111122223333:role/**", PASS_ROLE, True),
        ("arn:aws:iam::111122223333:*", PASS_ROLE, True),
        ("arn:aws:iam::111122223333:role/a*", PASS_ROLE, False),
        ("arn:aws:iam::111122223333:role/", PASS_ROLE, False),
        ("arn:aws:*:*:*:role/*", PASS_ROLE, True),
        ("arn:aws:sts::*:role/*", "sts:AssumeRole", False),
        ("arn:aws:iam::*:role/*", "sts:AssumeRole", True),
        ("arn:aws:ec2:*:*:instance/*", "ec2:RunInstances", True),
        ("arn:aws:lambda:*:*:function:*", "lambda:InvokeFunction", True),
    ],
)
def test_all_that_an_action_can_be_about(pattern: str, action: str, expected: bool) -> None:
    assert every(pattern, action) is expected


def test_a_condition_on_the_service_narrows_a_grant_that_is_looked_at_alone() -> None:
    assert allowed(parse({"Statement": passing(**to("ec2.amazonaws.com"))}), PASS_ROLE) is None
    assert allowed(parse({"Statement": passing()}), PASS_ROLE) is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("s3:Get*", "s3:*Object", True),
        ("s3:Get*", "s3:Put*", False),
        ("*", "", True),
        ("", "", True),
        ("a?c", "a*c", True),
        ("a?c", "ac", False),
        ("*a*b*", "xay", False),
        ("iam:*", "*:PassRole", True),
        ("iam:Pass*", "iam:PassRole", True),
        ("iam:Pass", "iam:PassRole", False),
        ("iam:PassRole", "iam:PassRol?", True),
    ],
)
def test_two_patterns_with_a_text_in_common(one: str, other: str, expected: bool) -> None:
    assert meet(one, other) is expected
    assert meet(other, one) is expected


# --- AWS's own policies ---------------------------------------------------------------------------

MANAGED = json.loads(aws_managed_policies_data)


def listed(statements: Any) -> list[Any]:
    return statements if isinstance(statements, list) else [statements]


def test_our_copy_says_what_aws_says() -> None:
    wrong = [
        name
        for name, whole in MANAGED.items()
        if parse({"Statement": abridged(listed(whole["Document"]["Statement"]))})
        != of_aws(f"arn:aws:iam::aws:policy/service-role/{name}")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "PowerUserAccess",
        "IAMFullAccess",
        "AmazonEC2FullAccess",
        "ReadOnlyAccess",
        "AmazonElasticMapReduceFullAccess",
    ],
)
def test_our_copy_leads_where_the_whole_leads(name: str) -> None:
    whole, copy = parse(MANAGED[name]["Document"]), of_aws(f"arn:aws:iam::aws:policy/{name}")
    assert copy is not None
    assert way_up(copy) == way_up(whole)
    assert bool(grants_everything(copy)) is bool(grants_everything(whole))


def test_a_policy_of_aws_that_we_have_no_copy_of() -> None:
    with pytest.raises(Unknown, match="TomorrowsFullAccess"):
        of_aws("arn:aws:iam::aws:policy/TomorrowsFullAccess")
    assert of_aws(f"arn:aws:iam::{ACCOUNT}:policy/ours") is None

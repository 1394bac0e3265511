"""What an identity may do by its policies, and by which paths that makes it an administrator.

The paths are those that Rhino Security Labs (2018 and later), Bishop Fox and pathfinding.cloud (2025) published:
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, https://pathfinding.cloud.
A path counts where each of its actions is allowed on every user, role, policy or thing there is. What is
limited to some of them by name or by tag, or to bounded ones by a condition, is not called a path: whether
those some are stronger than the holder no policy tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from checks.conditions import Condition, leaves_whole, takes_away
from checks.doubt import all_of, any_of
from checks.policy import PARTITION, Policy, Statement, matches, meet, parse, wild
from state import Unknown

PASS_ROLE = "iam:PassRole"  # noqa: S105  an action, not a password
PASSED_TO = "iam:passedtoservice"
ASSUME_ROLE = "sts:AssumeRole"

ABOUT = {ASSUME_ROLE: ("iam", "role"), PASS_ROLE: ("iam", "role")} | {
    f"iam:{action}": ("iam", kind)
    for kind, actions in {
        "group": "AddUserToGroup AttachGroupPolicy PutGroupPolicy",
        "policy": "CreatePolicyVersion SetDefaultPolicyVersion",
        "role": "AttachRolePolicy PutRolePolicy UpdateAssumeRolePolicy",
        "user": "AttachUserPolicy CreateAccessKey CreateLoginProfile PutUserPolicy UpdateLoginProfile",
    }.items()
    for action in actions.split()
}
"""Which service's things, and of which kind, the ARNs of an action name."""


class Way(msgspec.Struct, frozen=True):
    """A path to more rights: actions that together take them, and the service that a role is passed to for it."""

    actions: tuple[str, ...]
    passed_to: str = ""

    @property
    def label(self) -> str:
        return " and ".join(self.actions)


def _alone(text: str) -> Iterator[Way]:
    for action in text.split():
        yield Way((action,))


def _passing(text: str) -> Iterator[Way]:
    """Lines of a service and the actions by which it works with a role that is passed to it."""
    for line in text.strip().splitlines():
        name, *actions = line.split()
        yield Way((PASS_ROLE, *actions), f"{name}.amazonaws.com")


TAKING_OVER = (
    *_alone("codebuild:StartBuild ecs:ExecuteCommand glue:UpdateDevEndpoint lambda:UpdateFunctionCode"),
    *_alone("sagemaker:CreatePresignedNotebookInstanceUrl ssm:SendCommand ssm:StartSession"),
    *_alone("cloudformation:UpdateStack"),
    Way(("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet")),
)
"""Paths to the roles of what runs already: how far they lead hangs on what that may do."""

_WAYS = (
    *_alone(" ".join(each for each in ABOUT if each not in (PASS_ROLE, ASSUME_ROLE))),
    *_passing(
        """
        tasks.apprunner apprunner:CreateService
        ec2            autoscaling:CreateAutoScalingGroup autoscaling:CreateLaunchConfiguration
        bedrock-agentcore bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter
        cloudformation cloudformation:CreateStack
        cloudformation cloudformation:CreateStackSet cloudformation:CreateStackInstances
        codebuild      codebuild:CreateProject codebuild:StartBuild
        codebuild      codebuild:CreateProject codebuild:StartBuildBatch
        codestar       codestar:CreateProject
        datapipeline   datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
        ec2            ec2:RunInstances
        ec2            ec2:RequestSpotInstances
        ec2            ec2:CreateLaunchTemplate autoscaling:CreateAutoScalingGroup
        ecs-tasks      ecs:RegisterTaskDefinition ecs:RunTask
        ecs-tasks      ecs:RegisterTaskDefinition ecs:StartTask
        ecs-tasks      ecs:RegisterTaskDefinition ecs:CreateService
        elasticmapreduce elasticmapreduce:RunJobFlow
        glue           glue:CreateDevEndpoint
        glue           glue:CreateJob glue:StartJobRun
        glue           glue:CreateJob glue:CreateTrigger
        glue           glue:UpdateJob glue:StartJobRun
        glue           glue:CreateSession glue:RunStatement
        lambda         lambda:CreateFunction lambda:InvokeFunction
        lambda         lambda:CreateFunction lambda:AddPermission
        lambda         lambda:CreateFunction lambda:CreateEventSourceMapping
        sagemaker      sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl
        sagemaker      sagemaker:CreateProcessingJob
        sagemaker      sagemaker:CreateTrainingJob
        scheduler      scheduler:CreateSchedule
        ssm            ssm:StartAutomationExecution
        states         states:CreateStateMachine states:StartExecution
        """
    ),
)
WAYS = tuple(sorted(_WAYS, key=lambda way: len(way.actions)))
"""Paths to any right at all: to change what is allowed to whom, or to pass any role to something of one's own."""

ACTIONS = tuple(sorted({action for way in WAYS for action in way.actions}))

# --- what a policy allows -----------------------------------------------------------------------

_OF_KIND = re.compile(r"([a-z-]+)[/:]([*?/:]+)")


def every(pattern: str, action: str) -> bool:
    """Whether a pattern of ARNs names all that an action can be about: ``arn:aws:iam::*:role/*``."""
    if wild(PARTITION.sub("", pattern)):
        return True
    parts = pattern.split(":", 5)
    about, kind = ABOUT.get(action, (action.partition(":")[0], ""))
    if len(parts) < 6 or parts[0] != "arn" or not meet(parts[2], about):
        return False
    found = _OF_KIND.fullmatch(parts[5])
    return wild(parts[5]) or (found is not None and "*" in found[2] and kind in ("", found[1]))


def reaches_every(statement: Statement, action: str) -> bool:
    return bool(statement.not_resources) or any(every(each, action) for each in statement.resources)


def allowed(policy: Policy, action: str, passed_to: str = "") -> Statement | None:
    """The statement by which an identity may do something with every thing there is; None where a Deny forbids it.

    ``passed_to`` is the service that a role is passed to, where that matters.
    """

    def open(grant: Statement) -> Statement | None:
        return grant if all_of(lambda each: _leaves(each, passed_to), grant.conditions) else None

    if any_of(lambda each: all_of(takes_away, each.conditions), _about(policy, action, allows=False)):
        return None
    return any_of(open, _about(policy, action, allows=True))


SERVICES = frozenset(action.partition(":")[0] for way in (*WAYS, *TAKING_OVER) for action in way.actions)


def _on_ways(policy: Policy) -> Policy:
    """A policy without what it says of services that are on no path: most of it, as a rule."""

    def kept(pattern: str) -> bool:
        prefix = pattern.partition(":")[0].lower()
        return prefix in SERVICES or "*" in prefix or "?" in prefix

    shorter = (msgspec.structs.replace(each, actions=tuple(filter(kept, each.actions))) for each in policy)
    return [each for each in shorter if each.actions or each.not_actions]


def _about(policy: Policy, action: str, *, allows: bool) -> list[Statement]:
    return [each for each in policy if each.allows is allows and each.touches(action) and reaches_every(each, action)]


def _leaves(condition: Condition, passed_to: str) -> bool:
    if condition.name == PASSED_TO and passed_to and condition.operator in ("stringequals", "stringlike"):
        return any(matches(value, passed_to) for value in condition.values)
    return leaves_whole(condition)


def way_up(policy: Policy, bounds: Sequence[Policy] = (), ways: Sequence[Way] = WAYS) -> Way | None:
    """A path by which the holder of these statements gets more rights than they say, within its boundary."""
    policy, *bounds = held = [_on_ways(each) for each in (policy, *bounds)]
    grants = [each for each in policy if each.allows]
    touched = {action for way in ways for action in way.actions if any(each.touches(action) for each in grants)}

    def open(way: Way) -> Way | None:
        steps = [(each, action) for action in way.actions for each in held]
        return way if all_of(lambda step: allowed(step[0], step[1], way.passed_to), steps) else None

    return any_of(open, (each for each in ways if touched.issuperset(each.actions)))


# --- AWS's own policies -------------------------------------------------------------------------

AWS_MANAGED = re.compile(r"arn:[^:]+:iam::aws:policy/(?:[^/]+/)*([^/]+)")


@cache
def _aws_managed() -> Mapping[str, Any]:
    return dict(msgspec.json.decode(Path(__file__).with_name("aws_managed.json").read_bytes())["policies"])


def of_aws(arn: str) -> Policy | None:
    """What a policy of AWS's own says of the actions on the paths; None for an ARN that is not AWS's.

    Raises Unknown for one that is not in our copy of them.
    """
    found = AWS_MANAGED.fullmatch(arn)
    if not found:
        return None
    said = _aws_managed().get(found[1])
    if said is None:
        raise Unknown(f"what AWS's policy {found[1]} allows is not in our copy of AWS's policies")
    return parse({"Statement": said})

"""The AWS CLI commands of the checks: each is one that AWS knows, with options that it takes."""

from __future__ import annotations

import re
import shlex

from botocore import xform_name
from botocore.model import OperationModel, ServiceModel
from botocore.session import get_session

from checks import REGISTRY, Check
from tests.cases import every

SERVICES = {"s3api": "s3", "configservice": "config"}
"""What the command calls otherwise than botocore does."""

PLACE = re.compile(r"\{[a-z_]+\}")
COMMANDS = {id: check for id, check in REGISTRY.items() if check.command}
every_command = every(COMMANDS)


def operation(service: str, name: str) -> OperationModel:
    model: ServiceModel = get_session().get_service_model(SERVICES.get(service, service))
    return model.operation_model(next(each for each in model.operation_names if xform_name(each, "-") == name))


def options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            found[word] = []
        else:
            found[list(found)[-1]].append(word)
    return found


def known(of: OperationModel) -> dict[str, bool]:
    """The options that an operation takes, and whether a value comes after it."""
    found = {}
    for name, shape in of.input_shape.members.items():
        option = xform_name(name, "-")
        flag = shape.type_name == "boolean"
        found |= {f"--{option}": not flag} | ({f"--no-{option}": False} if flag else {})
    return found


def required(of: OperationModel) -> set[str]:
    return {f"--{xform_name(each, '-')}" for each in of.input_shape.required_members}


def test_many_checks_have_one():
    assert len(COMMANDS) >= 40


@every_command
def test_aws_knows_it_and_its_options(check: Check) -> None:
    aws, service, name, *words = shlex.split(check.command)
    of = operation(service, name)
    said, takes = options(words), known(of)
    assert aws == "aws"
    assert {each: bool(values) for each, values in said.items()} == {each: takes.get(each) for each in said}
    assert required(of) - {*said} == set()


@every_command
def test_what_is_filled_in_is_a_word_of_its_own(check: Check) -> None:
    assert [each for each in shlex.split(check.command) if PLACE.search(each) and not PLACE.fullmatch(each)] == []


@every_command
def test_it_is_told_apart_from_the_fix_and_the_rationale(check: Check) -> None:
    assert check.remediation
    assert [text for text in (check.rationale, check.remediation) if "CLI:" in text or check.command in text] == []


@every_command
def test_it_takes_nothing_away_but_a_share(check: Check) -> None:
    verb = shlex.split(check.command)[2].partition("-")[0]
    assert verb in {"put", "update", "modify", "enable", "create", "start", "set"}

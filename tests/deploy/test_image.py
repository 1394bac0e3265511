"""The Dockerfile, by what can be read of it; `deploy/README.md` says how it is built."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text())
REQUIREMENTS = (DEPLOY / "requirements.txt").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def copied() -> set[str]:
    """What is copied from the project, by its path in it."""
    return {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}


def pins() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", REQUIREMENTS, re.MULTILINE))


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    assert copied() == {path for path in copied() if (ROOT / path).exists()}
    sent = re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert set(sent) == copied()


def test_every_package_of_ours_is_in_it() -> None:
    packages = {each.parent.name for each in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= copied()


def test_it_does_not_run_as_root() -> None:
    assert instructions("USER") == ["10001"]
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nFROM ")


def test_only_hashed_requirements_are_installed() -> None:
    installs = re.findall(r"pip install ([^&\n]*)", DOCKERFILE)
    assert [each for each in installs if "--require-hashes" not in each and "--no-deps" not in each] == []
    blocks = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", REQUIREMENTS, flags=re.MULTILINE).strip())
    assert [each.split()[0] for each in blocks if "--hash=sha256:" not in each] == []


def test_the_requirements_are_what_the_task_needs_and_no_more() -> None:
    wanted = [*PYPROJECT["dependencies"], *PYPROJECT["optional-dependencies"]["lambda"], "setuptools"]
    names = {match[0] for each in wanted if (match := re.match(r"[\w-]+", each))}
    assert names <= pins().keys()
    assert {"moto", "pytest", "werkzeug", "docker"} & pins().keys() == set()


def test_the_requirements_are_those_of_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert {name: version for name, version in pins().items() if f"\n{name}=={version}" not in lock} == {}


@pytest.mark.parametrize("path", sorted(each.relative_to(DEPLOY) for each in DEPLOY.rglob("*.tf")), ids=str)
def test_a_file_fits_a_screen(path: Path) -> None:
    assert len((DEPLOY / path).read_text().splitlines()) <= 70


def test_what_starts_the_function_and_the_task_is_there() -> None:
    scripts = PYPROJECT["scripts"]
    [entry] = re.findall(r"entryPoint\s*= (\[.*\])", (DEPLOY / "fargate.tf").read_text())
    assert {*json.loads(entry), *json.loads(instructions("ENTRYPOINT")[0])} <= scripts.keys()
    [command] = re.findall(r"command\s*= \[\"(.*)\"\]", (DEPLOY / "lambda.tf").read_text())
    assert command == "scanner.handler.handler"
    assert scripts["driftline-task"] == "scanner.handler:main"

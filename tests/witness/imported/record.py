"""Imports things of a made-up account: `python -m tests.witness.imported.record [type …]`; by default, those it has."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from state import Resource
from tests.conftest import ENVIRONMENT
from tests.witness.imported.made import REGION
from tests.witness.imported.reading import (
    Reader,
    State,
    apart,
    compared,
    explained,
    imported,
    keep,
    reading,
    state_file,
    states,
)
from tests.witness.imported.words import IMPORTED_BY, NEVER_BARE, NOTED
from tests.witness.terraform import PLUGINS, SETTINGS, lacking, settings_of_terraform

LONGEST = 60
"""Seconds after which the provider waits for what will not come."""

PROVIDER = f"""provider "aws" {{
  region                      = "{REGION}"
  skip_credentials_validation = true
}}
"""


class NotImported(Exception):
    """The provider could not import a thing, or did not find it."""


class Importing:
    """Terraform in a folder, with one provider at work for all imports."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.folder, self.reader, self.environment = folder, reader, _environment(folder, reader.endpoint)
        (folder / SETTINGS).write_text(settings_of_terraform())
        self.provider: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        """The provider, where it is not at work: to start one anew for each type takes seconds; on some it dies."""
        if self.provider is None or self.provider.returncode is not None:
            [binary] = sorted(PLUGINS.rglob("terraform-provider-aws*"))[:1]
            self.provider = self.reader.loop.run(_started(binary, self.environment))
            self.environment["TF_REATTACH_PROVIDERS"] = self.reader.loop.run(_attached(self.provider))

    def stop(self) -> None:
        if self.provider is not None and self.provider.returncode is None:
            self.provider.terminate()
            self.reader.loop.run(self.provider.wait())

    def read(self, thing: Resource) -> State:
        """What the provider reads of a thing."""
        self.start()
        type, written = thing.type, self.folder / "terraform.tfstate"
        written.unlink(missing_ok=True)
        if type in NOTED:
            (self.folder / "main.tf").write_text(PROVIDER)
            noted = {name: thing.attributes[name] for name in NOTED[type]}
            written.write_bytes(state_file({"type": type, "version": 0, "attributes": {"id": thing.id, **noted}}))
            self._run("apply", "-refresh-only", "-auto-approve")
        else:
            (self.folder / "main.tf").write_text(f'{PROVIDER}\nresource "{type}" "it" {{}}\n')
            self._run("import", f"{type}.it", IMPORTED_BY.get(type, thing.id))
        return _state(type, msgspec.json.decode(written.read_bytes()))

    def _run(self, command: str, *arguments: str) -> None:
        self.reader.loop.run(self._terraform(command, "-no-color", "-input=false", *arguments))

    async def _terraform(self, *arguments: str) -> None:
        run = await asyncio.create_subprocess_exec(
            "terraform",
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, told = await asyncio.wait_for(run.communicate(), LONGEST)
        except TimeoutError:
            run.kill()
            raise NotImported("it waits for what does not come") from None
        if run.returncode:
            raise NotImported(" ".join(re.sub(r"[╷│╵]", "", told.decode()).split())[:600])


def _state(type: str, written: Mapping[str, Any]) -> State:
    if not written["resources"]:
        raise NotImported("the provider does not find it")
    [instance] = written["resources"][0]["instances"]
    attributes = dict(sorted(instance["attributes"].items()))
    return {"type": type, "version": instance["schema_version"], "attributes": attributes}


def _environment(folder: Path, endpoint: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": str(folder / SETTINGS),
        "CHECKPOINT_DISABLE": "1",
        "AWS_ENDPOINT_URL": endpoint,
        "HTTP_PROXY": endpoint,  # S3 Control puts the account before the host, which an address cannot have
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def importing(reader: Reader) -> Iterator[Importing]:
    with tempfile.TemporaryDirectory() as name:
        found = Importing(Path(name), reader)
        try:
            yield found
        finally:
            found.stop()


async def _started(binary: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    kept = asyncio.subprocess
    return await asyncio.create_subprocess_exec(
        binary, "-debug", env=environment, stdout=kept.PIPE, stderr=kept.DEVNULL
    )


async def _attached(provider: asyncio.subprocess.Process) -> str:
    """How Terraform finds it: what it prints first."""
    assert provider.stdout is not None
    async for line in provider.stdout:
        if found := re.search(rb"TF_REATTACH_PROVIDERS='(.*)'", line):
            return found[1].decode()
    raise NotImported("the provider did not start")


def recorded(terraform: Importing, reader: Reader, type: str, bare: bool) -> tuple[State, dict[str, str], int]:
    """What the provider reads of the one thing of a type, and what of it is not what we read."""
    live = reader.read(type, bare)
    found = live.of(type)
    if not found:
        raise NotImported(f"we see none: {[each.reason for each in live.gaps]}")
    state = {**terraform.read(found[0]), "bare": bare}
    comparison = compared(live, state)
    differing = {path: each for path, each in apart(comparison, type).items() if path not in explained(state)}
    return state, differing, comparison.compared


def record(terraform: Importing, reader: Reader, type: str, bare: bool) -> None:
    """Not all can be read bare: of some the provider then finds none, or dies over what AWS always says."""
    called = f"{type} bare" if bare else type
    try:
        state, differing, number = recorded(terraform, reader, type, bare)
    except NotImported as reason:
        print(f"--- {called}: {reason}", flush=True)
        return
    keep(states() | {called: state})
    print(
        f"{'!!!' if differing else 'ok '} {called}: {number} attributes", *differing.values(), sep="\n    ", flush=True
    )


def main(wanted: list[str]) -> None:
    if problem := lacking():
        raise SystemExit(problem)
    os.environ.update(ENVIRONMENT)
    with reading(os.environ.__setitem__) as reader, importing(reader) as terraform:
        for bare in (False, True):
            for type in wanted or sorted(imported()):
                if not (bare and type in NEVER_BARE):
                    record(terraform, reader, type, bare)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Records the fixtures anew: `python -m tests.witness.record [case or case/change …]`; all of them by default."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import boto3
import msgspec

from tests.conftest import ENVIRONMENT, REGION, on_this_machine
from tests.witness.account import replay
from tests.witness.case import Case, Clients, cases
from tests.witness.terraform import Terraform, lacking, recorded


def workspace(case: Case, *files: str) -> AbstractContextManager[str]:
    """A working folder with the case's Terraform, what it refers to, and these files."""
    folder = tempfile.TemporaryDirectory()
    for path in [*case.folder.glob("*.tf"), *case.folder.glob("*.zip"), *(case.folder / name for name in files)]:
        shutil.copy(path, folder.name)
    return folder


def write(path: Path, rows: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")


def apply(case: Case) -> None:
    """Applies for real: the account's requests, both states, and what a refresh finds before any change."""
    with workspace(case) as folder, recorded() as (endpoint, recording):
        terraform = Terraform(Path(folder), endpoint)
        terraform.apply()
        case.account.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in recording.requests))
        shutil.copy(Path(folder) / "terraform.tfstate", case.folder / "applied.tfstate")
        write(case.folder / "drift" / "none.json", terraform.drift())
        terraform.adopt()
        shutil.copy(Path(folder) / "terraform.tfstate", case.folder / "terraform.tfstate")


def change(case: Case, name: str) -> None:
    """Makes one change in a fresh copy of the account: what a refresh finds then."""
    with workspace(case, "terraform.tfstate") as folder, recorded() as (endpoint, _):
        replay(endpoint, case.account)
        case.changes[name](clients(endpoint), case.state())
        write(case.folder / "drift" / f"{name}.json", Terraform(Path(folder), endpoint).drift())


def clients(endpoint: str) -> Clients:
    def client(name: str, region: str = REGION) -> Any:
        found = boto3.client(name, region_name=region, endpoint_url=endpoint)
        found.meta.events.register_first("before-sign", on_this_machine)
        return found

    return client


def main(wanted: Iterable[str]) -> None:
    if problem := lacking():
        raise SystemExit(problem)
    os.environ.update(ENVIRONMENT)
    wanted = set(wanted)
    for case in cases():
        if not wanted or case.name in wanted:
            print(f"{case.name}: applying", flush=True)
            shutil.rmtree(case.folder / "drift", ignore_errors=True)
            apply(case)
        for name in case.changes:
            if not wanted or {case.name, f"{case.name}/{name}"} & wanted:
                print(f"{case.name}: {name}", flush=True)
                change(case, name)


if __name__ == "__main__":
    main(sys.argv[1:])

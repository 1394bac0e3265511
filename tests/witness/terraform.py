"""The real Terraform and AWS provider at work on a moto server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from moto import settings
from moto.eks import models as eks

from tests.conftest import REGION, reset
from tests.witness.account import Recording, wake
from tests.witness.moto_server import moto, served

PLUGINS = Path(os.environ.get("TERRAFORM_PLUGINS", "/opt/tf-plugins"))

SETTINGS = "terraform.rc"

CLUSTER = "https://dtwwVQy29dtfsYNO0HPw.3SR.{region}.eks.amazonaws.com/"
ISSUER = "https://oidc.eks.{region}.amazonaws.com/id/0HsIy8tYKG"
"""Where moto's Kubernetes answers: it draws both once, when it is loaded, and not from the stream that is recorded."""

AGES = 1_000_000
"""moto issues a certificate so many seconds after it was asked for: here none, since the time would tell."""


def lacking() -> str:
    """What is not on this machine of what the real thing needs; empty where all is there."""
    if shutil.which("terraform") is None:
        return "no terraform on the path"
    if not list(PLUGINS.rglob("terraform-provider-aws*")):
        return f"no AWS provider under {PLUGINS}; name a folder that holds one in TERRAFORM_PLUGINS"
    return ""


@contextmanager
def recorded() -> Iterator[tuple[str, Recording]]:
    """An empty moto server that remembers what made its account: (endpoint, recording)."""
    settings.ACM_VALIDATION_WAIT = AGES
    eks.ENDPOINT_TEMPLATE, eks.ISSUER_TEMPLATE = CLUSTER, ISSUER
    recording = Recording(moto())
    with served(recording) as endpoint:
        reset(endpoint)
        wake(endpoint)
        yield endpoint, recording


def settings_of_terraform() -> str:
    """The provider just as it lies there: by `init` its 700 MB would be hashed anew at each command."""
    [provider] = sorted(PLUGINS.rglob("terraform-provider-aws*"))[:1]
    overrides = f'dev_overrides {{ "hashicorp/aws" = "{provider.parent}" }}'
    return f"provider_installation {{\n  {overrides}\n  direct {{}}\n}}\n"


class Terraform:
    """One working folder, one account."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(folder / SETTINGS),
            "CHECKPOINT_DISABLE": "1",
            "AWS_ENDPOINT_URL": endpoint,
            "HTTP_PROXY": endpoint,  # S3 Control puts the account before the host, which an address cannot have
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_MAX_ATTEMPTS": "4",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        (folder / SETTINGS).write_text(settings_of_terraform())
        self("get")  # the modules, which `init` would fetch too

    def __call__(self, command: str, *arguments: str) -> str:
        run = subprocess.run(
            ["terraform", command, *arguments, *([] if command == "show" else ["-no-color"])],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if run.returncode:
            raise RuntimeError(f"terraform {command}: {run.stderr}")
        return run.stdout

    def apply(self) -> None:
        self("apply", "-auto-approve", "-parallelism=1", "-input=false")

    def adopt(self) -> None:
        """Take what a refresh finds into the state."""
        self("apply", "-refresh-only", "-auto-approve", "-input=false")

    def drift(self) -> list[dict[str, Any]]:
        """What a refresh finds changed: address, actions and, of what differs, before and after."""
        self("plan", "-refresh-only", "-input=false", "-out=plan")
        plan = msgspec.json.decode(self("show", "-json", "plan"))
        rows = [compact(each) for each in plan.get("resource_drift", ())]
        return sorted((each for each in rows if each.get("changed") != {}), key=lambda each: each["address"])


def compact(row: dict[str, Any]) -> dict[str, Any]:
    change = row["change"]
    before, after = change["before"] or {}, change["after"]
    kept = {"address": row["address"], "type": row["type"], "actions": change["actions"]}
    if after is None:
        return kept
    pairs = {name: (before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())}
    changed = {name: {"before": was, "after": now} for name, (was, now) in pairs.items() if was != now}
    return kept | {"changed": {name: each for name, each in changed.items() if not all(map(_time, each.values()))}}


def _time(value: Any) -> bool:
    """When a thing was made, as text or in milliseconds: another moment each time the account is made again."""
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:|\d{13}$", value) is not None

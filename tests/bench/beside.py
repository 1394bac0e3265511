"""The real Terraform beside the scanner: one account on a moto server, two programs that look whether it has drifted.

moto has no rates, and the real Terraform keeps to none. The scanner would keep to half of AWS's all the same, and is
told to keep to the most that it can be told.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from scanner.settings import FASTEST
from tests.bench.apart import ROOT, Cost, environment
from tests.witness.terraform import Terraform

REGION = "eu-west-1"
KINDS = ("aws_vpc", "aws_subnet", "aws_security_group", "aws_iam_role", "aws_sqs_queue")
LOOK = 0.02
"""Seconds between two looks at how much memory a program takes."""


class Place(NamedTuple):
    """A folder with an applied configuration, and where its account is."""

    folder: Path
    terraform: Terraform


def configuration(resources: int) -> str:
    """As many of each of five kinds, hanging together."""
    many = f"  count = {resources // len(KINDS)}\n"
    trusted = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
    )
    return f"""
resource "aws_vpc" "this" {{
{many}  cidr_block = "10.${{count.index}}.0.0/16"
  tags       = {{ team = "shop", number = count.index }}
}}
resource "aws_subnet" "this" {{
{many}  vpc_id     = aws_vpc.this[count.index].id
  cidr_block = "10.${{count.index}}.1.0/24"
}}
resource "aws_security_group" "this" {{
{many}  name   = "group-${{count.index}}"
  vpc_id = aws_vpc.this[count.index].id
  ingress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}
resource "aws_iam_role" "this" {{
{many}  name               = "role-${{count.index}}"
  assume_role_policy = <<-EOT
    {trusted}
  EOT
}}
resource "aws_sqs_queue" "this" {{
{many}  name = "queue-${{count.index}}"
}}
"""


@contextmanager
def account(resources: int) -> Iterator[Place]:
    """An account that Terraform has made, on a moto server that is a process of its own."""
    command = [sys.executable, "-m", "tests.bench.moto"]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(None), text=True, cwd=ROOT)
        try:
            assert server.stdout
            place = Place(Path(folder), Terraform(Path(folder), server.stdout.readline().strip()))
            Path(folder, "main.tf").write_text(configuration(resources))
            place.terraform("apply", "-auto-approve", "-input=false")
            yield place
        finally:
            server.terminate()
            server.wait()


def refreshed(place: Place) -> Cost:
    """Terraform, its own way of asking whether anything has drifted."""
    return watched(["terraform", "plan", "-refresh-only", "-input=false", "-no-color"], place)


def scanned(place: Place, driftline: str, types: Sequence[str] = ()) -> Cost:
    """The scanner, of the same state and region: of these types, or of all, since it tells what nobody declares."""
    asked = ["--from", "terraform.tfstate", "--region", REGION, "--pace", f"{FASTEST:g}", "--fail-on", "never"]
    only = [each for type in types for each in ("--type", type)]
    return watched([driftline, "drift", *asked, *only, "--db", "history.sqlite"], place)


def watched(command: Sequence[str], place: Place) -> Cost:
    """A program and all that it starts: the wall and CPU time of all, and the most memory that they had at once."""
    with Path(place.folder, "said").open("w+") as said:
        before, began, most = os.times(), time.monotonic(), 0.0
        process = subprocess.Popen(
            command,
            env=place.terraform.environment | {"AWS_DEFAULT_REGION": REGION, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=place.folder,
            start_new_session=True,
        )
        while process.poll() is None:
            most = max(most, memory(process.pid))
            time.sleep(LOOK)
        wall, after = time.monotonic() - began, os.times()
        said.seek(0)
        text = said.read()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(process.returncode, wall, cpu, most, text)


def memory(session: int) -> float:
    """Megabytes of all processes of a session, at this moment."""
    return sum(_resident(each) for each in Path("/proc").glob("[0-9]*") if _session(each) == session)


def _session(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return None


def _resident(process: Path) -> float:
    try:
        return int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0

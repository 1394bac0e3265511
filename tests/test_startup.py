"""What starting costs: nothing is imported, read or asked that the command does not need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scanner.command import PROGRAM, driftline

HEAVY = ("aioboto3", "aiobotocore", "boto3", "botocore", "hcl2", "rich", "slack_sdk", "sqlite_utils", "moto")

IMPORTED = """
import json, sys
sys.argv = ["driftline", *{arguments}]
from scanner.cli import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def python(code, *flags):
    return subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["scan", "--help"], ["checks", "--help"]], ids=" ".join
)
def test_help_and_version_import_nothing_heavy(arguments):
    found = python(IMPORTED.format(arguments=arguments))
    assert found.returncode == 0
    assert found.stdout
    assert [name for name in HEAVY if name in json.loads(found.stderr)] == []


@pytest.mark.parametrize("arguments", [["checks", "show", "s3-bucket-versioning"], ["checks", "list"]], ids=" ".join)
def test_listing_checks_needs_no_aws_library_and_no_parser(arguments):
    found = python(IMPORTED.format(arguments=arguments))
    assert not {"aioboto3", "aiobotocore", "boto3", "hcl2", "moto", "slack_sdk"} & set(json.loads(found.stderr))


GUARDED = """
import sys
def seen(event, about):
    if event.startswith(("socket.", "subprocess.", "os.", "shutil.", "sqlite3.", "tempfile.")):
        if event not in ("os.listdir", "os.scandir"):  # how Python finds modules
            touched.append((event, *map(str, about)))
    elif event == "open" and not str(about[0]).endswith((".py", ".pyc", ".so", ".dist-info/METADATA")):
        touched.append(("open", *map(str, about)))
touched = []
sys.addaudithook(seen)
import scanner, checks, state, scanner.cli
print(touched)
"""


def test_importing_the_packages_touches_no_file_and_no_network():
    found = python(GUARDED, "-B")
    assert (found.stdout, found.stderr) == ("[]\n", "")


def test_the_installed_program_starts():
    found = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


ENTRY = """
import sys
sys.argv = ["driftline", *{arguments}]
from scanner.program import run
run()
"""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [(["--version"], 0, "driftline, version"), (["checks", "list"], 0, "tag-required-keys"), (["scan", "--no"], 2, "")],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_the_program_ends_at_once_and_says_all_before(arguments, code, told):
    whole = driftline(*arguments)
    found = python(ENTRY.format(arguments=arguments) + "raise AssertionError('it went on')")
    assert (found.returncode, found.stdout, found.stderr) == (code, whole.stdout, whole.stderr)
    assert told in found.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that takes nothing")
def test_the_program_says_where_nothing_takes_what_it_said():
    code = ENTRY.format(arguments=["scan", "--no"]).replace("run()", "print('said'); run()")
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        program = [sys.executable, "-c", code]
        found = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, env=buffered)
    assert (found.returncode, "No space left" in found.stderr) == (120, True)


def test_every_command_has_help():
    from scanner.cli import main

    for name, command in main.commands.items():
        for words in [[name], *([name, each] for each in getattr(command, "commands", {}))]:
            found = driftline(*words, "--help")
            assert found.exit_code == 0
            assert found.stdout.startswith("Usage: driftline ")

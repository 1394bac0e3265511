"""The demo, run by somebody whose environment holds everything that it must not use."""

import re
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from tests.scanner.command import program

HIDDEN = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "moto":
            raise ModuleNotFoundError("No module named 'moto'", name="moto")
sys.meta_path.insert(0, Hidden())
sys.argv = ["driftline", "demo"]
from scanner.cli import main
main()
"""


@pytest.fixture
def trap():
    """A port at which nobody may knock."""
    knocks = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            try:
                while True:
                    knocks.append(server.accept()[1])
            except OSError:
                return

        Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", knocks
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def hostile(trap, here):
    """Credentials, endpoints, proxies and settings of somebody's own, each of which leads into the trap."""
    url, _ = trap
    (here / "config").write_text(
        f"[default]\nregion = us-east-1\nendpoint_url = {url}\n[profile production]\nendpoint_url = {url}\n"
    )
    (here / "driftline.toml").write_text('required_tags = ["nobody-has-this"]\nfail_on = ["never"]\n')
    (here / "mine.toml").write_text("not TOML")
    proxies = {name: url for each in ("http_proxy", "https_proxy", "all_proxy") for name in (each, each.upper())}
    return proxies | {
        "NO_PROXY": None,
        "AWS_PROFILE": "production",
        "AWS_CONFIG_FILE": str(here / "config"),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "DRIFTLINE_CONFIG": str(here / "mine.toml"),
        "DRIFTLINE_DB": str(here / "mine.sqlite"),
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "true",
        "COLUMNS": "160",
    }


def test_the_story_as_told_out_of_reach_of_what_is_real(hostile, trap, here):
    found = program("demo", env=hostile)
    assert (found.returncode, found.stderr) == (0, "")
    assert trap[1] == []
    assert found.stdout.rstrip().endswith("As told: all that was changed by hand was found, and nothing else.")
    monday = found.stdout.index("Monday")
    assert [found.stdout.index(day) > monday for day in ("Tuesday", "All week", "Friday", "The end")] == [True] * 4
    assert sorted(each.name for each in here.iterdir()) == ["config", "driftline.toml", "mine.toml"]


def test_what_it_shows_of_friday(hostile, here):
    told = program("demo", "--keep", here / "kept", env=hostile).stdout
    friday = told[told.index("Friday") :]
    for line in (
        "backup_retention_period  14 → 0",
        "- aws_dynamodb_table.sessions  sessions",
        "+ aws_iam_role  consultant",
        "drifted: re-apply aws_security_group.web",
        "drifted: re-apply aws_s3_bucket_public_access_block.invoices",
        "policy was added to aws_s3_bucket.invoices: delete or import it",
    ):
        assert line in friday
    assert re.search(
        r"GATE FAILED .* findings of severity high or worse; 4 resources changed; 2 resources missing", friday
    )
    assert "127.0.0.1 - -" not in told, "moto's log of requests"
    assert {"main.tf", "history.sqlite"} <= {each.name for each in (here / "kept").iterdir()}


def test_without_moto_it_says_what_to_install(here):
    found = subprocess.run([sys.executable, "-c", HIDDEN], capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "driftline: the demo needs moto: pip install 'driftline[demo]'\n"
    assert list(Path().iterdir()) == []

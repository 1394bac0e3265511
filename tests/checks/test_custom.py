"""Checks of a team's own: they judge, are asked for, and are refused in one line, as what is ours would be."""

from pathlib import Path
from textwrap import dedent

import pytest

from checks import REGISTRY, Category, Finding, Severity, Status, Terms
from checks.custom import BadCheck, added
from state import Gap, Inventory, Resource

KNOWN = {"aws_s3_bucket": {"bucket", "tags", "force_destroy"}, "aws_kms_key": {"key_id"}, "account": set()}

PYTHON = '''
from checks import Category, Severity, check
from state import Inventory, Resource

PREFIX = "acme-"


def fits(name):
    return name.startswith(PREFIX)


@check("aws_s3_bucket", severity=Severity.LOW, category=Category.GOVERNANCE, soc2="cc_1")
def acme_bucket_name(bucket: Resource, inventory: Inventory) -> str | None:
    """Bucket is not named as ours are.

    Fix: name it anew.
    """
    keys = inventory.near(bucket, "aws_kms_key", key_id="k")
    return None if fits(bucket["bucket"]) or keys else f"{bucket.id} is a strange name"
'''
TOML = """
[[checks]]
id = "acme-bucket-force"
title = "Bucket goes with all that is in it"
type = "aws_s3_bucket"
condition = "attributes.force_destroy == `true` && tags.env == 'live'"
severity = "high"
category = "backup"
message = "it is destroyed with its objects"
remediation = "set `force_destroy = false`"
frameworks = { "cis-7.0" = ["2.1"], soc2 = ["cc_1"] }
"""


@pytest.fixture
def file(tmp_path: Path):
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(dedent(text))
        return path

    return written


def judged(path: Path, id: str, **attributes) -> Finding:
    resource = Resource(type="aws_s3_bucket", id="b", attributes=attributes)
    with added([path], lambda: KNOWN):
        return REGISTRY[id].judge(resource, Inventory([resource]), Terms())


def refused(path: Path) -> str:
    before = dict(REGISTRY)
    with pytest.raises(BadCheck) as error, added([path], lambda: KNOWN):
        pass
    assert before == REGISTRY
    return str(error.value).removeprefix(str(path))


def test_a_python_file(file) -> None:
    path = file("own.py", PYTHON)
    finding = judged(path, "acme-bucket-name", bucket="shop")
    assert (finding.status, finding.message) == (Status.FAIL, "b is a strange name")
    assert judged(path, "acme-bucket-name", bucket="acme-shop").status is Status.PASS
    assert judged(path, "acme-bucket-name").status is Status.UNKNOWN
    found = finding.check
    assert (found.title, found.remediation) == ("Bucket is not named as ours are", "name it anew.")
    assert {type: {"bucket", "key_id"} <= names for type, names in found.reads.items()} == {
        "aws_kms_key": True,
        "aws_s3_bucket": True,
    }
    assert "acme-bucket-name" not in REGISTRY
    assert not list(path.parent.glob("__pycache__"))


def test_a_toml_file(file) -> None:
    path = file("own.toml", TOML)
    finding = judged(path, "acme-bucket-force", force_destroy=True, tags={"env": "live"})
    assert (finding.status, finding.message) == (Status.FAIL, "it is destroyed with its objects")
    assert finding.evidence == {"force_destroy": True, "tags": {"env": "live"}}
    assert judged(path, "acme-bucket-force", force_destroy=False, tags={"env": "live"}).status is Status.PASS
    assert judged(path, "acme-bucket-force", force_destroy=True).status is Status.UNKNOWN
    found = finding.check
    assert (found.severity, found.category, found.types) == (Severity.HIGH, Category.BACKUP, ("aws_s3_bucket",))
    assert (found.title, found.remediation) == ("Bucket goes with all that is in it", "set `force_destroy = false`")
    assert found.frameworks == {"cis_7_0": ("2.1",), "soc2": ("cc_1",)}
    assert found.reads == {"aws_s3_bucket": frozenset({"force_destroy", "tags"})}


def test_a_check_of_ones_own_is_unknown_behind_a_gap(file) -> None:
    gap = Gap(type="aws_s3_bucket", account="", region="global", reason="denied")
    with added([file("own.toml", TOML)], lambda: KNOWN):
        [finding] = REGISTRY["acme-bucket-force"].run(Inventory((), [gap]), Terms())
    assert (finding.status, finding.message) == (Status.UNKNOWN, "denied")


def test_several_files_beside_ours(file) -> None:
    ours = set(REGISTRY)
    with added([file("a.py", PYTHON), file("b.toml", TOML)], lambda: KNOWN):
        assert set(REGISTRY) - ours == {"acme-bucket-name", "acme-bucket-force"}
    assert set(REGISTRY) == ours


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ndef f(:\n", ":2: SyntaxError: invalid syntax"),
        ("\n\nimport no_such_module\n", ":3: ModuleNotFoundError: No module named 'no_such_module'"),
        ("def f():\n    return 1 / 0\n\n\nf()\n", ":2: ZeroDivisionError: division by zero"),
        ("raise SystemExit(0)\n", ":1: SystemExit: 0"),
        ("x = 1\n", ": there is no check in it; see --checks in README"),
        (PYTHON.replace("acme_bucket_name", "s3_bucket_versioning"), ":12: there is a check s3-bucket-versioning "
            "already; name it otherwise"),
        (PYTHON.replace('"aws_s3_bucket", sev', '"aws_nothing", sev'), ":12: acme-bucket-name: no collector reads "
            "aws_nothing; see scanner/collectors/README.md"),
        (PYTHON.replace("Severity.LOW", "'low'"), ":12: acme-bucket-name: its severity is a Severity and its category "
            "a Category, both of which `checks` has"),
    ],
)  # fmt: skip
def test_python_that_cannot_be_used(file, text: str, told: str) -> None:
    assert refused(file("own.py", text)) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('severity = "high"', 'severity = "worst"', ":2: acme-bucket-force: Invalid enum value 'worst' - at "),
        ('type = "aws_s3_bucket"', 'type = "aws_nothing"', ":2: acme-bucket-force: no collector reads aws_nothing; "
            "see scanner/collectors/README.md"),
        ("force_destroy ==", "forced ==", ":2: acme-bucket-force: condition: no attribute forced of this type is read"),
        ("`true`", "true", ":2: acme-bucket-force: condition: true is the name of a field; write `true`, in backticks"),
        ('"cis-7.0"', '"cis-9.9"', ":2: acme-bucket-force: there is no framework cis-9.9; choose from "),
        ("acme-bucket-force", "s3-bucket-versioning", ":2: s3-bucket-versioning: there is a check "
            "s3-bucket-versioning already; name it otherwise"),
        ('id = "acme-bucket-force"\n', "", ":2: Object missing required field `id`"),
        ('message = "', 'text = "', ":2: acme-bucket-force: Object contains unknown field `text`"),
        ("[[checks]]", "[[check]]", ": check: it holds [[checks]] entries and nothing else"),
        ("[[checks]]", "[[checks", ": not TOML: Expected ']]' at the end of an array declaration (at line 2, "),
    ],
)  # fmt: skip
def test_toml_that_cannot_be_used(file, before: str, after: str, told: str) -> None:
    assert refused(file("own.toml", TOML.replace(before, after))).startswith(told)


def test_the_line_is_that_of_the_entry(file) -> None:
    second = TOML.replace("acme-bucket-force", "acme-other").replace("high", "worst")
    assert refused(file("own.toml", TOML + second)).startswith(":13: acme-other: ")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.py", ": no such file or directory"),
        ("own.yaml", ": checks are written in a .py or a .toml file; name the file itself"),
        (".", ": checks are written in a .py or a .toml file; name the file itself"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, name: str, told: str) -> None:
    assert refused(tmp_path / name) == told

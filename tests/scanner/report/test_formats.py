import json
import os
import subprocess
import sys

import pytest

from scanner import report
from tests.scanner.report import sample


def test_a_format_is_a_module_of_the_folder_that_renders():
    assert {"json", "jsonl", "markdown", "slack", "terminal"} <= set(report.formats())
    assert not [name for name in report.formats() if name.startswith("_")]


@pytest.mark.parametrize("name", ["xml", "", "_rows", "os"])
def test_an_unknown_format_names_those_there_are(name):
    with pytest.raises(report.UnknownFormat, match=f"there is no output '{name}'; there are: .*json, jsonl, markdown"):
        report.target(name)


def test_naming_one_format_imports_no_other_libraries(pytestconfig):
    code = "import sys, scanner.report as r; r.target('jsonl'); print({'rich', 'slack_sdk'} & {*sys.modules})"
    environment = os.environ | {"PYTHONPATH": str(pytestconfig.rootpath)}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (told.stdout, told.stderr) == ("set()\n", "")


def test_a_report_goes_to_its_file_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("before")

    def there():
        return {each.name: each.read_text()[:6] for each in tmp_path.iterdir()}

    broken = sample.scan(regions=None)
    with pytest.raises(TypeError):
        report.target(f"markdown://{path}").write(broken)
    assert there() == {"out.json": "before"}
    report.target(f"json://{path}").write(sample.scan())
    assert json.loads(path.read_text())["scan"]["id"] == "scan-2"
    assert there() == {"out.json": '{\n"sch'}


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(report.NotWritten, match=r"out\.json: the report cannot be written: .*/no/such is no folder"):
        report.target(f"json://{tmp_path}/no/such/out.json").write(sample.bare())
    with pytest.raises(report.NotWritten, match="Is a directory"):
        report.target(f"json://{tmp_path}").write(sample.bare())


def test_without_a_path_a_report_goes_to_standard_output(capfdbinary):
    report.target("jsonl").write(sample.scan())
    assert capfdbinary.readouterr().out.decode() == "".join(report.render("jsonl", sample.scan()))


def test_what_was_seen_in_part_is_said():
    scan = sample.scan()
    scan.unsure = scan.live.resources[:2]
    assert "2 managed resources not seen in whole" in "".join(report.render("terminal", scan))
    assert json.loads("".join(report.render("json", scan)))["scan"]["counts"]["unsure"] == 2

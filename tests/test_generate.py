from __future__ import annotations

import pytest

from scanner.collectors import collectors
from tests.generate import about, filled, table, types

TEXT = """# Title

<!-- generated: one -->
old
<!-- /generated -->

<!-- generated: two -->
<!-- /generated -->
End
"""


def test_only_what_stands_between_the_markers_is_renewed() -> None:
    once = filled(TEXT, {"one": lambda: ["new", "lines"], "two": lambda: ["more"]})
    assert once == (
        "# Title\n\n<!-- generated: one -->\n\nnew\nlines\n\n<!-- /generated -->\n\n"
        "<!-- generated: two -->\n\nmore\n\n<!-- /generated -->\nEnd\n"
    )
    assert filled(once, {"one": lambda: ["new", "lines"], "two": lambda: ["more"]}) == once


@pytest.mark.parametrize("text", ["# Title\n", "<!-- generated: one -->\nno end\n"])
def test_a_section_without_a_place_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="generated: one"):
        filled(text, {"one": lambda: ["new"]})


def test_a_cell_cannot_end_its_row() -> None:
    assert list(table(("a", "b"), [("x|y", "z")])) == ["| a | b |", "| --- | --- |", "| x\\|y | z |"]


def test_the_page_of_types_says_what_is_compared_and_what_is_not() -> None:
    told = {each.type: {title: [*names] for title, names in about(each).items()} for each in collectors()}
    group, table = told["aws_security_group"], told["aws_dynamodb_table"]
    assert group["also called"] == ["aws_default_security_group"]
    assert group["compared as resources of their own"] == ["egress", "ingress"]
    assert group["told by no API"] == ["name_prefix", "revoke_rules_on_delete"]
    assert {"vpc_id", "tags"} <= set(group["compared"])
    assert "aws_security_group" in told["aws_vpc_security_group_ingress_rule"]["declared by blocks or resources of"]
    assert "import_table" in table["not read"]
    assert "dynamodb:DescribeTable" in table["operations"]


def test_each_type_is_on_the_page_once() -> None:
    heads = [line.removeprefix("### ") for line in types() if line.startswith("### ")]
    assert sorted(heads) == sorted(each.type for each in collectors() if each.type.startswith("aws_"))

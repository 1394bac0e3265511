from __future__ import annotations

import pytest

from tests.generate import filled, table

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

"""Draws README's picture: the end of a real run of the demo, as SVG.

    python -m tests.picture

Not part of the checks: ids and times differ from run to run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

OUTPUT = Path(__file__).parents[1] / "scanner" / "demo" / "screen.svg"
WIDTH, LINES = 112, 74


def main() -> None:
    """Run the demo, keep Friday's screen, and write it without the web font that rich links to."""
    command = [str(Path(sys.executable).with_name("driftline")), "demo", "--color", "always"]
    said = subprocess.run(
        command, env=os.environ | {"COLUMNS": str(WIDTH)}, capture_output=True, text=True, check=True
    ).stdout
    friday = said[said.index("driftline scan", said.index("Friday")) :].splitlines()
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text("$ ") + Text.from_ansi("\n".join(friday[:LINES])))
    svg = console.export_svg(title="driftline scan", clear=False)
    OUTPUT.write_text(re.sub(r"@font-face \{[^}]*\}\s*", "", svg))


if __name__ == "__main__":
    main()

"""The installed program: the commands, begun without a look for garbage among what is imported, and ended at once."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

REFUSED = 2
IMPORTED = 200_000
"""More than all that is imported comes to."""


def run() -> None:
    """Run the command asked for. Python would take all that it holds apart at the end, piece by piece."""
    gc.set_threshold(IMPORTED, *gc.get_threshold()[1:])
    try:
        from scanner.cli import main

        main()
    except KeyboardInterrupt:
        from scanner.mending import ENDED, INTERRUPTED

        os.write(2, f"{ENDED}\n".encode())
        os._exit(INTERRUPTED)
    except OSError:  # standard error is full or gone, which nobody can be told: 1 would be a gate that failed
        os._exit(REFUSED)
    except SystemExit as ended:
        with suppress(OSError):  # whoever reads is gone, which Python says in its own way
            sys.stdout.flush()
            sys.stderr.flush()
            if isinstance(ended.code, int):
                os._exit(ended.code)
        raise

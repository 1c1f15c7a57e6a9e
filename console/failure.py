"""An error as the user sees it: one message, one exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn, TypeVar

from rich.console import Console
from rich.text import Text

from contract.errors import ClusterbedError

INTERRUPTED = 130
"""128 + SIGINT, as a shell reports it."""

Result = TypeVar("Result")


def show(error: ClusterbedError, *, console: Console | None = None) -> None:
    """Print what was wrong and the way out, on standard error."""
    screen = console or Console(stderr=True, highlight=False, soft_wrap=True)
    screen.print(Text.assemble(("error: ", "bold red"), error.what))
    if error.way_out:
        screen.print(Text(f"  {error.way_out}"))


def run_task(task: Callable[[], Result]) -> Result:
    """Run `task`; end the process with the error's own exit code when it fails.

    An unexpected exception is a defect of ours: its traceback is shown only with
    CLUSTERBED_DEBUG=1, and it exits 1.
    """
    try:
        return task()
    except ClusterbedError as error:
        show(error)
        _trace_if_asked()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _interrupted()
    except Exception as error:  # the last line of defence: one message, whatever happened
        show(
            ClusterbedError(
                f"unexpected {type(error).__name__}: {error}",
                way_out="This is a defect. Run it again with CLUSTERBED_DEBUG=1 and report the traceback.",
            )
        )
        _trace_if_asked()
        sys.exit(1)


def _interrupted() -> NoReturn:
    Console(stderr=True, highlight=False).print(
        "\ninterrupted: nothing is lost; the same command goes on where it stopped"
    )
    sys.exit(INTERRUPTED)


def _trace_if_asked() -> None:
    if os.environ.get("CLUSTERBED_DEBUG"):
        traceback.print_exc()

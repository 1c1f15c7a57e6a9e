"""The laptop's end of work that needs root: it runs `python -m lab` and passes its progress on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from contract.errors import WorkstationError
from contract.events import Event, Sink, State
from lab.home import Home


def perform(elevated: list[str], work: str, home: Home, sink: Sink) -> Any:
    """Do `work` as root in a process of its own, passing its progress on, and return its result.

    Raises:
        WorkstationError: what the work ended with.
    """
    command = [*elevated, sys.executable, "-m", "lab", work, str(home.root)]
    folder = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe, as asked for
        for line in process.stdout:
            said = json.loads(line)
            if "subject" in said:
                sink(Event(said["subject"], said["text"], State(said["state"])))
            elif "what" in said:
                raise WorkstationError(said["what"], way_out=said["way_out"])
            else:
                return said["result"]
    raise WorkstationError(f"`{' '.join(command)}` ended with {process.returncode} and no result")

"""Progress lines: `@clusterbed {…}`, one JSON object a line, for whoever watches the run's output."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

State = Literal["running", "waiting", "ok", "failed"]
Progress = Callable[[str, str, State], None]
"""Called with the subject (`E1.2/expert`, `run`), what it is doing, and how it stands."""

MARK = "@clusterbed "


def printed(subject: str, text: str, state: State) -> None:
    """Write one line to standard output at once."""
    print(MARK + json.dumps({"subject": subject, "text": text, "state": state}), flush=True)

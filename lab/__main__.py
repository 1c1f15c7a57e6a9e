"""What needs root outside the daemon: `python -m lab image|clear HOME`, run by sudo if need be.

It writes one JSON object a line: progress events, and at the end a result or an error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.errors import ClusterbedError
from contract.events import Event
from lab import host, image
from lab.home import Home


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m lab.privileged")
    parser.add_argument("work", choices=["image", "clear"])
    parser.add_argument("home", type=Path)
    given = parser.parse_args()
    home = Home(given.home)
    works: dict[str, Callable[[], Any]] = {
        "image": lambda: image.ensure(_say_event),
        "clear": lambda: _clear(home),
    }
    try:
        _say({"result": works[given.work]()})
    except ClusterbedError as error:
        _say({"what": error.what, "way_out": error.way_out})


def _clear(home: Home) -> list[str]:
    host.clear(home)
    return host.leftovers(home)


def _say_event(event: Event) -> None:
    _say({"subject": event.subject, "text": event.text, "state": event.state})


def _say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

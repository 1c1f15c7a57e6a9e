"""How the laptop's side talks to the running lab: one JSON line each way over a local socket."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from contract.errors import ClusterbedError, WorkstationError

log = logging.getLogger(__name__)

Handler = Callable[..., Any]


class Listener:
    """The lab's end. `handlers` are what can be asked for, by name."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler], owner: int) -> None:
        path.unlink(missing_ok=True)
        self._handlers = handlers
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        os.chown(path, owner, -1)
        self._socket.listen(16)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._serve, name="channel", daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            question = json.loads(connection.makefile("r").readline() or "{}")
            try:
                handler = self._handlers[question["ask"]]
                reply: dict[str, Any] = {"answer": handler(**question["with"])}
            except ClusterbedError as error:
                reply = {"what": error.what, "way_out": error.way_out}
            except Exception as error:
                log.exception("%s", question)
                reply = {
                    "what": f"the lab failed at '{question.get('ask')}': {error}",
                    "way_out": "See its log.",
                }
            connection.sendall(json.dumps(reply).encode() + b"\n")


def ask(path: Path, name: str, *, timeout_s: float = 120.0, **arguments: Any) -> Any:
    """Ask the running lab.

    Raises:
        WorkstationError: no lab runs.
        ClusterbedError: what the lab answered with.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
        except OSError as error:
            raise WorkstationError(
                "no lab runs on this machine", way_out="Start it: fab up --lab."
            ) from error
        connection.sendall(json.dumps({"ask": name, "with": arguments}).encode() + b"\n")
        line = connection.makefile("r").readline()
    if not line:
        raise WorkstationError(f"the lab ended while it was asked for '{name}'", way_out="See its log.")
    reply = json.loads(line)
    if "answer" not in reply:
        raise ClusterbedError(reply["what"], way_out=reply["way_out"])
    return reply["answer"]

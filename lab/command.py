"""Running a program of this machine: podman, ip, nft, mount."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from contract.errors import WorkstationError


class CommandError(WorkstationError):
    """A program ended with an error. `output` is what it said on standard error."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        last = output.strip().splitlines()[-1:] or ["(it said nothing)"]
        super().__init__(f"`{' '.join(command)}` ended with {code}: {last[0]}")
        self.output = output


def run(*command: str, stdin: str | bytes | None = None, timeout_s: float = 60.0) -> str:
    """Run `command` to its end and return what it wrote.

    Raises:
        CommandError: it ended with an error, or not within `timeout_s`.
        WorkstationError: there is no such program.
    """
    data = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=timeout_s, check=False)
    except FileNotFoundError as error:
        raise WorkstationError(f"{command[0]} is not installed", way_out="Run scripts/setup.") from error
    except subprocess.TimeoutExpired as error:
        raise CommandError(command, -1, f"no end within {timeout_s:g} s") from error
    if done.returncode != 0:
        raise CommandError(command, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="replace")

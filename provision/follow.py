"""The program that tells of a run, on the head, from a place in its journal on.

`run.py` sends its text over SSH; it imports nothing of this project (standard library of Python 3.10). Lines
of JSON: {"cursor", "message"} for each line of the run, {"beat": 1} every second, {"ended": exit state} last.
It ends with the run, or with its input.
"""

from __future__ import annotations

import json
import pathlib
import select
import subprocess
import sys

INTERVAL_S = 1.0
GOING_ON = {"active", "activating", "deactivating", "reloading"}


def tell(unit: str, result: pathlib.Path, cursor: str) -> None:
    """Write what the journal has after `cursor`, until the unit has ended."""
    while True:
        state = output("systemctl", "is-active", unit).strip()
        if state not in GOING_ON:
            # What it wrote last may still be on its way into the journal.
            output("journalctl", "--sync")
        after = [f"--after-cursor={cursor}"] if cursor else []
        journal = output(
            *(
                "journalctl",
                "--quiet",
                "--no-pager",
                "--output=json",
                "--output-fields=MESSAGE",
            ),
            *(*after, f"_SYSTEMD_UNIT={unit}"),
        )
        for line in journal.splitlines():
            entry = json.loads(line)
            cursor = entry["__CURSOR"]
            say(cursor=cursor, message=text(entry.get("MESSAGE")))
        if state not in GOING_ON:
            say(ended=result.read_text().strip() if result.exists() else "")
            return
        say(beat=1)
        readable, _, _ = select.select([sys.stdin], [], [], INTERVAL_S)
        if readable:
            return


def text(message: object) -> str:
    """A journal message; one that is not UTF-8 comes as a list of bytes."""
    if isinstance(message, list):
        return bytes(message).decode(errors="replace")
    return str(message or "")


def output(*command: str) -> str:
    """What a program writes; its exit code says nothing here."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


def say(**message: object) -> None:
    """Write one line."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    tell(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3])

"""How a cluster's deadline stands on a machine: user data writes it at the first boot, every deploy keeps it.

`clusterbed-deadline.timer` fires at the moment in its drop-in and soon after each boot; its service ends
the machine when the moment in DEADLINE_FILE has passed.
"""

from __future__ import annotations

from datetime import UTC, datetime

DEADLINE_TIMER = "clusterbed-deadline.timer"
DEADLINE_FILE = "/etc/clusterbed/deadline"
_DROP_IN = f"/etc/systemd/system/{DEADLINE_TIMER}.d/deadline.conf"


def deadline_files(deadline: datetime) -> dict[str, str]:
    """The two files that say when, by path; `deadline` is aware, and to the second."""
    moment = deadline.astimezone(UTC)
    return {
        DEADLINE_FILE: f"{int(moment.timestamp())}\n",
        _DROP_IN: f"[Timer]\nOnCalendar={moment:%Y-%m-%d %H:%M:%S} UTC\n",
    }

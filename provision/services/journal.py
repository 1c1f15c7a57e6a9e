"""The journal outlives a reboot: a run is told from it, also afterwards."""

from __future__ import annotations

from provision.step import File, Step
from provision.templates import script, text


def steps() -> list[Step]:
    """Kept on disk, up to a size."""
    return [
        Step(
            "journal",
            "a journal that is kept",
            apply=script("journal.sh"),
            check=script("journal_check.sh"),
            files=(File("/etc/systemd/journald.conf.d/clusterbed.conf", text("journald.conf")),),
        )
    ]

"""The machine's own end: armed at the first boot by user data, kept to the cluster's deadline from here."""

from __future__ import annotations

from contract.deadline import DEADLINE_TIMER, deadline_files
from provision.services.site import Site
from provision.step import File, Step
from provision.templates import script


def steps(site: Site) -> list[Step]:
    """The timer that user data made is armed with the cluster's deadline."""
    files = deadline_files(site.cluster.deadline)
    return [
        Step(
            "deadline",
            "end of the machine, by itself",
            apply=script("deadline.sh", timer=DEADLINE_TIMER),
            check=script("deadline_check.sh", timer=DEADLINE_TIMER),
            files=tuple(File(path, content) for path, content in files.items()),
            adopts=True,
        )
    ]

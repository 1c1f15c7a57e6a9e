"""S1.2: the head forwards for the private subnet. It does from its first boot; this keeps it so."""

from __future__ import annotations

from provision.step import Step
from provision.templates import script


def steps() -> list[Step]:
    """The unit that user data made is enabled, active and in force."""
    return [
        Step(
            "nat",
            "forwarding for the workers",
            apply=script("nat.sh"),
            check=script("nat_check.sh"),
            adopts=True,
        )
    ]

"""How long a cluster may live: after `deadline_h` its machines end themselves, with no laptop involved."""

from __future__ import annotations

from pydantic import Field

from contract.settings.section import Section


class Lifetime(Section):
    """The deadline counts from the cluster's creation; a week at most."""

    deadline_h: float = Field(default=8.0, gt=0.0, le=168.0)

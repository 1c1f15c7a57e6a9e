"""Where the nodes' software comes from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contract.settings.section import Section

Url = Annotated[str, Field(pattern=r"^https?://\S+$")]


class Software(Section):
    """Package clients go to their public registries; a mirror takes the place of one."""

    maven_mirror: Url | None = None
    python_index: Url | None = None

"""Who may log in: the SSH key of the cluster's owner."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from contract.settings.section import Section


class Access(Section):
    """Without `public_key` a pair is made for the cluster and kept with its local state."""

    public_key: Path | None = Field(
        default=None,
        description="an existing pair's public half; the private one lies beside it, without .pub",
    )

    @field_validator("public_key")
    @classmethod
    def _names_a_public_key(cls, path: Path | None) -> Path | None:
        if path is not None and path.suffix != ".pub":
            raise ValueError("must name the public half, a file ending in .pub")
        return path

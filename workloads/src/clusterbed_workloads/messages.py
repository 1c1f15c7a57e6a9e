"""What the process of a case tells the run: one JSON object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from clusterbed_workloads.record import Phase, Record


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Doing(_Message):
    """Starts something that must not take longer than `limit_s` seconds."""

    kind: Literal["doing"] = "doing"
    variant: str
    phase: Phase
    repeat: int
    text: str
    limit_s: float


class Measured(_Message):
    """An attempt ended; its artifacts lie in the run's directory."""

    kind: Literal["measured"] = "measured"
    record: Record


class Ended(_Message):
    """The case is over; the process leaves."""

    kind: Literal["ended"] = "ended"


Message = Doing | Measured | Ended
_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def parse(line: bytes) -> Message:
    """The message of one line.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return _ADAPTER.validate_json(line)

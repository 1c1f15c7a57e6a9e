"""Two lists of a run's objects: `done.json`, which the head writes last, and the local `pulled.json`."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

DONE = "done.json"
PLAN = "run.json"
RECORDS = "records.jsonl"
PULLED = "pulled.json"
PAGE = "report.html"

OWN_NAMES = frozenset({RECORDS, PULLED, PAGE})
"""Files that only the laptop writes; an object of such a name would be overwritten by them."""


def checked_name(name: str) -> str:
    """`name`, when it is a relative path that stays below its run's directory.

    Raises:
        ValueError: it leads elsewhere, hides, or takes the name of a file of the laptop's own.
    """
    parts = name.split("/")
    if (
        not name.isprintable()
        or "\\" in name
        or any(part in ("", ".", "..") for part in parts)
        or parts[0].startswith(".")
        or PurePosixPath(name).is_absolute()
    ):
        raise ValueError(f"{name!r} is no plain relative path")
    if name in OWN_NAMES:
        raise ValueError(f"{name!r} is a name that the laptop writes itself")
    return name


ObjectName = Annotated[str, AfterValidator(checked_name)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ListedObject(BaseModel):
    """An object that the head stored: its name below the run's prefix, size and digest."""

    model_config = ConfigDict(frozen=True)

    name: ObjectName
    bytes: int = Field(ge=0)
    sha256: Sha256


class Done(BaseModel):
    """`done.json`. Where there is none, the run is still going or was cut off.

    `cases` says of each experiment `ok`, `failed`, `interrupted` or `not run`.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cases: dict[str, str] = {}
    objects: tuple[ListedObject, ...]


class PulledObject(BaseModel):
    """A file on the laptop, the version of the object it is, and whether `done.json` vouches for it."""

    model_config = ConfigDict(frozen=True)

    name: ObjectName
    bytes: int = Field(ge=0)
    sha256: Sha256
    etag: str
    vouched: bool


class Pulled(BaseModel):
    """`pulled.json`: what `pull` brought. `complete` means that `done.json` was there and every object is."""

    model_config = ConfigDict(frozen=True)

    run: str
    bucket: str
    complete: bool
    objects: tuple[PulledObject, ...]

"""The types of a published figure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Kind(enum.StrEnum):
    """What a figure depends on, and so what makes it comparable."""

    TIME = "time"
    MEMORY = "memory"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class Figure:
    """One published value.

    `reads` is where a record holds the same quantity (`times.makespan_s`, `quality.mse`).
    `size` is the setting that the value depends on, and its value in the document; a value of None
    means that the document does not say. `upper` is set when a range was published. `note` says what
    stands between this figure and ours besides size, machines and versions. `by_construction` is set
    when our data was made after this very figure, so that agreement proves nothing.
    """

    label: str
    value: float
    unit: str
    section: str
    reads: str
    kind: Kind
    size: Mapping[str, int | None]
    upper: float | None = None
    note: str = ""
    by_construction: bool = False


@dataclass(frozen=True, slots=True)
class Experiment:
    """What an experiment does, in the document's terms, and the figures published for it."""

    title: str
    does: str
    section: str
    engines: tuple[str, ...]
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its title, machines and software as it states them.

    `instance_types` has one entry a machine. `software` maps the names by which records report
    software to the version the document states.
    """

    id: str
    title: str
    machines: str
    instance_types: tuple[str, ...]
    software: Mapping[str, str]
    experiments: Mapping[str, Experiment] = field(default_factory=dict)

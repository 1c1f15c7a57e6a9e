"""In which order the variants of a case run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clusterbed_workloads.record import Phase


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt of one variant. `repeat` counts from 0 within a phase."""

    variant: str
    phase: Phase
    repeat: int
    last: bool


def turns(variants: Sequence[str], repeats: int) -> Iterator[Turn]:
    """A cold round, a warm-up round, `repeats` measured rounds.

    Every round has every variant, and the order turns from round to round, so that no variant always
    runs in the wake of the same other one.
    """
    rounds = [(Phase.COLD, 0), (Phase.WARM_UP, 0), *((Phase.MEASURED, repeat) for repeat in range(repeats))]
    for index, (phase, repeat) in enumerate(rounds):
        turned = index % len(variants)
        for variant in (*variants[turned:], *variants[:turned]):
            yield Turn(variant, phase, repeat, last=index == len(rounds) - 1)

"""What went wrong, and which check found it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from clusterbed_workloads.record import Outcome, Record
from report.files import Link, logs
from report.results import Results


class Verdict(enum.StrEnum):
    """How an experiment went as a whole; the worst of its records decides."""

    OK = "verified"
    WRONG = "wrong answer"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NONE = "no record"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check over all repeats of one or more variants; `expected` and `got` are those of the worst."""

    variant: str
    name: str
    passed: int
    of: int
    expected: str
    got: str

    @property
    def all_passed(self) -> bool:
        """Whether it passed in every repeat."""
        return self.passed == self.of


@dataclass(frozen=True, slots=True)
class Failure:
    """Records of one variant that went wrong in the same way."""

    where: str
    verdict: Verdict
    error: str
    checks: tuple[CheckRow, ...]
    logs: tuple[Link, ...]


def failures(results: Results, experiment: str) -> tuple[Failure, ...]:
    """What is not ok, repeats that went wrong in the same way together."""
    alike: dict[tuple[object, ...], list[Record]] = {}
    for record in results.of(experiment):
        if record.outcome is not Outcome.OK:
            unpassed = tuple(check for check in record.verification if not check.passed)
            alike.setdefault((record.variant, record.outcome, record.error, unpassed), []).append(record)
    return tuple(_failure(results, group) for group in alike.values())


def checks(records: Iterable[Record]) -> tuple[CheckRow, ...]:
    """Every check by name and variant, over all records that got as far; variants that agree in one row."""
    found: dict[tuple[str, str], list[tuple[bool, str, str]]] = {}
    for record in records:
        for check in record.verification:
            found.setdefault((check.name, record.variant), []).append(
                (check.passed, check.expected, check.got)
            )
    alike: dict[tuple[str, bool, str, str], list[tuple[str, int, int]]] = {}
    for (name, variant), outcomes in found.items():
        worst, expected, got = min(outcomes, key=lambda outcome: outcome[0])
        passed = sum(outcome[0] for outcome in outcomes)
        alike.setdefault((name, worst, expected, got), []).append((variant, passed, len(outcomes)))
    return tuple(
        CheckRow(
            variant=", ".join(variant for variant, _, _ in group),
            name=name,
            passed=sum(passed for _, passed, _ in group),
            of=sum(of for _, _, of in group),
            expected=expected,
            got=got,
        )
        for (name, _, expected, got), group in alike.items()
    )


def verdict(results: Results, experiment: str) -> tuple[Verdict, str]:
    """The worst outcome of an experiment, and the counts in words."""
    records = results.of(experiment)
    status = results.done.cases.get(experiment, "not run") if results.done else "running"
    if not records:
        return _without_records(status)
    counts = {outcome: sum(record.outcome is outcome for record in records) for outcome in Outcome}
    words = {Outcome.OK: "verified", Outcome.WRONG: "with a wrong answer", Outcome.FAILED: "failed"}
    said = ", ".join(f"{count} {words[outcome]}" for outcome, count in counts.items() if count)
    told = f"{len(records)} records: {said}"
    if counts[Outcome.FAILED]:
        return Verdict.FAILED, told
    if counts[Outcome.WRONG]:
        return Verdict.WRONG, told
    if status == "failed":
        return Verdict.FAILED, f"{told}, and done.json says that it failed"
    if status == "interrupted":
        return Verdict.INTERRUPTED, f"{told}, then the run was interrupted"
    return Verdict.OK, f"{len(records)} records, every answer verified"


def _without_records(status: str) -> tuple[Verdict, str]:
    match status:
        case "running":
            return Verdict.NONE, "the run has not got there"
        case "not run":
            return Verdict.NONE, "the run ended before it"
        case "interrupted":
            return Verdict.INTERRUPTED, "the run was interrupted in it"
        case _:
            return Verdict.FAILED, f"done.json says '{status}', but no record of it is here"


def _failure(results: Results, group: list[Record]) -> Failure:
    first = group[0]
    repeats = ", ".join(f"{record.phase} {record.repeat + 1}" for record in group)
    return Failure(
        where=f"{first.experiment} {first.variant}, {repeats}",
        verdict=Verdict.FAILED if first.outcome is Outcome.FAILED else Verdict.WRONG,
        error=first.error or "",
        checks=tuple(check for check in checks(group) if not check.all_passed),
        logs=logs(results, group),
    )

"""A run in a few lines for the terminal."""

from __future__ import annotations

from pathlib import Path

from report import notation
from report.overview import overview
from report.page import sections_of
from report.results import load
from report.section import Section

_GAP = "  "


def summary_lines(home: Path) -> list[str]:
    """What `fab report` prints of `results/<run>/`: the verdict, a line an experiment, the failures.

    Raises:
        SettingError: `home` holds no run.
    """
    results = load(home)
    sections = sections_of(results)
    told = overview(results, sections)
    head = ("experiment", "expert", "literal", "literal/expert", "published", "answers")
    rows = [head, *(_row(item) for item in sections)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [told.told, *([told.incomplete] if told.incomplete else []), ""]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(_GAP.join(cells).rstrip())
    for failure in told.failures:
        lines += ["", f"{failure.where}: {failure.verdict}"]
        lines += [f"{_GAP}{line}" for line in _printable(failure.error).splitlines()[:3]]
        lines += [
            f"{_GAP}{check.name}: expected {check.expected}, got {check.got}" for check in failure.checks
        ]
        lines += [f"{_GAP}{home / link.text}" for link in failure.logs if link.href]
    lines += [f"unreadable: {problem}" for problem in results.unreadable]
    return [_printable(line) for line in lines]


def _row(item: Section) -> tuple[str, ...]:
    published = item.published_time
    return (
        f"{item.id} {item.title}".strip(),
        _mean(item, "expert"),
        _mean(item, "literal"),
        f"{notation.number(item.gain.value)} ×" if item.gain else "-",
        f"{published.published} ({published.figure.label})" if published else "none",
        str(item.verdict),
    )


def _mean(item: Section, variant: str) -> str:
    estimate = item.makespans.get(variant)
    if estimate is None:
        return "not measured"
    spread = notation.interval(estimate)
    return notation.quantity(estimate.value, "s") + (f" ({spread})" if spread else "")


def _printable(text: str) -> str:
    """Without what would steer a terminal; line ends stay."""
    return "".join(
        character if character.isprintable() or character in "\n\u00a0" else "?" for character in text
    ).replace("\u00a0", " ")

"""`results/<run>/report.html`: one file, no script, nothing fetched."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from report import notation
from report.comparison import Version, versions
from report.directory import write_whole
from report.manifest import PAGE
from report.overview import overview
from report.published import Document, document_of
from report.results import Results, load
from report.section import Section, section


def build(home: Path) -> Path:
    """Write the page of the run in `home` (`results/<run>/`) and return its path.

    Raises:
        SettingError: `home` holds no run.
        WorkstationError: the page could not be written.
    """
    page = home / PAGE
    write_whole(page, render(load(home)).encode())
    return page


def render(results: Results) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": notation.number,
        "quantity": notation.quantity,
        "interval": notation.interval,
        "moment": notation.moment,
        "duration": notation.duration,
        "measured": notation.measured,
        "words": lambda key: notation.named(key)[0],
        "unit": lambda key: notation.named(key)[1],
    }
    document = _document(results)
    found = versions(results.records, document) if document else ()
    sections = sections_of(results, found)
    return environment.get_template("report.html.j2").render(
        results=results,
        plan=results.plan,
        where=results.where,
        document=document,
        versions=found,
        software=_software(results),
        hardware=_hardware(results),
        sections=sections,
        overview=overview(results, sections),
    )


def sections_of(results: Results, found: tuple[Version, ...] | None = None) -> tuple[Section, ...]:
    """Every experiment of the run, in order."""
    if found is None:
        document = _document(results)
        found = versions(results.records, document) if document else ()
    return tuple(section(results, experiment, found) for experiment in results.experiments)


def _software(results: Results) -> dict[str, str]:
    found: dict[str, dict[str, None]] = {}
    for software in (results.facts.software, *(record.software for record in results.records)):
        for name, version in software.items():
            found.setdefault(name, {})[version] = None
    return {name: " / ".join(found[name]) for name in sorted(found)}


def _hardware(results: Results) -> dict[str, dict[str, float | int | str]]:
    """What each node reports of itself, from the last record that says so."""
    found = dict(results.facts.hardware)
    for record in results.records:
        found |= record.hardware
    return found


def _document(results: Results) -> Document | None:
    """The document the run's experiments come from."""
    return next((found for name in results.experiments if (found := document_of(name))), None)

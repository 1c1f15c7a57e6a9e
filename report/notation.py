"""How numbers, names and times are written for people."""

from __future__ import annotations

import math
from datetime import datetime

from report.statistics import Estimate

_MINUTE_S = 60
_HOUR_S = 3600
_UNITS = {
    "s": "s",
    "ms": "ms",
    "gb": "GB",
    "gib": "GiB",
    "mib": "MiB",
    "mb": "MB",
    "usd": "USD",
    "bytes": "bytes",
}
_NON_BREAKING = "\u00a0"


def number(value: float, digits: int = 3) -> str:
    """`digits` significant digits, thousands grouped; never rounded to fewer than the integer part."""
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if float(value).is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - exact in a double
        return f"{int(value):,}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    if places > 6:  # noqa: PLR2004 - longer than anybody reads
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{places}f}"


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """A number and its unit, kept on one line."""
    return f"{number(value, digits)}{_NON_BREAKING}{unit}" if unit else number(value, digits)


def measured(value: float, unit: str) -> str:
    """A quantity; bytes as kB, MB or GB, and no time finer than a millisecond."""
    if unit == "s" and 0 < value < 0.001:  # noqa: PLR2004 - a millisecond
        return f"under 1{_NON_BREAKING}ms"
    return size(round(value)) if unit == "bytes" else quantity(value, unit)


def stated(value: float, unit: str = "") -> str:
    """A published number, as the document prints it; longer decimals cut to two places."""
    text = f"{round(value, 2):,}".removesuffix(".0")
    return f"{text}{_NON_BREAKING}{unit}" if unit else text


def interval(estimate: Estimate, unit: str = "") -> str:
    """`41.2-43.9 s`, or nothing where there is none or it has no width."""
    if estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f"{number(low)}–{quantity(high, unit)}" if high > low else ""


def duration(seconds: float) -> str:
    """`48 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{number(seconds, 3)}{_NON_BREAKING}s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S}{_NON_BREAKING}min {whole % _MINUTE_S}{_NON_BREAKING}s"
    return f"{whole // _HOUR_S}{_NON_BREAKING}h {whole % _HOUR_S // _MINUTE_S}{_NON_BREAKING}min"


def moment(time: datetime) -> str:
    """`21 Nov 2026, 06:15 UTC`."""
    zone = time.strftime("%Z") or "UTC"
    return f"{time:%d %b %Y, %H:%M} {zone}"


def named(key: str) -> tuple[str, str]:
    """A record's key as words and its unit: `metrics.memory_before_gb` → ("memory before", "GB")."""
    words = key.rpartition(".")[2].split("_")
    unit = _UNITS.get(words[-1], "") if len(words) > 1 else ""
    return " ".join(words[:-1] if unit else words), unit


def size(count: int) -> str:
    """Bytes as `812 bytes`, `3.1 kB`, `104 MB`."""
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - the step of SI prefixes
            break
        value, unit = value / 1000, larger
    return quantity(round(value) if value >= 10 else value, unit, 2)  # noqa: PLR2004 - 3.1 kB, 31 kB

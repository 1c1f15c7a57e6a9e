"""Who is there of those who should be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from contract.cluster import Node


def roll_call(expected: Sequence[Node], present: Collection[str], what: str) -> tuple[list[str], str]:
    """The names missing, and a text such as "1 of 2 DataNodes live: worker-2 missing"."""
    missing = [node.name for node in expected if node.name not in present]
    text = f"{len(expected) - len(missing)} of {len(expected)} {what}"
    return missing, f"{text}: {', '.join(missing)} missing" if missing else text

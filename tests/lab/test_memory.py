"""The machine's /proc/meminfo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from lab.memory import meminfo

amounts = some.integers(0, 10**12 - 1)


@given(amounts, amounts, amounts)
def test_its_length_never_changes(total: int, used: int, cached: int) -> None:
    assert len(meminfo(total, used, cached)) == len(meminfo(0, 0, 0))


def test_cache_counts_as_available() -> None:
    values = {line.split(":")[0]: int(line.split()[1]) for line in meminfo(1000, 600, 200).splitlines()}
    assert (values["MemTotal"], values["MemFree"], values["MemAvailable"]) == (1000, 400, 600)

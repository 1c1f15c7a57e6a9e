"""The moment a cluster ends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.deadline import created, deadline


@pytest.mark.parametrize(
    "text", ["2025-11-21T06:00:00Z", "2025-11-21T06:00:00+00:00", "2025-11-21T07:00:00+01:00"]
)
def test_it_counts_from_the_clouds_own_date_in_utc(text):
    assert created(text) == datetime(2025, 11, 21, 6, tzinfo=UTC)
    assert deadline(text, 1.5) == datetime(2025, 11, 21, 7, 30, tzinfo=UTC)


def test_it_is_a_whole_second_so_that_every_rendering_agrees():
    assert deadline("2025-11-21T06:00:00.987Z", 0.001).microsecond == 0

"""The random streams of a row: which draw feeds which column."""

from __future__ import annotations

import enum


class Stream(enum.IntEnum):
    """One independent sequence of draws; a draw is a hash of (seed, stream, id)."""

    NAME = 0
    AGE = 1
    SALARY_RADIUS = 2
    SALARY_ANGLE = 3
    SIGNUP = 4
    ACTIVE = 5

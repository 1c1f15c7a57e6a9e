"""Errors of the workloads, each with the way out and the exit code of the program.

    WorkloadsError        1   anything not named below
    ├── PlanError         2   the plan is wrong, unreadable, or asks for what is not there
    ├── StoreError        4   the bucket refused or is gone; everything is still on the head's disk
    ├── EngineLost        7   Spark, Ray or HDFS did not answer, or lost its workers
    └── WaitedTooLong     7   a wait reached its deadline

A case that fails or answers wrongly ends the program with 7, an interrupt with 130 or 143.
"""

from __future__ import annotations

from typing import ClassVar


class WorkloadsError(Exception):
    """What was wrong, and what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, way_out: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.what} {self.way_out}".rstrip()


class PlanError(WorkloadsError):
    """The plan cannot be carried out."""

    exit_code = 2


class StoreError(WorkloadsError):
    """Results could not be stored in the bucket."""

    exit_code = 4


class EngineLost(WorkloadsError):  # noqa: N818 - the name says the state, as in "executor lost"
    """An engine or the file system does not answer, or has no workers left."""

    exit_code = 7


class WaitedTooLong(WorkloadsError):  # noqa: N818
    """A wait reached its deadline."""

    exit_code = 7

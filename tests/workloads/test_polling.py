import pytest

from clusterbed_workloads.errors import WaitedTooLong
from clusterbed_workloads.polling import until


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_returns_what_was_found() -> None:
    clock = Clock()
    answers = iter([(None, "nothing"), (None, "nothing"), (3, "three")])
    found = until("three", lambda: next(answers), within_s=10, pause_s=1, clock=clock, sleep=clock.sleep)
    assert (found, clock.now) == (3, 2.0)


def test_a_deadline_says_what_was_waited_for_and_last_seen() -> None:
    clock = Clock()
    with pytest.raises(WaitedTooLong, match=r"waited 5 s for a DataNode; last saw: 0 live"):
        until("a DataNode", lambda: (None, "0 live"), within_s=5, pause_s=1, clock=clock, sleep=clock.sleep)
    assert clock.now == 5.0

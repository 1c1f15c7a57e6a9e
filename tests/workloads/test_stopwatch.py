from clusterbed_workloads.record import Missing
from clusterbed_workloads.stopwatch import Stopwatch


def test_stretches_add_up() -> None:
    ticks = iter([0.0, 1.0, 5.0, 7.5])
    watch = Stopwatch(lambda: next(ticks))
    with watch.load():
        pass
    with watch.load():
        pass
    assert watch.load_s == 3.5


def test_what_was_not_marked_is_missing_with_its_reason() -> None:
    assert isinstance(Stopwatch().processing_s, Missing)

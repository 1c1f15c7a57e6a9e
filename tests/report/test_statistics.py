from __future__ import annotations

import math
import random
import statistics as stdlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.statistics import _student_t, mean, median, ratio

TIMES_S = [10.2, 9.8, 10.5, 10.1, 9.9]


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (29, 2.0452), (999, 1.9623)]
)
def test_students_t_as_in_the_printed_tables(freedom: int, t: float) -> None:
    assert _student_t(0.05, freedom) == pytest.approx(t, abs=5e-4)


def test_the_mean_is_the_mean_and_its_interval_holds_it() -> None:
    estimate = mean(TIMES_S)
    assert estimate.value == pytest.approx(10.1)
    assert estimate.low is not None and estimate.high is not None
    assert min(TIMES_S) <= estimate.low < 10.1 < estimate.high <= max(TIMES_S)


def test_one_value_has_no_interval() -> None:
    assert mean([3.0]).interval is None
    assert ratio([3.0], [1.0, 2.0]).interval is None


def test_equal_values_have_an_interval_without_width() -> None:
    assert mean([4.0] * 5).interval == pytest.approx((4.0, 4.0))


def test_the_ratio_is_that_of_the_means() -> None:
    estimate = ratio([20.4, 19.6, 21.0, 20.2, 19.8], TIMES_S)
    assert estimate.value == pytest.approx(2.0)
    low, high = estimate.interval or (math.nan, math.nan)
    assert 1.85 < low < 2.0 < high < 2.15


def test_a_ratio_of_a_sample_with_itself_holds_one() -> None:
    low, high = ratio(TIMES_S, TIMES_S).interval or (math.nan, math.nan)
    assert low < 1 < high


def test_the_median() -> None:
    assert median([5.0, 1.0, 3.0]) == 3.0


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [math.inf]])
def test_what_has_no_mean_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no values|not finite"):
        mean(values)


def test_the_same_values_give_the_same_interval_when_they_are_many() -> None:
    draw = random.Random(1)  # noqa: S311
    values = [draw.gauss(100, 5) for _ in range(30)]
    assert mean(values) == mean(values)
    error = stdlib.stdev(values) / math.sqrt(30)
    low, high = mean(values).interval or (math.nan, math.nan)
    assert low == pytest.approx(mean(values).value - 2.045 * error, abs=0.35 * error)
    assert high == pytest.approx(mean(values).value + 2.045 * error, abs=0.35 * error)


def test_the_interval_of_five_repeats_covers_the_truth_as_often_as_it_says() -> None:
    """Plain percentiles cover 85 % here, widened ones 93 %; 94 % is all that five values can promise."""
    draw = random.Random(7)  # noqa: S311
    covered = 0
    for _ in range(400):
        low, high = mean([draw.gauss(40, 2) for _ in range(5)]).interval or (math.nan, math.nan)
        covered += low <= 40 <= high
    assert 0.90 <= covered / 400 <= 0.98


@given(st.lists(st.floats(0.001, 1e6), min_size=2, max_size=6))
def test_an_interval_holds_its_mean_and_stays_within_the_values(values: list[float]) -> None:
    estimate = mean(values)
    low, high = estimate.interval or (math.nan, math.nan)
    margin = 1e-9 * max(values)
    assert min(values) - margin <= low <= estimate.value + margin
    assert estimate.value - margin <= high <= max(values) + margin

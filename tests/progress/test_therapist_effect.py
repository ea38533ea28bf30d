"""Vectors of the published formulas, and that more evidence is told with less doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.therapist_effect import ENOUGH_COURSES, between_variance, effect_of, reliability, shrinkage

TAU2 = 0.05
MANY = st.lists(st.integers(-300, 300).map(lambda number: number / 100), min_size=ENOUGH_COURSES, max_size=60)


@pytest.mark.parametrize(("between", "own", "part"), [(0.05, 0.05, 0.5), (0.05, float("inf"), 1.0), (0.0, 0.05, 1.0), (0.05, 0.0, 0.0)])
def test_vector_EB_the_part_of_the_prior_mean(between: float, own: float, part: float) -> None:
    assert shrinkage(between, own) == part
    assert 0.8 * (1 - shrinkage(between, own)) == pytest.approx(0.8 * (1 - part)), "half is left, nothing, nothing, all"


@pytest.mark.parametrize(("n", "expected"), [(5, 0.21), (10, 0.34), (15, 0.441), (30, 0.612), (50, 0.72), (80, 0.808), (200, 0.91)])
def test_vector_Reliability(n: int, expected: float) -> None:
    assert reliability(n, 0.05) == pytest.approx(expected, abs=0.006 if round(expected, 2) == expected else 0.0005)


def test_a_negative_variance_and_more_outcomes_than_courses_are_refused() -> None:
    for between, own in ((-0.1, 1.0), (0.1, -1.0)):
        with pytest.raises(ValueError, match="variance"):
            shrinkage(between, own)
    with pytest.raises(ValueError, match="closed"):
        effect_of([0.1] * 16, closed=15, between=TAU2)


def test_the_variance_between_therapists_is_what_chance_leaves_over() -> None:
    assert between_variance([1.0, -1.0], [0.5, 0.5]) == pytest.approx(1.5)
    assert between_variance([0.1, -0.1], [0.5, 0.5]) == 0.0
    assert between_variance([0.7], [0.1]) == between_variance([], []) == 0.0


@given(st.integers(1, 200).map(lambda number: number / 100), st.integers(ENOUGH_COURSES, 200))
def test_M24_a_constant_positive_mean_is_believed_more_with_every_course_and_never_beyond_itself(mean: float, n: int) -> None:
    fewer, more = (effect_of([mean] * number, closed=number, between=TAU2) for number in (n, n + 1))
    assert fewer is not None
    assert more is not None
    assert 0 < fewer.estimate < more.estimate < mean
    assert more.high - more.low < fewer.high - fewer.low


@given(MANY, st.integers(0, 300).map(lambda number: number / 100), st.integers(0, 10))
def test_M23_a_positive_outcome_at_or_above_the_own_mean_never_makes_the_counted_end_worse(outcomes: list[float], better: float, unmeasured: int) -> None:
    n = len(outcomes)
    better = max(better, sum(outcomes) / n)
    closed = n + min(unmeasured, int(n / 0.6) - n)
    before, after = effect_of(outcomes, closed=closed, between=TAU2), effect_of([*outcomes, better], closed=closed + 1, between=TAU2)
    assert before is not None
    assert after is not None
    assert after.nearer_end() >= before.nearer_end() - 1e-12


def test_few_courses_or_few_measured_ones_say_nothing() -> None:
    assert effect_of([2.0] * 14, closed=14, between=TAU2) is None
    assert effect_of([1.2] * 6, closed=6, between=TAU2) is None, "T17: six courses"
    assert effect_of([2.0] * 15, closed=26, between=TAU2) is None, "who leaves the bad ones unmeasured gains nothing"
    assert effect_of([2.0] * 15, closed=25, between=TAU2) is not None


def test_where_therapists_do_not_differ_everybody_is_at_the_prior_mean() -> None:
    found = effect_of([2.0] * 40, closed=40, between=0.0, prior=0.1)
    assert found is not None
    assert (found.estimate, found.low, found.high, found.nearer_end(0.1)) == (0.1, 0.1, 0.1, 0.1)


def test_the_end_nearer_the_prior_mean_is_what_counts() -> None:
    good, bad, unclear = (effect_of([mean] * 80, closed=80, between=TAU2) for mean in (1.0, -1.0, 0.05))
    assert good is not None
    assert bad is not None
    assert unclear is not None
    assert good.nearer_end() == good.low > 0
    assert bad.nearer_end() == bad.high < 0
    assert unclear.nearer_end() == 0.0

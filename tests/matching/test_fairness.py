"""Vectors of the two measures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.fairness import gini, ndcg


@pytest.mark.parametrize(
    ("given_amounts", "expected"), [([3.0, 3.0, 3.0], 0.0), ([0.0, 0.0, 5.0, 0.0], 3 / 4), ([1.0, 3.0], 0.25), ([], 0.0), ([0.0, 0.0], 0.0)]
)
def test_vector_Gini(given_amounts: list[float], expected: float) -> None:
    assert gini(given_amounts) == pytest.approx(expected)


@given(st.lists(st.integers(0, 100).map(float), min_size=1, max_size=20), st.integers(1, 9))
def test_Gini_is_between_none_and_all_and_of_proportions(amounts: list[float], factor: int) -> None:
    assert -1e-12 <= gini(amounts) <= (len(amounts) - 1) / len(amounts) + 1e-12
    assert gini([factor * each for each in amounts]) == pytest.approx(gini(amounts))


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        gini([1.0, -1.0])


@pytest.mark.parametrize(
    ("relevances", "expected"),
    [([3.0, 2.0, 1.0], 1.0), ([0.0, 1.0], 0.6309), ([], 1.0), ([0.0, 0.0], 1.0), ([0.0, 0.0, 0.0, 0.0, 0.0, 1.0], 0.0)],
)
def test_vector_NDCG(relevances: list[float], expected: float) -> None:
    assert ndcg(relevances) == pytest.approx(expected, abs=0.00005)

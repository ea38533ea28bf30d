"""Money adds up: splits are exact, and currencies have the decimals that they have."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, share, split

WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(st.integers(0, 10**12), WEIGHTS)
def test_parts_add_up_to_the_amount_and_none_is_a_unit_away_from_its_due(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not part


@given(st.integers(0, 10**9), WEIGHTS)
def test_whoever_weighs_more_never_gets_less(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert all(mine >= yours for mine, more in zip(parts, weights, strict=True) for yours, less in zip(parts, weights, strict=True) if more > less)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [(100, [1, 1, 1], [34, 33, 33]), (5, [50, 30, 20], [3, 1, 1]), (1, [1, 1], [1, 0]), (0, [0, 0], [0, 0]), (7, [0, 3], [0, 7])],
)
def test_the_largest_remainders_get_what_is_left(amount: int, weights: list[int], parts: list[int]) -> None:
    assert split(amount, weights) == parts


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, [0, 0]), (1, []), (1, [2, -1])])
def test_what_cannot_be_given_is_not_split(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        split(amount, weights)


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_is_rounded_half_up_and_never_more_than_all(amount: int, points: int) -> None:
    exact = Fraction(amount * points, 10_000)
    assert -Fraction(1, 2) < share(amount, points) - exact <= Fraction(1, 2)
    assert 0 <= share(amount, points) <= amount


@pytest.mark.parametrize(("money", "text"), [(Money(1234, "JPY"), "JPY 1234"), (Money(1234, "GBP"), "GBP 12.34"), (Money(1234, "BHD"), "BHD 1.234")])
def test_zero_and_three_decimals(money: Money, text: str) -> None:
    assert str(money) == text

"""The check digit of the NPI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.npi import npi_is_well_formed


def with_check_digit(nine: str) -> str:
    return next(nine + digit for digit in "0123456789" if npi_is_well_formed(nine + digit))


NPIS = st.tuples(st.sampled_from("12"), st.text("0123456789", min_size=8, max_size=8)).map(lambda parts: with_check_digit("".join(parts)))


@pytest.mark.parametrize("number", ["1234567893", "1993999998", "1558598797"])
def test_m44_known_numbers_pass(number: str) -> None:
    assert npi_is_well_formed(number)


@pytest.mark.parametrize("number", ["1234567890", "1234567839", "", "123456789", "12345678930", "3234567893", "１２３４５６７８９３", "123456789x"])
def test_m44_wrong_numbers_fail(number: str) -> None:
    assert not npi_is_well_formed(number)


@given(NPIS, st.integers(0, 9), st.integers(1, 9))
def test_m44_any_single_wrong_digit_is_noticed(number: str, position: int, shift: int) -> None:
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert not npi_is_well_formed(wrong)


@given(NPIS, st.integers(1, 8))
def test_swapped_neighbours_are_noticed_but_for_0_and_9(number: str, position: int) -> None:
    left, right = number[position], number[position + 1]
    swapped = number[:position] + right + left + number[position + 2 :]
    assert npi_is_well_formed(swapped) == (left == right or {left, right} == {"0", "9"})

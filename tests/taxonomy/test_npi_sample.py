"""Real provider numbers: all pass, and every slip of the hand is judged as the Luhn rule says. They are read from beside the repository and never kept."""

import csv
import os
from itertools import pairwise
from pathlib import Path

import pytest

from taxonomy.registers import NPI_PREFIX, npi_is_valid

REPOSITORY = Path(__file__).parents[2]
SAMPLE = Path(os.environ.get("SHARED_DATA", REPOSITORY.parent / "shared")) / "data" / "credentials" / "npi_sample.csv"


@pytest.fixture(scope="module")
def numbers() -> list[str]:
    if not SAMPLE.exists():
        pytest.skip(f"the sample of provider numbers is not there: {SAMPLE} (or say where in SHARED_DATA)")
    with SAMPLE.open(newline="") as lines:
        return [row["npi"] for row in csv.DictReader(lines)]


def luhn(digits: str) -> bool:
    """The rule itself, written another way than in the product: by table, from the left."""
    doubled = "0246813579"
    length = len(digits)
    return sum(int(doubled[int(digit)] if (length - place) % 2 == 0 else digit) for place, digit in enumerate(digits)) % 10 == 0


def after(number: str) -> str:
    """The next number that the rule allows behind this one."""
    stem = str(int(number[:-1]) + 1)
    return next(f"{stem}{digit}" for digit in "0123456789" if luhn(f"{NPI_PREFIX}{stem}{digit}"))


def test_all_numbers_of_the_sample_pass(numbers: list[str]) -> None:
    assert len(numbers) > 800
    assert [number for number in numbers if not npi_is_valid(number)] == []


def test_M44_every_single_digit_change_and_transposition_is_judged_as_luhn_says(numbers: list[str]) -> None:
    some = list(dict.fromkeys(numbers + [after(number) for number in numbers]))[:1000]
    assert len(some) == 1000, "different ones: the sample, and neighbours of its numbers"
    judged = changed_and_valid = 0
    for number in some:
        changes = [f"{number[:at]}{digit}{number[at + 1 :]}" for at in range(10) for digit in "0123456789" if digit != number[at]]
        swaps = [f"{number[:at]}{other}{one}{number[at + 2 :]}" for at, (one, other) in enumerate(pairwise(number)) if one != other]
        for slip in changes + swaps:
            assert npi_is_valid(slip) is (slip[0] in "12" and luhn(NPI_PREFIX + slip)), (number, slip)
        changed_and_valid += sum(npi_is_valid(change) for change in changes)
        judged += len(changes) + len(swaps)
    assert changed_and_valid == 0, "one wrong digit is always found"
    assert judged > 90_000

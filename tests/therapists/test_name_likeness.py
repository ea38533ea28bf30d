"""Names on a claim and on a register: one person written two ways, and two people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.name_likeness import is_same_name, likeness

NAMES = st.text(max_size=30)


@pytest.mark.parametrize(
    ("claimed", "found"),
    [("Eva Müller", "MULLER, Dr. Eva"), ("José María Núñez", "Jose Maria Nunez"), ("O'Brien Siobhán", "Siobhan O\u2019Brien"), ("Noa Example", "Noa  Example")],
)
def test_one_person_written_two_ways(claimed: str, found: str) -> None:
    assert likeness(claimed, found) == 100


@pytest.mark.parametrize(("claimed", "found"), [("Anna Smith", "Hanna Schmidt"), ("John Black", "Jane Black"), ("Noa Example", ""), ("", ""), ("Dr", "Dr")])
def test_two_people_are_not_one(claimed: str, found: str) -> None:
    assert not is_same_name(claimed, found)


@given(NAMES, NAMES)
def test_likeness_has_no_direction_and_stays_in_its_range(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 100

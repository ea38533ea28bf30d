"""A crisis line is shown only when a person has checked it within 180 days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.crisis import FRESH_DAYS, crisis_help, is_fresh, stale_lines
from taxonomy.terms import CrisisLine
from taxonomy.vocabulary import vocabulary

V = vocabulary()
TODAY = date(2026, 11, 22)


def checked(line: CrisisLine, days_ago: int) -> CrisisLine:
    return replace(line, checked_on=(TODAY - timedelta(days=days_ago)).isoformat(), checked_by="R. Example")


def shown(line: CrisisLine, country: str = "GB", on: date = TODAY) -> tuple[CrisisLine, ...]:
    return crisis_help(country, on=on, lines=[line], emergency=V.emergency_numbers, directory=V.directory).lines


def test_nobody_has_checked_a_line_yet_so_none_is_shown() -> None:
    assert all(line.checked_on is None and line.checked_by is None for line in V.crisis_lines.values())
    for country in V.emergency_numbers:
        assert V.help_for(country, on=TODAY).lines == ()
    assert len(stale_lines(V.crisis_lines.values(), on=TODAY)) == len(V.crisis_lines)


@pytest.mark.parametrize(
    ("place", "country", "number"),
    [
        ("GB", "GB", "999"),
        ("GB-ENG", "GB", "999"),
        ("US-CA", "US", "911"),
        ("CA-ON", "CA", "911"),
        ("IE", "IE", "112"),
        ("AU-NSW", "AU", "000"),
        ("IN", "IN", "112"),
        ("NZ", "NZ", "111"),
        ("de", "DE", "112"),
        ("XX", "XX", None),
        ("", "", None),
    ],
)
def test_P11_any_place_gets_its_emergency_number_and_the_directory(place: str, country: str, number: str | None) -> None:
    found = V.help_for(place, on=TODAY)
    assert (found.country, found.emergency_number) == (country, number)
    assert found.directory.url == "https://findahelpline.com"


def test_every_jurisdiction_has_an_emergency_number() -> None:
    assert {place.country for place in V.jurisdictions.values()} <= V.emergency_numbers.keys()


def test_the_known_lines_wait_for_a_check() -> None:
    assert {(line.country, line.number) for line in V.crisis_lines.values()} >= {
        ("US", "988"),
        ("CA", "988"),
        ("GB", "116 123"),
        ("IE", "116 123"),
        ("AU", "13 11 14"),
        ("IN", "14416"),
        ("NZ", "1737"),
    }


@pytest.mark.parametrize(("days_ago", "is_shown"), [(0, True), (1, True), (180, True), (181, False), (400, False), (-1, False)])
def test_a_check_holds_for_180_days(days_ago: int, is_shown: bool) -> None:
    line = checked(V.crisis_lines["gb_samaritans"], days_ago)
    assert shown(line) == ((line,) if is_shown else ())


def test_a_checked_line_is_shown_in_its_country_only() -> None:
    line = checked(V.crisis_lines["gb_samaritans"], 3)
    assert shown(line, "GB-SCT") == (line,)
    assert shown(line, "IE") == ()


def test_a_check_without_a_person_is_none() -> None:
    assert not is_fresh(replace(V.crisis_lines["us_988"], checked_on=TODAY.isoformat()), TODAY)


def test_the_day_defaults_to_today() -> None:
    assert V.help_for("GB").emergency_number == "999"


@given(st.integers(-1000, 1000), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_freshness_is_a_window_of_days(days_ago: int, on: date) -> None:
    line = replace(V.crisis_lines["us_988"], checked_on=(on - timedelta(days=days_ago)).isoformat(), checked_by="R. Example")
    assert is_fresh(line, on) == (0 <= days_ago <= FRESH_DAYS)


@given(st.text(max_size=40))
def test_any_text_as_a_place_is_answered(place: str) -> None:
    assert V.help_for(place, on=TODAY).directory is V.directory

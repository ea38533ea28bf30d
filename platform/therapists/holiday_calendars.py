"""Public holidays by country and subdivision, from the `holidays` package: the only file that imports it. Pure.

Only official public holidays count; half days and observances of banks or schools do not. Names are in the language of the country, so that a therapist
recognises them.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache, partial

import holidays


@lru_cache(maxsize=1)
def calendars() -> Mapping[str, tuple[str, ...]]:
    """Every country code that has a calendar (ISO 3166-1), with its subdivisions."""
    return {country: tuple(sorted(subdivisions)) for country, subdivisions in sorted(holidays.list_supported_countries(include_aliases=False).items())}


def is_calendar(country: str, subdivision: str | None) -> bool:
    """Whether there is a calendar of this name."""
    return country in calendars() and (subdivision is None or subdivision in calendars()[country])


def names_of_holidays(country: str, subdivision: str | None) -> Callable[[date], str | None]:
    """What the holiday of a date is called; None when it is none. The calendar has to exist."""
    return partial(_name_on, country, subdivision)


def _name_on(country: str, subdivision: str | None, day: date) -> str | None:
    return _year(country, subdivision, day.year).get(day)


@lru_cache(maxsize=512)
def _year(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False).items())

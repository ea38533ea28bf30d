"""Local dates that come in from outside, within years that can be reckoned with: every zone has instants for them, and for the dates around them."""

from datetime import date
from typing import Any

from marshmallow import fields

EARLIEST_YEAR, LATEST_YEAR = 2000, 2200


def day_of(text: str) -> date:
    """The date that is written so; ValueError for what is none, and for years that nobody means."""
    day = date.fromisoformat(text)
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(text)
    return day


class Day(fields.Date):
    """A date of a body or a query. Every schema uses this one: `fields.Date` alone takes the years 1 to 9999."""

    default_error_messages = {"years": f"Give a date between {EARLIEST_YEAR} and {LATEST_YEAR}."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise self.make_error("years")
        return day

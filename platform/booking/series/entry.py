"""A series with its dates as one entry of somebody's calendar: the same in a mail and in a feed."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from booking.calendar.invitation import Appointment, Status
from booking.models import Booking
from booking.series.invitation import DateOfSeries, SeriesEntry
from booking.series.models import Series
from booking.series.plan import Rhythm
from core.zones import zone

NOTHING: Mapping[int, tuple[Status, str]] = MappingProxyType({})


def entry_of(series: Series, shared: Appointment, kept: Mapping[int, Booking], *, said: Mapping[int, tuple[Status, str]] = NOTHING) -> SeriesEntry:
    """The dates `kept`, by position and at least one; the others are left out of the rule. `said` are status and title of those that have their own."""
    rhythm = Rhythm(int(series.starts_at.timestamp()), series.zone, series.every_weeks)
    dates = []
    for planned in rhythm.plan(max(kept)):
        booking = kept.get(planned.position)
        status, title = said.get(planned.position, (None, None))
        # As the rule has it on the wall: also a time that the clock skips, which programs would otherwise show somewhere.
        rule_start = datetime.fromisoformat(planned.wall).replace(tzinfo=zone(series.zone))
        dates.append(DateOfSeries(rule_start, booking.starts_at if booking else None, booking.ends_at if booking else None, status, title))
    return SeriesEntry(shared, tuple(dates), series.zone, series.every_weeks)

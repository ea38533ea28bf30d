"""The file of a feed. Pure: appointments and whole series in, bytes out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from booking.calendar.invitation import Appointment, calendar_of, published
from booking.series.invitation import SeriesEntry, series_events

# How often a program is asked to fetch a feed again.
REFRESH = timedelta(hours=1)


def feed_file(shown: Iterable[Appointment | SeriesEntry], *, name: str) -> bytes:
    """The file that a calendar program fetches again and again: the same appointments give the same bytes. Published like `calendar_file`.

    A series is one rule with its exceptions, under the UID that its mails carry. REFRESH-INTERVAL and NAME are RFC 7986; the lines that begin with X- say
    the same to older programs.
    """
    often = {"name": name, "x-wr-calname": name, "x-published-ttl": "PT1H"}
    events, zones = [], []
    for entry in shown:
        if isinstance(entry, Appointment):
            events.append(published(entry))
        else:
            of_series, of_zone = series_events(entry, write=published)
            events += of_series
            zones += of_zone
    return calendar_of(events, "PUBLISH", zones=_once_each(zones), about=often, refreshed_every=REFRESH)


def _once_each(zones: Sequence[tuple[str, datetime, datetime]]) -> list[tuple[str, datetime, datetime]]:
    """Each zone once, with rules for all the time in which somebody names it."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for name, first, last in zones:
        known = found.get(name, (first, last))
        found[name] = (min(known[0], first), max(known[1], last))
    return [(name, *found[name]) for name in sorted(found)]

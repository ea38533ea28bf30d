"""What a feed says of bookings to its owner: single ones one by one, those of a series together under the name of the series, as in its mails."""

from collections.abc import Sequence
from datetime import datetime

from booking.calendar.feed_models import CalendarFeed
from booking.calendar.invitation import DEFAULT_TITLE, Appointment, Party, Status
from booking.calendar.organizer import organizer, where_to_look
from booking.calendar.own_seat import changed_for, has_left, seat_of, sequence_for
from booking.letters import CALENDAR_STATUS, series_appointment
from booking.models import Booking
from booking.series.entry import entry_of
from booking.series.invitation import SeriesEntry
from booking.series.models import Series


def entries_of(bookings: Sequence[Booking], feed: CalendarFeed, *, now: datetime) -> list[Appointment | SeriesEntry]:
    """In the order of their starts; all dates of a series are there, and people and series are loaded."""
    together: dict[int, tuple[Series, list[Booking]]] = {}
    shown: list[Appointment | SeriesEntry] = []
    for booking in bookings:
        if booking.series is None:
            shown.append(_alone(booking, feed, now=now))
        else:
            together.setdefault(booking.series.id, (booking.series, []))[1].append(booking)
    shown += [_together(series, dates, feed, now=now) for series, dates in together.values()]
    return sorted(shown, key=lambda each: each.start)


def _together(series: Series, dates: Sequence[Booking], feed: CalendarFeed, *, now: datetime) -> Appointment | SeriesEntry:
    """One rule; a date that was called off stands in it as such. When none is left, the whole is called off under the same name."""
    states = [_status(each, now=now) for each in dates]
    status: Status = "CANCELLED" if set(states) == {"CANCELLED"} else "TENTATIVE" if "TENTATIVE" in states else "CONFIRMED"
    first = next((each for each, state in zip(dates, states, strict=True) if state != "CANCELLED"), dates[0])
    shared = series_appointment(
        series,
        status=status,
        sequence=series.calendar_sequence,
        changed_at=max(each.changed_at for each in dates),
        reader=Party(""),
        title=_title(first, feed),
    )
    if status == "CANCELLED":
        return shared
    said = {each.series_position or 1: (state, _title(each, feed)) for each, state in zip(dates, states, strict=True)}
    return entry_of(series, shared, {each.series_position or 1: each for each in dates}, said=said)


def _alone(booking: Booking, feed: CalendarFeed, *, now: datetime) -> Appointment:
    seat = seat_of(booking, feed.person_id) if feed.side == "client" else None
    return Appointment(
        uid=booking.calendar_uid,
        sequence=sequence_for(booking, seat),
        start=booking.starts_at,
        end=booking.ends_at,
        changed_at=changed_for(booking, seat),
        status="CANCELLED" if has_left(seat) else _status(booking, now=now),
        organizer=organizer(),
        reader=Party(""),
        title=_title(booking, feed),
        note=where_to_look(),
    )


def _status(booking: Booking, *, now: datetime) -> Status:
    """A request whose clock has run out is over, also before the job that writes it down."""
    if booking.lapses_at is not None and booking.lapses_at <= now:
        return "CANCELLED"
    return CALENDAR_STATUS.get(booking.stands, "CONFIRMED")


def _title(booking: Booking, feed: CalendarFeed) -> str:
    if feed.side == "client":
        seat = seat_of(booking, feed.person_id)
        return (seat and seat.title) or DEFAULT_TITLE
    names = [shown for each in booking.participants if (shown := shown_name(each.person.name, feed.shows))]
    return f"{DEFAULT_TITLE}: {', '.join(names)}" if names else DEFAULT_TITLE


def shown_name(name: str | None, shows: str) -> str:
    """As much of a name as may be shown: nothing, the first letters of its words (at most three), or its first word."""
    words = (name or "").split()
    if shows == "first_name":
        return words[0] if words else ""
    if shows == "initials":
        return "".join(f"{word[0].upper()}." for word in words[:3])
    return ""

"""A request that its therapist leaves unanswered although they were reminded comes before a person, who can still reach them in time.

One case for each request (a series is one), about the therapist and never about the client. It closes by itself when the request is answered or over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import Booking
from booking.series.models import Series
from core.db import db
from desk.cases import dismiss_cases_about, open_case, was_case_about

KIND = "request"
SUBJECT = "unanswered_request"
# What became of it, as the outcome of the case; an answer is an answer, yes or no.
OUTCOMES = {
    State.CONFIRMED: "answered",
    State.DECLINED: "answered",
    State.WITHDRAWN: "withdrawn",
    State.EXPIRED: "unanswered",
}


def bring_to_desk(booking: Booking, *, now: datetime) -> None:
    """Open its case, with a clock that runs out when the request does; not for one that is answered, and only once. The caller holds the lock of its row."""
    if booking.stands is not State.REQUESTED or booking.lapses_at is None or booking.lapses_at <= now:
        return
    subject = _subject(booking)
    if not was_case_about(KIND, subject):
        open_case(KIND, subject=subject, person_id=booking.therapist_id, now=now, due_in=booking.lapses_at - now)


def close_when_answered(bookings: Sequence[Booking], *, now: datetime) -> None:
    """These requests have left that state. A series waits on while any of its dates does."""
    for booking in {booking.series_id or -booking.id: booking for booking in bookings}.values():
        _close_when_answered(booking, now=now)


def _close_when_answered(booking: Booking, *, now: datetime) -> None:
    if booking.series_id is not None:
        waiting = select(Booking.id).where(Booking.series_id == booking.series_id, Booking.state == State.REQUESTED.value).limit(1)
        if db.session.execute(waiting).first() is not None:
            return
    called_off = booking.stands is State.DECLINED and booking.ended_by is None
    dismiss_cases_about(KIND, _subject(booking), outcome="called_off" if called_off else OUTCOMES[booking.stands], by=None, now=now)


def _subject(booking: Booking) -> tuple[str, str]:
    if booking.series_id is None:
        return SUBJECT, str(booking.public_id)
    return SUBJECT, str(db.session.execute(select(Series.public_id).where(Series.id == booking.series_id)).scalar_one())

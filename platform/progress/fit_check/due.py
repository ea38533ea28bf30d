"""After which session somebody is asked: the latest that took place with a therapist, if it is one of the first four and has no answer yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from core.db import db
from progress.fit_check.models import FitCheck
from progress.fit_check.questions import QUESTIONS, SESSIONS
from therapists.models import GROUP

# What somebody remembers of a session a month later is not how it was.
ASKED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """One check that can be answered now; the therapist of the booking is loaded."""

    booking: Booking
    session_number: int

    @property
    def questions(self) -> list[dict[str, str]]:
        return [{"name": name, "text": text} for name, text in QUESTIONS.items()]


def due_checks(client_id: int, *, now: datetime) -> list[Due]:
    """At most one for each therapist, the latest session first."""
    numbered = _numbered(client_id).subquery()
    later = aliased(numbered)
    newest = ~exists().where(later.c.therapist_id == numbered.c.therapist_id, later.c.number > numbered.c.number)
    unanswered = ~exists().where(FitCheck.booking_id == numbered.c.id, FitCheck.client_id == client_id)
    wanted = (
        select(Booking, numbered.c.number)
        .join(numbered, numbered.c.id == Booking.id)
        .where(newest, unanswered, numbered.c.number <= SESSIONS, Booking.ends_at > now - ASKED_FOR)
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
        .options(joinedload(Booking.therapist))
    )
    return [Due(booking, number) for booking, number in db.session.execute(wanted)]


def _numbered(client_id: int) -> Select[int, int, int]:
    """This client's sessions that took place, counted by therapist. Groups are another thing: there the fit is not with one person."""
    number = func.row_number().over(partition_by=Booking.therapist_id, order_by=(Booking.starts_at, Booking.id))
    return (
        select(Booking.id, Booking.therapist_id, number.label("number"))
        .join(BookingParticipant, BookingParticipant.booking_id == Booking.id)
        .where(BookingParticipant.person_id == client_id, BookingParticipant.left_at.is_(None))
        .where(Booking.kind == "session", Booking.unit != GROUP, Booking.state == State.COMPLETED.value)
    )

"""What a client does about an appointment that cannot take place as it stands: they know of it, choose another time, or cancel. By link, or signed in.

Whoever holds the link of the letter sees the time and other times, and nothing else: no name, no kind.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from accounts.links import LinkUnknown
from accounts.models import Person
from booking.advance import lock_booking, participant_of
from booking.cancel import cancel_booking
from booking.disruption.links import message_behind
from booking.disruption.messages import acknowledge, message_under_lock
from booking.disruption.models import DisruptedBooking, DisruptionMessage
from booking.disruption.other_times import other_times
from booking.groups.other_session import change_session, changed_to
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant, gave_up_seat
from booking.refusals import MovedMeanwhile
from booking.reschedule import move_because_of_therapist
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Disrupted:
    """`state`: `choose` while another time can be chosen, `moved` with its new start, `cancelled`. `starts_at` is where it stood, or stands now."""

    state: str
    starts_at: datetime
    zone: str
    acknowledged: bool
    openings: Sequence[datetime]


def by_link(secret: str) -> int:
    """The message behind a link; LinkUnknown."""
    found = message_behind(secret)
    if found is None:
        raise LinkUnknown
    return found


def of_mine(booking_id: uuid.UUID, *, person_id: int) -> int:
    """The newest message to this person about this booking; NotFound."""
    wanted = (
        select(DisruptionMessage.id)
        .join(DisruptionMessage.line)
        .join(DisruptedBooking.booking)
        .where(Booking.public_id == booking_id, DisruptionMessage.person_id == person_id)
        .where(or_(Booking.participants.any(BookingParticipant.person_id == person_id), gave_up_seat(person_id)))
    )
    found = db.session.scalar(wanted.order_by(DisruptionMessage.id.desc()).limit(1))
    if found is None:
        raise NotFound
    return found


def read(message_id: int, *, now: datetime) -> Disrupted:
    """How it stands; writes nothing."""
    message = db.session.get_one(DisruptionMessage, message_id)
    line = db.session.get_one(DisruptedBooking, message.line_id)
    booking = _booking(line.booking_id)
    zone = db.session.get_one(Person, message.person_id).zone
    known = message.acknowledged_at is not None
    if booking.is_group and (booking.stands is State.CANCELLED or participant_of(booking, message.person_id) is None):
        there = changed_to(booking, message.person_id)
        return Disrupted("moved", there.starts_at, zone, known, ()) if there is not None else Disrupted("cancelled", line.starts_at, zone, known, ())
    if booking.starts_at != line.starts_at:
        return Disrupted("moved" if booking.stands is State.CONFIRMED else "cancelled", booking.starts_at, zone, known, ())
    if booking.stands is not State.CONFIRMED or line.starts_at <= now:
        return Disrupted("cancelled", line.starts_at, zone, known, ())
    return Disrupted("choose", line.starts_at, zone, known, other_times(booking, client_id=message.person_id, now=now))


def say_read(message_id: int, *, now: datetime) -> None:
    """They know."""
    message = message_under_lock(message_id)
    acknowledge(message, heard_by="read", now=now)
    close_if_settled(message.line, now=now)


def choose(message_id: int, start: datetime, *, now: datetime) -> None:
    """Move it there; of a group, only one's own seat. MovedMeanwhile when it does not stand where it stood; else refusals as in `move_because_of_therapist`
    and `change_session`.
    """
    booking, message = _both_under_lock(message_id)
    if booking.starts_at != message.line.starts_at:
        raise MovedMeanwhile
    (change_session if booking.is_group else move_because_of_therapist)(booking, start, by=message.person_id, now=now)
    acknowledge(message, heard_by="moved", now=now)
    close_if_settled(message.line, now=now)


def cancel(message_id: int, *, now: datetime) -> None:
    """Call it off, free of charge. Refusals as in `cancel_booking`, and MovedMeanwhile."""
    booking, message = _both_under_lock(message_id)
    if booking.starts_at != message.line.starts_at:
        raise MovedMeanwhile
    cancel_booking(booking.public_id, by=message.person_id, reason="time", now=now)
    acknowledge(message, heard_by="cancelled", now=now)
    close_if_settled(message.line, now=now)


def close_if_settled(line: DisruptedBooking, *, now: datetime) -> None:
    """Nothing is left to be done once it does not stand at that time any more and everybody knows. The line is locked."""
    unheard = select(DisruptionMessage.id).where(DisruptionMessage.line_id == line.id, DisruptionMessage.acknowledged_at.is_(None)).limit(1)
    where = select(Booking.state, Booking.starts_at).where(Booking.id == line.booking_id)
    state, starts_at = db.session.execute(where).one()
    if state == State.CONFIRMED and starts_at == line.starts_at:
        return
    if line.closed_at is None and db.session.execute(unheard).first() is None:
        line.closed_at = now
        db.session.flush()


def _both_under_lock(message_id: int) -> tuple[Booking, DisruptionMessage]:
    of_it = select(DisruptedBooking.booking_id).join(DisruptionMessage, DisruptionMessage.line_id == DisruptedBooking.id)
    booking = lock_booking(db.session.execute(of_it.where(DisruptionMessage.id == message_id)).scalar_one())
    return booking, message_under_lock(message_id)


def _booking(booking_id: int) -> Booking:
    wanted = select(Booking).where(Booking.id == booking_id).options(selectinload(Booking.participants))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()

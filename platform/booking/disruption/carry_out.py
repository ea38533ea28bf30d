"""What was chosen for a booking is done: under the locks of its people and of nobody else, as one job for each line.

A booking whose client shall choose another time stands where it stood until they have: nothing else can take their place before. It does not take place:
at its start, at the latest, it is called off. Whoever lets us know nothing until three hours before is reached by a person.
"""

import uuid
from datetime import datetime

from sqlalchemy import select

from accounts.people import recipient_of
from booking.advance import lock_booking
from booking.cancel_as_platform import cancel_as_platform
from booking.disruption.links import AWAY
from booking.disruption.messages import REACH_BY_PERSON, bring_to_desk, desk_due_at, tell_of_disruption
from booking.disruption.models import DisruptedBooking, DisruptionMessage
from booking.lifecycle import LIVE, State
from booking.models import Booking
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job, periodic

SWEEP_AT_ONCE = 200


@job("booking.carry_out_all")
def carry_out_all(disruption_id: int) -> None:
    """One job for each line of the list."""
    lines = select(DisruptedBooking.id).where(DisruptedBooking.disruption_id == disruption_id, DisruptedBooking.carried_out_at.is_(None))
    for line_id in db.session.scalars(lines.order_by(DisruptedBooking.starts_at, DisruptedBooking.id)):
        carry_out.enqueue(line_id=line_id)


@job("booking.carry_out")
def carry_out(line_id: int) -> None:
    """Once: call it off, or open the choice of another time; tell whoever had an appointment. What moved or ended meanwhile is left alone."""
    booking, line = _locked(line_id)
    now = now_of_transaction()
    if line.carried_out_at is not None:
        return
    line.carried_out_at = now
    if not stands(line, booking):
        line.closed_at = now
    elif line.choice == "keep":
        line.closed_at = line.seen_at and now
    elif booking.stands is not State.CONFIRMED:
        cancel_as_platform(booking, reason=AWAY, now=now)
        line.closed_at = now
    else:
        _tell_everybody(line, booking, now=now)
    db.session.flush()


@job("booking.end_disrupted")
def end_disrupted(line_id: int) -> None:
    """Its time has come, and nobody chose another one: it is called off."""
    booking, line = _locked(line_id)
    now = now_of_transaction()
    if line.closed_at is not None or line.starts_at > now:
        return
    if line.choice != "keep" and stands(line, booking):
        cancel_as_platform(booking, reason=AWAY, now=now)
    line.closed_at = now
    db.session.flush()


@periodic("*/5 * * * *", "booking.sweep_disrupted")
def sweep_disrupted() -> None:
    """Should a clock's job be lost, this one finds what it left behind."""
    now = now_of_transaction()
    waiting = select(DisruptedBooking.id).where(DisruptedBooking.closed_at.is_(None), DisruptedBooking.carried_out_at.is_(None))
    for line_id in db.session.scalars(waiting.order_by(DisruptedBooking.starts_at).limit(SWEEP_AT_ONCE)).all():
        carry_out.enqueue(line_id=line_id)
    over = select(DisruptedBooking.id).where(DisruptedBooking.closed_at.is_(None), DisruptedBooking.starts_at <= now)
    for line_id in db.session.scalars(over.order_by(DisruptedBooking.starts_at).limit(SWEEP_AT_ONCE)).all():
        end_disrupted.enqueue(line_id=line_id)
    unheard = (
        select(DisruptionMessage.id)
        .join(DisruptionMessage.line)
        .where(DisruptedBooking.closed_at.is_(None), DisruptionMessage.acknowledged_at.is_(None), DisruptionMessage.desk_at.is_(None))
        .where(DisruptedBooking.starts_at <= now + REACH_BY_PERSON)
    )
    for message_id in db.session.scalars(unheard.order_by(DisruptionMessage.id).limit(SWEEP_AT_ONCE)).all():
        bring_to_desk.enqueue(message_id=message_id)


def stands(line: DisruptedBooking, booking: Booking) -> bool:
    """Whether it is alive at the time that cannot be."""
    return booking.stands in LIVE and booking.starts_at == line.starts_at


def _tell_everybody(line: DisruptedBooking, booking: Booking, *, now: datetime) -> None:
    # The letters find their messages: these are written first.
    messages = [
        DisruptionMessage(public_id=uuid.uuid4(), line_id=line.id, person_id=participant.person_id, written_at=now) for participant in booking.participants
    ]
    db.session.add_all(messages)
    db.session.flush()
    if line.choice == "cancel_free":
        cancel_as_platform(booking, reason=AWAY, now=now)
    else:
        # Whatever they do now is free of charge, by the page of the letter or in their account.
        booking.moved_by_therapist = True
        if booking.is_group:
            booking.confirmed_at = now  # whoever joined it before has not agreed on a time that is taken back now
    for message in messages:
        if line.choice != "cancel_free":
            tell_of_disruption.enqueue(message_id=message.id)
        # Nobody but a person can tell somebody who has no address.
        due = desk_due_at(line) if recipient_of(message.person_id) is not None else now
        bring_to_desk.enqueue_at(max(now, due), message_id=message.id)
    end_disrupted.enqueue_at(line.starts_at, line_id=line.id)


def _locked(line_id: int) -> tuple[Booking, DisruptedBooking]:
    booking = lock_booking(db.session.execute(select(DisruptedBooking.booking_id).where(DisruptedBooking.id == line_id)).scalar_one())
    line = db.session.get_one(DisruptedBooking, line_id, populate_existing=True, with_for_update=True)
    return booking, line

"""What a client does on their page of appointments: other times for one of them, a move, and cancelling at the price that was shown."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.advance import booking_under_lock, participant_of
from booking.after.late_fee import late_fee_of
from booking.cancel import cancel_booking, is_late
from booking.disruption import answers
from booking.disruption.disrupted_times import off_at_present
from booking.models import Booking, has_public_id
from booking.openings.availability import next_openings, offers_of
from booking.reminders.answer import TermsChanged
from booking.reschedule import may_move, reschedule
from core.db import db
from core.errors import Forbidden, NotFound


def cancel_as_shown(public_id: uuid.UUID, *, by: int, reason: str, fee_seen: bool, now: datetime) -> Booking:
    """As by `cancel_booking`; TermsChanged when it costs something now and the client was not shown that it does. Forbidden for whoever gives it."""
    booking = _own(public_id, by)
    seat = participant_of(booking, by) if booking.is_group else None
    if not fee_seen and late_fee_of(booking) and is_late(booking, seat, now=now):
        raise TermsChanged
    return cancel_booking(public_id, by=by, reason=reason, now=now)


def other_times_for(public_id: uuid.UUID, *, by: int, now: datetime) -> tuple[Booking, Sequence[datetime]]:
    """Reads only. A few openings that it could move to, or, where it cannot take place as it stands, what is offered instead; none when it may not be moved."""
    wanted = select(Booking).where(has_public_id(public_id, person_id=by)).options(selectinload(Booking.participants))
    booking = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if booking is None or participant_of(booking, by) is None:
        raise NotFound
    if off_at_present([booking.id]):
        return booking, answers.read(answers.of_mine(public_id, person_id=by), now=now).openings
    offer = offers_of([booking.service_id]).get(booking.service_id) if may_move(booking, now=now) else None
    if offer is None:
        return booking, ()
    found = next_openings(offer, now, client_id=by, now=now, ignoring=[booking.id])
    return booking, [start for start in found if start != booking.starts_at]


def move_as_shown(public_id: uuid.UUID, start: datetime, *, seen: datetime, by: int, now: datetime) -> None:
    """As by `reschedule`, from the start that was shown; where it cannot take place as it stands, free of charge, as by `answers.choose`."""
    booking = _own(public_id, by)
    if off_at_present([booking.id]):
        answers.choose(answers.of_mine(public_id, person_id=by), start, now=now)
    else:
        reschedule(public_id, start, by=by, seen=seen, now=now)


def _own(public_id: uuid.UUID, person_id: int) -> Booking:
    booking = booking_under_lock(public_id, person_id=person_id)
    if participant_of(booking, person_id) is None:
        raise Forbidden
    return booking

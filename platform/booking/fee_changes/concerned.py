"""Which booked dates another fee concerns: those after it at the old fee that are not paid. What is paid, also in part by a gift
code, or has another price, keeps its own.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.fee_changes.models import FeeChange
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.paying.due import PURPOSE
from core.db import db
from payments.ask import payments_of
from payments.lifecycle import PaymentState


def dates_concerned(change: FeeChange, client_id: int | None = None) -> list[Booking]:
    """Confirmed dates from the day on which it takes effect, in order; of one client, or of everybody."""
    wanted = select(Booking).where(
        Booking.service_id == change.service_id,
        Booking.state == State.CONFIRMED.value,
        Booking.starts_at >= change.takes_effect_at,
        Booking.fee_currency == change.currency,
        Booking.fee_amount == change.old_amount,
        Booking.gift_amount == 0,
        Booking.concession.is_not_distinct_from(change.concession),
    )
    if client_id is not None:
        wanted = wanted.where(Booking.participants.any(BookingParticipant.person_id == client_id))
    loaded = wanted.order_by(Booking.starts_at, Booking.id).options(selectinload(Booking.participants)).execution_options(populate_existing=True)
    found = db.session.scalars(loaded).all()
    paid = {reference for (reference, _), payment in payments_of([each.public_id for each in found], PURPOSE).items() if payment.stands is PaymentState.SETTLED}
    return [each for each in found if each.public_id not in paid]


def clients_concerned(dates: Sequence[Booking]) -> list[int]:
    """Each once, in order."""
    return sorted({participant.person_id for booking in dates for participant in booking.participants})

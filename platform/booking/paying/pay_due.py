"""What is due for an appointment that stands or is over, and was not charged to a kept card: paid by its client on the processor's page, from a link."""

import uuid
from datetime import datetime

from sqlalchemy import select

from booking.advance import booking_under_lock, participant_of
from booking.lifecycle import State
from booking.models import Booking, LateFee
from booking.paying.checkout import Begun, NothingToPay, ask_client
from booking.paying.due import PURPOSE_OF, is_by_clock, is_paid, origin_of, our_points
from core.db import db
from core.errors import NotFound
from core.money import Money, share
from payments.ask import ask_for
from payments.cards.charge import BeingPaid
from payments.cards.terms import terms_on
from payments.checkout.begin import Terms, begin_checkout, live_attempt
from payments.collection.choose import require_online
from payments.gifts.balance import kept_of_card
from payments.models import Payment


def begin_paying_due(public_id: uuid.UUID, *, by: int, now: datetime) -> Begun:
    """Begin, or go on with, the payment of a date of a series, of what others booked for them, or of the fee for cancelling late or not coming. The card of
    a series is kept anew.

    Refusals: NotFound unless they attend it, NothingToPay, BeingPaid while the kept card is charged, `payee_not_ready`.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is None:
        raise NotFound
    payment = _due(booking, by, now=now)
    known = live_attempt(payment)
    if known is not None and known.kind == "charge":
        raise BeingPaid
    saves_card = Terms(terms_on(now.date()).version) if booking.series_id is not None else None
    return Begun(begin_checkout(payment, saves_card=saves_card, now=now).id, payment.public_id, payment.asked)


def fee_due(booking: Booking) -> LateFee | None:
    """The fee that its client owes and that was kept of no payment, where a gift code does not bear all of it."""
    if not booking.is_paid_online or booking.is_group or is_paid(booking):
        return None
    owed = select(LateFee).where(LateFee.booking_id == booking.id, LateFee.person_id.is_(None), LateFee.waived_at.is_(None))
    fee = db.session.scalars(owed.execution_options(populate_existing=True)).one_or_none()
    return fee if fee is not None and fee_by_card(booking, fee).amount else None


def fee_by_card(booking: Booking, fee: LateFee) -> Money:
    """What of this fee is asked for: the rest of what is kept of the gift code that paid a part of its appointment."""
    return Money(kept_of_card(fee.amount, booking.gift_amount), fee.currency)


def ask_for_fee(booking: Booking, fee: LateFee, payer_id: int, *, now: datetime) -> Payment:
    """The one payment of this fee, locked."""
    require_online(booking.therapist_id)
    asked = fee_by_card(booking, fee)
    ours = share(asked.amount, our_points(booking.therapist_id, payer_id, origin=origin_of(booking), now=now))
    purpose = PURPOSE_OF[fee.reason]
    payee = booking.therapist_id
    return ask_for(asked, reference=booking.public_id, purpose=purpose, payer_id=payer_id, payee_id=payee, our_fee=ours, now=now)


def _due(booking: Booking, payer_id: int, *, now: datetime) -> Payment:
    is_session = booking.stands in {State.CONFIRMED, State.COMPLETED} and is_by_clock(booking)
    if is_session and not is_paid(booking):
        return ask_client(booking, payer_id, now=now)
    fee = fee_due(booking) if booking.stands in {State.CANCELLED, State.NO_SHOW} else None
    if fee is None:
        raise NothingToPay("Nothing has to be paid for this.")
    return ask_for_fee(booking, fee, payer_id, now=now)

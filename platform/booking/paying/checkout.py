"""The checkout of a hold: every rule is asked before anybody pays, and the hold lives as long as what was opened can still be paid."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.advance import booking_under_lock, participant_of
from booking.hold import renew_hold, require_confirmable
from booking.models import Booking
from booking.paying.due import PURPOSE, HeldTogether, our_fee_by_card
from core.errors import Conflict, NotFound
from core.money import Money
from payments.ask import ask_for
from payments.checkout.begin import Terms, attempts_made, begin_checkout, live_attempt
from payments.collection.choose import require_online
from payments.models import Payment

# While somebody may be typing in a card number, and for what a bank takes after that.
AFTER_CHECKOUT = timedelta(minutes=5)
# Nobody keeps a time for ever by opening one checkout after the other.
MOST_CHECKOUTS = 2


class NothingToPay(Conflict):
    code, detail = "nothing_to_pay", "Nothing has to be paid here to book this. Confirm your hold."


class TooManyCheckouts(Conflict):
    code, detail = "too_many_checkouts", "The checkout of this hold ran out twice. The time is free again once the hold ends; then book it anew."


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun: `attempt_id` is opened next, outside of this transaction."""

    attempt_id: int
    payment_id: uuid.UUID
    price: Money


@dataclass(frozen=True, slots=True)
class Checkout(Begun):
    """The same for a hold."""

    held_until: datetime


def begin_paying(public_id: uuid.UUID, *, by: int, now: datetime) -> Checkout:
    """Begin, or go on with, the one payment of a client's live hold. The price is the booking's own; nothing that was sent with the request is looked at.

    Refusals: NotFound unless they attend it, HoldExpired, BookingEnded, StepNotPossible, those of `hold.require_confirmable`, NothingToPay,
    `payee_not_ready`, NotPayable once it is paid, TooManyCheckouts.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is None:
        raise NotFound
    if booking.series_id is not None:
        raise HeldTogether
    require_confirmable(booking, by=by, now=now)
    if not booking.is_paid_online:
        raise NothingToPay
    return begin_for_hold(booking, ask_client(booking, by, now=now), now=now)


def ask_client(booking: Booking, payer_id: int, *, now: datetime) -> Payment:
    """The one payment of this booking by its client, locked. `payee_not_ready` before anything is charged, AmountNotChargeable."""
    require_online(booking.therapist_id)
    fee = our_fee_by_card(booking, payer_id, now=now)
    return ask_for(booking.by_card, reference=booking.public_id, purpose=PURPOSE, payer_id=payer_id, payee_id=booking.therapist_id, our_fee=fee, now=now)


def begin_for_hold(booking: Booking, payment: Payment, *, now: datetime, saves_card: Terms | None = None) -> Checkout:
    """The checkout of a hold, which lives as long as it. TooManyCheckouts, NotPayable."""
    if live_attempt(payment) is None and attempts_made(payment, opened=True) >= MOST_CHECKOUTS:
        raise TooManyCheckouts
    attempt = begin_checkout(payment, now=now, saves_card=saves_card)
    assert attempt.expires_at is not None
    renew_hold(booking, attempt.expires_at + AFTER_CHECKOUT, now)
    assert booking.lapses_at is not None
    return Checkout(attempt.id, payment.public_id, payment.asked, booking.lapses_at)

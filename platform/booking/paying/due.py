"""Whether a booking must be paid by card before it counts, and whether it is."""

from datetime import datetime

from sqlalchemy import select

from booking.models import ONLINE, Booking
from booking.openings.offers import Offer
from booking.paying.models import SessionCharge
from care.relation import relation_between
from core.db import db
from core.errors import Conflict
from core.money import Money, share
from payments.ask import payments_of
from payments.cards.keep import card_in_force
from payments.codes.terms import parts
from payments.codes.use import use_of
from payments.gifts.balance import share_of
from payments.gifts.redeem import use_of as use_of_gift
from payments.lifecycle import PaymentState
from payments.platform_fees import fees_on

PURPOSE = "session"
# What is paid by itself where nothing was paid from which it could be kept.
PURPOSE_OF = {"cancelled_late": "late_fee", "absent": "no_show_fee"}
FEES = tuple(PURPOSE_OF.values())
# The problem of what is to be charged to a card, and no card is kept for its therapist.
NO_CARD = "no_card"


class PaymentNeeded(Conflict):
    code = "payment_needed"
    detail = "This is paid by card first. Hold the opening, then open its checkout: POST /api/v1/holds/{id}/checkout."


class SeriesPaymentNeeded(PaymentNeeded):
    detail = "This series is paid by card, session by session. Hold it, then open its checkout: POST /api/v1/series/holds, then /series/{id}/checkout."


class HeldTogether(Conflict):
    code, detail = "held_together", "These dates were held together, and are booked, paid or given back together: see /api/v1/series."


class CannotBePaid(Conflict):
    code, detail = "payee_not_ready", "This therapist cannot take payments at the moment, so nothing that costs something can be booked. Nothing was charged."


class PaidMeanwhile(Conflict):
    code, detail = "paid_meanwhile", "Your payment has arrived, and the appointment is being booked. You can cancel it once it is."


class NotPaidHere(Conflict):
    code, detail = "not_paid_here", "This therapist sends invoices of their own, so codes and packs are not used here."


class GroupNotPaidHere(Conflict):
    code, detail = "group_not_paid_here", "Seats in this group are not paid by card yet, and its therapist collects no other way. Ask them directly."


def require_way_to_pay(offer: Offer, *, held: bool) -> None:
    """Before anything is written of what costs something: CannotBePaid where there is no way to pay at all, PaymentNeeded for what is paid by card and would
    count without being held and paid first.
    """
    if offer.fee_amount == 0:
        return
    if offer.collects is None:
        raise CannotBePaid
    if offer.collects == ONLINE and not held:
        raise GroupNotPaidHere if offer.seats is not None else PaymentNeeded


def require_paid(booking: Booking) -> None:
    """PaymentNeeded for a hold that is paid by card and is not paid yet."""
    if booking.is_paid_online and not is_paid(booking):
        raise PaymentNeeded


def require_series_paid(booking: Booking, payer_id: int) -> None:
    """SeriesPaymentNeeded for dates of a series that are paid by card, unless one of them is paid, or a card of this payer is kept for the therapist."""
    dates = db.session.scalars(select(Booking).where(Booking.series_id == booking.series_id)).all()
    if not any(each.is_paid_online for each in dates) or card_in_force(payer_id, booking.therapist_id) is not None:
        return
    payments = payments_of([each.public_id for each in dates], PURPOSE).values()
    if not any(payment.stands is PaymentState.SETTLED and payment.refundable > 0 for payment in payments):
        raise SeriesPaymentNeeded


def is_by_clock(booking: Booking) -> bool:
    """Whether it is confirmed without being paid, and paid by the clock of `charge_clock`: a date of a series, or what others booked for its client."""
    return booking.is_paid_online and (booking.series_id is not None or db.session.get(SessionCharge, booking.id) is not None)


def payer_of(booking: Booking) -> int:
    """Who pays for it: whoever of its clients let a card be kept for its therapist, else whoever booked it."""
    clients = [each.person_id for each in booking.participants]
    with_card = next((each for each in clients if card_in_force(each, booking.therapist_id) is not None), None)
    return with_card or (booking.booked_by if booking.booked_by in clients else clients[0])


def origin_of(booking: Booking) -> str:
    """How its client found the therapist, as it was said when it was booked."""
    return booking.origin or "directory"


def our_points(therapist_id: int, client_id: int, *, origin: str, now: datetime) -> int:
    """Our part in hundredths of a percent, by how the client came to the therapist: as their relation has it, or as is said now (`origin`) where there is none
    yet. Published (`payments.platform_fees`).
    """
    relation = relation_between(therapist_id, client_id)
    return fees_on(now.date()).points[relation.origin if relation is not None and relation.state != "ended" else origin]


def our_fee_by_card(booking: Booking, client_id: int, *, now: datetime) -> int:
    """Our part of what a card pays of it; with that of a gift code (`our_fee_by_gift`) it adds up to `our_fee`, to the unit."""
    whole = our_fee(booking, client_id, now=now)
    return whole - share_of(whole, booking.gift_amount, booking.fee_amount)


def our_fee_by_gift(booking: Booking, client_id: int, kept: int, *, now: datetime) -> int:
    """Our part of `kept` minor units that a gift code pays of it."""
    return share_of(our_fee(booking, client_id, now=now), kept, booking.fee_amount)


def our_fee(booking: Booking, client_id: int, *, now: datetime) -> int:
    """What we keep of its price, in minor units. Where a code of ours took something off, that comes out of our part first, which may then be less than
    nothing.
    """
    points = our_points(booking.therapist_id, client_id, origin=origin_of(booking), now=now)
    use = use_of(booking.public_id)
    if use is None:
        return share(booking.fee_amount, points)
    return parts(Money(use.price_amount, use.currency), use.off_amount, points, use.borne_by)[1]


def is_at_bank(booking: Booking) -> bool:
    """Whether a bank is still at it, so that it may be paid in a moment."""
    return any(payment.stands is PaymentState.PROCESSING for payment in payments_of([booking.public_id], PURPOSE).values())


def is_paid(booking: Booking) -> bool:
    """Whether the money for it is with us: what a card pays of it or, where a gift code paid all of it, what that did."""
    use = use_of_gift(booking.public_id) if booking.gift_amount else None
    if use is not None and booking.gift_amount == booking.fee_amount and (use.state == "consumed" or use.amount == booking.fee_amount):
        return True
    payments = payments_of([booking.public_id], PURPOSE).values()
    return any(payment.stands is PaymentState.SETTLED and payment.refundable > 0 for payment in payments)

"""When a booking's therapist has earned what was paid for it, and what keeps it from being paid out. Connected by the assembly."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.advance import client_ids_of
from booking.freed import Freed
from booking.lifecycle import State
from booking.models import INVOICES, ONLINE, Booking
from booking.paying.due import FEES, PURPOSE, our_fee, our_fee_by_gift
from booking.paying.give_back import is_clients_loss, kept_of
from core.db import db
from core.money import Money
from desk.cases import open_case_about
from payments.gifts.redeem import consume_gift
from payments.gifts.redeem import use_of as use_of_gift
from payments.ledger.books import book_borne, book_invoicing_fee
from payments.packs.take import consume_session
from payments.payouts.earn import earn, earn_borne

COMPLAINT = "complaint"
# Payments whose parts are earned by what takes place.
FOR_BOOKINGS = frozenset({PURPOSE, "pack", "gift", *FEES})


def hear_ended(freed: Sequence[Freed], now: datetime) -> None:
    """Bookings have just taken a step. Earned is what took place, and the fee that stays for a late cancellation or for not coming."""
    for booking, _ in freed:
        _hear_ended(booking, now=now)


def _hear_ended(booking: Booking, *, now: datetime) -> None:
    took_place = booking.stands is State.COMPLETED
    if took_place or (booking.stands in {State.CANCELLED, State.NO_SHOW} and is_clients_loss(booking)):
        by_pack = consume_session(booking.public_id, took_place_at=booking.ends_at, now=now)
        if by_pack is not None:
            return
        _consume_gift(booking, now=now)
    if booking.is_paid_online and (took_place or (booking.stands in {State.CANCELLED, State.NO_SHOW} and kept_of(booking))):
        earn(booking.public_id, PURPOSE, took_place_at=booking.ends_at, now=now)
    elif took_place and booking.collects == INVOICES:
        _owe_our_fee(booking, now=now)
    elif took_place and booking.collects == ONLINE and not booking.fee_amount:
        _bear_all_of_it(booking, now=now)


def earn_late(booking: Booking, *, now: datetime) -> None:
    """It was paid after it was over: earned now."""
    if booking.is_paid_online and (booking.stands is State.COMPLETED or (booking.stands is State.NO_SHOW and kept_of(booking))):
        earn(booking.public_id, PURPOSE, took_place_at=booking.ends_at, now=now)


def what_holds_back(reference: uuid.UUID, purpose: str) -> str | None:
    """Never while it is not known how it went, while that is contested, or while a complaint about it is open."""
    if purpose not in FOR_BOOKINGS:
        return None
    state = db.session.execute(select(Booking.state).where(Booking.public_id == reference)).scalar_one_or_none()
    if state in {None, State.CONFIRMED.value, State.REQUESTED.value, State.HELD.value}:
        return "attendance_unknown"
    return "complaint" if open_case_about(COMPLAINT, ("booking", str(reference))) is not None else None


def _consume_gift(booking: Booking, *, now: datetime) -> None:
    """What a gift code paid of it, or the part that stays, is its therapist's now."""
    use = use_of_gift(booking.public_id) if booking.gift_amount else None
    if use is not None:
        ours = our_fee_by_gift(booking, booking.booked_by, use.amount, now=now)
        consume_gift(booking.public_id, ours, payee_id=booking.therapist_id, took_place_at=booking.ends_at, now=now)


def _owe_our_fee(booking: Booking, *, now: datetime) -> None:
    """A therapist who sends invoices owes us our published fee for it: once for the appointment, in a group for each seat."""
    payers = client_ids_of(booking) if booking.is_group else client_ids_of(booking)[:1]
    for client_id in payers:
        fee = Money(our_fee(booking, client_id, now=now), booking.fee_currency)
        book_invoicing_fee(booking.therapist_id, fee, f"booking:{booking.id}:{client_id}", reference=booking.public_id, now=now)


def _bear_all_of_it(booking: Booking, *, now: datetime) -> None:
    """Nobody paid, because a code of ours took everything off: what we owe its therapist for it is in the books, and is paid out like what was paid."""
    ours = -our_fee(booking, booking.booked_by, now=now)
    if ours > 0:
        part = Money(ours, booking.fee_currency)
        book_borne(booking.therapist_id, part, f"booking:{booking.id}", reference=booking.public_id, now=now)
        earn_borne(booking.therapist_id, booking.public_id, part, took_place_at=booking.ends_at, now=now)

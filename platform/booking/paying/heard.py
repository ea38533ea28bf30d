"""What settled or abandoned money makes of a booking. Connected to `payments.news` by the assembly.

Money for a live hold confirms it, or makes it a request where its service says so. Money that comes late books the time again if it is still free; otherwise
it all goes back, as it does for a booking that is over. The locks of a booking's people are taken here, before any of a payment.
"""

from datetime import datetime

from sqlalchemy import select

from booking.advance import lock_booking
from booking.expire import expire_all
from booking.hold import confirm_hold
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.book_again import LAPSED, book_again
from booking.paying.charge_session import note_failed, note_paid
from booking.paying.due import PURPOSE, is_by_clock
from booking.paying.earned import earn_late
from booking.paying.give_back import card_keeps, give_back_taken
from booking.proposals.answer import accept_paid as accept_paid_proposal
from booking.series.hold import confirm_held, end_held, still_held
from booking.waitlist.answer_offer import accept_paid as accept_paid_offer
from core.db import db, savepoint
from core.errors import DomainError
from payments.give_up import GivenUp, give_up
from payments.news import GiveBack, Kept, PaymentNews, Verdict
from payments.refunds.request import give_back_all_but

LATE, NOT_POSSIBLE, OVER, UNPAID = "late", "not_possible", "cancelled", "unpaid"
STANDS = frozenset({State.REQUESTED, State.CONFIRMED, State.COMPLETED, State.NO_SHOW})


def hear_of_payment(news: PaymentNews, now: datetime) -> Verdict:
    """Whether the booking that was paid for stands. Hearing it again gives the same answer."""
    found = db.session.execute(select(Booking.id).where(Booking.public_id == news.reference)).scalar_one_or_none()
    if found is None:
        return GiveBack(OVER)
    booking = lock_booking(found)
    if booking.lapses_at is not None and booking.stands is State.HELD:
        expire_all([booking] if booking.series_id is None else still_held(booking.series_id), now=now)
    verdict = _unpaid(booking, news.problem, now=now) if news.paid is None else _paid(booking, news, now=now)
    if isinstance(verdict, GiveBack):
        give_back_taken(booking, now=now)
    return verdict


def _paid(booking: Booking, news: PaymentNews, *, now: datetime) -> Verdict:
    if booking.stands is State.NO_SHOW:
        give_back_all_but(card_keeps(booking), reference=booking.public_id, purpose=PURPOSE, reason="not_held", by=None, now=now)
    if booking.stands in STANDS:
        note_paid(booking, now=now)
        earn_late(booking, now=now)
        return Kept()
    if booking.stands is State.HELD:
        return _confirm(booking, news, now=now)
    if booking.stands in LAPSED and booking.confirmed_at is None:
        try:
            with savepoint():
                return Kept(book_again(booking, news.payer_id, now=now).public_id)
        except DomainError:
            return GiveBack(LATE)
    return GiveBack(LATE if booking.stands in LAPSED else OVER)


def _confirm(booking: Booking, news: PaymentNews, *, now: datetime) -> Verdict:
    try:
        with savepoint():
            if booking.held_for == "offer":
                accept_paid_offer(booking, now=now)
            elif booking.held_for == "proposal":
                accept_paid_proposal(booking, now=now)
            elif booking.series_id is not None:
                confirm_held(still_held(booking.series_id), by=news.payer_id, now=now)
            else:
                confirm_hold(booking, by=news.payer_id, now=now)
    except DomainError:
        db.session.refresh(booking)
        _release(lock_booking(booking.id), reason=NOT_POSSIBLE, now=now)
        return GiveBack(NOT_POSSIBLE)
    note_paid(booking, now=now)
    return Kept()


def _unpaid(booking: Booking, problem: str | None, *, now: datetime) -> Verdict:
    """The checkout was closed without money: the payment ends, and a client's own hold gives its time back. A kept card could not be charged: that is told."""
    if booking.stands is State.CONFIRMED and is_by_clock(booking):
        note_failed(booking, problem, now=now)
    if booking.stands in STANDS:
        return Kept()
    is_over = give_up(booking.public_id, PURPOSE, reason=UNPAID, now=now) is GivenUp.NOTHING_OPEN
    if is_over and booking.stands in LAPSED:
        give_back_taken(booking, now=now)
    if is_over and booking.stands is State.HELD and booking.held_for == "booking":
        _release(booking, reason=UNPAID, now=now)
    return Kept()


def _release(booking: Booking, *, reason: str, now: datetime) -> None:
    """Its time is free again, and that of every date that was held with it."""
    held = [booking] if booking.series_id is None else still_held(booking.series_id)
    end_held(held, State.RELEASED, by=None, reason=reason, now=now)

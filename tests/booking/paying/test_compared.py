"""R48 with real bookings: what stands for money is asked of them, and a clean practice has no difference."""

import uuid

import pytest
from sqlalchemy import select, text, update

from booking.models import Booking, LateFee
from booking.paying.stands import what_fees_stay
from core.db import db, transaction
from payments.models import Payment
from payments.reconciler.ask import ask_for_comparison
from payments.reconciler.models import Difference
from tests.booking.conftest import MONDAY_NINE
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_paid_out import SESSION, pass_days, payee
from tests.booking.practice import utc

__all__ = ["payee"]


def compare(till: Till) -> list[tuple[str, str]]:
    """What differs now."""
    till.clock.advance(hours=1)
    with transaction():
        ask_for_comparison(by=None, now=till.clock.now())
    till.work()
    with transaction():
        return [(each.kind, each.name) for each in db.session.scalars(select(Difference).where(Difference.state == "open").order_by(Difference.id))]


def payment_of(booking: str) -> Payment:
    with transaction():
        return db.session.scalars(select(Payment).where(Payment.reference == uuid.UUID(booking)).execution_options(populate_existing=True)).one()


def test_R48_a_practice_that_books_cancels_and_is_paid_out_has_no_difference(payee: Till) -> None:
    payee.terms(cancel_free_hours=168, late_fee_percent=50)
    held, late = payee.paid_booking(f"{SESSION}:00Z"), payee.paid_booking("2026-11-23T11:00:00Z")
    payee.hold("2026-11-23T13:00:00Z")
    payee.at(payee.clock.now(), hours=1)
    cancel(payee, late)
    payee.news()
    payee.at(utc(SESSION))
    assert compare(payee) == []
    pass_days(payee, 6)
    assert compare(payee) == []
    payee.at(payee.clock.now())
    assert payee.state(held) == "completed"


def test_R48_money_whose_booking_was_released_is_found(till: Till) -> None:
    booking = till.paid_booking()
    with transaction():
        db.session.execute(text("UPDATE claims SET blocks = false"))
        db.session.execute(update(Booking).values(state="cancelled"))
    assert compare(till) == [("paid_for_nothing", str(payment_of(booking).public_id))]
    assert compare(till) == [("paid_for_nothing", str(payment_of(booking).public_id))]


def test_R48_a_booking_that_stands_without_its_money_is_found(till: Till) -> None:
    booking = till.hold(MONDAY_NINE)
    till.open(booking)
    with transaction():
        db.session.execute(update(Booking).values(state="confirmed", lapses_at=None, confirmed_at=till.clock.now()))
    till.minutes(40)
    assert payment_of(booking).captured_amount == 0
    with transaction():
        db.session.execute(update(Payment).values(state="ended", end_reason="unpaid"))
    assert compare(till) == [("stands_unpaid", booking)]


@pytest.mark.parametrize("kind", ["cancelled_late", "absent"])
def test_R48_what_stays_of_a_fee_is_what_is_owed(till: Till, kind: str) -> None:
    booking = till.paid_booking()
    with transaction():
        row = db.session.scalars(select(Booking).where(Booking.public_id == uuid.UUID(booking))).one()
        fee = LateFee(public_id=uuid.uuid4(), booking_id=row.id, reason=kind, amount=3000, currency="GBP", at=till.clock.now())
        db.session.add(fee)
        db.session.flush()
        assert what_fees_stay([row.public_id, uuid.uuid4()]) == {row.public_id: 3000}
        fee.waived_by, fee.waived_at = till.practice.therapist_id, till.clock.now()
        db.session.flush()
        assert what_fees_stay([row.public_id]) == {}

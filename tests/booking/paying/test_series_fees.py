"""What cancelling a date of a series late, or not coming, costs: kept of what was charged, or charged to the same card a day later."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from core import jobs
from core.db import db, transaction
from payments.ledger.post import booked_balances
from payments.models import PaymentAttempt
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_compared import compare
from tests.booking.paying.test_gifts import gift
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_price import chosen
from tests.booking.paying.weekly import DECLINED_LATER, PRICE, WEEKS, booked, charged_for, check_out, go_to, hold, letters, make_unpaid
from tests.booking.practice import utc
from tests.factories.desk import a_case


def test_a_date_that_is_cancelled_in_time_is_never_charged(weekly: Till) -> None:
    dates = booked(weekly)
    cancel(weekly, dates[1])
    go_to(weekly, 1, hours_before=47)
    assert (weekly.charged(), charged_for(weekly, dates[1])) == (PRICE, ("cancelled", 0))


def test_a_fee_for_cancelling_late_is_kept_of_what_was_charged(weekly: Till) -> None:
    dates = booked(weekly)
    go_to(weekly, 1, hours_before=30)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-20)
    cancel(weekly, dates[1])
    assert (weekly.returned(), weekly.charged()) == ([(3000, "cancelled", "succeeded")], PRICE + 3000)


FEE_TOLD = "What your cancelled appointment costs"


def a_late_cancellation_before_it_was_charged(weekly: Till) -> str:
    """Its terms ask for more than two days' notice, so it is late to cancel before it is charged."""
    weekly.terms(cancel_free_hours=96)
    dates = booked(weekly)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-72)
    cancel(weekly, dates[1])
    return dates[1]


def test_a_fee_that_could_not_be_kept_is_charged_to_the_same_card_a_day_later(weekly: Till) -> None:
    booking = a_late_cancellation_before_it_was_charged(weekly)
    assert (weekly.charged(), len(letters(weekly, FEE_TOLD))) == (PRICE, 1)
    weekly.clock.advance(hours=23)
    weekly.work()
    assert weekly.charged() == PRICE
    weekly.clock.advance(hours=1)
    weekly.work()
    weekly.news()
    assert weekly.charged() == PRICE + 3000
    with transaction():
        assert sum(booked_balances().values()) == 0
        assert [each.amount for each in weekly_payouts()] == [None], "the therapist has earned it"
    weekly.at(utc(f"{WEEKS[1]}T09:00"))
    assert weekly.practice.therapist.post(f"/api/v1/bookings/{booking}/waive-fee").status_code == 200
    weekly.work()
    assert (weekly.returned(), weekly.charged()) == ([(3000, "waived", "succeeded")], PRICE)


@pytest.mark.parametrize(("percent", "due"), [(80, 800), (50, 0)], ids=["more than the code paid", "less"])
def test_what_a_gift_code_paid_of_a_date_is_not_charged_again_and_the_rest_of_its_fee_is(weekly: Till, percent: int, due: int) -> None:
    weekly.terms(cancel_free_hours=96, late_fee_percent=percent)
    _, code, _ = gift(weekly, 4000)
    series = hold(weekly, 2)
    second = str(series["dates"][1]["id"])
    assert chosen(weekly, second, gift=code)["to_pay"]["amount"] == 2000
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.news()
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-72)
    cancel(weekly, second)
    asked = weekly.practice.client.get(f"/api/v1/holds/{second}/price").get_json()["due"]
    assert (asked["amount"] if asked else 0) == due
    assert [f"GBP {due / 100:.2f}" in letter for letter in letters(weekly, FEE_TOLD)] == [True] * bool(due)
    weekly.clock.advance(hours=24)
    weekly.work()
    weekly.news()
    assert weekly.charged() == 4000 + PRICE + due
    with transaction():
        assert sum(booked_balances().values()) == 0
    assert compare(weekly) == []


def weekly_payouts() -> Sequence[Any]:
    return db.session.execute(db.text("SELECT amount FROM payouts")).all()


@pytest.mark.parametrize("why", ["waived", "complaint"])
def test_a_fee_is_not_charged_when_it_is_waived_or_while_it_is_contested(weekly: Till, why: str) -> None:
    booking = a_late_cancellation_before_it_was_charged(weekly)
    if why == "waived":
        assert weekly.practice.therapist.post(f"/api/v1/bookings/{booking}/waive-fee").status_code == 200
    else:
        with transaction():
            a_case("complaint", subject=("booking", booking))
    weekly.clock.advance(hours=25)
    weekly.work()
    assert weekly.charged() == PRICE
    if why == "complaint":
        with transaction():
            db.session.execute(db.text("UPDATE cases SET state = 'closed', closed_at = now(), outcome = 'resolved' WHERE kind = 'complaint'"))
        weekly.clock.advance(hours=25)
        weekly.work()
        weekly.news()
        assert weekly.charged() == PRICE + 3000


@pytest.mark.parametrize("card", ["declined", "taken away"])
def test_a_fee_that_stays_unpaid_is_tried_once_more_and_then_somebodys_case(weekly: Till, card: str) -> None:
    weekly.terms(cancel_free_hours=96)
    dates = booked(weekly, DECLINED_LATER)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-72)
    cancel(weekly, dates[1])
    if card == "taken away":
        (kept,) = weekly.practice.client.get("/api/v1/cards").get_json()["items"]
        weekly.practice.client.delete(f"/api/v1/cards/{kept['id']}")
    tries = []
    for _ in range(9):
        weekly.clock.advance(days=1)
        jobs.registry["booking.look_at_unpaid_fees"].run()
        weekly.work()
        weekly.news()
        with transaction():
            tries.append(db.session.scalars(select(func.count(PaymentAttempt.id)).where(PaymentAttempt.kind == "charge")).one())
    assert tries == ([1, 1, 1, 2, 2, 2, 2, 2, 2] if card == "declined" else [0] * 9)
    assert weekly.cases() == ["booking:fee_unpaid"]
    with transaction():
        db.session.execute(db.text("UPDATE cases SET state = 'closed', closed_at = now(), outcome = 'done'"))
    weekly.clock.advance(days=1)
    jobs.registry["booking.look_at_unpaid_fees"].run()
    weekly.work()
    assert (weekly.cases(), weekly.charged()) == ([], PRICE), "what somebody has closed stays closed"


def test_a_fee_that_is_declined_can_be_paid_by_its_link(weekly: Till) -> None:
    weekly.terms(cancel_free_hours=96)
    dates = booked(weekly, DECLINED_LATER)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-72)
    cancel(weekly, dates[1])
    weekly.clock.advance(hours=24)
    weekly.work()
    weekly.news()
    assert (len(letters(weekly, "A fee is not paid yet")), weekly.charged()) == (1, PRICE)
    weekly.at(utc(f"{WEEKS[1]}T09:00"))
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    assert page["price"]["amount"] == 3000
    weekly.pay(page["payment_id"])
    weekly.news()
    assert weekly.charged() == PRICE + 3000


def test_who_does_not_come_to_a_kept_unpaid_date_owes_the_fee_and_not_before_it_is_final(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/unpaid", json={"decision": "keep"})
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=1)
    assert weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/outcome", json={"outcome": "client_absent"}).status_code == 200
    weekly.clock.advance(hours=48)
    weekly.work()
    assert len(letters(weekly, FEE_TOLD)) == 0, "it can still be contested"
    weekly.clock.advance(hours=48)
    jobs.registry["booking.sweep_over"].run()
    weekly.work()
    weekly.clock.advance(hours=25)
    weekly.work()
    weekly.news()
    assert (len(letters(weekly, FEE_TOLD)), len(letters(weekly, "A fee is not paid yet"))) == (1, 1)
    purposes = [(payment.purpose, payment.amount, payment.state) for payment in weekly.payments()]
    assert ("no_show_fee", 3000, "open") in purposes

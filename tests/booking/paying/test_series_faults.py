"""Charges of a series when something fails: lost answers, workers that die or come twice, and nothing that is left to explain."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from booking.models import Booking
from booking.paying.charge_session import take_step
from booking.paying.models import SessionCharge
from core import jobs
from core.db import db, transaction
from payments.cards import charge_calls
from payments.models import Payment, PaymentAttempt
from payments.processor_failures import CardDeclined, ProcessorUnavailable
from tests.booking.paying.conftest import GOOD, Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_packs import buy, on_sale
from tests.booking.paying.test_price import a_code, chosen
from tests.booking.paying.weekly import (
    DECLINED_LATER,
    NINE,
    NOT_PAID,
    PRICE,
    WEEKS,
    booked,
    charged_for,
    go_to,
    letters,
    sweep,
)
from tests.booking.practice import signed_in, utc


def test_nobody_is_charged_while_they_are_at_a_checkout(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    go_to(weekly, 1, hours_before=48)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-24.2)
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    go_to(weekly, 1, hours_before=24)
    assert len([each for each in weekly.sandbox.world.each("payment_intent") if each["status"] != "succeeded"]) == 1
    weekly.pay(page["payment_id"])
    weekly.news()
    sweep(weekly)
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)


def test_R23_a_lost_answer_charges_once(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.faults.add(how="lost", method="POST", path="/v1/payment_intents")
    weekly.sandbox.faults.add(how="500", times=9, method="POST", path="/v1/payment_intents")
    go_to(weekly, 1, hours_before=48)
    assert charged_for(weekly, dates[1])[0] in ("trying", "paid")
    weekly.sandbox.faults.clear()
    weekly.minutes(5)
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)


def test_R23_an_answer_that_was_lost_for_days_is_looked_up_and_not_sent_again(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.set_webhooks(drop=1.0)
    weekly.sandbox.faults.add(how="lost", method="POST", path="/v1/payment_intents")
    weekly.sandbox.faults.add(how="500", times=99, method="POST", path="/v1/payment_intents")
    go_to(weekly, 1, hours_before=48)
    weekly.clock.advance(hours=25)
    weekly.sandbox.faults.clear()
    weekly.minutes(4)
    sweep(weekly)
    weekly.practice.client = signed_in(weekly.practice.new_browser, weekly.practice.client_id)
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)


def test_R23_a_failure_that_the_processor_keeps_delays_a_charge_by_minutes_and_charges_once(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.faults.add(how="500_kept", method="POST", path="/v1/payment_intents")
    go_to(weekly, 1, hours_before=48)
    weekly.minutes(10)
    assert (charged_for(weekly, dates[1])[0], weekly.charged()) == ("trying", PRICE)
    weekly.minutes(5)
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)


def test_a_date_whose_charge_was_begun_and_that_is_cancelled_is_not_charged(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.faults.add(how="500", times=99, method="POST", path="/v1/payment_intents")
    go_to(weekly, 1, hours_before=48)
    cancel(weekly, dates[1])
    weekly.sandbox.faults.clear()
    weekly.minutes(8)
    assert weekly.charged() == PRICE
    with transaction():
        assert db.session.scalars(select(SessionCharge.state)).all() != ["paid"]


@pytest.mark.parametrize("effect", ["paid", "declined", "answer lost", "never arrives"])
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_a_date_that_is_cancelled_while_its_charge_is_on_its_way_costs_what_its_terms_say_and_nothing_beside_it(
    weekly: Till, effect: str, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly.terms(cancel_free_hours=96 if late else 24)
    dates, real, cancelled = booked(weekly, DECLINED_LATER if effect == "declined" else GOOD), charge_calls.processor, []

    def slow(**call: Any) -> Any:
        """The call has left; its client cancels, and the job that closes it runs before it arrives."""
        if not cancelled:
            cancelled.append(True)
            cancel(weekly, dates[1])
            if effect == "never arrives":
                raise ProcessorUnavailable("no_answer", maybe_done=True)
        charged = real.charge_saved_card(**call)
        if effect == "answer lost":
            raise ProcessorUnavailable("no_answer", maybe_done=True)
        return charged

    monkeypatch.setattr(charge_calls, "processor", SimpleNamespace(**{**vars(real), "charge_saved_card": slow}))
    weekly.sandbox.set_webhooks(drop=1.0)
    go_to(weekly, 1, hours_before=47)
    assert cancelled
    weekly.minutes(4)
    assert (weekly.charged(), weekly.cases()) == (PRICE, [])
    with transaction():
        assert db.session.scalars(select(PaymentAttempt.state).where(PaymentAttempt.kind == "charge")).all() == [
            "succeeded" if effect in ("paid", "answer lost") else "closed"
        ]
        assert db.session.scalars(select(Payment.state).order_by(Payment.id)).all()[1:] == ["settled" if effect in ("paid", "answer lost") else "ended"]
    weekly.clock.advance(hours=25)
    weekly.work()
    weekly.minutes(5)
    assert weekly.charged() == PRICE + (PRICE // 2 if late and effect != "declined" else 0)


def test_a_charge_that_arrives_long_after_it_was_closed_is_somebodys_case(weekly: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    dates, real, cancelled = booked(weekly), charge_calls.processor, []

    def stuck(**call: Any) -> Any:
        if not cancelled:
            cancelled.append(True)
            cancel(weekly, dates[1])
            weekly.minutes(5)
        return real.charge_saved_card(**call)

    monkeypatch.setattr(charge_calls, "processor", SimpleNamespace(**{**vars(real), "charge_saved_card": stuck}))
    go_to(weekly, 1, hours_before=48)
    assert (weekly.charged(), weekly.cases()) == (2 * PRICE, ["payment_intent:unexpected_money"])


def test_money_that_only_a_webhook_tells_of_after_its_charge_was_closed_is_somebodys_case(weekly: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    dates, real, cancelled = booked(weekly), charge_calls.processor, []

    def stuck(**call: Any) -> Any:
        cancelled.append(True)
        cancel(weekly, dates[1])
        weekly.minutes(5)
        real.charge_saved_card(**call)
        raise Killed

    monkeypatch.setattr(charge_calls, "processor", SimpleNamespace(**{**vars(real), "charge_saved_card": stuck}))
    with suppress(Killed):
        go_to(weekly, 1, hours_before=48)
    weekly.news()
    assert (len(cancelled), weekly.cases()) == (1, ["payment_intent:unexpected_money"])


class Killed(BaseException):
    """The worker is gone. Not an Exception: nothing on the way may take it for a failure."""


@pytest.mark.parametrize("point", ["before the call", "after its effect", "after a refusal", "before it is closed"])
def test_a_worker_that_dies_while_it_charges_charges_once(weekly: Till, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuses = point in {"after a refusal", "before it is closed"}
    dates, real = booked(weekly, DECLINED_LATER if refuses else GOOD), charge_calls.processor
    died = []

    def dies(call: Callable[..., Any], *, first: bool) -> Callable[..., Any]:
        def once(*args: Any, **kwargs: Any) -> Any:
            if died:
                return call(*args, **kwargs)
            died.append(True)
            if not first:
                with suppress(CardDeclined):
                    call(*args, **kwargs)
            raise Killed

        return once

    name = "cancel_payment_intent" if point == "before it is closed" else "charge_saved_card"
    first = point in {"before the call", "before it is closed"}
    monkeypatch.setattr(charge_calls, "processor", SimpleNamespace(**{**vars(real), name: dies(getattr(real, name), first=first)}))
    with suppress(Killed):
        go_to(weekly, 1, hours_before=48)
    assert died
    weekly.minutes(8)
    sweep(weekly)
    weekly.practice.client = signed_in(weekly.practice.new_browser, weekly.practice.client_id)
    if refuses:
        assert (charged_for(weekly, dates[1]), weekly.charged(), len(letters(weekly, NOT_PAID))) == (("waiting", 0), PRICE, 1)
        assert [each for each in weekly.sandbox.world.each("payment_intent") if each["status"] not in ("succeeded", "canceled")] == []
    else:
        assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)


def test_R48_series_packs_codes_and_fees_leave_nothing_to_explain(weekly: Till) -> None:
    """One of each, and then the comparison of the processor with the books, twice."""
    weekly.terms(cancel_free_hours=96)
    dates = booked(weekly)
    by_code = weekly.hold("2026-11-24" + NINE)
    chosen(weekly, by_code, code=a_code(weekly, points=5000))
    weekly.pay(weekly.open(by_code))
    weekly.news()
    buy(weekly, on_sale(weekly))
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-72)
    cancel(weekly, dates[1])
    for hours in (40, 20):
        go_to(weekly, 1, hours_before=hours)
    go_to(weekly, 2, hours_before=40)
    weekly.clock.advance(hours=1)
    for _ in range(2):
        jobs.registry["payments.compare_nightly"].run()
        weekly.work()
        with transaction():
            assert db.session.execute(db.text("SELECT kind, name FROM payment_differences")).all() == []
    with transaction():
        assert len(db.session.execute(db.text("SELECT id FROM payment_comparisons WHERE done_at IS NOT NULL")).all()) == 2
    assert weekly.charged() == 2 * PRICE + PRICE // 2 + 10_000 + 3000


def test_two_workers_at_one_date_send_one_charge(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=-48)
    with transaction():
        booking_id = db.session.scalars(select(Booking.id).where(Booking.public_id == uuid.UUID(dates[1]))).one()
    steps = []
    for _ in range(2):
        with transaction():
            steps.append(take_step(booking_id, now=weekly.clock.now()))
    attempt_id, second = steps
    assert attempt_id is not None
    assert second is None, "the other one finds that it is being tried"
    calls = []
    for _ in range(2):  # the poller may send the same attempt at the same moment
        with transaction():
            calls.append(charge_calls._begin(attempt_id, now=weekly.clock.now()))
    assert [call.turn.key for call in calls if call is not None and call.turn.step == "call"] == [weekly.payments()[1].attempts[0].key] * 2
    for _ in range(2):
        charge_calls.send_charge(attempt_id)
    weekly.news()
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)

"""What goes back when a paid booking ends: by its terms, by who ended it, never twice, never what a bank disputes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core import jobs
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import states
from tests.booking.paying.conftest import Till
from tests.booking.practice import utc
from tests.browser import Browser

THURSDAY = "2026-11-26T09:00:00Z"


def cancel(till: Till, booking: str, *, by: Browser | None = None, reason: str = "time") -> dict[str, Any]:
    answer = (by or till.practice.client).post(f"/api/v1/bookings/{booking}/cancel", json={"reason": reason})
    assert answer.status_code == 200, answer.text
    till.work()
    return dict(answer.get_json())


@pytest.mark.parametrize(("hours", "back"), [(25, 6000), (23, 3000)])
def test_R39_in_time_everything_late_everything_but_the_fee(till: Till, clock: FixedClock, hours: int, back: int) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking(THURSDAY)
    till.at(utc("2026-11-26T09:00"), hours=-hours)
    assert cancel(till, booking)["payment"]["returned"]["amount"] == back
    assert (till.returned(), till.charged()) == ([(back, "cancelled", "succeeded")], 6000 - back)
    assert till.outbox.subjects().count("Your refund is on its way") == 1


# The sessions are at 18:00 on the clock of New York, on the day on which it changes; 24 elapsed hours before it is 17:00 or 19:00 on the day before.
@pytest.mark.parametrize(
    ("session", "edge"),
    [("2027-03-14T22:00:00", "2027-03-13T22:00:00"), ("2027-11-07T23:00:00", "2027-11-06T23:00:00")],
    ids=["D22-march", "D22-november"],
)
@pytest.mark.parametrize(("before", "back"), [(1, 6000), (0, 0)], ids=["a second before", "at the edge"])
def test_D22_the_edge_is_elapsed_hours_whatever_the_clocks_do(till: Till, clock: FixedClock, session: str, edge: str, before: int, back: int) -> None:
    till.terms(late_fee_percent=100, window_days=400)
    with transaction():
        db.session.execute(db.text("UPDATE schedules SET zone = 'America/New_York'"))
        db.session.execute(db.text("UPDATE therapists SET zone = 'America/New_York'"))
        db.session.execute(db.text("UPDATE working_hours SET from_minute = 0, to_minute = 1440, weekday = 6 WHERE weekday = 0"))
    booking = till.paid_booking(session + "Z")
    assert datetime.fromisoformat(till.read(booking)["cancel_free_until"]) == utc(edge[:16])
    till.at(utc(edge[:16]), seconds=-before)
    cancel(till, booking)
    assert sum(amount for amount, _, _ in till.returned()) == back


def test_a_therapist_who_cancels_late_keeps_nothing(till: Till, clock: FixedClock) -> None:
    till.terms(late_fee_percent=100)
    booking = till.paid_booking(THURSDAY)
    till.at(utc("2026-11-26T08:00"))
    cancel(till, booking, by=till.practice.therapist, reason="unwell")
    assert (till.returned(), till.charged()) == ([(6000, "cancelled", "succeeded")], 0)


def test_D14_a_request_that_is_declined_gives_everything_back_with_the_decline(till: Till) -> None:
    booking = till.paid_booking(THURSDAY, service=till.another_service(instant=False))
    assert till.state(booking) == "requested"
    declined = till.practice.therapist.post(f"/api/v1/bookings/{booking}/decline", json={"reason": "full"}).get_json()
    assert declined["payment"]["returned"] == {"amount": 6000, "currency": "GBP"}
    till.work()
    assert (till.returned(), till.charged()) == ([(6000, "declined", "succeeded")], 0)


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_a_request_that_comes_to_nothing_gives_everything_back(till: Till, clock: FixedClock, how: str) -> None:
    booking = till.paid_booking("2026-11-27T09:00:00Z", service=till.another_service(instant=False))
    if how == "withdrawn":
        till.practice.client.post(f"/api/v1/bookings/{booking}/withdraw")
    else:
        till.at(clock.now(), hours=49)
    till.work()
    assert (till.state(booking), till.charged()) == (how, 0)


def test_a_waived_fee_goes_back(till: Till, clock: FixedClock) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking(THURSDAY)
    till.at(utc("2026-11-26T08:00"))
    cancel(till, booking)
    for _ in range(2):
        assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/waive-fee").status_code == 200
    till.work()
    assert (till.returned(), till.charged()) == ([(3000, "cancelled", "succeeded"), (3000, "waived", "succeeded")], 0)


def test_R38_moving_a_paid_booking_charges_nothing_again_and_keeps_its_price(till: Till) -> None:
    booking = till.paid_booking(THURSDAY)
    till.terms(fee_amount=9000)
    moved = till.practice.client.post(f"/api/v1/bookings/{booking}/move", json={"start": "2026-11-26T11:00:00Z", "from": THURSDAY})
    assert moved.status_code == 200, moved.text
    till.work()
    shown = till.read(booking)
    assert (shown["fee"]["amount"], shown["payment"]["words"], till.charged(), till.returned(), len(till.payments())) == (6000, "paid", 6000, [], 1)


def test_R40_who_refunds_and_who_cancels_at_once_give_back_once(till: Till, admin: Browser) -> None:
    booking = till.paid_booking(THURSDAY)
    payment = till.read(booking)["payment"]["id"]
    body = {"amount": 6000, "reason": "goodwill"}
    assert admin.post(f"/api/v1/staff/payments/{payment}/refunds", json=body).status_code == 201
    assert admin.post(f"/api/v1/staff/payments/{payment}/refunds", json=body).status_code == 409
    cancel(till, booking)
    assert (till.returned(), till.charged()) == ([(6000, "goodwill", "succeeded")], 0)


def test_R41_part_first_and_then_a_late_cancellation(till: Till, admin: Browser, clock: FixedClock) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking(THURSDAY)
    admin.post(f"/api/v1/staff/payments/{till.read(booking)['payment']['id']}/refunds", json={"amount": 1000, "reason": "goodwill"})
    till.at(utc("2026-11-26T08:00"))
    cancel(till, booking)
    assert ([amount for amount, _, _ in till.returned()], till.charged()) == ([1000, 2000], 3000)


def test_R42_a_refund_that_fails_later_is_somebodys_case_and_its_payer_hears(till: Till) -> None:
    booking = till.hold(THURSDAY)
    till.pay(till.open(booking), "4000000000007726")
    till.news()
    cancel(till, booking)
    assert till.returned() == [(6000, "cancelled", "pending")]
    refund = next(iter(till.sandbox.world.each("refund")))
    till.sandbox.refund_becomes(refund["id"], "failed")
    till.news()
    assert (till.returned(), till.cases()) == ([(6000, "cancelled", "failed")], ["refund:refund_failed"])
    assert till.outbox.subjects().count("Your refund did not arrive") == 1
    assert till.read(booking)["payment"]["returned"]["amount"] == 0


def test_R43_a_disputed_payment_is_not_given_back(till: Till) -> None:
    booking = till.paid_booking(THURSDAY)
    till.sandbox.dispute(till.payments()[0].intent)
    till.news()
    assert till.cases() == ["payment:disputed"]
    cancel(till, booking)
    assert (till.state(booking), till.returned()) == ("cancelled", [])
    assert till.cases() == ["payment:disputed", "payment:refund_of_disputed"]


def test_R43_a_dispute_that_we_have_not_heard_of_stops_a_refund_as_well(till: Till) -> None:
    booking = till.paid_booking(THURSDAY)
    till.sandbox.dispute(till.payments()[0].intent)
    cancel(till, booking)
    assert [(amount, state) for amount, _, state in till.returned()] == [(6000, "needs_person")]
    assert "refund:refund_refused" in till.cases()


def test_R45_a_refund_made_by_hand_is_recognised(till: Till) -> None:
    booking = till.paid_booking(THURSDAY)
    till.sandbox.refund_by_hand(till.payments()[0].intent, 2500)
    till.news()
    assert (till.returned(), till.cases()) == ([(2500, "external", "succeeded")], ["payment:external_refund"])
    assert till.read(booking)["payment"]["words"] == "partly_returned"
    cancel(till, booking)
    assert till.charged() == 0


def test_a_refund_waits_for_the_processor(till: Till) -> None:
    booking = till.paid_booking(THURSDAY)
    till.sandbox.faults.add(how="500", times=9)
    cancel(till, booking)
    assert till.returned() == [(6000, "cancelled", "requested")]
    till.sandbox.faults.clear()
    till.minutes(3)
    assert (till.returned(), till.charged()) == ([(6000, "cancelled", "succeeded")], 0)


def test_a_refund_whose_answer_was_lost_for_days_is_found_and_not_made_twice(till: Till, clock: FixedClock) -> None:
    booking = till.paid_booking(THURSDAY)
    till.sandbox.faults.add(how="lost", times=3, method="POST", path="/v1/refunds")
    cancel(till, booking)
    clock.advance(hours=30)
    till.sandbox.advance(0)
    till.minutes(2)
    assert (till.returned(), till.charged(), sum(1 for _ in till.sandbox.world.each("refund"))) == ([(6000, "cancelled", "succeeded")], 0, 1)


@pytest.mark.parametrize(
    ("outcome", "by", "kept"), [("client_absent", "therapist", 3000), ("therapist_absent", "client", 0), ("technical_failure", "client", 0)]
)
def test_what_did_not_take_place_gives_back_all_but_the_fee_of_an_absent_client(
    till: Till, clock: FixedClock, outcome: str, by: str, kept: int, run_jobs: Callable[[], list[str]]
) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking(THURSDAY)
    till.at(utc("2026-11-26T09:20"))
    speaker = till.practice.therapist if by == "therapist" else till.practice.client
    assert speaker.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": outcome}).status_code == 200
    assert till.returned() == [], "nothing moves while it can be contested"
    till.at(clock.now(), hours=73)
    jobs.registry["booking.sweep_over"].run()
    run_jobs()
    assert (states(), till.charged()) == (["no_show"], kept)


def test_what_took_place_is_kept(till: Till, clock: FixedClock) -> None:
    till.paid_booking(THURSDAY)
    till.at(utc("2026-11-27T10:00"))
    jobs.registry["booking.sweep_over"].run()
    till.work()
    assert (states(), till.charged(), till.returned()) == (["completed"], 6000, [])

"""Series paid session by session: the first at a checkout that keeps the card, each later one 48 hours before it, and what happens when it cannot be."""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from booking.models import Booking
from booking.paying.charge_session import take_step
from booking.paying.models import SessionCharge
from core import jobs
from core.db import db, transaction
from payments.cards import charge_calls
from payments.ledger.post import booked_balances
from payments.models import PaymentAttempt, SavedCard
from payments.processor_failures import CardDeclined
from tests.booking.conftest import overlaps, states
from tests.booking.paying.conftest import ASKS, DECLINED, GOOD, Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_packs import buy, on_sale
from tests.booking.paying.test_packs import pack as pack_of
from tests.booking.paying.test_price import a_code, chosen
from tests.booking.practice import signed_in, utc
from tests.factories.desk import a_case
from tests.fakes.outbox import text_of
from therapists.models import Concession, Service

WEEKS = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"]
NINE = "T09:00:00Z"
# Saved without a question, and declined whenever it is charged without its holder.
DECLINED_LATER = "4000000000000341"
PRICE = 6000


@pytest.fixture
def weekly(till: Till) -> Till:
    with transaction():
        db.session.execute(update(Service).values(series_most=12, late_fee_percent=50))
    return till


def body(till: Till, count: int = 4, **more: Any) -> dict[str, Any]:
    return {"service_id": till.practice.service, "start": WEEKS[0] + NINE, "count": count, **more}


def hold(till: Till, count: int = 4, **more: Any) -> dict[str, Any]:
    answer = till.practice.client.post("/api/v1/series/holds", json=body(till, count, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def check_out(till: Till, series: dict[str, Any]) -> dict[str, Any]:
    answer = till.practice.client.post(f"/api/v1/series/{series['id']}/checkout")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def booked(till: Till, card: str = GOOD, count: int = 4) -> list[str]:
    """The ids of the dates of a series whose first date was paid with this card."""
    series = hold(till, count)
    till.pay(check_out(till, series)["payment_id"], card)
    till.news()
    return [str(each["id"]) for each in series["dates"]]


def go_to(till: Till, week: int, *, hours_before: float) -> None:
    """It is so many hours before the start of that date, and the sweep has run."""
    till.at(utc(f"{WEEKS[week]}T09:00"), hours=-hours_before)
    sweep(till)


def sweep(till: Till) -> None:
    till.sandbox.advance(0)
    jobs.registry["booking.charge_due"].run()
    till.work()
    till.news()


def charged_for(till: Till, booking: str) -> tuple[str, int]:
    shown = till.read(booking)
    return shown["charge"]["state"] if shown["charge"] else shown["state"], shown["payment"]["paid"]["amount"] if shown["payment"] else 0


def letters(till: Till, subject: str) -> list[str]:
    """The texts of those that were handed over."""
    return [text_of(message) for message in till.outbox.sent if message["Subject"] == subject]


NOT_PAID, STILL_NOT, PAUSED = "Your appointment is not paid yet", "Your appointment is still not paid", "About your series of appointments"


def test_what_is_charged_and_when_is_shown_before_anything_is_booked(weekly: Till) -> None:
    preview = weekly.practice.client.get(f"/api/v1/services/{weekly.practice.service}/series", query_string={"start": WEEKS[0] + NINE, "count": 3}).get_json()
    assert [(each["charged"], each["charged_at"]) for each in preview["dates"]] == [
        ("at_checkout", None),
        ("before_it", "2026-11-28T09:00:00Z"),
        ("before_it", "2026-12-05T09:00:00Z"),
    ]
    assert "48 hours before" in " ".join(preview["card_terms"]["words"])
    page = check_out(weekly, hold(weekly, 3))
    assert (page["price"]["amount"], page["card_terms"]) == (PRICE, preview["card_terms"])
    assert [each["charged_at"] for each in page["charges"]] == [None, "2026-11-28T09:00:00Z", "2026-12-05T09:00:00Z"]


def test_what_is_paid_by_card_is_held_and_paid_before_it_is_booked(weekly: Till) -> None:
    answer = weekly.practice.client.post("/api/v1/series", json=body(weekly))
    assert (answer.status_code, answer.get_json()["code"], states()) == (409, "payment_needed", [])
    series = hold(weekly)
    first = series["dates"][0]["id"]
    for path in (f"holds/{first}/confirm", f"holds/{first}/release", f"holds/{first}/checkout"):
        refused = weekly.practice.client.post(f"/api/v1/{path}", json={} if "confirm" in path else None)
        assert refused.get_json()["code"] == "held_together", path
    refused = weekly.practice.client.post(f"/api/v1/series/{series['id']}/book")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "payment_needed")
    assert states() == ["held"] * 4
    rival = weekly.practice.another_client().post("/api/v1/holds", json={"service_id": weekly.practice.service, "start": WEEKS[2] + NINE})
    assert rival.status_code == 409


def test_the_first_is_paid_all_are_confirmed_and_the_card_is_kept(weekly: Till) -> None:
    dates = booked(weekly)
    assert (states(), weekly.charged(), overlaps()) == (["confirmed"] * 4, PRICE, 0)
    (card,) = weekly.practice.client.get("/api/v1/cards").get_json()["items"]
    assert (card["brand"], card["last_four"], card["terms"]) == ("visa", "4242", "2026-11")
    assert weekly.practice.another_client().get("/api/v1/cards").get_json() == {"items": []}
    assert [weekly.read(each)["charge"]["at"] for each in dates[1:]] == ["2026-11-28T09:00:00Z", "2026-12-05T09:00:00Z", "2026-12-12T09:00:00Z"]


def test_each_later_date_is_charged_once_48_hours_before_it(weekly: Till) -> None:
    dates = booked(weekly)
    go_to(weekly, 1, hours_before=48.1)
    assert weekly.charged() == PRICE
    go_to(weekly, 1, hours_before=48)
    for _ in range(3):
        sweep(weekly)
    assert (charged_for(weekly, dates[1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE)
    go_to(weekly, 2, hours_before=40)
    assert (charged_for(weekly, dates[2]), weekly.charged(), charged_for(weekly, dates[3])) == (("paid", PRICE), 3 * PRICE, ("waiting", 0))
    intents = [each for each in weekly.sandbox.world.each("payment_intent") if each["status"] == "succeeded"]
    assert len({each["metadata"]["reference"] for each in intents}) == 3


def test_a_reminder_says_what_is_paid_and_what_is_charged_next(weekly: Till) -> None:
    booked(weekly)
    weekly.at(utc(f"{WEEKS[0]}T09:00"), hours=-1)
    weekly.work()
    (text,) = [mail for mail in letters(weekly, "A reminder of your appointment") if "is charged to your card on" in mail]
    assert "GBP 60.00 for it is paid." in text
    assert "GBP 60.00 is charged to your card on Saturday 28 November 2026" in text


def test_a_declined_card_is_told_tried_again_and_then_its_therapist_chooses(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    go_to(weekly, 1, hours_before=48)
    assert (charged_for(weekly, dates[1]), len(letters(weekly, NOT_PAID))) == (("waiting", 0), 1)
    assert weekly.read(dates[1])["charge"]["problem"] == "generic_decline"
    for hours in (40, 30):
        go_to(weekly, 1, hours_before=hours)
    assert len(letters(weekly, NOT_PAID)) == 1, "told once for each try"
    go_to(weekly, 1, hours_before=24)
    assert len(letters(weekly, NOT_PAID)) == 2
    go_to(weekly, 1, hours_before=12.1)
    assert charged_for(weekly, dates[1]) == ("waiting", 0)
    go_to(weekly, 1, hours_before=12)
    assert charged_for(weekly, dates[1]) == ("unpaid", 0)
    assert (len(letters(weekly, STILL_NOT)), len(letters(weekly, "An appointment is not paid"))) == (1, 1)
    assert (weekly.state(dates[1]), weekly.charged()) == ("confirmed", PRICE)
    assert "decide_unpaid" in weekly.read(dates[1], by=weekly.practice.therapist)["actions"]
    live = [each for each in weekly.sandbox.world.each("payment_intent") if each["status"] not in ("succeeded", "canceled")]
    assert live == [], "nothing that was refused can be paid any more"


def make_unpaid(till: Till, week: int) -> None:
    for hours in (48, 24, 12):
        go_to(till, week, hours_before=hours)


def test_the_therapist_keeps_it_and_it_can_still_be_paid(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    path = f"/api/v1/bookings/{dates[1]}/unpaid"
    assert weekly.practice.client.post(path, json={"decision": "keep"}).status_code == 403
    assert weekly.practice.therapist.post(path, json={"decision": "maybe"}).status_code == 422
    assert weekly.practice.therapist.post(path, json={"decision": "keep"}).get_json()["charge"]["state"] == "kept"
    assert weekly.practice.therapist.post(path, json={"decision": "release"}).get_json()["code"] == "not_unpaid"
    weekly.work()
    assert len(letters(weekly, "Your appointment takes place")) == 1
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=2)
    assert weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/outcome", json={"outcome": "took_place"}).status_code == 200
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    weekly.pay(page["payment_id"])
    weekly.news()
    assert (weekly.state(dates[1]), weekly.charged(), weekly.returned()) == ("completed", 2 * PRICE, [])
    with transaction():
        assert len(db.session.execute(db.text("SELECT 1 FROM payouts")).all()) == 1, "paid afterwards, it is earned all the same"


def test_the_therapist_releases_it_free_of_charge(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    released = weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/unpaid", json={"decision": "release"}).get_json()
    weekly.news()
    assert (released["state"], released["owed"], weekly.charged()) == ("cancelled", None, PRICE)
    assert weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()["code"] == "nothing_to_pay"
    assert weekly.hold(WEEKS[1] + NINE, by=weekly.practice.another_client())


def test_two_in_a_row_pause_the_series_and_open_a_case_and_paying_resumes_it(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    assert weekly.cases() == []
    make_unpaid(weekly, 2)
    series = weekly.read(dates[0])["series"]["id"]
    assert weekly.practice.client.get(f"/api/v1/series/{series}").get_json()["paused_at"] is not None
    assert (weekly.cases(), len(letters(weekly, PAUSED))) == (["series:series_paused"], 1)
    tries = len(list(weekly.sandbox.world.each("payment_intent")))
    go_to(weekly, 3, hours_before=47)
    assert len(list(weekly.sandbox.world.each("payment_intent"))) == tries, "nothing is charged while it is paused"
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[2]}/checkout")
    weekly.pay(page.get_json()["payment_id"], GOOD)
    weekly.news()
    assert weekly.practice.client.get(f"/api/v1/series/{series}").get_json()["paused_at"] is None
    go_to(weekly, 3, hours_before=46)
    assert charged_for(weekly, dates[3]) == ("paid", PRICE), "the card of that checkout is kept now"


def test_a_bank_that_wants_to_see_its_customer_gets_a_link_and_the_same_clock(weekly: Till) -> None:
    dates = booked(weekly, ASKS)
    go_to(weekly, 1, hours_before=48)
    assert weekly.read(dates[1])["charge"]["problem"] == "authentication_required"
    (text,) = letters(weekly, NOT_PAID)
    assert "Your bank wants to see you" in text
    assert f"/appointment/price/{dates[1]}" in text
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    weekly.pay(page["payment_id"], ASKS, approve=True)
    weekly.news()
    go_to(weekly, 1, hours_before=24)
    assert (charged_for(weekly, dates[1]), weekly.charged(), len(letters(weekly, NOT_PAID))) == (("paid", PRICE), 2 * PRICE, 1)


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


def test_who_takes_the_card_away_is_charged_no_more_and_gets_a_link(weekly: Till) -> None:
    dates = booked(weekly)
    (card,) = weekly.practice.client.get("/api/v1/cards").get_json()["items"]
    assert weekly.practice.another_client().delete(f"/api/v1/cards/{card['id']}").status_code == 404
    assert weekly.practice.client.delete(f"/api/v1/cards/{card['id']}").get_json() == {"items": []}
    weekly.work()
    assert [each["customer"] for each in weekly.sandbox.world.each("payment_method")] == [None]
    go_to(weekly, 1, hours_before=48)
    assert (weekly.read(dates[1])["charge"]["problem"], weekly.charged(), len(letters(weekly, NOT_PAID))) == ("no_card", PRICE, 1)


@pytest.mark.parametrize("end", ["declined", "abandoned", "released"])
def test_a_series_that_is_not_paid_is_no_series(weekly: Till, end: str) -> None:
    series = hold(weekly)
    if end == "released":
        assert weekly.practice.client.post(f"/api/v1/series/{series['id']}/release").get_json()["dates"][0]["state"] == "released"
        assert states() == ["released"] * 4
        return
    page = check_out(weekly, series)
    if end == "declined":
        weekly.pay(page["payment_id"], DECLINED)
        weekly.news()
        assert states() == ["held"] * 4
    weekly.minutes(37)
    assert set(states()) <= {"released", "expired"}
    assert weekly.charged() == 0
    assert weekly.practice.client.get("/api/v1/cards").get_json() == {"items": []}


def test_giving_a_held_series_back_closes_its_checkout_first(weekly: Till) -> None:
    series = hold(weekly)
    check_out(weekly, series)
    assert weekly.practice.client.post(f"/api/v1/series/{series['id']}/release").get_json()["dates"][0]["state"] == "held"
    weekly.work()
    assert states() == ["released"] * 4


def test_late_money_for_a_series_goes_back(weekly: Till) -> None:
    series = hold(weekly)
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.clock.advance(minutes=37)
    weekly.news()
    assert set(states()) == {"expired"}
    assert (weekly.charged(), [reason for _, reason, _ in weekly.returned()]) == (0, ["late"])


def test_a_series_counts_as_one_hold(weekly: Till) -> None:
    hold(weekly)
    assert weekly.hold("2026-11-24" + NINE)
    assert weekly.hold("2026-11-25" + NINE)
    answer = weekly.practice.client.post("/api/v1/holds", json={"service_id": weekly.practice.service, "start": "2026-11-26" + NINE})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_holds")


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


def test_a_series_by_pack_needs_no_card(weekly: Till) -> None:
    buy(weekly, on_sale(weekly, sessions=4, price={"amount": 20_000, "currency": "GBP"}))
    series = hold(weekly, by_pack=True)
    assert weekly.practice.client.post(f"/api/v1/series/{series['id']}/checkout").get_json()["code"] == "nothing_to_pay"
    held = weekly.practice.client.post(f"/api/v1/series/{series['id']}/book").get_json()
    assert [each["state"] for each in held["dates"]] == ["confirmed"] * 4
    assert (pack_of(weekly)["reserved"], weekly.charged()) == (4, 20_000)
    go_to(weekly, 1, hours_before=47)
    assert weekly.charged() == 20_000


def test_a_pack_with_too_few_sessions_holds_nothing(weekly: Till) -> None:
    buy(weekly, on_sale(weekly, sessions=3))
    answer = weekly.practice.client.post("/api/v1/series/holds", json=body(weekly, by_pack=True))
    assert (answer.status_code, answer.get_json()["code"], states(), pack_of(weekly)["left"]) == (409, "no_pack", [], 3)


def test_a_proposed_series_is_paid_before_it_is_accepted(weekly: Till) -> None:
    dates = booked(weekly, count=2)
    (card,) = weekly.practice.client.get("/api/v1/cards").get_json()["items"]
    weekly.practice.client.delete(f"/api/v1/cards/{card['id']}")
    with transaction():
        client_id = str(db.session.execute(db.text("SELECT public_id FROM persons WHERE id = :id"), {"id": weekly.practice.client_id}).scalar_one())
    asked = {"client_id": client_id, "service_id": weekly.practice.service, "start": "2026-11-24" + NINE, "series": {"count": 2}}
    answer = weekly.practice.therapist.post("/api/v1/therapist/proposals", json=asked)
    assert answer.status_code == 201, answer.text
    (proposal,) = weekly.practice.client.get("/api/v1/proposals").get_json()["items"]
    refused = weekly.practice.client.post(f"/api/v1/proposals/{proposal['id']}/accept")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "payment_needed")
    with transaction():
        series = db.session.execute(db.text("SELECT public_id FROM series ORDER BY id DESC LIMIT 1")).scalar_one()
    page = weekly.practice.client.post(f"/api/v1/series/{series}/checkout")
    assert page.status_code == 200, page.text
    weekly.pay(page.get_json()["payment_id"])
    weekly.news()
    assert (states()[-2:], weekly.charged(), len(dates)) == (["confirmed"] * 2, 2 * PRICE, 2)


def test_a_card_is_charged_for_nobody_but_the_therapist_it_was_given_for(weekly: Till) -> None:
    booked(weekly)
    with transaction():
        cards = db.session.scalars(select(SavedCard)).all()
        assert [(each.payer_id, each.payee_id) for each in cards] == [(weekly.practice.client_id, weekly.practice.therapist_id)]
        kinds = db.session.scalars(select(PaymentAttempt.saves_card)).all()
    assert kinds == [True]


def test_R44_nothing_is_charged_for_a_therapist_who_cannot_be_paid(weekly: Till) -> None:
    dates = booked(weekly)
    with transaction():
        db.session.execute(db.text("UPDATE connected_accounts SET state = 'restricted'"))
    for hours in (48, 24, 12):
        go_to(weekly, 1, hours_before=hours)
    assert (weekly.charged(), weekly.cases(), weekly.state(dates[1])) == (PRICE, ["booking:payee_not_ready"], "confirmed")
    assert len(letters(weekly, NOT_PAID)) == 0, "that is not its client's doing"


def test_a_moved_date_is_charged_by_its_new_time(weekly: Till) -> None:
    dates = booked(weekly)
    seen = WEEKS[1] + NINE
    moved = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/move", json={"start": "2026-12-02" + NINE, "from": seen})
    assert moved.status_code == 200, moved.text
    go_to(weekly, 1, hours_before=40)
    assert weekly.charged() == PRICE
    weekly.at(utc("2026-11-30T09:00"))
    sweep(weekly)
    assert charged_for(weekly, dates[1]) == ("paid", PRICE)


def test_the_page_of_an_unpaid_date_leads_its_client_to_a_checkout_and_lets_its_therapist_choose(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    client, therapist, address = weekly.practice.client, weekly.practice.therapist, f"/appointment/price/{dates[1]}"
    assert "GBP 60.00 is not paid yet." in client.get(address).text
    paying = client.post(address, data={"csrf_token": client.csrf_token, "press": "pay"})
    assert "Pay GBP 60.00 by card" in paying.text
    page = therapist.get(address)
    assert "Keep the appointment" in page.text
    done = therapist.post(address, data={"csrf_token": therapist.csrf_token, "press": "release"})
    assert (done.status_code, weekly.state(dates[1])) == (200, "cancelled")


def test_the_page_of_a_held_series_shows_what_is_charged_when(weekly: Till) -> None:
    series = hold(weekly, 2)
    client, address = weekly.practice.client, f"/appointment/price/{series['dates'][0]['id']}"
    page = client.get(address).text
    assert "paid now, at the checkout" in page
    assert "charged on Saturday 28 November 2026" in page
    assert "48 hours before the appointment begins" in page
    assert "Pay GBP 60.00 by card" in client.post(address, data={"csrf_token": client.csrf_token, "press": "pay"}).text


def test_a_lower_fee_counts_for_every_date(weekly: Till) -> None:
    with transaction():
        service_id = db.session.scalars(select(Service.id).where(Service.public_id == uuid.UUID(weekly.practice.service))).one()
        db.session.add(Concession(service_id=service_id, name="Students", fee_amount=3500))
    series = hold(weekly, concession="Students")
    assert {each["fee"]["amount"] for each in series["dates"]} == {3500}
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.news()
    go_to(weekly, 1, hours_before=47)
    assert weekly.charged() == 7000


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


def test_what_a_bank_is_still_at_is_neither_tried_again_nor_called_unpaid(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.set(processing_seconds=60 * 60 * 40)
    for hours in (48, 24, 12):
        go_to(weekly, 1, hours_before=hours)
    assert charged_for(weekly, dates[1]) == ("trying", 0)
    assert len(list(weekly.sandbox.world.each("payment_intent"))) == 2
    go_to(weekly, 1, hours_before=7)
    assert (charged_for(weekly, dates[1]), weekly.charged(), letters(weekly, STILL_NOT)) == (("paid", PRICE), 2 * PRICE, [])


@pytest.mark.parametrize("answer", ["confirm", "decline"])
def test_a_series_on_request_is_paid_with_the_request_and_charged_only_once_it_is_confirmed(weekly: Till, answer: str) -> None:
    with transaction():
        db.session.execute(update(Service).values(booking_mode="request"))
    series = hold(weekly, start="2026-11-25" + NINE)
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.news()
    assert states() == ["requested"] * 4
    body = {"reason": "full"} if answer == "decline" else None
    assert weekly.practice.therapist.post(f"/api/v1/series/{series['id']}/{answer}", json=body).status_code == 200
    weekly.news()
    if answer == "decline":
        assert (states(), weekly.charged(), [reason for _, reason, _ in weekly.returned()]) == (["declined"] * 4, 0, ["declined"])
        return
    weekly.at(utc("2026-11-30T10:00"))
    sweep(weekly)
    assert (states(), weekly.charged()) == (["confirmed"] * 4, 2 * PRICE)


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

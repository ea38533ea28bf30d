"""From a hold to its checkout: what it costs, who may pay it, how long it is kept, and what becomes of it when nobody pays or nobody answers."""

import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from core.db import db, transaction
from payments.collection.models import ConnectedAccount
from payments.models import PaymentAttempt
from tests.booking.conftest import MONDAY_NINE, overlaps, states
from tests.booking.paying.conftest import ASKS, DECLINED, Till
from therapists.models import Therapist


def test_a_hold_is_paid_and_then_confirmed(till: Till) -> None:
    booking = till.hold()
    page = till.check_out(booking).get_json()
    assert page["price"] == {"amount": 6000, "currency": "GBP"}
    assert page["address"].startswith("http://127.0.0.1")
    till.pay(page["payment_id"])
    assert till.state(booking) == "held"
    till.news()
    shown = till.read(booking)
    assert (shown["state"], shown["payment"]["words"], shown["payment"]["paid"]) == ("confirmed", "paid", {"amount": 6000, "currency": "GBP"})
    assert till.read(booking, by=till.practice.therapist)["payment"]["id"] == page["payment_id"]
    assert till.outbox.subjects().count("Your appointment is confirmed") == 1


def test_the_hold_lives_as_long_as_its_checkout_and_five_minutes(till: Till) -> None:
    booking = till.hold()
    page = till.check_out(booking).get_json()
    assert page["expires_at"] == (till.clock.now() + timedelta(minutes=31)).isoformat().replace("+00:00", "Z")
    assert page["held_until"] == (till.clock.now() + timedelta(minutes=36)).isoformat().replace("+00:00", "Z")


def test_what_is_paid_by_card_is_not_booked_without_it(till: Till) -> None:
    answer = till.practice.book()
    assert (answer.status_code, answer.get_json()["code"]) == (409, "payment_needed")
    booking = till.hold()
    answer = till.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "payment_needed")
    assert till.state(booking) == "held"


def test_a_free_consultation_needs_no_card(till: Till) -> None:
    assert till.practice.ask().status_code == 201
    booking = till.hold("2026-11-25T09:00:00Z", service=till.practice.consultation)
    assert (till.check_out(booking).status_code, till.check_out(booking).get_json()["code"]) == (409, "nothing_to_pay")


def test_R22_nothing_that_is_sent_changes_the_price(till: Till) -> None:
    tampered = {"amount": 1, "currency": "jpy", "account": "acct_mine"}
    body = {"service_id": till.practice.service, "start": MONDAY_NINE, **tampered}
    assert till.practice.client.post("/api/v1/holds", json=body).status_code == 422
    booking = till.hold()
    assert till.practice.client.post(f"/api/v1/holds/{booking}/checkout", json=tampered).status_code == 422
    till.open(booking)
    intents = [(each["amount_total"], each["currency"]) for each in till.sandbox.world.each("checkout.session")]
    assert intents == [(6000, "gbp")]


def test_R23_a_lost_answer_leaves_one_checkout(till: Till) -> None:
    booking = till.hold()
    till.sandbox.faults.add(how="lost", method="POST", path="/v1/checkout/sessions")
    till.sandbox.faults.add(how="500", times=2, method="POST", path="/v1/checkout/sessions")
    assert till.check_out(booking).status_code == 503
    till.sandbox.faults.clear()
    payment = till.open(booking)
    assert sum(1 for _ in till.sandbox.world.each("checkout.session")) == 1
    till.pay(payment)
    till.news()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_R44_who_cannot_take_payments_is_not_paid(till: Till) -> None:
    booking = till.hold()
    with transaction():
        db.session.execute(update(ConnectedAccount).values(state="restricted"))
    answer = till.check_out(booking)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "payee_not_ready")
    with transaction():
        db.session.execute(update(Therapist).values(collects=None))
    for answer in (till.check_out(booking), till.practice.book("2026-11-23T10:00:00Z")):
        assert answer.status_code == 409
    assert list(till.sandbox.world.each("checkout.session")) == []


def test_R46_the_processor_away_is_503_and_the_hold_is_longer_once(till: Till) -> None:
    booking = till.hold()
    till.sandbox.faults.add(how="500", times=99)
    began = time.monotonic()
    answer = till.check_out(booking)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "payments_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - began < 12
    kept_until = till.read(booking)["held_until"]
    for _ in range(3):
        till.clock.advance(minutes=2)
        assert till.check_out(booking).status_code == 503
    assert till.read(booking)["held_until"] == kept_until
    till.sandbox.faults.clear()
    payment = till.open(booking)
    assert till.read(booking)["held_until"] > kept_until, "what can be paid is held"
    till.pay(payment)
    till.news()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_D12_coming_back_resumes_the_same_payment_and_books_nothing_free(till: Till) -> None:
    booking = till.hold()
    first = till.check_out(booking).get_json()
    till.clock.advance(minutes=20)
    assert till.hold() == booking
    assert till.check_out(booking).get_json() == first
    assert (till.state(booking), len(till.payments()), states()) == ("held", 1, ["held"])


def test_an_abandoned_checkout_frees_the_time_once_the_processor_has_closed_it(till: Till) -> None:
    booking = till.hold()
    till.open(booking)
    till.minutes(30)
    assert till.state(booking) == "held"
    till.minutes(4)
    assert states() == ["released"]
    assert [payment.state for payment in till.payments()] == ["ended"]
    again = till.hold()
    till.pay(till.open(again))
    till.news()
    assert (till.state(again), till.charged()) == ("confirmed", 6000)


def test_giving_a_hold_back_closes_its_checkout_first(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    assert till.practice.client.post(f"/api/v1/holds/{booking}/release").get_json()["state"] == "held"
    till.work()
    assert states() == ["released"]
    assert till.sandbox.world.find("checkout.session", till.session(payment))["status"] == "expired"


def test_R36_a_payment_that_was_faster_than_giving_back_is_kept(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.practice.client.post(f"/api/v1/holds/{booking}/release")
    till.pay(payment)
    till.work()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_R36_a_bank_that_still_asks_keeps_the_time_until_the_processor_has_given_up(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment, ASKS, approve=None)
    till.news()
    assert (till.state(booking), till.payments()[0].state) == ("held", "processing")
    till.minutes(36)
    assert states() == ["released"]
    assert till.sandbox.world.find("payment_intent", till.intent(payment))["status"] == "canceled"


def test_R37_coming_back_without_having_paid_confirms_nothing(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    for _ in range(2):
        page = till.practice.client.get(f"/payments/{payment}")
        assert (page.status_code, "Waiting for your payment" in page.text) == (200, True)
        asked = till.practice.client.post(f"/payments/{payment}", data={"csrf_token": till.practice.client.csrf_token})
        assert "Waiting for your payment" in asked.text
    assert till.state(booking) == "held"
    till.pay(payment)
    assert "Waiting for your payment" in till.practice.client.get(f"/payments/{payment}").text
    asked = till.practice.client.post(f"/payments/{payment}", data={"csrf_token": till.practice.client.csrf_token})
    assert "We have received GBP 60.00" in asked.text
    assert till.state(booking) == "confirmed"
    till.news()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_the_page_of_a_payment_says_nothing_to_strangers(till: Till) -> None:
    payment = till.open(till.hold())
    assert till.practice.another_client().get(f"/payments/{payment}").status_code == 404
    assert "60" not in till.practice.new_browser().get(f"/payments/{payment}").text.replace(payment, "")
    assert till.practice.another_client().post(f"/api/v1/payments/{payment}/check").status_code == 404
    assert till.practice.another_client().post(f"/api/v1/holds/{uuid.uuid4()}/checkout").status_code == 404


def test_a_stranger_and_the_therapist_cannot_open_the_checkout(till: Till) -> None:
    booking = till.hold()
    assert till.check_out(booking, by=till.practice.another_client()).status_code == 404
    assert till.check_out(booking, by=till.practice.therapist).status_code == 404


def test_R34_a_declined_card_is_no_end(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment, DECLINED)
    till.news()
    assert (till.state(booking), till.payments()[0].state) == ("held", "open")
    shown = till.practice.client.get(f"/api/v1/payments/{payment}").get_json()
    assert (shown["declined"], shown["words"]) == ("generic_decline", "due")
    till.pay(payment)
    till.news()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_nobody_keeps_a_time_for_ever_by_opening_checkouts(till: Till) -> None:
    booking = till.hold()
    till.open(booking)
    with transaction():
        db.session.execute(update(PaymentAttempt).values(state="closed"))
    till.open(booking)
    with transaction():
        db.session.execute(update(PaymentAttempt).values(state="closed"))
    answer = till.check_out(booking)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "too_many_checkouts")


def test_R47_with_every_webhook_lost_the_poller_confirms_within_ten_minutes(till: Till) -> None:
    booking = till.hold()
    till.sandbox.set_webhooks(drop=1.0)
    till.pay(till.open(booking))
    till.deliver()
    till.minutes(10)
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_what_is_confirmed_by_request_is_paid_with_the_request(till: Till) -> None:
    asked = till.another_service(instant=False)
    booking = till.hold("2026-11-24T09:00:00Z", service=asked)
    till.pay(till.open(booking))
    till.news()
    assert till.state(booking) == "requested"
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/confirm").status_code == 200
    assert (till.state(booking), till.returned()) == ("confirmed", [])


def test_no_word_of_what_is_paid_for_goes_out(till: Till) -> None:
    till.paid_booking()
    with transaction():
        names = list(db.session.execute(text("SELECT display_name FROM therapists")).scalars())
    for kind in ("checkout.session", "payment_intent", "customer", "charge"):
        for each in till.sandbox.world.each(kind):
            assert set(each.get("metadata") or {}) <= {"reference"}
            assert not [name for name in (*names, "therap", "Sam Field") if name.lower() in str(each).lower()]
    assert overlaps() == 0


@pytest.mark.parametrize("kind", ["late", "release"])
def test_a_hold_that_is_over_opens_no_checkout(till: Till, kind: str) -> None:
    booking = till.hold()
    if kind == "late":
        till.clock.advance(minutes=10)
    else:
        till.practice.client.post(f"/api/v1/holds/{booking}/release")
    assert till.check_out(booking).status_code in (409, 410)
    assert list(till.sandbox.world.each("checkout.session")) == []

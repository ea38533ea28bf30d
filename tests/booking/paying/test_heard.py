"""What settled money makes of a booking: in time, too late, twice, in any order, of another amount, or for something that is over."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.db import db, transaction
from core.money import Money
from payments import processor
from payments.ask import ask_for
from payments.checkout.begin import begin_checkout
from tests.booking.conftest import MONDAY_NINE, overlaps, states
from tests.booking.paying.conftest import DECLINED, Till, collect_online
from tests.booking.practice import a_service, a_therapist

FULL = [(6000, "late", "succeeded")]


@pytest.fixture
def late(till: Till) -> Callable[[], tuple[str, str]]:
    """A payment that succeeded, and nobody heard of it before its hold was over."""

    def make() -> tuple[str, str]:
        booking = till.hold()
        payment = till.open(booking)
        till.pay(payment)
        till.clock.advance(minutes=36)
        return booking, payment

    return make


def rival_books(till: Till) -> str:
    """Somebody else takes the same time, which the write path frees once the hold's own time is over."""
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'therapist_invoices'"))
    answer = till.practice.book(by=till.practice.another_client())
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'online'"))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_R33_late_money_books_the_time_if_it_is_still_free(till: Till, late: Callable[[], tuple[str, str]]) -> None:
    lapsed, payment = late()
    till.news()
    assert states() == ["expired", "confirmed"]
    shown = till.practice.client.get(f"/api/v1/payments/{payment}").get_json()
    assert shown["reference"] != lapsed
    now_booked = till.read(shown["reference"])
    assert (now_booked["state"], now_booked["starts_at"], now_booked["payment"]["words"]) == ("confirmed", MONDAY_NINE, "paid")
    assert (till.returned(), till.charged(), overlaps()) == ([], 6000, 0)


def test_R32_late_money_goes_back_in_full_at_once_when_somebody_else_was_faster(till: Till, late: Callable[[], tuple[str, str]]) -> None:
    late()
    rival_books(till)
    till.news()
    assert states() == ["expired", "confirmed"]
    assert (till.returned(), till.charged(), overlaps()) == (FULL, 0, 0)
    assert till.outbox.subjects().count("Your refund is on its way") == 1


def test_D8_at_ten_minutes_the_time_is_anybodys_and_the_holders_money_goes_back(till: Till) -> None:
    """Held at T for ten minutes: refused at 9:59, taken at 10:00; who pays what they had begun gets it all back. A checkout makes the ten minutes longer."""
    booking = till.hold()
    payment = till.open(booking)
    till.clock.advance(minutes=35, seconds=59)
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'therapist_invoices'"))
    rival = till.practice.another_client()
    assert till.practice.book(by=rival).status_code == 409
    till.sandbox.set(paused=True)
    till.sandbox.world.find("checkout.session", till.session(payment))["expires_at"] += 3600  # the page stayed open by a mistake of somebody's
    till.clock.advance(seconds=1)
    assert till.practice.book(by=rival).status_code == 201
    till.sandbox.set(paused=False)
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'online'"))
    till.minutes(3)
    assert (states(), till.charged(), overlaps()) == (["expired", "confirmed"], 0, 0)


def test_D8_an_unpaid_hold_ends_after_ten_minutes(till: Till) -> None:
    till.hold()
    rival = till.practice.another_client()
    body = {"service_id": till.practice.service, "start": MONDAY_NINE}
    till.clock.advance(minutes=9, seconds=59)
    assert rival.post("/api/v1/holds", json=body).status_code == 409
    till.clock.advance(seconds=1)
    assert rival.post("/api/v1/holds", json=body).status_code == 201


def test_R24_five_times_the_same_news_is_one_confirmation(till: Till) -> None:
    booking = till.hold()
    till.pay(till.open(booking))
    for event in [event for event in till.sandbox.events() if event["type"] == "payment_intent.succeeded"] * 5:
        assert till.sandbox.courier.carry(event, till.sandbox.courier.endpoints[0]) == 200
        till.work()
    assert till.outbox.subjects().count("Your appointment is confirmed") == 1
    assert (till.state(booking), len(till.payments()), till.returned()) == ("confirmed", 1, [])


def test_D11_news_before_the_payer_comes_back_and_after(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment)
    till.news()
    asked = till.practice.client.post(f"/api/v1/payments/{payment}/check")
    assert (asked.status_code, asked.get_json()["words"], till.state(booking)) == (200, "paid", "confirmed")
    till.news()
    assert (till.charged(), till.returned()) == (6000, [])


def test_D11_news_after_a_cancellation_changes_nothing_of_it(till: Till) -> None:
    booking = till.hold()
    till.pay(till.open(booking))
    till.work()
    till.minutes(4)  # the poller was faster
    assert till.practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"}).status_code == 200
    till.news()
    assert (till.state(booking), till.returned(), till.charged()) == ("cancelled", [(6000, "cancelled", "succeeded")], 0)


def test_D11_with_the_news_lost_for_three_days_nothing_is_called_off(till: Till) -> None:
    """The processor is asked before a hold that may be paid is given up."""
    booking = till.hold()
    till.sandbox.set_webhooks(paused=True)
    till.pay(till.open(booking))
    till.minutes(12)
    till.at(till.clock.now(), days=3)
    till.sandbox.set_webhooks(paused=False)
    till.news()
    assert (till.state(booking), till.charged(), till.returned()) == ("confirmed", 6000, [])


def test_R25_news_in_the_opposite_order_ends_alike(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment)
    till.sandbox.refund_by_hand(till.intent(payment), 1000)
    for event in reversed(till.sandbox.events()):
        till.sandbox.courier.carry(event, till.sandbox.courier.endpoints[0])
        till.work()
    till.minutes(3)
    assert (till.state(booking), till.returned(), till.payments()[0].state) == ("confirmed", [(1000, "external", "succeeded")], "settled")


def test_R35_a_late_decline_takes_nothing_back(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment, DECLINED)
    till.pay(payment)
    failed, rest = [], []
    for event in till.sandbox.events():
        (failed if event["type"] == "payment_intent.payment_failed" else rest).append(event)
    assert failed
    for event in rest + failed:
        till.sandbox.courier.carry(event, till.sandbox.courier.endpoints[0])
        till.work()
    assert (till.state(booking), till.charged()) == ("confirmed", 6000)


def test_R30_another_amount_confirms_nothing_and_is_somebodys_case(till: Till) -> None:
    booking = till.hold()
    payment = till.open(booking)
    till.pay(payment)
    till.sandbox.world.find("payment_intent", till.intent(payment)).update(amount=100, amount_received=100)
    till.news()
    assert (till.state(booking), till.cases(), till.payments()[0].state) == ("held", ["payment:wrong_amount"], "mismatched")
    till.minutes(40)
    assert till.state(booking) == "expired"


def test_R29_news_of_an_unknown_payment_waits_is_alarmed_and_is_heard_in_the_end(till: Till) -> None:
    """Somebody pays at the processor what we have not written down, or not yet."""
    mine, key = uuid.uuid4(), "customer:of the test"
    customer = processor.create_customer(reference=key, idempotency_key=key)
    made = processor.create_checkout_session(
        reference=str(mine),
        customer=customer,
        lines=[("Appointment", 6000)],
        currency="GBP",
        success_url="http://attune.test/",
        cancel_url="http://attune.test/",
        expires_at=till.clock.now() + timedelta(minutes=31),
        idempotency_key="a key of the test",
    )
    till.sandbox.pay(made.id)
    till.news()
    till.minutes(14)
    assert till.cases() == []
    till.minutes(5)
    assert set(till.cases()) == {"event:unknown_reference"}
    booking = till.hold()
    with transaction():
        payment = ask_for(
            Money(6000, "GBP"),
            reference=uuid.UUID(booking),
            purpose="session",
            payer_id=till.practice.client_id,
            payee_id=till.practice.therapist_id,
            now=till.clock.now(),
        )
        payment.public_id = mine
        attempt = begin_checkout(payment, now=till.clock.now())
        attempt.session, attempt.state = made.id, "open"
    till.minutes(10)
    assert (till.state(booking), till.payments()[0].state) == ("confirmed", "settled")


def test_money_for_what_may_not_take_place_any_more_goes_back(till: Till) -> None:
    """R18: whoever may not treat at the moment the money arrives is not booked."""
    till.pay(till.open(till.hold()))
    with transaction():
        db.session.execute(db.text("UPDATE credentials SET state = 'suspended'"))
    till.news()
    assert (states(), till.returned(), till.charged()) == (["released"], [(6000, "not_possible", "succeeded")], 0)
    assert till.outbox.subjects().count("Your appointment is confirmed") == 0


def test_late_money_for_another_therapist_is_not_mixed_up(till: Till) -> None:
    with transaction():
        other = a_therapist(name="Robin Lake")
        service = str(a_service(other).public_id)
        collect_online(other.person_id, till.clock)
    one, two = till.hold(), till.hold("2026-11-23T12:00:00Z", service=service)
    first, second = till.open(one), till.open(two)
    till.pay(second)
    till.pay(first)
    till.news()
    assert [till.state(each) for each in (one, two)] == ["confirmed", "confirmed"]
    assert {str(each.public_id): each.payee_id for each in till.payments()}[second] == other.person_id


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(seconds=59)])
def test_the_refund_of_late_money_begins_within_a_minute(till: Till, late: Callable[[], tuple[str, str]], after: timedelta) -> None:
    late()
    rival_books(till)
    till.clock.advance(seconds=after.total_seconds())
    heard = till.clock.now()
    till.news()
    with transaction():
        asked, sent = db.session.execute(db.text("SELECT requested_at, sent_at FROM refunds")).one()
    assert asked - heard <= timedelta(seconds=60)
    assert sent - heard <= timedelta(seconds=60)

"""Carts: all held or none, one checkout, and from then on each appointment by itself: booked, refunded, paid out, compared, with a receipt for each seller."""

import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.carts.hold import Item, hold_together
from booking.models import Booking
from core import jobs
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import DomainError
from core.money import Money
from payments.collection.models import ConnectedAccount
from payments.models import Payment
from payments.refunds.request import refund_part
from payments.steps import charged_as
from tests.booking.conftest import MONDAY_NINE, states
from tests.booking.paying.conftest import DECLINED, Till, collect_online
from tests.booking.paying.test_compared import compare
from tests.booking.paying.test_gifts import books, gift
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_paid_out import SESSION, pass_days, payee, transfers
from tests.booking.paying.test_price import a_code, chosen
from tests.booking.practice import a_client, a_service, a_therapist, utc

__all__ = ["payee"]
PATH = "/api/v1/carts"
ELEVEN = "2026-11-23T11:00:00Z"


@dataclass
class Pair:
    """A cart of one session with each of two therapists, 60.00 and 45.00."""

    till: Till
    other_id: int
    other_service: str

    def hold(self, *items: tuple[str, str]) -> dict[str, Any]:
        wanted = items or ((self.till.practice.service, MONDAY_NINE), (self.other_service, ELEVEN))
        answer = self.till.practice.client.post(PATH, json={"items": [{"service_id": service, "start": start} for service, start in wanted]})
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def open(self, cart: str) -> dict[str, Any]:
        answer = self.till.practice.client.post(f"{PATH}/{cart}/checkout")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def paid(self, *items: tuple[str, str]) -> tuple[str, list[str]]:
        """The payment of the cart, and its bookings."""
        cart = self.hold(*items)
        payment = self.open(cart["id"])["payment_id"]
        self.till.pay(payment)
        self.till.news()
        return payment, bookings_in(cart)

    def read(self, cart: dict[str, Any]) -> dict[str, Any]:
        return dict(self.till.practice.client.get(f"{PATH}/{cart['id']}").get_json())


def bookings_in(cart: dict[str, Any]) -> list[str]:
    return [item["price"]["booking_id"] for item in cart["items"]]


def with_another(till: Till) -> Pair:
    with transaction():
        other = a_therapist(name="Robin Vale")
        service = a_service(other, fee=4500)
        collect_online(other.person_id, till.clock)
        return Pair(till, other.person_id, str(service.public_id))


@pytest.fixture
def pair(till: Till) -> Pair:
    return with_another(till)


def test_several_openings_are_held_all_or_none(pair: Pair) -> None:
    client, service = pair.till.practice.client, pair.till.practice.service
    rival = pair.till.practice.another_client()
    assert rival.post("/api/v1/holds", json={"service_id": pair.other_service, "start": ELEVEN}).status_code == 201
    items = [{"service_id": service, "start": MONDAY_NINE}, {"service_id": pair.other_service, "start": ELEVEN}]
    refused = client.post(PATH, json={"items": items})
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["item"]) == (409, "taken", 1)
    assert states() == ["held"], "nothing of it is held"
    one = {"service_id": service, "start": MONDAY_NINE}
    for wrong in ([one], [one, one], [one, *[{**one, "start": f"2026-11-23T{hour}:00:00Z"} for hour in (10, 11, 12)]]):
        assert client.post(PATH, json={"items": wrong}).status_code == 422
    with transaction():
        db.session.execute(db.text("UPDATE services SET fee_currency = 'EUR' WHERE public_id = :one"), {"one": uuid.UUID(pair.other_service)})
    assert "EUR and GBP" in client.post(PATH, json={"items": [one, {"service_id": pair.other_service, "start": "2026-11-23T13:00:00Z"}]}).text
    assert client.post(PATH, json={"items": [one, {"service_id": str(uuid.uuid4()), "start": ELEVEN}]}).get_json()["item"] == 1
    with transaction():
        db.session.execute(db.text("UPDATE services SET fee_currency = 'GBP'"))
    held = pair.till.hold(MONDAY_NINE)
    cart = pair.hold((service, MONDAY_NINE), (service, ELEVEN))
    assert held in bookings_in(cart), "a hold of one's own comes along"
    assert cart["to_pay"] == {"amount": 12_000, "currency": "GBP"}
    assert rival.get(f"{PATH}/{cart['id']}").status_code == 404


def test_one_checkout_books_and_splits_each_for_itself(pair: Pair) -> None:
    """Declined first, then paid: one charge, a line for each, a booking, a payment and a receipt for each, and nothing left over."""
    till = pair.till
    cart = pair.hold()
    page = pair.open(cart["id"])
    assert (page["price"], pair.open(cart["id"])) == ({"amount": 10_500, "currency": "GBP"}, page), "who comes back goes on with the same page"
    till.pay(page["payment_id"], DECLINED)
    till.news()
    assert states() == ["held", "held"]
    till.pay(page["payment_id"])
    till.news()
    till.news()
    assert (states(), till.charged(), len(list(till.sandbox.world.each("checkout.session")))) == (["confirmed", "confirmed"], 10_500, 1)
    found = books()
    assert (found[("therapist", till.practice.therapist_id)], found[("therapist", pair.other_id)], found[("platform", None)]) == (-5400, -4050, -1050)
    assert ("prepaid", None) not in found
    shown = pair.read(cart)
    assert (shown["held_until"], [item["price"]["state"] for item in shown["items"]]) == (None, ["confirmed", "confirmed"])
    for booking, amount in zip(bookings_in(cart), (6000, 4500), strict=True):
        payment = till.read(booking)["payment"]
        assert (payment["paid"]["amount"], payment["words"]) == (amount, "paid")
        receipt = till.practice.client.get(f"/payments/{payment['id']}/receipt").text
        assert str(Money(amount, "GBP")) in receipt
        assert "GBP 105.00" not in receipt
    whole = till.practice.client.get(f"/payments/{page['payment_id']}")
    assert ("We have received GBP 105.00" in whole.text, whole.text.count("/receipt")) == (True, 2)
    refused = till.practice.client.get(f"/api/v1/payments/{page['payment_id']}/receipt.pdf")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "one_for_each_seller")
    till.at(utc("2026-11-22T18:00"))
    assert compare(till) == []


def test_two_sessions_with_one_therapist_are_one_receipt(pair: Pair) -> None:
    till, service = pair.till, pair.till.practice.service
    _, (first, second) = pair.paid((service, MONDAY_NINE), (service, ELEVEN))
    client = till.practice.client
    receipts = [client.get(f"/payments/{till.read(each)['payment']['id']}/receipt").text for each in (first, second)]
    assert receipts[0] == receipts[1].replace(till.read(second)["payment"]["id"], till.read(first)["payment"]["id"])
    assert receipts[0].count("Appointment, 50 minutes") == 2
    assert "GBP 120.00" in receipts[0]
    statement = client.get("/payments/statement").text
    assert statement.count("Appointment, 50 minutes (R-") == 2
    assert "GBP 240.00" not in statement


def test_one_of_them_is_cancelled_and_only_that_goes_back(pair: Pair) -> None:
    till = pair.till
    _, (first, second) = pair.paid()
    cancel(till, first)
    assert (till.returned(), till.charged(), till.state(second)) == ([(6000, "cancelled", "succeeded")], 4500, "confirmed")
    found = books()
    assert (found[("therapist", pair.other_id)], ("therapist", till.practice.therapist_id) in found) == (-4050, False)
    till.at(utc("2026-11-22T18:00"))
    assert compare(till) == []
    till.at(utc("2026-11-23T08:00"))
    cancel(till, second)
    assert till.returned()[-1][0] == 4500
    assert till.charged() == 0


def test_R33_what_is_not_free_any_more_goes_back_to_the_unit_and_the_rest_is_booked(pair: Pair) -> None:
    till = pair.till
    cart = pair.hold()
    till.pay(pair.open(cart["id"])["payment_id"])
    till.clock.advance(minutes=36)
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'therapist_invoices'"))
    assert till.practice.book(ELEVEN, service=pair.other_service, by=till.practice.another_client()).status_code == 201
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'online'"))
    till.news()
    assert sorted(states()) == ["confirmed", "confirmed", "expired", "expired"]
    assert (till.returned(), till.charged()) == ([(4500, "late", "succeeded")], 6000)
    found = books()
    assert (found[("therapist", till.practice.therapist_id)], ("therapist", pair.other_id) in found, ("prepaid", None) in found) == (-5400, False, False)
    till.at(utc("2026-11-22T18:00"))
    assert compare(till) == []


def test_an_abandoned_cart_gives_its_times_back_and_can_be_put_together_anew(pair: Pair) -> None:
    till = pair.till
    cart = pair.hold()
    first = pair.open(cart["id"])
    till.minutes(40)
    assert states() == ["released", "released"]
    assert {payment.state for payment in till.payments()} == {"ended"}
    assert till.practice.client.post(f"{PATH}/{cart['id']}/checkout").get_json()["code"] == "hold_expired"
    again = pair.hold()
    page = pair.open(again["id"])
    assert page["payment_id"] != first["payment_id"]
    till.pay(page["payment_id"])
    till.minutes(8)
    assert states()[2:] == ["confirmed", "confirmed"], "without any news of it the poller finds out"
    assert till.charged() == 10_500


def test_while_the_checkout_is_open_nothing_in_it_changes_by_itself(pair: Pair) -> None:
    till, client = pair.till, pair.till.practice.client
    cart = pair.hold()
    first, second = bookings_in(cart)
    till.open(second)
    refused = client.post(f"{PATH}/{cart['id']}/checkout")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "paid_together")
    till.minutes(40)
    assert states()[1] == "released"
    cart = pair.hold()
    first, second = bookings_in(cart)
    pair.open(cart["id"])
    assert client.put(f"/api/v1/holds/{first}/price", json={}).get_json()["code"] == "checkout_open"
    assert client.post(f"/api/v1/holds/{first}/checkout").get_json()["code"] == "paid_together"
    assert client.post(f"/api/v1/holds/{first}/release").get_json()["code"] == "paid_together"
    assert (
        client.post(PATH, json={"items": [{"service_id": pair.other_service, "start": start} for start in (ELEVEN, "2026-11-23T13:00:00Z")]}).status_code == 409
    )
    assert pair.till.practice.another_client().post(f"{PATH}/{cart['id']}/release").status_code == 404
    assert client.post(f"{PATH}/{cart['id']}/release").status_code == 200
    till.work()
    assert states()[-2:] == ["released", "released"]
    assert client.post(f"{PATH}/{cart['id']}/release").get_json()["code"] == "hold_expired"


def test_each_item_has_its_own_price_and_what_costs_nothing_is_booked_with_the_rest(pair: Pair) -> None:
    """A code on one, a gift code that pays all of another, a third at its price; a change after an unopened checkout asks for the new sum."""
    till = pair.till
    _, code, _ = gift(till, 6000)
    cart = pair.hold((till.practice.service, MONDAY_NINE), (pair.other_service, ELEVEN), (till.practice.service, "2026-11-23T13:00:00Z"))
    first, second, third = bookings_in(cart)
    chosen(till, first, gift=code)
    chosen(till, second, code=a_code(till))
    assert pair.read(cart)["to_pay"]["amount"] == 4050 + 6000
    payment = pair.open(cart["id"])["payment_id"]
    till.pay(payment)
    till.news()
    assert states() == ["confirmed"] * 3
    assert till.charged() == 6000 + 10_050
    found = books()
    assert (found[("therapist", pair.other_id)], found[("prepaid", None)]) == (-4050, -6000)
    cancel(till, third)
    assert (till.returned(), till.state(first), till.state(second)) == ([(6000, "cancelled", "succeeded")], "confirmed", "confirmed")
    till.at(utc("2026-11-22T18:00"))
    assert compare(till) == []


def test_a_cart_that_a_gift_code_pays_a_part_of_says_so_on_the_receipt_of_that_seller_alone(pair: Pair) -> None:
    till, client = pair.till, pair.till.practice.client
    _, code, _ = gift(till, 4000)
    cart = pair.hold()
    first, second = bookings_in(cart)
    chosen(till, first, gift=code)
    till.pay(pair.open(cart["id"])["payment_id"])
    till.news()
    shown = [client.get(f"/payments/{till.read(each)['payment']['id']}/receipt").text for each in (first, second)]
    assert ["with a gift code" in each for each in shown] == [True, False]
    assert ["GBP 60.00" in shown[0], "GBP 40.00" in shown[0], "GBP 45.00" in shown[1]] == [True] * 3


def test_what_took_place_is_paid_out_and_a_clean_practice_has_no_difference(payee: Till) -> None:
    pair = with_another(payee)
    gift(payee, 3000)
    payment, (first, _) = pair.paid()
    payee.at(utc(SESSION))
    assert compare(payee) == []
    with transaction():
        db.session.execute(update(ConnectedAccount).where(ConnectedAccount.person_id == pair.other_id).values(state="restricted"))
    pass_days(payee, 6)
    assert [(each["amount"], each["source_transaction"]) for each in transfers(payee)] == [(5400, charge_of(payment))]
    assert compare(payee) == []
    refund(first, 6000)
    payee.work()
    assert [each["amount"] for each in payee.sandbox.world.each("transfer_reversal")] == [5400]
    assert compare(payee) == []


def charge_of(payment: str) -> str | None:
    with transaction():
        cart = db.session.scalars(select(Payment).where(Payment.public_id == uuid.UUID(payment))).one()
        parts = db.session.scalars(select(Payment).where(Payment.collected_by_id == cart.id)).all()
        assert {charged_as(part) for part in parts} == {(cart.intent, cart.charge)}
        return cart.charge


def refund(booking: str, amount: int) -> None:
    with transaction():
        payment = db.session.scalars(select(Payment).where(Payment.reference == uuid.UUID(booking), Payment.captured_amount > 0)).one()
        refund_part(payment.public_id, amount, reason="goodwill", by=payment.payer_id, now=now())


@pytest.mark.parametrize("won", [True, False])
def test_R43_a_disputed_cart_gives_nothing_back_and_what_is_lost_is_shared_to_the_unit(pair: Pair, won: bool) -> None:
    till = pair.till
    payment, (first, second) = pair.paid()
    dispute = till.sandbox.dispute(till.intent(payment))
    till.news()
    cancel(till, first)
    assert till.returned() == []
    with transaction():
        assert all(each.disputed_at is not None for each in db.session.scalars(select(Payment)))
    till.sandbox.close_dispute(str(dispute["id"]), won=won)
    till.news()
    found = books()
    shares = found.get(("therapist", till.practice.therapist_id), 0), found.get(("therapist", pair.other_id), 0), found.get(("platform", None), 0)
    assert shares == ((-5400, -4050, -1050) if won else (0, 0, 0))
    assert ("prepaid", None) not in found
    assert till.state(second) == "confirmed"


def test_R45_a_refund_made_by_hand_is_that_parts_which_it_comes_to(pair: Pair) -> None:
    till = pair.till
    payment, (_, second) = pair.paid()
    till.sandbox.refund_by_hand(till.intent(payment), 4500)
    till.news()
    assert till.read(second)["payment"]["returned"]["amount"] == 4500
    assert ("therapist", pair.other_id) not in books()
    assert "payment:external_refund" in till.cases()


@pytest.mark.parametrize(("amount", "shares"), [(10_500, (6000, 4500)), (7000, (4000, 3000)), (100, (57, 43)), (1, (1, 0))])
def test_R45_a_refund_made_by_hand_over_a_whole_cart_is_borne_by_what_is_left_of_each_part(pair: Pair, amount: int, shares: tuple[int, int]) -> None:
    till = pair.till
    payment, booked = pair.paid()
    till.sandbox.refund_by_hand(till.intent(payment), amount)
    for _ in range(2):
        till.news()
        jobs.registry["payments.catch_up"].run()
        till.work()
    assert tuple(till.read(each)["payment"]["returned"]["amount"] for each in booked) == shares
    assert [till.state(each) for each in booked] == ["confirmed"] * 2
    found, kept = books(), (6000 - shares[0], 4500 - shares[1])
    theirs = [found.get(("therapist", person), 0) for person in (till.practice.therapist_id, pair.other_id)]
    assert theirs == [-(each - (each + 5) // 10) for each in kept]
    assert (found.get(("refund", None), 0), found.get(("prepaid", None), 0)) == (0, 0)
    assert sum(found.values()) == 0
    assert till.cases() == ["payment:external_refund"]
    till.clock.advance(hours=2)
    assert compare(till) == []


def test_R45_what_is_paid_out_already_comes_back_by_the_share_of_each(payee: Till) -> None:
    pair = with_another(payee)
    payment, _ = pair.paid()
    payee.at(utc(SESSION))
    with transaction():
        db.session.execute(update(ConnectedAccount).where(ConnectedAccount.person_id == pair.other_id).values(state="restricted"))
    pass_days(payee, 6)
    assert [each["amount"] for each in transfers(payee)] == [5400]
    payee.sandbox.refund_by_hand(payee.intent(payment), 7000)
    payee.news()
    payee.work()
    assert [each["amount"] for each in payee.sandbox.world.each("transfer_reversal")] == [3600]
    assert compare(payee) == []


def test_R45_a_refund_over_a_cart_that_its_bank_sends_back_is_each_parts_again(pair: Pair) -> None:
    till = pair.till
    payment, booked = pair.paid()
    till.sandbox.refund_by_hand(till.intent(payment), 7000)
    till.news()
    (refund,) = till.sandbox.world.each("refund")
    till.sandbox.refund_becomes(refund["id"], "failed")
    till.news()
    assert [till.read(each)["payment"]["returned"]["amount"] for each in booked] == [0, 0]
    assert (till.returned(), till.charged()) == ([(4000, "external", "failed"), (3000, "external", "failed")], 10_500)
    till.clock.advance(hours=2)
    assert compare(till) == []


def test_R45_after_one_part_went_back_a_refund_by_hand_is_borne_by_the_rest(pair: Pair) -> None:
    till = pair.till
    payment, (first, second) = pair.paid()
    cancel(till, first)
    till.sandbox.refund_by_hand(till.intent(payment), 1500)
    till.news()
    assert [till.read(each)["payment"]["returned"]["amount"] for each in (first, second)] == [6000, 1500]
    till.sandbox.refund_by_hand(till.intent(payment), 3000)
    till.news()
    assert (till.read(second)["payment"]["returned"]["amount"], till.charged()) == (4500, 0)


def test_the_page_of_a_cart(pair: Pair) -> None:
    till, client = pair.till, pair.till.practice.client
    cart = pair.hold()
    address, token = f"/cart/{cart['id']}", {"csrf_token": client.csrf_token or ""}
    assert till.practice.new_browser().get(address).headers["Location"] == f"/sign-in?next={address}"
    assert till.practice.another_client().get(address).status_code == 404
    page = client.get(address).text
    assert "GBP 105.00" in page
    assert "Robin Vale" in page
    assert f'href="{address}">Back to your cart' in client.get(f"/appointment/price/{bookings_in(cart)[0]}").text
    assert client.post(address, data={**token, "press": "nothing"}).status_code == 422
    opened = client.post(address, data={**token, "press": "pay"}).text
    assert "Pay GBP 105.00 by card" in opened
    till.pay(str(next(each.public_id for each in till.payments() if each.purpose == "cart")))
    till.news()
    assert client.get(address).text.count("booked") >= 2
    another = pair.hold((till.practice.service, "2026-11-24T09:00:00Z"), (till.practice.service, "2026-11-24T11:00:00Z"))
    assert "not booked; nothing is owed" in client.post(f"/cart/{another['id']}", data={**token, "press": "release"}).text
    till.clock.advance(minutes=11)
    jobs.registry["booking.sweep_lapsed"].run()
    assert db.session.scalar(select(Booking.id).where(Booking.state == "held")) is None


@pytest.mark.races
def test_D1_two_carts_of_the_same_openings_have_one_winner_of_both(committed_app: Flask) -> None:
    """In opposite orders: neither waits for the other for ever, and nobody is left with half."""
    callers = 4
    with committed_app.app_context(), transaction():
        services = []
        for name in ("Alex Rivers", "Robin Vale"):
            therapist = a_therapist(name=name)
            services.append(a_service(therapist).public_id)
            collect_online(therapist.person_id, FixedClock(now()))
        people = [a_client().person_id for _ in range(callers)]
        start = (now() + timedelta(days=7)).replace(hour=12, minute=0, second=0, microsecond=0)
        start += timedelta(days=(-start.weekday()) % 7)
    ready, outcomes = threading.Barrier(callers), []

    def hold_at_once(place: int) -> None:
        both = [Item(services[0], start), Item(services[1], start + timedelta(hours=2))]
        items = both if place % 2 else both[::-1]
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    hold_together(people[place], items, now=now())
                outcomes.append("held")
            except DomainError as refused:
                outcomes.append(refused.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=hold_at_once, args=(place,)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held", *["taken"] * (callers - 1)]
    with committed_app.app_context():
        held = db.session.scalars(select(Booking).where(Booking.state == "held")).all()
        assert (len(held), len({each.booked_by for each in held}), len({each.cart_id for each in held})) == (2, 1, 1)

"""Gift codes from the purchase to the payout: spent in parts with any therapist, given back in the reverse order, and telling nobody of anybody."""

import re
import threading
import uuid

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.models import Booking
from core import jobs
from core.clock import now
from core.db import db, transaction
from core.money import Money
from payments.gifts.models import GiftCode, GiftUse
from payments.gifts.redeem import GiftDoesNotHold, reserve_gift
from payments.gifts.sell import digest_of
from payments.ledger.post import booked_balances
from payments.models import Payment
from payments.payouts.models import Payout
from tests.booking.conftest import states
from tests.booking.paying.conftest import DECLINED, Till, collect_online
from tests.booking.paying.test_compared import compare
from tests.booking.paying.test_give_back import THURSDAY, cancel
from tests.booking.paying.test_heard import rival_books
from tests.booking.paying.test_paid_out import SESSION, pass_days, payee, transfers
from tests.booking.paying.test_price import a_code, choose, chosen
from tests.booking.practice import a_service, a_therapist, signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import a_person, an_account
from tests.fakes.outbox import text_of

__all__ = ["payee"]
PATH = "/api/v1/gift-codes"
CODE = re.compile(r"^[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}$", re.MULTILINE)


def ask(till: Till, amount: int = 10_000, *, by: Browser, note: str | None = None, currency: str = "GBP") -> str:
    answer = by.post(PATH, json={"value": {"amount": amount, "currency": currency}, "note": note})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def gift(till: Till, amount: int = 10_000, *, by: Browser | None = None, note: str | None = None) -> tuple[str, str, Browser]:
    """Bought and paid: its id, the code as the mail has it, and whoever bought it."""
    buyer = by or till.practice.another_client()
    bought = ask(till, amount, by=buyer, note=note)
    page = buyer.post(f"{PATH}/{bought}/checkout")
    assert page.status_code == 200, page.text
    till.pay(page.get_json()["payment_id"])
    till.news()
    return bought, mailed_code(till), buyer


def mailed_code(till: Till) -> str:
    letter = next(each for each in reversed(till.outbox.sent) if str(each["Subject"]) == "Your gift code")
    found = CODE.search(text_of(letter))
    assert found is not None
    return found.group()


def look(till: Till, code: str) -> dict[str, object]:
    answer = till.practice.new_browser().post(f"{PATH}/balance", json={"code": code})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def left(till: Till) -> int:
    """Of the only code, by its rows: looks by code are counted."""
    with transaction():
        only = db.session.scalars(select(GiftCode)).one()
        standing = db.session.scalars(select(GiftUse.amount).where(GiftUse.gift_id == only.id, GiftUse.state != "released")).all()
        assert sum(standing) == only.taken_amount
        return only.value_amount - only.taken_amount


def books() -> dict[tuple[str, int | None], int]:
    with transaction():
        found = booked_balances()
    assert sum(found.values()) == 0
    return {side: amount for (side, _), amount in found.items()}


def booked_with(till: Till, code: str, start: str = THURSDAY, **how: str) -> str:
    """A hold of 60.00 that the code pays as far as it reaches, and a card the rest; booked."""
    booking = till.hold(start, **how)
    price = chosen(till, booking, gift=code)
    if price["way"] == "card":
        till.pay(till.open(booking))
        till.news()
    else:
        assert till.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={}).status_code == 200
    assert till.state(booking) == "confirmed"
    return booking


def test_a_code_is_bought_mailed_and_spent_in_parts_with_any_therapist(till: Till) -> None:
    with transaction():
        other = a_therapist(name="Robin Vale")
        service = str(a_service(other).public_id)
        other_id = other.person_id
        collect_online(other_id, till.clock)
    bought, code, buyer = gift(till, note="Happy birthday")
    (shown,) = buyer.get(PATH).get_json()["items"]
    assert (shown["id"], shown["state"], shown["hint"], shown["expires_at"]) == (bought, "paid", code[-4:], None)
    assert look(till, code.lower().replace("-", " ")) == {"left": {"amount": 10_000, "currency": "GBP"}, "note": "Happy birthday", "expires_at": None}
    assert (books()[("prepaid", None)], till.charged()) == (-10_000, 10_000)
    assert code not in str(till.sandbox.events())

    first = till.hold()
    price = chosen(till, first, gift=code)
    assert (price["by_gift"]["amount"], price["to_pay"]["amount"], price["way"]) == (6000, 0, "gift")
    assert till.check_out(first).get_json()["code"] == "nothing_to_pay"
    assert till.practice.client.post(f"/api/v1/holds/{first}/confirm", json={}).get_json()["state"] == "confirmed"
    second = till.hold("2026-11-23T11:00:00Z", service=service)
    price = chosen(till, second, gift=code)
    assert (price["by_gift"]["amount"], price["to_pay"]["amount"], price["way"]) == (4000, 2000, "card")
    payment = till.open(second)
    till.pay(payment, DECLINED)
    till.pay(payment)
    till.news()
    assert (till.state(second), till.charged(), left(till)) == ("confirmed", 12_000, 0)
    assert books()[("prepaid", None)] == -10_000, "nothing is anybody's before it took place"
    till.at(utc("2026-11-25T10:00"))
    jobs.registry["booking.sweep_over"].run()
    till.work()
    found = books()
    assert (found[("therapist", till.practice.therapist_id)], found[("therapist", other_id)], found[("platform", None)]) == (-5400, -5400, -1200)
    assert ("prepaid", None) not in found
    with transaction():
        bought_by = db.session.scalars(select(GiftCode.buyer_id)).one()
    again = signed_in(till.practice.new_browser, bought_by).get(PATH).get_json()
    assert again == {"items": [shown]}, "its buyer reads nothing of where it went"
    assert look(till, code)["left"] == {"amount": 0, "currency": "GBP"}, "but what is left, by the code from the mail"


@pytest.mark.parametrize(
    ("hours", "card_back", "code_left"), [(25, 2000, 4000), (23, 2000, 1000)], ids=["in time: all of both", "late: the card first, the fee stays of the code"]
)
def test_what_goes_back_goes_to_the_card_first(till: Till, hours: int, card_back: int, code_left: int) -> None:
    till.terms(late_fee_percent=50)
    _, code, _ = gift(till, 4000)
    booking = booked_with(till, code)
    assert left(till) == 0
    till.at(utc("2026-11-26T09:00"), hours=-hours)
    cancel(till, booking)
    assert (till.returned(), left(till)) == ([(card_back, "cancelled", "succeeded")], code_left)
    found = books()
    assert found.get(("therapist", till.practice.therapist_id), 0) == (0 if hours == 25 else -2700)
    assert found.get(("prepaid", None), 0) == -code_left
    if hours == 23:
        assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/waive-fee", json={}).status_code == 200
        till.work()
        assert left(till) == 4000, "what was waived can be spent anew"
        assert books()[("prepaid", None)] == -4000
        assert ("therapist", till.practice.therapist_id) not in books()
        with transaction():
            of_gift = select(Payout.state).join(Payment, Payment.id == Payout.payment_id).where(Payment.purpose == "gift")
            assert db.session.scalars(of_gift).all() == ["dropped"]


def test_a_larger_fee_is_kept_of_both_and_nobody_pays_it_twice(till: Till) -> None:
    till.terms(late_fee_percent=80)
    _, code, _ = gift(till, 4000)
    booking = booked_with(till, code)
    till.at(utc("2026-11-26T09:00"), hours=-1)
    shown = cancel(till, booking)
    assert (till.returned(), left(till)) == ([(1200, "cancelled", "succeeded")], 0)
    assert "pay" not in shown["actions"]
    assert books()[("therapist", till.practice.therapist_id)] == -4320


@pytest.mark.parametrize("end", ["release", "lapse", "abandoned checkout", "other price", "declined", "withdrawn price"])
def test_what_came_to_nothing_can_be_spent_anew(till: Till, end: str) -> None:
    _, code, _ = gift(till, 4000)
    till.terms(booking_mode="request") if end == "declined" else None
    booking = till.hold(THURSDAY)
    chosen(till, booking, gift=code)
    assert left(till) == 0
    if end == "release":
        till.practice.client.post(f"/api/v1/holds/{booking}/release")
    elif end == "lapse":
        till.clock.advance(minutes=11)
        jobs.registry["booking.sweep_lapsed"].run()
        till.work()
    elif end == "abandoned checkout":
        till.open(booking)
        till.minutes(40)
    elif end == "declined":
        till.pay(till.open(booking))
        till.news()
        assert left(till) == 0
        assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/decline", json={"reason": "full"}).status_code == 200
        till.work()
        assert till.charged() == 4000
    elif end == "other price":
        assert chosen(till, booking, gift=code)["by_gift"]["amount"] == 4000
        till.terms(fee_amount=9000)
        assert chosen(till, booking)["to_pay"]["amount"] == 6000
    else:
        answer = choose(till, booking, gift=code, by_pack=True)
        assert answer.status_code == 422
        chosen(till, booking)
    assert left(till) == 4000


@pytest.mark.parametrize("is_free", [True, False])
def test_R33_late_money_takes_the_code_along_or_gives_both_back(till: Till, is_free: bool) -> None:
    _, code, _ = gift(till, 4000)
    booking = till.hold()
    chosen(till, booking, gift=code)
    till.pay(till.open(booking))
    till.clock.advance(minutes=36)
    if not is_free:
        rival_books(till)
    till.news()
    assert states() == ["expired", "confirmed"]
    assert (left(till), till.charged()) == ((0, 6000) if is_free else (4000, 4000))
    with transaction():
        uses = db.session.scalars(select(GiftUse).where(GiftUse.state == "reserved")).all()
        assert [each.reference for each in uses] == [
            each.public_id for each in db.session.scalars(select(Booking).where(Booking.gift_amount > 0, Booking.state == "confirmed"))
        ]


def test_an_unused_code_goes_back_within_14_days_and_only_then(till: Till) -> None:
    bought, code, buyer = gift(till)
    stranger = till.practice.client
    assert [stranger.post(f"{PATH}/{bought}/{what}").status_code for what in ("return", "renew", "checkout")] == [404] * 3
    assert buyer.post(f"{PATH}/{bought}/checkout").get_json()["code"] == "not_payable"
    assert buyer.post(f"{PATH}/{bought}/renew").status_code == 200
    till.work()
    newer = mailed_code(till)
    assert newer != code
    booking = till.hold()
    assert choose(till, booking, gift=code).get_json()["reason"] == "unknown"
    chosen(till, booking, gift=newer)
    assert [buyer.post(f"{PATH}/{bought}/{what}").get_json()["code"] for what in ("return", "renew")] == ["gift_used"] * 2
    chosen(till, booking)
    assert buyer.post(f"{PATH}/{bought}/return").get_json()["state"] == "returned"
    till.work()
    assert (till.returned(), till.charged()) == ([(10_000, "gift_returned", "succeeded")], 0)
    assert ("prepaid", None) not in books()
    assert choose(till, booking, gift=newer).get_json()["reason"] == "unknown"
    late, _, _ = gift(till, by=buyer)
    with transaction():
        db.session.execute(update(GiftCode).where(GiftCode.public_id == uuid.UUID(late)).values(return_until=now()))
    assert buyer.post(f"{PATH}/{late}/return").get_json()["code"] == "return_too_late"


def test_nobody_finds_out_codes_by_asking(till: Till) -> None:
    """Unpaid, unknown, given back and disputed read alike, and looks are counted whatever they find."""
    _, code, buyer = gift(till)
    ask(till, by=buyer)
    browser = till.practice.new_browser()
    unknown = browser.post(f"{PATH}/balance", json={"code": "ABCD-EFGH-JKMN-PQRS"})
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "no_such_gift_code")
    till.sandbox.dispute(next(each.intent for each in till.payments() if each.intent))
    till.news()
    disputed = browser.post(f"{PATH}/balance", json={"code": code})
    assert (disputed.status_code, disputed.get_json()["detail"]) == (404, unknown.get_json()["detail"])
    assert choose(till, till.hold(), gift=code).get_json()["reason"] == "unknown"
    answers = [browser.post(f"{PATH}/balance", json={"code": f"GUESS{number}"}).status_code for number in range(20)]
    assert (answers[:18], answers[18:]) == ([404] * 18, [429] * 2)
    for value in ({"amount": 100, "currency": "GBP"}, {"amount": 1000, "currency": "UGX"}, {"amount": 70_000, "currency": "GBP"}):
        assert buyer.post(PATH, json={"value": value}).status_code == 422


def test_a_code_of_another_currency_or_with_a_therapist_who_sends_invoices(till: Till) -> None:
    _, code, _ = gift(till)
    booking = till.hold()
    with transaction():
        db.session.execute(update(GiftCode).values(value_currency="EUR"))
    assert choose(till, booking, gift=code).get_json()["reason"] == "currency"
    with transaction():
        db.session.execute(update(GiftCode).values(value_currency="GBP", taken_amount=10_000))
    assert choose(till, booking, gift=code).get_json()["reason"] == "used_up"
    with transaction():
        db.session.execute(update(GiftCode).values(taken_amount=0))
        db.session.execute(update(Booking).values(collects="therapist_invoices"))
    assert choose(till, booking, gift=code).get_json()["code"] == "not_paid_here"


def test_what_a_code_paid_is_paid_out_and_a_clean_practice_has_no_difference(payee: Till) -> None:
    """A code of ours makes it cheaper too: we bear that, and therapist and platform share to the unit."""
    _, code, _ = gift(payee, 4000)
    booking = payee.hold(f"{SESSION}:00Z")
    assert chosen(payee, booking, gift=code, code=a_code(payee, points=2000))["to_pay"]["amount"] == 800
    payee.pay(payee.open(booking))
    payee.news()
    unspent, _, _ = gift(payee, 3000)
    payee.at(utc(SESSION))
    assert compare(payee) == []
    pass_days(payee, 6)
    assert compare(payee) == []
    # The therapist's part is that of the price before our code: 90 % of 60.00, a sixth of it from the card.
    assert sorted(each["amount"] for each in transfers(payee)) == [900, 4500]
    found = books()
    assert ("therapist", payee.practice.therapist_id) not in found
    assert (found[("platform", None)], found[("prepaid", None)]) == (5400 - 4800, -3000)
    assert unspent


def an_admin(till: Till) -> Browser:
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
    return signed_in(till.practice.new_browser, person_id)


def test_a_dispute_of_what_was_spent_is_ours_and_not_the_therapists(payee: Till) -> None:
    _, code, _ = gift(payee, 6000)
    booking = booked_with(payee, code, f"{SESSION}:00Z")
    assert an_admin(payee).post(f"/api/v1/staff/gift-uses/{booking}/return").get_json()["code"] == "not_spent"
    payee.at(utc(SESSION))
    pass_days(payee, 1)
    payee.sandbox.dispute(payee.payments()[0].intent)
    payee.news()
    pass_days(payee, 5)
    assert [each["amount"] for each in transfers(payee)] == [5400]
    path = f"/api/v1/staff/gift-uses/{booking}/return"
    admin = an_admin(payee)
    assert admin.post(f"/api/v1/staff/gift-uses/{uuid.uuid4()}/return").status_code == 404
    assert admin.post(path).get_json() == {"returned": {"amount": 6000, "currency": "GBP"}}
    assert admin.post(path).status_code == 404, "once"
    payee.work()
    assert [each["amount"] for each in payee.sandbox.world.each("transfer_reversal")] == [5400]
    assert (left(payee), books()[("prepaid", None)]) == (6000, -6000)


def test_the_pages_of_gift_codes(till: Till) -> None:
    buyer = till.practice.another_client()
    token = {"csrf_token": buyer.csrf_token or ""}
    assert till.practice.new_browser().get("/gift").headers["Location"] == "/sign-in?next=/gift"
    assert "what is left of it can be read by anybody who has the code, you too" in buyer.get("/gift").text
    assert buyer.post("/gift", data={**token, "press": "buy", "amount": "fifty", "currency": "GBP"}).status_code == 422
    assert "From GBP 6.00 to GBP 600.00." in buyer.post("/gift", data={**token, "press": "buy", "amount": "5", "currency": "GBP"}).text
    page = buyer.post("/gift", data={**token, "press": "buy", "amount": "50", "currency": "GBP", "note": "For you"})
    assert "Pay GBP 50.00 by card" in page.text
    (asked,) = buyer.get(PATH).get_json()["items"]
    assert "Pay GBP 50.00 by card" in buyer.post("/gift", data={**token, "press": "pay", "gift": asked["id"]}).text
    payment = str(till.payments()[0].public_id)
    till.pay(payment)
    till.news()
    assert "We have received GBP 50.00" in buyer.get(f"/payments/{payment}").text
    receipt = buyer.get(f"/payments/{payment}/receipt").text
    assert "Gift code" in receipt
    assert "superbill" not in receipt
    assert "Attune" in buyer.get("/payments/statement").text
    code, stranger = mailed_code(till), till.practice.new_browser()
    assert "What is left" in stranger.get("/gift/balance").text
    shown = stranger.post("/gift/balance", data={"code": code}).text
    assert "GBP 50.00" in shown
    assert "For you" in shown
    assert "Kim Wood" not in shown
    assert "no such gift code" in stranger.post("/gift/balance", data={"code": "nothing"}).text
    client, booking = till.practice.client, till.hold()
    answer = client.post(f"/appointment/price/{booking}", data={"csrf_token": client.csrf_token or "", "press": "price", "gift": code}).text
    assert "GBP 50.00" in answer
    assert "GBP 10.00" in answer
    client.post(f"/holds/{booking}/release")
    chosen(till, booking)
    assert "on its way to you by mail" in buyer.post("/gift", data={**token, "press": "renew", "gift": asked["id"]}).text
    assert "on its way back" in buyer.post("/gift", data={**token, "press": "return", "gift": asked["id"]}).text
    assert "given back" in buyer.get("/gift").text


@pytest.mark.races
def test_the_last_of_a_balance_has_one_winner(committed_app: Flask) -> None:
    callers, letters = 5, "RACE-RACE-RACE-RACE"
    with committed_app.app_context(), transaction():
        buyer = a_person().id
        shared = {"digest": digest_of(letters), "hint": "RACE", "state": "paid", "asked_at": now(), "paid_at": now(), "return_until": now()}
        bought = GiftCode(public_id=uuid.uuid4(), buyer_id=buyer, value_amount=6000, value_currency="GBP", taken_amount=0, **shared)
        db.session.add(bought)
        db.session.flush()
        paid = {"captured_amount": 6000, "captured_currency": "GBP", "returned_amount": 0, "state": "settled", "settled_at": now()}
        row = {"reference": bought.public_id, "purpose": "gift", "payer_id": buyer, "payee_id": None, "amount": 6000, "currency": "GBP"}
        db.session.add(Payment(public_id=uuid.uuid4(), created_at=now(), changed_at=now(), **row, **paid))
    ready, outcomes = threading.Barrier(callers), []

    def spend_at_once() -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    outcomes.append(str(reserve_gift(letters, Money(6000, "GBP"), reference=uuid.uuid4(), now=now()).amount))
            except GiftDoesNotHold as refused:
                outcomes.append(str(refused.extra["reason"]))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=spend_at_once) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["6000", *["used_up"] * (callers - 1)]

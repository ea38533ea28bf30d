"""What a hold costs with a lower fee or a code: computed here, shown before it is booked, kept afterwards, and given back with what came to nothing."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking.hold import hold_opening
from booking.paying.price import Chosen, choose_price
from core import jobs
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError
from payments.codes.issue import issue_call_back_code, issue_code
from payments.codes.models import CodeUse, DiscountCode
from payments.codes.terms import Terms
from payments.ledger.post import booked_balances
from tests.booking.conftest import MONDAY_NINE, states
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.practice import a_client, a_service, a_therapist, utc
from tests.browser import Browser
from therapists.models import Concession, Service, Therapist

PLATFORM = ("platform", None), "GBP"


def choose(till: Till, booking: str, *, by: Browser | None = None, **chosen: Any) -> Any:
    return (by or till.practice.client).put(f"/api/v1/holds/{booking}/price", json=chosen)


def chosen(till: Till, booking: str, **what: Any) -> dict[str, Any]:
    answer = choose(till, booking, **what)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def a_code(till: Till, **terms: Any) -> str:
    """A code of ours of ten percent, unless told otherwise."""
    with transaction():
        return issue_code(Terms(**{"points": 1000, **terms}), source="platform", by=till.practice.therapist_id, now=now()).text


def uses() -> list[int]:
    with transaction():
        return list(db.session.scalars(select(DiscountCode.uses).order_by(DiscountCode.id)))


@pytest.fixture
def concession(till: Till) -> str:
    with transaction():
        service = db.session.scalars(select(Service).where(Service.public_id == uuid.UUID(till.practice.service))).one()
        db.session.add(Concession(service_id=service.id, name="Students", fee_amount=3500, rule="You say so yourself."))
    return "Students"


def pay(till: Till, booking: str) -> None:
    till.pay(till.open(booking))
    till.news()


def take_place(till: Till, booking: str) -> None:
    till.at(utc("2026-11-23T09:00"), hours=2)
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"}).status_code == 200


def test_a_code_makes_the_price_lower_before_anything_is_paid(till: Till) -> None:
    booking = till.hold()
    before = till.practice.client.get(f"/api/v1/holds/{booking}/price").get_json()
    assert (before["to_pay"], before["way"], before["code_off"]) == ({"amount": 6000, "currency": "GBP"}, "card", None)
    price = chosen(till, booking, code=a_code(till).lower())
    assert [price[name]["amount"] for name in ("list_price", "code_off", "to_pay")] == [6000, 600, 5400]
    assert till.check_out(booking).get_json()["price"] == {"amount": 5400, "currency": "GBP"}
    pay(till, booking)
    shown = till.read(booking)
    assert (shown["state"], shown["fee"]["amount"], shown["list_price"]["amount"], till.charged()) == ("confirmed", 5400, 6000, 5400)


def test_what_a_code_of_ours_takes_off_comes_out_of_our_fee_and_the_therapist_loses_nothing(till: Till) -> None:
    booking = till.hold()
    chosen(till, booking, code=a_code(till, points=5000))
    pay(till, booking)
    with transaction():
        books = booked_balances()
    assert books[("therapist", till.practice.therapist_id), "GBP"] == -5400, "as if the whole price had been paid"
    assert books[PLATFORM] == 2400, "we add what the client does not pay"
    assert sum(amount for (_, currency), amount in books.items() if currency == "GBP") == 0


def test_what_is_owed_beyond_the_charge_leaves_our_balance(till: Till) -> None:
    booking = till.hold()
    chosen(till, booking, code=a_code(till, points=5000))
    pay(till, booking)
    with transaction():
        db.session.execute(db.text("UPDATE connected_accounts SET reference = :account"), {"account": _an_account(till)})
    take_place(till, booking)
    for _ in range(4):
        till.clock.advance(days=1)
        jobs.registry["payments.look_for_payouts"].run()
        till.work()
    (transfer,) = list(till.sandbox.world.each("transfer"))
    assert (transfer["amount"], transfer["source_transaction"]) == (5400, None)


def _an_account(till: Till) -> str:
    with till.sandbox.world.step():
        account = till.sandbox.world.make("account", capabilities={"transfers": "active"}, metadata={})
    return str(account["id"])


def test_a_therapists_own_code_comes_out_of_their_part(till: Till) -> None:
    made = till.practice.therapist.post("/api/v1/therapist/discount-codes", json={"percent": 50})
    assert made.status_code == 201, made.text
    booking = till.hold()
    chosen(till, booking, code=made.get_json()["text"])
    pay(till, booking)
    with transaction():
        books = booked_balances()
    assert (books[("therapist", till.practice.therapist_id), "GBP"], books[PLATFORM]) == (-2700, -300)
    listed = till.practice.therapist.get("/api/v1/therapist/discount-codes").get_json()["items"]
    assert [(each["hint"], each["text"], each["uses"]) for each in listed] == [(made.get_json()["hint"], None, 1)]


def test_a_lower_fee_is_asked_for_by_name_and_a_code_counts_on_top(till: Till, concession: str) -> None:
    booking = till.hold()
    offered = till.practice.client.get(f"/api/v1/holds/{booking}/price").get_json()["concessions"]
    assert offered == [{"name": concession, "fee": {"amount": 3500, "currency": "GBP"}, "rule": "You say so yourself."}]
    assert chosen(till, booking, concession=concession)["to_pay"]["amount"] == 3500
    both = chosen(till, booking, concession=concession, code=a_code(till))
    assert (both["to_pay"]["amount"], both["code_off"]["amount"]) == (3150, 350)
    assert chosen(till, booking)["to_pay"]["amount"] == 6000, "what is left out does not count any more"
    assert uses() == [0]
    answer = choose(till, booking, concession="Friends")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "no_such_concession")
    chosen(till, booking, concession=concession)
    pay(till, booking)
    shown = till.read(booking)
    assert (shown["fee"]["amount"], shown["concession"], till.charged()) == (3500, concession, 3500)


def test_R22_a_price_that_is_sent_is_refused(till: Till) -> None:
    booking = till.hold()
    for tampered in ({"to_pay": {"amount": 1, "currency": "GBP"}}, {"amount": 1}, {"fee": 1}):
        assert choose(till, booking, **tampered).status_code == 422
    assert till.read(booking)["fee"]["amount"] == 6000


def test_a_price_of_nothing_is_booked_without_a_card(till: Till) -> None:
    booking = till.hold()
    price = chosen(till, booking, code=a_code(till, points=10_000))
    assert (price["to_pay"]["amount"], price["way"]) == (0, "nothing")
    answer = till.check_out(booking)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "nothing_to_pay")
    assert till.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={}).get_json()["state"] == "confirmed"
    assert (till.payments(), till.charged(), uses()) == ([], 0, [1])
    take_place(till, booking)
    with transaction():
        books, leaves = booked_balances(), db.session.execute(db.text("SELECT state, share, payment_id FROM payouts")).all()
    assert [tuple(row) for row in leaves] == [("earned", 5400, None)]
    assert books == {(("therapist", till.practice.therapist_id), "GBP"): -5400, PLATFORM: 5400}, "we owe the therapist their part"
    assert till.cases() == []


@pytest.mark.parametrize("end", ["release", "lapse", "abandon"])
def test_a_use_is_given_back_when_the_hold_comes_to_nothing(till: Till, end: str) -> None:
    code, booking = a_code(till, most_uses=1), till.hold()
    chosen(till, booking, code=code)
    assert uses() == [1]
    if end == "release":
        till.practice.client.post(f"/api/v1/holds/{booking}/release")
    elif end == "lapse":
        till.clock.advance(minutes=11)
        jobs.registry["booking.sweep_lapsed"].run()
        till.work()
    else:
        till.open(booking)
        till.minutes(34)
    assert (states(), uses()) == ([{"lapse": "expired"}.get(end, "released")], [0])
    again = till.hold("2026-11-23T10:00:00Z", by=till.practice.another_client())
    assert again


def test_while_a_checkout_can_still_be_paid_its_use_stands(till: Till) -> None:
    code, booking = a_code(till, most_uses=1), till.hold()
    chosen(till, booking, code=code)
    payment = till.open(booking)
    till.practice.client.post(f"/api/v1/holds/{booking}/release")
    assert uses() == [1]
    till.pay(payment)
    till.work()
    assert (till.state(booking), uses(), till.charged()) == ("confirmed", [1], 5400)


def test_late_money_takes_the_price_and_the_use_along(till: Till) -> None:
    code, booking = a_code(till, most_uses=1), till.hold()
    chosen(till, booking, code=code)
    till.pay(till.open(booking))
    till.clock.advance(minutes=36)
    till.news()
    assert (states(), uses(), till.charged()) == (["expired", "confirmed"], [1], 5400)
    with transaction():
        (use,) = db.session.scalars(select(CodeUse)).all()
    shown = till.read(str(use.reference))
    assert (shown["state"], shown["fee"]["amount"], shown["list_price"]["amount"]) == ("confirmed", 5400, 6000)


def test_a_late_cancellation_keeps_the_use_and_one_in_time_gives_it_back(till: Till) -> None:
    till.terms(late_fee_percent=50)
    code, booking = a_code(till, most_uses=2, most_uses_each=None), till.hold("2026-11-26T09:00:00Z")
    chosen(till, booking, code=code)
    pay(till, booking)
    second = till.hold("2026-11-25T09:00:00Z")
    chosen(till, second, code=code)
    pay(till, second)
    cancel(till, second)
    assert (uses(), till.returned()) == ([1], [(5400, "cancelled", "succeeded")])
    till.at(utc("2026-11-26T08:00"))
    cancel(till, booking)
    assert (uses(), till.returned()[1:]) == ([1], [(2700, "cancelled", "succeeded")]), "half of what was paid"


def test_the_price_stands_while_a_checkout_is_open_and_can_change_once_it_is_over(till: Till) -> None:
    code, booking = a_code(till), till.hold()
    till.open(booking)
    answer = choose(till, booking, code=code)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "checkout_open")
    with transaction():
        db.session.execute(db.text("UPDATE payment_attempts SET state = 'closed'"))
    assert chosen(till, booking, code=code)["to_pay"]["amount"] == 5400
    assert till.check_out(booking).get_json()["price"]["amount"] == 5400
    assert [(payment.amount, payment.state) for payment in till.payments()] == [(6000, "ended"), (5400, "open")]


def test_who_may_not_use_a_code_reads_why(till: Till) -> None:
    with transaction():
        theirs = issue_call_back_code(till.practice.client_id, by=till.practice.therapist_id, points=2500, now=now()).text
    other = till.practice.another_client()
    foreign = till.hold("2026-11-23T11:00:00Z", by=other)
    answer = choose(till, foreign, by=other, code=theirs)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["reason"]) == (409, "code_does_not_hold", "not_yours")
    first = till.hold()
    assert chosen(till, first, code=theirs)["to_pay"]["amount"] == 4500
    pay(till, first)
    again, once = till.hold("2026-11-24T11:00:00Z"), a_code(till, first_only=True)
    assert choose(till, again, code=once).get_json()["reason"] == "first_only"
    assert choose(till, foreign, code=once).status_code == 404
    assert till.practice.client.get(f"/api/v1/holds/{foreign}/price").status_code == 404


def test_guesses_at_codes_are_counted(till: Till) -> None:
    booking = till.hold()
    answers = [choose(till, booking, code=f"GUESS-{number}").status_code for number in range(21)]
    assert answers == [409] * 20 + [429]


def test_a_therapist_who_sends_invoices_takes_lower_fees_and_no_codes(till: Till, concession: str) -> None:
    with transaction():
        db.session.execute(db.text("UPDATE therapists SET collects = 'therapist_invoices'"))
    booking = till.hold()
    answer = choose(till, booking, code=a_code(till))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_paid_here")
    price = chosen(till, booking, concession=concession)
    assert (price["to_pay"]["amount"], price["way"]) == (3500, "invoice")
    assert till.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={}).get_json()["state"] == "confirmed"
    take_place(till, booking)
    with transaction():
        books = booked_balances()
    assert books == {(("therapist", till.practice.therapist_id), "GBP"): 350, PLATFORM: -350}, "our published fee is owed by the therapist, once it took place"


def test_codes_are_made_and_stopped_by_whoever_may(till: Till, admin: Browser) -> None:
    therapist, path, staff = till.practice.therapist, "/api/v1/therapist/discount-codes", "/api/v1/staff/discount-codes"
    for wrong in ({}, {"percent": 10, "off": {"amount": 100, "currency": "GBP"}}, {"percent": 0}, {"off": {"amount": 0, "currency": "GBP"}}):
        assert therapist.post(path, json=wrong).status_code == 422
    ends = {"holds_from": "2026-12-02T00:00:00Z", "holds_until": "2026-12-01T00:00:00Z"}
    assert therapist.post(path, json={"percent": 10, **ends}).status_code == 422
    assert therapist.post(path, json={"percent": 10, "person_id": str(uuid.uuid4())}).status_code == 422
    ours = admin.post(staff, json={"off": {"amount": 1000, "currency": "GBP"}, "most_uses": 5}).get_json()
    assert therapist.delete(f"{path}/{ours['id']}").status_code == 404
    booking = till.hold()
    assert chosen(till, booking, code=ours["text"])["to_pay"]["amount"] == 5000
    assert admin.delete(f"{staff}/{ours['id']}").get_json()["stopped_at"] is not None
    assert choose(till, till.hold("2026-11-23T10:00:00Z"), code=ours["text"]).get_json()["reason"] == "over"
    assert [each["uses"] for each in admin.get(staff).get_json()["items"]] == [1]


def test_the_page_of_a_hold_shows_the_price_takes_a_code_and_leads_to_the_checkout(till: Till, concession: str) -> None:
    client, booking = till.practice.client, till.hold()
    address, token = f"/appointment/price/{booking}", {"csrf_token": till.practice.client.csrf_token or ""}
    page = client.get(address)
    assert page.status_code == 200
    assert "GBP 60.00" in page.text
    assert "Students: GBP 35.00" in page.text
    assert client.post(address, data={**token, "press": "price", "code": "NO-SUCH"}).status_code == 409
    assert "GBP 54.00" in client.post(address, data={**token, "press": "price", "code": a_code(till)}).text
    assert client.post(address, data={**token, "press": "something"}).status_code == 422
    paying = client.post(address, data={**token, "press": "pay"})
    assert "Pay GBP 54.00 by card" in paying.text
    (session,) = till.sandbox.world.each("checkout.session")
    assert session["url"] in paying.text
    assert till.practice.another_client().get(address).status_code == 404
    assert till.practice.new_browser().get(address).headers["Location"] == f"/sign-in?next={address}"
    till.pay(till.payments()[0].public_id.__str__())
    till.news()
    assert "It is booked." in client.get(address).text


@pytest.mark.races
def test_the_last_use_has_one_winner_among_holds(committed_app: Flask) -> None:
    callers = 4
    with committed_app.app_context(), transaction():
        therapist = a_therapist()
        db.session.execute(db.update(Therapist).values(collects="online"))
        service = a_service(therapist).public_id
        people = [a_client().person_id for _ in range(callers)]
        code = issue_code(Terms(points=1000, most_uses=1), source="platform", by=therapist.person_id, now=now()).text
        monday = (now() + timedelta(days=14 - now().weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    holds = []
    with committed_app.app_context():
        for place, person_id in enumerate(people):
            with transaction():
                holds.append(hold_opening(person_id, service, monday + timedelta(hours=place), now=now()).public_id)
    ready, outcomes = threading.Barrier(callers), []

    def use_at_once(place: int) -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    choose_price(holds[place], Chosen(code=code), by=people[place], now=now())
                outcomes.append("used")
            except DomainError as refused:
                outcomes.append(str(refused.extra.get("reason", refused.code)))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=use_at_once, args=(place,)) for place in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["used", "used_up", "used_up", "used_up"]
    with committed_app.app_context():
        assert db.session.scalar(select(DiscountCode.uses)) == 1


def test_the_price_of_a_hold_that_is_over_stays(till: Till) -> None:
    booking = till.hold(MONDAY_NINE)
    till.clock.advance(minutes=11)
    answer = choose(till, booking, code="ANY-CODE")
    assert (answer.status_code, answer.get_json()["code"]) == (410, "hold_expired")


@pytest.mark.parametrize(("currency", "fee", "points", "left"), [("KWD", 12_340, 3333, 8220), ("JPY", 5000, 3333, 3333), ("GBP", 6000, 9999, 0)])
def test_what_is_left_can_be_charged_whatever_the_currency(till: Till, currency: str, fee: int, points: int, left: int) -> None:
    till.terms(fee_amount=fee, fee_currency=currency)
    booking = till.hold()
    assert chosen(till, booking, code=a_code(till, points=points))["to_pay"] == {"amount": left, "currency": currency}
    if left:
        pay(till, booking)
        assert till.read(booking)["payment"]["paid"] == {"amount": left, "currency": currency}
        with transaction():
            assert sum(booked_balances().values()) == 0


@pytest.mark.parametrize(("origin", "fee"), [("match", 720), ("directory", 600)])
def test_our_published_fee_is_by_how_the_client_came(till: Till, origin: str, fee: int) -> None:
    body = {"service_id": till.practice.service, "start": MONDAY_NINE, "origin": origin}
    booking = till.practice.client.post("/api/v1/holds", json=body).get_json()["id"]
    pay(till, booking)
    with transaction():
        assert booked_balances()[PLATFORM] == -fee
        assert db.session.execute(db.text("SELECT origin FROM care_relations")).scalar_one() == origin

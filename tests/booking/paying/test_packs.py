"""Packs: sold at one price, booked from without a card, used up by what takes place or is lost late, and the rest given back to the unit."""

from typing import Any

import pytest

from care.safety_record import Said, record_for_change
from core import jobs
from core.db import db, transaction
from payments.ledger.post import booked_balances
from tests.booking.conftest import states
from tests.booking.paying.conftest import DECLINED, Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_price import _an_account, choose, chosen
from tests.booking.practice import signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.matching.desk_of import cases

PRICE = {"amount": 10_000, "currency": "GBP"}
DAYS = ("2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26")


def on_sale(till: Till, *, sessions: int = 3, price: dict[str, Any] = PRICE) -> str:
    answer = till.practice.therapist.post("/api/v1/therapist/packs", json={"service_id": till.practice.service, "sessions": sessions, "price": price})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def buy(till: Till, offer: str, *, by: Browser | None = None) -> str:
    page = (by or till.practice.client).post(f"/api/v1/pack-offers/{offer}/checkout")
    assert page.status_code == 200, page.text
    till.pay(page.get_json()["payment_id"])
    till.news()
    return str((by or till.practice.client).get("/api/v1/packs").get_json()["items"][0]["id"])


def pack(till: Till) -> dict[str, Any]:
    (only,) = till.practice.client.get("/api/v1/packs").get_json()["items"]
    return {name: only[name] for name in ("state", "left", "reserved", "consumed")} | {"rest": only["rest"]["amount"]}


def book(till: Till, day: str, **how: Any) -> str:
    booking = till.hold(f"{day}T09:00:00Z", **how)
    assert chosen(till, booking, by_pack=True)["way"] == "pack"
    assert till.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={}).get_json()["state"] == "confirmed"
    return booking


def take_place(till: Till, booking: str, day: str) -> None:
    till.at(utc(f"{day}T10:00"))
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"}).status_code == 200


def books() -> dict[str, int]:
    with transaction():
        found = booked_balances()
    assert sum(found.values()) == 0
    return {account: amount for ((account, _), _), amount in found.items()}


def test_a_pack_is_bought_booked_from_and_used_up_as_its_sessions_take_place(till: Till) -> None:
    buy(till, on_sale(till))
    assert pack(till) == {"state": "paid", "left": 3, "reserved": 0, "consumed": 0, "rest": 10_000}
    assert (books()["prepaid"], till.charged()) == (-10_000, 10_000)
    first = book(till, DAYS[0])
    assert pack(till) == {"state": "paid", "left": 2, "reserved": 1, "consumed": 0, "rest": 6666}
    take_place(till, first, DAYS[0])
    assert pack(till) == {"state": "paid", "left": 2, "reserved": 0, "consumed": 1, "rest": 6666}
    assert (books()["therapist"], books()["platform"], books()["prepaid"]) == (-(3334 - 333), -333, -6666)
    assert till.charged() == 10_000, "nothing was charged for it again"


def test_what_was_used_is_paid_out_by_itself(till: Till) -> None:
    buy(till, on_sale(till))
    with transaction():
        db.session.execute(db.text("UPDATE connected_accounts SET reference = :account"), {"account": _an_account(till)})
    take_place(till, book(till, DAYS[0]), DAYS[0])
    for _ in range(4):
        till.clock.advance(days=1)
        jobs.registry["payments.look_for_payouts"].run()
        till.work()
    assert [each["amount"] for each in till.sandbox.world.each("transfer")] == [3334 - 333]


@pytest.mark.parametrize("end", ["in time", "late", "late without a fee", "by the therapist"])
def test_a_session_is_lost_by_cancelling_late_and_only_so(till: Till, end: str) -> None:
    till.terms(late_fee_percent=0 if end == "late without a fee" else 50)
    buy(till, on_sale(till))
    booking = book(till, DAYS[3])
    till.at(utc("2026-11-24T08:00") if end == "in time" else utc("2026-11-26T08:00"))
    cancel(till, booking, by=till.practice.therapist if end == "by the therapist" else None, reason="unwell")
    is_lost = end == "late"
    assert pack(till) == {"state": "paid", "left": 2 if is_lost else 3, "reserved": 0, "consumed": int(is_lost), "rest": 6666 if is_lost else 10_000}
    assert (till.read(booking)["owed"], till.returned()) == (None, [])


@pytest.mark.parametrize("when", ["before it was paid out", "after it was paid out", "after the pack was closed"])
def test_a_therapist_gives_a_lost_session_back_and_their_part_of_it_comes_back(till: Till, when: str) -> None:
    till.terms(late_fee_percent=50)
    bought = buy(till, on_sale(till))
    with transaction():
        db.session.execute(db.text("UPDATE connected_accounts SET reference = :account"), {"account": _an_account(till)})
    take_place(till, book(till, DAYS[0]), DAYS[0])
    booking = book(till, DAYS[3])
    till.at(utc("2026-11-26T08:00"))
    cancel(till, booking, reason="unwell")
    assert pack(till)["consumed"] == 2
    if when == "after it was paid out":
        for _ in range(5):
            till.clock.advance(days=1)
            jobs.registry["payments.look_for_payouts"].run()
            till.work()
        till.at(till.clock.now())
        assert len(list(till.sandbox.world.each("transfer"))) == 2
    elif when == "after the pack was closed":
        till.practice.client.post(f"/api/v1/packs/{bought}/close")
        till.news()
    therapist, waive = till.practice.therapist, f"/api/v1/bookings/{booking}/waive-fee"
    assert "waive_fee" in till.read(booking, by=therapist)["actions"]
    assert till.practice.client.post(waive).status_code == 403
    for _ in range(2):
        assert therapist.post(waive).status_code in (200, 404)
        till.news()
    jobs.registry["payments.look_for_payouts"].run()
    till.work()
    closed = when == "after the pack was closed"
    assert pack(till) == {"state": "closed" if closed else "paid", "left": 0 if closed else 2, "reserved": 0, "consumed": 1, "rest": 0 if closed else 6666}
    assert till.charged() == (3334 if closed else 10_000)
    # What it was worth is nobody's again; our fee on what took place stays.
    assert (books().get("prepaid", 0), books()["platform"]) == (0 if closed else -6666, -333)
    reversed_back = [each["amount_reversed"] for each in till.sandbox.world.each("transfer") if each["amount_reversed"]]
    assert reversed_back == ([3333 - 333] if when == "after it was paid out" else [])
    assert "waive_fee" not in till.read(booking, by=therapist)["actions"]


def test_who_does_not_come_has_used_the_session(till: Till) -> None:
    till.terms(late_fee_percent=100)
    buy(till, on_sale(till))
    booking = book(till, DAYS[0])
    till.at(utc("2026-11-23T10:00"))
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "client_absent"}).status_code == 200
    assert pack(till)["consumed"] == 0, "it can still be contested"
    till.at(utc("2026-11-27T10:00"))
    jobs.registry["booking.sweep_over"].run()
    till.work()
    assert pack(till)["consumed"] == 1


@pytest.mark.parametrize("end", ["release", "lapse", "other price"])
def test_a_session_is_free_again_when_the_hold_comes_to_nothing(till: Till, end: str) -> None:
    buy(till, on_sale(till))
    booking = till.hold()
    chosen(till, booking, by_pack=True)
    assert pack(till)["left"] == 2
    if end == "release":
        till.practice.client.post(f"/api/v1/holds/{booking}/release")
    elif end == "lapse":
        till.clock.advance(minutes=11)
        jobs.registry["booking.sweep_lapsed"].run()
        till.work()
    else:
        assert chosen(till, booking)["to_pay"]["amount"] == 6000
    assert pack(till)["left"] == 3


def test_the_rest_goes_back_and_what_is_booked_stays_paid(till: Till) -> None:
    bought = buy(till, on_sale(till))
    used, kept, freed = book(till, DAYS[0]), book(till, DAYS[1]), DAYS[3]
    take_place(till, used, DAYS[0])
    later = book(till, freed)
    assert till.practice.another_client().post(f"/api/v1/packs/{bought}/close").status_code == 404
    assert till.practice.client.post(f"/api/v1/packs/{bought}/close").get_json()["code"] == "nothing_left"
    till.at(utc("2026-11-23T12:00"))
    cancel(till, later)
    closed = till.practice.client.post(f"/api/v1/packs/{bought}/close")
    assert (closed.status_code, closed.get_json()["state"]) == (200, "closed")
    till.work()
    assert till.returned() == [(3333, "pack_closed", "succeeded")]
    assert till.practice.client.post(f"/api/v1/packs/{bought}/close").status_code == 404
    answer = choose(till, till.hold(f"{DAYS[3]}T12:00:00Z"), by_pack=True)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_pack")
    assert till.state(kept) == "confirmed"


def test_a_booked_session_of_a_closed_pack_goes_back_to_the_card_when_it_comes_to_nothing(till: Till) -> None:
    bought = buy(till, on_sale(till))
    booking = book(till, DAYS[3])
    till.practice.client.post(f"/api/v1/packs/{bought}/close")
    cancel(till, booking)
    assert sorted(till.returned()) == [(3334, "pack_closed", "succeeded"), (6666, "pack_closed", "succeeded")]
    assert (till.charged(), books().get("prepaid", 0)) == (0, 0)


def given(till: Till, amount: int) -> tuple[int, Any]:
    with transaction():
        admin_id = an_account(roles=("client", "admin")).person_id
    admin, payment = signed_in(till.practice.new_browser, admin_id), till.payments()[-1].public_id
    answer = admin.post(f"/api/v1/staff/payments/{payment}/refunds", json={"amount": amount, "reason": "goodwill"})
    till.work()
    return answer.status_code, answer.get_json().get("code") or answer.get_json()["returned"]["amount"]


def test_staff_give_back_of_a_pack_what_its_rule_says_and_nothing_else(till: Till) -> None:
    buy(till, on_sale(till))
    take_place(till, book(till, DAYS[0]), DAYS[0])
    booked = book(till, DAYS[2])
    assert [given(till, amount) for amount in (10_000, 3334, 3332)] == [(409, "more_than_left")] * 2 + [(409, "only_the_rest")]
    assert (till.returned(), pack(till)["state"]) == ([], "paid")
    assert given(till, 3333) == (201, 3333)
    assert pack(till) == {"state": "closed", "left": 0, "reserved": 1, "consumed": 1, "rest": 0}
    assert given(till, 1) == (409, "more_than_left")
    cancel(till, booked)
    assert [amount for amount, _, _ in till.returned()] == [3333, 3333]
    assert (till.charged(), books().get("prepaid", 0)) == (3334, 0)


def test_the_rest_of_a_pack_whose_refund_failed_is_given_back_again(till: Till) -> None:
    bought = buy(till, on_sale(till))
    take_place(till, book(till, DAYS[0]), DAYS[0])
    assert till.practice.client.post(f"/api/v1/packs/{bought}/close").status_code == 200
    till.work()
    (refund,) = till.sandbox.world.each("refund")
    till.sandbox.refund_becomes(refund["id"], "failed")
    till.news()
    assert [state for _, _, state in till.returned()] == ["failed"]
    assert (given(till, 6667), given(till, 6666)) == ((409, "more_than_left"), (201, 6666))
    assert (till.charged(), books().get("prepaid", 0)) == (3334, 0)


def test_a_pack_costs_no_more_than_its_sessions_and_is_for_one_service(till: Till) -> None:
    path, therapist = "/api/v1/therapist/packs", till.practice.therapist
    dear = {"service_id": till.practice.service, "sessions": 3, "price": {"amount": 18_001, "currency": "GBP"}}
    assert therapist.post(path, json=dear).status_code == 422
    assert therapist.post(path, json={**dear, "service_id": till.practice.consultation, "price": PRICE}).get_json()["code"] == "no_packs"
    offer = on_sale(till)
    assert therapist.post(path, json={**dear, "price": PRICE}).get_json()["code"] == "already_offered"
    other = till.hold("2026-11-23T12:00:00Z", service=till.another_service(minutes=30, step_minutes=30))
    buy(till, offer)
    assert choose(till, other, by_pack=True).get_json()["code"] == "no_pack"
    assert choose(till, other, by_pack=True, code="ABC").status_code == 422
    assert till.practice.client.delete(f"{path}/{offer}").status_code == 403
    assert therapist.delete(f"{path}/{offer}").get_json()["stopped_at"] is not None
    assert till.practice.client.get(f"/api/v1/services/{till.practice.service}/packs").get_json() == {"items": []}
    assert till.practice.another_client().post(f"/api/v1/pack-offers/{offer}/checkout").status_code == 404
    assert [each["sold"] for each in therapist.get(path).get_json()["items"]] == [1]
    assert pack(till)["left"] == 3, "what was bought stays"


def test_a_pack_keeps_its_price_when_the_fee_changes(till: Till) -> None:
    buy(till, on_sale(till))
    till.terms(fee_amount=9000)
    booking = book(till, DAYS[0])
    take_place(till, booking, DAYS[0])
    assert (books()["prepaid"], till.charged()) == (-6666, 10_000)


def test_who_comes_back_pays_the_same_pack_and_a_declined_card_buys_none(till: Till) -> None:
    offer = on_sale(till)
    page = till.practice.client.post(f"/api/v1/pack-offers/{offer}/checkout").get_json()
    assert till.practice.client.post(f"/api/v1/pack-offers/{offer}/checkout").get_json() == page
    till.pay(page["payment_id"], DECLINED)
    till.news()
    assert till.practice.client.get("/api/v1/packs").get_json() == {"items": []}
    till.minutes(34)
    again = till.practice.client.post(f"/api/v1/pack-offers/{offer}/checkout").get_json()
    assert again["payment_id"] == page["payment_id"]
    till.pay(again["payment_id"])
    till.news()
    till.news()
    assert (pack(till)["left"], till.charged()) == (3, 10_000)


def test_the_page_of_a_hold_takes_a_session_of_the_pack(till: Till) -> None:
    buy(till, on_sale(till))
    client, booking = till.practice.client, till.hold()
    address, token = f"/appointment/price/{booking}", {"csrf_token": client.csrf_token or ""}
    assert "Take a session of your pack (3 left)" in client.get(address).text
    assert "one session, paid already" in client.post(address, data={**token, "press": "pack"}).text
    assert "It is booked." in client.post(address, data={**token, "press": "book"}).text
    assert states() == ["confirmed"]


def test_the_pages_of_packs_sell_one_and_give_the_rest_back(till: Till) -> None:
    offer, client, token = on_sale(till), till.practice.client, {"csrf_token": till.practice.client.csrf_token or ""}
    address = f"/packs/{till.practice.service}"
    stranger = till.practice.new_browser()
    assert "3 sessions of 50 minutes" in stranger.get(address).text
    assert "Buy 3 sessions" not in stranger.get(address).text
    assert stranger.get("/packs").headers["Location"] == "/sign-in?next=/packs"
    assert "You have no packs." in client.get("/packs").text
    assert client.post(address, data={**token, "offer": "nothing"}).status_code == 422
    assert "Pay GBP 100.00 by card" in client.post(address, data={**token, "offer": offer}).text
    till.pay(str(till.payments()[0].public_id))
    till.news()
    page = client.get("/packs").text
    assert "3 left, 0 booked, 0 used" in page
    assert "Get GBP 100.00 back" in page
    (bought,) = client.get("/api/v1/packs").get_json()["items"]
    assert till.practice.another_client().post("/packs", data={"pack": bought["id"]}).status_code == 404
    assert "on its way back" in client.post("/packs", data={**token, "pack": bought["id"]}).text
    till.work()
    assert (till.charged(), "closed" in client.get("/packs").text) == (0, True)


def test_P16_P26_a_pack_is_not_begun_where_a_person_helps_first(till: Till) -> None:
    offer, young = on_sale(till), till.practice.another_client()
    assert young.put("/api/v1/me/age-band", json={"age_band": "age_13_17"}).status_code == 200
    afraid = till.practice.client
    with transaction():
        Said(record_for_change(till.practice.client_id)).change(told=["unsafe_at_home"])
        db.session.execute(db.text("UPDATE services SET unit = 'couple'"))
    for browser in (young, afraid):
        refused = browser.post(f"/api/v1/pack-offers/{offer}/checkout")
        assert (refused.status_code, refused.get_json()["code"]) == (409, "somebody_helps")
    assert [each.facts for each in cases("matchmaking")] == [{"reason": "minor"}]
    assert [each.person_id for each in cases("safety")] == [till.practice.client_id]

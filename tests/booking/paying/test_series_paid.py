"""Series paid session by session: the first at a checkout that keeps the card, each later one 48 hours before it, and what happens when it cannot be."""

import uuid

import pytest
from sqlalchemy import select, update

from core.db import db, transaction
from payments.ledger.post import booked_balances
from payments.models import PaymentAttempt, SavedCard
from tests.booking.conftest import overlaps, states
from tests.booking.paying.conftest import DECLINED, Till
from tests.booking.paying.test_packs import buy, on_sale
from tests.booking.paying.test_packs import pack as pack_of
from tests.booking.paying.test_price import chosen
from tests.booking.paying.weekly import (
    NINE,
    NOT_PAID,
    PRICE,
    WEEKS,
    body,
    booked,
    charged_for,
    check_out,
    go_to,
    hold,
    letters,
    sweep,
)
from tests.booking.practice import utc
from therapists.models import Concession, Service


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


@pytest.mark.parametrize("taken", ["none", "the second", "the first"])
def test_R32_R33_late_money_for_a_series_books_the_dates_that_are_still_free_or_goes_back(weekly: Till, taken: str) -> None:
    series = hold(weekly)
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.clock.advance(minutes=37)
    if taken != "none":
        week = WEEKS[0 if taken == "the first" else 1]
        weekly.hold(week + NINE, by=weekly.practice.another_client())
    weekly.news()
    mine = [state for state in states() if state != "held"]
    if taken == "the first":
        assert mine == ["expired"] * 4
        assert (weekly.charged(), [reason for _, reason, _ in weekly.returned()]) == (0, ["late"])
        return
    booked_again = 4 if taken == "none" else 3
    assert mine == ["expired"] * 4 + ["confirmed"] * booked_again
    assert (weekly.charged(), weekly.returned(), overlaps()) == (PRICE, [], 0)
    items = weekly.practice.client.get("/api/v1/bookings").get_json()["items"]
    dates = [each["id"] for each in items]
    assert [each["starts_at"][:10] for each in items] == [week for week in WEEKS if week != WEEKS[1] or taken == "none"]
    assert {each["series"]["every_weeks"] for each in items} == {1}
    assert charged_for(weekly, dates[0]) == ("paid", PRICE)
    go_to(weekly, 3, hours_before=48)
    assert (charged_for(weekly, dates[-1]), weekly.charged()) == (("paid", PRICE), 2 * PRICE), "the card of that checkout is kept"


@pytest.mark.parametrize("by_pack", [1, 0], ids=["a later date", "the first"])
def test_R33_a_date_that_a_pack_was_to_pay_is_not_booked_again_and_its_session_is_whole(weekly: Till, by_pack: int) -> None:
    """The session was given back with the hold, and can be spent on something else by then."""
    buy(weekly, on_sale(weekly, sessions=2, price={"amount": 10_000, "currency": "GBP"}))
    series = hold(weekly)
    assert chosen(weekly, str(series["dates"][by_pack]["id"]), by_pack=True)["way"] == "pack"
    assert pack_of(weekly)["reserved"] == 1
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.clock.advance(minutes=37)
    weekly.news()
    items = weekly.practice.client.get("/api/v1/bookings").get_json()["items"]
    assert [each["starts_at"][:10] for each in items] == [week for number, week in enumerate(WEEKS) if number != by_pack]
    paid, later = items[0]["id"], items[1]["id"]
    assert (charged_for(weekly, paid), weekly.charged()) == (("paid", PRICE), 10_000 + PRICE)
    assert {name: pack_of(weekly)[name] for name in ("left", "reserved", "consumed", "rest")} == {"left": 2, "reserved": 0, "consumed": 0, "rest": 10_000}
    with transaction():
        found = booked_balances()
    assert (sum(found.values()), found[(("prepaid", None), "GBP")]) == (0, -10_000)
    number = WEEKS.index(items[1]["starts_at"][:10])
    go_to(weekly, number, hours_before=47)
    assert (charged_for(weekly, later), weekly.charged()) == (("paid", PRICE), 10_000 + 2 * PRICE), "by the card of that checkout"


def test_a_series_counts_as_one_hold(weekly: Till) -> None:
    hold(weekly)
    assert weekly.hold("2026-11-24" + NINE)
    assert weekly.hold("2026-11-25" + NINE)
    answer = weekly.practice.client.post("/api/v1/holds", json={"service_id": weekly.practice.service, "start": "2026-11-26" + NINE})
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_holds")


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

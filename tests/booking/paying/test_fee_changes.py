"""Prices over time: another fee is announced 30 days ahead, unpaid dates after it need their client's yes, and whatever was agreed or paid keeps its price."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from booking.fee_changes.notice import ANSWERED_BEFORE, NOTICE, answer_by, is_far_enough
from booking.paying.charge_clock import TRIES
from core.db import db, transaction
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_packs import buy, on_sale
from tests.booking.paying.test_packs import pack as pack_of
from tests.booking.paying.test_price import chosen
from tests.booking.paying.weekly import NINE, booked, hold, letters, sweep
from tests.booking.practice import utc
from therapists.models import Concession, Service

CHANGES, EFFECT = "/api/v1/therapist/fee-changes", "2026-12-28T00:00:00Z"
MAIL = "Another fee for your appointments"
# Eight weekly dates from 23 November on: the last three are after it.
BEFORE, AFTER = 5, 3


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(-(10**8), 10**8))
def test_the_notice_is_30_days_and_answers_come_before_anything_is_charged(now: datetime, seconds: int) -> None:
    effect = now + NOTICE + timedelta(seconds=seconds)
    assert is_far_enough(effect, now=now) == (0 <= seconds <= 336 * 86_400)
    assert effect - answer_by(effect) == ANSWERED_BEFORE > TRIES[0]


@pytest.fixture
def weekly(till: Till) -> Till:
    with transaction():
        db.session.execute(update(Service).values(series_most=12, late_fee_percent=50))
    return till


def announce(till: Till, **terms: Any) -> Any:
    body = {"service_id": till.practice.service, "fee": {"amount": 7000, "currency": "GBP"}, "takes_effect_at": EFFECT, **terms}
    return till.practice.therapist.post(CHANGES, json=body)


def announced(till: Till, **terms: Any) -> dict[str, Any]:
    answer = announce(till, **terms)
    assert answer.status_code == 201, answer.text
    till.work()
    return dict(answer.get_json())


def answer(till: Till, change: str, *, accept: bool) -> Any:
    return till.practice.client.post(f"/api/v1/fee-changes/{change}/answer", json={"accept": accept})


def fees(till: Till, dates: list[str]) -> list[tuple[str, int]]:
    return [(shown["state"], shown["fee"]["amount"]) for shown in (till.read(each) for each in dates)]


def test_a_fee_is_announced_30_days_ahead_and_not_later(weekly: Till) -> None:
    for wrong in (
        {"takes_effect_at": "2026-12-22T14:59:00Z"},
        {"takes_effect_at": "2028-01-01T00:00:00Z"},
        {"fee": None},
        {"fee": {"amount": 6000, "currency": "GBP"}},
        {"fee": {"amount": 7000, "currency": "EUR"}},
        {"fee": {"amount": 0, "currency": "GBP"}},
        {"concession": "Nobody"},
        {"service_id": weekly.practice.consultation},
    ):
        assert announce(weekly, **wrong).status_code == 422, wrong
    assert announce(weekly, service_id=str(uuid.uuid4())).status_code == 404
    assert announced(weekly, takes_effect_at="2026-12-22T15:00:00Z")["asked"] == 0
    assert announce(weekly).get_json()["code"] == "announced_already"


def test_who_is_booked_is_not_made_to_pay_more_by_an_edit(weekly: Till) -> None:
    path, therapist = f"/api/v1/therapist/services/{weekly.practice.service}", weekly.practice.therapist
    assert therapist.patch(path, json={"fee": {"amount": 6500, "currency": "GBP"}}).status_code == 200, "nobody is booked yet"
    weekly.terms(fee_amount=6000)
    dates = booked(weekly, count=2)
    refused = therapist.patch(path, json={"fee": {"amount": 7000, "currency": "GBP"}})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "fee_needs_notice")
    assert therapist.patch(path, json={"fee": {"amount": 5000, "currency": "GBP"}}).status_code == 200
    assert [fee for _, fee in fees(weekly, dates)] == [6000, 6000], "a booking keeps its price"


def test_a_yes_keeps_the_dates_at_the_new_fee_and_nothing_before_it_changes(weekly: Till) -> None:
    dates = booked(weekly, count=8)
    change = announced(weekly)
    (text,) = letters(weekly, MAIL)
    assert "GBP 70.00 instead of GBP 60.00" in text
    assert text.count("2026, 09:00") + text.count("2027, 09:00") == AFTER
    (asked,) = weekly.practice.client.get("/api/v1/fee-changes").get_json()["items"]
    assert (asked["is_open"], len(asked["dates"]), asked["answer_by"]) == (True, AFTER, "2026-12-25T00:00:00Z")
    assert weekly.practice.another_client().post(f"/api/v1/fee-changes/{change['id']}/answer", json={"accept": True}).status_code == 404
    assert answer(weekly, change["id"], accept=True).get_json()["answer"] == "accepted"
    assert answer(weekly, change["id"], accept=False).get_json()["code"] == "answer_over"
    assert fees(weekly, dates) == [("confirmed", 6000)] * BEFORE + [("confirmed", 7000)] * AFTER
    assert weekly.practice.therapist.delete(f"{CHANGES}/{change['id']}").get_json()["code"] == "answered_already"
    weekly.at(utc("2026-12-26T09:00"))
    weekly.work()
    sweep(weekly)
    shown = weekly.read(dates[5])
    assert (shown["state"], shown["payment"]["paid"]["amount"]) == ("confirmed", 7000)


@pytest.mark.parametrize("how", ["no", "silence"])
def test_without_a_yes_the_dates_are_cancelled_free_of_charge(weekly: Till, how: str) -> None:
    dates = booked(weekly, count=8)
    change = announced(weekly)
    if how == "no":
        assert answer(weekly, change["id"], accept=False).get_json()["answer"] == "declined"
    else:
        weekly.at(utc("2026-12-24T23:59"))
        weekly.work()
        assert [state for state, _ in fees(weekly, dates)] == ["confirmed"] * 8
        weekly.at(utc("2026-12-25T00:00"))
        weekly.work()
    weekly.work()
    assert [state for state, _ in fees(weekly, dates)] == ["confirmed"] * BEFORE + ["cancelled"] * AFTER
    assert [weekly.read(each)["owed"] for each in dates[BEFORE:]] == [None] * AFTER
    (told,) = weekly.practice.therapist.get(CHANGES).get_json()["items"]
    assert (told["asked"], told["declined"], told["lapsed"]) == (1, int(how == "no"), int(how == "silence"))
    assert weekly.charged() == 6000


def test_on_its_day_the_fee_is_the_services(weekly: Till) -> None:
    announced(weekly)
    path = f"/api/v1/therapist/services/{weekly.practice.service}"
    for moment, fee in (("2026-12-27T23:59", 6000), ("2026-12-28T00:00", 7000)):
        weekly.at(utc(moment))
        weekly.work()
        assert weekly.practice.therapist.get(path).get_json()["fee"]["amount"] == fee


def test_what_is_taken_back_changes_nothing(weekly: Till) -> None:
    dates = booked(weekly, count=8)
    change = announced(weekly)
    assert weekly.practice.therapist.delete(f"{CHANGES}/{change['id']}").get_json()["withdrawn_at"] is not None
    assert answer(weekly, change["id"], accept=True).get_json()["code"] == "answer_over"
    for day in ("2026-12-25T00:00", "2026-12-28T00:00"):
        weekly.at(utc(day))
        weekly.work()
    assert fees(weekly, dates) == [("confirmed", 6000)] * 8
    with transaction():
        assert db.session.scalars(select(Service.fee_amount).where(Service.public_id == uuid.UUID(weekly.practice.service))).one() == 6000
    assert announce(weekly, takes_effect_at="2027-02-01T00:00:00Z").status_code == 201


def test_a_fee_that_falls_is_nobodys_question(weekly: Till) -> None:
    dates = booked(weekly, count=8)
    assert announced(weekly, fee={"amount": 5000, "currency": "GBP"})["asked"] == 0
    assert fees(weekly, dates) == [("confirmed", 6000)] * BEFORE + [("confirmed", 5000)] * AFTER
    assert letters(weekly, MAIL) == []


def test_packs_and_what_is_paid_keep_their_price(weekly: Till) -> None:
    weekly.terms(window_days=90)
    paid = weekly.paid_booking("2026-12-29" + NINE)
    buy(weekly, on_sale(weekly))
    by_pack = weekly.hold("2026-12-30" + NINE)
    chosen(weekly, by_pack, by_pack=True)
    assert weekly.practice.client.post(f"/api/v1/holds/{by_pack}/confirm", json={}).get_json()["state"] == "confirmed"
    assert announced(weekly)["asked"] == 0
    weekly.at(utc("2026-12-28T00:00"))
    weekly.work()
    assert fees(weekly, [paid, by_pack]) == [("confirmed", 6000), ("confirmed", 0)]
    assert (pack_of(weekly)["left"], pack_of(weekly)["reserved"]) == (2, 1)


def test_the_end_of_a_lower_fee_follows_the_same_notice(weekly: Till) -> None:
    path = f"/api/v1/therapist/services/{weekly.practice.service}"
    with transaction():
        service_id = db.session.scalars(select(Service.id).where(Service.public_id == uuid.UUID(weekly.practice.service))).one()
        db.session.add(Concession(service_id=service_id, name="Students", fee_amount=3500))
    series = hold(weekly, 8, concession="Students")
    weekly.pay(weekly.practice.client.post(f"/api/v1/series/{series['id']}/checkout").get_json()["payment_id"])
    weekly.news()
    dates = [each["id"] for each in series["dates"]]
    assert weekly.practice.therapist.patch(path, json={"concessions": []}).get_json()["code"] == "fee_needs_notice"
    change = announced(weekly, fee=None, concession="Students")
    assert (change["new_fee"], change["asked"]) == (None, 1)
    assert answer(weekly, change["id"], accept=True).get_json()["new_fee"]["amount"] == 6000
    assert fees(weekly, dates) == [("confirmed", 3500)] * BEFORE + [("confirmed", 6000)] * AFTER
    assert weekly.read(dates[-1])["concession"] is None
    weekly.at(utc("2026-12-28T00:00"))
    weekly.work()
    with transaction():
        assert db.session.scalars(select(Concession.name)).all() == []


def test_the_page_of_the_question_takes_the_answer(weekly: Till) -> None:
    dates = booked(weekly, count=8)
    change, client = announced(weekly), weekly.practice.client
    address = f"/appointment/new-fee/{change['id']}"
    page = client.get(address)
    assert (page.status_code, "GBP 70.00 instead of GBP 60.00" in page.text) == (200, True)
    assert client.post(address, data={"csrf_token": client.csrf_token, "answer": "perhaps"}).status_code == 422
    assert client.post(address, data={"csrf_token": client.csrf_token, "answer": "accept"}).status_code == 200
    assert fees(weekly, dates)[-1] == ("confirmed", 7000)
    assert "You have agreed" in client.get(address).text
    assert weekly.practice.another_client().get(address).status_code == 404
    assert weekly.practice.new_browser().get(address).headers["Location"] == f"/sign-in?next={address}"

"""How much one client may leave open at once."""

import pytest
from sqlalchemy import text

from booking.lifecycle import State
from booking.open_limit import TooManyOpen, require_room
from core.db import db, transaction
from tests.booking.conftest import Practice
from tests.booking.practice import a_consultation, a_therapist, utc

TUESDAY = [f"2026-11-24T{hour:02}:00:00Z" for hour in range(9, 16)]


def open_three(practice: Practice) -> list[str]:
    answers = [practice.ask(start) for start in TUESDAY[:3]]
    assert [answer.status_code for answer in answers] == [201] * 3
    return [answer.get_json()["id"] for answer in answers]


def test_R16_a_client_with_three_open_requests_is_refused_a_fourth_and_nothing_is_replaced(practice: Practice):
    open_three(practice)
    fourth = practice.ask(TUESDAY[3])
    assert (fourth.status_code, fourth.get_json()["code"], fourth.get_json()["limit"]) == (429, "too_many_open", 3)
    with transaction():
        assert db.session.execute(text("SELECT array_agg(state) FROM bookings")).scalar_one() == ["requested"] * 3
        assert db.session.execute(text("SELECT count(*) FROM claims WHERE blocks")).scalar_one() == 6


def test_R16_another_client_still_books_and_the_same_one_still_books_a_session(practice: Practice):
    open_three(practice)
    assert practice.ask(TUESDAY[3], by=practice.another_client()).status_code == 201
    assert practice.book().status_code == 201


def test_R16_an_answer_or_a_withdrawal_makes_room(practice: Practice):
    first, second, _ = open_three(practice)
    assert practice.client.post(f"/api/v1/bookings/{first}/withdraw").status_code == 200
    assert practice.ask(TUESDAY[3]).status_code == 201
    assert practice.therapist.post(f"/api/v1/bookings/{second}/decline", json={"reason": "full"}).status_code == 200
    assert practice.ask(TUESDAY[4]).status_code == 201


def test_R16_a_confirmed_consultation_counts_until_it_begins(practice: Practice):
    for booking in open_three(practice):
        assert practice.therapist.post(f"/api/v1/bookings/{booking}/confirm").status_code == 200
    assert practice.ask(TUESDAY[3]).status_code == 429
    with transaction():
        at_once = str(a_consultation(a_therapist(), instant=True).public_id)
    assert practice.book(TUESDAY[4], service=at_once).status_code == 429
    with transaction():
        require_room(practice.client_id, kind="consultation", state=State.REQUESTED, now=utc("2026-11-24T09:00"))


def test_R16_a_request_whose_clock_has_run_out_takes_no_room(practice: Practice):
    open_three(practice)
    with transaction():
        with pytest.raises(TooManyOpen):
            require_room(practice.client_id, kind="session", state=State.REQUESTED, now=utc("2026-11-23T20:59"))
        require_room(practice.client_id, kind="session", state=State.REQUESTED, now=utc("2026-11-23T21:00"))


def test_R16_the_same_third_request_sent_again_is_answered_as_before(practice: Practice):
    practice.ask(TUESDAY[0])
    practice.ask(TUESDAY[1])
    sent = {"json": {"service_id": practice.consultation, "start": TUESDAY[2]}, "headers": {"Idempotency-Key": "once"}}
    first, again = practice.client.post("/api/v1/bookings", **sent), practice.client.post("/api/v1/bookings", **sent)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json()["id"] == again.get_json()["id"]

"""One time and several therapists: the first who is free, in the client's order."""

import uuid
from typing import Any

import pytest
from sqlalchemy import text, update

from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_consultation, a_service, a_therapist
from tests.booking.test_request import code
from therapists.models import Service, Therapist


@pytest.fixture
def other(practice: Practice) -> str:
    """The same kind of session with somebody else."""
    with transaction():
        return str(a_service(a_therapist(name="Robin Hale")).public_id)


def ask(practice: Practice, *services: str, start: str = MONDAY_NINE, by: Any = None, **body: Any) -> Any:
    return (by or practice.client).post("/api/v1/bookings/first-free", json={"service_ids": services, "start": start, **body})


def test_the_first_in_the_clients_order_is_booked_and_the_next_when_that_one_is_taken(practice: Practice, other: str):
    first = ask(practice, practice.service, other, title="Coffee").get_json()
    assert (first["therapist"]["name"], first["state"], first["title"]) == ("Alex Rivers", "confirmed", "Coffee")
    somebody = practice.another_client()
    assert ask(practice, practice.service, other, by=somebody).get_json()["therapist"]["name"] == "Robin Hale"
    nobody = ask(practice, practice.service, other, by=practice.another_client())
    assert code(nobody) == (409, "taken")
    assert nobody.get_json()["refusals"] == [{"service_id": each, "code": "taken"} for each in (practice.service, other)]
    assert (states(), overlaps()) == (["confirmed", "confirmed"], 0)


def test_who_cannot_be_booked_is_passed_by_whatever_the_reason(practice: Practice, other: str):
    for column in ({"held_at": text("now()")}, {"accepting": False}, {"published_at": None}):
        with transaction():
            db.session.execute(update(Therapist).where(Therapist.person_id == practice.therapist_id).values(column))
        answer = ask(practice, practice.service, other, by=practice.another_client())
        assert answer.get_json()["therapist"]["name"] == "Robin Hale", answer.text
        booking = answer.get_json()["id"]
        with transaction():
            db.session.execute(text("UPDATE bookings SET state = 'cancelled' WHERE public_id = :id"), {"id": booking})
            db.session.execute(text("UPDATE claims SET blocks = false"))
            db.session.execute(text("UPDATE therapists SET held_at = NULL, accepting = true, published_at = created_at"))


def test_what_is_refused_for_another_reason_than_a_clash_is_said_with_the_reason_of_each(practice: Practice, other: str):
    with transaction():
        db.session.execute(update(Service).where(Service.public_id == uuid.UUID(other)).values(lead_minutes=60 * 24 * 7))
    answer = ask(practice, practice.service, other, start="2026-11-23T20:00:00Z")
    assert code(answer) == (422, "out_of_hours")
    assert [each["code"] for each in answer.get_json()["refusals"]] == ["out_of_hours", "too_soon"]
    assert states() == []


def test_what_is_about_the_client_is_refused_at_once(practice: Practice, other: str):
    with transaction():
        talks = [str(a_consultation(a_therapist(name=f"Robin {name}")).public_id) for name in ("A", "B", "C", "D")]
    for hour, talk in enumerate(talks[:3], 9):
        assert ask(practice, talk, start=f"2026-11-24T{hour:02}:00:00Z").status_code == 201
    assert code(ask(practice, talks[3], other, start="2026-11-24T13:00:00Z")) == (429, "too_many_open")
    assert states() == ["requested"] * 3


@pytest.mark.parametrize("services", [[], ["same", "same"], ["nonsense"], [str(uuid.UUID(int=number)) for number in range(6)]])
def test_between_one_and_five_services_each_once(practice: Practice, services: list[str]):
    assert ask(practice, *[practice.service if each == "same" else each for each in services]).status_code == 422


def test_the_same_key_books_once_and_guests_do_not_book(practice: Practice, other: str):
    sent = {"service_ids": [practice.service, other], "start": MONDAY_NINE}
    first, second = (practice.client.post("/api/v1/bookings/first-free", json=sent, headers={"Idempotency-Key": "f-1"}) for _ in range(2))
    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert states() == ["confirmed"]
    assert ask(practice, practice.service, by=practice.new_browser()).status_code == 401
    assert code(ask(practice, str(uuid.UUID(int=7)))) == (404, "not_found")

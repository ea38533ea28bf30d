"""Two who come together: one booking, and neither reads what is the other's."""

import pytest

from booking.lifecycle import State
from booking.models import Booking
from booking.place import place
from core.clock import now
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps
from tests.booking.practice import a_client, a_service, signed_in
from tests.booking.test_letters import mails
from tests.booking.test_place import wanted
from tests.browser import Browser
from therapists.models import Therapist

NOTE = "I cannot be in one room with Kim any more."


@pytest.fixture
def booked(practice: Practice) -> tuple[str, Browser]:
    """The booking of a couple, which the first of them made, and a browser of the second."""
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        therapist.units = ["individual", "couple"]
        service, kim = a_service(therapist, unit="couple"), a_client(name="Kim Wood").person_id
        booking = place(wanted(service.id, practice.client_id, kim), State.CONFIRMED, lapses_at=None, now=now())
        booking.concession = "Students"
        public_id = str(booking.public_id)
    return public_id, signed_in(practice.new_browser, kim)


def everything_read_by(browser: Browser, booking: str) -> str:
    """Every answer in which a client meets the booking."""
    feed = browser.post("/api/v1/calendar-feeds", json={"side": "client"}).get_json()["address"].partition("attune.test")[2]
    paths = [f"/api/v1/bookings/{booking}", "/api/v1/bookings", "/api/v1/bookings?past=true", f"/api/v1/bookings/{booking}/history"]
    paths += [f"/api/v1/bookings/{booking}/invitation.ics", feed, "/api/v1/me/data", "/appointments", f"/appointment/how-it-went/{booking}"]
    answers = [(path, browser.get(path)) for path in paths]
    assert {path for path, answer in answers if answer.status_code not in (200, 404)} == set()
    return "".join(answer.text for _, answer in answers if answer.status_code == 200)


def test_each_reads_of_the_appointment_and_neither_of_the_other(practice: Practice, booked: tuple[str, Browser], run_jobs) -> None:
    booking, kim = booked
    run_jobs()
    for browser, other in ((practice.client, ("Kim", "Wood")), (kim, ("Sam", "Field", "Students"))):
        read = everything_read_by(browser, booking)
        assert [word for word in other if word in read] == []
        assert booking in read
    assert "Kim Wood" in practice.therapist.get(f"/api/v1/bookings/{booking}").text
    to_clients = [mail for mail in mails() if mail.kind == "booking_confirmed" and mail.ics and "Alex Rivers" in mail.text]
    assert len(to_clients) == 2
    assert [mail.text for mail in to_clients if "Sam" in mail.text + mail.ics and "Kim" in mail.text + mail.ics] == []


def test_what_one_writes_to_the_therapist_the_other_never_reads(practice: Practice, booked: tuple[str, Browser], run_jobs) -> None:
    booking, kim = booked
    assert practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "unwell", "note": NOTE}).status_code == 200
    run_jobs()
    read = everything_read_by(kim, booking)
    assert [words for words in (NOTE, "unwell") if words in read] == []
    assert kim.get(f"/api/v1/bookings/{booking}").get_json()["state"] == "cancelled"
    assert practice.therapist.get(f"/api/v1/bookings/{booking}").get_json()["note"] == NOTE
    own = everything_read_by(practice.client, booking)
    assert (NOTE in own, "unwell" in own) == (True, True), "who wrote it has it"
    assert all(NOTE not in mail.text + mail.ics for mail in mails())


def test_what_the_therapist_writes_both_read_where_the_mail_sends_them(practice: Practice, booked: tuple[str, Browser]) -> None:
    booking, kim = booked
    assert practice.therapist.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "unwell", "note": "I am sorry."}).status_code == 200
    for browser in (practice.client, kim):
        assert "What was written about it: I am sorry." in browser.get("/appointments").text
    with transaction():
        assert db.session.query(Booking).count() == 1
    assert overlaps() == 0

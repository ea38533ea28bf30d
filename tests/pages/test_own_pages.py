"""What people see to on pages of their own: appointments, requests, the week, the calendar address, and the first page that leads there."""

import re
from collections.abc import Callable

from sqlalchemy import update

from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, practice, states
from tests.booking.practice import signed_in
from tests.booking.test_series import WEEKS, allow_series
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.matching.visits import Visit
from therapists.models import Service

__all__ = ("practice",)  # the fixture


def test_a_client_sees_what_comes_calls_it_off_and_takes_a_request_back(practice: Practice, clock: FixedClock) -> None:
    with transaction():
        db.session.execute(update(Service).values(late_fee_percent=50))
    first, asked = practice.book().get_json()["id"], practice.ask().get_json()["id"]
    page = practice.client.get("/appointments").text
    assert all(words in page for words in ("Monday 23 November 2026, 09:00", "Agreed", "Free first talk", "waiting for an answer", f"/join/{first}"))
    stranger = practice.another_client()
    assert "Nothing is booked" in stranger.get("/appointments").text
    assert stranger.post(f"/appointments/{first}", data={"act": "cancel", "reason": "time"}).status_code == 404
    assert practice.client.post(f"/appointments/{first}", data={"act": "cancel"}).status_code == 422, "never without a reason"
    assert practice.client.post(f"/appointments/{asked}", data={"act": "withdraw"}).headers["Location"] == "/appointments"
    assert states() == ["confirmed", "withdrawn"]
    clock.advance(hours=1)
    practice.client = signed_in(practice.new_browser, practice.client_id)
    assert "That is late now: GBP 30.00" in practice.client.get("/appointments").text, "what it costs stands above the button"
    practice.client.post(f"/appointments/{first}", data={"act": "cancel", "reason": "unwell"})
    assert states() == ["cancelled", "withdrawn"]
    assert "Called off" in practice.client.get("/appointments").text


def test_a_therapist_answers_requests_and_reads_the_week(practice: Practice) -> None:
    practice.book()
    one, two = (practice.ask(f"2026-11-24T{hour}:00:00Z").get_json()["id"] for hour in ("09", "10"))
    allow_series(practice, booking_mode="request")
    series = practice.another_client().post("/api/v1/series", json={"service_id": practice.service, "start": WEEKS[1] + "T11:00:00Z", "count": 3}).get_json()
    assert practice.client.get("/requests").status_code == 403
    page = practice.therapist.get("/requests").text
    assert page.count("It ends by itself on") == 3, "a series is one request"
    assert "every" in page
    assert practice.therapist.post(f"/requests/{one}", data={"answer": "decline"}).status_code == 422
    practice.therapist.post(f"/requests/{one}", data={"answer": "decline", "reason": "time"})
    practice.therapist.post(f"/requests/{two}", data={"answer": "confirm"})
    practice.therapist.post(f"/requests/{series['id']}", data={"answer": "confirm", "series": "yes"})
    assert states() == ["confirmed", "declined", *["confirmed"] * 4]
    assert "Nobody waits" in practice.therapist.get("/requests").text
    week = practice.therapist.get("/week?day=2026-11-24").text
    assert all(words in week for words in ("Monday 23 November 2026", "09:00 to 09:50", "Sam Field", "10:00 to 10:20"))
    assert "/week?day=2026-11-16" in week
    assert "11:00 to 11:50" in practice.therapist.get("/week?day=2026-11-30").text
    for wrong in ("2026-13-01", "1000-01-01", "x"):
        assert practice.therapist.get("/week", query_string={"day": wrong}).status_code == 422


def test_a_calendar_address_is_shown_once_works_and_ends(practice: Practice) -> None:
    practice.book()
    made = practice.client.post("/my-calendar", data={"act": "make", "side": "client"}).text
    address = re.search(r"/calendar/[^<\s]+\.ics", made)
    assert address is not None
    assert BASE_URL + address[0] in made
    assert practice.new_browser().get(address[0]).data.startswith(b"BEGIN:VCALENDAR")
    assert address[0] not in practice.client.get("/my-calendar").text
    assert practice.client.post("/my-calendar", data={"act": "make", "side": "therapist"}).status_code == 403
    assert practice.client.post("/my-calendar", data={"act": "give_up", "side": "client"}).status_code == 303
    assert practice.new_browser().get(address[0]).status_code == 404


def test_the_first_page_says_what_asks_for_an_answer_and_signs_out(practice: Practice, client: Callable[[], Browser]) -> None:
    practice.book()
    practice.ask()
    mine, theirs = practice.client.get("/").text, practice.therapist.get("/").text
    assert all(words in mine for words in ("Monday 23 November 2026, 09:00", "Agreed", "/appointments"))
    assert "1 waiting for your answer" in theirs
    assert "Sam Field" in theirs
    assert "/desk/" not in mine + theirs
    assert practice.client.post("/sign-out").headers["Location"] == "/"
    assert "Create an account" in practice.client.get("/").text
    assert practice.client.post("/sign-out").status_code == 303, "twice changes nothing"
    with transaction():
        email = an_account(confirmed=False).email
    browser = client()
    Visit(browser).begin()
    browser.sign_in(email, PASSWORD)
    home = browser.get("/").text
    assert "/confirm-address/again" in home
    assert "/keep-my-answers" in home

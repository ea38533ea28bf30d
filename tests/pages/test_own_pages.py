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
    unseen = practice.client.post(f"/appointments/{first}", data={"act": "cancel", "reason": "unwell", "seen": "free"})
    assert (unseen.status_code, "Please read what it costs now" in unseen.text, states()[0]) == (409, True, "confirmed")
    assert "That is late now: GBP 30.00" in practice.client.get("/appointments").text, "what it costs stands above the button"
    practice.client.post(f"/appointments/{first}", data={"act": "cancel", "reason": "unwell", "seen": "fee"})
    assert states() == ["cancelled", "withdrawn"]
    assert "Called off" in practice.client.get("/appointments").text


def test_a_client_moves_an_appointment_to_one_of_the_times_that_are_shown(practice: Practice) -> None:
    booking = practice.book("2026-11-25T09:00:00Z").get_json()
    address = f"/appointments/{booking['id']}"
    assert f"{address}/move" in practice.client.get("/appointments").text
    page = practice.client.get(f"{address}/move").text
    assert "It is on Wednesday 25 November 2026, 09:00" in page
    chosen = re.search(r'name="start" value="([^"]+)"', page)
    assert chosen is not None
    form = {"act": "move", "seen": "2026-11-25T09:00:00Z", "start": chosen[1]}
    assert practice.therapist.get(f"{address}/move").status_code == 404
    assert practice.client.post(address, data={**form, "start": "nine"}).status_code == 422
    assert practice.client.post(address, data={**form, "seen": "2026-11-26T09:00:00Z"}).status_code == 409, "only from where it was shown"
    assert practice.client.post(address, data=form).status_code == 303
    assert practice.client.get(f"/api/v1/bookings/{booking['id']}").get_json()["starts_at"] == chosen[1]


def test_one_that_does_not_take_place_is_given_another_time_free_of_charge(practice: Practice, run_jobs: Callable[[], list[str]]) -> None:
    booking = practice.book().get_json()["id"]
    sick = {"from": "2026-11-23T09:00", "to": "2026-11-23T17:00", "reason": "unwell"}
    assert practice.therapist.post("/away", data={**sick, "step": "do"}).status_code == 303
    run_jobs()
    listed = practice.client.get("/appointments").text
    assert "It does not take place then" in listed
    assert f'href="/join/{booking}"' not in listed
    page = practice.client.get(f"/appointments/{booking}/move").text
    assert 'value="2026-11-24T09:00:00Z"' in page
    practice.client.post(f"/appointments/{booking}", data={"act": "move", "seen": "2026-11-23T09:00:00Z", "start": "2026-11-24T09:00:00Z"})
    shown = practice.client.get(f"/api/v1/bookings/{booking}").get_json()
    assert (shown["starts_at"], shown["moves_left"]) == ("2026-11-24T09:00:00Z", 2)


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

"""Private calendar feeds over HTTP: who reads what, under which address, and when it stops."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog
from icalendar import Calendar
from sqlalchemy import text

from accounts.disable import disable_account, enable_account
from accounts.models import Person
from booking.calendar.feed import LOOKS
from booking.calendar.feed_entries import shown_name
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice
from tests.booking.practice import signed_in
from tests.booking.test_letters import HEALTH, mails
from tests.browser import BASE_URL, Browser

FEEDS = "/api/v1/calendar-feeds"


def address(browser: Browser, side: str, **body: Any) -> str:
    """The path of a new feed."""
    answer = browser.post(FEEDS, json={"side": side, **body})
    assert answer.status_code == 201, answer.text
    return answer.get_json()["address"].removeprefix(BASE_URL)


def events(browser: Browser, path: str) -> list[tuple[str, str, int]]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return [(str(each["SUMMARY"]), str(each["STATUS"]), int(each["SEQUENCE"])) for each in Calendar.from_ical(answer.data).walk("VEVENT")]


@pytest.fixture
def stranger(practice: Practice) -> Browser:
    """A calendar program: it knows the address and nothing else."""
    return practice.new_browser()


def test_F8_a_feed_is_read_without_signing_in_kept_by_its_etag_and_shows_what_was_called_off_for_30_days(
    practice: Practice, stranger: Browser, clock: FixedClock, run_jobs: Callable[[], list[str]]
):
    path = address(practice.client, "client")
    assert len(path.removeprefix("/calendar/").removesuffix(".ics")) == 43, "256 bits"
    booking = practice.book("2027-01-11T09:00:00Z", title="Coffee").get_json()["id"]
    first = stranger.get(path)
    assert first.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in first.headers
    assert events(stranger, path) == [("Coffee", "CONFIRMED", 0)]
    clock.instant += timedelta(minutes=20)
    assert stranger.get(path).data == first.data, "nothing changed"
    assert stranger.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"}).status_code == 200
    run_jobs()
    after = stranger.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert events(stranger, path) == [("Coffee", "CANCELLED", 1)]
    uids = {str(Calendar.from_ical(data).walk("VEVENT")[0]["UID"]) for data in (first.data, after.data)}
    assert uids == {str(mail.event["UID"]) for mail in mails()}, "the name that the invitation has"
    clock.instant += timedelta(days=30)
    assert events(stranger, path) == []
    assert signed_in(practice.new_browser, practice.client_id).delete(f"{FEEDS}/client").status_code == 204
    assert stranger.get(path).status_code == 404


def test_F8_a_therapists_feed_names_nobody_unless_they_choose_it(practice: Practice, stranger: Browser):
    path = address(practice.therapist, "therapist")
    practice.book(title="Very private words")
    assert events(stranger, path) == [("Appointment", "CONFIRMED", 0)]
    assert practice.therapist.patch(f"{FEEDS}/therapist", json={"shows": "initials"}).get_json()["shows"] == "initials"
    assert events(stranger, path) == [("Appointment: S.F.", "CONFIRMED", 0)]
    practice.therapist.patch(f"{FEEDS}/therapist", json={"shows": "first_name"})
    read = stranger.get(path).text
    assert "SUMMARY:Appointment: Sam\r\n" in read
    assert "Field" not in read
    assert "private" not in read
    assert "@example.org" not in read
    assert not HEALTH.search(read)


def test_R70_a_clients_name_that_is_calendar_text_is_inert_in_a_feed(practice: Practice, stranger: Browser):
    path = address(practice.therapist, "therapist", shows="first_name")
    practice.book()
    with transaction():
        db.session.get_one(Person, practice.client_id).name = "\r\nBEGIN:VALARM\r\nACTION:AUDIO"
    ((title, _, _),) = events(stranger, path)
    assert title == "Appointment: BEGIN:VALARM"
    assert len(Calendar.from_ical(stranger.get(path).data).walk()) == 2


@pytest.mark.parametrize(
    ("name", "shows", "told"),
    [
        ("Ann Marie Lee Wood", "initials", "A.M.L."),
        ("łukasz", "initials", "Ł."),
        ("Ann Wood", "first_name", "Ann"),
        ("Ann", "nothing", ""),
        (None, "first_name", ""),
        ("  ", "initials", ""),
    ],
)
def test_so_much_of_a_name_is_shown(name, shows, told):
    assert shown_name(name, shows) == told


def test_R69_a_new_address_stops_the_old_one_at_once_and_no_secret_is_kept_logged_or_mailed(
    practice: Practice, stranger: Browser, run_jobs: Callable[[], list[str]]
):
    with structlog.testing.capture_logs() as logged:
        old = address(practice.client, "client")
        practice.book()
        new = address(practice.client, "client")
        assert (stranger.get(old).status_code, stranger.get(new).status_code) == (404, 200)
        run_jobs()
    kept = json.dumps([logged, practice.client.get(FEEDS).get_json(), [mail.text + mail.ics for mail in mails()]], default=str)
    with transaction():
        kept += str(db.session.execute(text("SELECT * FROM calendar_feeds")).all()) + str(db.session.execute(text("SELECT * FROM audit_entries")).all())
    for path in (old, new):
        assert path.removeprefix("/calendar/").removesuffix(".ics") not in kept


def test_R58_the_feed_of_a_closed_account_is_not_there(practice: Practice, stranger: Browser):
    path = address(practice.therapist, "therapist")
    with transaction():
        disable_account(practice.therapist_id, reason="test", now=db.session.scalar(text("SELECT now()")))
    assert stranger.get(path).status_code == 404
    with transaction():
        enable_account(practice.therapist_id, reason="test")
    assert stranger.get(path).status_code == 200


def test_holds_are_not_in_a_feed_a_request_is_tentative_and_one_that_lapsed_is_called_off(practice: Practice, stranger: Browser, clock: FixedClock, run_jobs):
    path = address(practice.client, "client")
    held = practice.client.post("/api/v1/holds", json={"service_id": practice.service, "start": MONDAY_NINE})
    assert held.status_code == 201
    assert events(stranger, path) == []
    practice.ask()
    assert events(stranger, path) == [("Appointment", "TENTATIVE", 0)]
    clock.instant += timedelta(hours=49)
    assert events(stranger, path) == [("Appointment", "CANCELLED", 0)]
    run_jobs()
    assert events(stranger, path) == [("Appointment", "CANCELLED", 1)]


def test_each_side_has_its_own_feed_and_only_its_own(practice: Practice, stranger: Browser):
    practice.book()
    given, attended = address(practice.therapist, "therapist"), address(practice.therapist, "client")
    assert [len(events(stranger, path)) for path in (given, attended)] == [1, 0]
    assert events(stranger, address(practice.another_client(), "client")) == []
    assert practice.client.post(FEEDS, json={"side": "therapist"}).status_code == 403
    assert practice.client.post(FEEDS, json={"side": "client", "shows": "initials"}).status_code == 403
    assert practice.client.post(FEEDS, json={"side": "nobody"}).status_code == 422
    assert practice.client.delete(f"{FEEDS}/client").status_code == 404
    assert practice.client.delete(f"{FEEDS}/other").status_code == 404
    assert [each["side"] for each in practice.therapist.get(FEEDS).get_json()["items"]] == ["client", "therapist"]
    for path in ("/calendar/nothing.ics", f"{given[:-5]}x.ics", "/calendar/é%00.ics"):
        assert stranger.get(path).status_code == 404, path


def test_whoever_looks_all_the_time_waits(practice: Practice, stranger: Browser, clock: FixedClock):
    path = address(practice.client, "client")
    with transaction():
        db.session.execute(text("DELETE FROM throttles"))
    stranger.get(path)
    with transaction():
        db.session.execute(text("UPDATE throttles SET attempts = :looks"), {"looks": LOOKS})
    answer = stranger.get(path)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 3600
    clock.instant += timedelta(hours=1)
    assert stranger.get(path).status_code == 200

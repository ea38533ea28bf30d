"""A therapist's own calendars by page: subscribed, how old what is known of them is, kept over appointments, and counted no longer; and what the week shows."""

import re
from typing import Any

from core.clock import FixedClock
from tests.booking.conftest import Practice, states
from tests.booking.test_outside_busy import a_file
from tests.booking.test_outside_calendars import busy, look, server, shown, subscribed, therapist
from tests.browser import BASE_URL, Browser
from tests.fakes.calendar_server import CalendarServer
from tests.fakes.outbox import Outbox

__all__ = ("server", "subscribed")  # the fixtures
PAGE = "/my-own-calendars"


def press(who: Browser, path: str, **form: str) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token}, headers={"Origin": BASE_URL}, bare=True)


def test_a_calendar_is_subscribed_by_page_and_its_busy_time_shows_without_titles(practice: Practice, server: CalendarServer) -> None:
    alex = practice.therapist
    refused = press(alex, PAGE, address="ftp://calendar.example/a.ics", tentative_blocks="yes")
    assert (refused.status_code, 'id="address-told"' in refused.text, "ftp://calendar.example/a.ics" in refused.text) == (422, True, True)
    assert press(alex, PAGE, address="").status_code == 422
    assert press(alex, PAGE, address=server.address).status_code == 303
    assert (shown(practice)["tentative_blocks"], press(alex, PAGE, address=server.address).status_code) == (False, 409)
    page = alex.get(PAGE).text
    assert ("Read less than an hour ago." in page, server.address in page) == (True, False), "its address is a secret"
    week = alex.get("/week?day=2026-11-23").text
    assert ("10:00 to 11:00: busy in a calendar of your own." in week, "zqxtitle" in week, "Hours: 09:00 to 17:00." in week) == (True, False, True)


def test_a_calendar_that_cannot_be_read_says_how_old_it_is(practice: Practice, subscribed: str, server: CalendarServer, clock: FixedClock) -> None:
    server.status = 500
    look(clock, hours=5)
    alex = therapist(practice)
    assert "It could not be read lately. What it said 5 hours ago" in alex.get(PAGE).text
    week = alex.get("/week?day=2026-11-23").text
    assert ("could not be read since" in week, "10:00 to 11:00: busy in a calendar of your own." in week) == (True, True)
    own = f"{PAGE}/{subscribed}"
    assert [press(alex, own, act=act).status_code for act in ("look", "tentative", "dance")] == [303, 303, 422]
    assert press(alex, f"{PAGE}/b1f7b8c8-64f5-4f0c-9d27-6a2f7d5b8e5a", act="remove").status_code == 404
    assert press(alex, own, act="remove").status_code == 303
    assert "None is read yet." in alex.get(PAGE).text


def test_what_lies_over_an_appointment_is_shown_and_kept(
    practice: Practice, subscribed: str, server: CalendarServer, clock: FixedClock, outbox: Outbox
) -> None:
    assert practice.book("2026-11-24T09:00:00Z").status_code == 201
    server.body = a_file(busy("20261124T093000Z"))
    look(clock, minutes=20)
    alex = therapist(practice)
    assert "Your own calendar holds something over 1 of your appointments" in alex.get("/week").text
    page = alex.get(PAGE).text
    over = re.findall(r'name="over" value="([^"]*)"', page)
    assert (len(over), "Tuesday 24 November 2026, 09:00" in page) == (1, True)
    assert press(practice.client, f"{PAGE}/over", over=over[0]).status_code == 403
    assert press(alex, f"{PAGE}/over", over=over[0]).status_code == 303
    assert ("Over appointments" in alex.get(PAGE).text, states()) == (False, ["confirmed"])
    outbox.clear()

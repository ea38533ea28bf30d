"""The desk books, moves and calls off for others: by page and over the API, for admins alone, on the record."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, states
from tests.booking.practice import signed_in
from tests.booking.test_letters import mails
from tests.booking.test_outcome import fees
from tests.booking.test_request import change, code
from tests.booking.test_who_moves import an_admin
from tests.browser import Browser
from therapists.models import Service
from therapists.profile import own_profile

PAGE = "/desk/appointments"
EVENING = int(datetime.fromisoformat("2026-11-23T18:00:00Z").timestamp())


def address_of(practice: Practice) -> str:
    with transaction():
        return str(db.session.execute(text("SELECT email FROM accounts WHERE person_id = :id"), {"id": practice.client_id}).scalar_one())


def audited(action: str) -> int:
    with transaction():
        return int(db.session.execute(text("SELECT count(*) FROM audit_entries WHERE action = :action"), {"action": action}).scalar_one())


def press(desk: Browser, path: str, **form: Any) -> Any:
    return desk.post(path, data=form)


def test_the_desk_books_moves_and_calls_off_by_page(practice: Practice, run_jobs: Callable[[], list[str]]) -> None:
    desk, email = an_admin(practice.new_browser), address_of(practice)
    with transaction():
        whose = str(own_profile(practice.therapist_id).public_id)
    asked = {"service": practice.service, "at": "2026-11-23T18:00", "therapist": whose}
    leads = re.search(r'href="(/desk/book/[^"]+)"', desk.get("/why-not", query_string=asked).text)
    assert leads is not None
    path = leads[1]
    page = desk.get(path).text
    assert "50 minutes by video with Alex Rivers, GBP 60.00." in page
    assert ('value="out_of_hours"' in page, 'value="day_limit"' in page) == (True, False), "only what stands against it can be set aside"
    refused = press(desk, path, email=email, reason="client_asked")
    assert (refused.status_code, "does not work at this time" in refused.text, states()) == (422, True, [])
    assert press(desk, path, email="nobody@example.org", reason="client_asked", set_aside="out_of_hours").status_code == 422
    assert press(desk, path, email=email, reason="whim", set_aside="out_of_hours").status_code == 422
    made = press(desk, path, email=email, reason="client_asked", set_aside="out_of_hours")
    assert (made.status_code, states()) == (303, ["confirmed"])
    one = made.headers["Location"]
    again = press(desk, path, email=email, reason="client_asked", set_aside="out_of_hours")
    assert (again.status_code, "Free next:" in again.text, states()) == (409, True, ["confirmed"]), "pressed twice it is booked once"
    assert "Nobody who can book" in press(desk, PAGE, email="x").text
    assert f'href="{one}"' in press(desk, PAGE, email=email.upper()).text
    assert (audited("booking.looked_up"), audited("booking.rules_set_aside")) == (1, 1)
    seen = re.search(r'name="seen" value="([^"]+)"', desk.get(one).text)
    assert seen is not None
    move = {"act": "move", "seen": seen[1], "reason": "therapist_asked"}
    assert press(desk, one, **move, start="2026-11-24T18:30").status_code == 422
    assert press(desk, one, **move | {"seen": MONDAY_NINE}, start="2026-11-24T09:00").status_code == 409, "only from where it was shown"
    assert press(desk, one, **move | {"seen": "nine"}, start="2026-11-24T09:00").status_code == 422
    assert press(desk, one, **move, start="2026-11-24T09:00").status_code == 303
    assert "<h1>Tuesday 24 November 2026, 09:00 (Europe/London)</h1>" in desk.get(one).text
    assert press(desk, one, act="cancel", seen=seen[1], reason="our_mistake").status_code == 409, "nor is it called off unseen"
    assert press(desk, one, act="dance").status_code == 422
    assert press(desk, one, act="cancel", seen="2026-11-24T09:00:00Z", reason="our_mistake").status_code == 303
    assert (states(), audited("booking.cancelled_on_behalf"), "Called off" in desk.get(one).text) == (["cancelled"], 1, True)
    run_jobs()
    told = [each for each in mails() if each.kind == "booking_cancelled"]
    assert [("off for both of you" in each.text, each.told) for each in told] == [(True, ("CANCEL", 2, "CANCELLED"))] * 2
    for each_page in (PAGE, one, path):
        assert [each.get(each_page).status_code for each in (practice.client, practice.therapist)] == [403, 403]
    for wrong in (f"{PAGE}/{practice.service}", f"/desk/book/{whose}/{EVENING}", f"/desk/book/{practice.service}/{10**15}"):
        assert desk.get(wrong).status_code == 404


def test_what_the_desk_calls_off_costs_a_client_who_asked_for_it_what_it_would_have_cost_them(practice: Practice, clock: FixedClock) -> None:
    change(Service, Service.public_id == practice.service, late_fee_percent=50)
    one, two = (practice.book(start).get_json()["id"] for start in (MONDAY_NINE, "2026-11-23T10:00:00Z"))
    clock.advance(hours=10)
    desk = an_admin(practice.new_browser)

    def cancel(booking: str, start: str, by: Browser = desk, **more: Any) -> Any:
        return by.post(f"/api/v1/staff/bookings/{booking}/cancel", json={"from": start, "reason": "client_asked"} | more)

    assert code(cancel(one, "2026-11-23T10:00:00Z")) == (409, "moved_meanwhile")
    assert cancel(one, MONDAY_NINE, reason="whim").status_code == 422
    assert cancel(one, MONDAY_NINE, by=signed_in(practice.new_browser, practice.client_id)).status_code == 403
    assert cancel(practice.service, MONDAY_NINE).status_code == 404
    assert cancel(one, MONDAY_NINE).get_json()["state"] == "cancelled"
    assert cancel(two, "2026-11-23T10:00:00Z", reason="our_mistake").get_json()["state"] == "cancelled"
    assert [reason for reason, _ in fees()] == ["cancelled_late"]
    assert code(cancel(one, MONDAY_NINE)) == (409, "ended")

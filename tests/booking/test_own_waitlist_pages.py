"""The waitlist by page: joined with wishes, seen, an offer taken or passed on, "still looking?" answered, left; and the therapist's numbers."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from core.clock import FixedClock
from core.db import db
from tests.booking.conftest import Practice
from tests.booking.practice import signed_in
from tests.booking.test_waitlist import TUESDAY_NINE, Line, line
from tests.browser import BASE_URL, Browser
from tests.fakes.outbox import Outbox

__all__ = ("line",)  # the fixture
RunJobs = Callable[[], list[str]]
PAGE = "/my-waitlist"


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token}, headers={"Origin": BASE_URL}, bare=True)


def entry_states() -> list[str]:
    return list(db.session.execute(text("SELECT state FROM waitlist_entries ORDER BY id")).scalars())


def test_one_joins_with_wishes_sees_them_and_leaves(line: Line, run_jobs: RunJobs) -> None:
    first, _ = line.somebody()
    assert line.books(first).status_code == 201
    kim, _ = line.somebody()
    join = f"{PAGE}/join/{line.service}"
    assert f'href="{join}"' in kim.get(f"/book/{line.service}?day=2026-11-24").text
    for wrong, field in (
        ({"day-1": "nine to ten"}, "day-1"),
        ({"day-1": "10:00-09:00"}, "day-1"),
        ({"day-1": "09:00-11:00, 10:00-12:00"}, "day-1"),
        ({"earliest": "soon"}, "earliest"),
        ({"earliest": "2027-02-01", "latest": "2027-01-01"}, "latest"),
    ):
        refused = press(kim, join, **wrong)
        assert (refused.status_code, f'id="{field}-told"' in refused.text) == (422, True), wrong
        assert f'value="{next(iter(wrong.values()))}"' in refused.text, "what was typed stays"
    assert press(kim, join, **{"day-1": "08:00-12:00", "latest": "2027-01-31", "any_of_kind": "yes"}).status_code == 303
    page = kim.get(PAGE).text
    assert ("or another of this kind: Tuesday 08:00 to 12:00; not after 2027-01-31" in page, "Nobody is in front of you." in page) == (True, True)
    assert press(kim, join, **{"day-1": "08:00-12:00"}).status_code == 409
    entry = re.findall(rf'action="{PAGE}/([^"]*)"', page)[0]
    assert press(first, f"{PAGE}/{entry}", act="leave").status_code == 404, "somebody else's place is not there"
    assert press(kim, f"{PAGE}/{entry}", act="dance").status_code == 422
    assert press(kim, f"{PAGE}/{entry}", act="leave").status_code == 303
    assert ("You gave your place up" in kim.get(PAGE).text, entry_states()) == (True, ["left"])
    assert line.new_browser().get(PAGE).headers["Location"] == f"/sign-in?next={PAGE}"


def test_where_openings_suit_they_are_shown_instead(practice: Practice) -> None:
    answer = press(practice.client, f"{PAGE}/join/{practice.service}")
    assert (answer.status_code, f'href="/book/{practice.service}/' in answer.text) == (409, True)


def test_D18_what_is_offered_is_passed_on_and_taken_by_page(line: Line, run_jobs: RunJobs, clock: FixedClock, outbox: Outbox) -> None:
    holder, _ = line.somebody()
    booking = line.books(holder).get_json()["id"]
    first, second = line.waits(), line.waits()
    holder.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"})
    run_jobs()
    kim = first.signs_in()
    page = kim.get(PAGE).text
    assert ("Tuesday 24 November 2026, 09:00" in page, "Take it" in page) == (True, True)
    assert press(kim, f"{PAGE}/{first.entry}", act="pass").status_code == 303
    run_jobs()
    assert ("Take it" in kim.get(PAGE).text, "You wait" in kim.get(PAGE).text) == (False, False)
    lee = second.signs_in()
    assert press(kim, f"{PAGE}/{second.entry}", act="accept").status_code == 404
    assert press(lee, f"{PAGE}/{second.entry}", act="accept").headers["Location"] == "/appointments"
    assert ("You took an offer" in lee.get(PAGE).text, entry_states()) == (True, ["waiting", "fulfilled"])
    assert TUESDAY_NINE not in line.openings(kim)
    outbox.clear()


def test_a_therapist_sees_how_many_wait_and_opens_the_list(line: Line) -> None:
    holder, _ = line.somebody()
    assert line.books(holder).status_code == 201
    line.waits(name="Secret Name")
    page = line.therapist.get("/who-waits").text
    assert ("1 waits." in page, "Session, 50 minutes by video: 1" in page, "Secret Name" in page) == (True, True, False)
    assert press(line.therapist, "/who-waits", act="open").status_code == 303
    assert "Close the waitlist" in line.therapist.get("/who-waits").text
    assert press(line.therapist, "/who-waits", act="dance").status_code == 422
    assert holder.get("/who-waits").status_code == 403
    assert 'href="/who-waits"' in signed_in(line.new_browser, line.therapist_id).get("/week").text

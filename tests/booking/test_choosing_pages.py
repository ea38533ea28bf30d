"""Choosing a time with a known therapist by page: what they offer, a week of openings, one time with its terms; booked, asked for, or held; and as a series."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import update

from booking.paying.charge_letters import PRICE_PAGE
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_service, signed_in
from tests.booking.test_series import NINE, WEEKS, allow_series, take
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import an_account
from tests.form_fields import filled_in
from therapists.models import Therapist


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token}, headers={"Origin": BASE_URL}, bare=True)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def their_page(practice: Practice) -> str:
    with transaction():
        return f"/therapists/{db.session.get_one(Therapist, practice.therapist_id).public_id}"


def test_a_known_therapists_services_lead_to_a_week_of_openings_and_to_one_time(practice: Practice) -> None:
    sam = practice.client
    page = sam.get(their_page(practice)).text
    assert (f'href="/book/{practice.service}"' in page, "GBP 60.00" in page, f'href="/my-waitlist/join/{practice.service}"' in page) == (True, True, True)
    week = sam.get(f"/book/{practice.service}?day=2026-11-23").text
    shown = re.findall(rf'href="/book/{practice.service}/([0-9]+)"', week)
    assert at(MONDAY_NINE) in map(int, shown)
    told = practice.openings(start="2026-11-23T00:00:00Z", end="2026-11-30T00:00:00Z")
    assert sorted({int(each) for each in shown}) == [at(each) for each in told], "exactly what the API lists"
    assert sam.get(f"/book/{practice.service}?day=2026-11-23&minutes=999").status_code == 422
    assert sam.get(f"/book/{practice.service}?day=soon").status_code == 422
    one = f"/book/{practice.service}/{at(MONDAY_NINE)}"
    assert ("Monday 23 November 2026, 09:00" in sam.get(one).text, "Free until 24 hours before" in sam.get(one).text) == (True, True)
    assert press(sam, one).headers["Location"] == "/appointments"
    assert states() == ["confirmed"]
    appointments = sam.get("/appointments").text
    assert f'href="{their_page(practice)}"' in appointments
    again = press(practice.another_client(), one)
    assert (again.status_code, "Free next:" in again.text, 'role="alert"' in again.text) == (409, True, True)
    ask = f"/book/{practice.consultation}/{at('2026-11-24T09:00:00+00:00')}"
    assert press(sam, ask).status_code == 303
    assert states() == ["confirmed", "requested"]
    assert press(sam, f"/book/{practice.service}/99999999999999").status_code == 404
    assert press(practice.new_browser(), one).status_code == 303, "whoever is not signed in signs in first"


def test_whoever_has_not_said_where_they_are_is_led_on(practice: Practice) -> None:
    with transaction():
        new = an_account().person_id
    one = f"/book/{practice.service}/{at(MONDAY_NINE)}"
    refused = press(signed_in(practice.new_browser, new), one)
    assert (refused.status_code, f'href="/find/take/{practice.service}/{at(MONDAY_NINE)}"' in refused.text) == (409, True)
    assert states() == []


def test_what_is_paid_by_card_is_held_until_it_is_paid(practice: Practice) -> None:
    with transaction():
        db.session.execute(update(Therapist).values(collects="online"))
    answer = press(practice.client, f"/book/{practice.service}/{at(MONDAY_NINE)}")
    assert (answer.status_code, answer.headers["Location"].startswith(f"/{PRICE_PAGE}/"), states()) == (303, True, ["held"])
    assert "You hold 2026-11-23, 09:00." in practice.client.get(f"/book/{practice.service}?day=2026-11-23").text


def test_a_group_shows_its_seats(practice: Practice) -> None:
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        therapist.units = ["individual", "group"]
        group = str(a_service(therapist, unit="group", seats=3).public_id)
    assert press(practice.client, f"/book/{group}/{at(MONDAY_NINE)}").status_code == 303
    other = practice.another_client()
    week = other.get(f"/book/{group}?day=2026-11-23").text
    assert ("09:00 (2 seats left)" in week, "Wait for an opening" in week) == (True, False)


def test_D16_a_series_is_seen_with_its_conflicts_before_it_is_booked(practice: Practice) -> None:
    allow_series(practice)
    take(practice, WEEKS[2], WEEKS[5])
    one = f"/book/{practice.service}/{at(WEEKS[0] + NINE)}"
    assert "The same time again" in practice.client.get(one).text
    asked = {"every_weeks": "1", "count": "8"}
    bare = practice.client.get(f"{one}/series")
    assert (bare.status_code, 'value="8"' in bare.text, 'role="alert"' in bare.text) == (200, True, False), "nothing was asked yet"
    seen = practice.client.get(f"{one}/series", query_string=asked)
    assert (seen.status_code, "6 of 8 dates can be booked" in seen.text, seen.text.count("Cannot be booked:")) == (200, True, 2)
    assert "As it stands nothing would be booked" in seen.text
    refused = press(practice.client, f"{one}/series", **asked, on_conflict="refuse")
    assert (refused.status_code, "Nothing was booked." in refused.text, len(states())) == (409, True, 2)
    for wrong in ({"count": "99"}, {"count": "some"}, {"every_weeks": "0"}, {"count": ""}):
        answer = practice.client.get(f"{one}/series", query_string={**asked, **wrong})
        assert (answer.status_code, f'id="{next(iter(wrong))}-told"' in answer.text) == (422, True), wrong
    # As a browser presses it: a form without an action goes to the address of its page, query included.
    booked = press(practice.client, f"{one}/series?every_weeks=1&count=8&on_conflict=extend", **asked, on_conflict="extend")
    assert booked.status_code == 303
    assert (states().count("confirmed"), overlaps()) == (2 + 8, 0)
    own = practice.client.get(booked.headers["Location"]).text
    assert (own.count("This and all that follow"), "Every week, 50 minutes, at 09:00" in own) == (8, True)


def test_weeks_at_another_time_on_the_clients_clock_are_marked(practice: Practice) -> None:
    allow_series(practice, window_days=700)
    far = practice.another_client(zone="America/New_York")
    one = f"/book/{practice.service}/{at('2027-03-08T09:00:00+00:00')}"
    seen = far.get(f"{one}/series", query_string={"count": "4"}).text
    assert seen.count("On your clock at another time of day than the first.") == 2, "two weeks lie between the changes of the clocks"


def test_one_date_and_all_that_follow_are_moved_and_a_series_is_ended(practice: Practice) -> None:
    allow_series(practice, moves_allowed=5, move_until_hours=1)
    one = f"/book/{practice.service}/{at(WEEKS[0] + NINE)}"
    series = press(practice.client, f"{one}/series", every_weeks="1", count="5", on_conflict="refuse").headers["Location"]
    page = practice.client.get(series).text
    dates = re.findall(r'href="(/series/[^"]*/move/[^"]*)"', page)
    assert f'href="/appointments/{dates[0].rsplit("/", 1)[1]}/move"' in page, "one date alone"
    third = dates[2]
    assert filled_in(practice.client.get(third).text, having="start")["start"] == "2026-12-07T09:00"
    where = {"start": "2026-12-07T11:00", "every_weeks": ""}
    assert "3 of 3 can go there" in practice.client.get(third, query_string=where).text
    assert press(practice.client, third, start="soon").status_code == 422
    for weeks in ("0", "13", "0100", "0019999", "001" + "9" * 5000, "two"):
        assert press(practice.client, third, start=where["start"], every_weeks=weeks).status_code == 422, weeks[:9]
    outside = practice.client.get(third, query_string={"start": "2026-12-07T03:00"}).text
    assert ("They move together or not at all" in outside, press(practice.client, third, start="2026-12-07T03:00").status_code) == (True, 409)
    moved = press(practice.client, third, **where)
    assert moved.status_code == 303
    later = practice.client.get(moved.headers["Location"]).text
    assert ("at 11:00 on the clock of Europe/London" in later, practice.client.get(series).text.count("This and all that follow")) == (True, 2)
    rest = re.findall(r'name="booking" value="([^"]*)"', later)
    for wrong in ({"reason": "because"}, {"reason": "time", "booking": "x"}, {"act": "dance"}):
        refused = press(practice.client, moved.headers["Location"], **{"act": "end", "booking": rest[1], "reason": "time", **wrong})
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True), wrong
    assert press(practice.another_client(), moved.headers["Location"], act="end", booking=rest[1], reason="time").status_code == 404
    assert press(practice.client, moved.headers["Location"], act="end", booking=rest[1], reason="time").status_code == 303
    assert sorted(states()) == ["cancelled"] * 2 + ["confirmed"] * 3
    alex = signed_in(practice.new_browser, practice.therapist_id)
    theirs = alex.get(series).text
    assert ("A series with" in theirs, 'href="/week/' in theirs) == (True, True)


def test_a_requested_series_is_taken_back(practice: Practice) -> None:
    allow_series(practice, booking_mode="request")
    one = f"/book/{practice.service}/{at(WEEKS[0] + NINE)}"
    series = press(practice.client, f"{one}/series", every_weeks="2", count="3", on_conflict="skip").headers["Location"]
    assert "It waits for your answer" in signed_in(practice.new_browser, practice.therapist_id).get(series).text
    assert press(practice.client, series, act="withdraw").status_code == 303
    assert set(states()) == {"withdrawn"}


def test_a_therapist_moves_and_calls_off_one_appointment(practice: Practice) -> None:
    booking = practice.book().json["id"]
    alex, own = signed_in(practice.new_browser, practice.therapist_id), f"/week/{booking}"
    assert f'href="{own}"' in alex.get("/week?day=2026-11-23").text
    stands = filled_in(alex.get(own).text, having="seen")
    assert stands["start"] == "2026-11-23T09:00"
    for wrong, field in (({"start": "x"}, "move-start"), ({"start": "2026-11-23T03:00"}, "move-start"), ({"reason": ""}, "move-reason")):
        refused = press(alex, own, **stands | {"act": "move", "start": "2026-11-23T11:00"} | wrong)
        assert refused.status_code == 422, wrong
        assert f'id="{field}-told"' in refused.text or 'role="alert"' in refused.text
    assert press(alex, own, **stands | {"act": "move", "start": "2026-11-23T11:00"}).status_code == 303
    page = alex.get(own).text
    assert ("Monday 23 November 2026, 11:00" in page, "moved by you, from Monday 23 November 2026, 09:00" in page) == (True, True)
    assert press(alex, own, **stands | {"act": "move", "start": "2026-11-23T13:00"}).status_code == 409, "it was moved meanwhile"
    assert (practice.client.get(own).status_code, press(practice.client, own, act="cancel").status_code) == (403, 403)
    assert press(alex, own, act="cancel", reason="unwell", note="n" * 2000).status_code == 422
    assert press(alex, own, act="cancel", reason="unwell", note="See you next week").status_code == 303
    assert states() == ["cancelled"]
    assert press(alex, own, act="dance").status_code == 422

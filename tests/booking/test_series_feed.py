"""A series in private feeds: under the name that its mails carry, with every date where its booking is, whatever happened to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import recurring_ical_events
from icalendar import Calendar, Event
from sqlalchemy import event, text

from booking.outside.look import own_bookings
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice
from tests.booking.practice import a_service, signed_in
from tests.booking.test_disruption import Day
from tests.booking.test_feed import address
from tests.booking.test_leaving import ok
from tests.booking.test_letters import mails
from tests.booking.test_series import WEEKS, allow_series, booked
from tests.browser import Browser
from tests.fakes.outbox import Outbox
from therapists.models import Therapist

MOST = 60


@pytest.fixture
def series(practice: Practice) -> dict[str, Any]:
    """Five Mondays at nine."""
    allow_series(practice)
    return booked(practice, 5, title="Choir")


@pytest.fixture
def day(practice: Practice, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock) -> Day:
    return Day(practice, 0, run_jobs, outbox, clock)


@pytest.fixture
def feeds(practice: Practice) -> dict[str, str]:
    return {"client": address(practice.client, "client"), "therapist": address(practice.therapist, "therapist")}


def read(practice: Practice, path: str) -> Calendar:
    answer = practice.new_browser().get(path)
    assert answer.status_code == 200, answer.text
    assert b"ATTENDEE" not in answer.data
    return Calendar.from_ical(answer.data)


def parts(calendar: Calendar) -> list[Event]:
    return calendar.walk("VEVENT")


def times(calendar: Calendar) -> list[tuple[str, str]]:
    """What a program that is not ours shows: start and status of each occurrence."""
    found = recurring_ical_events.of(calendar).between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
    return sorted((each["DTSTART"].dt.astimezone(UTC).isoformat()[:16], str(each["STATUS"])) for each in found)


def the_move(practice: Practice, series: dict[str, Any], date: int, start: str) -> None:
    booking = series["dates"][date]
    assert practice.client.post(f"/api/v1/bookings/{booking['id']}/move", json={"start": start, "from": booking["starts_at"]}).status_code == 200


def test_E18_F8_a_series_has_one_uid_in_mails_and_feeds_and_each_change_of_a_date_names_it(
    practice: Practice, series: dict[str, Any], feeds: dict[str, str], run_jobs: Callable[[], list[str]]
) -> None:
    run_jobs()
    for path in feeds.values():
        (rule,) = parts(read(practice, path))
        assert (rule["UID"], int(rule["SEQUENCE"]), "RRULE" in rule) == (mails()[0].event["UID"], 0, True)  # type: ignore[index]
        assert times(read(practice, path)) == [(f"{week}T09:00", "CONFIRMED") for week in WEEKS[:5]]
    the_move(practice, series, 2, "2026-12-08T11:00:00Z")
    practice.client.post(f"/api/v1/bookings/{series['dates'][1]['id']}/cancel", json={"reason": "time"})
    run_jobs()
    moved, called_off = (mail.event for mail in mails() if mail.to == mails()[0].to and mail.kind in ("booking_moved", "booking_cancelled"))
    for path in feeds.values():
        calendar = read(practice, path)
        rule, *others = parts(calendar)
        assert {str(each["UID"]) for each in (rule, *others, moved, called_off)} == {str(rule["UID"])}  # type: ignore[misc]
        assert [each["RECURRENCE-ID"].dt for each in others] == [called_off["RECURRENCE-ID"].dt, moved["RECURRENCE-ID"].dt]  # type: ignore[index]
        assert {int(each["SEQUENCE"]) for each in (rule, *others)} == {2}, "as far as the mails have counted"
        gone, elsewhere = ("2026-11-30T09:00", "CANCELLED"), ("2026-12-08T11:00", "CONFIRMED")
        assert times(calendar) == [(f"{WEEKS[0]}T09:00", "CONFIRMED"), gone, elsewhere, *((f"{week}T09:00", "CONFIRMED") for week in WEEKS[3:5])]


def test_F8_the_file_of_one_date_counts_as_its_mail_does(practice: Practice, series: dict[str, Any], run_jobs: Callable[[], list[str]]) -> None:
    the_move(practice, series, 2, "2026-12-08T11:00:00Z")
    run_jobs()
    for date, shown in ((2, "20261208T110000Z"), (3, "20261214T090000Z")):
        file = practice.client.get(f"/api/v1/bookings/{series['dates'][date]['id']}/invitation.ics").text
        assert all(line in file for line in (f"UID:{mails()[0].event['UID']}", "SEQUENCE:1", shown, "RECURRENCE-ID;TZID=Europe/London:")), file  # type: ignore[index]


def test_F8_what_was_called_off_goes_after_30_days_and_nothing_else_changes_a_byte(
    practice: Practice, series: dict[str, Any], feeds: dict[str, str], clock: FixedClock
) -> None:
    practice.client.post(f"/api/v1/bookings/{series['dates'][4]['id']}/cancel", json={"reason": "time"})
    before = practice.new_browser().get(feeds["client"])
    assert "SUMMARY:Choir" in before.text
    assert "Choir" not in practice.new_browser().get(feeds["therapist"]).text
    clock.advance(days=29)
    assert practice.new_browser().get(feeds["client"]).data == before.data
    assert practice.new_browser().get(feeds["client"], headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    clock.advance(days=1)
    assert times(read(practice, feeds["client"])) == [(f"{week}T09:00", "CONFIRMED") for week in WEEKS[:4]]
    # All of a series stays together while any of it is shown: what was before the first date is never told anew.
    clock.advance(days=70)
    assert len(times(read(practice, feeds["client"]))) == 4
    clock.advance(days=20)
    assert times(read(practice, feeds["client"])) == []


def test_a_series_that_is_called_off_stands_as_such_under_its_name(practice: Practice, series: dict[str, Any], feeds: dict[str, str]) -> None:
    uid = str(parts(read(practice, feeds["client"]))[0]["UID"])
    body = {"booking_id": series["dates"][0]["id"], "reason": "time"}
    assert practice.client.post(f"/api/v1/series/{series['id']}/cancel", json=body).status_code == 200
    for path in feeds.values():
        (whole,) = parts(read(practice, path))
        assert (str(whole["UID"]), str(whole["STATUS"]), "RRULE" in whole) == (uid, "CANCELLED", False)


def test_following_dates_that_moved_are_a_series_of_their_own_in_feeds_too(practice: Practice, series: dict[str, Any], feeds: dict[str, str]) -> None:
    body = {"booking_id": series["dates"][2]["id"], "start": "2026-12-08T10:00:00Z"}
    assert practice.client.post(f"/api/v1/series/{series['id']}/move", json=body).status_code == 200
    calendar = read(practice, feeds["client"])
    assert len({str(each["UID"]) for each in parts(calendar)}) == 2
    assert len(calendar.walk("VTIMEZONE")) == 1
    assert [start for start, _ in times(calendar)] == ["2026-11-23T09:00", "2026-11-30T09:00", "2026-12-08T10:00", "2026-12-15T10:00", "2026-12-22T10:00"]


def test_a_series_that_was_only_asked_for_is_tentative_and_a_single_booking_stands_beside_it(practice: Practice, feeds: dict[str, str]) -> None:
    with transaction():
        practice.service = str(a_service(db.session.get_one(Therapist, practice.therapist_id), instant=False).public_id)
    allow_series(practice)
    booked(practice, 3, start="2026-11-26T10:00:00Z")
    assert practice.ask().status_code == 201
    calendar = read(practice, feeds["client"])
    assert [("RRULE" in each, str(each["STATUS"])) for each in parts(calendar)] == [(False, "TENTATIVE"), (True, "TENTATIVE")]
    assert len(times(calendar)) == 4


def test_a_feed_reads_a_series_of_a_year_in_as_many_statements_as_one_of_two(practice: Practice, feeds: dict[str, str]) -> None:
    allow_series(practice, most=52)
    seen = {count: _statements(practice, feeds["client"], lambda count=count: booked(practice, count)) for count in (2, 50)}  # type: ignore[misc]
    assert seen[2] == seen[50]


def _statements(practice: Practice, path: str, prepare: Callable[[], object]) -> int:
    with transaction():
        db.session.execute(text("UPDATE bookings SET state = 'cancelled'"))
        db.session.execute(text("UPDATE claims SET blocks = false"))
    prepare()
    seen: list[str] = []
    listening = (db.engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: seen.append(statement))
    event.listen(*listening)
    try:
        assert len(times(read(practice, path))) > 1
    finally:
        event.remove(*listening)
    return len(seen)


def test_the_therapist_is_away_over_two_dates_and_the_series_goes_on(day: Day, series: dict[str, Any], feeds: dict[str, str]) -> None:
    """One choice for all that is affected; the dates before and after stand, the name stays."""
    practice = day.practice
    day.run_jobs()
    uid = str(mails()[0].event["UID"])  # type: ignore[index]
    away = {"from": "2026-11-30T08:00", "to": "2026-12-08T08:00", "reason": "unwell", "choice": "offer_new_times"}
    window = {name: away[name] for name in ("from", "to")}
    preview = ok(practice.therapist.post("/api/v1/therapist/disruptions/preview", json=window), 200)
    assert [line["id"] for line in preview["bookings"]] == [date["id"] for date in series["dates"][1:3]]
    made = ok(practice.therapist.post("/api/v1/therapist/disruptions", json=away))
    day.run_jobs()
    assert day.line_states(made["id"]) == ["told", "told"]
    first, second = series["dates"][1:3]
    chosen = practice.client.post(f"/api/v1/bookings/{first['id']}/disruption", json={"answer": "move", "start": "2026-12-08T10:00:00Z"})
    assert chosen.status_code == 200, chosen.text
    assert practice.client.post(f"/api/v1/bookings/{second['id']}/disruption", json={"answer": "cancel"}).status_code == 200
    day.run_jobs()
    assert day.line_states(made["id"]) == ["moved", "ended"]
    told = [mail.event for mail in mails() if mail.event is not None]
    assert {str(event["UID"]) for event in told} == {uid}
    assert all("RECURRENCE-ID" in event for event in told[2:])
    stands = ["2026-11-23T09:00", "2026-12-08T10:00", "2026-12-14T09:00", "2026-12-21T09:00"]
    for path in feeds.values():
        assert [start for start, status in times(read(practice, path)) if status == "CONFIRMED"] == stands
    shown = practice.client.get(f"/api/v1/series/{series['id']}").get_json()
    assert [date["state"] for date in shown["dates"]] == ["confirmed", "confirmed", "cancelled", "confirmed", "confirmed"]
    # What follows can still be changed as a whole, and nothing of it was a move of the client's.
    assert {date["moves_left"] for date in shown["dates"] if date["state"] == "confirmed"} == {2}
    moved = practice.client.post(f"/api/v1/series/{series['id']}/move", json={"booking_id": series["dates"][3]["id"], "start": "2026-12-15T11:00:00Z"})
    assert moved.status_code == 200, moved.text
    assert [date["starts_at"] for date in moved.get_json()["dates"]] == ["2026-12-15T11:00:00Z", "2026-12-22T11:00:00Z"]


def test_dates_called_off_because_the_therapist_is_away_cost_nothing_and_the_others_stand(day: Day, series: dict[str, Any]) -> None:
    practice = day.practice
    away = {"from": "2026-11-30T08:00", "to": "2026-12-08T08:00", "reason": "unwell", "choice": "cancel_free"}
    ok(practice.therapist.post("/api/v1/therapist/disruptions", json=away))
    day.run_jobs()
    practice.client = signed_in(practice.new_browser, practice.client_id)
    dates = practice.client.get(f"/api/v1/series/{series['id']}").get_json()["dates"]
    assert [(date["state"], date["owed"]) for date in dates] == [(state, None) for state in ("confirmed", "cancelled", "cancelled", "confirmed", "confirmed")]


def test_E18_our_own_series_in_the_therapists_calendar_does_not_block_itself(practice: Practice, series: dict[str, Any]) -> None:
    with transaction():
        uid = str(db.session.execute(text("SELECT calendar_uid FROM series")).scalar_one())
        assert [own_bookings(person)(uid) for person in (practice.therapist_id, practice.client_id)] == [True, True]
        assert own_bookings(practice.therapist_id)(f"{uid}_R20261130T090000")
    stranger: Browser = practice.another_client()
    assert stranger.get("/api/v1/bookings").get_json()["items"] == []
    with transaction():
        newest = db.session.execute(text("SELECT max(id) FROM persons")).scalar_one()
        assert not own_bookings(newest)(uid)

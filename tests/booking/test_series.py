"""Series over HTTP: looked at before, booked in one step or not at all, answered and told as one thing."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select, text, update

from booking.models import Booking
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_client, a_service, signed_in
from tests.booking.test_letters import mails
from therapists.models import Service, Therapist
from therapists.schedule_models import ScheduleZoneChange, TherapistSchedule, WorkingHours

# Mondays at nine in London.
WEEKS = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11"]
NINE = "T09:00:00Z"


def allow_series(practice: Practice, *, most: int = 12, **terms: Any) -> None:
    with transaction():
        db.session.execute(update(Service).values(series_most=most, **terms))


def take(practice: Practice, *days: str) -> None:
    other = practice.another_client()
    for day in days:
        assert practice.book(day + NINE, by=other).status_code == 201


def preview(practice: Practice, count: int, **query: Any) -> dict[str, Any]:
    asked = {"start": WEEKS[0] + NINE, "count": count, **query}
    answer = practice.client.get(f"/api/v1/services/{practice.service}/series", query_string=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def book(practice: Practice, count: int, **body: Any) -> Any:
    sent = {"service_id": practice.service, "start": WEEKS[0] + NINE, "count": count, **body}
    return practice.client.post("/api/v1/series", json=sent)


def booked(practice: Practice, count: int, **body: Any) -> dict[str, Any]:
    answer = book(practice, count, **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def starts(series: dict[str, Any], state: str = "confirmed") -> list[str]:
    return [date["starts_at"][:10] for date in series["dates"] if date["state"] == state]


def test_D16_the_preview_lists_the_two_busy_weeks_with_their_reasons(practice: Practice) -> None:
    allow_series(practice)
    take(practice, WEEKS[2], WEEKS[5])
    seen = preview(practice, 8)
    assert [date["position"] for date in seen["dates"] if date["conflicts"]] == [3, 6]
    assert seen["dates"][2]["conflicts"][0]["code"] == "busy"
    assert seen["can_be_booked"] == 6
    assert {date["fee"]["amount"] for date in seen["dates"]} == {6000}
    assert len(preview(practice, 8, on_conflict="extend")["dates"]) == 10


def test_D16_all_or_nothing_refuses_with_the_list_and_writes_nothing(practice: Practice) -> None:
    allow_series(practice)
    take(practice, WEEKS[2], WEEKS[5])
    answer = book(practice, 8)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "series_conflicts")
    assert [conflict["position"] for conflict in answer.get_json()["conflicts"]] == [3, 6]
    assert states() == ["confirmed", "confirmed"]
    assert db.session.execute(text("SELECT count(*) FROM series")).scalar_one() == 0


def test_D16_skipping_books_six_and_extending_eight(practice: Practice) -> None:
    allow_series(practice)
    take(practice, WEEKS[2], WEEKS[5])
    skipped = booked(practice, 8, on_conflict="skip")
    assert starts(skipped) == [week for number, week in enumerate(WEEKS) if number not in (2, 5)]
    with transaction():
        db.session.execute(text("UPDATE claims SET blocks = false WHERE booking_id IN (SELECT id FROM bookings WHERE series_id IS NOT NULL)"))
    extended = booked(practice, 8, on_conflict="extend")
    assert len(starts(extended)) == 8
    assert starts(extended)[-2:] == ["2027-01-18", "2027-01-25"]
    assert overlaps() == 0


def test_R09_a_series_of_twelve_with_the_fifth_date_taken_leaves_no_row(practice: Practice) -> None:
    allow_series(practice)
    take(practice, WEEKS[4])
    answer = book(practice, 12)
    assert answer.status_code == 409
    assert [conflict["position"] for conflict in answer.get_json()["conflicts"]] == [5]
    assert len(states()) == 1


def test_a_series_may_reach_beyond_the_window_but_may_not_begin_there(practice: Practice) -> None:
    allow_series(practice, window_days=10)
    assert len(starts(booked(practice, 8))) == 8
    answer = book(practice, 2, start="2027-03-01T09:00:00Z")
    assert {each["code"] for each in answer.get_json()["conflicts"][0]["reasons"]} == {"too_far"}


def codes_by_position(seen: dict[str, Any]) -> list[list[str]]:
    return [[each["code"] for each in date["conflicts"]] for date in seen["dates"]]


def test_dates_of_a_series_count_towards_the_limits_that_they_meet_together(practice: Practice) -> None:
    """Two dates a week apart lie in one week of the calendar where the schedule travels westward between them."""
    allow_series(practice, week_sessions=1)
    with transaction():
        schedule = db.session.scalars(select(TherapistSchedule)).one()
        schedule.zone = "Pacific/Auckland"
        db.session.execute(text("DELETE FROM working_hours"))
        db.session.add_all(WorkingHours(schedule_id=schedule.id, weekday=day, from_minute=0, to_minute=1440) for day in range(7))
        db.session.add(ScheduleZoneChange(schedule_id=schedule.id, day=date(2026, 12, 3), zone="Europe/London"))
    start = "2026-11-29T12:00:00Z"  # Monday 01:00 in Auckland; a week later it is Sunday noon in London
    assert codes_by_position(preview(practice, 3, start=start)) == [[], ["week_limit"], []]
    refused = book(practice, 2, start=start)
    assert (refused.status_code, refused.json["conflicts"][0]["reasons"][0]["code"]) == (409, "week_limit")
    skipped = booked(practice, 3, start=start, on_conflict="skip")
    assert starts(skipped) == ["2026-11-29", "2026-12-13"]
    # One by one it is the same.
    assert practice.book("2026-12-06T12:00:00Z").json["limits"] == ["week_limit"]


def test_dates_of_a_series_keep_the_distance_that_sessions_of_one_client_have(practice: Practice) -> None:
    allow_series(practice, client_gap_days=8)
    assert codes_by_position(preview(practice, 3)) == [[], ["client_limit"], []]
    assert starts(booked(practice, 2, on_conflict="extend")) == [WEEKS[0], WEEKS[2]]


def test_only_services_that_say_so_are_booked_as_a_series_and_only_so_often(practice: Practice) -> None:
    assert book(practice, 4).get_json()["code"] == "no_series"
    allow_series(practice, most=4)
    assert book(practice, 5).get_json()["code"] == "too_many_dates"
    assert book(practice, 4, service_id=practice.consultation).get_json()["code"] == "no_series"
    assert book(practice, 53).status_code == 422
    assert book(practice, 4, start="0001-01-01T00:00:00Z").status_code == 422
    assert book(practice, 4, start="9999-12-31T23:59:00Z").status_code == 422


def test_the_same_key_books_one_series(practice: Practice) -> None:
    allow_series(practice)
    sent = {"service_id": practice.service, "start": WEEKS[0] + NINE, "count": 3}
    first, second = (practice.client.post("/api/v1/series", json=sent, headers={"Idempotency-Key": "s-1"}) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert len(states()) == 3


def test_somebody_elses_series_is_not_there(practice: Practice) -> None:
    allow_series(practice)
    series = booked(practice, 2)
    address = f"/api/v1/series/{series['id']}"
    assert practice.another_client().get(address).status_code == 404
    assert practice.therapist.get(address).get_json()["dates"][0]["role"] == "therapist"


def test_a_series_is_told_in_one_mail_with_one_calendar_object(practice: Practice, run_jobs: Callable[[], list[str]]) -> None:
    allow_series(practice)
    booked(practice, 4)
    run_jobs()
    told = mails()
    assert [mail.kind for mail in told] == ["series_confirmed", "series_confirmed"]
    assert told[0].told == ("REQUEST", 0, "CONFIRMED")
    assert told[0].text.count("09:00") == 4
    assert "RRULE:FREQ=WEEKLY" in told[0].ics
    assert told[0].ics.count("BEGIN:VEVENT") == 1


def test_F6_cancelling_one_date_names_it_in_the_series(practice: Practice, run_jobs: Callable[[], list[str]]) -> None:
    allow_series(practice)
    series = booked(practice, 4)
    run_jobs()
    uid = mails()[0].event["UID"]  # type: ignore[index]
    practice.client.post(f"/api/v1/bookings/{series['dates'][1]['id']}/cancel", json={"reason": "time"})
    run_jobs()
    last = mails()[-1]
    assert last.told == ("CANCEL", 1, "CANCELLED")
    assert last.event is not None
    assert last.event["UID"] == uid
    assert "RECURRENCE-ID;TZID=Europe/London:20261130T090000" in last.ics


def test_an_asked_series_is_one_request_with_one_clock(practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]]) -> None:
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        practice.service = str(a_service(therapist, instant=False).public_id)
    allow_series(practice)
    series = booked(practice, 4, start="2026-11-26T10:00:00Z")
    assert starts(series, "requested") == ["2026-11-26", "2026-12-03", "2026-12-10", "2026-12-17"]
    assert practice.ask().status_code == 201  # the series counts as one of three
    run_jobs()
    assert [mail.kind for mail in mails()[:2]] == ["series_requested", "series_requested"]
    clock.advance(hours=25)
    run_jobs()
    assert [mail.kind for mail in mails()].count("booking_chase") == 2, "once for the series, once for the other request"
    clock.advance(hours=47)
    run_jobs()
    assert set(db.session.execute(select(Booking.state)).scalars()) == {"expired"}
    assert [mail.kind for mail in mails() if "expired" in mail.kind].count("series_expired") == 2


def test_a_client_who_may_not_book_is_told_why(practice: Practice) -> None:
    allow_series(practice)
    with transaction():
        elsewhere = a_client(place="US-CA").person_id
    browser = signed_in(practice.new_browser, elsewhere)
    answer = browser.post("/api/v1/series", json={"service_id": practice.service, "start": WEEKS[0] + NINE, "count": 2})
    assert answer.status_code == 409
    assert {reason["code"] for date in answer.get_json()["conflicts"] for reason in date["reasons"]} == {"may_not_treat"}
    assert states() == []

"""A therapist's week at one look."""

from datetime import UTC, date, datetime

from sqlalchemy import event, update

from booking.models import BookingParticipant
from core.db import db, transaction
from tests.booking.conftest import Practice
from tests.booking.practice import override
from tests.booking.test_leaving import ok
from therapists.profile import profile_for_edit

T = "/api/v1/therapist"
MONDAY = "2026-11-23T09:00:00Z"


def test_the_week_says_what_is_booked_who_waits_what_is_free_and_what_is_closed(practice: Practice) -> None:
    first = ok(practice.book(MONDAY))["id"]
    asked = ok(practice.ask("2026-11-24T09:00:00Z"))["id"]
    with transaction():
        db.session.execute(update(BookingParticipant).values(coming_to=datetime(2026, 11, 23, 9, tzinfo=UTC)))
        therapist = profile_for_edit(practice.therapist_id)
        override(therapist, date(2026, 11, 27), "")
    off = {"from": "2026-11-25T00:00", "to": "2026-11-26T00:00", "reason": "holiday", "choice": "keep"}
    ok(practice.therapist.post(f"{T}/disruptions", json=off))
    week = ok(practice.therapist.get(f"{T}/week?day=2026-11-26"), 200)
    assert (week["zone"], [day["day"][-2:] for day in week["days"]]) == ("Europe/London", ["23", "24", "25", "26", "27", "28", "29"])
    booked, waits = week["bookings"]
    assert (booked["id"], booked["clients"][0]["name"], booked["clients"][0]["coming"], booked["off"]) == (first, "Sam Field", True, False)
    assert (waits["id"], waits["clients"][0]["coming"], week["requests"][0]["answer_by"] == waits["answer_by"]) == (asked, False, True)
    assert week["requests"][0]["id"] == asked
    assert [len(day["time_off"]) for day in week["days"]] == [0, 0, 1, 0, 0, 0, 0]
    assert [bool(day["openings"]) for day in week["days"]] == [True, True, False, True, False, False, False]
    assert week["days"][3]["hours"] == [{"start": "2026-11-26T09:00:00Z", "end": "2026-11-26T17:00:00Z"}]
    assert (week["waiting"], week["collisions"], week["disruptions"], week["complete"]) == (0, [], [], True)
    assert ok(practice.therapist.get(f"{T}/week"), 200)["days"][-1]["day"] == "2026-11-22"
    assert practice.client.get(f"{T}/week").status_code == 403


def test_a_holiday_is_named_and_a_local_day_is_as_long_as_it_is(practice: Practice) -> None:
    schedule = practice.therapist.get(f"{T}/schedules").get_json()["items"][0]["id"]
    practice.therapist.patch(f"{T}/schedules/{schedule}", json={"holidays": {"country": "GB", "subdivision": "ENG"}})
    days = practice.therapist.get(f"{T}/week?day=2026-12-25").get_json()["days"]
    assert [day["holidays"] for day in days][4] == ["Christmas Day"]
    long = practice.therapist.get(f"{T}/week?day=2026-10-25").get_json()["days"][6]
    assert (long["starts_at"], long["ends_at"]) == ("2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z")


def test_a_full_week_takes_no_more_statements_than_an_empty_one(practice: Practice) -> None:
    def statements() -> int:
        seen: list[str] = []
        bind = db.session.get_bind()

        def note(conn, cursor, statement, *_):  # type: ignore[no-untyped-def]
            seen.append(statement)

        event.listen(bind, "before_cursor_execute", note)
        assert practice.therapist.get(f"{T}/week?day=2026-11-23").status_code == 200
        event.remove(bind, "before_cursor_execute", note)
        return len([each for each in seen if each.startswith(("SELECT", "WITH"))])

    ok(practice.book(MONDAY))
    few = statements()
    for hour in range(10, 16):
        ok(practice.book(f"2026-11-23T{hour:02}:00:00Z", by=practice.another_client()))
    for hour in (9, 10, 11):
        ok(practice.ask(f"2026-11-24T{hour:02}:00:00Z", by=practice.another_client()))
    # The requests are read with their people: two statements more than without any, and then as many for ten.
    assert statements() <= few + 2

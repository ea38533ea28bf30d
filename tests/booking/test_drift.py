"""New clock rules: what was agreed for ten o'clock stays at ten o'clock, or somebody is told why not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from booking.calendar.drift import agreed_instant, look_for_drift
from core.clock import FixedClock
from core.db import db, transaction
from core.zones import tzdata_version, zone
from tests.booking.conftest import Practice, overlaps
from tests.booking.practice import a_service, a_therapist
from tests.booking.test_letters import HEALTH, mails
from tests.booking.test_series import allow_series

HOUR = timedelta(hours=1)
VANCOUVER = "America/Vancouver"


@pytest.fixture
def service(practice: Practice) -> str:
    """Of a therapist in Vancouver, where the clocks of 2027 were expected to be changed and are not."""
    with transaction():
        return str(a_service(a_therapist(zone=VANCOUVER, hours="08:00-18:00", weekdays="0123456", name="Toni Brook")).public_id)


def as_of_older_rules(*booking_ids: str) -> None:
    """As they were written when everybody thought that the clocks would go back; the last one is named first where one would lie over another."""
    hour = "interval '1 hour'"
    with transaction():
        for each in booking_ids:
            wanted = {"id": each}
            claims = f"UPDATE claims SET blocks_from = blocks_from + {hour}, blocks_to = blocks_to + {hour}"
            db.session.execute(text(f"{claims} WHERE booking_id = (SELECT id FROM bookings WHERE public_id = :id)"), wanted)
            bookings = f"UPDATE bookings SET starts_at = starts_at + {hour}, ends_at = ends_at + {hour}, tzdata = '2025.2'"
            db.session.execute(text(f"{bookings} WHERE public_id = :id"), wanted)


def rows() -> list[tuple[str, str, int, str]]:
    with transaction():
        found = db.session.execute(text("SELECT starts_at, wall_start, calendar_sequence, tzdata FROM bookings ORDER BY id")).all()
        return [(row[0].astimezone(UTC).isoformat()[:16], *row[1:]) for row in found]


def book(practice: Practice, start: str, service: str) -> str:
    answer = practice.book(start, service=service)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def after_upgrade(run_jobs: Callable[[], list[str]]) -> list[str]:
    look_for_drift.run()
    return run_jobs()


def test_A20_ten_o_clock_in_vancouver_stays_ten_o_clock_and_everybody_is_told(practice: Practice, service: str, run_jobs, clock: FixedClock):
    booking = book(practice, "2027-01-15T17:00:00Z", service)
    as_of_older_rules(booking)
    run_jobs()
    assert rows() == [("2027-01-15T18:00", "2027-01-15T10:00", 0, "2025.2")]
    assert after_upgrade(run_jobs) == ["booking.follow_clocks", "booking.tell", "notices.deliver", "notices.deliver"]
    assert rows() == [("2027-01-15T17:00", "2027-01-15T10:00", 1, tzdata_version())]
    told = [mail for mail in mails() if mail.kind == "booking_clocks_changed"]
    assert [mail.told for mail in told] == [("REQUEST", 1, "CONFIRMED")] * 2
    for mail in told:
        assert mail.event is not None
        assert mail.event.start == datetime(2027, 1, 15, 17, tzinfo=UTC)
        assert "the clock rules of America/Vancouver have changed" in mail.text
        assert not HEALTH.search(mail.subject)
    client, therapist = told
    assert "Friday 15 January 2027, 17:00 (Europe/London)" in client.text
    assert "cancel it free of charge until it begins" in client.text, "London's clock reads otherwise now"
    assert "Friday 15 January 2027, 10:00 (America/Vancouver)" in therapist.text
    with transaction():
        (entry,) = db.session.execute(text("SELECT action, reason FROM audit_entries WHERE action = 'booking.moved'")).all()
        (event,) = db.session.execute(text("SELECT sequence, reason, actor_person_id FROM booking_events WHERE moved_from IS NOT NULL")).all()
        due = db.session.execute(text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'booking.remind' ORDER BY 1")).scalars().all()
    assert tuple(entry) == ("booking.moved", "clock_rules")
    assert tuple(event) == (1, "clock_rules", None)
    assert datetime(2027, 1, 15, 16, tzinfo=UTC) in due, "reminded of the new time"
    assert after_upgrade(run_jobs) == [], "once"


def test_A20_where_the_time_is_taken_it_stays_and_the_desk_and_both_sides_know(practice: Practice, service: str, run_jobs):
    booking = book(practice, "2027-01-15T17:00:00Z", service)
    as_of_older_rules(booking)
    rival = practice.another_client()
    assert practice.book("2027-01-15T17:00:00Z", service=service, by=rival).status_code == 201, "the time it is to go to"
    run_jobs()
    after_upgrade(run_jobs)
    assert rows()[0] == ("2027-01-15T18:00", "2027-01-15T10:00", 0, tzdata_version())
    told = [mail for mail in mails() if mail.kind == "booking_clocks_clash"]
    assert len(told) == 2
    assert all("nothing was moved" in mail.text.replace("\n", " ") for mail in told)
    assert any("(America/Vancouver)" in mail.text and "11:00" in mail.text for mail in told)
    with transaction():
        cases = db.session.execute(text("SELECT kind, subject_id FROM cases")).all()
        audited = db.session.scalar(text("SELECT count(*) FROM audit_entries WHERE action = 'booking.clocks_clash'"))
    assert ([tuple(case) for case in cases], audited) == ([("support", booking)], 1)
    assert after_upgrade(run_jobs) == []
    assert practice.client.get(f"/api/v1/bookings/{booking}").get_json()["cancel_free_until"] == "2027-01-15T18:00:00Z"


def test_bookings_in_a_row_follow_each_other_also_those_of_one_client_with_two_therapists(practice: Practice, service: str, run_jobs, clock: FixedClock):
    with transaction():
        other = str(a_service(a_therapist(zone=VANCOUVER, hours="08:00-18:00", weekdays="0123456", name="Jo Hill"), minutes=60).public_id)
    starts = [f"2027-01-15T{hour}:00:00Z" for hour in (16, 17, 18, 19)]
    made = [book(practice, start, which) for start, which in zip(starts, (other, service, service, other), strict=True)]
    as_of_older_rules(*reversed(made))
    after_upgrade(run_jobs)
    for _ in range(3):
        clock.instant += timedelta(minutes=1)
        run_jobs()
    assert [(start, tzdata) for start, _, _, tzdata in rows()] == [(start[:16], tzdata_version()) for start in starts]
    assert overlaps() == 0


def test_a_series_keeps_its_time_of_day_and_is_told_as_one_thing(practice: Practice, service: str, run_jobs):
    allow_series(practice)
    sent = {"service_id": service, "start": "2026-12-04T17:00:00Z", "count": 3}
    series = practice.client.post("/api/v1/series", json=sent).get_json()
    weeks = [date["starts_at"] for date in series["dates"]]
    assert weeks == ["2026-12-04T17:00:00Z", "2026-12-11T17:00:00Z", "2026-12-18T17:00:00Z"]
    run_jobs()
    with transaction():
        made = [str(each) for each in db.session.execute(text("SELECT public_id FROM bookings ORDER BY id")).scalars()]
    as_of_older_rules(*made)
    with transaction():
        db.session.execute(text("UPDATE series SET starts_at = starts_at + interval '1 hour'"))
        db.session.execute(text("UPDATE bookings SET series_start = series_start + interval '1 hour'"))
    after_upgrade(run_jobs)
    assert [start for start, *_ in rows()] == [week[:16] for week in weeks]
    with transaction():
        rhythm = db.session.execute(text("SELECT starts_at FROM series UNION ALL (SELECT series_start FROM bookings ORDER BY id)")).scalars().all()
    assert [instant.astimezone(UTC).isoformat()[:16] for instant in rhythm] == [weeks[0][:16], *(week[:16] for week in weeks)]
    told = [mail for mail in mails() if mail.kind == "series_clocks_changed"]
    assert [mail.told for mail in told] == [("REQUEST", 1, "CONFIRMED")] * 2
    for mail in told:
        assert "DTSTART;TZID=America/Vancouver:20261204T100000" in mail.ics.replace("\r\n ", "")
        assert "the clock rules of America/Vancouver have changed" in mail.text
    assert len(mails()) == 4, "one letter to each for all of it, before and after"


def test_what_was_agreed_elsewhere_or_is_over_stays_as_it_is(practice: Practice, run_jobs):
    booking = practice.book("2027-01-11T09:00:00Z").get_json()["id"]
    with transaction():
        db.session.execute(text("UPDATE bookings SET tzdata = '2025.2'"))
    run_jobs()
    assert after_upgrade(run_jobs) == ["booking.follow_clocks"]
    assert rows() == [("2027-01-11T09:00", "2027-01-11T09:00", 0, tzdata_version())]
    assert practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"}).status_code == 200
    run_jobs()
    with transaction():
        db.session.execute(text("UPDATE bookings SET tzdata = '2025.2'"))
    assert after_upgrade(run_jobs) == []


@given(
    st.integers(int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) // 900, int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()) // 900),
    st.sampled_from([VANCOUVER, "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC", "America/New_York"]),
)
def test_nothing_drifts_while_the_rules_stay_not_even_the_second_of_two_equal_readings(quarter: int, name: str):
    stored = datetime.fromtimestamp(quarter * 900, UTC)
    wall = stored.astimezone(zone(name)).strftime("%Y-%m-%dT%H:%M")
    assert agreed_instant(wall, name, stored) == stored
    moved = agreed_instant(wall, name, stored + HOUR)
    assert moved.astimezone(zone(name)).strftime("%Y-%m-%dT%H:%M") == wall

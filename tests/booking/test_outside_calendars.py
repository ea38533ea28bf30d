"""Therapists' own calendars from end to end: a real server, the real worker's job, openings and bookings over HTTP."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from booking.outside.jobs import refresh_due, refresh_outside
from core.clock import FixedClock
from core.db import db, transaction
from core.outside_fetch import LARGEST
from tests.booking.conftest import MONDAY_NINE, Practice, states
from tests.booking.practice import a_service, a_therapist, signed_in
from tests.booking.test_outside_busy import a_file
from tests.booking.test_request import change
from tests.browser import Browser
from tests.fakes.calendar_server import CalendarServer, calendar_server
from tests.fakes.outbox import Outbox, text_of
from therapists.models import Therapist

CALENDARS, COLLISIONS = "/api/v1/therapist/outside-calendars", "/api/v1/therapist/outside-collisions"


def busy(start: str, hours: int = 1, uid: str = "theirs", *more: str) -> str:
    return "\r\n".join((f"UID:{uid}", f"DTSTART:{start}", f"DURATION:PT{hours}H", "SUMMARY:zqxtitle", *more))


@pytest.fixture
def server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[CalendarServer]:
    """The therapist's calendar: busy on Monday from ten to eleven."""
    with calendar_server() as running:
        running.body = a_file(busy("20261123T100000Z"))
        monkeypatch.setitem(app.config, "LOOPBACK_CALENDARS", running.loopback)
        yield running


@pytest.fixture
def subscribed(practice: Practice, server: CalendarServer) -> str:
    answer = practice.therapist.post(CALENDARS, json={"address": server.address})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def therapist(practice: Practice) -> Browser:
    """Signed in anew: a therapist's session does not last as long as these tests let time pass."""
    return signed_in(practice.new_browser, practice.therapist_id)


def shown(practice: Practice) -> dict[str, Any]:
    items = therapist(practice).get(CALENDARS).get_json()["items"]
    assert len(items) == 1
    return dict(items[0])


def look(clock: FixedClock, **later: float) -> None:
    """Time passes, and the worker looks at every calendar."""
    clock.advance(**later)
    for calendar_id in db.session.execute(text("SELECT id FROM outside_calendars")).scalars().all():
        db.session.rollback()
        refresh_outside.run(calendar_id=calendar_id)


def collisions(practice: Practice) -> list[dict[str, Any]]:
    return list(therapist(practice).get(COLLISIONS).get_json()["items"])


def test_a_subscribed_calendar_takes_its_time_off_the_openings_at_once(practice: Practice, server: CalendarServer) -> None:
    before = practice.openings()
    answer = practice.therapist.post(CALENDARS, json={"address": server.address})
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["state"], told["age_minutes"], told["skipped"]) == ("fresh", 0, [])
    assert set(before) - set(practice.openings()) == {"2026-11-23T10:00:00Z"}, "a session of 50 minutes from nine just fits"


def test_a_booking_over_outside_time_is_refused_as_taken(practice: Practice, subscribed: str) -> None:
    refused = practice.book("2026-11-23T10:00:00Z")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "taken")
    assert "2026-11-23T10:00:00Z" not in refused.get_json()["openings"]
    assert practice.book(MONDAY_NINE).status_code == 201


def test_the_block_must_miss_outside_time_which_has_no_buffers_of_its_own(practice: Practice, subscribed: str) -> None:
    with transaction():
        owner = db.session.get_one(Therapist, practice.therapist_id)
        buffered = a_service(owner, minutes=50, buffer_before=5, buffer_after=15, step_minutes=30)
        service = str(buffered.public_id)
    times = practice.openings(service)
    # 50 and 15 minutes end by ten only until 08:55; the block from 11:25 on begins after eleven.
    assert not {"2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z", "2026-11-23T10:30:00Z", "2026-11-23T11:00:00Z"} & set(times)
    assert "2026-11-23T11:30:00Z" in times


def test_the_address_is_shown_by_its_server_and_last_letters_only(practice: Practice, server: CalendarServer, subscribed: str) -> None:
    told = practice.therapist.get(CALENDARS).text
    assert shown(practice)["address"] == f"127.0.0.1:{server.port}/….ics"
    assert "private-token" not in told
    stored = db.session.execute(text("SELECT row_to_json(c)::text FROM outside_calendars c")).scalar_one()
    assert "private-token" not in stored


def test_no_title_is_stored(subscribed: str) -> None:
    for table in ("outside_calendars", "outside_busy", "outside_collisions"):
        rows = db.session.execute(text(f"SELECT row_to_json(c)::text FROM {table} c")).scalars().all()
        assert not any("zqxtitle" in row or "theirs" in row for row in rows)


@pytest.mark.parametrize(
    "failing",
    [{"status": 500}, {"body": b"<html>sign in</html>"}, {"body": b""}, {"body": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"}, {"body": b"x" * (LARGEST + 1)}],
    ids=["E16_500", "E16_HTML", "E16_NOTHING", "E16_CUT_OFF", "E17_R68_TOO_LARGE"],
)
def test_a_failed_look_never_frees_time(failing: dict[str, Any], practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock) -> None:
    taken = practice.openings()
    for name, value in failing.items():
        setattr(server, name, value)
    look(clock, minutes=20)
    assert practice.openings() == taken
    assert practice.book("2026-11-23T10:00:00Z").status_code == 409
    told = shown(practice)
    assert (told["state"], told["age_minutes"]) == ("stale", 20)
    assert told["failure"]
    server.status, server.body = 200, a_file(busy("20261123T110000Z"))
    look(clock, minutes=40)
    assert (shown(practice)["state"], shown(practice)["failure"]) == ("fresh", None)
    assert {"2026-11-23T10:00:00Z"} == set(practice.openings()) - set(taken)


def test_E16_R68_a_server_that_keeps_failing_is_told_once_and_asked_less(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox
) -> None:
    server.status = 503
    for _ in range(5):
        look(clock, hours=8)
    run_jobs()
    letters = [mail for mail in outbox.sent if mail["Subject"] == "We cannot read your calendar"]
    assert len(letters) == 1
    assert "private-token" not in text_of(letters[0])
    due = db.session.execute(text("SELECT due_at FROM outside_calendars")).scalar_one()
    assert due - clock.now() > timedelta(hours=3)


def test_what_has_not_changed_is_asked_for_conditionally_and_keeps_its_time(practice: Practice, server: CalendarServer, clock: FixedClock) -> None:
    server.etag = '"one"'
    assert practice.therapist.post(CALENDARS, json={"address": server.address}).status_code == 201
    taken = practice.openings()
    look(clock, minutes=15)
    assert server.asked[-1]["If-None-Match"] == '"one"'
    assert (shown(practice)["state"], shown(practice)["age_minutes"]) == ("fresh", 0)
    assert practice.openings() == taken
    look(clock, days=40)
    assert "If-None-Match" not in server.asked[-1], "what was read does not reach far enough any more"


def test_the_clock_finds_what_is_due_and_gives_each_its_job(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    asked = len(server.asked)
    refresh_due.run()
    assert "booking.refresh_outside" not in run_jobs()
    clock.advance(minutes=16)
    for _ in range(2):
        refresh_due.run()
    assert run_jobs().count("booking.refresh_outside") == 1
    assert len(server.asked) == asked + 1


def test_E18_our_own_bookings_in_the_therapists_calendar_do_not_block_themselves(practice: Practice, server: CalendarServer, clock: FixedClock) -> None:
    assert practice.book(MONDAY_NINE).status_code == 201
    uid = db.session.execute(text("SELECT calendar_uid FROM bookings")).scalar_one()
    server.body = a_file(busy("20261123T090000Z", 1, uid), busy("20261123T110000Z", 1, f"{uid}_R20261123T110000"), busy("20261123T150000Z"))
    assert practice.therapist.post(CALENDARS, json={"address": server.address}).status_code == 201
    assert collisions(practice) == []
    times = practice.openings()
    assert "2026-11-23T11:00:00Z" in times
    assert "2026-11-23T15:00:00Z" not in times


def test_E18_our_own_group_session_in_the_therapists_calendar_keeps_nobody_from_joining(practice: Practice, server: CalendarServer) -> None:
    with transaction():
        owner = db.session.get_one(Therapist, practice.therapist_id)
        owner.units = ["group"]
        group = str(a_service(owner, unit="group", seats=2).public_id)
    assert practice.book(MONDAY_NINE, service=group).status_code == 201
    uid = db.session.execute(text("SELECT calendar_uid FROM bookings")).scalar_one()
    server.body = a_file(busy("20261123T090000Z", 1, uid))
    assert practice.therapist.post(CALENDARS, json={"address": server.address}).status_code == 201
    assert practice.book(MONDAY_NINE, service=group, by=practice.another_client()).status_code == 201


def test_new_outside_time_over_a_booking_never_cancels_it_and_the_therapist_is_asked_once(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox
) -> None:
    booked = practice.book("2026-11-23T13:00:00Z").get_json()
    run_jobs()
    server.body = a_file(busy("20261123T100000Z"), busy("20261123T133000Z", 2, "new"))
    for _ in range(2):
        look(clock, minutes=15)
    run_jobs()
    assert states() == ["confirmed"]
    asked = collisions(practice)
    assert [(each["booking_id"], each["busy_from"], each["busy_to"]) for each in asked] == [(booked["id"], "2026-11-23T13:30:00Z", "2026-11-23T13:50:00Z")]
    assert outbox.subjects().count("Appointments and your own calendar") == 1
    for _ in range(2):
        assert therapist(practice).post(f"{COLLISIONS}/{asked[0]['id']}/keep").status_code == 204
    assert collisions(practice) == []
    assert states() == ["confirmed"]


def test_a_collision_leaves_the_list_when_the_booking_or_the_busy_time_goes(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock
) -> None:
    first, second = (practice.book(start).get_json()["id"] for start in ("2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z"))
    server.body = a_file(busy("20261123T120000Z", 5))
    look(clock, minutes=15)
    page = practice.therapist.get(COLLISIONS, query_string={"limit": 1}).get_json()
    assert [item["booking_id"] for item in page["items"]] == [first]
    page = practice.therapist.get(COLLISIONS, query_string={"limit": 1, "cursor": page["next"]}).get_json()
    assert ([item["booking_id"] for item in page["items"]], page["next"]) == ([second], None)
    assert practice.client.post(f"/api/v1/bookings/{first}/cancel", json={"reason": "time"}).status_code == 200
    assert [item["booking_id"] for item in collisions(practice)] == [second]
    server.body = a_file(busy("20261124T120000Z"))
    look(clock, minutes=15)
    assert collisions(practice) == []


def test_R67_an_address_that_leads_inward_is_refused_and_nothing_is_kept(practice: Practice, server: CalendarServer) -> None:
    with calendar_server() as inner:
        server.status, server.headers = 302, {"Location": f"http://127.0.0.1:{inner.port}/"}
        for address in (
            server.address,
            f"http://127.0.0.1:{inner.port}/a.ics",
            f"https://2130706433:{inner.port}/",
            "https://169.254.169.254/",
            "https://[::1]/",
            "file:///etc/passwd",
        ):
            refused = practice.therapist.post(CALENDARS, json={"address": address})
            assert (refused.status_code, refused.get_json()["code"]) == (422, "address_refused"), address
            assert refused.get_json()["errors"]["address"]
        assert inner.connections == 0
    assert practice.therapist.get(CALENDARS).get_json()["items"] == []


@pytest.mark.parametrize(("status", "body", "reason"), [(200, b"<html>", "not_a_calendar"), (404, b"", "status_404")], ids=["a_page", "not_there"])
def test_what_cannot_be_read_is_refused_with_its_reason(status: int, body: bytes, reason: str, practice: Practice, server: CalendarServer) -> None:
    server.status, server.body = status, body
    refused = practice.therapist.post(CALENDARS, json={"address": server.address})
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["reason"]) == (422, "calendar_unreadable", reason)


def test_R68_what_was_skipped_is_told(practice: Practice, server: CalendarServer) -> None:
    server.body = a_file(busy("20261123T100000Z", 1, "endless", "RRULE:FREQ=SECONDLY"), "UID:bad", busy("20261123T140000Z"))
    told = practice.therapist.post(CALENDARS, json={"address": server.address}).get_json()
    assert told["skipped"] == [{"code": "too_many_repeats", "count": 1}, {"code": "unreadable_event", "count": 1}]
    assert "2026-11-23T14:00:00Z" not in practice.openings()


def test_tentative_events_block_until_the_therapist_says_otherwise(
    practice: Practice, server: CalendarServer, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    server.body, server.etag = a_file(busy("20261123T100000Z", 1, "maybe", "STATUS:TENTATIVE")), '"one"'
    made = practice.therapist.post(CALENDARS, json={"address": server.address}).get_json()
    assert "2026-11-23T10:00:00Z" not in practice.openings()
    assert practice.therapist.patch(f"{CALENDARS}/{made['id']}", json={"tentative_blocks": False}).status_code == 200
    run_jobs()
    assert "2026-11-23T10:00:00Z" in practice.openings()


def test_look_again_is_heard_once_a_minute(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    server.body = a_file(busy("20261123T140000Z"))
    clock.advance(minutes=2)
    for _ in range(3):
        assert practice.therapist.post(f"{CALENDARS}/{subscribed}/refresh").status_code == 202
    assert run_jobs().count("booking.refresh_outside") == 1
    assert "2026-11-23T10:00:00Z" in practice.openings()


def test_a_removed_calendar_frees_its_time_and_leaves_nothing(practice: Practice, subscribed: str) -> None:
    assert practice.therapist.delete(f"{CALENDARS}/{subscribed}").status_code == 204
    assert "2026-11-23T10:00:00Z" in practice.openings()
    assert db.session.execute(text("SELECT count(*) FROM outside_busy")).scalar_one() == 0


def test_at_most_ten_and_none_twice(practice: Practice, server: CalendarServer) -> None:
    for number in range(10):
        assert practice.therapist.post(CALENDARS, json={"address": f"{server.address}?{number}"}).status_code == 201
    for address, code in ((f"{server.address}?3", "too_many_calendars"), (f"{server.address}?11", "too_many_calendars")):
        refused = practice.therapist.post(CALENDARS, json={"address": address})
        assert (refused.status_code, refused.get_json()["code"]) == (409, code)
    first = practice.therapist.get(CALENDARS).get_json()["items"][0]["id"]
    practice.therapist.delete(f"{CALENDARS}/{first}")
    assert practice.therapist.post(CALENDARS, json={"address": f"{server.address}?3"}).get_json()["code"] == "already_subscribed"


def test_another_therapists_calendar_is_not_there(practice: Practice, server: CalendarServer, subscribed: str, client: Callable[[], Browser]) -> None:
    with transaction():
        stranger_id = a_therapist(name="Robin Lake").person_id
    stranger = signed_in(client, stranger_id)
    assert stranger.get(CALENDARS).get_json()["items"] == []
    answers = (
        stranger.patch(f"{CALENDARS}/{subscribed}", json={"tentative_blocks": False}),
        stranger.post(f"{CALENDARS}/{subscribed}/refresh"),
        stranger.delete(f"{CALENDARS}/{subscribed}"),
        stranger.post(f"{COLLISIONS}/{subscribed}/keep"),
    )
    assert [answer.status_code for answer in answers] == [404] * 4


def test_the_address_is_in_no_log_and_no_job(
    practice: Practice, server: CalendarServer, subscribed: str, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    server.status = 500
    with caplog.at_level(logging.DEBUG):
        practice.therapist.post(f"{CALENDARS}/{subscribed}/refresh")
        look(clock, minutes=20)
        practice.therapist.post(CALENDARS, json={"address": server.address + "?other"})
    jobs = db.session.execute(text("SELECT args::text FROM procrastinate_jobs")).scalars().all()
    assert "private-token" not in caplog.text + "".join(jobs)


def test_calendars_of_a_therapist_who_has_left_are_read_no_more(practice: Practice, subscribed: str, clock: FixedClock) -> None:
    change(Therapist, Therapist.person_id == practice.therapist_id, leaves_at=clock.now() + timedelta(days=1))
    for hours, jobs in ((23, 1), (2, 0)):
        clock.advance(hours=hours)
        with transaction():
            db.session.execute(text("DELETE FROM procrastinate_jobs"))
        refresh_due.run()
        with transaction():
            assert db.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'booking.refresh_outside'")).scalar_one() == jobs

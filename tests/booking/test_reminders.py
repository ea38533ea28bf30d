"""Reminders: when they go out, to whom, and what their links do."""

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.disable import disable_account
from booking.reminders.link import Pass, link_secret, pass_of
from booking.reminders.remind import remind
from booking.request import request_booking
from core.clock import FixedClock, now
from core.db import db, transaction
from notices.models import Notice
from tests.booking.conftest import Practice
from tests.booking.practice import a_client, a_service, a_therapist, signed_in, utc
from tests.booking.test_letters import HEALTH, Mail, mails
from tests.booking.test_reschedule import move
from therapists.models import Service

START = "2026-11-26T09:00:00Z"
LINK = re.compile(r"/appointment/(coming|change)#token=([\w-]+)")


def due() -> list[str]:
    """When reminders are set for, in UTC."""
    with transaction():
        rows = db.session.execute(text("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'booking.remind' ORDER BY scheduled_at")).scalars()
        return [instant.astimezone(UTC).isoformat()[:16] for instant in rows]


def reminders(address: str | None = None) -> list[Mail]:
    return [mail for mail in mails() if mail.kind == "booking_reminder" and address in (None, mail.to)]


@pytest.fixture
def booked(practice: Practice, run_jobs) -> str:
    booking = practice.book(START).get_json()["id"]
    run_jobs()
    return booking


@pytest.fixture
def client_address(practice: Practice) -> str:
    with transaction():
        return str(db.session.scalar(text("SELECT email FROM accounts WHERE person_id = :id"), {"id": practice.client_id}))


def links(address: str) -> dict[str, str]:
    """The secrets in the newest reminder, by purpose."""
    return dict(LINK.findall(reminders(address)[-1].text))


@pytest.fixture
def reminded(practice: Practice, booked: str, client_address: str, clock: FixedClock, run_jobs) -> dict[str, str]:
    """A day before: the secrets of the client's links."""
    clock.instant = utc("2026-11-25T09:00")
    run_jobs()
    return links(client_address)


def test_G1_24_hours_are_elapsed_hours_across_a_change_of_the_clocks(practice: Practice, clock: FixedClock):
    clock.instant = utc("2027-03-01T15:00")
    with transaction():
        service = a_service(a_therapist(zone="America/New_York", weekdays="0123456"))
    client = signed_in(practice.new_browser, practice.client_id)
    assert practice.book("2027-03-14T13:00:00Z", service=str(service.public_id), by=client).status_code == 201, "09:00 in New York"
    assert due() == ["2027-03-13T13:00", "2027-03-14T12:00"], "08:00 in New York the day before"


def test_each_gets_what_they_chose_and_nobody_gets_one_in_the_past(practice: Practice, booked: str, client_address: str, clock: FixedClock, run_jobs):
    assert practice.client.get("/api/v1/reminders").get_json() == {"hours_before": [24, 1]}
    assert practice.client.put("/api/v1/reminders", json={"hours_before": [1]}).get_json() == {"hours_before": [1]}
    assert practice.client.put("/api/v1/reminders", json={"hours_before": [2]}).status_code == 422
    page = practice.client.get("/my-reminders").text
    assert ('value="1" checked' in page, 'value="24" checked' in page) == (True, False)
    assert practice.client.post("/my-reminders", data={"hours_before": "2"}).status_code == 422
    assert practice.client.post("/my-reminders", data={}).status_code == 303
    assert practice.client.get("/api/v1/reminders").get_json() == {"hours_before": []}
    assert practice.client.post("/my-reminders", data={"hours_before": "1"}).status_code == 303
    clock.instant = utc("2026-11-25T09:00")
    run_jobs()
    assert [mail.to == client_address for mail in reminders()] == [False], "the therapist's"
    clock.instant = utc("2026-11-26T08:00")
    run_jobs()
    assert [mail.to == client_address for mail in reminders()] == [False, True, False]
    for mail in reminders():
        assert not HEALTH.search(mail.subject)
        assert not {"Alex", "Sam"} & set(mail.subject.split())
        assert "Thursday 26 November 2026, 09:00 (Europe/London)" in mail.text
        assert mail.ics == ""
        assert "/my-reminders" in mail.text
    assert practice.new_browser().get("/api/v1/reminders").status_code == 401
    client = signed_in(practice.new_browser, practice.client_id)
    assert client.put("/api/v1/reminders", json={"hours_before": []}).get_json() == {"hours_before": []}


@pytest.mark.parametrize(
    ("booked_at", "times"),
    [("2026-11-26T08:30", []), ("2026-11-26T07:59", ["2026-11-26T08:00"]), ("2026-11-26T08:00", []), ("2026-11-25T09:00", ["2026-11-26T08:00"])],
)
def test_a_time_agreed_on_late_has_only_the_reminders_that_are_still_to_come(practice: Practice, clock: FixedClock, booked_at, times):
    clock.instant = utc(booked_at)
    assert practice.book(START, by=signed_in(practice.new_browser, practice.client_id)).status_code == 201
    assert due() == times


def test_one_that_could_not_go_out_in_its_time_is_left_out(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    clock.instant = utc("2026-11-26T08:30")
    run_jobs()
    assert len(reminders()) == 2, "that of the last hour, to each of two"
    clock.instant = utc("2026-11-26T09:00")
    with transaction():
        booking_id = db.session.scalar(text("SELECT id FROM bookings"))
    remind.run(booking_id=booking_id, hours_before=1, start=int(clock.instant.timestamp()))
    assert len(reminders()) == 2


def test_G2_R81_what_is_called_off_is_not_reminded_of_and_what_moved_only_of_its_new_time(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    gone = practice.book("2026-11-26T12:00:00Z").get_json()["id"]
    assert practice.client.post(f"/api/v1/bookings/{gone}/cancel", json={"reason": "time"}).status_code == 200
    assert move(practice.client, booked, "2026-11-27T10:00:00Z", START).status_code == 200
    run_jobs()
    for hour in ("2026-11-25T09:00", "2026-11-25T12:00", "2026-11-26T08:00", "2026-11-26T11:00"):
        clock.instant = utc(hour)
        run_jobs()
        with transaction():
            assert reminders_so_far() == (2 if hour >= "2026-11-26T10:00" else 0), hour
    clock.instant = utc("2026-11-27T09:00")
    run_jobs()
    assert len(reminders()) == 4
    assert all("27 November 2026, 10:00" in mail.text for mail in reminders())


def reminders_so_far() -> int:
    return int(db.session.scalar(text("SELECT count(*) FROM notices WHERE kind = 'booking_reminder'")) or 0)


def test_G4_R81_however_often_the_job_runs_there_is_one_message(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    clock.instant = utc("2026-11-25T09:00")
    with transaction():
        (row,) = db.session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'booking.remind' AND scheduled_at <= :now"), {"now": clock.instant}
        )
    for _ in range(3):
        remind.run(**row[0])
    run_jobs()
    assert len(reminders()) == 2
    with transaction():
        names = db.session.execute(text("SELECT message_id FROM notices WHERE kind = 'booking_reminder'")).scalars().all()
    assert len(set(names)) == 2
    assert all(notice.state == "sent" for notice in db.session.query(Notice).all())


def test_R81_four_workers_at_the_same_instant_write_one_message_to_each(committed_app: Flask):
    with committed_app.app_context():
        with transaction():
            therapist = a_therapist(zone="UTC", hours="00:00-24:00", weekdays="0123456")
            service, client = a_service(therapist), a_client()
            start = now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=20)
            booking = request_booking(client.person_id, service.public_id, start, now=now())
        begin = threading.Barrier(4)

        def work() -> None:
            with committed_app.app_context():
                begin.wait()
                remind.run(booking_id=booking.id, hours_before=24, start=int(start.timestamp()))

        with ThreadPoolExecutor(4) as workers:
            for ended in [workers.submit(work) for _ in range(4)]:
                ended.result()
        assert len(reminders()) == 2


def test_coming_is_said_by_a_button_without_signing_in_and_the_therapist_reads_it(practice: Practice, booked: str, reminded, clock: FixedClock, run_jobs):
    stranger = practice.new_browser()
    therapist, client = (signed_in(practice.new_browser, person) for person in (practice.therapist_id, practice.client_id))
    page = stranger.get("/appointment/coming")
    assert (page.status_code, 'name="token"' in page.text) == (200, True)
    shown = stranger.post("/appointment/coming", data={"token": reminded["coming"]})
    assert (shown.status_code, "Thursday 26 November 2026, 09:00 (Europe/London)" in shown.text) == (200, True)
    for told in ("Alex", "Sam", "video", "60.00"):
        assert told not in shown.text, "only the time"
    assert therapist.get(f"/api/v1/bookings/{booked}").get_json()["coming"] == [], "looking says nothing"
    done = stranger.post("/appointment/coming", data={"token": reminded["coming"], "step": "coming"})
    assert (done.status_code, "you are coming" in done.text) == (200, True)
    for reader in (therapist, client):
        read = reader.get(f"/api/v1/bookings/{booked}").get_json()
        assert read["coming"] == [read["clients"][0]["id"]]
    clock.instant = utc("2026-11-26T08:00")
    run_jobs()
    last = {mail.to: mail.text for mail in reminders()[-2:]}
    assert sum("Already said to come: Sam Field" in words for words in last.values()) == 1
    assert not any("/appointment/coming" in words for words in last.values())


def test_a_link_is_for_one_purpose_and_ends_with_its_time(practice: Practice, booked: str, reminded, clock: FixedClock):
    stranger = practice.new_browser()
    tries = [("coming", reminded["change"]), ("change", reminded["coming"]), ("change", "x" * 75), ("change", ""), ("change", "é"), ("coming", "a" * 300)]
    for page, secret in tries:
        answer = stranger.post(f"/appointment/{page}", data={"token": secret, "step": "cancel"})
        assert (answer.status_code, "does not work any more" in answer.text) == (410, True), (page, secret)
    client = signed_in(practice.new_browser, practice.client_id)
    assert move(client, booked, "2026-11-26T12:00:00Z", START).status_code == 200
    assert stranger.post("/appointment/change", data={"token": reminded["change"], "step": "cancel"}).status_code == 410
    assert move(client, booked, START, "2026-11-26T12:00:00Z").status_code == 200
    assert stranger.post("/appointment/change", data={"token": reminded["change"]}).status_code == 200
    clock.instant = utc("2026-11-26T09:00")
    assert stranger.post("/appointment/change", data={"token": reminded["change"]}).status_code == 410


def test_the_link_of_a_closed_account_does_nothing(practice: Practice, reminded, clock: FixedClock):
    with transaction():
        disable_account(practice.client_id, reason="test", now=clock.instant)
    assert practice.new_browser().post("/appointment/change", data={"token": reminded["change"], "step": "cancel"}).status_code == 410


def test_cancelling_by_link_says_first_what_it_costs(practice: Practice, clock: FixedClock, run_jobs, client_address: str):
    with transaction():
        db.session.execute(Service.__table__.update().values(late_fee_percent=50, cancel_free_hours=20))
    booking = practice.book(START).get_json()["id"]
    clock.instant = utc("2026-11-25T09:00")
    run_jobs()
    secret, stranger = links(client_address)["change"], practice.new_browser()
    page = stranger.post("/appointment/change", data={"token": secret}).text
    assert "Cancelling is free of charge until Wednesday 25 November 2026, 13:00 (Europe/London)" in page
    clock.instant = utc("2026-11-25T14:00")
    answer = stranger.post("/appointment/change", data={"token": secret, "step": "cancel", "seen": "free"})
    assert (answer.status_code, "it has become late" in answer.text) == (409, True)
    page = stranger.post("/appointment/change", data={"token": secret}).text
    assert "cancelling now costs <strong>GBP 30.00</strong>" in page
    assert 'name="seen" value="fee"' in page
    done = stranger.post("/appointment/change", data={"token": secret, "step": "cancel", "seen": "fee"})
    assert (done.status_code, "is cancelled" in done.text) == (200, True)
    read = signed_in(practice.new_browser, practice.client_id).get(f"/api/v1/bookings/{booking}").get_json()
    assert (read["state"], read["cancelled_late"], read["owed"]["fee"]) == ("cancelled", True, {"amount": 3000, "currency": "GBP"})
    assert stranger.post("/appointment/change", data={"token": secret}).status_code == 410


def test_another_time_is_chosen_by_link_among_openings(practice: Practice, booked: str, reminded):
    stranger = practice.new_browser()
    page = stranger.post("/appointment/change", data={"token": reminded["change"]}).text
    offered = re.findall(r'<option value="([^"]+)"', page)
    assert offered[0] == "2026-11-26T10:00:00Z"
    refused = stranger.post("/appointment/change", data={"token": reminded["change"], "step": "move", "start": "2026-11-26T03:00:00Z"})
    assert refused.status_code == 422
    for unreadable in ("", "soon", "2026-11-26T10:00:00"):
        assert stranger.post("/appointment/change", data={"token": reminded["change"], "step": "move", "start": unreadable}).status_code == 422
    done = stranger.post("/appointment/change", data={"token": reminded["change"], "step": "move", "start": offered[0]})
    assert (done.status_code, "has a new time" in done.text) == (200, True)
    with transaction():
        assert db.session.scalar(text("SELECT starts_at FROM bookings")) == datetime(2026, 11, 26, 10, tzinfo=UTC)


@given(st.uuids(), st.integers(0, 2**40), st.text(max_size=100))
def test_only_what_was_signed_for_a_purpose_opens_it(participant: uuid.UUID, start: int, other: str):
    given_pass = Pass(participant, start)
    secret = link_secret("coming", given_pass, key="one key")
    assert len(secret) == 75
    assert pass_of("coming", secret, key="one key") == given_pass
    assert pass_of("change", secret, key="one key") is None
    assert pass_of("coming", secret, key="another key") is None
    assert pass_of("coming", other, key="one key") is None
    changed = secret[:-2] + ("A" if secret[-2] != "A" else "B") + secret[-1]
    assert pass_of("coming", changed, key="one key") is None

"""After the end: what happens by itself, who may say what, and what becomes of it when the other side says no."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from accounts.roles import grant_role
from booking.after.outcomes import REPORTS, final_at, reportable, took_place
from booking.jobs import sweep_over
from booking.models import LateFee
from care.models import CareRelation
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, states
from tests.booking.practice import a_client, signed_in, utc
from tests.booking.test_letters import mails
from tests.booking.test_request import change, code, refreshed
from therapists.models import Service

START, END = utc("2026-11-23T09:00"), utc("2026-11-23T09:50")


@pytest.fixture
def booked(practice: Practice) -> str:
    change(Service, Service.public_id == practice.service, late_fee_percent=100)
    return practice.book().get_json()["id"]


@pytest.fixture
def later(practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]]) -> Callable[[str], None]:
    """Moves the clock, runs the sweep and what it finds, and signs both sides in again."""

    def at(text: str) -> None:
        clock.instant = utc(text)
        sweep_over.run()
        run_jobs()
        refreshed(practice)

    return at


def say(browser, booking: str, outcome: str):
    return browser.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": outcome})


def relation() -> str:
    with transaction():
        return db.session.execute(select(CareRelation.state)).scalar_one()


def fees() -> list[tuple[str, int]]:
    with transaction():
        return [tuple(row) for row in db.session.execute(select(LateFee.reason, LateFee.amount))]


def an_admin(practice: Practice):
    with transaction():
        person_id = a_client(name="Ada Stone").person_id
        grant_role(person_id, "admin", now=now())
    return signed_in(practice.new_browser, person_id)


@pytest.mark.parametrize(
    ("side", "at", "expected"),
    [
        ("client", "2026-11-23T08:59:59", []),
        ("client", "2026-11-23T09:00", ["ended_early", "technical_failure"]),
        ("client", "2026-11-23T09:15", ["ended_early", "therapist_absent", "technical_failure"]),
        ("therapist", "2026-11-23T09:14:59", ["ended_early", "technical_failure"]),
        ("therapist", "2026-11-23T09:15", ["ended_early", "client_absent", "technical_failure"]),
        ("therapist", "2026-11-23T09:50", ["took_place", "ended_early", "client_absent", "technical_failure"]),
        ("therapist", "2026-11-24T09:49:59", ["took_place", "ended_early", "client_absent", "technical_failure"]),
        ("therapist", "2026-11-24T09:50", []),
    ],
)
def test_who_may_say_what_and_when(side, at: str, expected: list[str]):
    assert reportable(side, starts_at=START, ends_at=END, now=utc(at)) == expected


@pytest.mark.parametrize("outcome", REPORTS)
def test_what_took_place_is_final_after_a_day_and_what_did_not_after_three(outcome: str):
    expected = "2026-11-24T09:50" if took_place(outcome) else "2026-11-26T09:20"
    assert final_at(outcome, reported_at=utc("2026-11-23T09:20"), ends_at=END) == utc(expected)
    assert final_at(None, reported_at=None, ends_at=END) == utc("2026-11-24T09:50")


def test_a_session_is_completed_a_day_after_its_end_and_makes_the_care_active(practice: Practice, booked: str, later):
    later("2026-11-24T09:49:59")
    assert states() == ["confirmed"]
    later("2026-11-24T09:50")
    assert states() == ["completed"]
    assert relation() == "active"
    told = practice.client.get(f"/api/v1/bookings/{booked}").get_json()
    assert (told["state"], told["outcome"], told["actions"], told["reports"]) == ("completed", "took_place", ["complain"], [])
    assert not [mail for mail in mails() if "took" in mail.kind or "completed" in mail.kind], "nobody is written to"


def test_a_completed_consultation_leaves_the_care_on_trial(practice: Practice, later):
    asked = practice.ask().get_json()["id"]
    practice.therapist.post(f"/api/v1/bookings/{asked}/confirm")
    later("2026-11-25T10:00")
    assert states() == ["completed"]
    assert relation() == "trial"


def test_a_session_that_ended_early_is_completed_when_somebody_says_so(practice: Practice, booked: str, later):
    later("2026-11-23T09:30")
    assert say(practice.client, booked, "ended_early").get_json()["state"] == "completed"
    assert code(say(practice.therapist, booked, "client_absent")) == (409, "ended")


def test_an_absence_stands_open_for_three_days_and_then_costs_what_was_agreed(practice: Practice, booked: str, later):
    later("2026-11-23T09:14")
    assert code(say(practice.therapist, booked, "client_absent")) == (422, "not_reportable")
    later("2026-11-23T09:15")
    assert code(say(practice.client, booked, "client_absent")) == (422, "not_reportable")
    told = say(practice.therapist, booked, "client_absent").get_json()
    assert (told["state"], told["outcome"], told["actions"]) == ("confirmed", "client_absent", ["report"])
    mine = practice.client.get(f"/api/v1/bookings/{booked}").get_json()
    assert (mine["actions"], mine["contest_until"], mine["reports"]) == (["contest"], "2026-11-26T09:15:00Z", [])
    assert code(say(practice.client, booked, "therapist_absent")) == (409, "already_reported")
    later("2026-11-26T09:14:59")
    assert (states(), fees()) == (["confirmed"], [])
    (mail,) = [mail for mail in mails() if mail.kind == "booking_reported"]
    assert "you were not there" in mail.text
    assert (mail.event, mail.subject) == (None, "About your appointment")
    later("2026-11-26T09:15")
    assert (states(), fees(), relation()) == (["no_show"], [("absent", 6000)], "trial")
    assert code(practice.client.post(f"/api/v1/bookings/{booked}/contest", json={})) == (409, "ended")


def test_whoever_reported_may_correct_it_until_it_is_contested(practice: Practice, booked: str, later):
    later("2026-11-23T09:20")
    say(practice.therapist, booked, "client_absent")
    later("2026-11-23T09:51")
    assert say(practice.therapist, booked, "took_place").get_json()["state"] == "completed"
    assert fees() == []


def test_an_absent_therapist_costs_the_client_nothing(practice: Practice, booked: str, later):
    later("2026-11-23T09:20")
    assert say(practice.client, booked, "therapist_absent").get_json()["outcome"] == "therapist_absent"
    later("2026-11-26T09:20")
    assert (states(), fees()) == (["no_show"], [])


@pytest.mark.parametrize(
    ("decision", "state", "owed"), [("took_place", "completed", []), ("client_absent", "no_show", [("absent", 6000)]), ("unclear", "no_show", [])]
)
def test_what_is_contested_is_decided_by_a_person(practice: Practice, booked: str, later, decision: str, state: str, owed: list):
    later("2026-11-23T09:20")
    say(practice.therapist, booked, "client_absent")
    later("2026-11-26T09:19:59")
    told = practice.client.post(f"/api/v1/bookings/{booked}/contest", json={"note": "I was there"}).get_json()
    assert (told["outcome_contested"], told["actions"]) == (True, [])
    assert code(say(practice.therapist, booked, "took_place")) == (409, "already_reported")
    assert code(practice.client.post(f"/api/v1/bookings/{booked}/contest", json={})) == (409, "not_contestable")
    later("2026-12-20T09:00")
    assert states() == ["confirmed"]
    admin = an_admin(practice)
    path, body = f"/api/v1/staff/bookings/{booked}/decision", {"outcome": decision}
    assert admin.post(path, json=body).status_code == 404, "first the case"
    (case,) = admin.get("/api/v1/cases").get_json()["items"]
    assert admin.get(f"/api/v1/cases/{case['id']}").get_json()["facts"]["note"] == "I was there"
    admin.post(f"/api/v1/cases/{case['id']}/claim")
    assert admin.post(path, json=body).get_json()["state"] == state
    assert (states(), fees()) == ([state], owed)
    assert admin.get("/api/v1/cases").get_json()["items"] == []
    assert practice.client.post(path, json=body).status_code == 403


def test_a_case_that_is_closed_without_a_decision_leaves_it_unclear_and_nobody_owes_anything(practice: Practice, booked: str, later):
    later("2026-11-23T09:20")
    say(practice.therapist, booked, "client_absent")
    practice.client.post(f"/api/v1/bookings/{booked}/contest", json={})
    admin = an_admin(practice)
    (case,) = admin.get("/api/v1/cases").get_json()["items"]
    admin.post(f"/api/v1/cases/{case['id']}/claim")
    admin.post(f"/api/v1/cases/{case['id']}/close", json={"outcome": "resolved"})
    later("2026-11-27T09:00")
    assert (states(), fees()) == (["no_show"], [])
    assert practice.client.get(f"/api/v1/bookings/{booked}").get_json()["outcome"] == "unclear"


def test_strangers_say_nothing_about_a_session(practice: Practice, booked: str, later):
    later("2026-11-23T09:20")
    stranger = practice.another_client()
    assert say(stranger, booked, "ended_early").status_code == 404
    assert stranger.post(f"/api/v1/bookings/{booked}/contest", json={}).status_code == 404
    assert code(practice.client.post(f"/api/v1/bookings/{booked}/contest", json={})) == (409, "not_contestable")


def test_staff_book_for_a_client_and_what_they_set_aside_can_be_read(practice: Practice, clock: FixedClock):
    with transaction():
        client_id = str(db.session.execute(text("SELECT public_id FROM persons WHERE id = :id"), {"id": practice.client_id}).scalar_one())
    admin = an_admin(practice)
    change(Service, Service.public_id == practice.service, lead_minutes=7 * 24 * 60)
    body = {"client_id": client_id, "service_id": practice.service, "start": "2026-11-23T18:00:00Z", "reason": "client_asked", "set_aside": ["too_soon"]}

    def book(by=admin, **more):
        return by.post("/api/v1/staff/bookings", json=body | more)

    assert code(book()) == (422, "out_of_hours")
    made = book(set_aside=["too_soon", "out_of_hours"]).get_json()
    assert made["state"] == "confirmed"
    for browser in (practice.client, practice.therapist):
        (step,) = browser.get(f"/api/v1/bookings/{made['id']}/history").get_json()["items"]
        assert (step["by"], step["reason"], step["set_aside"]) == ("staff", "client_asked", ["out_of_hours", "too_soon"])
    with transaction():
        assert db.session.execute(text("SELECT facts->'rules' FROM audit_entries WHERE action = 'booking.rules_set_aside'")).scalar_one() == [
            "out_of_hours",
            "too_soon",
        ]
    assert code(book(set_aside=["too_soon", "out_of_hours"])) == (409, "taken"), "never an overlap"
    assert book(set_aside=["busy"]).status_code == 422
    with transaction():
        abroad = str(db.session.execute(text("SELECT public_id FROM persons WHERE id = :id"), {"id": a_client(place="US-CA").person_id}).scalar_one())
    assert code(book(client_id=abroad, start=MONDAY_NINE, set_aside=["too_soon"])) == (409, "may_not_treat"), "nor this"
    assert book(by=practice.client).status_code == 403
    assert code(book(client_id="00000000-0000-4000-8000-000000000000", start=MONDAY_NINE)) == (422, "invalid")


def test_two_unanswered_requests_stop_new_ones_until_the_therapist_says_so(practice: Practice, clock: FixedClock, run_jobs):
    practice.ask("2026-11-30T09:00:00Z")
    practice.ask("2026-12-01T09:00:00Z", by=practice.another_client())
    clock.instant = utc("2026-11-24T15:00:01")
    run_jobs()
    assert states() == ["expired", "expired"]
    newcomer = practice.another_client()
    assert code(practice.ask("2026-12-02T09:00:00Z", by=newcomer)) == (409, "not_accepting")
    (mail,) = [mail for mail in mails() if mail.kind == "therapists.stopped"]
    assert "one press" in mail.text
    with transaction():
        db.session.execute(text("UPDATE therapists SET accepting = true WHERE person_id = :id"), {"id": practice.therapist_id})
    assert practice.ask("2026-12-02T09:00:00Z", by=newcomer).status_code == 201
    clock.instant = utc("2026-11-26T15:00:02")
    run_jobs()
    with transaction():
        assert db.session.execute(text("SELECT accepting FROM therapists")).scalar_one(), "what counted once does not count again"

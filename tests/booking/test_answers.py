"""What becomes of a request and of a booking: each step, who may take it, and what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.models import Booking, BookingEvent, Claim
from care.models import CareRelation, Conflict
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_consultation, a_service, a_therapist, signed_in, utc
from therapists.models import Credential, Service

TUESDAY_NINE = "2026-11-24T09:00:00Z"
STRANGE_ID = "00000000-0000-4000-8000-000000000000"
BODIES = {"confirm": None, "decline": {"reason": "full"}, "withdraw": None, "cancel": {"reason": "time"}}


def post(browser, booking: str, step: str, **body):
    return browser.post(f"/api/v1/bookings/{booking}/{step}", json=body or BODIES[step])


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@pytest.fixture
def asked(practice: Practice) -> str:
    return practice.ask().get_json()["id"]


@pytest.fixture
def booked(practice: Practice) -> str:
    return practice.book().get_json()["id"]


def relation_state(practice: Practice) -> str | None:
    with transaction():
        wanted = select(CareRelation.state).where(CareRelation.therapist_id == practice.therapist_id, CareRelation.client_id == practice.client_id)
        return db.session.execute(wanted).scalar_one_or_none()


def test_the_therapist_confirms_and_the_relation_begins(practice: Practice, asked: str):
    waiting = practice.therapist.get("/api/v1/therapist/requests").get_json()["items"]
    assert [item["id"] for item in waiting] == [asked]
    assert waiting[0]["clients"][0]["name"] == "Sam Field"
    assert waiting[0]["actions"] == ["confirm", "decline"]
    told = post(practice.therapist, asked, "confirm").get_json()
    assert (told["state"], told["role"], told["answer_by"]) == ("confirmed", "therapist", None)
    assert relation_state(practice) == "trial"
    assert practice.therapist.get("/api/v1/therapist/requests").get_json()["items"] == []
    assert [item["id"] for item in practice.therapist.get("/api/v1/therapist/bookings").get_json()["items"]] == [asked]


def test_a_decline_frees_the_time_and_tells_the_client_one_neutral_sentence(practice: Practice, asked: str):
    mine = post(practice.therapist, asked, "decline", reason="not_a_fit").get_json()
    assert (mine["state"], mine["reason"]) == ("declined", "not_a_fit")
    theirs = practice.client.get(f"/api/v1/bookings/{asked}").get_json()
    assert theirs["message"] == "This therapist cannot take on your request. That happens for many reasons and says nothing about you."
    assert "not_a_fit" not in str(theirs)
    assert (theirs["reason"], theirs["note"], theirs["actions"]) == (None, None, [])
    assert TUESDAY_NINE in practice.openings(practice.consultation, start="2026-11-24T00:00:00Z", end="2026-11-25T00:00:00Z")
    assert relation_state(practice) == "ended"


@pytest.mark.parametrize(
    ("reason", "apart"),
    [("not_a_fit", timedelta(days=90)), ("other", timedelta(days=90)), ("conflict", "for good"), ("time", None), ("full", None)],
)
def test_P27_a_no_about_the_person_keeps_the_two_apart_for_as_long_as_was_decided(practice: Practice, asked: str, reason: str, apart: object):
    assert post(practice.therapist, asked, "decline", reason=reason).status_code == 200
    with transaction():
        kept = db.session.execute(select(Conflict.reason, Conflict.ends_at)).all()
    if apart is None:
        assert kept == []
        assert practice.ask().status_code == 201
    else:
        assert [tuple(row) for row in kept] == [("declined", None if apart == "for good" else utc("2026-11-22T15:00") + apart)]
        answer = practice.ask()
        assert code(answer) == (409, "may_not_treat")
        assert answer.get_json()["reasons"] == ["no_conflict"]


def test_the_client_takes_a_request_back(practice: Practice, asked: str):
    assert post(practice.client, asked, "withdraw").get_json()["state"] == "withdrawn"
    assert relation_state(practice) == "ended"
    assert practice.ask().status_code == 201
    assert relation_state(practice) == "requested"


def test_one_of_two_requests_that_ends_leaves_the_relation_to_the_other(practice: Practice, asked: str):
    assert practice.ask("2026-11-25T09:00:00Z").status_code == 201
    assert post(practice.client, asked, "withdraw").status_code == 200
    assert relation_state(practice) == "requested"


@pytest.mark.parametrize("side", ["client", "therapist"])
def test_either_side_cancels_with_a_reason_and_a_note_for_the_other(practice: Practice, booked: str, side: str):
    browser, other = (practice.client, practice.therapist) if side == "client" else (practice.therapist, practice.client)
    told = post(browser, booked, "cancel", reason="time", note="Sorry!\nAnother week?").get_json()
    assert (told["state"], told["reason"]) == ("cancelled", "time")
    read = other.get(f"/api/v1/bookings/{booked}").get_json()
    assert read["note"] == "Sorry!\nAnother week?"
    assert read["reason"] == ("time" if side == "client" else None)
    assert MONDAY_NINE in practice.openings()
    assert relation_state(practice) == "trial"


@pytest.mark.parametrize(
    ("zone", "hours", "weekdays", "start", "at", "late"),
    [
        pytest.param("America/New_York", "18:00-19:00", "6", "2027-03-14T22:00", "2027-03-13T21:59:59", False, id="D22-march-free"),
        pytest.param("America/New_York", "18:00-19:00", "6", "2027-03-14T22:00", "2027-03-13T22:00:00", True, id="D22-march-late"),
        pytest.param("America/New_York", "18:00-19:00", "6", "2027-11-07T23:00", "2027-11-06T22:59:59", False, id="D22-november-free"),
        pytest.param("America/New_York", "18:00-19:00", "6", "2027-11-07T23:00", "2027-11-06T23:00:00", True, id="D22-november-late"),
    ],
)
def test_D22_late_begins_at_the_edge_counted_in_elapsed_hours(
    practice: Practice, clock: FixedClock, zone: str, hours: str, weekdays: str, start: str, at: str, late: bool
):
    clock.instant = utc(at) - timedelta(minutes=1)
    with transaction():
        service = str(a_service(a_therapist(zone=zone, hours=hours, weekdays=weekdays)).public_id)
    client = signed_in(practice.new_browser, practice.client_id)
    booking = practice.book(f"{start}:00Z", service=service, by=client).get_json()
    clock.instant = utc(at)
    assert post(client, booking["id"], "cancel").get_json()["cancelled_late"] is late
    assert booking["cancel_free_until"] == f"{utc(start) - timedelta(hours=24):%Y-%m-%dT%H:%M:%SZ}"


def test_a_therapist_who_cancels_is_not_counted_as_a_late_client(practice: Practice, booked: str):
    assert post(practice.therapist, booked, "cancel").get_json()["cancelled_late"] is False


def test_an_appointment_that_began_is_not_cancelled(practice: Practice, clock: FixedClock, booked: str):
    clock.instant = utc("2026-11-23T09:00")
    client = signed_in(practice.new_browser, practice.client_id)
    assert code(post(client, booked, "cancel")) == (409, "already_started")
    assert states() == ["confirmed"]


@pytest.mark.parametrize("step", ["confirm", "decline", "withdraw", "cancel"])
def test_R49_R50_a_strangers_step_is_answered_like_one_on_nothing(practice: Practice, asked: str, step: str):
    stranger, other_therapist = practice.another_client(), a_stranger_who_is_a_therapist(practice)
    for browser in (stranger, other_therapist):
        theirs, nothing = post(browser, asked, step), post(browser, STRANGE_ID, step)
        assert theirs.status_code == 404
        assert theirs.get_json() == nothing.get_json()
    assert practice.new_browser().post(f"/api/v1/bookings/{asked}/{step}", json=BODIES[step]).status_code == 401
    assert states() == ["requested"]


def a_stranger_who_is_a_therapist(practice: Practice):
    with transaction():
        person_id = a_therapist(name="Toni Brook").person_id
    return signed_in(practice.new_browser, person_id)


@pytest.mark.parametrize("path", ["", "/invitation.ics"])
def test_R49_R50_nobody_reads_a_booking_of_others(practice: Practice, asked: str, path: str):
    assert practice.new_browser().get(f"/api/v1/bookings/{asked}{path}").status_code == 401
    for browser in (practice.another_client(), a_stranger_who_is_a_therapist(practice)):
        assert browser.get(f"/api/v1/bookings/{asked}{path}").status_code == 404
    for browser in (practice.client, practice.therapist):
        assert browser.get(f"/api/v1/bookings/{asked}{path}").status_code == 200


def test_lists_hold_only_ones_own(practice: Practice, asked: str, booked: str):
    for browser in (practice.another_client(), a_stranger_who_is_a_therapist(practice)):
        assert browser.get("/api/v1/bookings").get_json() == {"items": [], "next": None}
    assert a_stranger_who_is_a_therapist(practice).get("/api/v1/therapist/requests").get_json()["items"] == []
    assert practice.client.get("/api/v1/therapist/requests").status_code == 403
    assert practice.client.get("/api/v1/therapist/bookings").status_code == 403
    assert practice.therapist.get("/api/v1/bookings").get_json()["items"] == []
    assert [item["id"] for item in practice.client.get("/api/v1/bookings").get_json()["items"]] == [booked, asked]


def test_each_step_belongs_to_one_side(practice: Practice, asked: str):
    assert code(post(practice.client, asked, "confirm")) == (403, "forbidden")
    assert code(post(practice.client, asked, "decline")) == (403, "forbidden")
    assert code(post(practice.therapist, asked, "withdraw")) == (403, "forbidden")
    assert code(post(practice.client, asked, "cancel")) == (409, "not_possible_now")
    assert states() == ["requested"]


def test_D4_a_second_confirmation_changes_nothing(practice: Practice, asked: str):
    assert post(practice.therapist, asked, "confirm").status_code == 200
    assert code(post(practice.therapist, asked, "confirm")) == (409, "not_possible_now")
    assert post(practice.client, asked, "cancel").status_code == 200
    again = post(practice.therapist, asked, "confirm")
    assert code(again) == (409, "ended")
    assert again.get_json()["state"] == "cancelled"
    with transaction():
        steps = db.session.execute(select(BookingEvent.to_state).order_by(BookingEvent.id)).scalars().all()
    assert steps == ["requested", "confirmed", "cancelled"]


def test_a_therapist_who_may_no_longer_treat_cannot_confirm(practice: Practice, asked: str):
    with transaction():
        db.session.execute(Credential.__table__.update().where(Credential.therapist_id == practice.therapist_id).values(state="suspended"))
    assert code(post(practice.therapist, asked, "confirm")) == (409, "may_not_treat")
    assert states() == ["requested"]


def test_D3_time_that_was_not_kept_and_is_gone_cannot_be_confirmed(practice: Practice, clock: FixedClock):
    with transaction():
        db.session.execute(Service.__table__.update().where(Service.therapist_id == practice.therapist_id).values(request_blocks=False))
    asked = practice.ask().get_json()["id"]
    with transaction():
        # Somebody takes the client's time past our acts, as an import or a hand in the database might.
        booking = db.session.execute(select(Booking)).scalar_one()
        other = Booking(**{column.name: getattr(booking, column.name) for column in Booking.__table__.columns if column.name not in OWN_COLUMNS})
        other.calendar_uid, other.state, other.lapses_at = "another", "confirmed", None
        db.session.add(other)
        db.session.flush()
        span = {"blocks_from": booking.starts_at, "blocks_to": booking.ends_at, "blocks": True}
        db.session.add(Claim(booking_id=other.id, role="client", person_id=practice.client_id, **span))
    assert code(post(practice.therapist, asked, "confirm")) == (409, "taken")
    assert states() == ["requested", "confirmed"]
    assert overlaps() == 0


OWN_COLUMNS = ("id", "public_id", "calendar_uid", "state", "lapses_at", "end_note_sealed")


def test_an_unanswered_request_is_chased_at_half_time_and_ends_by_itself(practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]]):
    asked = practice.ask("2026-11-30T09:00:00Z").get_json()
    assert asked["answer_by"] == "2026-11-24T15:00:00Z"
    run_jobs()
    clock.instant = utc("2026-11-23T14:59:59")
    assert run_jobs() == []
    clock.instant = utc("2026-11-23T15:00")
    assert run_jobs() == ["booking.chase", "notices.deliver"]
    clock.instant = utc("2026-11-24T03:00")
    assert run_jobs() == ["booking.ask_desk"]
    clock.instant = utc("2026-11-24T15:00:00")
    assert run_jobs() == []
    clock.advance(seconds=1)
    assert run_jobs()[:2] == ["booking.expire", "booking.tell"]
    assert states() == ["expired"]
    assert relation_state(practice) == "ended"
    client = signed_in(practice.new_browser, practice.client_id)
    told = client.get(f"/api/v1/bookings/{asked['id']}").get_json()
    assert (told["state"], told["actions"]) == ("expired", [])
    assert "did not answer in time" in told["message"]


def test_what_was_answered_is_neither_chased_nor_ended(practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]]):
    asked = practice.ask("2026-11-30T09:00:00Z").get_json()["id"]
    assert post(practice.therapist, asked, "confirm").status_code == 200
    run_jobs()
    clock.instant = utc("2026-11-28T00:00")
    assert run_jobs() == ["booking.chase", "booking.expire"]
    assert states() == ["confirmed"]


def test_the_therapists_own_promise_shortens_the_wait(practice: Practice):
    with transaction():
        service = str(a_consultation(a_therapist(name="Toni Brook", answer_within_hours=24)).public_id)
    assert practice.book("2026-11-30T09:00:00Z", service=service).get_json()["answer_by"] == "2026-11-23T15:00:00Z"


def test_R11_a_request_whose_clock_ran_out_cannot_be_confirmed_any_more(practice: Practice, clock: FixedClock):
    asked = practice.ask("2026-11-30T09:00:00Z").get_json()["id"]
    clock.instant = utc("2026-11-24T15:00")
    therapist = signed_in(practice.new_browser, practice.therapist_id)
    assert code(post(therapist, asked, "confirm")) == (410, "request_expired")
    assert therapist.get(f"/api/v1/bookings/{asked}").get_json()["state"] == "expired"
    assert therapist.get("/api/v1/therapist/requests").get_json()["items"] == []


def test_requests_are_offered_only_while_they_could_still_be_answered(practice: Practice):
    listed = practice.openings(practice.consultation, start="2026-11-22T15:00:00Z", end="2026-11-23T17:00:00Z")
    # It is 15:00; until 09:00 are 18 hours, of which the last 12 belong to settled appointments.
    assert listed[0] == MONDAY_NINE
    assert practice.ask(MONDAY_NINE).get_json()["answer_by"] == "2026-11-22T21:00:00Z"


def test_pages_follow_the_cursor_in_both_directions_of_time(practice: Practice, clock: FixedClock):
    made = [practice.book(f"2026-11-2{day}T{hour:02}:00:00Z").get_json()["id"] for day in (3, 4) for hour in (9, 11, 13)]

    def walk(**query) -> list[str]:
        found, cursor = [], None
        while True:
            page = client.get("/api/v1/bookings", query_string={"limit": 2, **query, **({"cursor": cursor} if cursor else {})}).get_json()
            found += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    client = practice.client
    assert walk() == made
    assert walk(past="true") == []
    clock.instant = utc("2026-11-23T23:00")
    client = signed_in(practice.new_browser, practice.client_id)
    assert walk() == made[3:]
    assert walk(past="true") == made[2::-1]


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJub3doZW4iLDFd", "WzEsMl0"])
def test_a_cursor_that_is_not_ours_is_refused(practice: Practice, cursor: str):
    for browser, path in ((practice.client, "bookings"), (practice.therapist, "therapist/requests"), (practice.therapist, "therapist/bookings")):
        answer = browser.get(f"/api/v1/{path}", query_string={"cursor": cursor})
        assert code(answer) == (422, "invalid")
        assert "cursor" in answer.get_json()["errors"]


def test_the_sweep_finds_what_a_lost_job_left_behind(practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]]):
    from booking.jobs import sweep_lapsed
    from core.db import db as database

    practice.ask("2026-11-30T09:00:00Z")
    run_jobs()
    with transaction():
        database.session.execute(database.text("DELETE FROM procrastinate_jobs"))
    clock.instant = utc("2026-11-24T15:00")
    assert run_jobs() == []
    sweep_lapsed.run()
    assert run_jobs()[:2] == ["booking.expire", "booking.tell"]
    assert states() == ["expired"]
    assert now() == utc("2026-11-24T15:00")

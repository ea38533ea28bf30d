"""Ten minutes in which an opening is one client's: what a hold keeps, how it ends, and what is left of it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.advance import booking_under_lock
from booking.hold import HoldExpired, confirm_hold, renew_hold
from booking.jobs import sweep_lapsed
from booking.lifecycle import State
from booking.models import Booking
from booking.place import place
from care.models import CareRelation
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_service, a_therapist, utc
from tests.booking.test_place import wanted
from tests.booking.test_request import change, code
from therapists.models import Credential, Service, Therapist

HOURS = [f"2026-11-24T{hour:02}:00:00Z" for hour in range(9, 16)]


def hold(practice: Practice, start: str = MONDAY_NINE, *, by=None, service: str | None = None, **headers):
    body = {"service_id": service or practice.service, "start": start}
    return (by or practice.client).post("/api/v1/holds", json=body, headers=headers)


def step(practice: Practice, booking: str, name: str, *, by=None, **body):
    return (by or practice.client).post(f"/api/v1/holds/{booking}/{name}", json=body or ({} if name == "confirm" else None))


def test_a_hold_is_kept_for_ten_minutes_and_tells_nobody(practice: Practice, run_jobs):
    answer = hold(practice)
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["state"], told["held_until"], told["actions"]) == ("held", "2026-11-22T15:10:00Z", ["confirm", "release"])
    assert (told["cancel_free_until"], told["late_fee"]) == ("2026-11-22T15:30:00Z", None)
    assert run_jobs() == []
    assert practice.therapist.get("/api/v1/therapist/bookings").get_json()["items"] == []
    with transaction():
        assert db.session.execute(text("SELECT count(*) FROM care_relations")).scalar_one() == 0


@pytest.mark.parametrize(("service", "state"), [("service", "confirmed"), ("consultation", "requested")])
def test_F4_a_confirmed_hold_becomes_what_the_service_says_and_its_first_letter_has_sequence_zero(practice: Practice, run_jobs, service: str, state: str):
    made = hold(practice, HOURS[0], service=getattr(practice, service)).get_json()["id"]
    told = step(practice, made, "confirm", origin="match").get_json()
    assert (told["state"], told["held_until"]) == (state, None)
    assert "booking.tell" in run_jobs()
    with transaction():
        relation = db.session.execute(db.select(CareRelation)).scalar_one()
        assert (relation.state, relation.origin) == ("trial" if state == "confirmed" else "requested", "match")
        assert db.session.execute(text("SELECT calendar_sequence FROM bookings")).scalar_one() == 0
        assert db.session.execute(text("SELECT array_agg(to_state ORDER BY id) FROM booking_events")).scalar_one() == ["held", state]
    assert code(step(practice, made, "confirm")) == (409, "not_possible_now")
    assert code(step(practice, made, "release")) == (409, "not_possible_now")


def test_a_released_hold_frees_its_time_at_once_and_leaves_no_trace_in_lists(practice: Practice):
    made = hold(practice).get_json()["id"]
    assert MONDAY_NINE not in practice.openings()
    assert step(practice, made, "release").get_json()["state"] == "released"
    assert MONDAY_NINE in practice.openings()
    assert code(step(practice, made, "confirm")) == (409, "ended")
    for query in ({}, {"past": "true"}):
        assert practice.client.get("/api/v1/bookings", query_string=query).get_json()["items"] == []


def test_R03_R04_R05_a_hold_meets_the_same_rules_as_a_booking(practice: Practice):
    assert hold(practice, "2026-11-23T10:00:00Z").status_code == 201
    rival = practice.another_client()
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        dense = str(a_service(therapist, step_minutes=5, buffer_before=10).public_id)
        other = str(a_service(a_therapist(name="Toni Brook"), minutes=30, step_minutes=15).public_id)
    assert code(hold(practice, "2026-11-23T10:30:00Z", service=dense, by=rival)) == (409, "taken")
    assert code(hold(practice, "2026-11-23T10:55:00Z", service=dense, by=rival)) == (409, "taken")
    assert hold(practice, "2026-11-23T11:00:00Z", service=dense, by=rival).status_code == 201
    answer = hold(practice, "2026-11-23T10:15:00Z", service=other)
    assert code(answer) == (409, "taken")
    assert "already have" in answer.get_json()["detail"]
    assert overlaps() == 0


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-11-20T09:00:00Z", "past", id="R17-past"),
        pytest.param("2027-06-01T09:00:00Z", "too_far", id="R17-beyond-the-window"),
        pytest.param("2026-11-23T09:07:00Z", "off_grid", id="R17-off-the-grid"),
    ],
)
def test_R17_a_start_that_is_no_opening_cannot_be_held(practice: Practice, start: str, expected: str):
    assert code(hold(practice, start)) == (422, expected)
    assert states() == []


def test_D8_R11_others_wait_until_the_tenth_minute_and_not_longer(practice: Practice, clock: FixedClock):
    made = hold(practice).get_json()["id"]
    rival = practice.another_client()
    clock.instant = utc("2026-11-22T15:09:59")
    assert code(practice.book(by=rival)) == (409, "taken")
    clock.instant = utc("2026-11-22T15:10:00")
    assert practice.client.get(f"/api/v1/bookings/{made}").get_json()["state"] == "expired"
    assert practice.book(by=rival).status_code == 201
    clock.instant = utc("2026-11-22T15:10:01")
    assert code(step(practice, made, "confirm")) == (410, "hold_expired")
    assert code(step(practice, made, "release")) == (410, "hold_expired")
    assert states() == ["expired", "confirmed"]
    assert overlaps() == 0


def test_R11_a_hold_that_is_over_cannot_be_confirmed_also_when_nobody_took_the_time(practice: Practice, clock: FixedClock):
    made = hold(practice).get_json()["id"]
    clock.instant = utc("2026-11-22T15:10:01")
    assert code(step(practice, made, "confirm")) == (410, "hold_expired")
    assert MONDAY_NINE in practice.openings()
    sweep_lapsed.run()
    assert practice.book(by=practice.another_client()).status_code == 201


def test_the_sweep_ends_dead_holds_and_tells_nobody(practice: Practice, clock: FixedClock, run_jobs):
    hold(practice)
    clock.instant = utc("2026-11-22T15:10:00")
    sweep_lapsed.run()
    assert run_jobs() == ["booking.expire"]
    assert states() == ["expired"]


def test_R16_D10_a_fourth_hold_is_refused_and_nothing_is_replaced(practice: Practice, clock: FixedClock):
    made = [hold(practice, start).get_json()["id"] for start in HOURS[:3]]
    for start in HOURS[3:]:
        answer = hold(practice, start)
        assert (*code(answer), answer.get_json()["limit"]) == (429, "too_many_holds", 3)
    assert states() == ["held"] * 3
    assert practice.book(HOURS[3]).status_code == 201, "booking at once is no hold"
    assert step(practice, made[0], "release").status_code == 200
    assert hold(practice, HOURS[4]).status_code == 201
    clock.instant = utc("2026-11-22T15:10:00")
    assert hold(practice, HOURS[5]).status_code == 201


def test_R16_what_others_hold_for_a_client_is_not_counted(practice: Practice):
    with transaction():
        service_id = db.session.execute(db.select(Service.id).where(Service.public_id == practice.service)).scalar_one()
        for hour in (9, 10, 11):
            held = wanted(service_id, practice.client_id, start=f"2026-11-24T{hour:02}:00", by=practice.therapist_id)
            place(held, State.HELD, lapses_at=now() + timedelta(hours=48), held_for="proposal", now=now())
    assert hold(practice).status_code == 201


def test_R18_a_therapist_suspended_meanwhile_is_refused_with_the_reason_and_the_hold_is_released(practice: Practice):
    made = hold(practice).get_json()["id"]
    change(Credential, Credential.therapist_id == practice.therapist_id, state="suspended")
    answer = step(practice, made, "confirm")
    assert code(answer) == (409, "may_not_treat")
    assert answer.get_json()["reasons"]
    assert states() == ["released"]
    assert code(hold(practice)) == (409, "may_not_treat")


def test_R18_a_therapist_put_on_hold_meanwhile_is_refused_and_the_hold_is_released(practice: Practice):
    made = hold(practice).get_json()["id"]
    change(Therapist, Therapist.person_id == practice.therapist_id, held_at=now(), held_reason="complaint")
    assert code(step(practice, made, "confirm")) == (409, "not_bookable")
    assert states() == ["released"]


def test_R13_R14_a_key_belongs_to_one_body_and_one_person(practice: Practice):
    key = {"Idempotency-Key": "mine"}
    first, again = hold(practice, **key), hold(practice, **key)
    assert first.get_json() == again.get_json()
    assert code(hold(practice, HOURS[0], **key)) == (422, "key_reused")
    rival = practice.another_client()
    other = hold(practice, HOURS[1], by=rival, **key)
    assert other.status_code == 201
    assert other.get_json()["id"] != first.get_json()["id"]
    assert states() == ["held", "held"]


def test_D5_a_key_answers_as_before_after_the_booking_was_cancelled(practice: Practice):
    sent = {"json": {"service_id": practice.service, "start": MONDAY_NINE}, "headers": {"Idempotency-Key": "once"}}
    first = practice.client.post("/api/v1/bookings", **sent)
    assert practice.client.post(f"/api/v1/bookings/{first.get_json()['id']}/cancel", json={"reason": "time"}).status_code == 200
    again = practice.client.post("/api/v1/bookings", **sent)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert states() == ["cancelled"]


def test_nobody_but_its_holder_can_do_anything_with_a_hold(practice: Practice):
    made = hold(practice).get_json()["id"]
    booked = practice.book(HOURS[0]).get_json()["id"]
    for browser in (practice.another_client(), practice.therapist):
        for name in ("confirm", "release"):
            assert step(practice, made, name, by=browser).status_code == 404
    assert step(practice, booked, "release").status_code == 404, "no hold"
    assert hold(practice, by=practice.new_browser()).status_code == 401


def test_an_open_checkout_keeps_a_hold_alive_and_cannot_wake_a_dead_one(practice: Practice, clock: FixedClock):
    made = hold(practice).get_json()["id"]
    rival = practice.another_client()
    with transaction():
        booking = booking_under_lock(made, person_id=practice.client_id)
        renew_hold(booking, now() + timedelta(minutes=36), now())
        renew_hold(booking, now() + timedelta(minutes=20), now())  # never shorter
    clock.instant = utc("2026-11-22T15:35:59")
    assert code(practice.book(by=rival)) == (409, "taken")
    clock.instant = utc("2026-11-22T15:36:00")
    with transaction():
        booking = booking_under_lock(made, person_id=practice.client_id)
        with pytest.raises(HoldExpired):
            renew_hold(booking, now() + timedelta(minutes=36), now())
    assert practice.book(by=rival).status_code == 201


def test_a_proposal_is_confirmed_at_once_and_only_then_takes_the_clients_time(practice: Practice):
    with transaction():
        service_id = db.session.execute(db.select(Service.id).where(Service.public_id == practice.consultation)).scalar_one()
        held = place(
            wanted(service_id, practice.client_id, by=practice.therapist_id, origin="invited"),
            State.HELD,
            lapses_at=now() + timedelta(hours=48),
            held_for="proposal",
            now=now(),
        )
        booking = db.session.get_one(Booking, held.id)
        confirm_hold(booking_under_lock(booking.public_id, person_id=practice.client_id), by=practice.client_id, origin="invited", now=now())
        assert db.session.execute(text("SELECT count(*) FROM claims WHERE blocks")).scalar_one() == 2
        assert db.session.execute(text("SELECT calendar_sequence FROM bookings")).scalar_one() == 1, "a proposal may have been sent as tentative"
    assert states() == ["confirmed"]


def test_D9_the_holder_reads_the_hold_as_theirs_and_others_read_the_time_as_taken(practice: Practice, clock: FixedClock):
    made = hold(practice).get_json()["id"]

    def listed(by) -> dict:
        span = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T00:00:00Z"}
        return by.get(f"/api/v1/services/{practice.service}/openings", query_string=span).get_json()

    mine = listed(practice.client)
    assert [(held["id"], held["start"], held["until"], held["local_start"]) for held in mine["held"]] == [
        (made, MONDAY_NINE, "2026-11-22T15:10:00Z", "2026-11-23T09:00:00+00:00")
    ]
    for reader in (practice.client, practice.another_client(), practice.new_browser()):
        assert MONDAY_NINE not in [item["start"] for item in listed(reader)["items"]]
    assert listed(practice.another_client())["held"] == listed(practice.new_browser())["held"] == []
    clock.advance(minutes=10)
    mine = listed(practice.client)
    assert (mine["held"], mine["items"][0]["start"]) == ([], MONDAY_NINE)


def test_B13_a_live_hold_counts_towards_a_limit_and_a_dead_one_does_not(practice: Practice, clock: FixedClock):
    change(Service, Service.public_id == practice.service, day_sessions=1)
    hold(practice)
    rival = practice.another_client()
    assert code(practice.book("2026-11-23T11:00:00Z", by=rival)) == (409, "limit")
    clock.advance(minutes=10)
    booked = practice.book("2026-11-23T11:00:00Z", by=rival)
    assert booked.status_code == 201
    assert code(practice.book()) == (409, "limit")
    assert rival.post(f"/api/v1/bookings/{booked.get_json()['id']}/cancel", json={"reason": "time"}).status_code == 200
    assert practice.book().status_code == 201

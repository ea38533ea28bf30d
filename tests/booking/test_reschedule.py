"""A confirmed appointment moves in one step or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.models import LateFee
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_service, a_therapist, signed_in, utc
from tests.booking.test_letters import mails
from tests.booking.test_request import change, code
from therapists.models import Service

THURSDAY = [f"2026-11-26T{hour:02}:00:00Z" for hour in range(9, 16)]


def move(browser, booking: str, start: str, seen: str, **body):
    return browser.post(f"/api/v1/bookings/{booking}/move", json={"start": start, "from": seen, **body})


@pytest.fixture
def booked(practice: Practice) -> str:
    return practice.book(THURSDAY[0]).get_json()["id"]


def standing(booking: str) -> dict:
    with transaction():
        return dict(db.session.execute(text("SELECT * FROM bookings WHERE public_id = :id"), {"id": booking}).mappings().one())


def test_F2_F3_moved_twice_and_cancelled_is_one_uid_with_sequence_1_2_and_3(practice: Practice, booked: str, run_jobs):
    run_jobs()
    for seen, start in ((0, 1), (1, 2)):
        assert move(practice.client, booked, THURSDAY[start], THURSDAY[seen]).get_json()["starts_at"] == THURSDAY[start]
        run_jobs()
    assert practice.client.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "time"}).status_code == 200
    run_jobs()
    for reader in {mail.to for mail in mails()}:
        theirs = [mail for mail in mails() if mail.to == reader]
        assert [mail.told for mail in theirs] == [
            ("REQUEST", 0, "CONFIRMED"),
            ("REQUEST", 1, "CONFIRMED"),
            ("REQUEST", 2, "CONFIRMED"),
            ("CANCEL", 3, "CANCELLED"),
        ]
        assert [mail.event.start.hour for mail in theirs if mail.event] == [9, 10, 11, 11]
        assert len({(str(mail.event["UID"]), str(mail.event["ORGANIZER"]), str(mail.event["ATTENDEE"])) for mail in theirs if mail.event}) == 1


def test_a_letter_that_is_written_late_still_tells_the_time_of_its_own_step(practice: Practice, booked: str, run_jobs):
    for seen, start in ((0, 1), (1, 2)):
        move(practice.client, booked, THURSDAY[start], THURSDAY[seen])
    run_jobs()
    theirs = [mail for mail in mails() if mail.to == mails()[0].to]
    assert [(mail.told[1], mail.event.start.hour) for mail in theirs if mail.event] == [(0, 9), (1, 10), (2, 11)]


def test_B9_an_appointment_is_not_in_its_own_way(practice: Practice):
    with transaction():
        dense = str(a_service(a_therapist(), minutes=60, step_minutes=15, buffer_after=10).public_id)
    booked = practice.book("2026-11-26T10:00:00Z", service=dense).get_json()["id"]
    assert move(practice.client, booked, "2026-11-26T10:15:00Z", "2026-11-26T10:00:00Z").status_code == 200
    with transaction():
        claims = db.session.execute(text("SELECT role, blocks_from, blocks_to FROM claims ORDER BY id")).all()
    assert [(role, start, end) for role, start, end in claims] == [
        ("therapist", utc("2026-11-26T10:15"), utc("2026-11-26T11:25")),
        ("client", utc("2026-11-26T10:15"), utc("2026-11-26T11:15")),
    ]
    row = standing(booked)
    assert (row["wall_start"], row["ends_at"], row["state"]) == ("2026-11-26T10:15", utc("2026-11-26T11:15"), "confirmed")


def test_D20_R08_a_move_to_time_that_is_taken_changes_nothing_and_tells_nobody(practice: Practice, booked: str, run_jobs):
    assert practice.book(THURSDAY[1], by=practice.another_client()).status_code == 201
    run_jobs()
    before, told = standing(booked), len(mails())
    answer = move(practice.client, booked, THURSDAY[1], THURSDAY[0])
    assert code(answer) == (409, "taken")
    assert answer.get_json()["openings"]
    run_jobs()
    assert standing(booked) == before
    assert len(mails()) == told
    assert overlaps() == 0


def test_what_the_rules_overlook_the_constraint_refuses_and_the_old_time_stays(practice: Practice, booked: str):
    other = practice.book(THURSDAY[1], by=practice.another_client()).get_json()["id"]
    with transaction():
        db.session.execute(
            text("UPDATE claims SET lapses_at = '2026-11-20T00:00Z' WHERE booking_id = (SELECT id FROM bookings WHERE public_id = :id)"), {"id": other}
        )
    before = standing(booked)
    assert code(move(practice.client, booked, THURSDAY[1], THURSDAY[0])) == (409, "taken")
    assert standing(booked) == before


def test_B12_a_third_move_is_refused_and_the_therapists_do_not_count(practice: Practice, booked: str):
    assert move(practice.therapist, booked, THURSDAY[1], THURSDAY[0], reason="unwell").status_code == 200
    assert move(practice.client, booked, THURSDAY[2], THURSDAY[1]).get_json()["moves_left"] == 1
    told = move(practice.client, booked, THURSDAY[3], THURSDAY[2]).get_json()
    assert (told["moves_left"], told["actions"]) == (0, ["cancel"])
    answer = move(practice.client, booked, THURSDAY[4], THURSDAY[3])
    assert (*code(answer), answer.get_json()["limit"]) == (422, "reschedule_limit", 2)
    assert move(practice.therapist, booked, THURSDAY[4], THURSDAY[3], reason="time").status_code == 200


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-26T09:07:00Z", (422, "off_grid")),
        ("2026-11-26T03:00:00Z", (422, "out_of_hours")),
        ("2026-11-20T09:00:00Z", (422, "past")),
        ("2027-06-01T09:00:00Z", (422, "too_far")),
        (THURSDAY[0], (422, "same_time")),
    ],
)
def test_a_move_obeys_the_rules_of_a_new_booking(practice: Practice, booked: str, start: str, expected: tuple[int, str]):
    assert code(move(practice.client, booked, start, THURSDAY[0])) == expected
    assert standing(booked)["moves_made"] == 0


def test_notice_holds_for_moves_too(practice: Practice, booked: str):
    change(Service, Service.therapist_id == practice.therapist_id, lead_minutes=24 * 60)
    assert code(move(practice.client, booked, MONDAY_NINE, THURSDAY[0])) == (422, "too_soon")


def test_R07_whoever_moves_from_a_time_that_is_past_is_told_so(practice: Practice, booked: str):
    assert move(practice.therapist, booked, THURSDAY[1], THURSDAY[0], reason="time").status_code == 200
    assert code(move(practice.client, booked, THURSDAY[2], THURSDAY[0])) == (409, "moved_meanwhile")
    assert standing(booked)["starts_at"] == utc("2026-11-26T10:00")


def test_a_client_moves_until_so_many_hours_before_the_start_and_a_therapist_until_it_begins(practice: Practice, clock: FixedClock, booked: str):
    clock.instant = utc("2026-11-25T21:00:01")
    client, therapist = signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)
    assert client.get(f"/api/v1/bookings/{booked}").get_json()["actions"] == ["cancel"]
    assert code(move(client, booked, THURSDAY[1], THURSDAY[0])) == (422, "too_late_to_move")
    assert code(move(therapist, booked, THURSDAY[1], THURSDAY[0])) == (422, "invalid"), "without a reason"
    assert move(therapist, booked, THURSDAY[1], THURSDAY[0], reason="unwell").status_code == 200
    clock.instant = utc("2026-11-26T10:00")
    therapist = signed_in(practice.new_browser, practice.therapist_id)
    assert code(move(therapist, booked, THURSDAY[2], THURSDAY[1], reason="time")) == (409, "already_started")


def test_a_late_move_stays_late_and_a_move_by_the_therapist_sets_the_client_free(practice: Practice, clock: FixedClock):
    change(Service, Service.therapist_id == practice.therapist_id, late_fee_percent=50)
    late, moved = practice.book(THURSDAY[0]).get_json(), practice.book(THURSDAY[3]).get_json()
    assert late["late_fee"] == {"amount": 3000, "currency": "GBP"}
    clock.instant = utc("2026-11-25T15:30")
    client, therapist = signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)
    assert move(client, late["id"], "2026-12-10T09:00:00Z", THURSDAY[0]).status_code == 200
    told = client.post(f"/api/v1/bookings/{late['id']}/cancel", json={"reason": "time"}).get_json()
    assert (told["cancelled_late"], told["owed"]["fee"]["amount"], told["owed"]["reason"]) == (True, 3000, "cancelled_late")
    assert move(therapist, moved["id"], THURSDAY[1], THURSDAY[3], reason="time").status_code == 200
    clock.instant = utc("2026-11-26T09:59")
    client, therapist = signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)
    told = client.post(f"/api/v1/bookings/{moved['id']}/cancel", json={"reason": "time"}).get_json()
    assert (told["cancelled_late"], told["owed"]) == (False, None)
    waived = therapist.post(f"/api/v1/bookings/{late['id']}/waive-fee").get_json()
    assert waived["owed"]["waived_at"] == "2026-11-26T09:59:00Z"
    assert client.post(f"/api/v1/bookings/{late['id']}/waive-fee").status_code == 403
    assert therapist.post(f"/api/v1/bookings/{moved['id']}/waive-fee").status_code == 404


def test_a_time_booked_inside_the_free_edge_is_free_for_half_an_hour(practice: Practice, clock: FixedClock):
    change(Service, Service.therapist_id == practice.therapist_id, late_fee_percent=100)
    told = practice.book().get_json()
    assert told["cancel_free_until"] == "2026-11-22T15:30:00Z"
    clock.advance(minutes=29, seconds=59)
    assert practice.client.post(f"/api/v1/bookings/{told['id']}/cancel", json={"reason": "time"}).get_json()["cancelled_late"] is False
    again = practice.book().get_json()
    clock.advance(minutes=30)
    told = practice.client.post(f"/api/v1/bookings/{again['id']}/cancel", json={"reason": "time"}).get_json()
    assert (told["cancelled_late"], told["owed"]["fee"]["amount"]) == (True, 6000)
    with transaction():
        assert db.session.execute(db.select(LateFee.amount)).scalars().all() == [6000]


def test_a_therapist_owes_nothing_for_cancelling_late(practice: Practice, clock: FixedClock, booked: str):
    change(Service, Service.therapist_id == practice.therapist_id, late_fee_percent=100)
    clock.instant = utc("2026-11-26T08:59")
    therapist = signed_in(practice.new_browser, practice.therapist_id)
    assert therapist.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "unwell"}).get_json()["owed"] is None


def test_a_request_is_not_moved_and_a_stranger_moves_nothing(practice: Practice, booked: str):
    asked = practice.ask(THURSDAY[2]).get_json()["id"]
    assert code(move(practice.client, asked, THURSDAY[4], THURSDAY[2])) == (409, "not_possible_now")
    assert move(practice.another_client(), booked, THURSDAY[4], THURSDAY[0]).status_code == 404
    assert practice.new_browser().post(f"/api/v1/bookings/{booked}/move", json={}).status_code == 401
    practice.client.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "time"})
    assert code(move(practice.client, booked, THURSDAY[4], THURSDAY[0])) == (409, "ended")
    assert states() == ["cancelled", "requested"]


def test_a_move_is_in_the_history_of_both_sides(practice: Practice, booked: str, clock: FixedClock):
    clock.advance(minutes=5)
    move(practice.therapist, booked, THURSDAY[1], THURSDAY[0], reason="unwell")
    mine, theirs = (browser.get(f"/api/v1/bookings/{booked}/history").get_json()["items"] for browser in (practice.client, practice.therapist))
    assert [(step["by"], step["what"]) for step in mine] == [("client", "confirmed"), ("therapist", "moved")]
    assert (mine[1]["moved_from"], mine[1]["starts_at"], mine[1]["reason"]) == (THURSDAY[0], THURSDAY[1], None)
    assert theirs[1]["reason"] == "unwell"
    assert practice.another_client().get(f"/api/v1/bookings/{booked}/history").status_code == 404


def test_a_move_keeps_the_terms_and_ends_requests_that_waited_for_the_new_time(practice: Practice, booked: str):
    change(Service, Service.public_id == practice.consultation, request_blocks=False)
    assert practice.ask(THURSDAY[1], by=practice.another_client()).status_code == 201
    change(Service, Service.public_id == practice.service, fee_amount=9900)
    told = move(practice.client, booked, THURSDAY[1], THURSDAY[0]).get_json()
    assert told["fee"]["amount"] == 6000
    assert states() == ["confirmed", "declined"]
    assert timedelta(minutes=50) == utc(told["ends_at"][:19]) - utc(told["starts_at"][:19])


def test_B7_a_full_day_does_not_keep_its_own_appointment_from_moving_within_it(practice: Practice, booked: str):
    change(Service, Service.public_id == practice.service, day_sessions=1)
    assert move(practice.client, booked, THURSDAY[1], THURSDAY[0]).status_code == 200
    assert code(practice.book(THURSDAY[3], by=practice.another_client())) == (409, "limit")
    other = practice.book("2026-11-27T09:00:00Z", by=practice.another_client())
    assert other.status_code == 201
    assert code(move(practice.client, booked, "2026-11-27T10:00:00Z", THURSDAY[1])) == (409, "limit")

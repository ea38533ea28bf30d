"""Two want the same time: what overlaps is taken, what ended keeps nobody out, and what waits without keeping its time gives way."""

from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_service, a_therapist
from tests.booking.test_request import change, code
from therapists.models import Service, Therapist


def test_R03_C6_C7_any_overlap_with_the_therapist_is_taken_and_the_next_openings_are_told(practice: Practice):
    assert practice.book().status_code == 201
    rival = practice.another_client()
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        quarter = str(a_service(therapist, minutes=30, step_minutes=15).public_id)
    for start in ("2026-11-23T09:00:00Z", "2026-11-23T09:15:00Z", "2026-11-23T09:45:00Z"):
        answer = practice.book(start, service=quarter, by=rival)
        assert code(answer) == (409, "taken")
        following = answer.get_json()["openings"]
        assert following[0] == "2026-11-23T10:00:00Z"
        assert len(following) == 5
    assert practice.book("2026-11-23T10:00:00Z", service=quarter, by=rival).status_code == 201
    assert overlaps() == 0


def test_C2_a_clash_is_said_before_any_other_rule(practice: Practice):
    assert practice.book().status_code == 201
    assert code(practice.book("2026-11-23T09:07:00Z", by=practice.another_client())) == (409, "taken")


def test_R04_buffers_keep_their_distance(practice: Practice):
    with transaction():
        therapist = a_therapist()
        service = str(a_service(therapist, buffer_after=10, step_minutes=5).public_id)
    assert practice.book("2026-11-23T10:00:00Z", service=service).status_code == 201
    rival = practice.another_client()
    assert code(practice.book("2026-11-23T10:55:00Z", service=service, by=rival)) == (409, "taken")
    assert practice.book("2026-11-23T11:00:00Z", service=service, by=rival).status_code == 201


def test_R05_a_client_is_in_one_place_at_a_time(practice: Practice):
    assert practice.book().status_code == 201
    with transaction():
        other = str(a_service(a_therapist(name="Toni Brook"), minutes=30, step_minutes=15).public_id)
    answer = practice.book("2026-11-23T09:15:00Z", service=other)
    assert code(answer) == (409, "taken")
    assert "already have an appointment" in answer.get_json()["detail"]
    assert "2026-11-23T09:45:00Z" not in practice.openings(other)
    assert practice.book("2026-11-23T10:00:00Z", service=other).status_code == 201


def test_D6_the_same_opening_books_again_after_each_cancellation(practice: Practice):
    for _ in range(3):
        answer = practice.book()
        assert answer.status_code == 201
        assert practice.client.post(f"/api/v1/bookings/{answer.get_json()['id']}/cancel", json={"reason": "time"}).status_code == 200
    assert states() == ["cancelled"] * 3


def test_a_request_that_lapsed_a_second_ago_keeps_nobody_out(practice: Practice, clock: FixedClock):
    assert practice.ask("2026-11-26T09:00:00Z").status_code == 201
    rival = practice.another_client()
    clock.instant = clock.instant.replace(day=24, hour=14, minute=59, second=59)
    rival = practice.another_client()
    assert code(practice.ask("2026-11-26T09:00:00Z", by=rival)) == (409, "taken")
    clock.advance(seconds=1)
    assert practice.ask("2026-11-26T09:00:00Z", by=rival).status_code == 201
    assert states() == ["expired", "requested"]


def test_a_request_that_does_not_keep_its_time_lets_others_ask_too(practice: Practice):
    change(Service, Service.therapist_id == practice.therapist_id, request_blocks=False)
    first, second = practice.ask(), practice.ask(by=practice.another_client())
    assert (first.status_code, second.status_code) == (201, 201)
    assert practice.therapist.post(f"/api/v1/bookings/{first.get_json()['id']}/confirm").status_code == 200
    assert states() == ["confirmed", "declined"]
    assert code(practice.therapist.post(f"/api/v1/bookings/{second.get_json()['id']}/confirm")) == (409, "ended")


def test_a_client_who_books_elsewhere_takes_back_what_waited_for_the_same_time(practice: Practice):
    change(Service, Service.therapist_id == practice.therapist_id, request_blocks=False)
    with transaction():
        other = str(a_service(a_therapist(name="Toni Brook")).public_id)
    assert practice.ask("2026-11-24T09:00:00Z").status_code == 201
    assert practice.book("2026-11-24T09:00:00Z", service=other).status_code == 201
    assert states() == ["withdrawn", "confirmed"]

"""Who moves what: sessions of groups, and what staff have booked or move for both sides."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import Person
from accounts.roles import grant_role
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps
from tests.booking.practice import a_client, a_service, a_therapist, signed_in
from tests.booking.test_groups import NAMES, NEXT_MONDAY_TEN, Group
from tests.booking.test_groups import group as group  # noqa: PLC0414 a fixture
from tests.booking.test_letters import mails
from tests.booking.test_request import code
from tests.browser import Browser
from therapists.models import Therapist

TUESDAY_TEN = "2026-11-24T10:00:00Z"


def move(browser: Browser, booking: str, start: str, *, seen: str = MONDAY_NINE, **body: Any) -> Any:
    return browser.post(f"/api/v1/bookings/{booking}/move", json={"start": start, "from": seen, **body})


def free_until(browser: Browser, booking: str) -> str:
    return str(browser.get(f"/api/v1/bookings/{booking}").get_json()["cancel_free_until"])


def an_admin(new_browser: Callable[[], Browser]) -> Browser:
    with transaction():
        person_id = a_client(name="Ada Stone").person_id
        grant_role(person_id, "admin", now=now())
    return signed_in(new_browser, person_id)


def test_the_therapist_moves_a_group_for_everybody_in_it(group: Group, run_jobs: Callable[[], list[str]], clock: FixedClock):
    booking = group.joined(0)
    group.joined(1)
    run_jobs()
    before = len(mails())
    assert code(move(group.therapist, booking, NEXT_MONDAY_TEN)) == (422, "invalid"), "a reason is needed"
    assert move(group.therapist, booking, NEXT_MONDAY_TEN, reason="unwell").status_code == 200
    run_jobs()
    told = mails()[before:]
    assert [each.told for each in told] == [("REQUEST", 1, "CONFIRMED")] * 3
    assert not [each for each, other in zip(told, (NAMES[1], NAMES[0]), strict=False) if other in each.text + each.ics]
    assert [free_until(group.people[number], booking) for number in (0, 1)] == [NEXT_MONDAY_TEN] * 2
    # Whoever joins the session where it is now has agreed to that time.
    clock.instant = datetime.fromisoformat("2026-11-28T12:00:00Z")
    group.sign_in_again()
    assert group.leave(group.people[1], booking).get_json()["cancelled_late"] is False
    assert group.joined(2, NEXT_MONDAY_TEN) == booking
    assert free_until(group.people[2], booking) == "2026-11-29T10:00:00Z"
    assert free_until(group.people[0], booking) == NEXT_MONDAY_TEN
    assert overlaps() == 0


def test_a_group_does_not_move_onto_the_time_of_one_of_its_clients_or_onto_another_session_of_it(group: Group):
    booking = group.joined(0)
    group.joined(1)
    with transaction():
        elsewhere = str(a_service(db.session.get_one(Therapist, _another_therapist())).public_id)
    assert group.people[1].post("/api/v1/bookings", json={"service_id": elsewhere, "start": TUESDAY_TEN}).status_code == 201
    refused = move(group.therapist, booking, TUESDAY_TEN, reason="time")
    assert code(refused) == (409, "taken")
    assert "Somebody who is to attend" in refused.get_json()["detail"]
    assert not [name for name in NAMES if name in refused.text]
    other = group.joined(2, NEXT_MONDAY_TEN)
    assert code(move(group.therapist, booking, NEXT_MONDAY_TEN, reason="time")) == (409, "taken")
    assert other != booking
    shown = group.people[0].get(f"/api/v1/bookings/{booking}").get_json()
    assert (shown["starts_at"], shown["state"], "move" in shown["actions"]) == (MONDAY_NINE, "confirmed", False)
    assert "move" in group.therapist.get(f"/api/v1/bookings/{booking}").get_json()["actions"]
    assert overlaps() == 0


def _another_therapist() -> int:
    return a_therapist(name="Robin Hale").person_id


def test_a_client_of_a_group_that_cannot_take_place_gives_up_the_seat_and_the_therapist_moves_it_for_whoever_is_left(
    group: Group, run_jobs: Callable[[], list[str]]
):
    """What a client may choose instead stands in `test_group_disruption`."""
    booking = group.joined(0)
    group.joined(1)
    away = {"from": "2026-11-23T08:00", "to": "2026-11-23T17:00", "reason": "unwell", "choice": "offer_new_times"}
    assert group.therapist.post("/api/v1/therapist/disruptions", json=away).status_code == 201
    run_jobs()
    page = f"/api/v1/bookings/{booking}/disruption"
    shown = group.people[0].get(page).get_json()
    assert shown["state"] == "choose"
    assert MONDAY_NINE not in shown["openings"], "that one cannot take place"
    assert group.people[0].post(page, json={"answer": "cancel"}).status_code == 200
    left = group.people[0].get(f"/api/v1/bookings/{booking}").get_json()
    assert (left["state"], left["cancelled_late"]) == ("cancelled", False)
    assert move(group.therapist, booking, NEXT_MONDAY_TEN, reason="unwell").status_code == 200
    assert group.people[1].get(f"/api/v1/bookings/{booking}").get_json()["starts_at"] == NEXT_MONDAY_TEN


@pytest.fixture
def by_staff(practice: Practice) -> str:
    """Booked by staff in the evening, outside of the therapist's hours."""
    admin = an_admin(practice.new_browser)
    with transaction():
        client_id = str(db.session.get_one(Person, practice.client_id).public_id)
    body = {"client_id": client_id, "service_id": practice.service, "start": "2026-11-30T18:00:00Z", "reason": "our_mistake", "set_aside": ["out_of_hours"]}
    made = admin.post("/api/v1/staff/bookings", json=body)
    assert made.status_code == 201, made.text
    return str(made.get_json()["id"])


EVENING = "2026-11-30T18:00:00Z"


def test_what_staff_booked_is_moved_by_both_sides_as_agreed_and_by_the_ordinary_rules(practice: Practice, by_staff: str):
    assert code(move(practice.client, by_staff, "2026-12-01T18:00:00Z", seen=EVENING)) == (422, "out_of_hours")
    moved = move(practice.client, by_staff, "2026-12-01T10:00:00Z", seen=EVENING).get_json()
    assert (moved["starts_at"], moved["moves_left"]) == ("2026-12-01T10:00:00Z", 1)
    assert move(practice.therapist, by_staff, "2026-12-02T10:00:00Z", seen=moved["starts_at"], reason="time").status_code == 200
    assert code(move(practice.another_client(), by_staff, TUESDAY_TEN, seen="2026-12-02T10:00:00Z")) == (404, "not_found")


@pytest.mark.parametrize(("reason", "free"), [("our_mistake", "2026-12-01T18:00:00Z"), ("client_asked", "2026-11-30T18:00:00Z")])
def test_staff_move_for_both_sides_on_the_record(practice: Practice, by_staff: str, run_jobs: Callable[[], list[str]], reason: str, free: str):
    admin = an_admin(practice.new_browser)
    run_jobs()
    before = len(mails())
    path, body = f"/api/v1/staff/bookings/{by_staff}/move", {"start": "2026-12-01T18:00:00Z", "from": EVENING, "reason": reason, "set_aside": []}

    def ask(browser: Browser = admin, **more: Any) -> Any:
        return browser.post(path, json=body | more)

    assert code(ask()) == (422, "out_of_hours")
    assert code(ask(set_aside=["out_of_hours"], **{"from": MONDAY_NINE})) == (409, "moved_meanwhile")
    assert [ask(each).status_code for each in (practice.client, practice.therapist, practice.another_client())] == [403] * 3
    assert practice.book("2026-12-02T10:00:00Z", by=practice.another_client()).status_code == 201
    assert code(ask(start="2026-12-02T10:00:00Z", set_aside=["out_of_hours"])) == (409, "taken"), "never an overlap"
    assert code(ask(start=EVENING, set_aside=["out_of_hours"])) == (422, "same_time")
    assert ask(set_aside=["busy"]).status_code == 422
    done = ask(set_aside=["out_of_hours"]).get_json()
    assert (done["starts_at"], done["state"]) == ("2026-12-01T18:00:00Z", "confirmed")
    run_jobs()
    told = [each for each in mails()[before:] if each.kind == "booking_moved"]
    assert [("for both of you" in each.text, each.told) for each in told] == [(True, ("REQUEST", 1, "CONFIRMED"))] * 2
    assert ("free of charge" in told[0].text) is (reason != "client_asked")
    shown = practice.client.get(f"/api/v1/bookings/{by_staff}").get_json()
    assert (shown["moves_left"], shown["cancel_free_until"]) == (2, free), "it is no move of the client's"
    for browser in (practice.client, practice.therapist):
        step = browser.get(f"/api/v1/bookings/{by_staff}/history").get_json()["items"][-1]
        assert (step["by"], step["what"], step["reason"], step["set_aside"]) == ("staff", "moved", reason, ["out_of_hours"])


def test_what_staff_move_as_the_client_wished_stays_as_late_as_it_was(practice: Practice, by_staff: str, clock: FixedClock):
    clock.instant = datetime.fromisoformat("2026-11-30T12:00:00Z")
    practice.client = signed_in(practice.new_browser, practice.client_id)
    admin = an_admin(practice.new_browser)
    body = {"start": "2026-12-07T10:00:00Z", "from": EVENING, "reason": "client_asked", "set_aside": []}
    assert admin.post(f"/api/v1/staff/bookings/{by_staff}/move", json=body).status_code == 200
    cancelled = practice.client.post(f"/api/v1/bookings/{by_staff}/cancel", json={"reason": "time"}).get_json()
    assert (cancelled["state"], cancelled["cancelled_late"]) == ("cancelled", True)


def test_staff_move_a_group_for_everybody_in_it(group: Group):
    booking = group.joined(0)
    group.joined(1)
    admin = an_admin(group.new_browser)
    body = {"start": NEXT_MONDAY_TEN, "from": MONDAY_NINE, "reason": "client_asked", "set_aside": []}
    assert admin.post(f"/api/v1/staff/bookings/{booking}/move", json=body).status_code == 200
    assert [free_until(group.people[number], booking) for number in (0, 1)] == [NEXT_MONDAY_TEN] * 2
    assert admin.post(f"/api/v1/staff/bookings/{'0' * 8}-0000-4000-8000-{'0' * 12}/move", json=body).status_code == 404

"""The doors of booking; those at which a therapist is found are in `tests/matching/test_every_door.py`. Each closes with one lapse, also by the clock alone,
and opens again with a new look. A door that booking builds later joins `Doors`."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from booking.jobs import sweep_waitlists
from booking.online.called_off import recheck_before_start
from care.attendance import record_attendance
from care.relation import begin_care
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import Practice
from tests.booking.practice import a_service, signed_in, utc
from tests.booking.test_request import change
from tests.booking.test_waitlist import Line, line
from tests.factories.accounts import an_account
from tests.factories.checks import pass_checks
from therapists.check_models import PracticeCheck
from therapists.models import Credential, Service, Therapist

__all__ = ["line"]

LATE = timedelta(days=31 + 45)
MINUTES = timedelta(minutes=5)
Close = Callable[[int], None]


def credential_set(therapist_id: int, **facts: Any) -> None:
    change(Credential, Credential.therapist_id == therapist_id, **facts)


def check_set(therapist_id: int, kind: str, **facts: Any) -> None:
    change(PracticeCheck, (PracticeCheck.therapist_id == therapist_id) & (PracticeCheck.kind == kind), **facts)


def suspended(therapist_id: int) -> None:
    credential_set(therapist_id, state="suspended")


def expired(therapist_id: int) -> None:
    credential_set(therapist_id, expires_on=date(2026, 11, 21))


def insurance_over(therapist_id: int) -> None:
    check_set(therapist_id, "insurance", valid_until=date(2026, 11, 21))


def child_protection_over(therapist_id: int) -> None:
    check_set(therapist_id, "child_protection", valid_until=date(2026, 11, 21))


def look_grows_old(therapist_id: int) -> None:
    """In five minutes, by itself."""
    credential_set(therapist_id, checked_at=now() - LATE + MINUTES)


def screen_grows_old(therapist_id: int) -> None:
    """In five minutes, by itself."""
    check_set(therapist_id, "sanctions", checked_at=now() - LATE + MINUTES)


def taken_back(therapist_id: int) -> None:
    credential_set(therapist_id, state="withdrawn")


def never_checked(therapist_id: int) -> None:
    """R51: a claim that waits for its first look."""
    credential_set(therapist_id, state="submitted", checked_at=None, decided_at=None)


def looked_at_again(therapist_id: int) -> None:
    """Whatever the lapse was, somebody has looked anew and all is well."""
    credential_set(therapist_id, state="active", checked_at=now(), decided_at=now(), expires_on=date(2030, 12, 31))
    check_set(therapist_id, "sanctions", checked_at=now())
    for kind in ("insurance", "child_protection"):
        check_set(therapist_id, kind, valid_until=date(2030, 12, 31))


WAYS: list[Close] = [suspended, expired, taken_back, never_checked, insurance_over, child_protection_over, look_grows_old, screen_grows_old]
BY_CLOCK = (look_grows_old, screen_grows_old)


class Doors:
    """What was begun while every door was open, and each next step. The client is fifteen and in care."""

    def __init__(self, practice: Practice) -> None:
        self.practice, self.therapist_id = practice, practice.therapist_id
        with transaction():
            therapist = db.session.get_one(Therapist, practice.therapist_id)
            therapist.age_bands, therapist.published_at = ["age_13_17", "adult"], now() - timedelta(days=1)
            pass_checks(therapist, ["child_protection"])
            record_attendance(practice.client_id, age_band="age_13_17", needs=[], now=now())
            begin_care(practice.therapist_id, [practice.client_id], unit="individual", origin="directory", accepted=True, now=now())
            db.session.execute(update(Service).values(series_most=12))
            self.person = str(db.session.execute(text("SELECT public_id FROM persons WHERE id = :id"), {"id": practice.client_id}).scalar_one())
            admin_id = an_account(roles=("client", "admin")).person_id
        self.admin = signed_in(practice.new_browser, admin_id)
        self.held = self.made(self.hold("2026-11-23T09:00:00Z"))
        self.booked = self.made(practice.book("2026-11-26T09:00:00Z"))
        self.asked = self.made(practice.ask("2026-11-24T09:00:00Z"))
        self.proposed = self.made(self.propose("2026-11-25T09:00:00Z"))

    @staticmethod
    def made(answer: Any) -> str:
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def hold(self, start: str) -> Any:
        return self.practice.client.post("/api/v1/holds", json={"service_id": self.practice.service, "start": start})

    def propose(self, start: str) -> Any:
        asked = {"client_id": self.person, "service_id": self.practice.service, "start": start}
        return self.practice.therapist.post("/api/v1/therapist/proposals", json=asked)

    def answers(self) -> dict[str, str]:
        """What each door says."""
        client, therapist, service = self.practice.client, self.practice.therapist, self.practice.service
        behalf = {"client_id": self.person, "service_id": service, "start": "2026-12-04T10:00:00Z", "set_aside": [], "reason": "client_asked"}
        move = {"start": "2026-11-26T11:00:00Z", "from": "2026-11-26T09:00:00Z"}
        said = {
            "confirm": therapist.post(f"/api/v1/bookings/{self.asked}/confirm"),
            "accept proposal": client.post(f"/api/v1/proposals/{self.proposed}/accept"),
            "move": client.post(f"/api/v1/bookings/{self.booked}/move", json=move),
            "confirm hold": client.post(f"/api/v1/holds/{self.held}/confirm", json={}),
            "hold": self.hold("2026-12-01T09:00:00Z"),
            "book": self.practice.book("2026-12-01T10:00:00Z"),
            "request": self.practice.ask("2026-12-01T14:00:00Z"),
            "propose": self.propose("2026-12-02T10:00:00Z"),
            "series": client.post("/api/v1/series", json={"service_id": service, "start": "2026-12-03T10:00:00Z", "count": 3}),
            "staff": self.admin.post("/api/v1/staff/bookings", json=behalf),
        }
        return {door: _said(each) for door, each in said.items()}


def _said(answer: Any) -> str:
    """A series names its refusals date by date."""
    if answer.status_code < 300:
        return "yes"
    told = answer.get_json()
    return ",".join(sorted({reason["code"] for each in told["conflicts"] for reason in each["reasons"]})) if "conflicts" in told else str(told["code"])


@pytest.mark.parametrize("close", WAYS, ids=lambda way: way.__name__)
def test_M07_M08_M09_R18_R51_one_lapse_closes_every_door_of_booking_and_a_new_look_opens_them(practice: Practice, clock: FixedClock, close: Close) -> None:
    doors = Doors(practice)
    close(doors.therapist_id)
    if close in BY_CLOCK:
        assert doors.hold("2026-11-27T09:00:00Z").status_code == 201, "open for five more minutes"
        clock.advance(minutes=5, seconds=1)
    said = doors.answers()
    assert set(said.values()) == {"may_not_treat"}, said
    looked_at_again(doors.therapist_id)
    said = doors.answers()
    assert said.pop("confirm hold") == "ended", "a hold that was refused is released at once (R18)"
    assert set(said.values()) == {"yes"}, said


def test_M09_the_same_doors_are_open_without_a_lapse_and_after_one_that_is_over(practice: Practice) -> None:
    doors = Doors(practice)
    suspended(doors.therapist_id)
    assert _said(doors.hold("2026-11-30T09:00:00Z")) == "may_not_treat"
    credential_set(doors.therapist_id, state="active")
    said = doors.answers()
    assert set(said.values()) == {"yes"}, said


@pytest.mark.parametrize("close", [expired, insurance_over, look_grows_old, screen_grows_old], ids=lambda way: way.__name__)
def test_M07_M08_M09_a_lapse_closes_the_waitlist_its_offers_and_their_acceptance_until_a_new_look(
    line: Line, clock: FixedClock, run_jobs: Callable[[], list[str]], close: Close
) -> None:
    change(Therapist, Therapist.person_id == line.therapist_id, waitlist_open=True)
    offered, behind = line.waits(), line.waits()
    late, late_id = line.somebody()
    with transaction():
        for person_id in (offered.person_id, behind.person_id, late_id):
            begin_care(line.therapist_id, [person_id], unit="individual", origin="directory", accepted=True, now=now())
        sweep_waitlists.work()
    run_jobs()
    assert (offered.state, behind.state) == ("offered", "waiting")
    close(line.therapist_id)
    if close in BY_CLOCK:
        clock.advance(minutes=5, seconds=1)
    assert [_said(line.joins(late)), _said(offered.does("accept"))] == ["may_not_treat", "may_not_treat"]
    with transaction():
        sweep_waitlists.work()
    run_jobs()
    assert (offered.state, behind.state) == ("waiting", "waiting"), "and nobody else is offered it"
    looked_at_again(line.therapist_id)
    assert _said(line.joins(late)) == "yes"
    with transaction():
        sweep_waitlists.work()
    run_jobs()
    assert "offered" in (offered.state, behind.state)


@pytest.mark.parametrize("close", [expired, insurance_over, look_grows_old, screen_grows_old], ids=lambda way: way.__name__)
def test_M08_M09_a_lapse_right_before_the_session_stops_both_sides_at_the_way_in_until_a_new_look(practice: Practice, clock: FixedClock, close: Close) -> None:
    booking = practice.book().get_json()["id"]
    clock.instant = utc("2026-11-23T08:46")
    client, therapist = signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)
    arrived = {"jurisdiction": "GB-ENG", "address": "12 Harbour Row, Leeds", "phone": "+44 20 7946 0000"}
    assert client.post(f"/api/v1/bookings/{booking}/arrival", json=arrived).status_code == 200
    ways = [lambda: client.get(f"/api/v1/bookings/{booking}/join"), lambda: therapist.get(f"/api/v1/bookings/{booking}/join")]
    assert [_said(way()) for way in ways] == ["yes", "yes"]
    close(practice.therapist_id)
    if close in BY_CLOCK:
        clock.advance(minutes=5, seconds=1)
    assert [_said(way()) for way in ways] == ["may_not_treat", "may_not_treat"]
    looked_at_again(practice.therapist_id)
    assert [_said(way()) for way in ways] == ["yes", "yes"]


@pytest.mark.parametrize("close", [suspended, child_protection_over], ids=lambda way: way.__name__)
def test_M07_a_lapse_stops_a_session_on_the_spot_with_a_young_client_at_the_door_and_calls_it_off(
    practice: Practice, clock: FixedClock, run_jobs: Callable[[], list[str]], close: Close
) -> None:
    doors = Doors(practice)
    with transaction():
        service = str(a_service(db.session.get_one(Therapist, doors.therapist_id), mode="in_person").public_id)
    booking = practice.book("2026-11-23T14:00:00Z", service=service).get_json()["id"]
    clock.instant = utc("2026-11-23T13:46")
    ways = [signed_in(practice.new_browser, person_id) for person_id in (practice.client_id, doors.therapist_id)]
    assert [_said(way.get(f"/api/v1/bookings/{booking}/join")) for way in ways] == ["yes", "yes"]
    close(doors.therapist_id)
    assert [_said(way.get(f"/api/v1/bookings/{booking}/join")) for way in ways] == ["may_not_treat", "may_not_treat"]
    with transaction():
        recheck_before_start.work()
    run_jobs()
    assert ways[0].get(f"/api/v1/bookings/{booking}").get_json()["state"] == "cancelled"

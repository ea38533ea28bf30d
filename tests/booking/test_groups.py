"""Sessions of a group: one booking, a seat for every client, and nobody but the therapist learns who else is there."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from booking.models import LateFee
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, overlaps
from tests.booking.practice import a_client, a_service, a_therapist, signed_in
from tests.booking.test_letters import Mail, mails
from tests.browser import BASE_URL, Browser

NAMES = ("Robin Vale", "Jamie Stone", "Casey Brook")
NEXT_MONDAY_TEN = "2026-11-30T10:00:00Z"


@dataclass
class Group:
    """A service with two seats, three people who want one, by browser, and their therapist."""

    service: str
    therapist: Browser
    therapist_id: int
    people: list[Browser]
    ids: list[int]
    new_browser: Callable[[], Browser]

    def join(self, number: int, start: str = MONDAY_NINE, **body: Any) -> TestResponse:
        return self.people[number].post("/api/v1/bookings", json={"service_id": self.service, "start": start, **body})

    def joined(self, number: int, start: str = MONDAY_NINE, **body: Any) -> str:
        answer = self.join(number, start, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def leave(self, who: Browser, booking: str, **body: Any) -> TestResponse:
        return who.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "other", **body})

    def sign_in_again(self) -> None:
        self.people = [signed_in(self.new_browser, each) for each in self.ids]

    def feed(self, number: int) -> Callable[[], bytes]:
        address = self.people[number].post("/api/v1/calendar-feeds", json={"side": "client"}).get_json()["address"]
        return lambda: self.new_browser().get(address.removeprefix(BASE_URL)).data

    def seats(self, number: int) -> dict[str, int]:
        query = {"start": "2026-11-23T00:00:00Z", "end": "2026-11-24T00:00:00Z"}
        items = self.people[number].get(f"/api/v1/services/{self.service}/openings", query_string=query).get_json()["items"]
        return {item["start"]: item["seats_left"] for item in items}


@pytest.fixture
def group(client: Callable[[], Browser]) -> Group:
    with transaction():
        therapist = a_therapist()
        therapist.units = ["individual", "group"]
        service = a_service(therapist, unit="group", seats=2, late_fee_percent=50, buffer_before=10, day_sessions=1)
        ids = [a_client(name=name).person_id for name in NAMES]
        public_id, therapist_id = str(service.public_id), therapist.person_id
    return Group(public_id, signed_in(client, therapist_id), therapist_id, [signed_in(client, each) for each in ids], ids, client)


def one(statement: str) -> Any:
    return db.session.execute(text(statement)).scalar_one()


def test_the_first_client_opens_the_session_and_others_join_it_until_it_is_full(group: Group):
    assert group.seats(0)[MONDAY_NINE] == 2
    booking = group.joined(0)
    # The day's limit of one session closes every other start, and not the seats of this one.
    assert group.seats(1) == {MONDAY_NINE: 1}
    assert group.seats(0) == {}
    assert group.joined(1) == booking
    full = group.join(2)
    assert (full.status_code, full.get_json()["code"]) == (409, "full")
    assert full.get_json()["openings"]
    again = group.join(1)
    assert (again.status_code, again.get_json()["code"]) == (409, "taken")
    assert group.seats(2) == {}
    assert (one("SELECT count(*) FROM bookings"), one("SELECT count(*) FROM claims WHERE blocks"), overlaps()) == (1, 3, 0)
    assert one("SELECT count(*) FROM care_relations WHERE state = 'trial'") == 2


def test_nobody_reads_of_the_others_and_the_therapist_reads_of_all(group: Group, run_jobs: Callable[[], list[str]]):
    booking = group.joined(0, title="Choir")
    run_jobs()
    group.joined(1)
    run_jobs()
    told = mails()
    assert [(each.kind, each.method) for each in told] == [
        ("booking_confirmed", "REQUEST"),
        ("booking_confirmed", "REQUEST"),
        ("booking_joined", "REQUEST"),
        ("booking_joined", None),
    ]
    assert told[2].told == ("REQUEST", 0, "CONFIRMED")
    for own, other, number in ((0, 1, 0), (1, 0, 2)):
        person = group.people[own]
        answers = [person.get(f"/api/v1/bookings/{booking}{path}").text for path in ("", "/history", "/invitation.ics")]
        answers += [person.get("/api/v1/bookings").text, json.dumps(group.seats(own)), told[number].text, told[number].ics]
        with transaction():
            wanted = "SELECT a.email, p.public_id::text FROM persons p JOIN accounts a ON a.person_id = p.id WHERE p.id = :id"
            secrets = db.session.execute(text(wanted), {"id": group.ids[other]}).one()
        for secret in (*secrets, NAMES[other]):
            assert not [answer for answer in answers if secret in answer]
        assert "Choir" not in "".join(answers) or own == 0
        assert len(person.get(f"/api/v1/bookings/{booking}/history").get_json()["items"]) == 1
    shown = group.therapist.get(f"/api/v1/bookings/{booking}").get_json()
    assert [each["name"] for each in shown["clients"]] == list(NAMES[:2])
    assert NAMES[1] in told[3].text
    assert NAMES[0] not in told[3].text


def test_who_leaves_frees_one_seat_alone_and_may_come_back(group: Group, run_jobs: Callable[[], list[str]]):
    booking = group.joined(0)
    group.joined(1)
    run_jobs()
    before = len(mails())
    feeds = [group.feed(number) for number in (0, 1)]
    stays = feeds[0]()
    refused = group.leave(group.people[1], booking, note="Hello")
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["note"])
    left = group.leave(group.people[1], booking).get_json()
    assert (left["state"], left["actions"], [each["name"] for each in left["clients"]]) == ("cancelled", [], [NAMES[1]])
    run_jobs()
    client, therapist = mails()[before:]
    assert client.told == ("CANCEL", 1, "CANCELLED")
    assert (therapist.kind, therapist.event, NAMES[1] in therapist.text) == ("booking_left", None, True)
    assert group.people[0].get(f"/api/v1/bookings/{booking}").get_json()["state"] == "confirmed"
    assert (feeds[0](), b"STATUS:CANCELLED" in feeds[1](), b"SEQUENCE:1" in feeds[1]()) == (stays, True, True)
    assert [each["state"] for each in group.people[1].get("/api/v1/bookings?past=true").get_json()["items"]] == ["cancelled"]
    assert group.people[1].get("/api/v1/bookings").get_json()["items"] == []
    assert (group.leave(group.people[1], booking).status_code, group.seats(2)) == (404, {MONDAY_NINE: 1})
    assert group.joined(1) == booking
    run_jobs()
    assert mails()[before + 2].told == ("REQUEST", 2, "CONFIRMED")


def test_the_last_one_leaving_calls_the_session_off_and_so_does_the_therapist(group: Group, run_jobs: Callable[[], list[str]]):
    booking = group.joined(0)
    assert group.leave(group.people[0], booking).get_json()["state"] == "cancelled"
    assert one("SELECT state FROM bookings") == "cancelled"
    again = group.joined(1)
    assert again != booking
    group.joined(2)
    run_jobs()
    before = len(mails())
    assert group.leave(group.therapist, again).status_code == 200
    run_jobs()
    told: list[Mail] = mails()[before:]
    assert [each.told[0] for each in told] == ["CANCEL"] * 3
    assert [name in each.text + each.ics for each, name in zip(told, (NAMES[2], NAMES[1]), strict=False)] == [False, False]
    assert one("SELECT count(*) FROM claims WHERE blocks") == 0


def test_leaving_late_is_kept_for_that_one_alone(group: Group, clock: FixedClock):
    booking = group.joined(0, NEXT_MONDAY_TEN)
    clock.instant = datetime.fromisoformat("2026-11-30T07:00:00Z")
    group.sign_in_again()
    group.joined(1, NEXT_MONDAY_TEN)
    # Whoever has just joined may think again; whoever agreed long ago is late.
    assert group.people[1].get(f"/api/v1/bookings/{booking}").get_json()["cancel_free_until"] == "2026-11-30T07:30:00Z"
    late = group.leave(group.people[0], booking).get_json()
    assert (late["cancelled_late"], late["owed"]["fee"]["amount"]) == (True, 3000)
    stays = group.people[1].get(f"/api/v1/bookings/{booking}").get_json()
    assert (stays["state"], stays["cancelled_late"], stays["owed"]) == ("confirmed", False, None)
    with transaction():
        assert db.session.execute(select(LateFee.person_id)).scalars().all() == [group.ids[0]]


def test_the_therapist_lets_one_client_of_a_group_off(group: Group, clock: FixedClock):
    booking = group.joined(0, NEXT_MONDAY_TEN)
    group.joined(1, NEXT_MONDAY_TEN)
    clock.instant = datetime.fromisoformat("2026-11-30T07:00:00Z")
    group.sign_in_again()
    therapist = signed_in(group.new_browser, group.therapist_id)
    group.leave(group.people[0], booking)
    group.leave(group.people[1], booking)
    waive = f"/api/v1/bookings/{booking}/waive-fee"
    seen = therapist.get(f"/api/v1/bookings/{booking}").get_json()
    assert ([each["client"]["name"] for each in seen["seats_owed"]], seen["owed"], seen["actions"]) == (list(NAMES[:2]), None, ["waive_fee"])
    first, second = ({"client_id": each["client"]["id"]} for each in seen["seats_owed"])
    assert group.people[0].get(f"/api/v1/bookings/{booking}").get_json()["seats_owed"] == []
    unnamed = therapist.post(waive)
    assert (unnamed.status_code, list(unnamed.get_json()["errors"])) == (422, ["client_id"])
    # Whoever left is told as little of the others as of a booking that is not theirs.
    assert [group.people[number].post(waive, json=body).status_code for number in (0, 2) for body in (first, second)] == [404] * 4
    assert therapist.post(waive, json={"client_id": str(uuid.uuid4())}).status_code == 404
    shown = therapist.post(waive, json=first).get_json()
    assert [each["owed"]["waived_at"] for each in shown["seats_owed"]] == ["2026-11-30T07:00:00Z", None]
    assert group.people[0].get(f"/api/v1/bookings/{booking}").get_json()["owed"]["waived_at"] == "2026-11-30T07:00:00Z"
    assert group.people[1].get(f"/api/v1/bookings/{booking}").get_json()["owed"]["waived_at"] is None
    assert therapist.post(waive, json=second).get_json()["actions"] == []
    assert therapist.post(waive, json=first).status_code == 200


def test_who_attends_a_group_lets_nobody_off(group: Group, clock: FixedClock):
    booking = group.joined(0, NEXT_MONDAY_TEN)
    group.joined(1, NEXT_MONDAY_TEN)
    clock.instant = datetime.fromisoformat("2026-11-30T07:00:00Z")
    group.sign_in_again()
    group.leave(group.people[0], booking)
    therapist = signed_in(group.new_browser, group.therapist_id)
    seen = therapist.get(f"/api/v1/bookings/{booking}").get_json()
    assert seen["actions"] == ["move", "cancel", "waive_fee"]
    for client_id in (seen["seats_owed"][0]["client"]["id"], seen["clients"][0]["id"], str(uuid.uuid4())):
        assert group.people[1].post(f"/api/v1/bookings/{booking}/waive-fee", json={"client_id": client_id}).status_code == 403


def test_nobody_moves_or_holds_a_group(group: Group):
    booking = group.joined(0)
    moved = group.people[0].post(f"/api/v1/bookings/{booking}/move", json={"start": NEXT_MONDAY_TEN, "from": MONDAY_NINE})
    assert (moved.status_code, moved.get_json()["code"]) == (422, "group_cannot_move")
    held = group.people[1].post("/api/v1/holds", json={"service_id": group.service, "start": NEXT_MONDAY_TEN})
    assert (held.status_code, held.get_json()["code"]) == (422, "group_booked_at_once")
    waits = group.people[1].post("/api/v1/waitlist", json={"service_id": group.service})
    assert (waits.status_code, waits.get_json()["code"]) == (422, "no_line_for_group")


def test_a_group_has_seats_and_is_booked_at_once(group: Group):
    terms = {"kind": "session", "unit": "group", "mode": "video", "minutes": 50, "fee": {"amount": 3000, "currency": "GBP"}, "booking_mode": "instant"}

    def add(**changes: Any) -> tuple[int, Any]:
        answer = group.therapist.post("/api/v1/therapist/services", json=terms | changes)
        return answer.status_code, answer.get_json().get("seats") or answer.get_json()["code"]

    assert add(seats=8) == (201, 8)
    assert add() == add(seats=8, unit="individual") == add(seats=31) == (422, "invalid")
    assert add(seats=8, booking_mode="request") == add(seats=8, series_most=4) == (422, "group_is_instant")

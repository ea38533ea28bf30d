"""A therapist leaves, or cannot work on: what happens to what is booked, who is told what, and who may look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from booking.models import Booking
from care.models import CareRelation
from care.pause import pause_for_safety
from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import Practice, states
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.therapists import verify
from tests.fakes.outbox import Outbox
from therapists.executor import name_executor
from therapists.leaving import carry_out_ends
from therapists.leaving_words import settle_unread
from therapists.models import Credential, Service, Therapist
from therapists.profile import profile_for_edit

API = "/api/v1"
LAST_DAY = "2026-12-22"
BEFORE, BEYOND, LATER = "2026-12-22T10:00:00Z", "2026-12-23T10:00:00Z", "2026-12-24T10:00:00Z"
SAM = "sam"


@dataclass
class Leaving:
    """A practice that books far ahead, with everybody who has a part in its end."""

    practice: Practice
    desk: Browser
    verifier: Browser
    admin: Browser
    run_jobs: Callable[[], list[str]]
    outbox: Outbox

    def announce(self, **facts: Any) -> Any:
        return self.practice.therapist.post(f"{API}/therapist/leaving", json={"last_day": LAST_DAY, "reason": "retiring", **facts})

    def stop(self, **facts: Any) -> Any:
        with transaction():
            therapist = db.session.get_one(Therapist, self.practice.therapist_id)
        return self.admin.post(f"{API}/sudden-stops", json={"therapist_id": str(therapist.public_id), "kind": "death", "source": "family", **facts})

    def case(self) -> dict[str, Any]:
        (case,) = self.desk.get(f"{API}/cases", query_string={"kind": "leaving"}).get_json()["items"]
        assert isinstance(case, dict)
        return case

    def affected(self, case: dict[str, Any]) -> list[dict[str, Any]]:
        query = {"cause": case["subject_kind"], "cause_id": case["subject_id"], "limit": 1}
        lines: list[dict[str, Any]] = []
        while True:
            page = self.desk.get(f"{API}/affected-bookings", query_string=query).get_json()
            lines += page["items"]
            if page["next"] is None:
                return lines
            query["cursor"] = page["next"]

    def resolve(self, line: dict[str, Any], resolution: str = "cancelled", **more: Any) -> Any:
        return self.desk.post(f"{API}/affected-bookings/{line['id']}/resolve", json={"resolution": resolution, **more})

    def letters_to(self, person_id: int) -> list[str]:
        self.run_jobs()
        return [str(mail["Subject"]) for mail in self.outbox.to(address(person_id))]


def address(person_id: int) -> str:
    from accounts.people import recipient_of

    recipient = recipient_of(person_id)
    assert recipient is not None
    return recipient.address


@pytest.fixture
def leaving(practice: Practice, client: Callable[[], Browser], run_jobs: Callable[[], list[str]], outbox: Outbox) -> Leaving:
    with transaction():
        for service in db.session.scalars(select(Service)):
            service.window_days = 60
        therapist = profile_for_edit(practice.therapist_id)
        name_executor(therapist, name="Ellis Executor", email="ellis@colleague.example", agreed_on=date(2026, 11, 1), now=now())
        staff = [an_account(roles=(role,)).person_id for role in ("matchmaker", "verifier", "admin")]
    return Leaving(practice, *[signed_in(client, person_id) for person_id in staff], run_jobs, outbox)


def ok(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.get_json() if answer.data else None


def test_nothing_beyond_the_last_day_is_offered_or_booked_and_what_was_booked_is_listed_for_the_desk(leaving: Leaving) -> None:
    practice = leaving.practice
    ok(practice.book(BEFORE))
    ok(practice.book(BEYOND))
    assert practice.openings(start=LATER[:10] + "T00:00:00Z", end="2026-12-25T00:00:00Z")
    assert leaving.announce(last_day="2026-12-21").status_code == 422, "less than 30 days"
    announced = ok(leaving.announce())
    assert (announced["ends_at"], announced["words_state"]) == ("2026-12-23T00:00:00Z", "none")
    assert leaving.announce().get_json()["code"] == "already_leaving"
    assert practice.openings(start=LATER[:10] + "T00:00:00Z", end="2026-12-25T00:00:00Z") == []
    assert practice.book(LATER).get_json()["code"] == "too_far"
    ok(practice.book("2026-12-21T10:00:00Z"))
    leaving.run_jobs()
    case = leaving.case()
    (line,) = leaving.affected(case)
    assert (line["starts_at"], line["at_risk"], line["resolution"]) == (BEYOND, False, None)
    assert leaving.resolve(line).get_json()["code"] == "not_owned"
    leaving.desk.post(f"{API}/cases/{case['id']}/claim")
    assert leaving.desk.post(f"{API}/cases/{case['id']}/close", json={"outcome": "resolved"}).get_json()["code"] == "unresolved_bookings"
    assert leaving.resolve(line, "moved").get_json()["code"] == "not_moved"
    ok(leaving.resolve(line, offer_matching=True), 204)
    assert leaving.resolve(line).get_json()["code"] == "already_resolved"
    assert states() == ["confirmed", "cancelled", "confirmed"]
    assert leaving.desk.get(f"{API}/cases", query_string={"kind": "leaving"}).get_json()["items"] == [], "the case closes with its last line"
    assert len(leaving.desk.get(f"{API}/cases", query_string={"kind": "matchmaking"}).get_json()["items"]) == 1
    assert "Your appointment cannot take place" in leaving.letters_to(practice.client_id)
    assert "An appointment is called off" in leaving.letters_to(practice.therapist_id)
    cancelled = db.session.scalars(select(Booking).where(Booking.state == "cancelled")).one()
    assert (cancelled.cancelled_late, cancelled.ended_by, cancelled.end_reason) == (False, None, "therapist_leaves")


def test_clients_read_the_words_once_a_verifier_has_and_our_own_text_if_nobody_does(leaving: Leaving, clock: FixedClock) -> None:
    ok(leaving.practice.book(BEFORE))
    ok(leaving.announce(words="Thank you for your trust.\nI wish you well."))
    change = "A change that concerns your appointments"
    assert change not in leaving.letters_to(leaving.practice.client_id), "not before it was read"
    (waiting,) = leaving.verifier.get(f"{API}/verification/leaving-words").get_json()["items"]
    assert waiting["words"].startswith("Thank you")
    decide = f"{API}/verification/leaving-words/{waiting['id']}"
    ok(leaving.verifier.post(decide, json={"approved": True}), 204)
    assert leaving.verifier.post(decide, json={"approved": True}).get_json()["code"] == "words_settled"
    assert leaving.letters_to(leaving.practice.client_id)[-1] == change
    assert "I wish you well." in leaving.outbox.last_to(address(leaving.practice.client_id)).as_string()

    ok(leaving.practice.therapist.post(f"{API}/therapist/leaving/call-off"), 204)
    assert leaving.letters_to(leaving.practice.client_id)[-1] == "Your appointments go on"
    assert leaving.practice.openings(start=LATER[:10] + "T00:00:00Z", end="2026-12-25T00:00:00Z")

    ok(leaving.announce(words="Something that nobody reads.", last_day="2027-01-31"))
    clock.advance(days=7)
    with transaction():
        settle_unread(now=now())
    assert leaving.letters_to(leaving.practice.client_id)[-1] == change
    assert "nobody reads" not in leaving.outbox.last_to(address(leaving.practice.client_id)).as_string()


def test_at_the_end_the_profile_and_the_relations_end_and_what_nobody_settled_is_called_off(leaving: Leaving, clock: FixedClock) -> None:
    ok(leaving.practice.book(BEYOND))
    ok(leaving.announce())
    leaving.run_jobs()
    clock.advance(days=31)
    with transaction():
        carry_out_ends(now=now())
        carry_out_ends(now=now())
    leaving.run_jobs()
    assert states() == ["cancelled"]
    relation = db.session.scalars(select(CareRelation).execution_options(populate_existing=True)).one()
    assert (relation.state, relation.end_reason) == ("ended", "therapist_left")
    own = signed_in(leaving.practice.new_browser, leaving.practice.therapist_id)
    assert own.get(f"{API}/therapist/records").status_code == 200, "signing in remains, for the records"
    assert own.get(f"{API}/therapist/profile").get_json()["published_at"] is None
    assert own.post(f"{API}/therapist/leaving/call-off").get_json()["code"] == "already_left"


def test_after_a_sudden_stop_the_desk_sees_people_at_risk_first_and_nobody_hears_why(leaving: Leaving, clock: FixedClock) -> None:
    practice = leaving.practice
    ok(practice.book(BEFORE))
    other = practice.another_client()
    ok(practice.book(BEYOND, by=other))
    ok(practice.ask(by=other))
    kim = db.session.scalars(select(Booking.booked_by).order_by(Booking.id.desc())).first()
    assert kim is not None
    with transaction():
        pause_for_safety(kim, now=now())
    leaving.run_jobs()
    leaving.outbox.sent.clear()
    stop = ok(leaving.stop(note="A call in the morning."))
    assert leaving.stop().get_json()["code"] == "already_stopped"
    assert practice.book("2026-11-30T10:00:00Z").status_code == 404
    case = leaving.case()
    assert [line["at_risk"] for line in leaving.affected(case)] == [True, True, False]
    letters = leaving.letters_to(practice.client_id)
    assert letters == ["About your appointments"]
    letter = leaving.outbox.last_to(address(practice.client_id)).as_string()
    assert "cannot take place" in letter
    assert "999" in letter
    assert not any(word in letter for word in ("death", "died", "morning", "suspen"))
    assert states() == ["confirmed", "confirmed", "declined"], "what waited for an answer ends with a neutral word"
    assert "Please get in touch with us" in [str(mail["Subject"]) for mail in leaving.outbox.to("ellis@colleague.example")]

    executor = f"{API}/sudden-stops/{stop['id']}/executor"
    assert leaving.desk.get(executor).get_json()["code"] == "not_owned"
    assert leaving.admin.get(executor).status_code == 403
    leaving.desk.post(f"{API}/cases/{case['id']}/claim")
    assert leaving.desk.get(executor).get_json()["name"] == "Ellis Executor"
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "therapists.executor_read")).one()

    contacts = f"{API}/affected-bookings/{leaving.affected(case)[0]['id']}/contacts"
    assert [each["email"] for each in leaving.desk.get(contacts).get_json()["items"]] == [address(kim)]
    at_risk = next(line for line in leaving.affected(case) if line["starts_at"] == BEYOND)
    ok(leaving.resolve(at_risk), 204)
    before = len(leaving.outbox.sent)
    leaving.run_jobs()
    told = {mail["To"].addresses[0].addr_spec for mail in leaving.outbox.sent[before:]}
    assert told == {address(kim)}, "nobody writes to a therapist who has died"
    ok(leaving.admin.post(f"{API}/sudden-stops/{stop['id']}/lift"), 200)
    assert leaving.admin.post(f"{API}/sudden-stops/{stop['id']}/lift").get_json()["code"] == "already_lifted"
    assert [line["resolution"] for line in sorted(leaving.affected(case), key=lambda line: str(line["starts_at"]))] == ["cancelled", "kept", "cancelled"]
    ok(practice.book("2026-11-30T10:00:00Z"))
    assert leaving.letters_to(practice.client_id)[-2:] != letters


def test_a_register_that_suspends_somebody_brings_what_is_booked_to_the_desk_and_takes_it_back(leaving: Leaving) -> None:
    def read(**facts: Any) -> None:
        with transaction():
            credential = db.session.scalars(select(Credential)).one()
            verify(credential, jurisdictions=("GB",), expires_on=date(2027, 10, 31), **facts)
        leaving.run_jobs()

    ok(leaving.practice.book(BEFORE))
    ok(leaving.practice.ask())
    read(decision="suspended", reason="register_says_suspended")
    case = leaving.case()
    assert [line["starts_at"] for line in leaving.affected(case)] == ["2026-11-24T09:00:00Z", BEFORE]
    assert (states(), case["due_at"]) == (["confirmed", "requested"], "2026-11-23T15:00:00Z"), "its word may be taken back: nothing ends by itself"
    assert leaving.outbox.to("ellis@colleague.example") == []
    read()
    assert leaving.desk.get(f"{API}/cases", query_string={"kind": "leaving"}).get_json()["items"] == []
    assert [line["resolution"] for line in leaving.affected(case)] == ["kept", "kept"]
    ok(leaving.practice.book(BEYOND))


def test_a_hold_for_another_reason_outlives_a_stop(leaving: Leaving) -> None:
    from therapists.platform_hold import lift_hold, put_on_hold

    with transaction():
        therapist = db.session.get_one(Therapist, leaving.practice.therapist_id)
        put_on_hold(therapist.public_id, reason="complaint", by=leaving.practice.client_id, now=now())
    stop = ok(leaving.stop())
    ok(leaving.admin.post(f"{API}/sudden-stops/{stop['id']}/lift"), 200)
    assert (therapist.held_reason, therapist.held_at) == ("complaint", now())
    again = ok(leaving.stop())
    with transaction():
        lift_hold(therapist.public_id, by=leaving.practice.client_id, now=now())
    assert therapist.held_reason == "stopped", "the stop holds by itself"
    ok(leaving.admin.post(f"{API}/sudden-stops/{again['id']}/lift"), 200)
    assert therapist.held_at is None


def test_an_executor_is_somebody_else_and_is_confirmed_every_year(leaving: Leaving, clock: FixedClock) -> None:
    from therapists.executor import ask_for_confirmation

    own = leaving.practice.therapist
    asked = {"name": "Alex Rivers", "email": address(leaving.practice.therapist_id), "agreed_on": "2026-11-01"}
    assert own.put(f"{API}/therapist/executor", json=asked).status_code == 422
    assert own.put(f"{API}/therapist/executor", json={**asked, "email": "nobody"}).status_code == 422
    assert own.put(f"{API}/therapist/executor", json={**asked, "email": "a@b.example", "agreed_on": "2027-11-01"}).status_code == 422
    clock.advance(days=365)
    for _ in range(2):
        with transaction():
            ask_for_confirmation(now=now())
    assert leaving.letters_to(leaving.practice.therapist_id) == ["A question about your profile"]
    own = signed_in(leaving.practice.new_browser, leaving.practice.therapist_id)
    confirmed = own.post(f"{API}/therapist/executor/confirm").get_json()
    assert (confirmed["asked_at"], confirmed["name"]) == (None, "Ellis Executor")
    clock.advance(seconds=timedelta(days=364).total_seconds())
    with transaction():
        ask_for_confirmation(now=now())
    assert len(leaving.letters_to(leaving.practice.therapist_id)) == 1

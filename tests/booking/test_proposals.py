"""A therapist proposes times to a client in care: they are held, and one press of the client's makes them bookings."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from care.pause import pause_for_safety
from care.relation import begin_care
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_service, a_therapist, signed_in
from tests.booking.test_letters import mails

PAGE = "/proposal"
EVENING = "2026-11-26T19:30:00Z"  # outside the published hours
Work = Callable[[], list[str]]


@pytest.fixture
def person(practice: Practice) -> str:
    """The client is in care; their public id."""
    with transaction():
        begin_care(practice.therapist_id, [practice.client_id], unit="individual", origin="directory", accepted=True, now=now())
        found = db.session.execute(text("SELECT public_id FROM persons WHERE id = :id"), {"id": practice.client_id}).scalar_one()
    return str(found)


def propose(practice: Practice, person: str, start: str = EVENING, **body: Any) -> Any:
    return practice.therapist.post("/api/v1/therapist/proposals", json={"client_id": person, "service_id": practice.service, "start": start, **body})


def token_in(mail: str) -> str:
    found = re.search(r"/proposal#token=(\S+)", mail)
    assert found is not None
    return found[1]


def test_a_proposal_holds_the_therapists_time_alone_and_one_press_confirms_it(practice: Practice, person: str, run_jobs: Work) -> None:
    made = propose(practice, person)
    assert made.status_code == 201, made.text
    assert made.get_json()["state"] == "waiting"
    assert states() == ["held"]
    rows = db.session.execute(text("SELECT role, blocks FROM claims ORDER BY role")).all()
    assert [tuple(row) for row in rows] == [("client", False), ("therapist", True)]
    run_jobs()
    (mail,) = mails()
    assert "therap" not in mail.subject.lower()
    token = token_in(mail.text)
    visitor = practice.new_browser()
    assert visitor.get(PAGE).status_code == 200
    shown = visitor.post(PAGE, data={"token": token, "answer": "look"})
    assert "19:30" in shown.text
    assert "Alex" not in shown.text, "only the time"
    assert states() == ["held"], "looking answers nothing"
    assert visitor.post(PAGE, data={"token": token, "answer": "yes"}).status_code == 200
    assert states() == ["confirmed"]
    assert visitor.post(PAGE, data={"token": token, "answer": "no"}).status_code == 410
    run_jobs()
    assert [each.kind for each in mails()[1:]] == ["booking_confirmed", "booking_confirmed"]


def test_saying_no_frees_the_time_and_tells_the_therapist(practice: Practice, person: str, run_jobs: Work) -> None:
    made = propose(practice, person).get_json()
    assert practice.another_client().post(f"/api/v1/proposals/{made['id']}/decline").status_code == 404
    assert practice.therapist.post(f"/api/v1/proposals/{made['id']}/accept").status_code == 404, "it is the client who answers"
    answer = practice.client.post(f"/api/v1/proposals/{made['id']}/decline")
    assert answer.get_json()["state"] == "declined"
    assert states() == ["released"]
    run_jobs()
    assert mails()[-1].kind == "proposal_ended_therapist"
    assert propose(practice, person).status_code == 201


def test_a_proposal_ends_by_itself_after_48_hours_or_12_before_its_start(practice: Practice, person: str, clock: FixedClock, run_jobs: Work) -> None:
    late = propose(practice, person, "2026-11-30T10:00:00Z").get_json()
    soon = propose(practice, person, "2026-11-23T10:00:00Z").get_json()
    assert (late["lapses_at"], soon["lapses_at"]) == ("2026-11-24T15:00:00Z", "2026-11-22T22:00:00Z")
    assert propose(practice, person, "2026-11-23T03:30:00Z").get_json()["code"] == "too_soon"
    run_jobs()
    token = token_in(mails()[0].text)
    clock.advance(hours=48, seconds=1)
    run_jobs()
    assert states() == ["expired", "expired"]
    assert [each.kind for each in mails()[2:]] == ["proposal_ended_therapist"] * 2
    assert practice.new_browser().post(PAGE, data={"token": token, "answer": "yes"}).status_code == 410


def test_a_lapsed_proposal_cannot_be_accepted_before_any_job_has_run(practice: Practice, person: str, clock: FixedClock) -> None:
    made = propose(practice, person, "2026-11-30T10:00:00Z").get_json()
    clock.advance(hours=48)
    browser = signed_in(practice.new_browser, practice.client_id)
    assert browser.get(f"/api/v1/proposals/{made['id']}").get_json()["state"] == "lapsed"
    assert browser.post(f"/api/v1/proposals/{made['id']}/accept").status_code == 410
    assert practice.book("2026-11-30T10:00:00Z", by=practice.another_client()).status_code == 201


def test_a_therapist_may_take_a_proposal_back(practice: Practice, person: str, run_jobs: Work) -> None:
    made = propose(practice, person).get_json()
    address = f"/api/v1/therapist/proposals/{made['id']}/withdraw"
    assert practice.therapist.post(address).get_json()["state"] == "withdrawn"
    assert practice.therapist.post(address).get_json()["code"] == "proposal_ended"
    run_jobs()
    assert mails()[-1].kind == "proposal_withdrawn_client"
    assert practice.therapist.get("/api/v1/therapist/proposals").get_json()["items"][0]["state"] == "withdrawn"
    assert practice.client.get("/api/v1/proposals").get_json()["items"][0]["state"] == "withdrawn"


def test_only_somebody_in_care_can_be_proposed_to(practice: Practice) -> None:
    with transaction():
        stranger = db.session.execute(text("SELECT public_id FROM persons WHERE id = :id"), {"id": practice.client_id}).scalar_one()
    known, unknown = propose(practice, str(stranger)), propose(practice, "7f3b0e2c-0000-4000-8000-000000000000")
    assert known.status_code == unknown.status_code == 404
    assert known.get_json() == unknown.get_json()


def test_eligibility_is_asked_again_and_a_pause_is_not_told_to_the_therapist(practice: Practice, person: str) -> None:
    made = propose(practice, person).get_json()
    with transaction():
        pause_for_safety(practice.client_id, now=now())
    assert practice.client.post(f"/api/v1/proposals/{made['id']}/accept").get_json()["code"] == "paused"
    assert states() == ["held"]
    refused = propose(practice, person, "2026-11-27T19:30:00Z").get_json()
    assert (refused["code"], refused["reasons"]) == ("may_not_treat", [])


def test_the_clients_own_time_is_nobodys_business_until_they_accept(practice: Practice, person: str) -> None:
    with transaction():
        elsewhere = str(a_service(a_therapist(name="Robin Lake")).public_id)
    assert practice.book("2026-11-24T10:00:00Z", service=elsewhere).status_code == 201
    made = propose(practice, person, "2026-11-24T10:00:00Z")
    assert made.status_code == 201, made.text
    answer = practice.client.post(f"/api/v1/proposals/{made.get_json()['id']}/accept")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "taken")
    assert states() == ["confirmed", "held"]
    assert overlaps() == 0


def test_a_proposed_series_is_accepted_as_one(practice: Practice, person: str, run_jobs: Work) -> None:
    made = propose(practice, person, "2026-11-26T19:30:00Z", series={"every_weeks": 2, "count": 4})
    assert made.status_code == 201, made.text
    assert len(made.get_json()["times"]) == 4
    assert states() == ["held"] * 4
    run_jobs()
    token = token_in(mails()[0].text)
    assert practice.new_browser().post(PAGE, data={"token": token, "answer": "yes"}).status_code == 200
    assert states() == ["confirmed"] * 4
    run_jobs()
    assert [each.kind for each in mails()[1:]] == ["series_confirmed", "series_confirmed"]
    assert mails()[1].told == ("REQUEST", 0, "CONFIRMED")


def test_no_more_than_five_proposals_wait_for_one_client(practice: Practice, person: str) -> None:
    for hour in range(10, 15):
        assert propose(practice, person, f"2026-11-30T{hour}:00:00Z").status_code == 201
    assert propose(practice, person, "2026-11-30T15:00:00Z").get_json()["code"] == "too_many_proposals"

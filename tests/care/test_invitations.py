"""Clients whom a therapist brings along: invited by mail, in care once they say yes, and unknown to us until then."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from accounts.people import account_of
from care.invite import end_invitations
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.practice import a_client, a_service, a_therapist, signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.fakes.outbox import Outbox

PATH = "/api/v1/therapist/client-invitations"
PAGE = "/client-invitation"
ADDRESS = "jo@example.org"
STATED = {"jurisdiction": "GB-ENG", "zone": "Europe/London", "age_band": "adult"}
Work = Callable[[], list[str]]


@pytest.fixture
def therapist(client: Callable[[], Browser]) -> Browser:
    with transaction():
        person_id = a_therapist().person_id
    return signed_in(client, person_id)


def invite(therapist: Browser, email: str = ADDRESS) -> dict[str, Any]:
    answer = therapist.post(PATH, json={"email": email})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def token_to(outbox: Outbox, run_jobs: Work, address: str = ADDRESS) -> str:
    run_jobs()
    assert "therap" not in str(outbox.last_to(address)["Subject"]).lower()
    return outbox.token_to(address)


def kept() -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.session.execute(text("SELECT outcome, address_sealed IS NULL, client_id FROM client_invitations ORDER BY id"))]


def test_an_invited_person_signs_up_states_their_own_facts_and_is_in_care(
    therapist: Browser, client: Callable[[], Browser], outbox: Outbox, run_jobs: Work
) -> None:
    invite(therapist)
    before = db.session.execute(text("SELECT count(*) FROM persons")).scalar_one()
    token = token_to(outbox, run_jobs)
    assert db.session.execute(text("SELECT count(*) FROM persons")).scalar_one() == before, "nobody is made of an address"
    with transaction():
        unconfirmed, person_id = an_account(confirmed=False).person_id, an_account().person_id
    body = {"token": token, **STATED}
    assert client().post("/api/v1/client-invitations/accept", json=body).status_code == 401
    assert signed_in(client, unconfirmed).post("/api/v1/client-invitations/accept", json=body).status_code == 403
    browser = signed_in(client, person_id)
    assert browser.post("/api/v1/client-invitations/accept", json={**body, "jurisdiction": "XX"}).status_code == 422
    answer = browser.post("/api/v1/client-invitations/accept", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.get_json()["state"], answer.get_json()["origin"]) == ("trial", "invited")
    assert kept() == [("accepted", True, person_id)]
    assert browser.get("/api/v1/me/place").get_json()["jurisdiction"] == "GB-ENG"
    assert browser.post("/api/v1/client-invitations/accept", json=body).status_code == 410


def test_then_a_proposal_works(client: Callable[[], Browser], outbox: Outbox, run_jobs: Work) -> None:
    with transaction():
        giver = a_therapist(places=0)
        service, person_id = str(a_service(giver).public_id), an_account().person_id
        public_id = str(account_of(person_id).person.public_id)  # type: ignore[union-attr]
    therapist, browser = signed_in(client, giver.person_id), signed_in(client, person_id)
    invite(therapist)
    browser.post("/api/v1/client-invitations/accept", json={"token": token_to(outbox, run_jobs), **STATED})
    wanted = {"client_id": public_id, "service_id": service, "start": "2026-11-30T09:00:00Z"}
    made = therapist.post("/api/v1/therapist/proposals", json=wanted)
    assert made.status_code == 201, made.text
    assert browser.post(f"/api/v1/proposals/{made.get_json()['id']}/accept").status_code == 200


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(therapist: Browser) -> None:
    with transaction():
        known = a_client()
        address = known.email
    one, other = invite(therapist, address), invite(therapist)
    for invitation in (one, other):
        del invitation["id"], invitation["email"]
    assert one == other


def test_saying_no_needs_no_account_and_takes_the_address_away(therapist: Browser, client: Callable[[], Browser], outbox: Outbox, run_jobs: Work) -> None:
    invite(therapist)
    token, visitor = token_to(outbox, run_jobs), client()
    assert visitor.get(PAGE).status_code == 200
    assert visitor.post(PAGE, data={"token": token, "answer": "yes"}).status_code == 401
    assert visitor.post(PAGE, data={"token": token, "answer": "no"}).status_code == 200
    assert kept() == [("declined", True, None)]
    assert visitor.post(PAGE, data={"token": token, "answer": "no"}).status_code == 410


def test_a_signed_in_person_accepts_on_the_page(therapist: Browser, client: Callable[[], Browser], outbox: Outbox, run_jobs: Work) -> None:
    invite(therapist)
    with transaction():
        person_id = an_account().person_id
    browser = signed_in(client, person_id)
    assert "GB-ENG" in browser.get(PAGE).text
    token = token_to(outbox, run_jobs)
    assert browser.post(PAGE, data={"token": token, "answer": "yes", "place": "GB-ENG"}).status_code == 422
    assert browser.post(PAGE, data={"token": token, "answer": "yes", "place": "GB-ENG", "age_band": "adult"}).status_code == 200
    assert kept() == [("accepted", True, person_id)]


def test_sending_again_replaces_the_link_and_ends_after_three(therapist: Browser, client: Callable[[], Browser], outbox: Outbox, run_jobs: Work) -> None:
    made = invite(therapist)
    first = token_to(outbox, run_jobs)
    address = f"{PATH}/{made['id']}/resend"
    assert therapist.post(address).get_json()["sent_times"] == 2
    second = token_to(outbox, run_jobs)
    assert client().post(PAGE, data={"token": first, "answer": "no"}).status_code == 410
    assert therapist.post(address).status_code == 200
    assert therapist.post(address).get_json()["code"] == "sent_often_enough"
    assert second != first


def test_what_is_withdrawn_or_never_answered_leaves_no_address(
    therapist: Browser, client: Callable[[], Browser], outbox: Outbox, run_jobs: Work, clock: FixedClock
) -> None:
    withdrawn = invite(therapist)
    token = token_to(outbox, run_jobs)
    assert therapist.post(f"{PATH}/{withdrawn['id']}/withdraw").get_json()["email"] is None
    assert client().post(PAGE, data={"token": token, "answer": "no"}).status_code == 410
    invite(therapist)
    clock.advance(days=14, seconds=1)
    end_invitations.run()
    assert kept() == [("withdrawn", True, None), ("lapsed", True, None)]


def test_one_therapist_does_not_see_or_touch_anothers_invitations(therapist: Browser, client: Callable[[], Browser]) -> None:
    made = invite(therapist)
    with transaction():
        other = a_therapist(name="Robin Lake").person_id
    browser = signed_in(client, other)
    assert browser.get(PATH).get_json()["items"] == []
    assert browser.post(f"{PATH}/{made['id']}/withdraw").status_code == 404
    assert [item["email"] for item in therapist.get(PATH).get_json()["items"]] == [ADDRESS]

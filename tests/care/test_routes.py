"""Saying where one is; lifting a pause."""

from collections.abc import Callable

import pytest

from care.attendance import attendances_of, record_attendance
from care.pause import is_paused, pause_for_safety
from core.clock import FixedClock, now
from core.db import transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.desk import a_case, at_the_safety_desk

NewBrowser = Callable[[], Browser]
PLACE, AGE = "/api/v1/me/place", "/api/v1/me/age-band"


def signed_in(client: NewBrowser, *roles: str) -> Browser:
    with transaction():
        account = an_account(roles=("client", *roles))
        email = account.email
        if "safety_responder" in roles:
            at_the_safety_desk(account.person_id)
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def test_a_place_is_stated_read_and_stated_anew(client: NewBrowser, clock: FixedClock) -> None:
    assert client().get(PLACE).status_code == 401
    browser = signed_in(client)
    assert (browser.get(PLACE).status_code, browser.get(PLACE).json["code"]) == (404, "no_place")
    stated = browser.put(PLACE, json={"jurisdiction": "GB-ENG", "zone": "Europe/London"})
    assert stated.status_code == 200, stated.text
    assert stated.json == browser.get(PLACE).json
    clock.advance(minutes=10)
    assert browser.put(PLACE, json={"jurisdiction": "US-CA", "zone": "America/Los_Angeles"}).status_code == 200
    assert browser.get(PLACE).json["jurisdiction"] == "US-CA"
    assert signed_in(client).get(PLACE).status_code == 404, "of somebody else nothing is seen"


def test_an_age_band_is_stated_without_an_intake_and_needs_stay(client: NewBrowser) -> None:
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    browser = client()
    assert browser.get(AGE).status_code == 401
    browser.sign_in(email, PASSWORD)
    assert browser.get(AGE).json["code"] == "no_age_band"
    assert browser.put(AGE, json={"age_band": "adult"}).json == {"age_band": "adult"}
    with transaction():
        record_attendance(person_id, age_band="adult", needs=["self_harm"], now=now())
    assert browser.put(AGE, json={"age_band": "age_65_plus"}).json == browser.get(AGE).json == {"age_band": "age_65_plus"}
    assert attendances_of([person_id])[person_id].needs == ["self_harm"]
    assert browser.put(AGE, json={"age_band": "wise"}).json["errors"].keys() == {"age_band"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"jurisdiction": "GB", "zone": "Europe/London"}, "jurisdiction"),
        ({"jurisdiction": "GB-ENG", "zone": "GMT+1"}, "zone"),
        ({"jurisdiction": "GB-ENG"}, "zone"),
        ({"jurisdiction": "GB-ENG", "zone": "Europe/London", "person_id": 1}, "person_id"),
        ({"jurisdiction": 7, "zone": "Europe/London"}, "jurisdiction"),
    ],
)
def test_bad_places_are_422_with_their_field(client: NewBrowser, body: dict[str, object], field: str) -> None:
    answer = signed_in(client).put(PLACE, json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_the_owner_of_the_safety_case_lifts_the_pause_and_nobody_else(client: NewBrowser) -> None:
    with transaction():
        person = a_person().id
        pause_for_safety(person, now=now())
        case_id = a_case("safety", person_id=person).public_id
        support_id = a_case("support", person_id=person).public_id
    path, body = f"/api/v1/cases/{case_id}/lift-pause", {"outcome": "safe_to_continue", "note": "We spoke."}
    assert client().post(path, json=body).status_code == 401
    assert signed_in(client, "admin").post(path, json=body).status_code == 403
    owner, other = signed_in(client, "safety_responder"), signed_in(client, "safety_responder")
    assert owner.post(path, json=body).json["code"] == "not_owned"
    owner.post(f"/api/v1/cases/{case_id}/claim")
    assert other.post(path, json=body).json["code"] == "owned_by_somebody_else"
    assert owner.post(path, json={"outcome": "fine"}).status_code == 422
    assert owner.post(f"/api/v1/cases/{support_id}/lift-pause", json=body).status_code == 404
    assert is_paused(person)
    for step in ({"action": "called", "note": "No answer."}, {"action": "spoke"}):
        assert owner.post(f"/api/v1/cases/{case_id}/steps", json=step).status_code == 201
        assert owner.post(path, json=body).json["code"] == "no_contact_record", "a record says what came of speaking with them"
    assert owner.post(f"/api/v1/cases/{case_id}/close", json={"outcome": "resolved"}).json["code"] == "still_paused"
    assert owner.post(f"/api/v1/cases/{case_id}/steps", json={"action": "spoke", "note": "A friend is there."}).status_code == 201
    assert owner.post(path, json=body).status_code == 204
    assert not is_paused(person)
    assert owner.post(path, json=body).json["code"] == "not_paused"
    assert owner.get(f"/api/v1/cases/{case_id}").json["steps"][-1]["action"] == "pause_lifted"

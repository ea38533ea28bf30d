"""Saying where one is; lifting a pause."""

from collections.abc import Callable

import pytest

from care.pause import is_paused, pause_for_safety
from core.clock import FixedClock, now
from core.db import transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.desk import a_case

NewBrowser = Callable[[], Browser]
PLACE = "/api/v1/me/place"


def signed_in(client: NewBrowser, *roles: str) -> Browser:
    with transaction():
        email = an_account(roles=("client", *roles)).email
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
    assert owner.post(path, json=body).status_code == 204
    assert not is_paused(person)
    assert owner.post(path, json=body).json["code"] == "not_paused"
    assert owner.get(f"/api/v1/cases/{case_id}").json["steps"][-1]["action"] == "pause_lifted"

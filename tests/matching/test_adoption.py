"""A guest's answers become an account's: only by their word, only on the device where they lie open."""

from typing import Any

import pytest

from accounts.consent import has_consent
from care.doors import attendees_of
from core.clock import FixedClock
from core.db import transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.matching import personas
from tests.matching.test_intake import Clients, Visiting, signed_in, the_intake
from tests.matching.visits import API, Visit

pytestmark = pytest.mark.usefixtures("database")


def adopt(visit: Visit, browser: Browser, statement: object = True) -> Any:
    return browser.post(f"{visit.path}/adopt", json={"these_answers_are_mine": statement})


def sign_in_here(visit: Visit) -> int:
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    visit.browser.sign_in(email, PASSWORD)
    return person_id


def test_answers_become_an_accounts_only_after_the_statement_that_they_are_mine(visit: Visiting, clock: FixedClock) -> None:
    mine = visit().answer(personas.P01)
    assert adopt(mine, mine.browser).status_code == 401
    person_id = sign_in_here(mine)
    assert the_intake().person_id != person_id, "signing in alone adopts nothing"
    assert adopt(mine, mine.browser, statement=False).status_code == 422
    assert adopt(mine, mine.browser, statement="yes").status_code == 422
    assert mine.browser.post(f"{mine.path}/adopt", json={}).status_code == 422
    done = adopt(mine, mine.browser)
    assert done.status_code == 200, done.text
    row = the_intake()
    assert (row.person_id, row.cookie_digest, row.adopted_at) == (person_id, None, clock.now())
    assert has_consent(person_id, "matching")
    (attendee,) = attendees_of([person_id], at=clock.now(), now=clock.now())
    assert (attendee.place, attendee.age_band, attendee.paused) == ("GB-ENG", "adult", False)
    assert adopt(mine, mine.browser).status_code == 200, "repeating it changes nothing"
    clock.advance(minutes=40)
    mine.browser.get(f"{API}/session")
    clock.advance(minutes=40)
    assert mine.browser.get(f"{API}/intakes/current").get_json()["id"] == mine.id, "an account's session has its own limits"


def test_an_adopted_intake_is_not_open_to_the_browser_after_signing_out(visit: Visiting) -> None:
    mine = visit().answer(personas.P01)
    sign_in_here(mine)
    adopt(mine, mine.browser)
    mine.browser.delete(f"{API}/session")
    mine.browser.csrf_token = None
    assert mine.browser.get(mine.path).status_code == 404


def test_nobody_adopts_answers_that_lie_on_another_device(visit: Visiting, client: Clients) -> None:
    mine = visit().answer(personas.P01)
    browser, _ = signed_in(client)
    assert adopt(mine, browser).status_code == 404


def test_answers_that_were_closed_cannot_be_adopted(visit: Visiting, clock: FixedClock) -> None:
    mine = visit().answer(personas.P01)
    clock.advance(minutes=61)
    sign_in_here(mine)
    assert adopt(mine, mine.browser).status_code == 410


def test_a_client_begins_an_intake_without_a_cookie(client: Clients) -> None:
    browser, person_id = signed_in(client)
    mine = Visit(browser).begin().answer(personas.P01)
    assert the_intake().person_id == person_id
    assert the_intake().cookie_digest is None
    assert mine.intake()["closes_at"] is None


def test_a_closed_guests_intake_does_not_hide_the_accounts_own(visit: Visiting, client: Clients, clock: FixedClock) -> None:
    guest = visit()
    clock.advance(minutes=61)
    sign_in_here(guest)
    assert guest.browser.get(f"{API}/intakes/current").status_code == 410
    own = Visit(guest.browser).begin()
    assert guest.browser.get(f"{API}/intakes/current").get_json()["id"] == own.id

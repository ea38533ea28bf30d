"""A therapist as a page: everything that is public of them, on our own origin, for guests too; nothing for whoever is not shown."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from booking.models import Booking
from care.attendance import state_age_band
from care.places import place_of
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.therapists import a_therapist
from tests.matching import personas
from tests.matching.visits import Visit
from tests.pages.test_reachable import Page
from therapists.models import Service, Therapist
from therapists.platform_hold import put_on_hold
from therapists.profile import edit_profile, profile_for_edit

NewBrowser = Callable[[], Browser]


def test_a_profile_says_who_they_are_what_was_checked_what_it_costs_and_when_there_is_time(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    page = client().get(f"/therapists/{therapists['T16'].public_id}").text
    for words in (
        "Pia",
        "British Association for Counselling and Psychotherapy (an accredited voluntary register), checked 2026-11-03",
        "See the register",
        "First talk, 20 minutes",
        "Session, 50 minutes",
        "GBP 55.00",
        "Emotional unavailability",
        "Attachment-based",
        "Takes new clients",
        "Monday 23 November 2026, 18:00 (Europe/London)",
        "/find/take/",
    ):
        assert words in page, words
    assert Page(page).wrong == []
    assert "Pia" not in page.split("</title>")[0], "the history of a shared device names nobody"


@pytest.mark.usefixtures("database")
def test_what_they_wrote_is_shown_as_text_and_what_leads_away_says_so(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(name="Wordy <b>")
        profile = profile_for_edit(therapist.person_id)
        edit_profile(profile, {"pronouns": "they", "pronouns_audience": "clients"}, now=therapist.created_at)
        profile.approach, profile.about, profile.video_url = "Slowly.\n<script>alert(1)</script>", "I listen.", "https://vimeo.com/1"
        profile.hours_declared = 800
        path = f"/therapists/{therapist.public_id}"
        email = an_account().email
    page = client().get(path).text
    assert "<p>Slowly.</p>" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert 'href="https://vimeo.com/1" rel="noreferrer noopener external"' in page
    assert "on vimeo.com, which is not ours" in page
    assert "800 hours of practice in all; not checked" in page
    assert Page(page).wrong == []
    assert ">they<" not in page
    known = client()
    known.sign_in(email, PASSWORD)
    assert ">they<" in known.get(path).text, "meant for people who are signed in"


def test_M07_whoever_is_not_shown_has_no_page(client: NewBrowser, therapists: dict[str, Therapist], clock: FixedClock) -> None:
    browser = client()
    for key in ("T07", "T08", "T20"):
        assert browser.get(f"/therapists/{therapists[key].public_id}").status_code == 404, key
    path = f"/therapists/{therapists['T16'].public_id}"
    assert browser.get(path).status_code == 200
    with transaction():
        put_on_hold(therapists["T16"].public_id, reason="complaint", by=therapists["T16"].person_id, now=clock.now())
    assert browser.get(path).status_code == 404


def test_whoever_has_no_place_shows_no_time_to_somebody_new(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    page = client().get(f"/therapists/{therapists['T15'].public_id}").text
    assert "Takes no new clients at the moment" in page
    assert "/find/take/" not in page


def test_the_page_is_linked_from_each_card_and_reads_times_where_the_visitor_is(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    here = Visit(client()).begin().answer(personas.P01 | {"zone": "Europe/Lisbon"})
    here.shortlist()
    path = f"/therapists/{therapists['T16'].public_id}"
    for page in ("/find/list", "/find/everybody"):
        assert f'href="{path}"' in here.browser.get(page).text
    assert "Monday 23 November 2026, 18:00 (Europe/Lisbon)" in here.browser.get(path).text
    take = re.search(r'href="(/find/take/[^"]+)"', here.browser.get(path).text)
    assert take is not None
    with transaction():
        email = an_account().email
    here.browser.sign_in(email, PASSWORD)
    assert f'href="{path}"' in here.browser.get(take.group(1)).text


class TestChoosingDirectly:
    """From the page of a therapist, without a list: wishes refuse nobody, the doors do."""

    def opening(self, browser: Browser, therapist: Therapist) -> str:
        found = re.search(r'href="(/find/take/[^"]+)"', browser.get(f"/therapists/{therapist.public_id}").text)
        assert found is not None
        return found.group(1)

    def known(self, client: NewBrowser) -> tuple[Browser, int]:
        with transaction():
            account = an_account()
            email, person_id = account.email, account.person_id
        browser = client()
        browser.sign_in(email, PASSWORD)
        return browser, person_id

    def test_place_and_age_are_asked_once_and_the_first_time_is_taken(self, client: NewBrowser, therapists: dict[str, Therapist], clock: FixedClock) -> None:
        browser, person_id = self.known(client)
        path = self.opening(browser, therapists["T16"])
        page = browser.get(path)
        assert page.status_code == 200
        assert "nobody has compared it" in page.text
        assert Page(page.text).wrong == []
        token = {"csrf_token": browser.csrf_token}
        assert browser.post(path, data=token).status_code == 422, "where they will be decides who may treat them"
        assert browser.post(path, data=token | {"place": "GB-ENG", "age_band": "nobody"}).status_code == 422
        elsewhere = browser.post(path, data=token | {"place": "US-NY", "age_band": "adult"})
        assert elsewhere.status_code == 409
        assert "may not work with people who are where you will be" in elsewhere.text
        assert place_of(person_id, at=clock.now()) is None, "a refusal keeps nothing"
        assert browser.post(path, data=token | {"place": "GB-ENG", "age_band": "adult"}).status_code == 303
        booking = db.session.scalars(select(Booking)).one()
        assert (booking.origin, booking.booked_by) == ("directory", person_id)
        again = browser.get(self.opening(browser, therapists["T05"])).text
        assert 'name="place"' not in again

    def test_whoever_is_under_18_is_helped_by_a_person(self, client: NewBrowser, therapists: dict[str, Therapist], clock: FixedClock) -> None:
        browser, person_id = self.known(client)
        path = self.opening(browser, therapists["T13"])
        answer = browser.post(path, data={"csrf_token": browser.csrf_token, "place": "US-NY", "age_band": "age_13_17"})
        assert answer.status_code == 409
        assert "A person looks at it" in answer.text or "a person looks at it" in answer.text
        with transaction():
            state_age_band(person_id, "age_13_17", now=clock.now())
        assert browser.get(path).status_code == 409
        assert db.session.scalars(select(Booking)).all() == []

    def test_a_wish_does_not_refuse_and_what_safety_stops_is_stopped(self, client: NewBrowser, therapists: dict[str, Therapist]) -> None:
        browser, _ = self.known(client)
        here = Visit(browser).begin().answer(personas.P01)
        path = self.opening(browser, therapists["T17"])
        assert "nobody has compared it" in browser.get(path).text, "dearer than the firm ceiling"
        assert here.put("safety", **personas.SAFE | {"thoughts": "yes"}).status_code == 200
        assert browser.get(path).location == "/find/safety"
        here.put("safety", **personas.SAFE | {"thoughts": "yes", "intent": "yes", "plan": "no", "safe_now": "yes"})
        assert browser.get(path).location == "/how-things-stand"
        assert browser.post(path, data={"csrf_token": browser.csrf_token}).location == "/how-things-stand"
        assert db.session.scalars(select(Booking)).all() == []

    def test_where_a_person_has_to_look_first_nobody_takes_a_time(self, client: NewBrowser, therapists: dict[str, Therapist]) -> None:
        browser, _ = self.known(client)
        Visit(browser).begin().answer(personas.P01 | {"for_whom": "child"})
        assert browser.get(self.opening(browser, therapists["T16"])).status_code == 409

    def test_what_nobody_is_shown_cannot_be_taken(self, client: NewBrowser, therapists: dict[str, Therapist]) -> None:
        browser, _ = self.known(client)
        with transaction():
            hidden = db.session.scalars(select(Service.public_id).where(Service.therapist_id == therapists["T20"].person_id)).first()
        assert browser.get(f"/find/take/{hidden}/1900000000").status_code == 404
        assert browser.get(f"/find/take/{uuid.uuid4()}/1900000000").status_code == 404

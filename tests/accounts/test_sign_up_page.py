"""Signing up on pages: the same rules and the same silence as the API, back to where one was going, and a guest's answers come along by their word."""

import re
from collections.abc import Callable

from sqlalchemy import select, text

from accounts.consent import current_text
from accounts.models import Consent, Person
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox
from tests.matching.visits import Visit

FORM = {
    "email": "robin@example.org",
    "password": PASSWORD,
    "zone": "Europe/Berlin",
    "name": "Robin",
    **{f"consent-{purpose}": current_text(purpose).version for purpose in ("terms", "privacy")},
}


def test_sign_up_confirm_and_sign_in_lead_to_where_one_was_going(client: Callable[[], Browser], outbox: Outbox, run_jobs: Callable[[], list[str]]) -> None:
    browser = client()
    page = browser.get("/sign-up?next=/how-it-fits")
    assert page.status_code == 200
    assert all(current_text(purpose).text in page.text.replace("&#39;", "'") for purpose in ("terms", "privacy", "contact_by_mail"))
    assert 'name="next" value="/how-it-fits"' in page.text
    sent = browser.post("/sign-up", data={**FORM, "next": "/how-it-fits"})
    assert (sent.status_code, 'href="/sign-in?next=/how-it-fits"' in sent.text) == (200, True)
    run_jobs()
    token = outbox.token_to("robin@example.org")
    short = browser.post("/confirm-address", data={"token": token, "password": "short"})
    assert (short.status_code, token in short.text, "15 characters" in short.text) == (422, True, True), "the code is not lost"
    done = browser.post("/confirm-address", data={"token": token, "password": PASSWORD})
    assert (done.status_code, 'href="/sign-in"' in done.text) == (200, True)
    gone_on = browser.post("/sign-in", data={"email": FORM["email"], "password": PASSWORD, "next": "/how-it-fits"})
    assert gone_on.headers["Location"] == "/how-it-fits"
    assert browser.get("/sign-up?next=/how-it-fits").headers["Location"] == "/how-it-fits", "whoever is signed in goes on"
    person = db.session.scalars(select(Person)).one()
    assert (person.name, person.zone) == ("Robin", "Europe/Berlin")
    assert set(db.session.scalars(select(Consent.purpose))) == {"terms", "privacy"}


def test_what_the_api_refuses_the_page_refuses_with_what_was_typed(client: Callable[[], Browser]) -> None:
    browser = client()
    for change, words in (
        ({"email": "nobody"}, "Give an e-mail address"),
        ({"password": "too short"}, "at least 15 characters"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"consent-terms": ""}, "Terms of use"),
        ({"consent-privacy": "1999-01-01"}, "The current text for privacy"),
    ):
        answer = browser.post("/sign-up", data={**FORM, **change})
        assert (answer.status_code, 'role="alert"' in answer.text, words in answer.text) == (422, True, True), change
        assert 'value="Robin"' in answer.text
        assert PASSWORD not in answer.text
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert "evil" not in browser.get("/sign-up", query_string={"next": evil}).text
        assert "evil" not in browser.post("/sign-up", data={**FORM, "next": evil}).text


def test_the_pages_say_the_same_of_every_address(client: Callable[[], Browser], outbox: Outbox, run_jobs: Callable[[], list[str]]) -> None:
    with transaction():
        known = an_account(confirmed=False).email
    browser = client()
    answers = [browser.post("/sign-up", data={**FORM, "email": each}) for each in (known, "new@example.org")]
    assert answers[0].text == answers[1].text
    answers = [browser.post("/confirm-address/again", data={"email": each}) for each in (known, "nobody@example.org")]
    assert (answers[0].text, answers[0].status_code) == (answers[1].text, 200)
    run_jobs()
    assert [str(mail["Subject"]) for mail in outbox.to(known)][-1] == "Please confirm your address"
    assert outbox.to("nobody@example.org") == []
    wrong = browser.post("/confirm-address/again", data={"email": "x"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)
    for _ in range(60):
        last = browser.post("/confirm-address/again", data={"email": "nobody@example.org"})
    assert last.status_code == 429


def test_a_guests_answers_come_along_only_by_their_word(client: Callable[[], Browser]) -> None:
    with transaction():
        email = an_account().email
    browser = client()
    intake = Visit(browser).begin().id
    assert browser.get("/keep-my-answers").headers["Location"] == "/sign-in?next=/keep-my-answers"
    browser.sign_in(email, PASSWORD)
    assert "These answers are mine" in browser.get("/keep-my-answers").text
    assert browser.post("/keep-my-answers").status_code == 422, "never without the statement"
    kept = browser.post("/keep-my-answers", data={"mine": "yes"})
    assert (kept.status_code, 'href="/find/list"' in kept.text) == (200, True)
    assert db.session.execute(text("SELECT adopted_at IS NOT NULL FROM intakes")).scalar_one()
    assert browser.get(f"/api/v1/intakes/{intake}").status_code == 200
    assert re.search("No answers lie open", browser.get("/keep-my-answers").text)
    assert browser.post("/keep-my-answers", data={"mine": "yes"}).status_code == 404

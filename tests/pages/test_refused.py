"""Where a page refuses somebody they read a page: what it is, what to do, and the way on. Programs, and the API, read the problem document."""

from collections.abc import Callable

import pytest
from flask import Flask

from core.db import db, transaction
from core.errors import Unavailable
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def signed_in(client: Callable[[], Browser], **facts: object) -> Browser:
    with transaction():
        email = an_account(**facts).email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def test_whoever_is_refused_at_a_page_reads_a_page_with_the_way_on(client: Callable[[], Browser]) -> None:
    browser = signed_in(client)
    gone = {"token": "x" * 20, "answer": "yes"}
    met = {
        404: browser.get("/no-such-page"),
        403: browser.get("/desk/money"),
        410: browser.post("/proposal", data=gone),
        422: browser.post("/how-i-am", data={"act": "nothing"}),
        405: browser.delete("/ranking"),
    }
    for status, answer in met.items():
        assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8"), status
        assert all(each in answer.text for each in (f"({status})", '<a href="/">', "width=device-width", "In danger now?")), status
        assert "http://" not in answer.text
    assert "not_found (404)" in met[404].text
    assert 'href="/proposal"' in met[410].text, "a form's page can be loaded again"
    assert met[405].headers["Allow"]
    answer = client().get("/desk/money")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/desk/money")


def test_an_unconfirmed_address_a_stale_form_and_a_foreign_one_say_what_to_do(client: Callable[[], Browser]) -> None:
    unconfirmed = signed_in(client, confirmed=False).post("/look-again", data={"act": "look"})
    assert (unconfirmed.status_code, "/confirm-address/again" in unconfirmed.text) == (403, True)
    browser = signed_in(client)
    stale = browser.post("/look-again", data={"act": "look"}, headers={"X-CSRF-Token": "other"})
    assert (stale.status_code, "has changed since this page was loaded" in stale.text, "/api/" in stale.text) == (403, True, False)
    foreign = browser.post("/look-again", data={"act": "look"}, headers={"Origin": "http://evil.test"})
    assert (foreign.status_code, "sent from another site" in foreign.text) == (403, True)


def test_programs_and_the_api_keep_the_problem_document(client: Callable[[], Browser]) -> None:
    browser = signed_in(client)
    for answer in (
        browser.get("/no-such-page", headers={"Accept": "application/json"}),
        browser.get("/no-such-page", headers={"Accept": "*/*"}),
        browser.get("/api/v1/no-such-thing", headers=HTML),
        browser.get("/calendar/nothing.ics", headers={"Accept": "text/calendar, */*"}),
    ):
        assert (answer.status_code, answer.content_type, answer.get_json()["code"]) == (404, "application/problem+json", "not_found")


@pytest.mark.parametrize(("error", "status"), [(ValueError("private words"), 500), (Unavailable(retry_after=5), 503)])
def test_a_failure_of_ours_is_a_calm_page_without_a_word_of_the_error(app: Flask, client: Callable[[], Browser], error: Exception, status: int) -> None:
    def fail() -> None:
        raise error

    def broken() -> str:
        db.session.connection()
        fail()
        return ""

    broken.__access__ = app.view_functions["pages.home"].__access__  # type: ignore[attr-defined]
    before, app.view_functions["matching_pages.ranking_page"] = app.view_functions["matching_pages.ranking_page"], broken
    try:
        answer = client().get("/ranking")
    finally:
        app.view_functions["matching_pages.ranking_page"] = before
    assert (answer.status_code, "text/html" in str(answer.content_type), "private words" in answer.text) == (status, True, False)
    assert ("Retry-After" in answer.headers) is (status == 503)


def test_nothing_suggested_yet_is_a_state_and_no_mistake(client: Callable[[], Browser]) -> None:
    answer = signed_in(client).get("/suggested")
    assert (answer.status_code, "Nothing is suggested yet" in answer.text) == (200, True)
    assert client().get("/suggested").headers["Location"] == "/sign-in?next=/suggested"


def test_a_form_with_a_nul_character_is_refused_before_anything_reads_it(client: Callable[[], Browser]) -> None:
    admin = signed_in(client, roles=("admin",))
    for path, field in (("/desk/safety-desk", "email"), ("/desk/appointments", "email"), ("/proposal", "token"), ("/how-i-am", "act")):
        answer = admin.post(path, data={"act": "declare", field: "a\0b"})
        assert (answer.status_code, "nul_character (422)" in answer.text) == (422, True), path

"""The pages that mailed links lead to."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from accounts.models import Account
from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox, text_of

Clients = Callable[[], Browser]
Jobs = Callable[[], list[str]]
EMAIL = "robin@example.org"


@pytest.fixture
def account(database: None) -> Account:
    with transaction():
        return an_account(email=EMAIL, confirmed=False)


def test_the_mailed_link_leads_to_a_page_whose_form_confirms(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    browser = client()
    browser.post("/api/v1/accounts/confirm/resend", json={"email": EMAIL})
    run_jobs()
    assert f"{BASE_URL}/confirm-address#token=" in text_of(outbox.last_to(EMAIL))
    page = browser.get("/confirm-address")
    assert page.status_code == 200
    assert 'name="token"' in page.text
    done = browser.post("/confirm-address", data={"token": outbox.token_to(EMAIL), "password": PASSWORD})
    assert (done.status_code, "is confirmed" in done.text) == (200, True)
    again = browser.post("/confirm-address", data={"token": outbox.token_to(EMAIL), "password": PASSWORD})
    assert (again.status_code, "used already" in again.text) == (410, True)


def test_opening_the_page_uses_nothing_up(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    """Programs open links in mails before people do."""
    browser = client()
    browser.post("/api/v1/accounts/confirm/resend", json={"email": EMAIL})
    run_jobs()
    for _ in range(3):
        browser.get("/confirm-address")
    assert browser.post("/confirm-address", data={"token": outbox.token_to(EMAIL), "password": PASSWORD}).status_code == 200


def test_a_new_password_is_set_on_its_page_and_a_refused_one_changes_nothing(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    browser = client()
    browser.post("/api/v1/password/forgot", json={"email": EMAIL})
    run_jobs()
    token = outbox.token_to(EMAIL)
    refused = browser.post("/new-password", data={"token": token, "password": "short"})
    assert (refused.status_code, "at least 15" in refused.text) == (422, True)
    with transaction():
        assert db.session.execute(select(Account.email_confirmed_at)).scalar_one() is None
    assert browser.post("/new-password", data={"token": token, "password": "thistle-copper-91-meadow"}).status_code == 200
    browser.sign_in(EMAIL, "thistle-copper-91-meadow")


def test_a_signed_in_browser_sends_its_token_in_the_form(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    browser = client()
    browser.sign_in(EMAIL, PASSWORD)
    browser.post("/api/v1/accounts/confirm/resend", json={"email": EMAIL})
    run_jobs()
    form = {"token": outbox.token_to(EMAIL), "password": PASSWORD}
    assert browser.csrf_token is not None
    assert browser.csrf_token in browser.get("/confirm-address").text
    assert browser.post("/confirm-address", data=form, headers={"Origin": BASE_URL}, bare=True).status_code == 403
    sent = browser.post("/confirm-address", data={**form, "csrf_token": browser.csrf_token}, headers={"Origin": BASE_URL}, bare=True)
    assert sent.status_code == 200


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token": "x" * 2000}, {"token": "a\0b"}, {"token": "<script>"}])
def test_nonsense_is_refused_in_words(client: Clients, database: None, form: dict[str, str]) -> None:
    answer = client().post("/confirm-address", data=form)
    assert answer.status_code in (410, 422)
    assert "<script>" not in answer.text


def test_the_pages_load_nothing_from_elsewhere(client: Clients, database: None) -> None:
    for path in ("/confirm-address", "/new-password"):
        page = client().get(path)
        assert "http" not in page.text.replace(BASE_URL, "")
    with client().get("/accounts/static/mailed_link.js") as script:
        assert script.status_code == 200

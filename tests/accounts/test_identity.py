"""Where an unsafe request comes from, and the token of the session."""

from collections.abc import Callable

import pytest
from flask import Flask

from accounts.identity import token_of
from accounts.models import Account
from core.db import transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account

Clients = Callable[[], Browser]
FOREIGN = ["https://evil.example", "null", "", f"{BASE_URL}.evil.example", "https://attune.test", "http://attune.test:81", "http://[", "attune.test"]


@pytest.fixture
def account(database: None) -> Account:
    with transaction():
        return an_account()


@pytest.fixture
def browser(client: Clients, account: Account) -> Browser:
    browser = client()
    browser.sign_in(account.email, PASSWORD)
    return browser


def patched(browser: Browser, headers: dict[str, str | None]) -> tuple[int, str | None]:
    sent = {name: value for name, value in headers.items() if value is not None}
    answer = browser.patch("/api/v1/me", json={"name": "Changed"}, headers=sent, bare=True)
    return answer.status_code, answer.json.get("code")


@pytest.mark.parametrize("origin", FOREIGN)
def test_R55_a_foreign_origin_is_refused_also_with_the_right_token(browser: Browser, origin: str) -> None:
    assert patched(browser, {"Origin": origin, "X-CSRF-Token": browser.csrf_token}) == (403, "foreign_origin")
    assert browser.get("/api/v1/me").json["name"] == "Robin Example"


@pytest.mark.parametrize("token", [None, "", "x" * 64, "ä", token_of("another session")])
def test_R55_a_signed_in_browser_needs_the_token_of_its_session(browser: Browser, token: str | None) -> None:
    assert patched(browser, {"Origin": BASE_URL, "X-CSRF-Token": token and token.encode().decode("latin-1")}) == (403, "csrf_token_needed")


def test_R55_the_token_of_another_session_of_the_same_person_does_not_do(browser: Browser, client: Clients, account: Account) -> None:
    other = client()
    other.sign_in(account.email, PASSWORD)
    assert patched(browser, {"Origin": BASE_URL, "X-CSRF-Token": other.csrf_token}) == (403, "csrf_token_needed")


def test_with_token_and_origin_it_works(browser: Browser) -> None:
    assert patched(browser, {"Origin": BASE_URL, "X-CSRF-Token": browser.csrf_token}) == (200, None)
    assert patched(browser, {"X-CSRF-Token": browser.csrf_token}) == (200, None)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_without_an_origin_what_the_browser_says_about_the_site_counts(browser: Browser, site: str) -> None:
    assert patched(browser, {"Sec-Fetch-Site": site, "X-CSRF-Token": browser.csrf_token}) == (403, "foreign_origin")
    assert patched(browser, {"Referer": "https://evil.example/page", "X-CSRF-Token": browser.csrf_token}) == (403, "foreign_origin")
    assert patched(browser, {"Referer": f"{BASE_URL}/page", "X-CSRF-Token": browser.csrf_token}) == (200, None)


@pytest.mark.parametrize(("path", "method"), [("session", "DELETE"), ("password", "PUT"), ("consents", "POST"), ("consents/terms", "DELETE"), ("me", "PATCH")])
def test_R55_every_unsafe_route_asks(browser: Browser, path: str, method: str) -> None:
    answer = browser.open(f"/api/v1/{path}", method=method, json={}, bare=True)
    assert (answer.status_code, answer.json["code"]) == (403, "csrf_token_needed")
    assert browser.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"])
def test_R55_json_under_another_name_is_refused(browser: Browser, content_type: str) -> None:
    headers = {"Origin": BASE_URL, "X-CSRF-Token": browser.csrf_token or ""}
    answer = browser.patch("/api/v1/me", data='{"name": "x"}', content_type=content_type, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize("origin", FOREIGN)
def test_guests_must_come_from_our_own_pages(client: Clients, account: Account, origin: str) -> None:
    for path, body in (("session", {"email": account.email, "password": PASSWORD}), ("accounts", {"email": "a@b.org", "password": PASSWORD})):
        answer = client().post(f"/api/v1/{path}", json=body, headers={"Origin": origin}, bare=True)
        assert (answer.status_code, answer.json["code"]) == (403, "foreign_origin")


def test_a_program_without_origin_may_call(client: Clients, account: Account) -> None:
    answer = client().post("/api/v1/session", json={"email": account.email, "password": PASSWORD}, bare=True)
    assert answer.status_code == 201


def test_a_session_that_is_over_does_not_ask_for_its_token(browser: Browser, client: Clients, account: Account) -> None:
    """Otherwise nobody could sign in again in a browser that still has the old cookie."""
    thief = client()
    cookie = browser.get_cookie("session", domain="attune.test")
    assert cookie is not None
    browser.delete("/api/v1/session")
    thief.set_cookie("session", cookie.value, domain="attune.test")
    answer = thief.post("/api/v1/session", json={"email": account.email, "password": PASSWORD})
    assert answer.status_code == 201


def test_on_a_development_machine_both_its_names_are_ours(client: Clients, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "BASE_URL", "http://127.0.0.1:8000")
    for environment, expected in (("development", 422), ("test", 403), ("production", 403)):
        monkeypatch.setitem(app.config, "ENVIRONMENT", environment)
        answer = client().post("/api/v1/session", json={}, headers={"Origin": "http://localhost:8000"}, bare=True)
        assert answer.status_code == expected


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil", "javascript:alert(1)", "https://evil.example"])
def test_R64_sign_in_takes_no_target_and_redirects_nowhere(client: Clients, account: Account, target: str) -> None:
    body = {"email": account.email, "password": PASSWORD}
    assert client().post("/api/v1/session", json={**body, "next": target}).status_code == 422
    assert client().post("/api/v1/session", json=body, query_string={"next": target}).status_code == 422
    for page in ("/confirm-address", "/new-password"):
        assert client().get(page, query_string={"next": target}).status_code == 422
        assert "Location" not in client().post(page, data={"token": "x", "password": PASSWORD}).headers


def test_R54_a_safe_method_changes_nothing(browser: Browser) -> None:
    for path in ("accounts", "accounts/confirm", "accounts/confirm/resend", "password/forgot", "password/reset", "password"):
        for method in ("GET", "HEAD"):
            answer = browser.open(f"/api/v1/{path}", method=method)
            assert answer.status_code == 405
            assert answer.headers["Allow"]


def test_one_callers_session_does_not_answer_for_the_next(client: Clients, browser: Browser) -> None:
    assert browser.get("/api/v1/me").status_code == 200
    assert client().get("/api/v1/me").status_code == 401


def test_personal_answers_are_neither_kept_nor_shared_by_caches(browser: Browser) -> None:
    answer = browser.get("/api/v1/me")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Cookie" in answer.headers["Vary"]


def test_an_edit_of_an_older_version_is_refused(browser: Browser) -> None:
    etag = browser.get("/api/v1/me").headers["ETag"]
    assert browser.patch("/api/v1/me", json={"zone": "Europe/Berlin"}, headers={"If-Match": etag}).json["zone"] == "Europe/Berlin"
    assert browser.patch("/api/v1/me", json={"zone": "UTC"}, headers={"If-Match": etag}).status_code == 412
    assert browser.patch("/api/v1/me", json={"name": None}).json["name"] is None

"""Sign in and out, sessions, and what keeps strangers out without keeping the owner out."""

from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, text

from accounts.disable import disable_account, enable_account
from accounts.models import Account, SignInSession
from accounts.roles import grant_role, revoke_role
from accounts.sessions import LIMITS, SEEN_EVERY, limits_for
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account

Clients = Callable[[], Browser]
EMAIL = "robin@example.org"


@pytest.fixture
def account(database: None) -> Account:
    with transaction():
        return an_account(email=EMAIL)


def signed_in(client: Clients) -> Browser:
    browser = client()
    browser.sign_in(EMAIL, PASSWORD)
    return browser


def cookie_of(browser: Browser) -> str:
    cookie = browser.get_cookie("session", domain="attune.test")
    assert cookie is not None
    return cookie.value


def attempt(browser: Browser, password: str, *, origin: str = "203.0.113.1", email: str = EMAIL) -> Any:
    return browser.post("/api/v1/session", json={"email": email, "password": password}, environ_base={"REMOTE_ADDR": origin})


def test_who_am_i_before_and_after(client: Clients, account: Account) -> None:
    browser = client()
    assert browser.get("/api/v1/session").json == {"signed_in": False, "csrf_token": None, "person": None}
    answer = browser.sign_in("  Robin@EXAMPLE.org ", PASSWORD)
    assert answer.status_code == 201
    shown = browser.get("/api/v1/session").json
    assert shown == answer.json
    assert shown["person"]["email"] == EMAIL
    assert shown["person"]["roles"] == ["client"]
    assert str(account.person_id) != shown["person"]["id"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Clients, account: Account) -> None:
    headers = client().sign_in(EMAIL, PASSWORD).headers.getlist("Set-Cookie")
    assert {header.partition("=")[0] for header in headers} == {"session", "known"}
    for header in headers:
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header
        assert "Path=/" in header
        assert "Domain" not in header


def test_over_https_the_cookies_are_bound_to_the_host(client: Clients, account: Account, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-session", "BASE_URL": "https://attune.test"}.items():
        monkeypatch.setitem(app.config, name, value)
    browser = client()
    body = {"email": EMAIL, "password": PASSWORD}
    answer = browser.post("/api/v1/session", json=body, base_url="https://attune.test", headers={"Origin": "https://attune.test"})
    headers = answer.headers.getlist("Set-Cookie")
    assert {header.partition("=")[0] for header in headers} == {"__Host-session", "__Host-known"}
    for header in headers:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
        assert "Domain" not in header
    assert browser.get("/api/v1/me", base_url="https://attune.test").status_code == 200


def test_the_cookie_holds_the_reference_and_nothing_else(client: Clients, account: Account) -> None:
    browser = signed_in(client)
    with browser.session_transaction(base_url=BASE_URL) as session:
        assert set(session) == {"_user_id", "_fresh"}


def test_the_session_reference_is_256_bits_and_only_its_digest_is_kept(client: Clients, account: Account) -> None:
    browser = signed_in(client)
    with browser.session_transaction(base_url=BASE_URL) as session:
        reference = session["_user_id"]
    assert len(reference) == 43
    row = str(db.session.execute(text("SELECT sign_in_sessions::text FROM sign_in_sessions")).scalar_one())
    assert reference not in row
    assert reference.encode().hex() not in row


@pytest.mark.parametrize("secret", ["", "x" * 43, "1", "0" * 64])
def test_a_reference_that_was_never_given_is_nobody(client: Clients, account: Account, secret: str) -> None:
    browser = signed_in(client)
    with browser.session_transaction(base_url=BASE_URL) as session:
        session["_user_id"] = secret
    assert browser.get("/api/v1/me").status_code == 401


def test_a_cookie_that_was_changed_is_nobody(client: Clients, account: Account) -> None:
    browser = signed_in(client)
    browser.set_cookie("session", cookie_of(browser)[:-2] + "xx", domain="attune.test")
    assert browser.get("/api/v1/me").status_code == 401


def test_R56_a_copied_session_is_worth_nothing_after_sign_out(client: Clients, account: Account) -> None:
    browser, thief = signed_in(client), client()
    thief.set_cookie("session", cookie_of(browser), domain="attune.test")
    assert thief.get("/api/v1/me").status_code == 200
    assert browser.delete("/api/v1/session").status_code == 204
    assert thief.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/session").json["signed_in"] is False


def test_signing_in_starts_a_new_session_and_ends_this_browsers_old_one(client: Clients, account: Account) -> None:
    browser, thief = signed_in(client), client()
    thief.set_cookie("session", cookie_of(browser), domain="attune.test")
    browser.sign_in(EMAIL, PASSWORD)
    assert browser.get("/api/v1/me").status_code == 200
    assert thief.get("/api/v1/me").status_code == 401


def test_a_session_planted_before_sign_in_does_not_become_the_signed_in_one(client: Clients, account: Account) -> None:
    browser = client()
    with browser.session_transaction(base_url=BASE_URL) as session:
        session["_user_id"] = "planted"
        session["anything"] = "planted"
    browser.sign_in(EMAIL, PASSWORD)
    with browser.session_transaction(base_url=BASE_URL) as session:
        assert session["_user_id"] != "planted"
        assert "anything" not in session


def test_R58_a_disabled_account_is_out_with_its_next_request(client: Clients, account: Account, clock: FixedClock) -> None:
    browser = signed_in(client)
    with transaction():
        disable_account(account.person_id, reason="left", now=clock.now())
    assert browser.get("/api/v1/me").status_code == 401
    refused = attempt(client(), PASSWORD)
    assert (refused.status_code, refused.json["code"]) == (403, "account_disabled")
    assert attempt(client(), "wrong").json["code"] == "wrong_credentials"
    with transaction():
        enable_account(account.person_id, reason="back")
    assert browser.get("/api/v1/me").status_code == 401
    signed_in(client)


def test_a_role_holds_from_the_next_request_on(client: Clients, account: Account, clock: FixedClock) -> None:
    browser = signed_in(client)
    with transaction():
        grant_role(account.person_id, "verifier", now=clock.now())
        grant_role(account.person_id, "verifier", now=clock.now())
    assert browser.get("/api/v1/me").json["roles"] == ["client", "verifier"]
    with transaction():
        revoke_role(account.person_id, "verifier", now=clock.now())
    assert browser.get("/api/v1/me").json["roles"] == ["client"]


def test_an_unknown_role_cannot_be_granted(account: Account, clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="unknown role"), transaction():
        grant_role(account.person_id, "superuser", now=clock.now())


def test_the_strictest_role_sets_the_limits() -> None:
    assert limits_for(frozenset({"client"})) == LIMITS["client"]
    assert limits_for(frozenset({"client", "admin"})) == LIMITS["admin"]
    assert limits_for(frozenset({"client", "therapist", "verifier"})) == LIMITS["verifier"]
    assert limits_for(frozenset()) == LIMITS["client"]


@pytest.mark.parametrize("role", sorted(LIMITS))
def test_an_idle_session_ends(client: Clients, account: Account, clock: FixedClock, role: str) -> None:
    with transaction():
        grant_role(account.person_id, role, now=clock.now())
    browser = signed_in(client)
    limit = LIMITS[role].idle.total_seconds()
    for _ in range(3):
        clock.advance(seconds=limit - 1)
        assert browser.get("/api/v1/me").status_code == 200
    clock.advance(seconds=limit)
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("role", sorted(LIMITS))
def test_a_session_ends_at_its_whole_length_however_busy_it_is(client: Clients, account: Account, clock: FixedClock, role: str) -> None:
    with transaction():
        grant_role(account.person_id, role, now=clock.now())
    browser = signed_in(client)
    step = LIMITS[role].idle.total_seconds() - 1
    left = LIMITS[role].whole.total_seconds()
    while left > step:
        clock.advance(seconds=step)
        left -= step
        assert browser.get("/api/v1/session").json["signed_in"] is True
    clock.advance(seconds=left)
    assert browser.get("/api/v1/session").json["signed_in"] is False


def test_a_stricter_role_shortens_a_running_session(client: Clients, account: Account, clock: FixedClock) -> None:
    browser = signed_in(client)
    clock.advance(minutes=20)
    with transaction():
        grant_role(account.person_id, "admin", now=clock.now())
    assert browser.get("/api/v1/me").status_code == 401


def test_seen_is_written_every_few_minutes_after_the_answer(client: Clients, account: Account, clock: FixedClock) -> None:
    def seen() -> object:
        db.session.rollback()
        return db.session.execute(select(SignInSession.last_seen_at)).scalar_one()

    browser, begun = signed_in(client), clock.now()
    clock.advance(seconds=SEEN_EVERY.total_seconds() - 1)
    browser.get("/api/v1/me")
    assert seen() == begun
    clock.advance(seconds=1)
    browser.get("/api/v1/me")
    assert seen() == clock.now()
    clock.advance(minutes=10)
    browser.get("/api/v1/nothing-here")
    browser.patch("/api/v1/me", json={"unknown": 1})
    assert seen() == clock.now()


def test_the_list_of_sessions_is_ones_own_and_each_can_be_ended(client: Clients, account: Account) -> None:
    with transaction():
        other = an_account()
    here, there, stranger = signed_in(client), signed_in(client), client()
    stranger.sign_in(other.email, PASSWORD)
    items = here.get("/api/v1/sessions").json["items"]
    assert sorted(item["is_this_one"] for item in items) == [False, True]
    foreign = stranger.get("/api/v1/sessions").json["items"][0]["id"]
    theirs = next(item["id"] for item in items if not item["is_this_one"])
    assert here.delete(f"/api/v1/sessions/{foreign}").status_code == 404
    assert here.delete(f"/api/v1/sessions/{theirs}").status_code == 204
    assert here.delete(f"/api/v1/sessions/{theirs}").status_code == 404
    assert there.get("/api/v1/me").status_code == 401
    assert stranger.get("/api/v1/me").status_code == 200


def test_a_hash_of_old_costs_is_renewed_at_sign_in(client: Clients, account: Account) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(PASSWORD)
    with transaction():
        db.session.get_one(Account, account.person_id).password_hash = old
    signed_in(client)
    with transaction():
        assert db.session.get_one(Account, account.person_id, populate_existing=True).password_hash != old
    signed_in(client)


def test_R60_two_hundred_wrong_passwords_from_many_origins(client: Clients, account: Account, clock: FixedClock) -> None:
    owners_browser = signed_in(client)
    owners_browser.delete("/api/v1/session")
    owners_browser.csrf_token = None
    tried = 0
    for number in range(200):
        answer = attempt(client(), f"wrong password {number}", origin=f"198.51.{number // 100}.{number % 100}")
        assert answer.status_code in (401, 429)
        tried += answer.status_code == 401
        clock.advance(seconds=30)
    assert tried <= 100
    # The owner's own browser is counted apart, so nobody can keep it out.
    assert attempt(owners_browser, PASSWORD).status_code == 201


def test_R60_the_owner_gets_in_from_a_new_browser_after_the_wait(client: Clients, account: Account, clock: FixedClock) -> None:
    for number in range(50):
        attempt(client(), f"wrong password {number}")
    refused = attempt(client(), PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 900
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert attempt(client(), PASSWORD).status_code == 201
    assert [attempt(client(), "wrong").status_code for _ in range(5)] == [401] * 5


def test_a_known_browser_has_no_endless_tries_either(client: Clients, account: Account) -> None:
    browser = signed_in(client)
    browser.delete("/api/v1/session")
    browser.csrf_token = None
    assert [attempt(browser, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]


def test_a_known_browser_is_a_stranger_once_the_password_is_another_one(client: Clients, account: Account) -> None:
    own, taken = signed_in(client), signed_in(client)
    cookie = taken.get_cookie("known", domain="attune.test")
    assert cookie is not None
    assert own.put("/api/v1/password", json={"current": PASSWORD, "new": "thistle-copper-91-meadow"}).status_code == 204
    for _ in range(5):
        attempt(client(), "wrong")
    thief = client()
    thief.set_cookie("known", cookie.value, domain="attune.test")
    assert attempt(thief, "wrong").status_code == 429, "the cookie that was taken along counts with the strangers"
    own.delete("/api/v1/session")
    own.csrf_token = None
    assert attempt(own, "thistle-copper-91-meadow").status_code == 201, "whoever changed it is still known"


def test_a_browser_known_for_one_address_is_a_stranger_to_others(client: Clients, account: Account) -> None:
    with transaction():
        other = an_account()
    browser = signed_in(client)
    browser.delete("/api/v1/session")
    browser.csrf_token = None
    for _ in range(5):
        attempt(client(), "wrong", email=other.email)
    assert attempt(browser, "wrong", email=other.email).status_code == 429
    browser.set_cookie("known", "forged.cookie.value", domain="attune.test")
    assert attempt(browser, PASSWORD).status_code == 201


def test_one_origin_cannot_spray_many_accounts(client: Clients, database: None) -> None:
    answers = [attempt(client(), "wrong", email=f"a{number}@example.org", origin="203.0.113.7").status_code for number in range(101)]
    assert answers == [401] * 100 + [429]
    assert attempt(client(), "wrong", origin="203.0.113.8").status_code == 401


def test_a_wrong_password_counts_although_its_answer_is_a_refusal(client: Clients, account: Account) -> None:
    for _ in range(5):
        assert attempt(client(), "wrong").status_code == 401
    db.session.rollback()
    assert sorted(db.session.execute(text("SELECT attempts FROM throttles")).scalars()) == [5, 5]

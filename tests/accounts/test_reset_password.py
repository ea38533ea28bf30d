"""New passwords: by mail, or by the old one."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from accounts.models import Account
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox, text_of

Clients = Callable[[], Browser]
Jobs = Callable[[], list[str]]
EMAIL = "robin@example.org"
NEW = "thistle-copper-91-meadow"


@pytest.fixture
def account(database: None) -> Account:
    with transaction():
        return an_account(email=EMAIL)


def ask(browser: Browser, run_jobs: Jobs, outbox: Outbox, **options: object) -> str:
    assert browser.post("/api/v1/password/forgot", json={"email": EMAIL}, **options).status_code == 202
    run_jobs()
    return outbox.token_to(EMAIL)


def reset(browser: Browser, token: str, password: str = NEW) -> tuple[int, str | None]:
    answer = browser.post("/api/v1/password/reset", json={"token": token, "password": password})
    return answer.status_code, answer.json["code"] if answer.data else None


def test_R57_a_reset_sets_the_password_and_ends_every_session(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    one, two = client(), client()
    one.sign_in(EMAIL, PASSWORD)
    two.sign_in(EMAIL, PASSWORD)
    assert reset(client(), ask(client(), run_jobs, outbox)) == (204, None)
    for browser in (one, two):
        assert browser.get("/api/v1/me").status_code == 401
    assert client().post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD}).status_code == 401
    client().sign_in(EMAIL, NEW)
    run_jobs()
    assert outbox.subjects() == ["Choose a new password", "Your password was changed"]


def test_R61_a_reset_link_works_once(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    token = ask(client(), run_jobs, outbox)
    assert reset(client(), token) == (204, None)
    assert reset(client(), token, PASSWORD) == (410, "link_used")
    client().sign_in(EMAIL, NEW)


def test_R61_not_after_a_newer_link(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    old, new = ask(client(), run_jobs, outbox), ask(client(), run_jobs, outbox)
    assert reset(client(), old) == (410, "link_replaced")
    assert reset(client(), new) == (204, None)


def test_R61_not_after_the_address_was_changed(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    token = ask(client(), run_jobs, outbox)
    with transaction():
        db.session.get_one(Account, account.person_id).email = "elsewhere@example.org"
    assert reset(client(), token) == (410, "link_replaced")


def test_R61_not_after_an_hour_and_not_after_the_password_was_changed(
    client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox, clock: FixedClock
) -> None:
    token = ask(client(), run_jobs, outbox)
    clock.advance(hours=1)
    assert reset(client(), token) == (410, "link_expired")
    token = ask(client(), run_jobs, outbox)
    browser = client()
    browser.sign_in(EMAIL, PASSWORD)
    assert browser.put("/api/v1/password", json={"current": PASSWORD, "new": NEW}).status_code == 204
    assert reset(client(), token) == (410, "link_replaced")


def test_a_password_that_is_refused_keeps_the_link(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    token = ask(client(), run_jobs, outbox)
    assert reset(client(), token, "passwordpassword") == (422, "invalid")
    assert reset(client(), token) == (204, None)


def test_a_reset_lets_the_owner_in_however_often_others_guessed(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    for _ in range(20):
        client().post("/api/v1/session", json={"email": EMAIL, "password": "wrong"})
    assert client().post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD}).status_code == 429
    reset(client(), ask(client(), run_jobs, outbox))
    client().sign_in(EMAIL, NEW)


def test_R63_a_poisoned_host_does_not_reach_the_mail(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        answer = client().post("/api/v1/password/forgot", json={"email": EMAIL}, headers=headers)
        assert answer.status_code in (202, 400)
        run_jobs()
    assert outbox.sent
    for message in outbox.sent:
        assert b"evil.example" not in bytes(message)
        assert f"{BASE_URL}/new-password#token=" in text_of(message)


def test_the_mails_say_nothing_about_health_and_greet_nobody_by_a_name_that_strangers_chose(
    client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox
) -> None:
    ask(client(), run_jobs, outbox)
    for message in outbox.sent:
        whole = f"{message['From']} {message['Subject']}".lower()
        assert not any(word in whole for word in ("therap", "health", "counsel", "psych", "depress", "anxi"))
        assert "Robin" not in text_of(message)


def test_R57_changing_the_password_ends_the_other_sessions(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    one, two = client(), client()
    one.sign_in(EMAIL, PASSWORD)
    two.sign_in(EMAIL, PASSWORD)
    assert one.put("/api/v1/password", json={"current": PASSWORD, "new": NEW}).status_code == 204
    assert one.get("/api/v1/me").status_code == 200
    assert two.get("/api/v1/me").status_code == 401
    run_jobs()
    assert outbox.subjects() == ["Your password was changed"]


def test_the_old_password_is_needed_and_guessing_it_is_counted(client: Clients, account: Account) -> None:
    browser = client()
    browser.sign_in(EMAIL, PASSWORD)
    answers = [browser.put("/api/v1/password", json={"current": "wrong", "new": NEW}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[0].json["code"] == "wrong_password"
    assert browser.put("/api/v1/password", json={"current": PASSWORD, "new": NEW}).status_code == 429
    assert client().put("/api/v1/password", json={"current": PASSWORD, "new": NEW}).status_code == 401


def test_a_new_password_obeys_the_same_rules(client: Clients, account: Account) -> None:
    browser = client()
    browser.sign_in(EMAIL, PASSWORD)
    answer = browser.put("/api/v1/password", json={"current": PASSWORD, "new": "short"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["new"])
    browser.sign_in(EMAIL, PASSWORD)


def test_a_reset_confirms_the_address(client: Clients, account: Account, run_jobs: Jobs, outbox: Outbox) -> None:
    with transaction():
        db.session.get_one(Account, account.person_id).email_confirmed_at = None
    reset(client(), ask(client(), run_jobs, outbox))
    with transaction():
        assert db.session.execute(select(Account.email_confirmed_at)).scalar_one() is not None

"""Signing in on the page: pages that need somebody lead there, and it leads back to where they were going and to nowhere else."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from accounts.models import Account
from accounts.way_back import LONGEST, safe_path
from booking.fee_changes.pages import PAGE as FEE_PAGE
from booking.paying.charge_letters import PRICE_PAGE
from care.invite import PAGE as INVITATION_PAGE
from core import access
from core.db import transaction
from payments.checkout.open_calls import PAGE as PAYMENT_PAGE
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox

Clients = Callable[[], Browser]
EMAIL = "robin@example.org"
# What a browser might read as another site, or as no address at all.
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/a//evil.example",
    "/#//evil.example",
    "/\u2028",
    "/é",
    "",
    "/" + "a" * LONGEST,
]
SOME = uuid.UUID(int=7)
JOIN = f"/join/{SOME}"


@pytest.fixture
def account(database: None) -> Account:
    with transaction():
        return an_account(email=EMAIL)


def press(browser: Browser, **form: str):
    return browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, **form})


@pytest.mark.parametrize("path", ["/", JOIN, "/payment/1?from=mail&x=%2F", "/a/b.c~d_e-f"])
def test_R64_a_path_of_ours_is_kept(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize("target", ELSEWHERE)
def test_R64_only_a_path_of_this_site_is_a_way_back(client: Clients, account: Account, target: str) -> None:
    assert safe_path(target) is None
    browser = client()
    assert target not in browser.get("/sign-in", query_string={"next": target}).text or not target.strip()
    for _ in range(2):  # signing in, and being signed in already
        answer = press(browser, next=target, csrf_token=browser.get("/api/v1/session").get_json()["csrf_token"] or "")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    answer = browser.get("/sign-in", query_string={"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("path", [JOIN, f"{JOIN}/whereabouts", f"/{PAYMENT_PAGE}/{SOME}", f"/{PRICE_PAGE}/{SOME}", f"/{FEE_PAGE}/{SOME}"])
def test_a_page_that_needs_somebody_leads_to_signing_in_and_back(client: Clients, account: Account, path: str) -> None:
    browser = client()
    asked = browser.get(path)
    assert asked.status_code == 303
    where = asked.headers["Location"]
    assert where.startswith("/sign-in?next=/")
    page = browser.get(where)
    assert (page.status_code, f'name="next" value="{path}"' in page.text) == (200, True)
    done = press(browser, next=path)
    assert (done.status_code, done.headers["Location"]) == (303, path)
    assert browser.get(path).status_code != 303, "somebody is here now"
    assert browser.get(where).headers["Location"] == path
    if "whereabouts" not in path:
        assert client().post(path, data={}).headers["Location"] == where


def pages_that_ask_for_somebody(app: Flask) -> list[tuple[str, str]]:
    """(method, path) of each page whose rule lets no guest in."""
    found = []
    for rule in app.url_map.iter_rules():
        declared = access.declaration_of(app.view_functions[rule.endpoint])
        if declared is None or declared.rule is access.anyone or rule.rule.startswith("/api/"):
            continue
        path = app.url_map.bind("attune.test").build(rule.endpoint, dict.fromkeys(rule.arguments, SOME))
        found += [(method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def test_whatever_page_asks_for_somebody_leads_to_signing_in_and_the_api_refuses(app: Flask, client: Clients, database: None) -> None:
    found = pages_that_ask_for_somebody(app)
    assert len(found) > 3
    for method, path in found:
        answer = client().open(path, method=method, data={} if method == "POST" else None)
        can_look = ("GET", path) in found or method == "GET" or client().get(path).status_code != 405
        assert (answer.status_code, answer.headers.get("Location")) == (303, f"/sign-in?next={path}" if can_look else "/sign-in"), path
    refused = client().get("/api/v1/bookings")
    assert (refused.status_code, refused.get_json()["code"]) == (401, "sign_in_required")


def test_R64_no_host_that_was_sent_gets_into_the_way_back(client: Clients, account: Account) -> None:
    answer = client().get(JOIN, headers={"Host": "evil.example"})
    assert answer.headers["Location"] == f"/sign-in?next={JOIN}"


def test_the_invitation_page_keeps_its_code_out_of_what_servers_see(client: Clients, account: Account) -> None:
    page = client().get(f"/{INVITATION_PAGE}")
    assert f'<a class="button" data-keeps-token href="/sign-in?next=/{INVITATION_PAGE}">' in page.text
    with client().get("/accounts/static/sign_in.js") as script, client().get("/accounts/static/mailed_link.js") as other:
        assert (b"location.hash" in script.data, b"data-keeps-token" in other.data) == (True, True)


def test_a_wrong_password_is_said_on_the_page_and_the_way_back_stays(client: Clients, account: Account) -> None:
    browser = client()
    wrong = press(browser, password="not this one at all", next=JOIN)
    assert wrong.status_code == 401
    assert all(said in wrong.text for said in ("The address or the password is not right.", f'value="{JOIN}"', f'value="{EMAIL}"'))
    assert "not this one" not in wrong.text
    nobody = press(browser, email="nobody@example.org")
    assert "The address or the password is not right." in nobody.text
    for form in ({"email": "<script>"}, {"password": ""}, {"email": ""}):
        answer = press(browser, **form)
        assert (answer.status_code, "<script>alert" in answer.text, "&lt;script&gt;" in answer.text) == (422, False, form.get("email") == "<script>")
    assert browser.get("/api/v1/session").get_json()["signed_in"] is False


def test_many_tries_on_the_page_wait_like_those_at_the_api(client: Clients, account: Account) -> None:
    answers = [press(client(), password="not this one at all").status_code for _ in range(12)]
    assert set(answers) == {401, 429}
    assert client().post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD}).status_code == 429


def test_R55_another_site_signs_nobody_in(client: Clients, account: Account) -> None:
    form = {"email": EMAIL, "password": PASSWORD}
    assert client().post("/sign-in", data=form, headers={"Origin": "https://evil.example"}, bare=True).status_code == 403
    # With `no-referrer` browsers would send "Origin: null" from our own forms too.
    assert client().get("/sign-in").headers["Referrer-Policy"] == "same-origin"
    assert client().post("/sign-in", data=form, headers={"Origin": BASE_URL}, bare=True).status_code == 303


def test_who_forgot_their_password_gets_a_link_and_nobody_learns_whose_address_it_is(
    client: Clients, account: Account, run_jobs: Callable[[], list[str]], outbox: Outbox
) -> None:
    assert 'href="/forgot-password"' in client().get("/sign-in").text
    assert client().get("/forgot-password").status_code == 200
    answers = [client().post("/forgot-password", data={"email": email}) for email in (EMAIL, "nobody@example.org")]
    assert (answers[0].status_code, answers[0].text) == (200, answers[1].text)
    run_jobs()
    assert len(outbox.sent) == 1
    new = "thistle-copper-91-meadow"
    assert client().post("/new-password", data={"token": outbox.token_to(EMAIL), "password": new}).status_code == 200
    assert press(client(), password=new).status_code == 303
    for email in ("", "<script>", "a\0b"):
        assert client().post("/forgot-password", data={"email": email}).status_code == 422
    tried = [client().post("/forgot-password", data={"email": EMAIL}).status_code for _ in range(6)]
    assert tried[-1] == 429

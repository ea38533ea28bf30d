"""The pages that people see, as a browser without a script sees them."""

import json
import re
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.payment_sandbox.sandbox import PaymentSandbox
from core.clock import FixedClock
from payments import processor
from tests.app.payment_sandbox.conftest import open_session
from tests.app.payment_sandbox.test_wire import Asked, ask


def visit(app: Flask, address: str, said: dict[str, str] | None = None) -> Asked:
    path = address.removeprefix(app.config["STRIPE_API_BASE"])
    return ask(app, "GET" if said is None else "POST", path, urlencode(said or {}))


def text(page: Asked) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", str(page.said["text"]).split("</style>")[-1]))


def test_a_payer_is_declined_then_asked_by_the_bank_and_then_pays(app: Flask, sandbox: PaymentSandbox) -> None:
    session = open_session(save_card=True)
    assert session.url
    page = visit(app, session.url)
    assert page.status == 200
    assert "GBP 90.00" in text(page)
    assert "kept for later charges" in text(page)
    assert 'name="viewport"' in page.said["text"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    declined = visit(app, session.url, {"number": "4000000000009995"})
    assert declined.status == 402
    assert "insufficient funds" in text(declined)
    assert "insufficient funds" in text(visit(app, session.url))
    asked = visit(app, session.url, {"number": "4000002760003184"})
    assert (asked.status, asked.headers["location"].partition("/pi_")[0]) == (303, "/authenticate")
    assert visit(app, session.url).headers["location"] == asked.headers["location"]
    assert "Your bank asks" in text(visit(app, asked.headers["location"]))
    denied = visit(app, asked.headers["location"], {"answer": "deny"})
    assert denied.headers["location"] == session.url.removeprefix(app.config["STRIPE_API_BASE"])
    assert "did not confirm" in text(visit(app, session.url))
    again = visit(app, session.url, {"number": "4000002760003184"}).headers["location"]
    paid = visit(app, again, {"answer": "approve"})
    assert (paid.status, paid.headers["location"]) == (303, f"https://attune.test/paid?session={session.id}")
    assert processor.retrieve_checkout_session(session.id).payment_status == "paid"
    assert visit(app, session.url).headers["location"] == paid.headers["location"]


def test_a_page_that_has_expired_takes_no_money(app: Flask, sandbox: PaymentSandbox, clock: FixedClock) -> None:
    session = open_session()
    assert session.url
    clock.advance(minutes=31)
    page = visit(app, session.url, {"number": "4242424242424242"})
    assert page.status == 410
    assert "https://attune.test/back" in page.said["text"]
    assert list(sandbox.world.each("payment_intent")) == []


@pytest.mark.parametrize("number", ["", "1234", "4111111111111111", "<script>"])
def test_no_real_card_is_taken(app: Flask, sandbox: PaymentSandbox, number: str) -> None:
    session = open_session()
    assert session.url
    page = visit(app, session.url, {"number": number})
    assert page.status == 402
    assert "<script>" not in page.said["text"]
    assert processor.retrieve_checkout_session(session.id).status == "open"


@pytest.mark.parametrize("path", ["/pay/nothing", "/authenticate/nothing", "/onboard/nothing", "/elsewhere"])
def test_there_is_nothing_under_other_addresses(app: Flask, sandbox: PaymentSandbox, path: str) -> None:
    assert visit(app, path).status == 404


@pytest.mark.parametrize(("outcome", "active", "submitted"), [("complete", True, True), ("later", False, True), ("refused", False, True)])
def test_a_therapist_tells_who_they_are(app: Flask, sandbox: PaymentSandbox, outcome: str, active: bool, submitted: bool) -> None:
    account = processor.create_account(reference="t", country="DE", idempotency_key="a").id
    link = processor.create_account_link(account, refresh_url="https://attune.test/again", return_url="https://attune.test/done", idempotency_key="l")
    assert account in text(visit(app, link))
    assert visit(app, link, {"outcome": outcome}).headers["location"] == "https://attune.test/done"
    found = processor.retrieve_account(account)
    assert (found.transfers_active, found.payouts_enabled, found.details_submitted) == (active, active, submitted)
    assert visit(app, link).headers["location"] == "https://attune.test/again"  # a link is good once
    event = sandbox.events()[-1]
    assert (event["type"], event["account"]) == ("account.updated", account)


def test_the_first_page_says_what_it_is(app: Flask, sandbox: PaymentSandbox) -> None:
    sandbox.pay(open_session().id)
    assert "GBP 90.00 succeeded" in text(visit(app, "/"))


@pytest.mark.parametrize(
    ("knob", "said", "status"),
    [
        ("clock", {"advance": 60}, 200),
        ("clock", {}, 400),
        ("faults", {"how": "500"}, 200),
        ("faults", {"how": "gently"}, 400),
        ("faults", {"how": "500", "colour": 1}, 400),
        ("settings", {"paused": False}, 200),
        ("settings", {"colour": 1}, 400),
        ("webhooks", {"drop": 0.5}, 200),
        ("webhooks", {"colour": 1}, 400),
        ("pay", {"session": "nothing"}, 400),
        ("refund", {"payment_intent": "nothing"}, 400),
        ("dispute", {"dispute": "nothing", "won": True}, 400),
        ("account", {"account": "nothing"}, 400),
        ("colour", {}, 404),
    ],
)
def test_knobs_say_what_cannot_be_done(app: Flask, sandbox: PaymentSandbox, knob: str, said: dict[str, object], status: int) -> None:
    assert ask(app, "POST", f"/_knobs/{knob}", json.dumps(said)).status == status
    assert ask(app, "GET", "/_knobs").status == 200


def test_a_payment_by_knob_is_a_payment(app: Flask, sandbox: PaymentSandbox) -> None:
    session = open_session()
    done = ask(app, "POST", "/_knobs/pay", json.dumps({"session": session.id, "number": "4000002760003184", "approve": False})).said["done"]
    assert done["status"] == "requires_payment_method"
    intent = ask(app, "POST", "/_knobs/pay", json.dumps({"session": session.id})).said["done"]
    assert intent["status"] == "succeeded"
    assert ask(app, "POST", "/_knobs/refund", json.dumps({"payment_intent": intent["id"], "amount": 100})).said["done"]["metadata"] == {}
    dispute = ask(app, "POST", "/_knobs/dispute", json.dumps({"payment_intent": intent["id"]})).said["done"]
    assert ask(app, "POST", "/_knobs/dispute", json.dumps({"dispute": dispute["id"], "won": False})).status == 200
    assert processor.retrieve_dispute(dispute["id"]).status == "lost"

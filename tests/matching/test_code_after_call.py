"""A discount code after a call: mailed to the person, theirs alone, once, and tied to nothing that they said."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from core.money import Money
from payments.codes.issue import CALL_BACK_HOLDS
from payments.codes.models import DiscountCode
from payments.codes.terms import Occasion
from payments.codes.use import CodeDoesNotHold, look_at_code
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.fakes.outbox import Outbox, text_of
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.test_call_back import API, a_caller, asked, queue, signed_in
from tests.matching.visits import Visit

NewBrowser = Callable[[], Browser]
pytestmark = pytest.mark.usefixtures("database")
CODE = re.compile(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")


def called(client: NewBrowser, browser: Browser, outcome: str = "reached") -> tuple[Browser, str]:
    """A call that a guide has made; the guide, and the address of the code."""
    asked(browser)
    guide = signed_in(client, "matchmaker")
    path = f"{API}/call-backs/{queue(guide)[0]['id']}"
    guide.post(f"{path}/claim")
    assert guide.post(f"{path}/done", json={"outcome": outcome}).status_code == 200
    return guide, f"{path}/discount-code"


def email_of(person_id: int) -> str:
    return str(db.session.execute(text("SELECT email FROM accounts WHERE person_id = :id"), {"id": person_id}).scalar_one())


def test_the_code_is_mailed_and_holds_for_this_person_once_for_a_first_session(
    client: NewBrowser, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock
) -> None:
    browser, person_id = a_caller(client)
    guide, path = called(client, browser)
    answer = guide.post(path, json={"percent": 10})
    assert answer.status_code == 201, answer.text
    sent = answer.get_json()
    assert sent["percent"] == 10
    assert not CODE.search(answer.text), "the desk does not read it"
    run_jobs()
    letter = outbox.last_to(email_of(person_id))
    assert str(letter["Subject"]) == "Your code"
    found = CODE.search(text_of(letter))
    assert found
    code = found.group()
    assert code.endswith(sent["hint"])
    with transaction():
        stranger, therapist = a_person().id, a_person().id
        price = Money(6000, "GBP")
        reduced = look_at_code(code, Occasion(price, person_id, therapist, is_first=True), now=clock.now())
        assert (reduced.before, reduced.after) == (price, Money(5400, "GBP"))
        for occasion, now in (
            (Occasion(price, stranger, therapist, is_first=True), clock.now()),
            (Occasion(price, person_id, therapist, is_first=False), clock.now()),
            (Occasion(price, person_id, therapist, is_first=True), clock.now() + CALL_BACK_HOLDS),
        ):
            with pytest.raises(CodeDoesNotHold):
                look_at_code(code, occasion, now=now)
        row = db.session.scalars(select(DiscountCode)).one()
        assert (row.source, row.bearer, row.most_uses) == ("call_back", "platform", 1)
        assert db.session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "matching.code_after_call")).all() == [None]


def test_one_code_for_each_call(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    guide, path = called(client, browser)
    assert guide.post(path, json={"percent": 10}).status_code == 201
    again = guide.post(path, json={"percent": 20})
    assert (again.status_code, again.get_json()["code"]) == (409, "code_issued")
    assert db.session.scalar(select(func.count()).select_from(DiscountCode)) == 1


@pytest.mark.parametrize("outcome", ["not_reached", "left_no_message"])
def test_without_a_call_there_is_no_code(client: NewBrowser, outcome: str) -> None:
    browser, _ = a_caller(client)
    guide, path = called(client, browser, outcome)
    assert guide.post(path, json={"percent": 10}).get_json()["code"] == "not_called"


def test_before_the_call_there_is_no_code(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    asked(browser)
    guide = signed_in(client, "matchmaker")
    refused = guide.post(f"{API}/call-backs/{queue(guide)[0]['id']}/discount-code", json={"percent": 10})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_called")


@pytest.mark.parametrize("wrong", [{}, {"percent": 11}, {"percent": "10"}, {"percent": 10, "reason": "said she is depressed"}, {"percent": 10, "note": "x"}])
def test_nothing_but_how_much_can_be_said(client: NewBrowser, wrong: dict[str, Any]) -> None:
    browser, _ = a_caller(client)
    guide, path = called(client, browser)
    assert guide.post(path, json=wrong).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(DiscountCode)) == 0


def test_only_whoever_made_the_call_sends_it(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    _, path = called(client, browser)
    assert signed_in(client, "matchmaker").post(path, json={"percent": 10}).get_json()["code"] == "owned_by_somebody_else"
    for roles in ((), ("admin",), ("safety_responder",), ("therapist",)):
        assert signed_in(client, *roles).post(path, json={"percent": 10}).status_code == 403


def test_a_guest_needs_an_account_first_and_then_the_code_is_the_accounts(client: NewBrowser, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    here = Visit(client()).begin().answer(personas.P22)
    guide, path = called(client, here.browser)
    assert guide.post(path, json={"percent": 5}).get_json()["code"] == "no_address"
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    here.browser.sign_in(email, PASSWORD)
    assert here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200
    assert guide.post(path, json={"percent": 5}).status_code == 201
    run_jobs()
    assert CODE.search(text_of(outbox.last_to(email)))
    assert db.session.scalars(select(DiscountCode.person_id)).one() == person_id


def test_a_guide_whose_own_a_case_becomes_gives_it_back_and_gets_nothing_out_of_it(visit: Callable[[], Visit], client: NewBrowser) -> None:
    with transaction():
        email = an_account(roles=("client", "matchmaker")).email
    guide, here = client(), visit().answer(personas.P22)
    guide.sign_in(email, PASSWORD)
    assert here.browser.post(f"{here.path}/person", json={"reach_by": "mail", "contact": "sam@example.org", "message_is_safe": True}).status_code == 202
    asked(here.browser)
    (call,), (case,) = queue(guide), cases("matchmaking")
    path, own = f"{API}/call-backs/{call['id']}", f"{API}/cases/{case.public_id}"
    assert guide.post(f"{path}/claim").status_code == guide.post(f"{own}/claim").status_code == 200
    assert guide.post(f"{path}/done", json={"outcome": "reached"}).status_code == 200
    here.browser.sign_in(email, PASSWORD)
    assert here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200
    refused = [
        guide.post(f"{path}/discount-code", json={"percent": 20}),
        guide.get(f"{API}/cases/{call['case_id']}/eligible-therapists"),
        guide.get(f"{own}/eligible-therapists"),
        guide.post(f"{own}/close", json={"outcome": "resolved"}),
    ]
    assert [(each.status_code, each.get_json()["code"]) for each in refused] == [(403, "own_case")] * 4
    assert db.session.scalar(select(func.count()).select_from(DiscountCode)) == 0
    listed = guide.get("/desk/cases").text
    assert "about you: colleagues work on it" in listed
    assert f"/desk/cases/{case.public_id}" in listed, "where it is given back"
    assert guide.get(f"/desk/cases/{case.public_id}").status_code == 403
    given_back = guide.post(f"{own}/release")
    assert (given_back.status_code, given_back.get_json()["state"]) == (200, "open")
    assert not {"facts", "steps"} & set(given_back.get_json())
    assert "Give it back" not in guide.get("/desk/cases").text

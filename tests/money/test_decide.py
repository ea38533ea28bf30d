"""R48: what a person decides about a difference: each action of each kind leaves the books at zero and nothing to find, once, with a reason on record."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import select

from core import jobs
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import DomainError
from desk.cases import claim_case, close_case
from desk.models import Case, CaseStep
from payments.ledger.post import balance_of
from payments.models import Payment
from payments.payouts.held_back import held_back
from payments.reconciler import send_back_calls
from payments.reconciler.decide import MONEY, ActionNotPossible, Undecided
from payments.reconciler.decide_calls import decide
from payments.reconciler.kinds import ACTIONS, KINDS, STATE_AFTER, Action
from payments.reconciler.models import Difference
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.money.history import History, history
from tests.money.planted import PLANTED

WAYS = [(kind, action) for kind in PLANTED for action in KINDS[kind].actions]


def planted(made: History, kind: str) -> Difference:
    """The one difference of a history, found."""
    made.paid()
    PLANTED[kind](made)
    made.settle()
    made.compare()
    return made.differences("open")[0]


def owner_of(made: History, difference: Difference) -> int:
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
        case = db.session.get_one(Case, difference.case_id)
        claim_case(case.public_id, by=person_id, kinds=MONEY, now=made.world.clock.now())
    return person_id


def case_of(difference: Difference) -> Case:
    with transaction():
        return db.session.get_one(Case, difference.case_id, populate_existing=True)


@pytest.mark.parametrize(("kind", "action"), WAYS)
def test_R48_decided(app: Flask, kind: str, action: Action) -> None:
    with history(app) as made:
        difference = planted(made, kind)
        person = owner_of(made, difference)
        decide(difference.public_id, action, reason="Seen at the processor and spoken through.", by=person)
        made.news()
        made.settle()
        made.check_books()
        decided = made.differences()[0]
        assert decided.state == STATE_AFTER[action]
        assert decided.decided_by == person
        goes_on = (kind, action) in {("dispute_unknown", "confirm"), ("refund_failed", "confirm")}
        assert case_of(decided).state == ("owned" if goes_on else "closed")
        with transaction():
            steps = db.session.scalars(select(CaseStep).where(CaseStep.case_id == decided.case_id, CaseStep.action.like("money_%"))).all()
            audited = db.session.scalars(select(AuditEntry).where(AuditEntry.action == f"payments.difference_{decided.state}")).all()
        assert [step.note for step in steps] == ["Seen at the processor and spoken through."]
        assert [entry.actor_person_id for entry in audited] == [person]
        cases = made.cases()
        counts = made.compare()
        assert (counts["new"], counts["gone"], made.differences("open"), made.cases()) == (0, 0, [], cases)
        with pytest.raises(DomainError):
            decide(difference.public_id, action, reason="Again.", by=person)
        made.check_books()


@pytest.mark.parametrize("kind", ["captured_unknown", "captured_twice"])
def test_R48_money_of_nobody_goes_back_to_its_card_once(app: Flask, kind: str) -> None:
    with history(app) as made:
        difference = planted(made, kind)
        person = owner_of(made, difference)
        made.world.sandbox.faults.add("lost", method="POST", path="/v1/refunds")
        made.world.sandbox.faults.add("unreached", path="/v1/refunds", times=20)
        decide(difference.public_id, "refund", reason="Nobody's.", by=person)
        made.world.work()
        assert made.differences()[0].state == "settling"
        made.world.sandbox.faults.clear()
        jobs.registry["payments.look_for_nobodys"].run()
        made.news()
        assert made.differences()[0].state == "refunded"
        charge = made.thing("charge", made.thing("payment_intent", difference.name)["latest_charge"])
        assert charge["amount_refunded"] == charge["amount_captured"]
        assert len([each for each in made.things("refund") if each["charge"] == charge["id"]]) == 1
        with transaction():
            assert balance_of("refund", "GBP") == 0


class Killed(BaseException):
    """The worker is gone. Not an Exception: nothing on the way may take it for a failure."""


@pytest.mark.parametrize("what", ["a failure is kept", "killed before the call", "killed after it", "an answer is lost for days"])
def test_R48_R23_whatever_is_lost_on_the_way_money_of_nobody_goes_back_once(app: Flask, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with history(app) as made:
        difference = planted(made, "captured_unknown")
        decide(difference.public_id, "refund", reason="Nobody's.", by=owner_of(made, difference))
        if what == "a failure is kept":
            made.world.sandbox.faults.add("500_kept", method="POST", path="/v1/refunds")
            made.world.work()
        elif what == "an answer is lost for days":
            made.world.sandbox.faults.add("lost", method="POST", path="/v1/refunds")
            made.world.sandbox.faults.add("unreached", path="/v1/refunds", times=20)
            made.world.work()
            made.world.clock.advance(days=3)
            made.world.sandbox.faults.clear()
        else:
            real = send_back_calls.processor

            def dies(**call: Any) -> NoReturn:
                if what == "killed after it":
                    real.create_refund(**call)
                raise Killed

            with monkeypatch.context() as patched, suppress(Killed):
                patched.setattr(send_back_calls, "processor", SimpleNamespace(**{**vars(real), "create_refund": dies}))
                made.world.work()
        assert made.differences()[0].state == "settling"
        for _ in range(2):
            made.world.clock.advance(minutes=6)
            jobs.registry["payments.look_for_nobodys"].run()
            made.news()
        assert made.differences()[0].state == "refunded"
        assert [each["amount"] for each in made.things("refund")] == [made.thing("payment_intent", difference.name)["amount"]]
        with transaction():
            assert balance_of("refund", "GBP") == 0


def test_R48_what_was_refused_can_be_decided_again_and_is_asked_under_another_key(app: Flask) -> None:
    with history(app) as made:
        difference = planted(made, "captured_unknown")
        person = owner_of(made, difference)
        dispute = made.world.sandbox.dispute(difference.name)
        decide(difference.public_id, "refund", reason="Nobody's.", by=person)
        made.world.work()
        first = made.differences()[0]
        key, told = first.refund_key, (first.state, first.failure)
        assert told == ("open", "charge_disputed")
        made.world.sandbox.close_dispute(dispute["id"], won=True)
        made.thing("charge", dispute["charge"])["disputed"] = False  # the bank lets it be given back now
        decide(difference.public_id, "refund", reason="The bank let us have it.", by=person)
        made.world.work()
        second = made.differences()[0]
        assert (second.state, second.failure, second.refund_key) == ("refunded", None, f"{key}~2")


def test_R48_a_refund_that_the_processor_will_not_make_is_open_again_and_says_why(app: Flask) -> None:
    with history(app) as made:
        difference = planted(made, "captured_unknown")
        person = owner_of(made, difference)
        made.world.sandbox.dispute(difference.name)
        decide(difference.public_id, "refund", reason="Nobody's.", by=person)
        made.world.work()
        now = made.differences()[0]
        assert (now.state, now.failure, now.decided_by) == ("open", "charge_disputed", None)


def test_R48_nothing_is_paid_out_of_what_is_looked_at(app: Flask) -> None:
    with history(app) as made:
        difference = planted(made, "captured_amount")
        with transaction():
            payment = db.session.get_one(Payment, difference.payment_id)
            assert held_back(payment.reference, payment, None) == "being_looked_at"
        decide(difference.public_id, "confirm", reason="It is so.", by=owner_of(made, difference))
        with transaction():
            payment = db.session.get_one(Payment, difference.payment_id, populate_existing=True)
            assert held_back(payment.reference, payment, None) == "account"
            assert payment.captured_amount == 8000


def test_R48_write_off_keeps_what_the_payee_has_and_confirm_takes_it(app: Flask) -> None:
    left = {}
    for action in ("confirm", "write_off"):
        with history(app) as made:
            difference = planted(made, "captured_amount")
            decide(difference.public_id, action, reason="So be it.", by=owner_of(made, difference))  # type: ignore[arg-type]
            with transaction():
                payee = db.session.get_one(Payment, difference.payment_id).payee_id
                left[action] = (-balance_of("therapist", "GBP", person_id=payee), balance_of("written_off", "GBP"))
    assert left == {"confirm": (8000, 0), "write_off": (9000, 1000)}


def test_R48_who_does_not_own_the_case_decides_nothing(app: Flask) -> None:
    with history(app) as made:
        difference = planted(made, "captured_unknown")
        with transaction():
            stranger = an_account(roles=("client", "admin")).person_id
        with pytest.raises(DomainError) as refused:
            decide(difference.public_id, "write_off", reason="Mine now.", by=stranger)
        assert refused.value.code == "not_owned"
        person = owner_of(made, difference)
        with pytest.raises(DomainError) as refused:
            decide(difference.public_id, "write_off", reason="Mine now.", by=stranger)
        assert refused.value.code == "owned_by_somebody_else"
        with pytest.raises(ActionNotPossible):
            decide(difference.public_id, "confirm", reason="It is so.", by=person)
        with pytest.raises(Undecided), transaction():
            close_case(case_of_id(difference), outcome="not_needed", by=person, kinds=MONEY, now=made.world.clock.now())


def case_of_id(difference: Difference) -> uuid.UUID:
    return db.session.get_one(Case, difference.case_id).public_id


# -- over HTTP ---------------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(app: Flask) -> Iterator[tuple[History, Browser, Difference]]:
    app.test_client_class = Browser
    with history(app) as made:
        difference = planted(made, "captured_unknown")
        with transaction():
            person = an_account(roles=("client", "admin")).person_id
        yield made, signed_in(app.test_client, person), difference  # type: ignore[arg-type]


def test_R48_the_desk_lists_claims_and_decides_over_http(app: Flask, desk: tuple[History, Browser, Difference]) -> None:
    made, admin, difference = desk
    path = f"/api/v1/staff/payment-differences/{difference.public_id}"
    listed = admin.get("/api/v1/staff/payment-differences").get_json()["items"]
    assert [(each["kind"], each["theirs"], each["ours"], each["mine"], each["actions"]) for each in listed] == [
        ("captured_unknown", {"amount": 4200, "currency": "GBP"}, None, False, ["refund", "write_off"])
    ]
    assert admin.get(path).get_json() == listed[0]
    assert admin.get(f"/api/v1/staff/payment-differences/{uuid.uuid4()}").status_code == 404
    assert admin.post(f"{path}/decide", json={"action": "write_off", "reason": "x"}).get_json()["code"] == "not_owned"
    admin.post(f"/api/v1/cases/{listed[0]['case_id']}/claim")
    assert admin.post(f"{path}/decide", json={"action": "write_off"}).status_code == 422
    assert admin.post(f"{path}/decide", json={"action": "keep", "reason": "x"}).status_code == 422
    assert admin.post(f"{path}/decide", json={"action": "confirm", "reason": "x"}).get_json()["code"] == "action_not_possible"
    assert admin.post(f"{path}/decide", json={"action": "write_off", "reason": "A gift."}).status_code == 204
    assert admin.post(f"{path}/decide", json={"action": "write_off", "reason": "A gift."}).status_code == 409
    assert admin.get(path).get_json()["state"] == "written_off"
    assert admin.get(f"/api/v1/cases/{listed[0]['case_id']}").get_json()["outcome"] == "resolved"
    made.check_books()


def test_R48_a_comparison_is_asked_for_over_http(desk: tuple[History, Browser, Difference]) -> None:
    made, admin, _ = desk
    assert admin.post("/api/v1/staff/payment-comparisons", json={"days": 0}).status_code == 422
    asked = admin.post("/api/v1/staff/payment-comparisons", json={"days": 30})
    assert (asked.status_code, asked.get_json()["state"]) == (202, "waiting")
    made.world.work()
    latest = admin.get("/api/v1/staff/payment-comparisons").get_json()["items"][0]
    assert (latest["state"], latest["counts"]["differences"], latest["counts"]["new"]) == ("done", 1, 0)


def test_R48_only_the_money_desk_may(app: Flask, desk: tuple[History, Browser, Difference]) -> None:
    _, _, difference = desk
    with transaction():
        client = an_account().person_id
    for browser, status in ((app.test_client(), 401), (signed_in(app.test_client, client), 403)):  # type: ignore[arg-type]
        for path in ("/api/v1/staff/payment-differences", f"/api/v1/staff/payment-differences/{difference.public_id}"):
            assert browser.get(path).status_code == status
        page = browser.get("/desk/money")
        assert page.status_code == (303 if status == 401 else status)
        assert "GBP 42.00" not in page.text
        assert browser.post(f"/api/v1/staff/payment-differences/{difference.public_id}/decide", json={"action": "refund", "reason": "x"}).status_code == status
        assert browser.post("/api/v1/staff/payment-comparisons", json={}).status_code == status


def test_R48_the_page_of_a_difference_leads_out_of_it(desk: tuple[History, Browser, Difference]) -> None:
    made, admin, difference = desk
    path = f"/desk/money/{difference.public_id}"
    assert path in admin.get("/desk/money").text
    page = admin.get(path).text
    assert "GBP 42.00" in page
    assert "Take the case" in page
    assert "Refund" not in page
    assert admin.post(path, data={"action": "claim"}).status_code == 303
    page = admin.get(path).text
    assert "Refund" in page
    assert "Write off" in page
    assert "Confirm" not in page
    assert admin.post(path, data={"action": "refund", "reason": ""}).status_code == 422
    assert admin.post(path, data={"action": "refund", "reason": "Sent by mistake, says the payer."}).status_code == 303
    made.news()
    assert "Settled: refunded" in admin.get(path).text
    assert "Nothing waits for a decision" in admin.get("/desk/money").text
    assert admin.post("/desk/money").status_code == 303
    assert admin.get(f"/desk/money/{uuid.uuid4()}").status_code == 404


def test_every_kind_has_words_and_a_way_out() -> None:
    for kind in KINDS.values():
        assert kind.words.endswith(".")
        assert kind.actions
        assert set(kind.actions) <= set(ACTIONS)
        assert bool(kind.confirms) == ("confirm" in kind.actions)

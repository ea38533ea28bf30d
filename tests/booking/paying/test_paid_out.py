"""A therapist opens their account, is paid for what took place three days later, less the published fee, and gives back what is given back."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from sqlalchemy import delete, select, update

from core import jobs
from core.clock import FixedClock
from core.db import db, transaction
from payments.collection import account_calls
from payments.collection.models import CollectionChoice, ConnectedAccount
from payments.ledger.post import booked_balances
from payments.payouts.models import Payout, PayoutReversal
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.test_price import a_code, chosen
from tests.booking.practice import signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.desk import a_case

SESSION = "2026-11-23T09:00"
ACCOUNT = "/api/v1/therapist/collection/account"
COLLECTION = "/api/v1/therapist/collection"
PRICE, FEE = 6000, 600  # a client who came by the directory: 10 %


def account_of(till: Till) -> str:
    with transaction():
        return str(db.session.scalars(select(ConnectedAccount.reference)).one())


@pytest.fixture
def payee(till: Till) -> Till:
    """The therapist of the till, whose account is there at the processor too."""
    with transaction():
        db.session.execute(delete(ConnectedAccount))
        db.session.execute(delete(CollectionChoice))
    therapist = till.practice.therapist
    assert therapist.put(COLLECTION, json={"way": "online"}).get_json()["still_needed"] == "open_account"
    page = therapist.post(ACCOUNT, json={"country": "GB"})
    assert page.status_code == 200, page.text
    assert page.get_json()["address"].startswith("http")
    till.sandbox.onboard(account_of(till))
    till.news()
    assert therapist.get(COLLECTION).get_json() == {"way": "online", "works_as": "online", "still_needed": None}
    return till


def pass_days(till: Till, days: int) -> None:
    """Everything that the clock does in these days, once a day."""
    for _ in range(days):
        till.clock.advance(days=1)
        till.sandbox.advance(0)
        for name in ("booking.sweep_over", "payments.look_for_payouts", "payments.poll"):
            jobs.registry[name].run()
        till.work()
        till.news()


def transfers(till: Till) -> list[dict[str, Any]]:
    return [dict(each) for each in till.sandbox.world.each("transfer")]


def payouts() -> list[tuple[str, str | None]]:
    with transaction():
        return [(each.state, each.waits_for) for each in db.session.scalars(select(Payout).order_by(Payout.id))]


class Killed(BaseException):
    """The process is gone. Not an Exception: nothing on the way may take it for a failure."""


@pytest.mark.parametrize("what", ["an answer is lost", "a failure is kept", "killed before the call", "killed after it", "an answer is lost for days"])
def test_R23_whatever_is_lost_on_the_way_one_account_is_made(till: Till, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        db.session.execute(delete(ConnectedAccount))
        db.session.execute(delete(CollectionChoice))
    till.practice.therapist.put(COLLECTION, json={"way": "online"})
    real, made = account_calls.processor, lambda: list(till.sandbox.world.each("account"))

    def dies(**call: Any) -> NoReturn:
        if what == "killed after it":
            real.create_account(**call)
        raise Killed

    faults: dict[str, Any] = {"method": "POST", "path": "/v1/accounts"}
    with monkeypatch.context() as patched, suppress(Killed):
        if what.startswith("killed"):
            patched.setattr(account_calls, "processor", SimpleNamespace(**{**vars(real), "create_account": dies}))
        elif what == "a failure is kept":
            till.sandbox.faults.add("500_kept", **faults)
        else:
            till.sandbox.faults.add("lost", **faults)
            till.sandbox.faults.add("500", times=9, **faults)
        assert till.practice.therapist.post(ACCOUNT, json={"country": "GB"}).status_code == 503
    till.sandbox.faults.clear()
    if what == "an answer is lost for days":
        till.at(till.clock.now(), days=3)
    if what == "a failure is kept":
        assert till.practice.therapist.post(ACCOUNT, json={"country": "GB"}).status_code == 503
        till.clock.advance(minutes=11)
    assert till.practice.therapist.post(ACCOUNT, json={"country": "GB"}).status_code == 200
    assert [each["id"] for each in made()] == [account_of(till)]


def test_an_account_is_believed_only_as_the_processor_tells_of_it(till: Till) -> None:
    with transaction():
        db.session.execute(delete(ConnectedAccount))
        db.session.execute(delete(CollectionChoice))
    therapist = till.practice.therapist
    therapist.put(COLLECTION, json={"way": "online"})
    assert therapist.post(ACCOUNT, json={"country": "IN"}).status_code == 422
    assert therapist.post(f"{ACCOUNT}/check").status_code == 404
    assert therapist.post(ACCOUNT, json={"country": "GB"}).status_code == 200
    assert therapist.post(ACCOUNT, json={"country": "IE"}).get_json()["code"] == "other_country"
    assert therapist.post(f"{ACCOUNT}/check").get_json()["still_needed"] == "finish_account"
    assert till.practice.new_browser().get("/payments/account").status_code == 200
    till.sandbox.onboard(account_of(till))
    assert therapist.get(COLLECTION).get_json()["works_as"] is None
    assert therapist.post(f"{ACCOUNT}/check").get_json()["works_as"] == "online"
    assert len(list(till.sandbox.world.each("account"))) == 1


def test_an_account_that_the_processor_does_not_know_is_said_and_kept(till: Till) -> None:
    """As after a change of the secret key."""
    with transaction():
        db.session.execute(update(ConnectedAccount).values(reference="acct_of_another_key"))
    for path, body in ((f"{ACCOUNT}/check", None), (ACCOUNT, {"country": "GB"})):
        refused = till.practice.therapist.post(path, json=body)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "account_unknown"), path
    assert account_of(till) == "acct_of_another_key"


def test_what_took_place_is_paid_out_three_days_later_less_the_published_fee(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 2)
    assert (payouts(), transfers(payee)) == ([("earned", None)], [])
    pass_days(payee, 2)
    (transfer,) = transfers(payee)
    assert (transfer["amount"], transfer["destination"], payouts()) == (PRICE - FEE, account_of(payee), [("sent", None)])
    pass_days(payee, 2)
    assert len(transfers(payee)) == 1
    with transaction():
        books = booked_balances()
        assert books[("platform", None), "GBP"] == -FEE
        assert (("therapist", payee.practice.therapist_id), "GBP") not in books


def test_nothing_leaves_while_it_is_contested_how_it_went(payee: Till) -> None:
    booking = payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION), hours=2)
    assert payee.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "client_absent"}).status_code == 200
    assert payee.practice.client.post(f"/api/v1/bookings/{booking}/contest", json={}).status_code == 200
    pass_days(payee, 8)
    assert (payouts(), transfers(payee)) == ([], [])


def test_nothing_leaves_while_a_complaint_about_it_is_open(payee: Till) -> None:
    booking = payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    with transaction():
        a_case("complaint", subject=("booking", booking))
    pass_days(payee, 5)
    assert (payouts(), transfers(payee)) == ([("earned", "complaint")], [])
    with transaction():
        db.session.execute(db.text("UPDATE cases SET state = 'closed', closed_at = now(), outcome = 'resolved' WHERE kind = 'complaint'"))
    pass_days(payee, 1)
    assert payouts() == [("sent", None)]


def test_what_a_code_of_ours_took_off_in_full_is_paid_out_of_our_balance(payee: Till) -> None:
    other = payee.practice.another_client()
    for start in ("2026-12-07T09:00:00Z", "2026-12-07T10:00:00Z"):  # so that there is something in our balance
        payee.pay(payee.open(payee.hold(start, by=other), by=other))
    payee.news()
    booking = payee.hold(f"{SESSION}:00Z")
    assert chosen(payee, booking, code=a_code(payee, points=10_000))["to_pay"]["amount"] == 0
    assert payee.practice.client.post(f"/api/v1/holds/{booking}/confirm", json={}).get_json()["state"] == "confirmed"
    payee.at(utc(SESSION))
    pass_days(payee, 6)
    assert [(each["amount"], each["source_transaction"]) for each in transfers(payee)] == [(PRICE - FEE, None)]
    assert (payouts(), payee.cases()) == ([("sent", None)], [])
    with transaction():
        assert sum(booked_balances().values()) == 0
        assert booked_balances()[("therapist", payee.practice.therapist_id), "GBP"] == -2 * (PRICE - FEE), "what is not earned yet, and nothing else"
    shown = signed_in(payee.practice.new_browser, payee.practice.therapist_id).get("/api/v1/therapist/payouts").get_json()["items"]
    assert [each["amount"]["amount"] for each in shown] == [PRICE - FEE]


def test_an_account_that_is_restricted_meanwhile_waits_and_then_is_paid(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    with transaction():
        db.session.execute(update(ConnectedAccount).values(state="restricted"))
    pass_days(payee, 5)
    assert (payouts(), transfers(payee)) == ([("earned", "account")], [])
    with transaction():
        db.session.execute(update(ConnectedAccount).values(state="enabled"))
    pass_days(payee, 1)
    assert len(transfers(payee)) == 1


def test_an_answer_that_was_lost_pays_once(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 3)
    payee.sandbox.faults.add("lost", times=3, path="/v1/transfers")
    payee.clock.advance(hours=2)
    jobs.registry["payments.look_for_payouts"].run()
    payee.work()
    assert payouts()[0][0] in {"sending", "sent"}
    pass_days(payee, 2)
    assert (len(transfers(payee)), payouts()) == (1, [("sent", None)])


def test_a_failure_that_the_processor_keeps_delays_a_payout_by_minutes_and_pays_once(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 3)
    payee.sandbox.faults.add("500_kept", path="/v1/transfers", method="POST")
    for minutes in (120, 5, 10, 10):
        payee.clock.advance(minutes=minutes)
        jobs.registry["payments.look_for_payouts"].run()
        payee.work()
    assert (len(transfers(payee)), payouts()) == (1, [("sent", None)])


def test_a_failure_that_the_processor_keeps_delays_what_comes_back_by_minutes_and_takes_it_once(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 5)
    (payment,) = payee.payments()
    payee.sandbox.faults.add("500_kept", path="/v1/transfers", method="POST")
    an_admin(payee).post(f"/api/v1/staff/payments/{payment.public_id}/refunds", json={"amount": 2000, "reason": "goodwill"})
    payee.news()
    assert transfers(payee)[0]["amount_reversed"] == 0
    for _ in range(2):
        payee.clock.advance(minutes=11)
        jobs.registry["payments.look_for_payouts"].run()
        payee.work()
    assert transfers(payee)[0]["amount_reversed"] == 1800


def test_the_fee_of_a_late_cancellation_is_earned_and_only_that(payee: Till, clock: FixedClock) -> None:
    payee.terms(late_fee_percent=50)
    booking = payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION), hours=-1)
    cancel(payee, booking)
    pass_days(payee, 6)
    (transfer,) = transfers(payee)
    assert (transfer["amount"], payouts()) == ((PRICE - FEE) // 2, [("sent", None)])


def test_what_is_given_back_after_a_payout_comes_back_from_it(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 5)
    (payment,) = payee.payments()
    given = an_admin(payee).post(f"/api/v1/staff/payments/{payment.public_id}/refunds", json={"amount": 2000, "reason": "goodwill"})
    assert given.status_code == 201, given.text
    payee.news()
    (transfer,) = transfers(payee)
    assert transfer["amount_reversed"] == 1800
    with transaction():
        (reversal,) = db.session.scalars(select(PayoutReversal))
        assert (reversal.state, reversal.amount) == ("done", 1800)
        assert (("therapist", payee.practice.therapist_id), "GBP") not in booked_balances()


def test_what_the_account_cannot_give_back_is_somebodys_case(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 5)
    payee.sandbox.pay_out(account_of(payee), PRICE - FEE, "gbp")
    (payment,) = payee.payments()
    an_admin(payee).post(f"/api/v1/staff/payments/{payment.public_id}/refunds", json={"amount": 2000, "reason": "goodwill"})
    payee.news()
    with transaction():
        assert db.session.scalars(select(PayoutReversal)).one().state == "needs_person"
    assert "payout:not_taken_back" in payee.cases()


def an_admin(till: Till) -> Browser:
    """Days later: whoever was signed in would have to sign in again."""
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
    return signed_in(till.practice.new_browser, person_id)


def test_a_therapist_reads_their_payouts_and_nobody_elses(payee: Till) -> None:
    payee.paid_booking(f"{SESSION}:00Z")
    payee.at(utc(SESSION))
    pass_days(payee, 2)
    path = "/api/v1/therapist/payouts"
    therapist = signed_in(payee.practice.new_browser, payee.practice.therapist_id)
    (waiting,) = therapist.get(path).get_json()["items"]
    assert (waiting["state"], waiting["amount"]["amount"], waiting["sent_at"]) == ("earned", PRICE - FEE, None)
    pass_days(payee, 3)
    (sent,) = signed_in(payee.practice.new_browser, payee.practice.therapist_id).get(f"{path}?limit=1").get_json()["items"]
    assert (sent["state"], sent["amount"]["amount"], sent["returned"]["amount"]) == ("sent", PRICE - FEE, 0)
    assert sent["sent_at"] >= sent["due_at"]
    assert an_admin(payee).get(path).status_code == 403
    with transaction():
        other = an_account(roles=("client", "therapist")).person_id
    someone = signed_in(payee.practice.new_browser, other)
    assert someone.get(path).get_json() == {"items": [], "next": None}
    assert someone.get(f"{path}?cursor=AAAA").status_code == 422

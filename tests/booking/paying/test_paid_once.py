"""Money is taken once, and what went back or was spent is not there a second time: codes, carts and what staff or a late webhook do with them."""

import pytest
from sqlalchemy import select

from core.clock import now
from core.db import db, transaction
from desk.cases import claim_case
from desk.models import Case
from payments import news
from payments.checkout import look_calls
from payments.reconciler.decide import MONEY
from payments.reconciler.decide_calls import decide
from payments.reconciler.models import Difference
from payments.reconciler.take_over import NotWhileGivenBack
from tests.booking.conftest import states
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_carts import PATH as CARTS
from tests.booking.paying.test_carts import Pair, bookings_in, pair, with_another
from tests.booking.paying.test_compared import compare
from tests.booking.paying.test_gifts import PATH, an_admin, gift, left
from tests.booking.paying.test_paid_out import SESSION, pass_days, payee, transfers
from tests.booking.paying.test_price import a_code, chosen, uses
from tests.booking.paying.weekly import PRICE, check_out, hold
from tests.booking.practice import utc
from tests.factories.accounts import an_account

__all__ = ["pair", "payee"]


def test_a_code_is_paid_once_also_after_what_was_paid_for_it_went_back(till: Till) -> None:
    bought, code, buyer = gift(till)
    payment = till.payments()[0].public_id
    path, staff = f"/api/v1/staff/payments/{payment}/refunds", an_admin(till)
    booking = till.hold()
    chosen(till, booking, gift=code)
    refused = staff.post(path, json={"amount": 4001, "reason": "goodwill"}).get_json()
    assert (refused["code"], refused["left"]["amount"]) == ("more_than_left", 4000), "what is spent goes back to nobody's card"
    chosen(till, booking)
    assert staff.post(path, json={"amount": 10_000, "reason": "goodwill"}).status_code == 201
    till.work()
    assert till.charged() == 0
    again = buyer.post(f"{PATH}/{bought}/checkout")
    assert (again.status_code, again.get_json()["code"], len(till.payments())) == (409, "not_payable", 1)


def test_what_was_paid_by_itself_is_not_paid_again_in_a_cart(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its payer is faster than the worker that would book it."""
    till = pair.till
    cart = pair.hold()
    alone, _ = bookings_in(cart)
    payment = till.open(alone)
    till.pay(payment)
    with monkeypatch.context() as slow:
        for module in (news, look_calls):
            slow.setattr(module, "tell", lambda payment_id, *, now: None)
        till.news()
    refused = till.practice.client.post(f"{CARTS}/{cart['id']}/checkout")
    assert (refused.status_code, refused.get_json()["code"], till.state(alone)) == (409, "not_payable", "held")
    row_id = next(each.id for each in till.payments() if str(each.public_id) == payment)
    with transaction():
        news.tell(row_id, now=now())
    assert till.state(alone) == "confirmed"
    assert pair.open(cart["id"])["price"]["amount"] == 4500
    assert till.charged() == 6000


def test_R45_nothing_is_paid_out_of_a_cart_that_was_given_back_whole_by_hand(payee: Till) -> None:
    """No part of it has room for all of that, so a person has to see to it, and is told so."""
    pair = with_another(payee)
    payment, _ = pair.paid()
    payee.at(utc(SESSION))
    payee.sandbox.refund_by_hand(payee.intent(payment), 10_500)
    payee.news()
    assert [kind for kind, _ in compare(payee)] == ["refund_unknown"]
    pass_days(payee, 6)
    assert transfers(payee) == []
    with transaction():
        found = db.session.scalars(select(Difference)).one()
        case, by = db.session.get_one(Case, found.case_id), an_account(roles=("client", "admin")).person_id
        claim_case(case.public_id, by=by, kinds=MONEY, now=now())
        difference = found.public_id
    with pytest.raises(NotWhileGivenBack):
        decide(difference, "confirm", reason="Seen at the processor.", by=by)


def test_R33_late_money_books_no_date_again_whose_code_was_given_back(weekly: Till) -> None:
    _, code, _ = gift(weekly, PRICE)
    series = hold(weekly)
    _, by_gift, _, by_code = [str(each["id"]) for each in series["dates"]]
    assert chosen(weekly, by_gift, gift=code)["to_pay"]["amount"] == 0
    chosen(weekly, by_code, code=a_code(weekly))
    weekly.pay(check_out(weekly, series)["payment_id"])
    weekly.clock.advance(minutes=37)
    weekly.news()
    assert (left(weekly), uses()) == (PRICE, [0]), "both can be spent anew"
    assert states() == ["expired"] * 4 + ["confirmed"] * 2
    assert (weekly.charged(), weekly.returned()) == (2 * PRICE, [])

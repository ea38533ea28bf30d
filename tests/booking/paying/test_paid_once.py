"""Money is taken once, and what went back or was spent is not there a second time: codes, carts and what staff or a late webhook do with them."""

import pytest

from core.clock import now
from core.db import transaction
from payments import news
from payments.checkout import look_calls
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
    """Each part bears what it comes to, so that nobody has to see to it."""
    pair = with_another(payee)
    payment, _ = pair.paid()
    payee.at(utc(SESSION))
    payee.sandbox.refund_by_hand(payee.intent(payment), 10_500)
    payee.news()
    assert compare(payee) == []
    pass_days(payee, 6)
    assert transfers(payee) == []


def test_R45_a_cart_given_back_whole_by_hand_while_staff_give_back_a_part_goes_back_once(payee: Till) -> None:
    """The processor refuses ours, since nothing is left there: what was promised is dropped, and a person is told."""
    pair = with_another(payee)
    payment, (first, _) = pair.paid()
    part = payee.read(first)["payment"]["id"]
    given = an_admin(payee).post(f"/api/v1/staff/payments/{part}/refunds", json={"amount": 6000, "reason": "goodwill"})
    assert given.status_code == 201, given.get_json()
    payee.at(utc(SESSION))
    payee.sandbox.refund_by_hand(payee.intent(payment), 10_500)
    payee.news()
    assert compare(payee) == []
    assert payee.returned() == [(6000, "goodwill", "failed"), (6000, "external", "succeeded"), (4500, "external", "succeeded")]
    assert sorted(payee.cases()) == ["payment:external_refund", "refund:refund_refused"]
    pass_days(payee, 6)
    assert (transfers(payee), payee.charged()) == ([], 0)


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

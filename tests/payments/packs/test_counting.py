"""How many sessions of a pack are left and what they are worth, and the same in the database: the last session has one winner."""

import threading
import uuid

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from core.clock import now
from core.db import db, transaction
from core.errors import Invalid, NotFound
from core.money import Money
from payments.ledger.post import balance_of, post
from payments.ledger.rules import captured_ahead
from payments.models import Payment
from payments.packs.counting import Count, rest, worth
from payments.packs.models import Pack
from payments.packs.sell import AlreadyOffered, NothingLeft, ask_for_pack, close_pack, offer_pack, pack_paid, stop_offer
from payments.packs.take import PackEmpty, consume_session, pays_by_pack, release_session, reserve_session, usable_pack
from tests.factories.accounts import a_person


@given(st.integers(2, 50), st.integers(0, 10**9), st.data())
def test_what_was_consumed_and_the_rest_are_the_price(sessions: int, price: int, data: st.DataObject) -> None:
    consumed = data.draw(st.integers(0, sessions))
    reserved = data.draw(st.integers(0, sessions - consumed))
    count = Count(sessions, reserved, consumed)
    gone = sum(worth(price, sessions, number) for number in range(1, consumed + reserved + 1))
    assert gone + rest(price, count) == price
    assert count.left == sessions - consumed - reserved
    assert Count(sessions, reserved, consumed, is_closed=True).left == 0


@pytest.mark.parametrize("counts", [(5, 3, 3), (5, -1, 0), (5, 0, 6)])
def test_no_more_than_was_bought(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="bought"):
        Count(*counts)


def a_paid_pack(*, sessions: int = 3, price: int = 10_000) -> Pack:
    payee, payer, what = a_person().id, a_person().id, uuid.uuid4()
    pack = ask_for_pack(offer_pack(payee, what, sessions=sessions, price=Money(price, "GBP"), now=now()), payer_id=payer, fee_points=1000, now=now())
    paid = {"captured_amount": price, "captured_currency": "GBP", "state": "settled", "settled_at": now(), "created_at": now(), "changed_at": now()}
    db.session.add(Payment(reference=pack.public_id, purpose="pack", payer_id=payer, payee_id=payee, amount=price, currency="GBP", returned_amount=0, **paid))
    post(captured_ahead(price, "GBP"), once=f"pack:{pack.id}", now=now())
    assert pack_paid(pack.public_id, now=now()) is pack
    return pack


def test_a_session_is_reserved_consumed_or_released_once_and_earned_only_when_consumed(database: None) -> None:
    with transaction():
        pack = a_paid_pack()
        first, second = uuid.uuid4(), uuid.uuid4()
        for _ in range(2):
            reserve_session(pack.id, first, now=now())
        reserve_session(pack.id, second, now=now())
        assert (pack.count.left, pays_by_pack([first, uuid.uuid4()])) == (1, frozenset({first}))
        assert balance_of("therapist", "GBP", person_id=pack.payee_id) == 0
        for _ in range(2):
            consume_session(first, took_place_at=now(), now=now())
            release_session(second, now=now())
        assert (pack.consumed, pack.reserved, pack.count.left) == (1, 0, 2)
        assert balance_of("therapist", "GBP", person_id=pack.payee_id) == -(3334 - 333)
        assert balance_of("platform", "GBP") == -333
        assert balance_of("prepaid", "GBP") == -6666
        assert consume_session(uuid.uuid4(), took_place_at=now(), now=now()) is None
        assert usable_pack(pack.what, payer_id=pack.payer_id) is pack


def test_the_rest_goes_back_whenever_it_is_asked_for_and_booked_sessions_stay(database: None) -> None:
    with transaction():
        pack = a_paid_pack()
        reserve_session(pack.id, uuid.uuid4(), now=now())
        with pytest.raises(NotFound):
            close_pack(pack.public_id, payer_id=pack.payee_id, now=now())
        _, payment, back = close_pack(pack.public_id, payer_id=pack.payer_id, now=now())
        assert (back, payment.reference) == (6666, pack.public_id)
        with pytest.raises(PackEmpty):
            reserve_session(pack.id, uuid.uuid4(), now=now())
        assert usable_pack(pack.what, payer_id=pack.payer_id) is None
        full = a_paid_pack(sessions=2)
        for _ in range(2):
            reserve_session(full.id, uuid.uuid4(), now=now())
        with pytest.raises(NothingLeft):
            close_pack(full.public_id, payer_id=full.payer_id, now=now())


def test_an_offer_is_on_sale_once_and_until_it_is_stopped(database: None) -> None:
    with transaction():
        payee, payer, what = a_person().id, a_person().id, uuid.uuid4()
        offer = offer_pack(payee, what, sessions=5, price=Money(20_000, "GBP"), now=now())
        with pytest.raises(AlreadyOffered):
            offer_pack(payee, what, sessions=5, price=Money(9_000, "GBP"), now=now())
        for sessions, price in ((1, 100), (51, 100), (5, 4)):
            with pytest.raises(Invalid):
                offer_pack(payee, uuid.uuid4(), sessions=sessions, price=Money(price, "GBP"), now=now())
        asked = ask_for_pack(offer, payer_id=payer, fee_points=0, now=now())
        assert ask_for_pack(offer, payer_id=payer, fee_points=0, now=now()) is asked
        with pytest.raises(NotFound):
            stop_offer(offer.public_id, payee_id=payer, now=now())
        stop_offer(offer.public_id, payee_id=payee, now=now())
        with pytest.raises(NotFound):
            ask_for_pack(offer, payer_id=payee, fee_points=0, now=now())
        assert pack_paid(asked.public_id, now=now()) is asked, "who was asked to pay before keeps the price"
        assert pack_paid(uuid.uuid4(), now=now()) is None


@pytest.mark.races
def test_the_last_sessions_of_a_pack_have_as_many_winners(committed_app: Flask) -> None:
    callers = 6
    with committed_app.app_context(), transaction():
        pack_id = a_paid_pack(sessions=2).id
    ready, outcomes = threading.Barrier(callers), []

    def reserve_at_once() -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    reserve_session(pack_id, uuid.uuid4(), now=now())
                outcomes.append("reserved")
            except PackEmpty:
                outcomes.append("empty")

    threads = [threading.Thread(target=reserve_at_once) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["empty"] * (callers - 2) + ["reserved"] * 2

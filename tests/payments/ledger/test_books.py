"""The books add up to zero in every currency after any life of money, and no fact is booked twice."""

import uuid

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.clock import now
from core.db import db, savepoint, transaction
from core.money import share
from payments.ledger import rules
from payments.ledger.accounts import Movement, balances
from payments.ledger.post import balance_of, booked_balances, post
from payments.platform_fees import ORIGINS, all_fees, fees_on
from tests.factories.accounts import a_person

PAYEE = 7
CURRENCIES = ("GBP", "JPY", "BHD")


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Movement], dict[str, tuple[int, int]]]:
    """Payments that come, go back in parts, are paid out, reversed and disputed; and what must be left of each currency: (therapist's, ours)."""
    movements: list[Movement] = []
    left: dict[str, tuple[int, int]] = {}
    for currency in CURRENCIES:
        amount, points = draw(st.integers(1, 10**7)), draw(st.integers(0, 10_000))
        movements += rules.captured(PAYEE, amount, share(amount, points), currency)
        movements += rules.processor_took(draw(st.integers(0, amount)), currency)
        kept = amount
        for _ in range(draw(st.integers(0, 4))):
            back = draw(st.integers(0, kept))
            before, after = share(kept, points), share(kept - back, points)
            movements += rules.refund_promised(PAYEE, back, before, after, currency)
            if draw(st.booleans()):
                movements += rules.refund_left(back, currency)
                if draw(st.booleans()):
                    movements += rules.refund_came_back(back, currency) + rules.refund_dropped(PAYEE, back, after, before, currency)
                    continue
            kept -= back
        out = draw(st.integers(0, kept - share(kept, points)))
        returned = draw(st.integers(0, out))
        movements += rules.transferred(PAYEE, out, currency) + rules.reversed_back(PAYEE, returned, currency)
        left[currency] = (kept - share(kept, points) - out + returned, share(kept, points))
    return movements, left


@given(lives())
def test_every_currency_adds_up_to_zero_and_everybody_has_their_part(life: tuple[list[Movement], dict[str, tuple[int, int]]]) -> None:
    movements, left = life
    sums = balances(movements)
    for currency in CURRENCIES:
        assert sum(amount for (_, each), amount in sums.items() if each == currency) == 0
        theirs, ours = left[currency]
        assert -sums.get((("therapist", PAYEE), currency), 0) == theirs
        assert -sums.get((("platform", None), currency), 0) == ours


def test_a_dispute_won_leaves_nothing_and_one_lost_is_borne_by_parts() -> None:
    base = rules.captured(PAYEE, 5000, 500, "GBP") + rules.disputed(5000, "GBP")
    assert balances(base + rules.dispute_won(5000, "GBP")) == balances(rules.captured(PAYEE, 5000, 500, "GBP"))
    assert balances(base + rules.dispute_lost(PAYEE, 5000, 500, "GBP")) == {}


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Movement("x", ("balance", None), ("platform", None), 0, "GBP"),
        lambda: Movement("x", ("balance", None), ("balance", None), 1, "GBP"),
        lambda: Movement("x", ("therapist", None), ("balance", None), 1, "GBP"),
        lambda: Movement("x", ("platform", 3), ("balance", None), 1, "GBP"),
        lambda: rules.spent(PAYEE, 10, 11, "GBP"),
    ],
)
def test_what_is_no_movement_is_refused(bad: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 each says something else
        bad()  # type: ignore[operator]


@pytest.fixture
def payee(database: None) -> int:
    with transaction():
        return a_person().id


def test_R24_a_fact_is_booked_once(payee: int) -> None:
    reference = uuid.uuid4()
    with transaction():
        movements = rules.captured(payee, 6000, 600, "GBP")
        assert post(movements, once="payment:1:captured", reference=reference, now=now()) == 2
        assert post(movements, once="payment:1:captured", reference=reference, now=now()) == 0
        assert post(rules.captured(payee, 100, 0, "JPY"), once="payment:2:captured", now=now()) == 1
        assert post([], once="nothing", now=now()) == 0
        assert balance_of("therapist", "GBP", person_id=payee) == -5400
        assert booked_balances(payee) == {(("therapist", payee), "GBP"): -5400, (("therapist", payee), "JPY"): -100}
        assert booked_balances() == balances([*movements, *rules.captured(payee, 100, 0, "JPY")])


@pytest.mark.parametrize("statement", ["UPDATE ledger_movements SET amount = 1", "DELETE FROM ledger_movements"])
def test_the_application_cannot_change_the_books(app: Flask, payee: int, statement: str) -> None:
    with transaction():
        post(rules.captured(payee, 6000, 600, "GBP"), once="payment:1:captured", now=now())
        with pytest.raises(ProgrammingError, match="permission denied"), savepoint():
            db.session.execute(text(statement))


def test_our_fee_is_published_for_every_origin() -> None:
    for fees in all_fees():
        assert set(fees.points) == set(ORIGINS)
        assert fees.points["invited"] < fees.points["match"], "who brings a client along pays less"
    today = fees_on(all_fees()[0].begins_on)
    assert today.fee(6005, "match") == share(6005, today.points["match"])

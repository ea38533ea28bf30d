"""What happens to a payment is in the books in the same transaction: captured, given back, sent back by a bank, disputed."""

import uuid
from datetime import UTC, datetime

import pytest

from core.clock import now
from core.db import db, transaction
from payments import processor_facts as said
from payments.ledger.post import booked_balances
from payments.lifecycle import PaymentState, RefundState
from payments.models import Payment
from payments.refunds.apply import apply_dispute, apply_refund
from payments.refunds.request import give_back
from payments.steps import advance_payment, advance_refund, lock_payment
from tests.factories.accounts import a_person

AT = datetime(2026, 11, 22, tzinfo=UTC)


def a_settled_payment(*, purpose: str = "session", payee_part: int | None = 5400, state: PaymentState = PaymentState.SETTLED, captured: int = 6000) -> Payment:
    payment = Payment(
        reference=uuid.uuid4(),
        purpose=purpose,
        payer_id=a_person().id,
        payee_id=a_person().id,
        amount=6000,
        currency="GBP",
        payee_part=payee_part,
        state="open",
        captured_amount=0,
        returned_amount=0,
        created_at=now(),
        changed_at=now(),
    )
    db.session.add(payment)
    db.session.flush()
    payment = lock_payment(payment.id)
    payment.captured_amount, payment.captured_currency, payment.intent = captured, "GBP", f"pi_{payment.id}"
    advance_payment(payment, state, now=now())
    return payment


def written() -> dict[str, int]:
    """By account; every test has one currency and one payee."""
    found = {side[0]: amount for (side, _), amount in booked_balances().items()}
    assert sum(found.values()) == 0
    return found


def test_R40_a_refund_is_promised_leaves_and_may_come_back(database: None) -> None:
    with transaction():
        payment = a_settled_payment()
        whole = {"balance": 6000, "therapist": -5400, "platform": -600}
        assert written() == whole
        refund = give_back(payment, 2000, reason="cancelled", by=None, now=now())
        assert refund is not None
        assert written() == {"balance": 6000, "therapist": -3600, "platform": -400, "refund": -2000}
        advance_refund(payment, refund, RefundState.SUCCEEDED, now=now())
        assert written() == {"balance": 4000, "therapist": -3600, "platform": -400}
        advance_refund(payment, refund, RefundState.FAILED, now=now(), failure="lost_or_stolen_card")
        assert written() == whole


@pytest.mark.parametrize("payee_part", [5400, 6300, None])
def test_a_full_refund_in_odd_parts_leaves_nothing(database: None, payee_part: int | None) -> None:
    with transaction():
        payment = a_settled_payment(payee_part=payee_part)
        for amount in (333, 1, 2777, 2889):
            refund = give_back(payment, amount, reason="cancelled", by=None, now=now())
            assert refund is not None
            advance_refund(payment, refund, RefundState.SUCCEEDED, now=now())
        assert written() == {}


def test_what_is_paid_ahead_is_nobodys_yet(database: None) -> None:
    with transaction():
        payment = a_settled_payment(purpose="pack")
        assert written() == {"balance": 6000, "prepaid": -6000}
        give_back(payment, 2500, reason="rest_of_pack", by=None, now=now())
        assert written() == {"balance": 6000, "prepaid": -3500, "refund": -2500}


def test_R45_a_refund_made_at_the_processors_own_desk_is_booked_once(database: None) -> None:
    with transaction():
        payment = a_settled_payment()
        told = said.Refund(
            id="re_1",
            status="succeeded",
            amount=1000,
            currency="GBP",
            reference=None,
            payment_intent=payment.intent,
            charge=None,
            balance_transaction=None,
            failure_reason=None,
            pending_reason=None,
            created_at=AT,
        )
        for _ in range(2):
            apply_refund(told, now=now())
        assert written() == {"balance": 5000, "therapist": -4500, "platform": -500}


@pytest.mark.parametrize(
    ("decided", "left"),
    [("won", {"balance": 6000, "therapist": -5400, "platform": -600}), ("lost", {})],
)
def test_R43_a_dispute_is_taken_at_once_and_decided_once(database: None, decided: str, left: dict[str, int]) -> None:
    with transaction():
        payment = a_settled_payment()
        for status in ("needs_response", "needs_response", decided, decided):
            apply_dispute(
                said.Dispute(
                    id="dp_1",
                    status=status,
                    reason="fraudulent",
                    amount=6000,
                    currency="GBP",
                    payment_intent=payment.intent,
                    charge=None,
                    evidence_due_at=None,
                    entries=(),
                    created_at=AT,
                ),
                now=now(),
            )
            if status == "needs_response":
                assert written() == {"dispute": 6000, "therapist": -5400, "platform": -600}
        assert written() == left


def test_R43_what_the_processor_takes_for_a_dispute_is_booked_once(database: None) -> None:
    with transaction():
        payment = a_settled_payment()
        line = said.BalanceEntry("txn_1", "adjustment", -6000, 1500, -7500, "GBP", "dp_1", AT, AT)
        told = said.Dispute("dp_1", "needs_response", "fraudulent", 6000, "GBP", payment.intent, None, None, (line,), AT)
        for _ in range(2):
            apply_dispute(told, now=now())
        assert written() == {"balance": -1500, "processor_fee": 1500, "dispute": 6000, "therapist": -5400, "platform": -600}


def test_R30_money_of_another_amount_is_in_the_books_and_leaves_them_when_it_goes_back(database: None) -> None:
    with transaction():
        payment = a_settled_payment(state=PaymentState.MISMATCHED, captured=5000)
        assert written() == {"balance": 5000, "therapist": -4500, "platform": -500}
        refund = give_back(payment, 5000, reason="wrong_amount", by=None, now=now())
        assert refund is not None
        advance_refund(payment, refund, RefundState.SUCCEEDED, now=now())
        assert written() == {}

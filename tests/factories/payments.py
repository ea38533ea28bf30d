"""Payments as rows, for what does not need the processor. Call inside `transaction()`."""

import uuid
from itertools import count

from core.clock import now
from core.db import db
from payments.lifecycle import PaymentState
from payments.models import Payment
from tests.factories.accounts import an_account

_number = count(1)


def a_settled_payment(*, amount: int = 10_000, currency: str = "GBP", payer_id: int | None = None, payee_id: int | None = None) -> Payment:
    """Captured in full and told to whoever asked."""
    number = next(_number)
    payment = Payment(
        public_id=uuid.uuid4(),
        reference=uuid.uuid4(),
        purpose="session",
        payer_id=payer_id or an_account().person_id,
        payee_id=payee_id or an_account().person_id,
        amount=amount,
        currency=currency,
        state=PaymentState.SETTLED.value,
        captured_amount=amount,
        captured_currency=currency,
        returned_amount=0,
        created_at=now(),
        changed_at=now(),
        settled_at=now(),
        told_at=now(),
        intent=f"pi_factory_{number}",
        charge=f"ch_factory_{number}",
    )
    db.session.add(payment)
    db.session.flush()
    return payment

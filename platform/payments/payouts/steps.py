"""The one place where a payout or its way back changes its state: along the tables of `rules`, under the lock of the payment it comes out of."""

from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from payments.models import Payment
from payments.payouts.models import Payout, PayoutReversal
from payments.payouts.rules import PayoutState, ReversalState, step_payout, step_reversal
from payments.steps import lock_payment


def lock_payout(payout_id: int) -> tuple[Payment | None, Payout]:
    """A payout with its payment, which alone is locked: whoever writes either holds that lock. Where there is none, the payout itself is locked."""
    payment_id = db.session.execute(select(Payout.payment_id).where(Payout.id == payout_id)).scalar_one()
    if payment_id is None:
        return None, db.session.get_one(Payout, payout_id, populate_existing=True, with_for_update=True)
    payment = lock_payment(payment_id)
    return payment, db.session.get_one(Payout, payout_id, populate_existing=True)


def lock_reversal(reversal_id: int) -> tuple[Payment | None, Payout, PayoutReversal]:
    """The way back of part of a payout, with both."""
    payment, payout = lock_payout(db.session.execute(select(PayoutReversal.payout_id).where(PayoutReversal.id == reversal_id)).scalar_one())
    return payment, payout, db.session.get_one(PayoutReversal, reversal_id, populate_existing=True)


def advance_payout(payout: Payout, target: PayoutState, *, now: datetime, failure: str | None = None) -> None:
    """Take the step, or PayoutStepNotPossible."""
    step_payout(payout.stands, target)
    payout.state, payout.changed_at, payout.failure, payout.waits_for = target.value, now, failure, None
    db.session.flush()
    audit.record(f"payments.payout_{target.value}", subject=("payout", payout.id), reason=failure)


def advance_reversal(reversal: PayoutReversal, target: ReversalState, *, now: datetime, failure: str | None = None) -> None:
    """Take the step, or PayoutStepNotPossible."""
    step_reversal(reversal.stands, target)
    reversal.state, reversal.changed_at, reversal.failure = target.value, now, failure
    db.session.flush()
    audit.record(f"payments.reversal_{target.value}", subject=("payout_reversal", reversal.id), reason=failure)

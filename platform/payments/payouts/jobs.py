"""By the clock: payouts whose day has come leave, and what did not get through is tried again."""

from sqlalchemy import select

from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import periodic
from payments.payouts.models import Payout, PayoutReversal
from payments.payouts.send_jobs import pay_out, send_reversal

AT_ONCE = 500


@periodic("*/10 * * * *", "payments.look_for_payouts")
def look_for_payouts() -> None:
    """Everything that is due or was not answered. What is held back is asked about anew each time."""
    due = select(Payout.id).where(Payout.state.in_(["earned", "sending"]), Payout.due_at <= now_of_transaction()).order_by(Payout.due_at).limit(AT_ONCE)
    for payout_id in db.session.scalars(due):
        pay_out.enqueue(payout_id=payout_id)
    for reversal_id in db.session.scalars(select(PayoutReversal.id).where(PayoutReversal.state == "intended").order_by(PayoutReversal.id).limit(AT_ONCE)):
        send_reversal.enqueue(reversal_id=reversal_id)

"""By the clock: whatever the processor should have told us by itself is asked for. With every event lost, a payment settles within minutes."""

from datetime import timedelta

import structlog
from sqlalchemy import select

from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job, periodic
from payments.attention import need_person
from payments.checkout.look_calls import NoSuchObject, ProcessorUnavailable, look_at_attempt
from payments.inbox.read_jobs import read_event
from payments.models import Payment, PaymentAttempt, ProcessorEvent, Refund
from payments.news import tell_later
from payments.refunds.request import send_now
from payments.refunds.send_calls import look_at_refund

log = structlog.get_logger()
AT_ONCE = 200
AGAIN_IN = timedelta(minutes=2)
UNTOLD_FOR = timedelta(seconds=20)
ALARM_AFTER = timedelta(minutes=15)


@periodic("* * * * *", "payments.poll")
def poll() -> None:
    """Ask about every live attempt and refund whose time has come, read events again that wait, tell what nobody has heard."""
    now = now_of_transaction()
    due_attempts = select(PaymentAttempt).where(PaymentAttempt.state.in_(["intended", "open"]), PaymentAttempt.look_at <= now)
    for attempt in db.session.scalars(due_attempts.order_by(PaymentAttempt.look_at).limit(AT_ONCE).with_for_update(skip_locked=True)):
        attempt.look_at = now + AGAIN_IN
        look.enqueue(attempt_id=attempt.id)
    due_refunds = select(Refund).where(Refund.state.in_(["requested", "pending"]), Refund.look_at <= now)
    for refund in db.session.scalars(due_refunds.order_by(Refund.look_at).limit(AT_ONCE).with_for_update(skip_locked=True)):
        refund.look_at = now + AGAIN_IN
        (send_now if refund.state == "requested" else look_back).enqueue(refund_id=refund.id)
    due_events = select(ProcessorEvent).where(ProcessorEvent.state == "waiting", ProcessorEvent.try_at <= now)
    for event in db.session.scalars(due_events.order_by(ProcessorEvent.try_at).limit(AT_ONCE).with_for_update(skip_locked=True)):
        event.try_at = now + AGAIN_IN
        read_event.enqueue(event_row=event.id)
    untold = select(Payment).where(Payment.state == "settled", Payment.told_at.is_(None), Payment.settled_at <= now - UNTOLD_FOR)
    for payment in db.session.scalars(untold.order_by(Payment.settled_at).limit(AT_ONCE)):
        tell_later.enqueue(payment_id=payment.id)
        if payment.settled_at is not None and payment.settled_at <= now - ALARM_AFTER:
            need_person("not_heard", ("payment", payment.public_id), person_id=payment.payer_id, priority="high", now=now)


@job("payments.look", outside=True)
def look(attempt_id: int) -> None:
    """The poller's question about one attempt. The processor being away is no failure: the next minute asks again."""
    try:
        look_at_attempt(attempt_id)
    except (ProcessorUnavailable, NoSuchObject) as away:
        log.warning("attempt_not_read", attempt=attempt_id, error=type(away).__name__)


@job("payments.look_at_refund", outside=True)
def look_back(refund_id: int) -> None:
    look_at_refund(refund_id)

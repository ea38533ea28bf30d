"""Events that were sent and never came: what the poller does not ask about by itself is looked for in the processor's own list of them.

Our attempts, and refunds on their way, are asked about one by one (`payments.jobs`). What others do to a payment, a refund by hand or a dispute, we hear of by
events alone; and an endpoint that was off, or an event type that nobody subscribed to, loses them without a word.
"""

from datetime import timedelta

import structlog
from sqlalchemy import select

from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job, periodic
from payments import processor
from payments.inbox.receive import keep_event
from payments.models import ProcessorEvent
from payments.processor_failures import ProcessorUnavailable

log = structlog.get_logger()
KINDS = (
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
# Each look goes back over several before it, so that one which failed is made up for; the nightly one as long as events are sent again.
HOURS, NIGHTLY_HOURS = 2, 72


@periodic("*/10 * * * *", "payments.catch_up")
def catch_up() -> None:
    catch_up_on.enqueue(hours=HOURS)


@periodic("20 3 * * *", "payments.catch_up_nightly")
def catch_up_nightly() -> None:
    catch_up_on.enqueue(hours=NIGHTLY_HOURS)


@job("payments.catch_up_on", outside=True)
def catch_up_on(hours: int) -> None:
    """Keep what was not kept of the last `hours`. The processor being away is no failure: the next look goes back as far."""
    with transaction():
        until = now_of_transaction() + timedelta(minutes=1)
    try:
        told = processor.events_between(until - timedelta(hours=hours), until, kinds=KINDS)
    except ProcessorUnavailable as away:
        log.warning("events_not_listed", reason=away.reason)
        return
    with transaction():
        names = [event.id for event in told]
        known = set(db.session.scalars(select(ProcessorEvent.event_id).where(ProcessorEvent.event_id.in_(names))))
        missed = [event for event in told if event.id not in known]
        for event in missed:
            keep_event(event, now=now_of_transaction())
    if missed:
        log.warning("events_caught_up", number=len(missed))

"""An event arrived: is it the processor's, and is it for us? Kept once by its id before it is answered; a job reads the rest."""

from datetime import datetime

import structlog
from sqlalchemy.dialects.postgresql import insert

from core.db import db
from core.errors import Malformed
from payments.attention import need_person
from payments.inbox.read_jobs import read_event
from payments.models import ProcessorEvent
from payments.processor_facts import Event
from payments.processor_failures import NotSigned
from payments.processor_sdk import is_live, read_webhook

log = structlog.get_logger()


class NotTheProcessor(Malformed):
    code, detail = "not_signed", "This is not a signed event of our payment processor."


def receive(raw: bytes, signature: str | None, *, now: datetime) -> bool:
    """Keep the event; False when it was kept before. NotTheProcessor for anything that was not signed by one of our secrets in the last five minutes.

    An event of the other mode (test or live) is kept and read by nobody; it is somebody's case, because it means that a secret is in the wrong place.
    """
    try:
        event = read_webhook(raw, signature, now=now)
    except NotSigned as refused:
        log.warning("webhook_refused", reason=refused.reason)
        raise NotTheProcessor from refused
    return keep_event(event, now=now)


def keep_event(event: Event, *, now: datetime) -> bool:
    """Once by its id, however it came to us; False when it was kept before."""
    why = "other_mode" if event.livemode != is_live() else None
    kept = db.session.execute(insert(ProcessorEvent).values(_row(event, why, now=now)).on_conflict_do_nothing().returning(ProcessorEvent.id))
    event_row = kept.scalar_one_or_none()
    if event_row is None:
        return False
    if why is None:
        read_event.enqueue(event_row=event_row)
    else:
        need_person("other_mode", ("event", event.id), priority="high", now=now, kind=event.kind, live=event.livemode)
    return True


def _row(event: Event, why: str | None, *, now: datetime) -> dict[str, object]:
    object_kind, object_id = event.object_kind, event.object_id
    if object_kind == "charge" and isinstance(event.snapshot.get("payment_intent"), str):
        # We read payments, not their tries.
        object_kind, object_id = "payment_intent", event.snapshot["payment_intent"]
    return {
        "event_id": event.id,
        "kind": event.kind,
        "object_kind": object_kind,
        "object_id": object_id,
        "account": event.account,
        "live": event.livemode,
        "occurred_at": event.created_at,
        "received_at": now,
        "state": "waiting" if why is None else "set_aside",
        "why": why,
        "try_at": now if why is None else None,
        "changed_at": now,
    }

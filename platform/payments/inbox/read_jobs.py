"""Read what an event was about at the processor, and move our side: transaction, call, transaction. What fits nothing yet waits, and is never dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job
from payments.attention import need_person
from payments.inbox.read_calls import READERS, NotOurs
from payments.models import ProcessorEvent
from payments.processor_failures import NoSuchObject, ProcessorUnavailable
from payments.refunds.apply import NoRoomYet, PaymentUnknown

log = structlog.get_logger()
ALARM_AFTER = timedelta(minutes=15)
# Events are sent again for three days; what fits nothing by then never will. Its case stays open.
GIVE_UP_AFTER = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hint:
    """Which object something happened to. `account` is the connected account it happened on."""

    kind: str
    object_kind: str
    object_id: str
    account: str | None


@job("payments.read_event", outside=True)
def read_event(event_row: int) -> None:
    """Running it again is harmless: what is read is how things stand."""
    with transaction():
        event = db.session.get_one(ProcessorEvent, event_row, populate_existing=True)
        hint, waits = Hint(event.kind, event.object_kind, event.object_id, event.account), event.state == "waiting"
    if not waits:
        return
    reader: Callable[[str], None] | None = READERS.get(hint.object_kind)
    try:
        if reader is None:
            raise NotOurs("not_asked_for")
        if hint.account is not None and hint.object_kind != "account":
            raise NotOurs("other_account")
        reader(hint.object_id)
    except NotOurs as refusal:
        why = refusal.why
        _note(event_row, lambda event, now: _set_aside(event, why, now=now))
    except (PaymentUnknown, NoSuchObject, NoRoomYet, ProcessorUnavailable) as reason:
        why = {PaymentUnknown: "unknown_reference", NoSuchObject: "no_such_object", NoRoomYet: "no_room_yet"}.get(type(reason), "processor_away")
        _note(event_row, lambda event, now: _wait(event, why, now=now))
    else:
        _note(event_row, lambda event, _: _done(event))


def _note(event_row: int, write: Callable[[ProcessorEvent, datetime], None]) -> None:
    with transaction():
        event, now = db.session.get_one(ProcessorEvent, event_row, populate_existing=True, with_for_update=True), now_of_transaction()
        if event.state == "waiting":
            write(event, now)
            event.changed_at, event.tried = now, event.tried + 1


def _done(event: ProcessorEvent) -> None:
    event.state, event.why, event.try_at = "done", None, None


def _set_aside(event: ProcessorEvent, why: str, *, now: datetime) -> None:
    event.state, event.why, event.try_at = "set_aside", why, None
    if why == "other_account":
        need_person(why, ("event", event.event_id), now=now, kind=event.kind, object=event.object_id)


def _wait(event: ProcessorEvent, why: str, *, now: datetime) -> None:
    log.info("event_waits", kind=event.kind, why=why, tried=event.tried)
    event.why, event.try_at = why, now + min(FIRST_WAIT * 2 ** min(event.tried, 10), LONGEST_WAIT)
    if now - event.received_at >= ALARM_AFTER and why != "processor_away":
        need_person(why, ("event", event.event_id), priority="high", now=now, kind=event.kind, object=event.object_id)
        if now - event.received_at >= GIVE_UP_AFTER:
            _set_aside(event, why, now=now)

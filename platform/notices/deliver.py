"""Deliver one notice: note the attempt, speak to the mail server with no transaction open, note what it answered.

At least once: a server that answered is not asked again; one that fell silent after it had everything is, with the same Message-ID. A lease keeps a
second worker out while the first is speaking, and ends by itself when the first died.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update

from core.clock import now
from core.db import db, transaction
from core.jobs import job, periodic
from notices.channels import CHANNELS
from notices.letter import Letter
from notices.models import Notice
from notices.refused import Refused

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=30)


class DeliveryFailed(Exception):
    """Nobody took the letter this time; the queue will try again."""


class BeingDelivered(DeliveryFailed):
    """Another worker is at it; look again later."""


@dataclass(frozen=True, slots=True)
class _Errand:
    letter: Letter
    channel: str
    message_id: str
    written_at: datetime


@job("notices.deliver", outside=True)
def deliver(notice_id: int) -> None:
    """Send the notice unless it was sent or refused. Raises `DeliveryFailed`, which makes the queue repeat it, with growing pauses."""
    with transaction():
        errand = _take(notice_id, now=now())
    if errand is None:
        return
    try:
        CHANNELS[errand.channel].deliver(errand.letter, message_id=errand.message_id, written_at=errand.written_at)
    except Refused as refused:
        with transaction():
            _note(notice_id, state="refused", failure=refused.code, now=now())
    except Exception as error:
        with transaction():
            _note(notice_id, state="waiting", failure=type(error).__name__, now=now())
        raise DeliveryFailed(type(error).__name__) from error
    else:
        with transaction():
            _note(notice_id, state="sent", failure=None, now=now())


def _take(notice_id: int, *, now: datetime) -> _Errand | None:
    notice = db.session.get(Notice, notice_id, with_for_update=True, populate_existing=True)
    if notice is None or notice.state != "waiting" or notice.letter is None:
        return None
    if notice.lease_ends_at is not None and notice.lease_ends_at > now:
        raise BeingDelivered
    notice.lease_ends_at = now + LEASE
    notice.attempts += 1
    return _Errand(Letter.from_json(notice.letter), notice.channel, notice.message_id, notice.created_at)


def _note(notice_id: int, *, state: str, failure: str | None, now: datetime) -> None:
    notice = db.session.get_one(Notice, notice_id, with_for_update=True, populate_existing=True)
    notice.state, notice.last_failure, notice.lease_ends_at = state, failure, None
    notice.sent_at = now if state == "sent" else None
    if failure:
        log.warning("notice_not_delivered", notice=notice_id, kind=notice.kind, state=state, failure=failure, attempts=notice.attempts)


@periodic("29 3 * * *", "notices.forget_letters")
def forget_letters() -> None:
    """What a letter said is needed until it has arrived and a little longer; that one went out stays known."""
    over = (Notice.state != "waiting", Notice.created_at < now() - KEPT, Notice.letter_sealed.is_not(None))
    db.session.execute(update(Notice).where(*over).values(letter_sealed=None))

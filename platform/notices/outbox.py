"""`send`: put a notice into the outbox, in the caller's transaction. If that is rolled back, nothing was ever sent."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.db import db
from notices.deliver import deliver
from notices.letter import CalendarPart, write_letter
from notices.models import Notice
from notices.recipient import Recipient

__all__ = ["CalendarPart", "Recipient", "send"]


def send(
    recipient: Recipient,
    *,
    kind: str,
    template: str,
    facts: Mapping[str, Any],
    once: str,
    now: datetime,
    calendar: CalendarPart | None = None,
    person_id: int | None = None,
) -> Notice:
    """Write the letter, keep it sealed, and enqueue its delivery.

    `template` is ``package/name``. `once` makes a repetition harmless: the same key to the same address gives the first notice, whatever the facts are
    now, with its one Message-ID. The subject must say nothing about health or why somebody is here: it is read on lock screens.
    """
    letter = write_letter(recipient, template=template, facts=facts, base_url=current_app.config["BASE_URL"], calendar=calendar)
    notice = Notice(public_id=uuid.uuid4(), person_id=person_id, kind=kind, channel="mail", created_at=now)
    notice.letter = letter.as_json()
    digest = _once_digest(once, recipient.address)
    row = {
        "public_id": notice.public_id,
        "person_id": person_id,
        "kind": kind,
        "channel": notice.channel,
        "once_digest": digest,
        "message_id": _message_id(notice.public_id),
        "letter_sealed": notice.letter_sealed,
        "created_at": now,
    }
    inserted = insert(Notice).values(row).on_conflict_do_nothing(index_elements=["once_digest"]).returning(Notice.id)
    is_new = db.session.execute(inserted).scalar_one_or_none() is not None
    kept = db.session.execute(select(Notice).where(Notice.once_digest == digest)).scalar_one()
    if is_new:
        deliver.enqueue(notice_id=kept.id)
    return kept


def _once_digest(once: str, address: str) -> bytes:
    return hashlib.sha256(f"{once}\0{address.lower()}".encode()).digest()


def _message_id(public_id: uuid.UUID) -> str:
    sender = parseaddr(current_app.config["MAIL_FROM"])[1]
    return f"<{public_id}@{sender.rpartition('@')[2] or 'localhost'}>"

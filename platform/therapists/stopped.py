"""Requests that a therapist leaves unanswered speak louder than their profile: we stop new ones until they say again that they take new clients."""

from datetime import datetime

from sqlalchemy import select

from accounts.links import issue_link
from accounts.people import recipient_of
from core import audit
from core.db import db
from notices.outbox import send
from therapists.accepting import HOLDS_FOR, PURPOSE
from therapists.models import Therapist
from therapists.profile import touch
from therapists.still_accepting import PAGE


def stop_for_silence(therapist_id: int, *, now: datetime) -> None:
    """Take no new clients for them, and mail them the link that puts it right. Nothing happens where they take none already."""
    locked = select(Therapist).where(Therapist.person_id == therapist_id).with_for_update(of=Therapist, key_share=True)
    therapist = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if not therapist.accepting:
        return
    therapist.accepting, therapist.stopped_at = False, now
    therapist.accepting_asked_at = therapist.accepting_reminded_at = None
    touch(therapist, now=now)
    audit.record("therapists.accepting_stopped", subject=("therapist", therapist.public_id), reason="requests_unanswered")
    recipient = recipient_of(therapist_id)
    if recipient is not None:
        facts = {"name": therapist.display_name, "page": PAGE, "token": issue_link(PURPOSE, therapist_id, lifetime=HOLDS_FOR, now=now)}
        once = f"stopped:{therapist.public_id}:{now.isoformat()}"
        send(
            recipient,
            kind="therapists.stopped",
            template="therapists/stopped",
            facts=facts,
            once=once,
            now=now,
            person_id=therapist_id,
        )


def last_stopped(therapist_id: int) -> datetime | None:
    """When we last did so."""
    return db.session.execute(select(Therapist.stopped_at).where(Therapist.person_id == therapist_id)).scalar_one()

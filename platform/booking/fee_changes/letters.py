"""What a client is told of another fee: what it is, from when, which of their dates it concerns, until when to answer, and what silence means."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from accounts.people import recipient_of
from booking.fee_changes.models import FeeChange
from booking.models import Booking
from core.db import db
from core.money import Money
from notices.letter import local_time
from notices.outbox import send
from therapists.models import Therapist

PAGE = "appointment/new-fee"


def tell_announced(change: FeeChange, client_id: int, after: int, dates: Sequence[Booking], *, now: datetime) -> None:
    recipient = recipient_of(client_id)
    if recipient is None:
        return
    facts = {
        "therapist": db.session.execute(select(Therapist.display_name).where(Therapist.person_id == change.therapist_id)).scalar_one(),
        "old": str(change.old_fee),
        "new": str(Money(after, change.currency)),
        "since": change.takes_effect_at,
        "answer_by": change.answer_by,
        "times": [local_time(each.starts_at, recipient.zone) for each in dates],
        "page": f"{PAGE}/{change.public_id}",
    }
    once = f"fee-change:{change.id}:{client_id}"
    send(recipient, kind="fee_announced", template="booking/fee_announced", facts=facts, once=once, now=now, person_id=client_id)

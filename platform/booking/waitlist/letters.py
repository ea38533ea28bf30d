"""What those who wait are written: an offer, the question whether they are still looking, and the end of their place."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from accounts.people import recipient_of
from booking.letters import MODES
from booking.models import Booking
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from core.db import db
from notices.outbox import send
from therapists.models import Therapist

OFFER_PAGE, LOOKING_PAGE = "waitlist-offer", "still-looking"


def write_offer(offer: WaitlistOffer, booking: Booking, *, secret: str, now: datetime) -> None:
    """One link, to accept or to pass on."""
    facts = {
        "start": booking.starts_at,
        "minutes": int((booking.ends_at - booking.starts_at).total_seconds()) // 60,
        "how": MODES.get(booking.mode, ""),
        "until": offer.expires_at,
        "page": OFFER_PAGE,
        "token": secret,
    }
    entry = db.session.get_one(WaitlistEntry, offer.entry_id)
    _send(entry, "waitlist_offer", facts, once=f"waitlist-offer:{offer.id}", now=now)


def ask_by_mail(entry: WaitlistEntry, *, secret: str, answer_by: datetime, now: datetime) -> None:
    facts = {"page": LOOKING_PAGE, "token": secret, "answer_by": answer_by}
    _send(entry, "waitlist_still_looking", facts, once=f"waitlist-looking:{entry.id}:{now.isoformat()}", now=now)


def write_removal(entry: WaitlistEntry, *, now: datetime) -> None:
    _send(entry, "waitlist_removed", {"reason": entry.end_reason}, once=f"waitlist-removed:{entry.id}:{now.isoformat()}", now=now)


def _send(entry: WaitlistEntry, template: str, facts: dict[str, Any], *, once: str, now: datetime) -> None:
    recipient = recipient_of(entry.client_id)
    if recipient is None:
        return
    name = db.session.execute(select(Therapist.display_name).where(Therapist.person_id == entry.therapist_id)).scalar_one()
    facts["therapist"] = name
    send(recipient, kind=template, template=f"booking/{template}", facts=facts, once=once, now=now, person_id=entry.client_id)

"""What somebody else booked for a client, and is paid by card: it counts at once, because both sides agreed on it, and its client is asked to pay by a link.

From then on it has the clock of a date of a series (`charge_clock`): a kept card is charged 48 hours before it, and 12 hours before it its therapist keeps or
releases what is not paid.
"""

from datetime import datetime

from booking.models import Booking
from booking.paying.charge_letters import tell_asked
from booking.paying.due import NO_CARD, payer_of
from booking.paying.models import SessionCharge
from core import audit
from core.db import db
from payments.cards.keep import card_in_force


def ask_to_pay(booking: Booking, *, now: datetime) -> None:
    """Nothing for what costs nothing here. The caller has just written the booking, confirmed."""
    if not booking.is_paid_online or booking.is_group:
        return
    has_card = card_in_force(payer_of(booking), booking.therapist_id) is not None
    # Without a card it is due at once: the page that the link leads to offers its checkout.
    db.session.add(SessionCharge(booking_id=booking.id, state="waiting", tries=0, problem=None if has_card else NO_CARD, changed_at=now))
    db.session.flush()
    audit.record("booking.asked_to_pay", subject=("booking", booking.id))
    tell_asked(booking, has_card=has_card, now=now)

"""A date of a series was not paid by 12 hours before it: its therapist keeps the appointment, or releases the time."""

import uuid
from datetime import datetime

from booking.advance import advance, booking_under_lock
from booking.lifecycle import State, require_state
from booking.models import Booking
from booking.paying.charge_letters import tell_kept
from booking.paying.models import SessionCharge
from booking.refusals import AlreadyStarted
from core import audit
from core.db import db
from core.errors import Conflict, Forbidden

DECISIONS = ("keep", "release")
REASON = "unpaid"


class NotUnpaid(Conflict):
    code, detail = "not_unpaid", "There is nothing to choose: this appointment is paid, or can still be charged."


def decide_unpaid(public_id: uuid.UUID, decision: str, *, by: int, now: datetime) -> Booking:
    """Keep: it takes place, and stays to be paid by its client's link. Release: it is cancelled free of charge, and the time is free.

    Refusals: NotFound, Forbidden for its client, BookingEnded, StepNotPossible, AlreadyStarted, NotUnpaid (also once it was chosen).
    """
    booking = booking_under_lock(public_id, person_id=by)
    if booking.therapist_id != by:
        raise Forbidden
    require_state(booking.stands, State.CONFIRMED)
    if booking.starts_at <= now:
        raise AlreadyStarted
    charging = db.session.get(SessionCharge, booking.id, populate_existing=True)
    if charging is None or charging.state != "unpaid":
        raise NotUnpaid
    charging.state, charging.decided_by, charging.changed_at = ("kept" if decision == "keep" else "released"), by, now
    db.session.flush()
    audit.record(f"booking.unpaid_{charging.state}", subject=("booking", booking.id), actor=by)
    if decision == "keep":
        tell_kept(booking, now=now)
    else:
        advance(booking, State.CANCELLED, by=by, reason=REASON, now=now)
    return booking

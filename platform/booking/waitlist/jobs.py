"""Lines are worked through by a job, enqueued by whatever frees time; the sweep finds what nobody told of, such as new hours, or a place that became free."""

from sqlalchemy import select

from booking.waitlist.models import WaitlistEntry
from booking.waitlist.offer_opening import offer_next
from core.clock import now
from core.db import db
from core.jobs import drop_waiting, job, periodic


@job("booking.offer_openings")
def offer_openings(therapist_id: int, after: int = 0) -> None:
    """Offer one opening of this therapist to whoever is first in line behind the entry `after`, and go on behind them."""
    # Whoever freed time before this moment has asked for nothing else: a series that ends asks once for each of its dates.
    drop_waiting(offer_openings.name, therapist_id=therapist_id)
    goes_on = offer_next(therapist_id, after=after, now=now())
    if goes_on is not None:
        offer_openings.enqueue(therapist_id=therapist_id, after=goes_on)


@periodic("*/10 * * * *", "booking.sweep_waitlists")
def sweep_waitlists() -> None:
    """Look once for everybody for whom somebody waits."""
    waited_for = select(WaitlistEntry.therapist_id).where(WaitlistEntry.state == "waiting").distinct()
    for therapist_id in db.session.scalars(waited_for.order_by(WaitlistEntry.therapist_id)).all():
        offer_openings.enqueue(therapist_id=therapist_id)

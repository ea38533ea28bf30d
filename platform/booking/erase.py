"""What is still ahead keeps an account from being erased; what was written around appointments goes with it. That they took place, and when, stays."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from accounts.erase import Obstacle
from booking.calendar.feed_models import CalendarFeed
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant, LateFee
from booking.online.models import Arrival
from booking.paying.pay_due import fee_due
from booking.reminders.models import ReminderChoice
from booking.waitlist.join import leave_waitlist
from booking.waitlist.models import ALIVE, WaitlistEntry
from core.db import db

AHEAD = Obstacle("appointments_ahead", "There are appointments or requests that are not over. Cancel or withdraw them first; what that costs is said before.")
OWED = Obstacle("fee_owed", "A fee for an appointment that was cancelled late or not come to is not paid yet. Pay it, or ask your therapist to waive it.")
# A week and a little: `paying.charge_fee`.
CHARGED_FOR = timedelta(days=10)
UNDECIDED = (State.HELD, State.REQUESTED, State.CONFIRMED)


def appointments_ahead(person_id: int, now: datetime) -> Obstacle | None:  # noqa: ARG001 the signature is `accounts.erase.FindObstacle`
    """Also those that are over and whose outcome is not final: what they cost is not known yet."""
    seats = BookingParticipant.person_id == person_id, BookingParticipant.left_at.is_(None)
    waiting = select(Booking.id).join(BookingParticipant, BookingParticipant.booking_id == Booking.id).where(*seats)
    theirs = Booking.held_for.is_(None) | (Booking.held_for != "offer")  # an offer of the waitlist goes with the place in the line
    found = waiting.where(Booking.state.in_([state.value for state in UNDECIDED]), or_(Booking.state != State.HELD.value, theirs)).limit(1)
    return AHEAD if db.session.scalars(found).first() is not None else None


def fee_owed(person_id: int, now: datetime) -> Obstacle | None:
    """A fee that its clock still charges; after that it is somebody's case, or was let go."""
    recent = select(LateFee.booking_id).where(LateFee.waived_at.is_(None), LateFee.at > now - CHARGED_FOR)
    mine = select(BookingParticipant.booking_id).where(BookingParticipant.person_id == person_id)
    bookings = db.session.scalars(select(Booking).where(Booking.id.in_(recent), Booking.id.in_(mine))).all()
    return OWED if any(fee_due(booking) is not None for booking in bookings) else None


def erase_around_appointments(person_id: int, now: datetime) -> None:
    alive = select(WaitlistEntry.public_id).where(WaitlistEntry.client_id == person_id, WaitlistEntry.state.in_(ALIVE))
    for entry in db.session.scalars(alive).all():
        leave_waitlist(entry, by=person_id, now=now)
    mine = select(BookingParticipant.booking_id).where(BookingParticipant.person_id == person_id)
    # In a group what its therapist wrote is for the others as well.
    alone = select(Booking.id).where(Booking.id.in_(mine), Booking.unit != "group")
    db.session.execute(update(Booking).where(Booking.id.in_(alone)).values(end_note_sealed=None))
    db.session.execute(update(BookingParticipant).where(BookingParticipant.person_id == person_id).values(title_sealed=None))
    for model in (Arrival, CalendarFeed, ReminderChoice):
        db.session.execute(delete(model).where(model.person_id == person_id))

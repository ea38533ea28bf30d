"""What a client takes along of their appointments and of what stands around them. Who else attends a group is not in it."""

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.own_data import Part, plain
from booking.calendar.feed_models import CalendarFeed
from booking.disruption.models import DisruptionMessage
from booking.fee_changes.models import FeeChange, FeeChangeAnswer
from booking.models import Booking, BookingEvent, BookingParticipant, LateFee
from booking.online.models import Arrival
from booking.proposals.models import Proposal
from booking.reminders.models import ReminderChoice
from booking.series.models import Series
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from core.db import db
from therapists.names import names_of

APPOINTMENT = ("public_id", "kind", "unit", "mode", "starts_at", "ends_at", "zone", "state", "fee", "list_price", "created_at")
BOOKED = ("concession", "origin")  # said by whoever booked it
ENDED = ("confirmed_at", "cancelled_late", "outcome", "outcome_at", "contested_at")


def appointments(person_id: int) -> Part:
    """Each with its history and, where it is theirs, the late fee; what they stated right before a session only while it is kept. What others who attend said,
    when they booked it, left or ended it, is theirs.
    """
    seats = select(BookingParticipant).where(BookingParticipant.person_id == person_id).order_by(BookingParticipant.booking_id)
    mine = {seat.booking_id: seat for seat in db.session.scalars(seats)}
    ids = list(mine)
    bookings = db.session.scalars(select(Booking).where(Booking.id.in_(ids)).order_by(Booking.starts_at, Booking.id).options(joinedload(Booking.therapist)))
    theirs = or_(BookingEvent.person_id.is_(None), BookingEvent.person_id == person_id)
    events = db.session.scalars(select(BookingEvent).where(BookingEvent.booking_id.in_(ids), theirs).order_by(BookingEvent.id)).all()
    owed = or_(LateFee.person_id.is_(None), LateFee.person_id == person_id)
    fees = db.session.scalars(select(LateFee).where(LateFee.booking_id.in_(ids), owed)).all()
    arrived = db.session.scalars(select(Arrival).where(Arrival.person_id == person_id)).all()
    return [
        plain(
            row,
            *APPOINTMENT,
            *(BOOKED if row.booked_by == person_id else ()),
            *ENDED,
            end_reason=row.end_reason if _is_theirs_to_read(row, row.ended_by, person_id) else None,
            end_note=row.note_read_by(person_id),
            therapist=row.therapist.display_name,
            seat=plain(mine[row.id], "title", "coming_to", "joined_at", "left_at", "left_late"),
            history=[
                plain(each, "at", "from_state", "to_state", "starts_at", "moved_from")
                | {"reason": each.reason if _is_theirs_to_read(row, each.actor_person_id, person_id) else None}
                for each in events
                if each.booking_id == row.id
            ],
            late_fee=[plain(each, "reason", "fee", "at", "waived_at") for each in fees if each.booking_id == row.id],
            arrival=[plain(each, "for_start", "stated_at", "accepted", "details") for each in arrived if each.booking_id == row.id],
        )
        for row in bookings.unique()
    ]


def _is_theirs_to_read(booking: Booking, said_by: int | None, person_id: int) -> bool:
    """What nobody, their therapist, or they themselves said."""
    return said_by in {None, booking.therapist_id, person_id}


def series(person_id: int) -> Part:
    """Those they booked; the appointments stand by themselves."""
    rows = db.session.scalars(select(Series).where(Series.booked_by == person_id).order_by(Series.id)).all()
    names = names_of([row.therapist_id for row in rows])
    shown = ("public_id", "every_weeks", "starts_at", "wall_start", "zone", "minutes", "created_at", "paused_at")
    return [plain(row, *shown, therapist=names.get(row.therapist_id)) for row in rows]


def waitlists(person_id: int) -> Part:
    """Places in lines, with the times that suited and what was offered."""
    wanted = select(WaitlistEntry).where(WaitlistEntry.client_id == person_id).order_by(WaitlistEntry.id)
    rows = db.session.scalars(wanted.options(joinedload(WaitlistEntry.therapist), selectinload(WaitlistEntry.times))).all()
    offers = (
        select(WaitlistOffer).where(WaitlistOffer.entry_id.in_([row.id for row in rows])).order_by(WaitlistOffer.id).options(joinedload(WaitlistOffer.booking))
    )
    made = db.session.scalars(offers).all()
    shown = ("public_id", "any_of_kind", "zone", "earliest", "latest", "state", "joined_at", "confirmed_at", "lapses", "ended_at", "end_reason")
    return [
        plain(
            row,
            *shown,
            therapist=row.therapist.display_name,
            times=[plain(each, "weekday", "from_minute", "to_minute") for each in row.times],
            offers=[
                plain(each, "offered_at", "expires_at", "outcome", "outcome_at", starts_at=each.booking.starts_at) for each in made if each.entry_id == row.id
            ],
        )
        for row in rows
    ]


def asked(person_id: int) -> Part:
    """What they were asked and how they answered: proposals, other fees, times that a therapist could not keep."""
    proposals = db.session.scalars(select(Proposal).where(Proposal.client_id == person_id).order_by(Proposal.id).options(joinedload(Proposal.therapist)))
    fees = select(FeeChangeAnswer, FeeChange).join(FeeChange, FeeChange.id == FeeChangeAnswer.fee_change_id).where(FeeChangeAnswer.client_id == person_id)
    told = db.session.scalars(select(DisruptionMessage).where(DisruptionMessage.person_id == person_id).order_by(DisruptionMessage.id))
    return [
        *(plain(row, "created_at", "lapses_at", "answer", "answered_at", about="proposal", therapist=row.therapist.display_name) for row in proposals),
        *(
            plain(answer, "new_amount", "answer", "answered_at", about="fee", announced_at=change.announced_at, currency=change.currency)
            for answer, change in db.session.execute(fees.order_by(FeeChange.id))
        ),
        *(plain(row, "written_at", "acknowledged_at", "heard_by", about="absence") for row in told),
    ]


def settings(person_id: int) -> Part:
    """Reminders, and calendars that they subscribed; a feed's address is kept as a digest and cannot be given."""
    chosen = db.session.scalars(select(ReminderChoice).where(ReminderChoice.person_id == person_id))
    feeds = db.session.scalars(select(CalendarFeed).where(CalendarFeed.person_id == person_id).order_by(CalendarFeed.id))
    return [*(plain(row, "hours_before") for row in chosen), *(plain(row, "side", "shows", "made_at") for row in feeds)]

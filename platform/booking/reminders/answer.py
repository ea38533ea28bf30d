"""What somebody can do by a link of a reminder, without signing in: say that they are coming, cancel, choose another time.

The link stands for one participant and one start. It does nothing once the appointment has another time, is called off, has begun, or their account is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Account, Person
from booking.advance import lock_booking
from booking.after.late_fee import late_fee_of
from booking.cancel import cancel_booking, free_until, is_late
from booking.disruption.disrupted_times import off_at_present
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.openings.availability import next_openings
from booking.openings.offers import offers_of
from booking.reminders.link import Pass, Purpose, pass_of
from booking.reschedule import may_move, reschedule
from core import audit
from core.configuration import setting
from core.db import db
from core.errors import Conflict, Gone
from core.money import Money


class LinkOver(Gone):
    code, detail = "link_over", "This link does not work any more: its appointment has begun, was changed or was called off. Sign in to see how it stands."


class TermsChanged(Conflict):
    code, detail = "terms_changed", "Meanwhile it has become late for cancelling. Please read what it costs now, and decide again."


@dataclass(frozen=True, slots=True)
class Linked:
    """An appointment as its link may show it. `fee` is what cancelling now costs, None when nothing; `free_until` None when that is over."""

    start: datetime
    zone: str
    said_coming: bool
    fee: Money | None
    free_until: datetime | None
    openings: Sequence[datetime] = ()


def look(purpose: Purpose, secret: str, *, now: datetime) -> Linked:
    """What the page shows before anything is done; nothing is changed. LinkOver."""
    participant, booking = _opened(purpose, secret, now=now)
    late = is_late(booking, participant, now=now)
    return Linked(
        start=booking.starts_at,
        zone=participant.person.zone,
        said_coming=participant.coming_to == booking.starts_at,
        fee=late_fee_of(booking) if late else None,
        free_until=None if late else free_until(booking, participant),
        openings=_others(booking, participant.person_id, now=now) if purpose == "change" else (),
    )


def say_coming(secret: str, *, now: datetime) -> None:
    """Keep that they are coming to this time; the therapist reads it in the booking. Twice is once. LinkOver."""
    participant, booking = _opened("coming", secret, now=now, lock=True)
    if participant.coming_to != booking.starts_at:
        participant.coming_to = booking.starts_at
        audit.record("booking.said_coming", subject=("booking", booking.id), actor=participant.person_id)


def cancel_by_link(secret: str, *, fee_seen: bool, now: datetime) -> None:
    """As by `cancel_booking`. LinkOver; TermsChanged when it costs something now and the person was not shown that it does."""
    participant, booking = _opened("change", secret, now=now, lock=True)
    if is_late(booking, participant, now=now) and late_fee_of(booking) and not fee_seen:
        raise TermsChanged
    cancel_booking(booking.public_id, by=participant.person_id, reason="other", now=now)


def move_by_link(secret: str, new_start: datetime, *, now: datetime) -> Booking:
    """As by `reschedule`, with its refusals. LinkOver."""
    participant, booking = _opened("change", secret, now=now, lock=True)
    return reschedule(booking.public_id, new_start, by=participant.person_id, seen=booking.starts_at, now=now)


def _opened(purpose: Purpose, secret: str, *, now: datetime, lock: bool = False) -> tuple[BookingParticipant, Booking]:
    given = pass_of(purpose, secret, key=setting("SECRET_KEY"))
    participant = _participant(given) if given else None
    if given is None or participant is None:
        raise LinkOver
    booking = lock_booking(participant.booking_id) if lock else db.session.get_one(Booking, participant.booking_id)
    if booking.stands is not State.CONFIRMED or int(booking.starts_at.timestamp()) != given.start or booking.starts_at <= now:
        raise LinkOver
    if purpose == "coming" and off_at_present([booking.id]):
        raise LinkOver
    return participant, booking


def _participant(given: Pass) -> BookingParticipant | None:
    wanted = (
        select(BookingParticipant)
        .join(Person, Person.id == BookingParticipant.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(BookingParticipant.public_id == given.participant, BookingParticipant.left_at.is_(None), Account.disabled_at.is_(None))
        .options(joinedload(BookingParticipant.person))
    )
    return db.session.execute(wanted).scalar_one_or_none()


def _others(booking: Booking, person_id: int, *, now: datetime) -> Sequence[datetime]:
    """A few later openings that it could move to; none when it may not be moved any more."""
    offer = offers_of([booking.service_id]).get(booking.service_id) if may_move(booking, now=now) else None
    if offer is None:
        return ()
    found = next_openings(offer, booking.starts_at, client_id=person_id, now=now, ignoring=[booking.id])
    return [start for start in found if start != booking.starts_at]

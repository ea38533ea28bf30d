"""A therapist's disruptions: how each of them, and each of its bookings, stands."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from booking.disruption.carry_out import stands
from booking.disruption.models import DisruptedBooking, Disruption
from booking.models import Booking, BookingParticipant
from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from core.http import cursor_of, key_of

# Where a line stands: `working` until it was carried out; `kept` waits for the therapist's eye, `told` for a client to let us know; `knows` where they know
# and may still choose another time; the rest is over.
LINE_STATES = ("working", "kept", "told", "desk", "knows", "moved", "ended", "closed")


@dataclass(frozen=True, slots=True)
class DisruptionShown:
    """`bookings` is how many are on its list, `open` how many of them something is left to be done about."""

    row: Disruption
    bookings: int
    open: int


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[DisruptionShown]
    next: str | None


@dataclass(frozen=True, slots=True)
class LinesShown:
    items: Sequence[DisruptedBooking]
    next: str | None


def disruptions_of(therapist_id: int, *, only_open: bool, limit: int, cursor: str | None) -> Page:
    """The newest first."""
    left = func.count(DisruptedBooking.id).filter(DisruptedBooking.closed_at.is_(None))
    wanted = (
        select(Disruption, func.count(DisruptedBooking.id), left)
        .outerjoin(DisruptedBooking, DisruptedBooking.disruption_id == Disruption.id)
        .where(Disruption.therapist_id == therapist_id)
        .group_by(Disruption.id)
    )
    if only_open:
        wanted = wanted.having(left > 0)
    if cursor is not None:
        wanted = wanted.where(Disruption.id < key_of(cursor, int)[0])
    found = [DisruptionShown(*row) for row in db.session.execute(wanted.order_by(Disruption.id.desc()).limit(limit + 1))]
    return Page(found[:limit], cursor_of(found[limit - 1].row.id) if len(found) > limit else None)


def disruption_of(therapist_id: int, public_id: uuid.UUID) -> DisruptionShown:
    """One of them; NotFound for anybody else's."""
    row = _own(therapist_id, public_id)
    counts = select(func.count(), func.count().filter(DisruptedBooking.closed_at.is_(None))).where(DisruptedBooking.disruption_id == row.id)
    return DisruptionShown(row, *db.session.execute(counts).one())


def lines_of(therapist_id: int, public_id: uuid.UUID, *, limit: int, cursor: str | None) -> LinesShown:
    """Its bookings, by the start they had; NotFound for anybody else's list."""
    wanted = (
        select(DisruptedBooking)
        .where(DisruptedBooking.disruption_id == _own(therapist_id, public_id).id)
        .options(joinedload(DisruptedBooking.booking).selectinload(Booking.participants).joinedload(BookingParticipant.person))
        .options(selectinload(DisruptedBooking.messages))
    )
    if cursor is not None:
        at, last = key_of(cursor, int, int)
        wanted = wanted.where(tuple_(DisruptedBooking.starts_at, DisruptedBooking.id) > (_instant(at), last))
    rows = db.session.scalars(wanted.order_by(DisruptedBooking.starts_at, DisruptedBooking.id).limit(limit + 1).execution_options(populate_existing=True)).all()
    following = cursor_of(int(rows[limit - 1].starts_at.timestamp()), rows[limit - 1].id) if len(rows) > limit else None
    return LinesShown(rows[:limit], following)


def state_of(line: DisruptedBooking) -> str:
    """One of LINE_STATES; booking and messages are loaded."""
    if line.carried_out_at is None:
        return "working"
    if line.choice == "keep":
        return "kept" if line.closed_at is None else "closed"
    unheard = [message for message in line.messages if message.acknowledged_at is None]
    if unheard and any(message.desk_at is not None for message in unheard):
        return "desk"
    if unheard:
        return "told"
    if stands(line, line.booking):
        return "knows"
    return "moved" if line.booking.starts_at != line.starts_at else "ended"


def say_seen(therapist_id: int, public_id: uuid.UUID, line_id: uuid.UUID, *, now: datetime) -> None:
    """The therapist has seen that this booking stays. Saying it again changes nothing. NotFound, also for one that does not stay."""
    wanted = select(DisruptedBooking).join(DisruptedBooking.disruption).options(contains_eager(DisruptedBooking.disruption))
    mine = wanted.where(Disruption.therapist_id == therapist_id, Disruption.public_id == public_id, DisruptedBooking.public_id == line_id)
    line = db.session.scalars(mine.where(DisruptedBooking.choice == "keep").with_for_update(of=DisruptedBooking)).one_or_none()
    if line is None:
        raise NotFound
    if line.seen_at is None:
        line.seen_at = now
        line.closed_at = line.closed_at or (line.carried_out_at and now)
        audit.record("booking.disruption_seen", subject=("booking", line.booking_id), actor=therapist_id)


def heard_of(line: DisruptedBooking) -> tuple[int, int]:
    """How many clients know, and how many were told; the messages are loaded."""
    return sum(message.acknowledged_at is not None for message in line.messages), len(line.messages)


def _own(therapist_id: int, public_id: uuid.UUID) -> Disruption:
    found = db.session.scalars(select(Disruption).where(Disruption.therapist_id == therapist_id, Disruption.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error

"""The list of bookings that something keeps from taking place: a last day, a sudden stop. One list for each cause, worked through by the desk.

At the top are people about whom somebody at the desk for safety should know: paused, or with an open safety case. Of health it says nothing more.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager, selectinload

from booking.affected.models import AffectedBooking
from booking.lifecycle import LIVE
from booking.models import Booking, BookingParticipant
from care.pause import paused_among
from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from core.http import cursor_of, key_of
from desk.cases import NotOwned, owns_case_about, people_in_open_cases
from desk.contact import Contact, contact_of
from desk.models import Case

LIVE_STATES = tuple(sorted(state.value for state in LIVE))


class UnresolvedBookings(Conflict):
    code, detail = "unresolved_bookings", "Some bookings of this case are not resolved yet."


@dataclass(frozen=True, slots=True)
class Cause:
    """Why bookings are affected; also the subject of the case about them."""

    kind: str
    id: uuid.UUID

    @property
    def subject(self) -> tuple[str, str]:
        return self.kind, str(self.id)


@dataclass(frozen=True)
class Affected:
    """One line. `resolution` is None while somebody has to look at it; `ended` when the booking came to its end in some other way."""

    row: AffectedBooking
    at_risk: bool

    @property
    def booking(self) -> Booking:
        return self.row.booking

    @property
    def resolution(self) -> str | None:
        return self.row.resolution or (None if self.booking.state in LIVE_STATES else "ended")


@dataclass(frozen=True)
class AffectedPage:
    items: Sequence[Affected]
    next: str | None


def bookings_from(therapist_id: int, since: datetime, until: datetime | None = None, *, states: Collection[str] = LIVE_STATES) -> Sequence[int]:
    """The ids of a therapist's bookings that start in [since, until) and are alive, the soonest first."""
    wanted = select(Booking.id).where(Booking.therapist_id == therapist_id, Booking.starts_at >= since, Booking.state.in_(states))
    if until is not None:
        wanted = wanted.where(Booking.starts_at < until)
    return db.session.execute(wanted.order_by(Booking.starts_at, Booking.id)).scalars().all()


def list_affected(cause: Cause, therapist_id: int, *, since: datetime, now: datetime, until: datetime | None = None) -> int:
    """Put what is not on the list of this cause yet on it; returns how many were added."""
    rows = [
        {"public_id": uuid.uuid4(), "cause": cause.kind, "cause_id": cause.id, "booking_id": booking_id, "since": since, "listed_at": now}
        for booking_id in bookings_from(therapist_id, since, until)
    ]
    if not rows:
        return 0
    added = insert(AffectedBooking).values(rows).on_conflict_do_nothing(index_elements=["cause", "cause_id", "booking_id"])
    return len(db.session.execute(added.returning(AffectedBooking.id)).all())


def affected_of(cause: Cause, *, limit: int, cursor: str | None = None) -> AffectedPage:
    """People at risk first, and then by their next session. Reading it is recorded."""
    lines = sorted(_lines(cause), key=_key)
    if cursor is not None:
        after = tuple(key_of(cursor, int, str, int))
        lines = [line for line in lines if _key(line) > after]
    audit.record("booking.affected_read", subject=cause.subject)
    return AffectedPage(lines[:limit], cursor_of(*_key(lines[limit - 1])) if len(lines) > limit else None)


def contacts_of(public_id: uuid.UUID, *, by: int) -> Sequence[Contact]:
    """How to reach the clients of one line, for whoever owns its case; recorded. NotFound, NotOwned. Who has no confirmed address is missing."""
    row = db.session.scalars(select(AffectedBooking).where(AffectedBooking.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    if not owns_case_about("leaving", (row.cause, str(row.cause_id)), by=by):
        raise NotOwned
    clients = db.session.execute(
        select(BookingParticipant.person_id)
        .where(BookingParticipant.booking_id == row.booking_id, BookingParticipant.left_at.is_(None))
        .order_by(BookingParticipant.id)
    )
    audit.record("booking.contacts_read", subject=("booking", row.booking_id), actor=by)
    return [contact for client_id in clients.scalars().all() if (contact := contact_of(client_id)) is not None]


def unresolved_of(cause: Cause) -> Sequence[AffectedBooking]:
    """What still waits for somebody, the soonest first."""
    rows = db.session.scalars(_on_list(cause).where(AffectedBooking.resolution.is_(None), Booking.state.in_(LIVE_STATES))).all()
    return sorted(rows, key=lambda row: (row.booking.starts_at, row.id))


def keep_affected(cause: Cause, *, by: int | None, now: datetime) -> None:
    """The cause is gone: what still stands goes on as it was."""
    for row in unresolved_of(cause):
        row.resolution, row.resolved_at, row.resolved_by = "kept", now, by
    db.session.flush()


def refuse_unresolved(case: Case, outcome: str) -> None:  # noqa: ARG001 the signature of such checks
    """UnresolvedBookings while a line of this case's list waits for somebody."""
    if case.kind == "leaving" and unresolved_of(Cause(case.subject_kind, uuid.UUID(case.subject_id))):
        raise UnresolvedBookings


def _on_list(cause: Cause) -> Select[AffectedBooking]:
    wanted = select(AffectedBooking).join(AffectedBooking.booking).where(AffectedBooking.cause == cause.kind, AffectedBooking.cause_id == cause.id)
    return wanted.options(contains_eager(AffectedBooking.booking)).execution_options(populate_existing=True)


def _lines(cause: Cause) -> list[Affected]:
    people = contains_eager(AffectedBooking.booking).options(selectinload(Booking.participants).joinedload(BookingParticipant.person))
    rows = db.session.scalars(_on_list(cause).options(people)).unique().all()
    clients = {participant.person_id for row in rows for participant in row.booking.participants}
    at_risk = paused_among(clients) | people_in_open_cases("safety", clients)
    return [Affected(row, any(participant.person_id in at_risk for participant in row.booking.participants)) for row in rows]


def _key(line: Affected) -> tuple[int, str, int]:
    return (0 if line.at_risk else 1, line.booking.starts_at.isoformat(), line.row.id)

"""What happened to a booking, step by step, as one of its sides may read it; rules that staff set aside are named."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select, true

from booking.letters import what_happened
from booking.models import Booking, BookingEvent, BookingParticipant, has_public_id
from core.db import db
from core.errors import NotFound

By = Literal["client", "therapist", "staff", "nobody"]


@dataclass(frozen=True, slots=True)
class StepShown:
    """`by` nobody: a clock. `reason` is a code, for whoever gave it and for the therapist."""

    at: datetime
    by: By
    what: str
    starts_at: datetime | None
    moved_from: datetime | None
    reason: str | None
    set_aside: Sequence[str]


@dataclass(frozen=True, slots=True)
class History:
    """All steps; `next` is always None."""

    items: Sequence[StepShown]
    next: str | None = None


def history_of(public_id: uuid.UUID, *, person_id: int) -> History:
    """The steps in order; NotFound when the booking is not this person's."""
    found = db.session.execute(select(Booking.id, Booking.therapist_id).where(has_public_id(public_id, person_id=person_id))).one_or_none()
    if found is None:
        raise NotFound
    clients = frozenset(db.session.scalars(select(BookingParticipant.person_id).where(BookingParticipant.booking_id == found.id)))
    gives = person_id == found.therapist_id
    # Nobody reads when others come to a group and go.
    own = true() if gives else or_(BookingEvent.person_id.is_(None), BookingEvent.person_id == person_id)
    events = db.session.scalars(select(BookingEvent).where(BookingEvent.booking_id == found.id, own).order_by(BookingEvent.id)).all()
    return History([_shown(event, found.therapist_id, clients, reads_all=gives, reader_id=person_id) for event in events])


def _shown(event: BookingEvent, therapist_id: int, clients: frozenset[int], *, reads_all: bool, reader_id: int) -> StepShown:
    actor = event.actor_person_id
    by: By = "nobody" if actor is None else "therapist" if actor == therapist_id else "client" if actor in clients else "staff"
    open_to_all = what_happened(event) == "reported" or by == "staff"
    return StepShown(
        at=event.at,
        by=by,
        what=what_happened(event),
        starts_at=event.starts_at,
        moved_from=event.moved_from,
        reason=event.reason if reads_all or open_to_all or actor == reader_id else None,
        set_aside=event.passed_over,
    )

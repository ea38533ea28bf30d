"""What a therapist takes along from here: their appointments and what kept them from working, as plain values. Nobody's name but their own is in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from booking.disruption.models import DisruptedBooking, Disruption
from booking.disruption.reading import state_of
from booking.lifecycle import State
from booking.models import Booking
from core.db import db
from core.http import as_text

# What was agreed on, or asked of them. A client's hold is not known to its therapist while it is one, and is nothing once it is over.
THEIRS = (State.REQUESTED, State.CONFIRMED, State.COMPLETED, State.NO_SHOW, State.CANCELLED, State.DECLINED)
Part = Sequence[Mapping[str, Any]]


def appointments(therapist_id: int) -> Part:
    """The earliest first; the fee in minor units."""
    columns = (Booking.public_id, Booking.kind, Booking.unit, Booking.mode, Booking.starts_at, Booking.ends_at, Booking.zone, Booking.state)
    wanted = select(*columns, Booking.outcome, Booking.fee_amount, Booking.fee_currency)
    wanted = wanted.where(Booking.therapist_id == therapist_id, Booking.state.in_([state.value for state in THEIRS])).order_by(Booking.starts_at, Booking.id)
    return [
        {
            "id": str(row.public_id),
            **{name: getattr(row, name) for name in ("kind", "unit", "mode", "zone", "state", "outcome")},
            "starts_at": as_text(row.starts_at),
            "ends_at": as_text(row.ends_at),
            "fee": {"amount": row.fee_amount, "currency": row.fee_currency},
        }
        for row in db.session.execute(wanted)
    ]


def disruptions(therapist_id: int) -> Part:
    """Absences and changed hours with what was chosen and how each appointment of their list stands, the earliest first."""
    lines: dict[int, list[DisruptedBooking]] = {}
    listed = select(DisruptedBooking).join(DisruptedBooking.disruption).where(Disruption.therapist_id == therapist_id)
    listed = listed.options(joinedload(DisruptedBooking.booking), selectinload(DisruptedBooking.messages)).order_by(DisruptedBooking.starts_at)
    for line in db.session.scalars(listed):
        lines.setdefault(line.disruption_id, []).append(line)
    rows = db.session.scalars(select(Disruption).where(Disruption.therapist_id == therapist_id).order_by(Disruption.id))
    return [
        {
            "id": str(row.public_id),
            **{name: getattr(row, name) for name in ("cause", "choice", "reason")},
            **{name: as_text(at) if (at := getattr(row, name)) else None for name in ("starts_at", "ends_at", "opened_at")},
            "appointments": [_line(line) for line in lines.get(row.id, [])],
        }
        for row in rows
    ]


def _line(line: DisruptedBooking) -> dict[str, Any]:
    return {"id": str(line.booking.public_id), "was_at": as_text(line.starts_at), "choice": line.choice, "state": state_of(line)}

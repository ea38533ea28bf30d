"""Whether the therapist may treat a client where that client is now, as stated right before the session."""

from datetime import datetime

from sqlalchemy import select

from booking.advance import client_ids_of
from booking.models import Booking
from booking.online.models import Arrival
from care.attendance import attendances_of
from care.doors import refusals_of
from core.db import db
from therapists.standing import ADULT_BANDS

# Codes that another place can lift.
OF_PLACE = frozenset({"jurisdiction", "scope"})


def codes_against(booking: Booking, client_id: int, place: str | None, *, now: datetime) -> frozenset[str]:
    """Why the therapist may not treat this client in this booking, at `place` or (None) where they last said that they would be; empty when they may."""
    found = refusals_of(
        [booking.therapist_id],
        [client_id],
        kind=booking.kind,
        unit=booking.unit,
        mode=booking.mode,
        at=max(now, booking.starts_at),
        now=now,
        stated=None if place is None else {client_id: place},
    )
    return frozenset(refusal.code for refusal in found[booking.therapist_id])


def stopped_by_age(booking: Booking, *, now: datetime) -> list[int]:
    """Those under 18 who attend and whom the therapist may not see (any more): their band, or the check for work with minors. Participants are loaded."""
    bands = {person_id: each.age_band for person_id, each in attendances_of(client_ids_of(booking)).items()}
    return [each for each, band in bands.items() if band not in ADULT_BANDS and "age_group" in codes_against(booking, each, None, now=now)]


def arrival_of(booking: Booking, person_id: int) -> Arrival | None:
    """The last statement for the present start."""
    wanted = select(Arrival).where(Arrival.booking_id == booking.id, Arrival.person_id == person_id, Arrival.for_start == booking.starts_at)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()

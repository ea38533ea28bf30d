"""The therapist says no to a request. The client reads a neutral sentence; the reason stays with the therapist."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from booking.advance import booking_under_lock, client_ids_of
from booking.ending import end_waiting
from booking.lifecycle import State
from booking.models import Booking
from care.conflicts import record_conflict
from core.errors import Forbidden

NEUTRAL_SENTENCE = "This therapist cannot take on your request. That happens for many reasons and says nothing about you."
# How long a no keeps the two from being put together again: until when, by reason. Not at all when only the time did not suit, or no place was free.
APART_FOR: dict[str, timedelta | None] = {"not_a_fit": timedelta(days=90), "other": timedelta(days=90), "conflict": None}
REASONS = ("time", "full", "not_a_fit", "conflict", "other")


def decline_request(public_id: uuid.UUID, *, by: int, reason: str, now: datetime) -> Booking:
    """Requested → declined, by its therapist. Refusals: NotFound, Forbidden for its client, BookingEnded, StepNotPossible.

    A no that is about the person is kept as a conflict in care: for 90 days, or for good when it is a conflict of interest.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if booking.therapist_id != by:
        raise Forbidden
    end_waiting(booking, State.DECLINED, by=by, reason=reason, now=now)
    keep_apart(by, client_ids_of(booking), reason=reason, now=now)
    return booking


def keep_apart(therapist_id: int, client_ids: Collection[int], *, reason: str, now: datetime) -> None:
    """What a no for this reason means for later lists and requests."""
    if reason in APART_FOR:
        apart = APART_FOR[reason]
        for client_id in client_ids:
            record_conflict(therapist_id, client_id, reason="declined", now=now, ends_at=now + apart if apart else None)

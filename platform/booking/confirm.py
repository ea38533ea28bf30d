"""The therapist says yes to a request."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from booking.advance import advance, booking_under_lock, client_ids_of
from booking.lifecycle import State, step
from booking.models import Booking
from booking.overlapped import end_overlapped_requests
from booking.refusals import NotToBeConfirmed, RequestExpired
from care.doors import MayNotTreat, require_may_treat_over
from care.relation import accept_care
from core.errors import Forbidden

ABOUT_THERAPIST = frozenset({"verified", "not_barred", "required_checks", "scope", "unit", "leaving"})


def confirm_request(public_id: uuid.UUID, *, by: int, now: datetime) -> Booking:
    """Requested → confirmed, by its therapist.

    Refusals: NotFound, Forbidden for its client, BookingEnded, StepNotPossible, RequestExpired once its clock has run out, NotToBeConfirmed, and
    OpeningTaken where the request did not keep its time. Other requests that waited for the same time are declined with it.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if booking.therapist_id != by:
        raise Forbidden
    step(booking.stands, State.CONFIRMED)
    if booking.lapses_at is not None and booking.lapses_at <= now:
        raise RequestExpired
    clients = client_ids_of(booking)
    require_may_treat_still([booking], clients, now=now)
    advance(booking, State.CONFIRMED, by=by, now=now)
    for client_id in clients:
        accept_care(by, client_id, now=now)
    end_overlapped_requests(booking, now=now)
    return booking


def require_may_treat_still(bookings: Sequence[Booking], clients: Collection[int], *, now: datetime) -> None:
    """Of one booking, or of all dates of a series. A therapist is told what stands against themselves, and never what is known about a client: a pause, a
    need, a conflict.
    """
    one = bookings[0]
    facts = {"kind": one.kind, "unit": one.unit, "mode": one.mode}
    try:
        require_may_treat_over(one.therapist_id, clients, [booking.starts_at for booking in bookings], **facts, now=now)
    except MayNotTreat as refusal:
        raise told_to_therapist(refusal) from refusal


def told_to_therapist(refusal: MayNotTreat) -> NotToBeConfirmed:
    """The same refusal with nothing in it but what is about the therapist."""
    return NotToBeConfirmed(extra={"reasons": [code for code in refusal.extra["reasons"] if code in ABOUT_THERAPIST]})

"""A client books one opening: a request to the therapist, or a confirmed booking where the service says so."""

import uuid
from datetime import datetime

from booking.expiry import request_expires_at
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.availability import Offer, page_around
from booking.place import Wanted, place
from core.errors import NotFound


def request_booking(
    client_id: int,
    service_id: uuid.UUID,
    start: datetime,
    *,
    now: datetime,
    title: str | None = None,
    origin: str = "directory",
    minutes: int | None = None,
) -> Booking:
    """Book the opening of the service at `start` for this client; `title` is what their own calendar will show, `origin` how they found the therapist,
    `minutes` another of the service's lengths than the usual one.

    Refusals are those of `place`, NotFound for no such service, and NoSuchLength. A free consultation and an unpaid session go the same way.
    """
    page = page_around(service_id, start, client_id=client_id, now=now)
    wanted = wanted_by(client_id, page.offer if page else None, start, title=title, origin=origin, minutes=minutes)
    state, lapses_at = as_asked(wanted.offer, start, now=now)
    return place(wanted, state, lapses_at=lapses_at, page=page, now=now)


def wanted_by(client_id: int, offer: Offer | None, start: datetime, *, title: str | None, origin: str, minutes: int | None = None) -> Wanted:
    """What one client wants for themselves; NotFound for a service that is not there or cannot be booked, NoSuchLength for one of another length."""
    if offer is None:
        raise NotFound
    offer = offer.of_length(minutes)
    return Wanted(offer, start, (client_id,), offer.terms.minutes, by=client_id, title=title, origin=origin)


def as_asked(offer: Offer, start: datetime, *, now: datetime) -> tuple[State, datetime | None]:
    """The state in which a client's own booking begins to count, and until when it waits for an answer."""
    if offer.is_instant:
        return State.CONFIRMED, None
    return State.REQUESTED, request_expires_at(now, start, promise=offer.answer_within)

"""One time, several therapists: whoever of them is free first, in the order in which the client would have them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from booking.expire import end_lapsed_of
from booking.models import Booking
from booking.openings.availability import obstacles_to, offer_named, offers_of
from booking.paying.due import CannotBePaid, GroupNotPaidHere, PaymentNeeded
from booking.place import Wanted, place_under_locks
from booking.refusals import GroupBookedAtOnce, LimitReached, NotAnOpening, NotBookable, OpeningTaken, is_clash
from booking.request import as_asked, wanted_by
from care.capacity import NotAccepting
from care.doors import MayNotTreat, Paused
from care.own_booking import NotByThemselves
from core.db import lock_persons
from core.errors import DomainError, NotFound

MOST = 5
# After these the next one is asked, who may be somebody they are in care with already; everything else is about the client, and so about all of them.
NEXT = (
    OpeningTaken,
    NotAnOpening,
    LimitReached,
    NotAccepting,
    NotBookable,
    NotByThemselves,
    MayNotTreat,
    PaymentNeeded,
    CannotBePaid,
    GroupNotPaidHere,
    GroupBookedAtOnce,
)


def book_first_free(
    client_id: int, service_ids: Sequence[uuid.UUID], start: datetime, *, now: datetime, title: str | None = None, origin: str = "directory"
) -> Booking:
    """Book the first of these services that can be booked at `start`; a request or a confirmed booking, as that service says.

    Refusals: those of `place` that are about the client; when none is free NotByThemselves, else OpeningTaken, or else what the first one was refused for
    (NotFound for a service that is not there or cannot be booked), with `refusals`: the codes by service. Everybody is locked at once and in one order, so
    callers who want the same ones never deadlock.
    """
    refused: dict[uuid.UUID, DomainError] = {}
    open_now = []
    for service_id in service_ids:
        try:
            wanted = wanted_by(client_id, offer_named(service_id), start, title=title, origin=origin)
        except NotFound as missing:
            refused[service_id] = missing
            continue
        if is_clash(obstacles_to(wanted.offer, start, client_ids=wanted.client_ids, now=now)):
            refused[service_id] = OpeningTaken()
        else:
            open_now.append(wanted)
    people = {person_id for each in open_now for person_id in each.people}
    lock_persons(*people)
    end_lapsed_of(people, now=now)
    fresh = offers_of([each.offer.service_id for each in open_now])
    for each in open_now:
        try:
            offer = fresh.get(each.offer.service_id)
            if offer is None:
                raise NotBookable
            return _booked(replace(each, offer=offer), now=now)
        except Paused:
            raise
        except NEXT as refusal:
            refused[each.offer.service_public_id] = refusal
    raise _none_free({service_id: refused[service_id] for service_id in service_ids})


def _booked(wanted: Wanted, *, now: datetime) -> Booking:
    state, lapses_at = as_asked(wanted.offer, wanted.start, now=now)
    return place_under_locks(wanted, state, lapses_at=lapses_at, now=now)


def _none_free(refused: dict[uuid.UUID, DomainError]) -> DomainError:
    """Where a person has to help first, no other time would do. A clash is said before any other rule."""
    first = (next((each for each in refused.values() if isinstance(each, kind)), None) for kind in (NotByThemselves, OpeningTaken, DomainError))
    chosen = next(each for each in first if each is not None)
    chosen.extra = {**chosen.extra, "refusals": [{"service_id": str(service_id), "code": each.code} for service_id, each in refused.items()]}
    return chosen

"""What counts towards each limit, read fresh: sessions of the whole local weeks touched. At most two statements, and none where nobody set a limit."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, true

from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.openings.intervals import Interval
from booking.openings.limits import Tally
from booking.openings.offers import Offer
from core.db import db

# Cancelled, declined, withdrawn, expired and released ones never took place, and never will.
COUNTED = (State.HELD.value, State.REQUESTED.value, State.CONFIRMED.value, State.COMPLETED.value, State.NO_SHOW.value)
# A local week reaches this far from any instant in it, wherever the schedule lies; a gap reaches further.
WEEK_REACH = timedelta(days=9)


@dataclass(slots=True)
class _Counted:
    """Sessions by therapist, by service, and by service and client; those that only wait for an answer are marked."""

    of_therapist: defaultdict[int, list[tuple[Interval, bool]]] = field(default_factory=lambda: defaultdict(list))
    of_service: defaultdict[int, list[tuple[Interval, bool]]] = field(default_factory=lambda: defaultdict(list))
    of_client: defaultdict[tuple[int, int], list[tuple[Interval, bool]]] = field(default_factory=lambda: defaultdict(list))


def tallies_of(
    offers: Sequence[Offer], start: datetime, end: datetime, *, client_ids: Collection[int] = (), now: datetime, ignoring: Collection[int] = ()
) -> dict[int, list[Tally]]:
    """The tallies of each offer (by service) that matter for starts between the two instants. The bookings `ignoring` (ids) are not counted."""
    limited = [offer for offer in offers if offer.limits or offer.therapist_limits]
    if not limited:
        return {}
    reach = max([WEEK_REACH, *(timedelta(days=limit.most + 2) for offer in limited for limit in offer.limits if limit.per == "gap")])
    within = (start - reach, end + reach)
    counted = _Counted()
    _count_sessions(counted, limited, within, now=now, ignoring=ignoring)
    if client_ids:
        _count_clients(counted, limited, within, client_ids, now=now, ignoring=ignoring)
    return {offer.service_id: _tallies(offer, counted, client_ids) for offer in limited}


def _tallies(offer: Offer, counted: _Counted, client_ids: Collection[int]) -> list[Tally]:
    def told(sessions: list[tuple[Interval, bool]]) -> tuple[Interval, ...]:
        return tuple(session for session, waits in sessions if offer.counts_requests or not waits)

    default = offer.default_schedule or offer.schedule
    found = [Tally(limit, default, told(counted.of_therapist[offer.therapist_id])) for limit in offer.therapist_limits]
    for limit in offer.limits:
        if limit.of == "service":
            found.append(Tally(limit, offer.schedule, told(counted.of_service[offer.service_id])))
        else:
            found.extend(Tally(limit, offer.schedule, told(counted.of_client[offer.service_id, client_id])) for client_id in client_ids)
    return found


def _count_sessions(counted: _Counted, offers: Sequence[Offer], within: tuple[datetime, datetime], *, now: datetime, ignoring: Collection[int]) -> None:
    therapists = {offer.therapist_id for offer in offers if offer.therapist_limits or any(limit.of == "service" for limit in offer.limits)}
    if not therapists:
        return
    wanted = select(Booking.therapist_id, Booking.service_id, Booking.starts_at, Booking.ends_at, Booking.state).where(Booking.therapist_id.in_(therapists))
    for therapist_id, service_id, starts_at, ends_at, state in db.session.execute(wanted.where(*_in_force(within, now=now, ignoring=ignoring))):
        session = (int(starts_at.timestamp()), int(ends_at.timestamp())), state == State.REQUESTED.value
        counted.of_therapist[therapist_id].append(session)
        counted.of_service[service_id].append(session)


def _count_clients(
    counted: _Counted, offers: Sequence[Offer], within: tuple[datetime, datetime], client_ids: Collection[int], *, now: datetime, ignoring: Collection[int]
) -> None:
    services = [offer.service_id for offer in offers if any(limit.of == "client" for limit in offer.limits)]
    if not services:
        return
    wanted = (
        select(Booking.service_id, BookingParticipant.person_id, Booking.starts_at, Booking.ends_at, Booking.state)
        .join(BookingParticipant, BookingParticipant.booking_id == Booking.id)
        .where(BookingParticipant.person_id.in_(client_ids), BookingParticipant.left_at.is_(None), Booking.service_id.in_(services))
    )
    for service_id, person_id, starts_at, ends_at, state in db.session.execute(wanted.where(*_in_force(within, now=now, ignoring=ignoring))):
        counted.of_client[service_id, person_id].append(((int(starts_at.timestamp()), int(ends_at.timestamp())), state == State.REQUESTED.value))


def _in_force(within: tuple[datetime, datetime], *, now: datetime, ignoring: Collection[int]) -> list[ColumnElement[bool]]:
    return [
        Booking.starts_at >= within[0],
        Booking.starts_at < within[1],
        Booking.state.in_(COUNTED),
        or_(Booking.lapses_at.is_(None), Booking.lapses_at > now),
        Booking.id.not_in(ignoring) if ignoring else true(),
    ]

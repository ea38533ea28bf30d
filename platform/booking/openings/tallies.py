"""What counts towards each limit, read fresh: sessions of the whole local weeks touched. At most two statements, and none where nobody set a limit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

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
    within, counted = _within(limited, start, end), _Counted()
    _count_sessions(counted, limited, within, now=now, ignoring=ignoring)
    if client_ids:
        _count_clients(counted, limited, within, client_ids, now=now, ignoring=ignoring)
    return {offer.service_id: _tallies(offer, counted, client_ids) for offer in limited}


class CountedSession(NamedTuple):
    """A session that counts towards limits until `lapses_at`; `waits` for an answer."""

    service_id: int
    session: Interval
    waits: bool
    lapses_at: datetime | None


def counted_sessions(offer: Offer, start: datetime, end: datetime) -> list[CountedSession]:
    """What counts towards the limits of this service and of its therapist for starts between the two instants, for whoever asks later what is in force."""
    if not _limits_sessions(offer):
        return []
    columns = (Booking.service_id, Booking.starts_at, Booking.ends_at, Booking.state, Booking.lapses_at)
    wanted = select(*columns).where(Booking.therapist_id == offer.therapist_id, *_counts(_within([offer], start, end)))
    return [
        CountedSession(service_id, _seconds(starts_at, ends_at), state == State.REQUESTED.value, lapses_at)
        for service_id, starts_at, ends_at, state, lapses_at in db.session.execute(wanted)
    ]


def tallies_from(
    offer: Offer, sessions: Iterable[CountedSession], start: datetime, end: datetime, *, client_ids: Collection[int] = (), now: datetime
) -> list[Tally]:
    """`tallies_of` one offer out of `counted_sessions`; what counts for clients is read fresh."""
    if not (offer.limits or offer.therapist_limits):
        return []
    counted = _Counted()
    for service_id, session, waits, lapses_at in sessions:
        if lapses_at is None or lapses_at > now:
            counted.of_therapist[offer.therapist_id].append((session, waits))
            counted.of_service[service_id].append((session, waits))
    if client_ids:
        _count_clients(counted, [offer], _within([offer], start, end), client_ids, now=now, ignoring=())
    return _tallies(offer, counted, client_ids)


def _within(offers: Collection[Offer], start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Between which instants sessions count for starts between these two."""
    reach = max([WEEK_REACH, *(timedelta(days=limit.most + 2) for offer in offers for limit in offer.limits if limit.per == "gap")])
    return start - reach, end + reach


def _limits_sessions(offer: Offer) -> bool:
    return bool(offer.therapist_limits) or any(limit.of == "service" for limit in offer.limits)


def _seconds(starts_at: datetime, ends_at: datetime) -> Interval:
    return int(starts_at.timestamp()), int(ends_at.timestamp())


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
    therapists = {offer.therapist_id for offer in offers if _limits_sessions(offer)}
    if not therapists:
        return
    wanted = select(Booking.therapist_id, Booking.service_id, Booking.starts_at, Booking.ends_at, Booking.state).where(Booking.therapist_id.in_(therapists))
    for therapist_id, service_id, starts_at, ends_at, state in db.session.execute(wanted.where(*_in_force(within, now=now, ignoring=ignoring))):
        session = _seconds(starts_at, ends_at), state == State.REQUESTED.value
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
        counted.of_client[service_id, person_id].append((_seconds(starts_at, ends_at), state == State.REQUESTED.value))


def _in_force(within: tuple[datetime, datetime], *, now: datetime, ignoring: Collection[int]) -> list[ColumnElement[bool]]:
    return [
        *_counts(within),
        or_(Booking.lapses_at.is_(None), Booking.lapses_at > now),
        Booking.id.not_in(ignoring) if ignoring else true(),
    ]


def _counts(within: tuple[datetime, datetime]) -> list[ColumnElement[bool]]:
    return [Booking.starts_at >= within[0], Booking.starts_at < within[1], Booking.state.in_(COUNTED)]

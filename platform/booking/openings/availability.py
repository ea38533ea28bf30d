"""Openings out of the database, as instants: what can be booked, and what speaks against a start. Both ask the same pure engine with the same facts."""

import math
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.groups.sessions import GroupSession, group_sessions
from booking.openings.diary import EARLIEST, LATEST, DiaryPage, page_of
from booking.openings.engine import HORIZON_DAYS, Obstacle, Terms, openings, why_not
from booking.openings.facts import Facts, facts_for
from booking.openings.intervals import Interval
from booking.openings.limits import Tally
from booking.openings.offers import Offer, instant_of, offer_named, offers_of, second_of
from core.errors import Invalid
from core.zones import local_date

__all__ = (  # offers are read by `offers`; who asks for openings finds them here
    "Offer",
    "facts_for",
    "instant_of",
    "judge_starts",
    "look_at",
    "next_openings",
    "obstacles_to",
    "offer_named",
    "offers_of",
    "openings_between",
    "openings_of",
    "page_around",
    "require_readable_range",
    "second_of",
    "starts_of",
)

# What a refused caller is shown instead, and how far ahead it is looked for.
NEXT_OPENINGS = 5
NEXT_WITHIN = timedelta(days=21)
# Beyond every booking window, and well within what dates can express.
FURTHEST = timedelta(days=HORIZON_DAYS + 2)
LONGEST_RANGE_DAYS = 62


def openings_between(
    service_ids: Collection[int], start: datetime, end: datetime, *, now: datetime, limit: int | None = None, client_id: int | None = None
) -> dict[int, list[datetime]]:
    """Starts offered in [start, end) by service, rising, at most `limit` each; a service that cannot be booked has none.

    With `client_id`, openings that would clash with that person's own time or limits are left out.
    """
    found: dict[int, list[datetime]] = {service_id: [] for service_id in service_ids}
    found.update(openings_of(offers_of(service_ids).values(), start, end, now=now, limit=limit, client_id=client_id))
    return found


def openings_of(
    offers: Iterable[Offer],
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    limit: int | None = None,
    client_id: int | None = None,
    ignoring: Collection[int] = (),
) -> dict[int, list[datetime]]:
    """The same for offers at hand. The bookings `ignoring` (ids) count as if they were not there: the one being moved."""
    found = starts_of(offers, start, end, now=now, client_ids=() if client_id is None else (client_id,), ignoring=ignoring)
    return {service_id: [instant_of(second) for second in starts[:limit]] for service_id, starts in found.items()}


def starts_of(
    offers: Iterable[Offer],
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    client_ids: Collection[int] = (),
    ignoring: Collection[int] = (),
    facts: Mapping[int, Facts] | None = None,
) -> dict[int, list[int]]:
    """The same as UTC seconds, for all who are to attend. `facts` by service are read where they are not given."""
    asked = list(offers)
    offers = [each for each in asked if not each.is_paid_nowhere]
    if facts is None:
        facts = facts_for(offers, start, end, client_ids=client_ids, now=now, ignoring=ignoring)
    within, at = (second_of(start), second_of(end)), second_of(now)
    found = {
        offer.service_id: openings(offer.schedule, offer.terms, busy=known.busy, client_busy=known.client_busy, tallies=known.tallies, now=at, within=within)
        for offer in offers
        for known in (facts[offer.service_id],)
    }
    for offer in (each for each in offers if each.seats is not None):
        known, sessions = facts[offer.service_id], group_sessions(offer, start, end, ignoring=ignoring)
        joined = [each.start for each in sessions if not _why_not(offer, each.start, offer.terms, _to_join(offer, each, known), now=now)]
        found[offer.service_id] = sorted({*found[offer.service_id], *joined})
    return {offer.service_id: found.get(offer.service_id, []) for offer in asked}


def _to_join(offer: Offer, session: GroupSession, known: Facts) -> Facts:
    """What matters to somebody who joins this session: it takes no more of the therapist's time than it does already, and counts towards no limit of theirs."""
    if session.minutes != offer.terms.minutes or session.seats_left(offer) == 0:
        return known
    others = [interval for interval in known.busy if interval != session.block]
    return Facts(others, known.client_busy, [tally for tally in known.tallies if tally.limit.of == "client"])


def _why_not(offer: Offer, second: int, terms: Terms, known: Facts, *, now: datetime) -> list[Obstacle]:
    return why_not(second, offer.schedule, terms, busy=known.busy, client_busy=known.client_busy, tallies=known.tallies, now=second_of(now))


def require_readable_range(start: datetime, end: datetime, *, zone_name: str) -> None:
    """Invalid unless `end` is after `start` and the range touches at most 62 local dates of the reader's zone."""
    if end <= start:
        raise Invalid(errors={"end": ["Must be after the start."]})
    too_long = Invalid(code="range_too_long", errors={"end": [f"A range touches at most {LONGEST_RANGE_DAYS} dates."]})
    if end - start > timedelta(days=LONGEST_RANGE_DAYS + 1) or not EARLIEST < start < end < LATEST:
        raise too_long
    last = instant_of(second_of(end) - 1)
    if (local_date(zone_name, second_of(last)) - local_date(zone_name, math.floor(start.timestamp()))).days >= LONGEST_RANGE_DAYS:
        raise too_long


def obstacles_to(
    offer: Offer, start: datetime, *, client_ids: Collection[int], now: datetime, minutes: int | None = None, ignoring: Collection[int] = ()
) -> list[Obstacle]:
    """Every rule that keeps this start from being booked now; empty when it is an opening. `minutes` is another length than the service's own.

    The bookings `ignoring` (ids) count as if they were not there: the one being moved, a hold being confirmed.
    """
    return judge_starts([(replace(offer, terms=offer.terms_for(minutes)), start)], client_ids=client_ids, now=now, ignoring=ignoring).obstacles[0]


@dataclass(frozen=True, slots=True)
class JudgedStarts:
    """What speaks against each start alone, and the limits that were asked: whoever takes several adds those that come before (`limits.reached_with`)."""

    obstacles: list[list[Obstacle]]
    tallies: Sequence[Tally]


def judge_starts(asked: Sequence[tuple[Offer, datetime]], *, client_ids: Collection[int], now: datetime, ignoring: Collection[int] = ()) -> JudgedStarts:
    """`obstacles_to` for several starts of one service, each with terms of its own; everything is read once, however many they are."""
    readable = [(offer, start) for offer, start in asked if abs(start - now) <= FURTHEST and not start.microsecond]
    if readable:
        offer = readable[0][0]
        first, last = min(start for _, start in readable), max(instant_of(each.terms.session(second_of(start))[1]) for each, start in readable)
        known = facts_for([offer], first, last, client_ids=client_ids, now=now, ignoring=ignoring)[offer.service_id]
        running = {each.start: each for each in group_sessions(offer, first, last, ignoring=ignoring)} if offer.seats is not None else {}

    def judged(offer: Offer, start: datetime) -> list[Obstacle]:
        if abs(start - now) > FURTHEST:
            return ["past" if start < now else "too_far"]
        if start.microsecond:
            return ["off_grid"]
        second = second_of(start)
        facts = _to_join(offer, running[second], known) if second in running else known
        return _why_not(offer, second, offer.terms, facts, now=now)

    return JudgedStarts([judged(offer, start) for offer, start in asked], known.tallies if readable else ())


@dataclass(frozen=True, slots=True)
class Look:
    """One start: every rule against it, and, for whoever is refused, what could be booked instead."""

    obstacles: list[Obstacle]
    following: Callable[[], list[datetime]]


def page_around(service_id: uuid.UUID, start: datetime, *, client_id: int, now: datetime) -> DiaryPage | None:
    """The page of a diary that tells whether this start can be booked, and what could be instead; None for a service that is not there or cannot be booked."""
    near = start if abs(start - now) <= FURTHEST else now
    return page_of(service_id, near, max(near, now) + NEXT_WITHIN, client_id=client_id, now=now)


def look_at(
    offer: Offer,
    start: datetime,
    *,
    client_ids: Sequence[int],
    now: datetime,
    minutes: int | None = None,
    ignoring: Collection[int] = (),
    page: DiaryPage | None = None,
) -> Look:
    """`obstacles_to`, with `next_openings` out of the same reading where that can be: of many who want one start, all but one are refused it. Out of the
    `page` of a diary, where that tells of it.
    """
    offer, begins = replace(offer, terms=offer.terms_for(minutes)), max(start, now)
    if offer.seats is not None or ignoring or abs(start - now) > FURTHEST or start.microsecond:
        obstacles = obstacles_to(offer, start, client_ids=client_ids, now=now, ignoring=ignoring)
        return Look(obstacles, lambda: next_openings(offer, start, client_id=client_ids[0] if client_ids else None, now=now))
    end = begins + NEXT_WITHIN
    known = page.facts(start, end, client_ids=client_ids, now=now) if page is not None else None
    if known is None:
        known = facts_for([offer], start, end, client_ids=client_ids, now=now)[offer.service_id]
    within = second_of(begins), second_of(end)
    return Look(_why_not(offer, second_of(start), offer.terms, known, now=now), lambda: _offered(offer, known, within, now=now)[:NEXT_OPENINGS])


def _offered(offer: Offer, known: Facts, within: Interval, *, now: datetime) -> list[datetime]:
    starts = openings(offer.schedule, offer.terms, busy=known.busy, client_busy=known.client_busy, tallies=known.tallies, now=second_of(now), within=within)
    return [instant_of(start) for start in starts]


def next_openings(offer: Offer, start: datetime, *, client_id: int | None, now: datetime, ignoring: Collection[int] = ()) -> list[datetime]:
    """A few openings of the same service from `start` on, for somebody who was refused it."""
    start = max(start, now)
    found = openings_of([offer], start, start + NEXT_WITHIN, now=now, limit=NEXT_OPENINGS, client_id=client_id, ignoring=ignoring)
    return found[offer.service_id]

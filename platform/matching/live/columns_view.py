"""A list out of the columns: who is first, how many fit, what one wish would change. Whoever is shown is read and judged by the specification.

Where columns cannot answer, `columns_view` says None; where they disagree with what the specification says of those shown, `Disagreed` is raised, and the
specification makes the whole list.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isclose

import structlog
from sqlalchemy import select

from booking.models import Booking, BookingParticipant
from booking.openings.busy import busy_of
from booking.openings.offers import second_of
from core.db import db
from core.zones import local_date
from matching.candidate import Candidate, OfferedService
from matching.listing import Listing, Occasion, Relax, listing
from matching.live.held import Held, live
from matching.market import HORIZON, Market, market_for
from matching.ranking import Ranked, order, tie_break
from matching.snapshot.columns import Packed
from matching.snapshot.search import Best, Fitting, place_asked
from matching.wishes import Wish, modality_credit, musts_of, relaxed
from taxonomy.vocabulary import vocabulary
from therapists.models import GROUP, Therapist

log = structlog.get_logger()
CLOSE = 1e-9


class Disagreed(Exception):
    """What was read of somebody is not what the columns say."""


def agree(said: Mapping[str, float], read: Mapping[str, Ranked]) -> bool:
    """Whether these are the same therapists with the same scores."""
    same = said.keys() == read.keys() and all(isclose(read[key].scored.total, score, rel_tol=0, abs_tol=CLOSE) for key, score in said.items())
    if not same:
        log.warning("columns_disagreed", said=len(said), read=len(read))
    return same


@dataclass(frozen=True)
class Asker:
    """The person who asks. `apart` are the therapists they know already: rules differ for them, so that the specification judges each. `busy`: own time."""

    client_id: int
    signed_in: bool
    apart: frozenset[int]
    busy: tuple[tuple[int, int], ...]


def columns_view(occasion: Occasion, *, client_id: int, signed_in: bool) -> "ColumnsView | None":
    """The list as it is now; None where columns cannot answer: not adults alone, needs, groups, or a transaction that has itself changed therapists."""
    plain = replace(occasion, in_care=frozenset())
    if place_asked(plain) is None or occasion.wishes.unit == GROUP:
        return None
    held = live().as_new_as_the_database(now=occasion.now)
    return None if held is None else ColumnsView(occasion, held, _asker(occasion, client_id, signed_in=signed_in))


class ColumnsView:
    """As `view.Whole`, but only whoever is asked for is read."""

    def __init__(self, occasion: Occasion, held: Held, asker: Asker) -> None:
        self.occasion, self._held, self._asker = occasion, held, asker
        self._apart = asker.apart | held.apart
        self.market = Market((), {}, {})
        self._given: dict[str, Ranked] = {}

    @cached_property
    def count(self) -> int:
        """How many are on the list."""
        return self._counted(self.occasion)

    def first(self, most: int) -> Sequence[Ranked]:
        """The best fitting, in order, out of what this process holds. Disagreed when the specification has them otherwise."""
        found = [best for fitting in self._fittings(self.occasion) for best in fitting.first(most)]
        own = {each.candidate.key: each for each in self._judged.ranked}
        found += [Best(each.candidate.therapist_id, key, each.scored.total) for key, each in own.items()]
        day = local_date(self.occasion.wishes.zone, int(self.occasion.now.timestamp())).isoformat()
        best = sorted(found, key=lambda each: (-round(each.score, 12), tie_break(self.occasion.seed, each.key, day)))[:most]
        known = self._held.known([each.therapist_id for each in best if each.key not in own], now=self.occasion.now)
        again = listing(self.occasion, [self._as_of_now(each.packed) for each in known.values() if each.packed], vocabulary=vocabulary()).ranked
        judged = {each.candidate.key: each for each in again} | {each.key: own[each.key] for each in best if each.key in own}
        if not agree({each.key: each.score for each in best}, judged):
            raise Disagreed
        return order(judged.values(), seed=self.occasion.seed, zone=self.occasion.wishes.zone, now=self.occasion.now)

    def _as_of_now(self, packed: Packed) -> Candidate:
        """With the openings that are left, and are none of the client's own time."""
        candidate = packed.member if self._asker.signed_in and packed.member is not None else packed.candidate
        at, until = second_of(self.occasion.now), second_of(self.occasion.now + HORIZON)

        def left(service: OfferedService) -> OfferedService:
            openings = service.openings
            openings = openings[bisect_left(openings, at + packed.leads.get(service.service_id, 0) * 60) : bisect_left(openings, until)]
            if self._asker.busy:
                lasts = service.minutes * 60
                openings = tuple(start for start in openings if all(start >= end or start + lasts <= begin for begin, end in self._asker.busy))
            return replace(service, openings=openings)

        return replace(candidate, services=tuple(left(each) for each in candidate.services))

    def of(self, keys: Collection[str]) -> dict[str, Ranked]:
        """Those of these therapists (public ids) who are on the list: asked of the database and of the specification, never of the columns."""
        if unread := [key for key in keys if key not in self._given]:
            found = self._read(market_for(self.occasion, client_id=self._asker.client_id, signed_in=self._asker.signed_in, only=unread))
            self._given |= {each.candidate.key: each for each in found.ranked}
        return {key: self._given[key] for key in keys if key in self._given}

    def waiting(self) -> list[tuple[str, str]]:
        """Keys and names of those who fit, have no place or time, and keep a waitlist."""
        keys = [key for fitting in self._fittings(self.occasion) for key in fitting.waiting()] + [each.key for each in self._judged.waiting]
        named = select(Therapist.public_id, Therapist.display_name)
        still = named.where(Therapist.public_id.in_(keys), Therapist.published_at.is_not(None), Therapist.waitlist_open)
        return sorted((str(key), name) for key, name in db.session.execute(still)) if keys else []

    def relax(self) -> tuple[Relax, ...]:
        """For each must, how many would be on the list if it alone gave way."""
        return tuple(
            Relax(must.code, must.wish, self._counted(replace(self.occasion, wishes=relaxed(self.occasion.wishes, must.wish))))
            for must in musts_of(self.occasion.wishes)
        )

    def offers(self, wish: Wish) -> bool:
        """Whether anybody on the list offers one of these kinds of therapy."""
        from_columns = any(fitting.offers(wish) for fitting in self._fittings(self.occasion))
        return from_columns or any(modality_credit(wish, each.candidate, self.occasion.wishes.unit, vocabulary()) >= 1.0 for each in self._judged.ranked)

    @cached_property
    def _known(self) -> Market:
        """Those whom the specification judges one by one."""
        if not self._apart:
            return Market((), {}, {})
        return market_for(self.occasion, client_id=self._asker.client_id, signed_in=self._asker.signed_in, ids=self._apart)

    @cached_property
    def _judged(self) -> Listing:
        return self._read(self._known)

    def _read(self, market: Market) -> Listing:
        self.market.rows.update(market.rows)
        self.market.services.update(market.services)
        return listing(self.occasion, market.candidates, vocabulary=vocabulary())

    def _counted(self, occasion: Occasion) -> int:
        known = listing(occasion, self._known.candidates, vocabulary=vocabulary()).ranked
        return sum(fitting.count for fitting in self._fittings(occasion)) + len(known)

    def _fittings(self, occasion: Occasion) -> list[Fitting]:
        if occasion is self.occasion:
            return self._fitting_here
        return self._made(occasion)

    @cached_property
    def _fitting_here(self) -> list[Fitting]:
        return self._made(self.occasion)

    def _made(self, occasion: Occasion) -> list[Fitting]:
        plain, out = replace(occasion, in_care=frozenset()), frozenset(occasion.hidden) | self._apart
        parts = self._held.parts(occasion.now, signed_in=self._asker.signed_in)
        return [Fitting(part.columns, replace(plain, hidden=out | part.gone), vocabulary(), busy=self._asker.busy) for part in parts]


def _asker(occasion: Occasion, client_id: int, *, signed_in: bool) -> Asker:
    """Limits of a client count bookings with that very therapist; a guest has none, and no time of their own here."""
    if not signed_in:
        return Asker(client_id, signed_in, frozenset(occasion.in_care), ())
    own = select(Booking.therapist_id).join(BookingParticipant, BookingParticipant.booking_id == Booking.id).where(BookingParticipant.person_id == client_id)
    booked = frozenset(db.session.scalars(own.distinct()))
    busy = busy_of([client_id], occasion.now, occasion.now + HORIZON, now=occasion.now)[client_id]
    return Asker(client_id, signed_in, frozenset(occasion.in_care) | booked, tuple(busy))

"""A list out of the columns: who is first, how many fit, what one wish would change. Whoever is shown is judged by the specification (`judging`).

Where columns cannot answer, `columns_view` says None; where they disagree with what the specification says of those shown, `Disagreed` is raised, and the
specification makes the whole list.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from math import isclose
from typing import Any

import structlog
from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select

from booking.models import Booking, BookingParticipant
from booking.openings.busy import busy_of
from core.db import db
from core.reading import Reading
from core.zones import local_date
from matching.faces import Shown
from matching.listing import SESSION, Listing, Occasion, Relax, listing, offered_to
from matching.live.held import Held, live
from matching.live.judging import Asker, as_asked, shown, version_held
from matching.live.reading import Known
from matching.market import HORIZON, Market, market_for, shown_of
from matching.ranking import Ranked, Scored, Scorer, scorer, tie_break
from matching.recorded import Version, version_of
from matching.snapshot.search import Best, Fitting, place_asked
from matching.weights import WEIGHTS
from matching.wishes import Wish, modality_credit, musts_of, relaxed
from taxonomy.vocabulary import vocabulary
from therapists.models import GROUP, Therapist

log = structlog.get_logger()
CLOSE = 1e-9
_NAMES: Select[Any] = select(Therapist.public_id, Therapist.person_id)  # type: ignore[assignment]
_IDS_OF = Reading(_NAMES.where(Therapist.public_id == any_(bindparam("keys", type_=ARRAY(Uuid)))))


class Disagreed(Exception):
    """What is to be shown of somebody is not what the columns say."""


def columns_view(occasion: Occasion, *, client_id: int, signed_in: bool) -> "ColumnsView | None":
    """The list as it is now; None where columns cannot answer: not adults alone, needs, groups, or a transaction that has itself changed therapists."""
    plain = replace(occasion, in_care=frozenset())
    if place_asked(plain) is None or occasion.wishes.unit == GROUP:
        return None
    held = live().as_new_as_the_database(now=occasion.now)
    return None if held is None else ColumnsView(occasion, held, _asker(occasion, client_id, signed_in=signed_in))


class ColumnsView:
    """As `view.WholeView`, but only whoever is asked for is judged."""

    def __init__(self, occasion: Occasion, held: Held, asker: Asker) -> None:
        self.occasion, self._held, self._asker = occasion, held, asker
        self._apart = asker.apart | held.apart
        self._ids: dict[str, int] = {}
        self._given: dict[str, Shown] = {}

    @cached_property
    def count(self) -> int:
        """How many are on the list."""
        return self._counted(self.occasion)

    def first(self, most: int) -> Sequence[Ranked]:
        """The best fitting, in order, with the scores that the columns give them and no reasons: whoever is to be shown is asked for by `shown`."""
        found = [best for fitting in self._fittings(self.occasion) for best in fitting.first(most)]
        own = {each.candidate.key: each for each in self._judged.ranked}
        found += [Best(each.candidate.therapist_id, key, each.scored.total) for key, each in own.items()]
        if len(self._fitting_here) > 1 or own:
            day = local_date(self.occasion.wishes.zone, int(self.occasion.now.timestamp())).isoformat()
            found = sorted(found, key=lambda each: (-round(each.score, 12), tie_break(self.occasion.seed, each.key, day)))[:most]
        known = self._held.known([each.therapist_id for each in found if each.key not in own], now=self.occasion.now)
        self._ids |= {each.key: each.therapist_id for each in found}
        return [own[each.key] if each.key in own else self._ranked(known.get(each.therapist_id), each) for each in found]

    def _ranked(self, known: Known | None, best: Best) -> Ranked:
        if known is None or known.packed is None:
            raise Disagreed
        candidate = as_asked(known, self._asker)
        offered = offered_to(self.occasion, candidate, SESSION)
        if len(offered) > 1:  # which of them is the best one only the specification says
            return self.shown(Ranked(candidate, offered[0], Scored(best.score, WEIGHTS.word_of(best.score), ()))).ranked
        return Ranked(candidate, offered[0], Scored(best.score, WEIGHTS.word_of(best.score), ()))

    def shown(self, ranked: Ranked) -> Shown:
        """As the specification has them, with reasons. Disagreed when the columns had them otherwise."""
        found = self.of([ranked.candidate.key]).get(ranked.candidate.key)
        if found is None or not isclose(found.ranked.scored.total, ranked.scored.total, rel_tol=0, abs_tol=CLOSE):
            log.warning("columns_disagreed", shown=found is not None)
            raise Disagreed
        return found

    def of(self, keys: Collection[str]) -> dict[str, Shown]:
        """Those of these therapists (public ids) who are on the list, as the specification has them."""
        if unknown := [key for key in keys if key not in self._ids]:
            self._ids |= {str(key): therapist_id for key, therapist_id in _IDS_OF.tuples({"keys": unknown})}
        asked = {key: self._ids[key] for key in keys if key in self._ids and key not in self._given}
        known = self._held.known([each for each in asked.values() if each not in self._apart], now=self.occasion.now)
        for key, therapist_id in asked.items():
            if therapist_id in self._apart:
                own = next((each for each in self._judged.ranked if each.candidate.key == key), None)
                found = None if own is None else shown_of(own, self.occasion, self._known)
            else:
                found = shown(known[therapist_id], self.occasion, self._asker, scored=self._scored) if therapist_id in known else None
            if found is not None:
                self._given[key] = found
        return {key: self._given[key] for key in keys if key in self._given}

    @cached_property
    def _scored(self) -> Scorer:
        return scorer(self.occasion.wishes, now=self.occasion.now, vocabulary=vocabulary())

    def version_of(self, ranked: Ranked) -> Version:
        """What somebody of `first` states, made out once for as long as a reading of them holds."""
        known = self._held.known([ranked.candidate.therapist_id], now=self.occasion.now).get(ranked.candidate.therapist_id)
        if known is None or ranked.candidate.therapist_id in self._apart:
            return version_of(ranked.candidate)
        return version_held(known, self._asker)

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
            return Market((), {})
        return market_for(self.occasion, client_id=self._asker.client_id, signed_in=self._asker.signed_in, ids=self._apart)

    @cached_property
    def _judged(self) -> Listing:
        return listing(self.occasion, self._known.candidates, vocabulary=vocabulary())

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

"""The best fitting therapists out of the columns: who may be shown there, who fits every must, in the order of the specification. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from core.zones import local_date
from matching.listing import Occasion
from matching.ranking import tie_break
from matching.snapshot.columns import Columns, Posting
from matching.snapshot.encoding import Flags, Ints, Numbers, Rows
from matching.snapshot.shares import Asked, best_totals, fees, identity_credits, insured, modality_credits, mode_fits
from matching.weights import WEIGHTS, Weights
from matching.wishes import Strength, Wish
from taxonomy.vocabulary import Vocabulary
from therapists.standing import ADULT_BANDS


@dataclass(frozen=True)
class Found:
    """`keys` of therapists, best first, with their scores; `fitting` counts all who would be on the whole list."""

    keys: tuple[str, ...]
    scores: tuple[float, ...]
    fitting: int


def place_asked(occasion: Occasion) -> str | None:
    """The one place of everybody who attends, when the columns can answer for them: adults without a pause or a need for a special competence, and no
    care relation with anybody. None for everybody else: they are answered by the specification.
    """
    places = {each.place for each in occasion.attendees}
    plain = all(each.age_band in ADULT_BANDS and each.paused is False and not each.needs for each in occasion.attendees)
    return places.pop() if plain and len(places) == 1 and not occasion.in_care else None


def search(columns: Columns, occasion: Occasion, *, most: int, vocabulary: Vocabulary, weights: Weights = WEIGHTS) -> Found:
    """The first `most` of those whom `listing.listing` would rank, in its order. ValueError for an occasion that is not `place_asked`'s."""
    fitting = Fitting(columns, occasion, vocabulary, weights)
    first = fitting.first(most)
    return Found(tuple(each.key for each in first), tuple(each.score for each in first), fitting.count)


class Best(NamedTuple):
    therapist_id: int
    key: str
    score: float


@dataclass(frozen=True)
class Fitting:
    """Everybody who fits one occasion, as `listing.listing` would rank them. ValueError for an occasion that is not `place_asked`'s.

    `busy` is the client's own time, half-open in UTC seconds.
    """

    columns: Columns
    occasion: Occasion
    vocabulary: Vocabulary
    weights: Weights = WEIGHTS
    busy: Sequence[tuple[int, int]] = ()

    def __post_init__(self) -> None:
        if place_asked(self.occasion) is None:
            raise ValueError("this occasion is for the specification")

    @cached_property
    def _posting(self) -> Posting | None:
        return self.columns.postings.get(place_asked(self.occasion) or "")

    @cached_property
    def _asked(self) -> Asked | None:
        """The rows that have an opening and meet every must; None where nobody may treat anybody."""
        if self._posting is None:
            return None
        asked = self._asking(*_may_be_shown(self.columns, self._posting, self.occasion))
        keep = _meets_musts(asked) & (asked.allowed > 0 if asked.before is None and not asked.busy else asked.times.bookable)
        return asked if keep.all() else asked.only(keep)

    def _asking(self, rows: Rows, allowed: Ints) -> Asked:
        wishes, now, within = self.occasion.wishes, self.occasion.now.timestamp(), self.occasion.within_days
        before = None if within is None else now + within * 86_400
        people = self.columns.person.take(rows).astype(np.intp)
        return Asked(self.columns, rows, people, allowed, wishes, before, int(now), self.vocabulary, self.weights, tuple(self.busy))

    @cached_property
    def count(self) -> int:
        # Rows stand in the order of their people: whoever differs from the one before is another one.
        people = self._asked.people if self._asked is not None else np.zeros(0, dtype=np.intp)
        return int(np.count_nonzero(people[1:] != people[:-1])) + bool(len(people))

    def first(self, most: int) -> list[Best]:
        """The best, in order."""
        if self._asked is None:
            return []
        people, scores = _best_service(*best_totals(self._asked, most))
        return _first(self.columns, people, scores, self.occasion, most)

    def offers(self, wish: Wish) -> bool:
        """Whether anybody fitting offers one of these kinds of therapy, or a narrower one."""
        return self._asked is not None and bool((modality_credits(self._asked, wish) >= 1.0).any())

    def waiting(self) -> list[str]:
        """Keys of those who would be on the list but for room and time, and keep a waitlist, as `listing.listing` finds them; in no order."""
        if self._posting is None or self._asked is None:
            return []
        columns, occasion = self.columns, self.occasion
        rows, allowed = _may_be_shown(columns, self._posting, occasion, with_room=False)
        keeps_one = columns.waitlist.take(columns.person.take(rows).astype(np.intp))
        rows, allowed = rows[keeps_one], allowed[keeps_one]
        listed = np.isin(columns.person.take(rows).astype(np.intp), self._asked.people)
        asked = self._asking(rows[~listed], allowed[~listed])
        found, meeting = np.unique(asked.people[_meets_musts(asked, times=False)], return_counts=True)
        # Services of one person stand beside each other: every one for this unit has to be among those that meet.
        begins, ends = (np.searchsorted(columns.person, found, side=side) for side in ("left", "right"))
        offered = [int(columns.unit.equals(np.arange(begin, end), occasion.wishes.unit).sum()) for begin, end in zip(begins, ends, strict=True)]
        return [columns.key(int(person)) for person, met, all_of_them in zip(found, meeting, offered, strict=True) if met == all_of_them]


def _may_be_shown(columns: Columns, posting: Posting, occasion: Occasion, *, with_room: bool = True) -> tuple[Rows, Rows]:
    """Services of the place for this unit, of therapists who have room, see everybody's age and are nobody's conflict; and their allowed openings."""
    rows, allowed = posting.services.astype(np.intp), posting.allowed
    people = columns.person.take(rows).astype(np.intp)
    keep = columns.unit.equals(rows, occasion.wishes.unit)
    if with_room:
        keep &= columns.room.take(people)
    for band in {each.age_band for each in occasion.attendees}:
        keep &= columns.age_bands.touches(people, [str(band)])
    barred = set(occasion.hidden).union(*(each.conflicts for each in occasion.attendees), (each.person_id for each in occasion.attendees if each.person_id))
    if barred:
        keep &= ~np.isin(columns.ids.take(people), np.array(sorted(barred), dtype=np.int64))
    return rows[keep], allowed[keep].astype(np.intp)


def _meets_musts(asked: Asked, *, times: bool = True) -> Flags:
    """As `wishes.unmet`; without `times`, whatever the hours are."""
    wishes, columns, people = asked.wishes, asked.columns, asked.people
    meets = np.ones(len(people), dtype=np.bool_)
    for wish in wishes.languages:
        if wish.strength is Strength.MUST:
            meets &= columns.languages.touches(people, wish.any_of)
    if wishes.ceiling is not None and wishes.ceiling_firm:
        within = columns.currency.equals(asked.rows, wishes.ceiling.currency) & (fees(asked) <= wishes.ceiling.amount)
        meets &= within | insured(asked)
    if wishes.modes is not None and wishes.modes.strength is Strength.MUST:
        meets &= mode_fits(asked)
    if times and wishes.hours and wishes.hours_strength is Strength.MUST:
        meets &= asked.times.fitting
    for wish in (each for each in wishes.modalities if each.strength is Strength.MUST):
        meets &= modality_credits(asked, wish) >= 1.0
    for wish in (each for each in wishes.access if each.strength is Strength.MUST):
        meets &= columns.access.touches(people, wish.any_of)
    for own in (each for each in wishes.identity if each.strength is Strength.MUST):
        meets &= identity_credits(asked, own) == 1.0
    return meets


def _best_service(asked: Asked, scores: Numbers) -> tuple[Rows, Numbers]:
    """Each therapist once, with the service of the highest score: of equal ones the cheaper, then the one offered first."""
    people = asked.people
    if len(people) < 2 or (people[1:] != people[:-1]).all():
        return people, scores
    order = np.lexsort((asked.columns.fee.take(asked.rows), -np.round(scores, 12), people))
    first = order[np.r_[True, people[order][1:] != people[order][:-1]]]
    return people[first], scores[first]


def _first(columns: Columns, people: Rows, scores: Numbers, occasion: Occasion, most: int) -> list[Best]:
    """As `ranking.order`, of which the keys are hashed only where scores are equal."""
    candidates = np.arange(len(people))
    if len(people) > most:
        # What is rounded to the same twelve decimals lies no further apart.
        candidates = np.flatnonzero(scores >= np.partition(scores, len(people) - most)[len(people) - most] - 1e-12)
    best = [Best(int(columns.ids[people[at]]), columns.key(int(people[at])), float(scores[at])) for at in candidates]
    day = local_date(occasion.wishes.zone, int(occasion.now.timestamp())).isoformat()
    equal = Counter(round(each.score, 12) for each in best)
    return sorted(best, key=lambda each: (-(own := round(each.score, 12)), tie_break(occasion.seed, each.key, day) if equal[own] > 1 else ""))[:most]

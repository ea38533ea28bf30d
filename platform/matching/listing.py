"""Who is on the list, who is not and why, and what one relaxed wish would change. Pure.

Two questions stay apart: may this therapist treat these people (`care.eligibility`, never relaxable), and does it fit what was marked must
(`wishes`, relaxable one at a time). Openings on which the therapist may not treat them any more are not openings for them.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from care.eligibility import Attendee, refusals_of_all
from matching.candidate import Candidate, OfferedService
from matching.ranking import Ranked, Scorer, order, scorer
from matching.weights import WEIGHTS, Weights
from matching.wishes import Wishes, musts_of, relaxed, unmet
from taxonomy.vocabulary import Vocabulary
from therapists.standing_clock import turning_points

# Codes besides those of eligibility and of the wishes.
NOT_ACCEPTING, NOT_BOOKABLE, NO_SERVICE = "accepting", "bookable", "unit"
SESSION, TALK = "session", "consultation"


@dataclass(frozen=True)
class Occasion:
    """What a list is made for: the people who attend, what they wish for, when they ask.

    `seed` names the intake for ties. `in_care` are therapists with whom a care relation exists: taking new clients is not asked of them.
    `within_days` restricts the list to openings that soon (somebody who should not wait); None is no restriction.
    `hidden` are therapists the client asked not to see; that hides them from lists only.
    """

    wishes: Wishes
    attendees: tuple[Attendee, ...]
    now: datetime
    seed: str
    in_care: Collection[int] = frozenset()
    hidden: Collection[int] = frozenset()
    within_days: int | None = None


@dataclass(frozen=True)
class Relax:
    """If this one wish were no longer a must, `count` therapists would be on the list, exactly."""

    code: str
    wish: str
    count: int


@dataclass(frozen=True)
class Listing:
    """`ranked` best first; `waiting` fit but have no place or opening and keep a waitlist; `turned_away` maps public keys to codes (never shown)."""

    ranked: tuple[Ranked, ...]
    waiting: tuple[Candidate, ...]
    turned_away: Mapping[str, tuple[str, ...]]


def listing(occasion: Occasion, candidates: Iterable[Candidate], *, vocabulary: Vocabulary, weights: Weights = WEIGHTS) -> Listing:
    """Everybody who may treat these people, fits every must, takes new clients and has an opening; in order."""
    scored = scorer(occasion.wishes, now=occasion.now, vocabulary=vocabulary, weights=weights)
    ranked, waiting, turned_away = [], [], {}
    for candidate in candidates:
        services, codes = fitting_services(occasion, candidate, vocabulary=vocabulary)
        if services:
            ranked.append(best_of(candidate, services, scored))
            continue
        turned_away[candidate.key] = codes
        if candidate.waitlist_open and set(codes) <= {NOT_ACCEPTING, NOT_BOOKABLE, "times"}:
            waiting.append(candidate)
    ordered = order(ranked, seed=occasion.seed, zone=occasion.wishes.zone, now=occasion.now)
    return Listing(tuple(ordered), tuple(sorted(waiting, key=lambda each: each.key)), turned_away)


def relax_counts(occasion: Occasion, candidates: Sequence[Candidate], *, vocabulary: Vocabulary) -> tuple[Relax, ...]:
    """For each must, how many would be on the list in total if it alone were relaxed: counted by evaluating everything again."""
    counts = []
    for must in musts_of(occasion.wishes):
        softer = replace(occasion, wishes=relaxed(occasion.wishes, must.wish))
        fitting = sum(bool(fitting_services(softer, candidate, vocabulary=vocabulary)[0]) for candidate in candidates)
        counts.append(Relax(must.code, must.wish, fitting))
    return tuple(counts)


# Of a service: the codes that stand against these people in it today, and the service with only the openings that count.
Doors = Callable[[OfferedService], tuple[list[str], OfferedService]]


def fitting_services(
    occasion: Occasion, candidate: Candidate, *, vocabulary: Vocabulary, doors: Doors | None = None
) -> tuple[tuple[OfferedService, ...], tuple[str, ...]]:
    """The sessions of this therapist that fit, with only the openings that count; when there are none, the codes that stand against it.

    `doors` are the answers of whoever has asked the doors about these people already; without, they are asked here.
    """
    if candidate.therapist_id in occasion.hidden:
        return (), ("hidden",)
    room = candidate.has_room or candidate.therapist_id in occasion.in_care
    offered, ask = offered_to(occasion, candidate, SESSION), doors or _doors(occasion, candidate)
    fitting, codes = [], [] if offered else _why_not_for_them(occasion, candidate, room=room)
    for service in offered:
        against, open_now = ask(service)
        if not against and not open_now.openings:
            against.append(NOT_BOOKABLE)
        # Without a single opening the hours are not what stands in the way.
        against += [each.code for each in unmet(occasion.wishes, candidate, open_now, vocabulary=vocabulary) if open_now.openings or each.code != "times"]
        if not room:
            against.append(NOT_ACCEPTING)
        if not against:
            fitting.append(open_now)
        codes += against
    return tuple(fitting), () if fitting else tuple(dict.fromkeys(codes))


def offered_to(occasion: Occasion, candidate: Candidate, kind: str) -> list[OfferedService]:
    """Their services of this kind for so many people."""
    return [each for each in candidate.services if each.facts.kind == kind and each.facts.unit == occasion.wishes.unit]


def _doors(occasion: Occasion, candidate: Candidate) -> Doors:
    return lambda service: (_refusals(occasion, candidate, service, occasion.now), bookable(occasion, candidate, service))


def _why_not_for_them(occasion: Occasion, candidate: Candidate, *, room: bool) -> list[str]:
    """No session for so many people; and whatever else would stand against the sessions that there are."""
    sessions = [each for each in candidate.services if each.facts.kind == SESSION]
    return [NO_SERVICE, *(code for each in sessions for code in _refusals(occasion, candidate, each, occasion.now)), *([] if room else [NOT_ACCEPTING])]


def may_treat(occasion: Occasion, candidate: Candidate, service: OfferedService) -> bool:
    """Whether these people may be treated in this service today; openings on later days are asked about one by one."""
    return not _refusals(occasion, candidate, service, occasion.now)


def _refusals(occasion: Occasion, candidate: Candidate, service: OfferedService, at: datetime) -> list[str]:
    new_client = candidate.therapist_id not in occasion.in_care
    found = refusals_of_all(candidate.standing, occasion.attendees, service.facts, at, now=occasion.now, new_client=new_client)
    return [refusal.code for refusal in found]


def bookable(occasion: Occasion, candidate: Candidate, service: OfferedService) -> OfferedService:
    """The service with the openings on which these people may still be treated: asked once for each stretch in which nothing about the therapist turns."""
    openings = service.openings
    if occasion.within_days is not None:
        openings = openings[: bisect_left(openings, occasion.now.timestamp() + occasion.within_days * 86_400)]
    turns = [each.timestamp() for each in turning_points(candidate.standing) if each > occasion.now] if openings else []
    edges = sorted({0, *(bisect_left(openings, turn) for turn in turns), len(openings)})
    keep: list[int] = []
    for begin, end in pairwise(edges):
        if not _refusals(occasion, candidate, service, datetime.fromtimestamp(openings[begin], UTC)):
            keep += openings[begin:end]
    return replace(service, openings=tuple(keep))


def best_of(candidate: Candidate, services: Sequence[OfferedService], scored: Scorer) -> Ranked:
    """The service with the highest score; of equal ones the cheaper, then the one offered first."""
    ranked = [Ranked(candidate, service, scored(candidate, service)) for service in services]
    return min(ranked, key=lambda each: (-round(each.scored.total, 12), each.service.fee.amount))

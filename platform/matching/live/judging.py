"""Somebody whom a process holds, judged by the specification for one occasion. What they are was read from the database and is as new as the transaction."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.openings.offers import second_of
from care.eligibility import Attendee
from matching.candidate import Candidate, OfferedService
from matching.faces import Shown
from matching.listing import TALK, Occasion, best_of, bookable, fitting_services, may_treat, offered_to
from matching.live.reading import Known
from matching.market import HORIZON
from matching.ranking import Scorer
from matching.recorded import Version, version_of
from matching.wishes import Wishes
from taxonomy.vocabulary import vocabulary

DAY = 86_400
REFUSED = ["refused"]


@dataclass(frozen=True)
class Asker:
    """The person who asks. `apart` are the therapists they know already: rules differ for them, so that the specification judges each. `busy`: own time."""

    client_id: int
    signed_in: bool
    apart: frozenset[int]
    busy: tuple[tuple[int, int], ...]


def as_asked(known: Known, asker: Asker) -> Candidate:
    """As this person may see them, with the openings as they were read."""
    assert known.packed is not None
    return known.packed.member if asker.signed_in and known.packed.member is not None else known.packed.candidate


def shown(known: Known, occasion: Occasion, asker: Asker, *, scored: Scorer) -> Shown | None:
    """As they are to be shown to these people: None for somebody who may not be, or does not fit. Only for an occasion that columns can answer."""
    candidate, who = as_asked(known, asker), known.therapist_id
    if who in occasion.hidden or any(who == each.person_id or who in each.conflicts for each in occasion.attendees):
        return None
    counting = _counting(known, occasion)

    def doors(service: OfferedService) -> tuple[list[str], OfferedService]:
        openings = counting.get(service.service_id)
        if openings is None:
            return [*REFUSED], replace(service, openings=())
        return [], replace(service, openings=_left(known, service, openings, occasion, asker))

    services, _ = fitting_services(occasion, candidate, vocabulary=vocabulary(), doors=doors)
    if not services or known.face is None:
        return None
    talks = tuple(doors(each)[1] for each in offered_to(occasion, candidate, TALK))
    return Shown(best_of(candidate, services, scored), known.face, talks)


def version_held(known: Known, asker: Asker) -> Version:
    """What they state to this person, made out once."""
    found: Version | None = known.made.get(asker.signed_in)
    if found is None:
        found = known.made[asker.signed_in] = version_of(as_asked(known, asker))
    return found


def _counting(known: Known, occasion: Occasion) -> Mapping[int, Sequence[int]]:
    """By service, the openings on which people there and of that age may be treated; a service in which they may not be today is missing.

    The doors are asked once for as long as this reading of the therapist holds: they answer by what it says, and nothing about it turns before `good_until`.
    """
    key = frozenset((each.place, each.age_band) for each in occasion.attendees)
    if key not in known.made:
        known.made[key] = _ask(known, occasion.now, [Attendee(None, place=place, age_band=band, paused=False) for place, band in sorted(key)])
    found: Mapping[int, Sequence[int]] = known.made[key]
    return found


def _ask(known: Known, now: datetime, attendees: Sequence[Attendee]) -> Mapping[int, Sequence[int]]:
    assert known.packed is not None
    candidate, found = known.packed.candidate, {}
    for service in candidate.services:
        occasion = Occasion(Wishes(str(service.facts.unit), "UTC"), tuple(attendees), now, "")
        if may_treat(occasion, candidate, service):
            openings = bookable(occasion, candidate, service).openings
            found[service.service_id] = service.openings if openings == service.openings else openings
    return found


def _left(known: Known, service: OfferedService, openings: Sequence[int], occasion: Occasion, asker: Asker) -> tuple[int, ...]:
    """Those that are not too near or too far by now, and are none of the client's own time."""
    assert known.packed is not None
    at, until = second_of(occasion.now), second_of(occasion.now + HORIZON)
    if occasion.within_days is not None:
        until = min(until, second_of(occasion.now) + occasion.within_days * DAY)
    begin = bisect_left(openings, at + known.packed.leads.get(service.service_id, 0) * 60)
    left = tuple(openings[begin : bisect_left(openings, until)])
    if not asker.busy:
        return left
    lasts = service.minutes * 60
    return tuple(start for start in left if all(start >= end or start + lasts <= begins for begins, end in asker.busy))

"""Where a service may be booked by an adult who is new to the therapist: asked of the eligibility doors themselves, place by place. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime

from care.eligibility import Attendee
from matching.candidate import Candidate, OfferedService
from matching.listing import Occasion, bookable, may_treat
from matching.snapshot.columns import CannotPack
from matching.wishes import Wishes
from taxonomy.vocabulary import vocabulary
from therapists.authorisation import COMPACTS
from therapists.standing import ADULT_BANDS, Standing, covers


def reach_at(now: datetime) -> Callable[[Candidate, OfferedService], Mapping[str, int]]:
    """For each jurisdiction where these people may be treated now, the number of openings, from the first on, on which they still may; it may be none.

    Raises `CannotPack` where the openings that count are not the first ones.
    """

    def reach(candidate: Candidate, service: OfferedService) -> dict[str, int]:
        bands = sorted(ADULT_BANDS & candidate.standing.age_bands)
        found = {}
        for place in _places(candidate.standing) if bands and service.facts.unit else ():
            wishes = Wishes(str(service.facts.unit), "UTC")
            occasion = Occasion(wishes, (Attendee(None, place=place, age_band=bands[0], paused=False),), now, "")
            if may_treat(occasion, candidate, service):
                found[place] = _first_openings(occasion, candidate, service)
        return found

    return reach


def _first_openings(occasion: Occasion, candidate: Candidate, service: OfferedService) -> int:
    counting = bookable(occasion, candidate, service).openings
    if counting != service.openings[: len(counting)]:
        raise CannotPack("openings that count after one that does not")
    return len(counting)


def _places(standing: Standing) -> list[str]:
    """Every place that a credential speaks of; a compact can reach any."""
    known = vocabulary().jurisdictions
    if any(each.register in COMPACTS for each in standing.credentials):
        return list(known)
    return [place for place in known if any(covers(each.jurisdictions, place) for each in standing.credentials)]

"""May this therapist treat these people, there, then, that way? Asked at every door at the moment of use, from the rows as they are then.

The judgement is `eligibility`'s; here the facts are read, eight queries for any number of therapists and people. What is not known refuses.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from care.attendance import attendances_of
from care.conflicts import conflicts_of
from care.eligibility import CODES, Attendee, Refusal, refusals, refusals_of_all
from care.models import Place
from care.pause import paused_among
from care.places import places_of, places_over
from care.relation import in_care_with
from care.safety_record import competences_needed
from core.errors import Conflict
from therapists.facts import standings
from therapists.standing import ServiceFacts

# What speaks against a therapist whoever attends, and wherever.
CANNOT_WORK = frozenset({"verified", "not_barred", "required_checks", "leaving"})


class MayNotTreat(Conflict):
    """`reasons` in the problem document are codes of `eligibility.CODES`, and say nothing about anybody else."""

    code, detail = "may_not_treat", "This therapist cannot take this booking."


class Paused(MayNotTreat):
    code, detail = "paused", "Booking is paused until somebody has spoken with you."


def refusals_of(
    therapist_ids: Collection[int],
    client_ids: Collection[int],
    *,
    kind: str,
    unit: str,
    mode: str,
    at: datetime,
    now: datetime,
    stated: Mapping[int, str] | None = None,
) -> dict[int, tuple[Refusal, ...]]:
    """For each therapist, why not; an empty tuple means that they may. A therapist we do not know is refused by every code.

    Every participant's place counts, as it will be at `at`, or as they have `stated` it for this occasion (codes, by person). Nobody attending is judged like
    a person of whom nothing is known.
    """
    attendees = [replace(each, place=(stated or {}).get(each.person_id or 0, each.place)) for each in attendees_of(client_ids, at=at, now=now)]
    known, in_care = standings(therapist_ids), in_care_with(client_ids)
    # Only titles that a register knows as supervised, and that a verifier saw there, come this far; badges name them so.
    service = ServiceFacts(kind=kind, unit=unit, modes=frozenset({mode}), supervised_allowed=True)
    everything = tuple(Refusal(code) for code in CODES)

    def judged(therapist_id: int) -> tuple[Refusal, ...]:
        if therapist_id not in known:
            return everything
        return tuple(refusals_of_all(known[therapist_id], attendees, service, at, now=now, new_client=therapist_id not in in_care))

    return {each: judged(each) for each in therapist_ids}


def refusals_over(
    therapist_id: int, client_ids: Collection[int], instants: Collection[datetime], *, kind: str, unit: str, mode: str, now: datetime
) -> dict[datetime, tuple[Refusal, ...]]:
    """The same of one therapist for a session at each of these instants, in as many queries as for one of them."""
    people, places = _people(client_ids, now=now), places_over(client_ids, instants)
    standing, in_care = standings([therapist_id]).get(therapist_id), in_care_with(client_ids)
    service = ServiceFacts(kind=kind, unit=unit, modes=frozenset({mode}), supervised_allowed=True)

    def judged(at: datetime) -> tuple[Refusal, ...]:
        if standing is None:
            return tuple(Refusal(code) for code in CODES)
        return tuple(refusals_of_all(standing, _placed(people, places[at]), service, at, now=now, new_client=therapist_id not in in_care))

    return {at: judged(at) for at in instants}


def who_cannot_work(therapist_ids: Collection[int], *, at: datetime, now: datetime) -> frozenset[int]:
    """Those of these therapists who may treat nobody in a session at `at`: not verified or checked, barred, or gone by then. So is a stranger."""
    known = standings(therapist_ids)
    nobody, anything = Attendee(None, place=None, age_band=None, paused=None), ServiceFacts(kind="session", unit=None, modes=frozenset())

    def blocked(therapist_id: int) -> bool:
        if therapist_id not in known:
            return True
        found = refusals(known[therapist_id], nobody, anything, at, now=now, new_client=False)
        return not CANNOT_WORK.isdisjoint(refusal.code for refusal in found)

    return frozenset(each for each in therapist_ids if blocked(each))


def require_may_treat(therapist_id: int, client_ids: Collection[int], *, kind: str, unit: str, mode: str, at: datetime, now: datetime) -> None:
    """Conflict `may_not_treat` with the codes, or `paused` when somebody who attends is paused."""
    require_may_treat_over(therapist_id, client_ids, [at], kind=kind, unit=unit, mode=mode, now=now)


def require_may_treat_over(
    therapist_id: int, client_ids: Collection[int], instants: Collection[datetime], *, kind: str, unit: str, mode: str, now: datetime
) -> None:
    """The same for a session at each of these instants, in as many queries as for one; what is raised is of the earliest that is refused."""
    found = refusals_over(therapist_id, client_ids, instants, kind=kind, unit=unit, mode=mode, now=now)
    for at in sorted(found):
        codes = [refusal.code for refusal in found[at]]
        if "paused" in codes:
            raise Paused(extra={"reasons": codes})
        if codes:
            raise MayNotTreat(_detail(codes, client_ids, at=at, now=now), extra={"reasons": codes})


def _detail(codes: list[str], client_ids: Collection[int], *, at: datetime, now: datetime) -> str:
    """What to say: when it is we who do not know enough, that and not something about the therapist."""
    people = attendees_of(client_ids, at=at, now=now)
    if "jurisdiction" in codes and any(person.place is None for person in people):
        return "Please say first where you will be during sessions."
    if "age_group" in codes and any(person.age_band is None for person in people):
        return "Please say first how old you are."
    return Refusal(codes[0]).detail


def attendees_of(client_ids: Collection[int], *, at: datetime, now: datetime) -> list[Attendee]:
    """What is known of each participant for a session at `at`."""
    return _placed(_people(client_ids, now=now), places_of(client_ids, at=at))


def _placed(people: Iterable[Attendee], places: Mapping[int, Place]) -> list[Attendee]:
    where = {person_id: place.jurisdiction for person_id, place in places.items()}
    return [replace(each, place=where.get(each.person_id or 0)) for each in people]


def _people(client_ids: Collection[int], *, now: datetime) -> list[Attendee]:
    """What is known of each, but for the place."""
    attendances = attendances_of(client_ids)
    paused, conflicts, said = paused_among(client_ids), conflicts_of(client_ids, now=now), competences_needed(client_ids)
    return [
        Attendee(
            person_id=person_id,
            place=None,
            age_band=attendances[person_id].age_band if person_id in attendances else None,
            paused=person_id in paused,
            needs=said.get(person_id, frozenset()) | frozenset((attendances[person_id].needs if person_id in attendances else None) or ()),
            conflicts=conflicts.get(person_id, frozenset()),
        )
        for person_id in client_ids
    ]

"""May this therapist treat this person, in this service, at this time? Pure, and asked again at every door.

The answer is a list of refusals with stable codes; empty means yes. Everything unknown refuses. Wishes (price, language, format, times) are
another question and live in `matching`: they shape lists and never refuse a direct choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from therapists.authorisation import authorisation, claims_place, counting
from therapists.required_checks import lacking, may_see_minors, supported
from therapists.standing import ADULT_BANDS, ServiceFacts, Standing, bars, for_new_clients

CODES = (
    "verified",
    "not_barred",
    "required_checks",
    "jurisdiction",
    "scope",
    "age_group",
    "unit",
    "competence_floor",
    "no_conflict",
    "paused",
    "leaving",
)

# What whoever treats somebody with thoughts of ending their life must have been checked for.
RISK_COMPETENCE = frozenset({"suicidality"})

DETAILS = {
    "verified": "We hold no current check of this therapist's registration for that day.",
    "not_barred": "This therapist is not available through us.",
    "required_checks": "Something that we check about every therapist is not current for this therapist on that day.",
    "jurisdiction": "This therapist may not work with people who are where you will be.",
    "scope": "This therapist may not give this service.",
    "age_group": "This therapist does not work with this age group.",
    "unit": "This service is not for this number of people.",
    "competence_floor": "This needs a special competence that we have not checked for this therapist.",
    "no_conflict": "This therapist cannot work with you.",
    "paused": "Booking is paused until somebody has spoken with you.",
    "leaving": "By then this therapist does not work here any more.",
}


@dataclass(frozen=True)
class Attendee:
    """Who would attend, on this occasion.

    `place` is the jurisdiction where the person will physically be during the session, `needs` the concerns that demand a checked special
    competence, `paused` the safety pause, `conflicts` the therapists with whom this person must not be put together, for whatever reason.
    None is unknown and refuses.
    """

    person_id: int | None
    place: str | None
    age_band: str | None
    paused: bool | None
    needs: frozenset[str] = frozenset()
    conflicts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Refusal:
    """One reason why not: a code of `CODES` and a neutral sentence that gives nothing away about anybody else."""

    code: str

    @property
    def detail(self) -> str:
        return DETAILS[self.code]


def refusals(standing: Standing, attendee: Attendee, service: ServiceFacts, at: datetime, *, now: datetime, new_client: bool = True) -> list[Refusal]:
    """Why this therapist may not treat this person in this service starting at `at`, in the order of `CODES`; empty when they may.

    Where a credential reaches, and under which conditions, is `therapists.authorisation`'s to say. A new client is somebody without a care relation: where
    our own look at the register is late, they are turned away a month before others.
    """
    if new_client:
        standing = for_new_clients(standing, now=now)
    verified = bool(counting(standing, at, now=now))
    # An entry that stands on supervision counts only while that is shown to last.
    standing = supported(standing, at, now=now)
    current = counting(standing, at, now=now)
    here = authorisation(standing, attendee.place, service.modes, at, now=now)
    passed = {
        "verified": verified,
        "not_barred": not standing.barred and not any(bars(credential) for credential in standing.credentials),
        "required_checks": bool(current or not verified) and not lacking(standing, at, now=now, new_client=new_client),
        # Where nothing counts anywhere but a credential claims this place, `verified` already says all there is to say.
        "jurisdiction": here.is_given or (not current and claims_place(standing, attendee.place)),
        "scope": bool(service.modes) and here.allows(supervised_allowed=service.supervised_allowed, risk=bool(attendee.needs)),
        "age_group": _serves_age(standing, attendee, at, now, new_client=new_client),
        "unit": service.unit is not None and service.unit in standing.units,
        "competence_floor": attendee.needs <= standing.verified_competences,
        "no_conflict": standing.therapist_id not in attendee.conflicts and standing.therapist_id != attendee.person_id,
        "paused": attendee.paused is False,
        "leaving": not standing.has_left_by(at, now=now),
    }
    return [Refusal(code) for code in CODES if not passed[code]]


def refusals_of_all(
    standing: Standing, attendees: Iterable[Attendee], service: ServiceFacts, at: datetime, *, now: datetime, new_client: bool = True
) -> list[Refusal]:
    """The union over everybody who attends, in the order of `CODES`; nobody attending refuses as an unknown person would."""
    people = list(attendees) or [Attendee(None, place=None, age_band=None, paused=None)]
    found = {refusal.code for person in people for refusal in refusals(standing, person, service, at, now=now, new_client=new_client)}
    return [Refusal(code) for code in CODES if code in found]


def _serves_age(standing: Standing, attendee: Attendee, at: datetime, now: datetime, *, new_client: bool) -> bool:
    if attendee.age_band is None or attendee.age_band not in standing.age_bands:
        return False
    return attendee.age_band in ADULT_BANDS or may_see_minors(standing, at, now=now, new_client=new_client)

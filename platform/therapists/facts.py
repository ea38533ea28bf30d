"""The facts that "may treat" needs, read from the rows at the moment of use: two queries for any number of therapists, nothing cached."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import load_only, selectinload

from core.db import db
from taxonomy.terms import Practice
from taxonomy.vocabulary import vocabulary
from therapists.models import Credential, Therapist
from therapists.standing import COUNTRY_WIDE, LIVE_STATES, CredentialFacts, Standing

# What no kind of register is called, and so authorises nobody.
NOT_FOR_PRACTICE = "not_for_practice"
PRACTICES_THAT_TREAT: frozenset[Practice] = frozenset({"independent", "supervised", "add_on"})
NEEDED = (
    Therapist.person_id,
    Therapist.units,
    Therapist.age_bands,
    Therapist.held_at,
    Therapist.verified_competences,
    Therapist.youth_checked_at,
)


def standings(ids: Collection[int]) -> dict[int, Standing]:
    """The standing of each of these therapists; an id without a profile is missing from the answer."""
    wanted = select(Therapist).where(Therapist.person_id.in_(ids)).options(load_only(*NEEDED), selectinload(Therapist.credentials))
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).all() if ids else []
    return {therapist.person_id: standing_of(therapist) for therapist in found}


def standing_of(therapist: Therapist) -> Standing:
    """The standing of a therapist whose credentials are loaded."""
    return Standing(
        therapist_id=therapist.person_id,
        credentials=tuple(facts_of(credential, therapist.credentials) for credential in therapist.credentials),
        barred=therapist.held_at is not None,
        units=frozenset(therapist.units),
        age_bands=frozenset(therapist.age_bands),
        verified_competences=frozenset(therapist.verified_competences),
        youth_checked=therapist.youth_checked_at is not None,
    )


def facts_of(credential: Credential, all_of_them: Iterable[Credential]) -> CredentialFacts:
    """One credential as the rules see it. An addition to a licence (a compact's privilege) holds only while a licence it adds to is live, and no longer."""
    register = vocabulary().registers.get(credential.register)
    kind, expires_on = register.kind if register else NOT_FOR_PRACTICE, credential.expires_on
    practice = practice_of(credential)
    if register is None or not register.accepted_for_practice or practice not in PRACTICES_THAT_TREAT:
        kind = NOT_FOR_PRACTICE if register is None or register.kind not in ("training_body", "identifier", "not_a_verifier") else register.kind
    elif practice == "add_on":
        homes = [each.expires_on for each in all_of_them if each.register in register.add_on_to and each.state in LIVE_STATES and each.expires_on]
        expires_on = min(expires_on, max(homes)) if homes and expires_on else None
    return CredentialFacts(
        register=credential.register,
        kind=kind,
        jurisdictions=tuple(credential.jurisdictions),
        state=credential.state,
        checked_at=credential.checked_at,
        expires_on=expires_on,
        supervised=credential.supervised or practice == "supervised",
        restricted=credential.restricted,
        zone=zone_of(credential),
    )


def practice_of(credential: Credential) -> Practice:
    """What the title at the register allows; an unknown title allows nothing."""
    register = vocabulary().registers.get(credential.register)
    chosen = register.credential_type(credential.credential_type) if register else None
    return chosen.practice if chosen else "none"


def zone_of(credential: Credential) -> str:
    """The main zone of the first jurisdiction that the credential names, else of its register's first."""
    register = vocabulary().registers.get(credential.register)
    codes = [*credential.jurisdictions, *(register.jurisdictions if register else ())]
    known = vocabulary().jurisdictions
    for code in codes:
        for each in (code, *sorted(COUNTRY_WIDE.get(code, ()))):
            if each in known:
                return known[each].main_zone
    # International bodies have no jurisdiction; their entries end at midnight UTC.
    return "UTC"

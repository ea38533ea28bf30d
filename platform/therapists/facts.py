"""The facts that "may treat" needs, read from the rows at the moment of use: two queries for any number of therapists, nothing cached."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select

from core.db import db
from core.reading import Reading
from taxonomy.terms import Practice
from taxonomy.vocabulary import vocabulary
from therapists.authorisation import last_day
from therapists.check_models import PracticeCheck
from therapists.models import Credential, Therapist
from therapists.standing import COUNTRY_WIDE, CheckFacts, CredentialFacts, Standing

# What no kind of register is called, and so authorises nobody.
NOT_FOR_PRACTICE = "not_for_practice"
PRACTICES_THAT_TREAT: frozenset[Practice] = frozenset({"independent", "supervised", "add_on"})


class CredentialRow(NamedTuple):
    """The columns of a credential that the rules need, read past the session's identity map so that they are never stale."""

    therapist_id: int
    register: str
    credential_type: str
    jurisdictions: list[str]
    state: str
    checked_at: datetime | None
    decided_at: datetime | None
    expires_on: date | None
    supervised: bool
    restricted: bool


class CheckRow(NamedTuple):
    """The columns of a required check that the rules need."""

    therapist_id: int
    kind: str
    passed: bool | None
    checked_at: datetime | None
    valid_until: date | None
    zone: str
    version: str | None


class TherapistRow(NamedTuple):
    """The columns of a therapist that the rules need."""

    person_id: int
    held_at: datetime | None
    units: list[str]
    age_bands: list[str]
    verified_competences: list[str]
    works_from: str | None
    leaves_at: datetime | None
    country: str


# Built once: putting a statement together costs more than running this one.
_CHECKS = Reading(
    select(*[getattr(PracticeCheck, name) for name in CheckRow._fields])
    .where(PracticeCheck.therapist_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(PracticeCheck.id)
)


def standings(ids: Collection[int]) -> dict[int, Standing]:
    """The standing of each of these therapists; an id without a profile is missing from the answer."""
    if not ids:
        return {}
    held: dict[int, list[CredentialRow]] = {}
    columns = [getattr(Credential, name) for name in CredentialRow._fields]
    for row in db.session.execute(select(*columns).where(Credential.therapist_id.in_(ids)).order_by(Credential.id)):
        held.setdefault(row.therapist_id, []).append(CredentialRow(*row))
    therapists, checks = _with_checks(ids)
    return {each.person_id: _standing(each, held.get(each.person_id, []), checks[each.person_id]) for each in therapists.values()}


def _with_checks(ids: Collection[int]) -> tuple[dict[int, TherapistRow], dict[int, list[CheckFacts]]]:
    """The therapists and their required checks, read together: every door asks for both."""
    own, seen = [[getattr(table, name) for name in row._fields] for table, row in ((Therapist, TherapistRow), (PracticeCheck, CheckRow))]
    joined = select(*own, *seen).outerjoin(PracticeCheck, PracticeCheck.therapist_id == Therapist.person_id)
    therapists: dict[int, TherapistRow] = {}
    checks: dict[int, list[CheckFacts]] = {}
    for row in db.session.execute(joined.where(Therapist.person_id.in_(ids)).order_by(PracticeCheck.id)):
        therapist, check = TherapistRow(*row[: len(own)]), CheckRow(*row[len(own) :])
        therapists[therapist.person_id] = therapist
        theirs = checks.setdefault(therapist.person_id, [])
        if check.kind:
            theirs.append(check_facts(check))
    return therapists, checks


def checks_of(ids: Collection[int]) -> dict[int, list[CheckFacts]]:
    """The required checks of each of these therapists as they stand; one query."""
    found: dict[int, list[CheckFacts]] = {each: [] for each in ids}
    for row in _CHECKS.tuples({"ids": list(ids)}):
        found[row[0]].append(check_facts(CheckRow(*row)))
    return found


def standing_of(therapist: Therapist) -> Standing:
    """The same from rows that are loaded: credentials and checks."""
    return _standing(therapist, therapist.credentials, [check_facts(check) for check in therapist.checks])


def _standing(therapist: Therapist | TherapistRow, credentials: Sequence[Credential | CredentialRow], checks: Iterable[CheckFacts]) -> Standing:
    return Standing(
        therapist_id=therapist.person_id,
        credentials=tuple(facts_of(credential, credentials) for credential in credentials),
        barred=therapist.held_at is not None,
        units=frozenset(therapist.units),
        age_bands=frozenset(therapist.age_bands),
        verified_competences=frozenset(therapist.verified_competences),
        works_from=therapist.works_from,
        leaves_at=therapist.leaves_at,
        country=therapist.country,
        checks=tuple(checks),
    )


def check_facts(check: PracticeCheck | CheckRow) -> CheckFacts:
    """One required check as the rules see it."""
    return CheckFacts(check.kind, check.passed, check.checked_at, check.valid_until, check.zone, check.version)


def facts_of(credential: Credential | CredentialRow, all_of_them: Iterable[Credential | CredentialRow]) -> CredentialFacts:
    """One credential as the rules see it. An addition to a licence (a compact's privilege) holds only while a licence it adds to is live, and no longer."""
    register = vocabulary().registers.get(credential.register)
    kind = register.kind if register else NOT_FOR_PRACTICE
    practice = practice_of(credential)
    if register is None or not register.accepted_for_practice or practice not in PRACTICES_THAT_TREAT:
        kind = NOT_FOR_PRACTICE if register is None or register.kind not in ("training_body", "identifier", "not_a_verifier") else register.kind
    return CredentialFacts(
        register=credential.register,
        kind=kind,
        jurisdictions=tuple(credential.jurisdictions),
        state=credential.state,
        checked_at=credential.checked_at,
        expires_on=last_day(credential, all_of_them),
        decided_at=credential.decided_at,
        supervised=credential.supervised or practice == "supervised",
        restricted=credential.restricted,
        zone=zone_of(credential),
        credential_type=credential.credential_type,
    )


def practice_of(credential: Credential | CredentialRow) -> Practice:
    """What the title at the register allows; an unknown title allows nothing."""
    register = vocabulary().registers.get(credential.register)
    chosen = register.credential_type(credential.credential_type) if register else None
    return chosen.practice if chosen else "none"


def zone_of(credential: Credential | CredentialRow) -> str:
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

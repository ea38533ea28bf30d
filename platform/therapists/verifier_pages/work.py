"""What the verifiers' pages show, as plain facts for their templates."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.db import db
from desk.cases import open_case_about
from desk.models import Case
from taxonomy.terms import Register
from taxonomy.vocabulary import vocabulary
from therapists import check_evidence, evidence, rechecks, verification
from therapists.check_queue import check_queue
from therapists.check_reading import check_to_verify
from therapists.check_records import subject_of
from therapists.credential_states import LIVE
from therapists.expiry import full_is_due, look_due_at
from therapists.facts import check_facts
from therapists.leaving_words import waiting_words
from therapists.models import Credential
from therapists.profile_changes import subject_of as profile_subject
from therapists.profile_queue import waiting_profiles
from therapists.profile_reading import profile_to_read
from therapists.register_lookup import CONNECTORS, lookups_beside
from therapists.required_checks import last_day_of, state_of
from therapists.verification import SelfApproval
from therapists.verification_queue import queue

Facts = dict[str, Any]
AT_ONCE = 50
FEW = 12  # so many places are named one by one


def waiting(*, by: int, now: datetime) -> Facts:
    """Everything that waits for a verifier, the most pressing first."""
    checks = check_queue(by=by, now=now, limit=AT_ONCE).items
    profiles = waiting_profiles(by=by, limit=AT_ONCE).items
    return {
        "credentials": [
            {"credential": each.credential, "body": body_of(each.credential.register), "work": each.work(now=now), **_case(each.case, by, now)}
            for each in queue(by=by, limit=AT_ONCE).items
        ],
        "checks": [{"check": each.check, "label": label_of(each.check.kind), **_case(each.case, by, now)} for each in checks],
        "profiles": [{"therapist": each.therapist, "is_first": each.review.approved_at is None, **_case(each.case, by, now)} for each in profiles],
        "words": [each for each in waiting_words(limit=AT_ONCE).items if each.therapist.person_id != by],
        "registers": _registers(),
    }


def credential_facts(public_id: uuid.UUID, *, by: int, now: datetime) -> Facts:
    """One credential with its register, its records and, for whoever has claimed it, its files. Forbidden `self_approval` for one's own."""
    credential = verification.credential_to_verify(public_id)
    if credential.therapist_id == by:
        raise SelfApproval
    register = vocabulary().registers[credential.register]
    title = register.credential_type(credential.credential_type)
    case = open_case_about("verification", ("credential", str(public_id)), lock=False)
    is_mine = case is not None and case.owner_id == by
    return {
        "credential": credential,
        "register": register,
        "title": title.label if title else "",
        "therapist": credential.therapist,
        "awaits_second": credential.first_checked_by is not None,
        "was_first": credential.first_checked_by == by,
        "full_due": full_is_due(credential.decided_at, now),
        "look_due_at": look_due_at(credential.checked_at) if credential.checked_at else None,
        "case": case,
        "is_mine": is_mine,
        "files": evidence.evidence_to_verify(public_id, by=by) if is_mine else (),
        "lookups": lookups_beside(public_id, by=by, limit=5).items,
        "can_be_asked": credential.register in CONNECTORS,
        "places": places_asked(credential, register.jurisdictions),
    }


def places_asked(credential: Credential, jurisdictions: Sequence[str]) -> str:
    """What stands in the field of places to begin with: where the claim or, if it names none, the register says."""
    return ", ".join(credential.claimed_jurisdictions or (jurisdictions if len(jurisdictions) <= FEW else ()))


def required_check_facts(public_id: uuid.UUID, *, by: int, now: datetime) -> Facts:
    """One required check likewise."""
    check, records = check_to_verify(public_id)
    if check.therapist_id == by:
        raise SelfApproval
    case = open_case_about("verification", subject_of(check), lock=False)
    is_mine = case is not None and case.owner_id == by
    facts = check_facts(check)
    return {
        "check": check,
        "kind": vocabulary().checks.kinds[check.kind],
        "rule": vocabulary().checks.rule(check.kind, check.therapist.country),
        "therapist": check.therapist,
        "state": state_of(facts, now=now),
        "last_day": last_day_of(facts),
        "records": records,
        "case": case,
        "is_mine": is_mine,
        "files": check_evidence.check_evidence_to_verify(public_id, by=by) if is_mine else (),
    }


def profile_facts(therapist_id: uuid.UUID, *, by: int) -> Facts:
    """One profile as it will show, and whose case it is."""
    reading = profile_to_read(therapist_id, by=by)
    case = open_case_about("verification", profile_subject(reading.therapist), lock=False)
    return {"reading": reading, "therapist": reading.therapist, "case": case, "is_mine": case is not None and case.owner_id == by}


def register_facts(slug: str, *, by: int, now: datetime) -> Facts | None:
    """The monthly looks of one register, each with what it showed last time; None for a register that there is not."""
    register = vocabulary().registers.get(slug)
    if register is None:
        return None
    found = rechecks.due_looks(slug, by=by, now=now)
    lines = [_line(each, look_due_at(each.checked_at)) for each in found if each.checked_at]
    return {"register": register, "lines": lines, "now": now}


def _line(credential: Credential, due_at: datetime) -> Facts:
    """`shown` names what stands in the line, so that a tick is worth nothing once that has changed; None where nothing can be ticked."""
    last = rechecks.last_effective(credential)
    shown = None if last is None else f"{credential.public_id}:{last.public_id}:{credential.expires_on or ''}"
    return {"credential": credential, "last": last, "due_at": due_at, "shown": shown}


def body_of(register: str) -> str:
    known = vocabulary().registers.get(register)
    return known.label if known else register


def label_of(check: str) -> str:
    known = vocabulary().checks.kinds.get(check)
    return known.label if known else check


def _case(case: Case, by: int, now: datetime) -> Facts:
    return {"case": case, "is_mine": case.owner_id == by, "is_late": case.due_at <= now}


def _registers() -> list[Register]:
    """Those at which we look every month."""
    looked_at = db.session.scalars(select(Credential.register).where(Credential.state.in_(LIVE)).distinct()).all()
    return sorted((register for slug in looked_at if (register := vocabulary().registers.get(slug))), key=lambda each: each.label)

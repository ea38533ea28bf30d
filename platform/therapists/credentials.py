"""Credentials as a therapist claims them: which register, which number, under which name. A claim proves nothing; `verification` does.

Registers come from the vocabulary alone. A shape of number that a register publishes refuses a wrong one; a shape that is only recalled gives a hint.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from desk.cases import dismiss_cases_about, open_case, open_case_about
from taxonomy.registers import may_refuse, normal_number, shape_of, suggest_registers
from taxonomy.terms import Register
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import IN_QUEUE, LIVE, require_amendable
from therapists.credential_steps import step
from therapists.models import Credential, Therapist

VERIFY_WITHIN = timedelta(days=5)
SUGGESTED = 3


class UnknownRegister(Invalid):
    code, detail = "unknown_register", "We know no register by this name."


class NotAVerifier(Invalid):
    code, detail = "not_a_verifier", "This body registers nobody who treats people."


class AlreadyClaimed(Conflict):
    code, detail = "already_claimed", "You have claimed this entry of the register already."


def claim_credential(
    therapist: Therapist, *, register: str, credential_type: str, number: str, name_on_register: str, jurisdictions: Sequence[str], now: datetime
) -> Credential:
    """State a credential. Refused for bodies we do not know (with suggestions), bodies that verify nobody, and numbers of a wrong sourced shape."""
    known = register_named(register)
    number = normal_number(number)
    _refuse_impossible(known, credential_type, number, jurisdictions)
    _refuse_claimed(therapist.credentials, known.slug, number)
    chosen = known.credential_type(credential_type)
    credential = Credential(
        therapist_id=therapist.person_id,
        register=known.slug,
        credential_type=credential_type,
        number=number,
        name_on_register=name_on_register,
        jurisdictions=list(jurisdictions),
        claimed_jurisdictions=list(jurisdictions),
        supervised=chosen is not None and chosen.practice == "supervised",
        restricted=False,
        state="unverified",
        created_at=now,
        records=[],
    )
    therapist.credentials.append(credential)
    db.session.flush()
    audit.record("therapists.claimed", subject=("credential", credential.public_id), actor=therapist.person_id, register=known.slug)
    return credential


def submit_credential(therapist: Therapist, public_id: UUID, *, now: datetime) -> Credential:
    """Ask for the check: the claim joins the verifiers' queue, with a case that has a clock."""
    credential = credential_of(therapist.person_id, public_id)
    step(credential, "submitted", by="owner", reason="claimed", actor=therapist.person_id)
    return _queued(credential, now=now)


def withdraw_credential(therapist: Therapist, public_id: UUID, *, now: datetime) -> Credential:
    """Take the claim back. Whatever stood on it closes at once; its records stay, and so does what a register said against its holder."""
    credential = credential_of(therapist.person_id, public_id)
    step(credential, "withdrawn", by="owner", reason="by_owner", actor=therapist.person_id)
    dismiss_cases_about("verification", ("credential", str(public_id)), outcome="withdrawn", by=therapist.person_id, now=now)
    db.session.flush()
    return credential


def amend_credential(therapist: Therapist, public_id: UUID, changes: Mapping[str, Any], *, now: datetime) -> Credential:
    """Correct the claim. What was approved was another claim: it goes back to the queue, and its doors close until it was looked at again.

    WrongState for a claim about which a register has spoken against its holder, or that was rejected or taken back: claim anew.
    """
    credential = credential_of(therapist.person_id, public_id)
    require_amendable(credential.state)
    before = credential.claim_digest
    said = {name: changes.get(name, getattr(credential, name)) for name in ("credential_type", "number", "name_on_register")}
    said["number"], jurisdictions = normal_number(said["number"]), list(changes.get("jurisdictions", credential.claimed_jurisdictions))
    known = register_named(credential.register)
    _refuse_impossible(known, said["credential_type"], said["number"], jurisdictions)
    _refuse_claimed([row for row in therapist.credentials if row.id != credential.id], credential.register, said["number"])
    for name, value in said.items():
        setattr(credential, name, value)
    credential.claimed_jurisdictions = jurisdictions
    if credential.claim_digest != before:
        chosen = known.credential_type(credential.credential_type)
        credential.jurisdictions, credential.supervised = jurisdictions, chosen is not None and chosen.practice == "supervised"
        claim_changed(credential, by=therapist.person_id, now=now)
    return credential


def claim_changed(credential: Credential, *, by: int, now: datetime) -> Credential:
    """After any change of the claim or of its evidence: an approval is bound to what was read, so a review begins anew. What waits keeps waiting."""
    credential.first_checked_by = None
    if credential.state in (*LIVE, "in_review"):
        step(credential, "submitted", by="owner", reason="claim_changed", actor=by)
    elif credential.state in IN_QUEUE:
        audit.record("therapists.claim_changed", subject=("credential", credential.public_id), actor=by, reason="claim_changed")
    if credential.state == "submitted":
        _queued(credential, now=now)
    db.session.flush()
    return credential


def _queued(credential: Credential, *, now: datetime) -> Credential:
    """In the verifiers' queue, with one case that has a clock."""
    credential.submitted_at, credential.first_checked_by = now, None
    if open_case_about("verification", ("credential", str(credential.public_id))) is None:
        open_case(
            "verification",
            subject=("credential", str(credential.public_id)),
            person_id=credential.therapist_id,
            opened_by=credential.therapist_id,
            due_in=VERIFY_WITHIN,
            now=now,
        )
    db.session.flush()
    return credential


def credential_of(therapist_id: int, public_id: UUID) -> Credential:
    """One credential of this therapist, locked; NotFound for anybody else's."""
    wanted = select(Credential).where(Credential.therapist_id == therapist_id, Credential.public_id == public_id).with_for_update()
    found = db.session.scalars(wanted.options(selectinload(Credential.records)).execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def register_named(slug: str) -> Register:
    """The register; UnknownRegister with suggestions, or NotAVerifier with the reason."""
    register = vocabulary().registers.get(slug)
    if register is None:
        _refuse_named_no_verifier(slug)
        suggestions = suggested_registers(slug)
        names = ", ".join(f"{vocabulary().registers[each].label} ({each})" for each in suggestions)
        message = f"We know no register by this name. Did you mean {names}?" if names else UnknownRegister.detail
        raise UnknownRegister(message, errors={"register": [message]}, extra={"suggestions": suggestions})
    _refuse_no_verifier(register)
    return register


def _refuse_named_no_verifier(text: str) -> None:
    """A name that is exactly one of a body that verifies nobody, as people write it: NIMH."""
    for found in suggest_registers(text, limit=1):
        if found.exact:
            _refuse_no_verifier(vocabulary().registers[found.register])


def _refuse_no_verifier(register: Register) -> None:
    if register.kind == "not_a_verifier":
        reason = register.reason or NotAVerifier.detail
        raise NotAVerifier(reason, errors={"register": [reason]})


def suggested_registers(text: str) -> list[str]:
    """Slugs of registers that the text may mean, the likeliest first."""
    useful = [found.register for found in suggest_registers(text) if found.kind != "not_a_verifier"]
    return list(dict.fromkeys(useful))[:SUGGESTED]


def number_hint(register: str, credential_type: str, number: str) -> str | None:
    """A friendly doubt about a number whose recalled shape it does not have; never a refusal."""
    if register not in vocabulary().registers or shape_of(register, number, credential_type=credential_type) != "differs":
        return None
    return "Numbers of this register usually look different. Please check it; we look it up in any case."


def _refuse_claimed(others: Sequence[Credential], register: str, number: str) -> None:
    if any(row.register == register and row.number == number and row.state not in ("rejected", "withdrawn") for row in others):
        raise AlreadyClaimed


def _refuse_impossible(register: Register, credential_type: str, number: str, jurisdictions: Sequence[str]) -> None:
    errors: dict[str, list[str]] = {}
    types = [each.slug for each in register.credential_types]
    if (credential_type and credential_type not in types) or (types and not credential_type):
        errors["credential_type"] = [f"One of: {', '.join(types)}." if types else "This register has no types: leave it empty."]
    if shape_of(register.slug, number, credential_type=credential_type) == "differs" and may_refuse(register.slug, credential_type=credential_type):
        is_npi = register.slug == "npi"
        errors["number"] = ["One of its digits is wrong." if is_npi else "Numbers of this register look different."]
    outside = [code for code in jurisdictions if code not in register.jurisdictions]
    if outside:
        errors["jurisdictions"] = [f"This register says nothing about {', '.join(outside)}."]
    elif register.jurisdiction_from_claim and not jurisdictions:
        errors["jurisdictions"] = ["Name the state or province that issued it."]
    if errors:
        raise Invalid(errors=errors)

"""The monthly look, register by register: a list to take along, and the answers back in one go.

Only an entry that is in every respect what it was is confirmed in bulk. Whatever differs, a renewal included, is left to a person's single look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core.db import db
from core.errors import DomainError
from desk.cases import raise_priority
from taxonomy.registers import normal_number
from therapists.credential_states import LIVE
from therapists.expiry import full_is_due
from therapists.models import Credential, VerificationRecord
from therapists.name_likeness import likeness
from therapists.register_check import RegisterCheck
from therapists.verification import record_check

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class EntryRead:
    """What the register shows now for one line of the list."""

    credential_id: UUID
    number: str
    name_found: str
    status_text: str
    expires_on: date | None


@dataclass(frozen=True)
class Outcome:
    """`differs` names what is not as it was; empty when the entry was confirmed as unchanged."""

    credential_id: UUID
    differs: tuple[str, ...]


def due_looks(register: str, *, by: int, now: datetime, limit: int = MOST_AT_ONCE) -> Sequence[Credential]:
    """The entries of one register at which we look monthly, the longest not looked at first; the reader's own are not among them."""
    wanted = select(Credential).where(Credential.register == register, Credential.state.in_(LIVE), Credential.therapist_id != by, Credential.checked_at <= now)
    wanted = wanted.order_by(Credential.checked_at, Credential.id).limit(limit)
    return db.session.scalars(wanted.options(joinedload(Credential.therapist), selectinload(Credential.records))).unique().all()


def last_effective(credential: Credential) -> VerificationRecord | None:
    """The latest look that counted; its records are loaded."""
    return next((record for record in reversed(credential.records) if record.took_effect), None)


def confirm_unchanged(register: str, entries: Sequence[EntryRead], *, register_address: str, by: int, now: datetime) -> list[Outcome]:
    """Record a look for every entry that is exactly what it was; the others keep waiting, as more pressing cases."""
    return [_confirm(register, entry, register_address=register_address, by=by, now=now) for entry in entries]


def _confirm(register: str, entry: EntryRead, *, register_address: str, by: int, now: datetime) -> Outcome:
    wanted = select(Credential).where(Credential.public_id == entry.credential_id, Credential.register == register, Credential.state.in_(LIVE))
    credential = db.session.scalars(wanted.options(selectinload(Credential.records)).with_for_update()).one_or_none()
    last = last_effective(credential) if credential else None
    if credential is None or last is None or last.decision != "active":
        return Outcome(entry.credential_id, ("not_on_list",))
    differs = differences(credential, last, entry, now=now)
    if not differs:
        try:
            record_check(entry.credential_id, _as_before(last, credential, entry, register_address), by=by, now=now)
        except DomainError as refusal:
            differs = (refusal.code,)
    if differs:
        raise_priority("verification", ("credential", str(credential.public_id)), to="high", now=now)
    return Outcome(entry.credential_id, differs)


def differences(credential: Credential, last: VerificationRecord, entry: EntryRead, *, now: datetime) -> tuple[str, ...]:
    """What is not exactly what it was, by name; also what a bulk answer cannot settle: a restriction, a full verification that is due."""
    same: dict[str, Any] = {
        "number": normal_number(entry.number) == normal_number(last.number),
        "name_found": likeness(last.name_found, entry.name_found) == likeness(credential.name_on_register, entry.name_found) == 100,
        "status_text": entry.status_text.split() == last.status_text.split(),
        "expires_on": entry.expires_on == credential.expires_on,
        "restricted": not credential.restricted and not last.restricted,
        "full_verification_due": not full_is_due(credential.decided_at, now),
    }
    return tuple(name for name, holds in same.items() if not holds)


def _as_before(last: VerificationRecord, credential: Credential, entry: EntryRead, register_address: str) -> RegisterCheck:
    return RegisterCheck(
        register_address=register_address,
        number=entry.number,
        status_text=entry.status_text,
        name_found=entry.name_found,
        decision="active",
        reason="register_confirms",
        expires_on=entry.expires_on,
        jurisdictions=tuple(last.jurisdictions),
        supervised=last.supervised,
        claim_digest=credential.claim_digest,
        scope="recheck",
    )

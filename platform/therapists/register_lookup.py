"""Ask a register that has an interface, at a verifier's wish, and keep what it answered beside the case.

An answer decides nothing: no state, no date of a credential is touched by it, and the clock of our own look runs on. What alarms makes the case more
pressing, or opens one. A register that cannot be asked is asked again with growing pauses.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, tuple_

from accounts.throttle import count_attempt
from core import audit
from core.configuration import setting
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.http import cursor_of, key_of
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import CHECKABLE, require_checkable
from therapists.freshness import ask_for_a_look
from therapists.lookup_models import RegisterLookup
from therapists.models import Credential
from therapists.name_likeness import is_same_name, likeness
from therapists.npi_registry import NpiRegistry
from therapists.register_answers import Answer, Found, RegisterConnector, Unavailable
from therapists.register_answers import NotFound as NoEntry
from therapists.verification import SelfApproval

# How to reach each register that has an interface. Made when it is needed: the address is a setting.
CONNECTORS: dict[str, Callable[[], RegisterConnector]] = {"npi": lambda: NpiRegistry(setting("NPI_REGISTRY_URL"))}
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
OF_ONE_ENTRY, BY_ONE_VERIFIER, WINDOW = 5, 60, timedelta(hours=1)


class NoInterface(Conflict):
    code, detail = "no_interface", "This register cannot be asked by a program. Look it up at its address."


@dataclass(frozen=True)
class Errand:
    """What to ask, taken from the claim in one transaction and answered outside of any."""

    credential_id: int
    register: str
    number: str
    name: str
    asked_by: int
    attempt: int


@dataclass(frozen=True)
class LookupPage:
    items: Sequence[RegisterLookup]
    next: str | None


def request_lookup(public_id: uuid.UUID, *, by: int, now: datetime) -> int:
    """Allow one look-up and return the credential's id for the job. Forbidden `self_approval`; Conflict `wrong_state`, `no_interface`; TooMany."""
    credential = _submitted(public_id)
    if credential.therapist_id == by:
        raise SelfApproval
    require_checkable(credential.state)
    if credential.register not in CONNECTORS:
        raise NoInterface
    count_attempt(f"register_lookup:{credential.id}", limit=OF_ONE_ENTRY, window=WINDOW, now=now)
    count_attempt(f"register_lookups_by:{by}", limit=BY_ONE_VERIFIER, window=WINDOW, now=now)
    audit.record("therapists.register_asked", subject=("credential", credential.public_id), actor=by, register=credential.register)
    return credential.id


def errand_for(credential_id: int, *, asked_by: int, attempt: int) -> Errand | None:
    """None when the claim was taken back meanwhile, or its register cannot be asked any more."""
    credential = db.session.get(Credential, credential_id)
    if credential is None or credential.state not in CHECKABLE or credential.register not in CONNECTORS:
        return None
    return Errand(credential.id, credential.register, credential.number, credential.name_on_register, asked_by, attempt)


def ask(errand: Errand) -> Answer:
    """Speak to the register. Never inside a transaction."""
    return CONNECTORS[errand.register]().look_up(errand.number, errand.name)


def note_answer(errand: Errand, answer: Answer, *, now: datetime) -> RegisterLookup:
    """Keep what came, press the case when it alarms, and say when to ask again (`asks_again_at`)."""
    names = answer.names if isinstance(answer, Found) else ()
    row = RegisterLookup(
        credential_id=errand.credential_id,
        asked_by=errand.asked_by,
        asked_at=now,
        attempt=errand.attempt,
        register=errand.register,
        number=errand.number,
        source=answer.source,
        answer="found" if isinstance(answer, Found) else "not_found" if isinstance(answer, NoEntry) else "unavailable",
        reason=answer.reason if isinstance(answer, Unavailable) else None,
        name_likeness=max((likeness(errand.name, name) for name in names), default=None),
        names=list(names),
        alarms=_alarms(errand, answer),
        asks_again_at=None,
    )
    if isinstance(answer, Found):
        row.status_text, row.expires_on = answer.status, answer.expires_on
        row.credential_types, row.restrictions = list(answer.credential_types), list(answer.restrictions)
    if isinstance(answer, Unavailable) and errand.attempt <= len(PAUSES):
        row.asks_again_at = now + PAUSES[errand.attempt - 1]
    db.session.add(row)
    if row.alarms:
        _press(errand.credential_id, now=now)
    db.session.flush()
    return row


def lookups_beside(public_id: uuid.UUID, *, by: int, limit: int, cursor: str | None = None) -> LookupPage:
    """What was answered about this entry and about the same therapist's identifiers, the latest first. Forbidden `self_approval` for one's own."""
    credential = _submitted(public_id)
    if credential.therapist_id == by:
        raise SelfApproval
    identifiers = [slug for slug, register in vocabulary().registers.items() if register.kind == "identifier"]
    beside = or_(Credential.id == credential.id, Credential.register.in_(identifiers))
    wanted = select(RegisterLookup).join(Credential, Credential.id == RegisterLookup.credential_id)
    wanted = wanted.where(Credential.therapist_id == credential.therapist_id, beside)
    position = tuple_(RegisterLookup.asked_at, RegisterLookup.public_id)
    if cursor is not None:
        wanted = wanted.where(position < tuple_(*_position(cursor)))
    found = db.session.scalars(wanted.order_by(RegisterLookup.asked_at.desc(), RegisterLookup.public_id.desc()).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    return LookupPage(found[:limit], cursor_of(last.asked_at.isoformat(), str(last.public_id)) if last else None)


def _alarms(errand: Errand, answer: Answer) -> list[str]:
    if isinstance(answer, Unavailable):
        return []
    if isinstance(answer, NoEntry):
        return ["not_found"]
    differs = not any(is_same_name(errand.name, name) for name in answer.names)
    return [*answer.alarms, *(["name_differs"] if differs else [])]


def _press(credential_id: int, *, now: datetime) -> None:
    credential = db.session.get_one(Credential, credential_id, with_for_update=True, populate_existing=True)
    if credential.state in CHECKABLE:
        ask_for_a_look(credential, priority="high", now=now)


def _submitted(public_id: uuid.UUID) -> Credential:
    credential = db.session.scalars(select(Credential).where(Credential.public_id == public_id, Credential.submitted_at.is_not(None))).one_or_none()
    if credential is None:
        raise NotFound
    return credential


def _position(cursor: str) -> tuple[datetime, uuid.UUID]:
    asked_at, public_id = key_of(cursor, str, str)
    try:
        at = datetime.fromisoformat(asked_at)
        if at.tzinfo is None:
            raise ValueError(asked_at)
        return at, uuid.UUID(public_id)
    except (ValueError, OverflowError) as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error

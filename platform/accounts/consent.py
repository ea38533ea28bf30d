"""The consent ledger: which text a person agreed to, when, and when that ended. The texts are a versioned file, consent_texts.json.

A consent holds for its purpose and no other. Agreeing to a newer text ends the older row and adds one; nothing is ever overwritten.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select

from accounts.models import Consent
from core import audit
from core.db import db
from core.errors import Forbidden, Invalid, NotFound

TEXTS = Path(__file__).with_name("consent_texts.json")
OnWithdrawal = Callable[[int, str, datetime], None]
_listeners: list[OnWithdrawal] = []


class ConsentRequired(Forbidden):
    code, detail = "consent_required", "This needs your consent first."


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What a person is asked to agree to. The current one of a purpose is the last in the file."""

    purpose: str
    version: str
    since: date
    title: str
    text: str


@cache
def consent_texts() -> dict[str, tuple[ConsentText, ...]]:
    """Every version by purpose, the oldest first."""
    kept = json.loads(TEXTS.read_text())
    return {
        purpose: tuple(ConsentText(purpose, row["version"], date.fromisoformat(row["since"]), row["title"], row["text"]) for row in versions)
        for purpose, versions in kept.items()
    }


def current_text(purpose: str) -> ConsentText:
    """Invalid for a purpose that does not exist."""
    if purpose not in consent_texts():
        raise Invalid(errors={"purpose": ["Unknown purpose."]})
    return consent_texts()[purpose][-1]


def require_current_texts(consents: dict[str, str]) -> None:
    """Invalid unless every purpose exists and its version is the one shown today."""
    for purpose, version in consents.items():
        if current_text(purpose).version != version:
            raise Invalid(errors={"text_version": [f"The current text for {purpose} is {current_text(purpose).version}. Please read it first."]})


def give_consent(person_id: int, purpose: str, *, text_version: str, now: datetime) -> Consent:
    """Agree to one text. Repeating it changes nothing. Invalid unless it is a text that we published."""
    current_text(purpose)
    if text_version not in {text.version for text in consent_texts()[purpose]}:
        raise Invalid(errors={"text_version": ["Unknown version of this text."]})
    held = _in_force(person_id, purpose)
    if held is not None and held.text_version == text_version:
        return held
    if held is not None:
        _end(held, "newer_text", now=now)
    given = Consent(person_id=person_id, purpose=purpose, text_version=text_version, given_at=now)
    db.session.add(given)
    db.session.flush()
    audit.record("accounts.consent_given", subject=("person", person_id), purpose=purpose, text_version=text_version)
    return given


def withdraw_consent(person_id: int, purpose: str, *, now: datetime) -> None:
    """As easy as giving it. NotFound when none is in force. Those who use the data are told in the same transaction."""
    held = _in_force(person_id, purpose)
    if held is None:
        raise NotFound
    _end(held, "withdrawn", now=now)
    audit.record("accounts.consent_withdrawn", subject=("person", person_id), purpose=purpose)
    for tell in _listeners:
        tell(person_id, purpose, now)


def when_withdrawn(tell: OnWithdrawal) -> None:
    """`tell(person_id, purpose, now)` is called inside the transaction of every withdrawal. Connected by the assembly, once."""
    if tell not in _listeners:
        _listeners.append(tell)


def has_consent(person_id: int, purpose: str) -> bool:
    return _in_force(person_id, purpose) is not None


def require_consent(person_id: int, purpose: str) -> None:
    """ConsentRequired, with the purpose and the version to show, unless a consent is in force."""
    if not has_consent(person_id, purpose):
        raise ConsentRequired(extra={"purpose": purpose, "text_version": current_text(purpose).version})


def consents_of(person_id: int) -> Sequence[Consent]:
    """The whole ledger of a person, the newest first."""
    return db.session.execute(select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at.desc(), Consent.id.desc())).scalars().all()


def move_consents(from_person_id: int, to_person_id: int, *, keeps: bool = False, now: datetime) -> None:
    """A guest's consents, re-stated for the account that adopts the guest's answers: same text, same time of giving, and the row they come from.

    A consent that the account holds already stays as it is. `keeps`: the guest has other answers that theirs still stands for.
    """
    for held in consents_of(from_person_id):
        if held.withdrawn_at is not None:
            continue
        if _in_force(to_person_id, held.purpose) is None:
            restated = Consent(person_id=to_person_id, purpose=held.purpose, text_version=held.text_version, given_at=held.given_at, restated_from=held.id)
            db.session.add(restated)
        if not keeps:
            _end(held, "restated", now=now)
    audit.record("accounts.consents_restated", subject=("person", to_person_id), from_person=from_person_id)


def _in_force(person_id: int, purpose: str) -> Consent | None:
    held = select(Consent).where(Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
    return db.session.execute(held).scalar_one_or_none()


def _end(consent: Consent, reason: str, *, now: datetime) -> None:
    consent.withdrawn_at, consent.end_reason = now, reason
    db.session.flush()

"""What a reader is given: the words of a profile as they will show, each with hints, and the changes that wait."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.db import db
from therapists.advertising import Hint, hints_in
from therapists.models import Therapist, VerificationRecord
from therapists.name_likeness import SAME_FROM, likeness
from therapists.profile_changes import PLAIN_FIELDS, changes_of, supported_titles
from therapists.profile_models import ProfileChange, ProfilePhoto

NAME_DIFFERS = "name_differs"


@dataclass(frozen=True)
class Passage:
    """`text` is what will show; `shown` what shows today where that differs. `state`: approved, new, held or sent_back."""

    field: str
    text: str
    shown: str | None
    state: str
    hints: Sequence[Hint]


@dataclass(frozen=True)
class Reading:
    """Everything a person reads before they decide. `digest` names exactly this; a decision repeats it."""

    therapist: Therapist
    passages: Sequence[Passage]
    photo: ProfilePhoto | None
    photo_alt: str
    digest: str


def reading_of(therapist: Therapist, *, is_first: bool) -> Reading:
    """The profile as it will show once everything that waits is approved. Needs the whole profile loaded."""
    rows = {row.field: row for row in changes_of(therapist.person_id)}
    titles, names = supported_titles(therapist.person_id), _register_names(therapist)
    passages = []
    for field, current in words_of(therapist).items():
        row = rows.get(field)
        text = _words(row.value) if row is not None and not row.sent_back and field in PLAIN_FIELDS else current
        hints = hints_in(text, supported=titles)
        if field == "display_name" and names and max(likeness(text, name) for name in names) < SAME_FROM:
            hints.append(Hint(NAME_DIFFERS, text, text))
        if text or row is not None:
            passages.append(Passage(field, text, current if current != text else None, _state(row, is_first=is_first), hints))
    for row in rows.values():
        if row.field not in PLAIN_FIELDS and row.held:
            text = _words(row.value)
            passages.append(Passage(row.field, text, None, _state(row, is_first=is_first), hints_in(text, supported=titles)))
    photo = waiting_photo(therapist.person_id)
    alt = next((each.text for each in passages if each.field == "photo_alt"), "")
    told = [[each.field, each.text, each.state] for each in passages] + [["photo", photo.digest if photo else ""]]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
    return Reading(therapist, passages, photo, alt, digest)


def words_of(therapist: Therapist) -> dict[str, str]:
    """Every word of a therapist's own that the public can read, by field, as it stands in the tables."""
    words = {field: getattr(therapist, field) or "" for field in PLAIN_FIELDS}
    reduced = [f"{row.name}: {row.rule}" for service in therapist.services if service.active for row in service.concessions]
    words["concessions"] = "\n".join(dict.fromkeys(reduced))
    words["places"] = "\n".join(dict.fromkeys(f"{place.label}, {place.town}" for place in therapist.locations))
    words["identity_statements"] = "\n".join(f"{row.kind}: {row.value}" for row in therapist.identities if row.audience != "nobody")
    return words


def waiting_photo(therapist_id: int) -> ProfilePhoto | None:
    """The photo that nobody has looked at yet."""
    return db.session.scalars(select(ProfilePhoto).where(ProfilePhoto.therapist_id == therapist_id, ProfilePhoto.state == "pending")).one_or_none()


def _state(row: ProfileChange | None, *, is_first: bool) -> str:
    if row is None:
        return "new" if is_first else "approved"
    if row.sent_back:
        return "sent_back"
    return "held" if row.held else "new"


def _words(value: Any) -> str:
    """A change in words: a text as it is, a list of claims by its slugs or values."""
    if isinstance(value, list):
        return ", ".join(str(each.get("slug") or each.get("value")) if isinstance(each, dict) else str(each) for each in value)
    return "" if value is None else str(value)


def _register_names(therapist: Therapist) -> list[str]:
    """The names that registers showed us."""
    records: list[VerificationRecord] = [record for credential in therapist.credentials for record in credential.records]
    return [record.name_found for record in records if record.took_effect and record.decision == "active"]

"""Changes of a profile that a person has read: which show at once, and which wait.

After the first approval a plain text without a hint shows at once and is read again within two working days. A text with a hint (`advertising`), another
name, another video, and claims (ways of working whose training somebody vouches for, concerns that need a special competence) wait behind what is
shown. Before the first approval nothing is shown, so nothing waits. Free text never enters matching: see `matching.candidate`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.db import db
from desk.cases import dismiss_cases_about, open_case, open_case_about, raise_priority
from taxonomy.vocabulary import vocabulary
from therapists.advertising import hints_in
from therapists.credential_states import LIVE
from therapists.models import Credential, Therapist
from therapists.profile_models import ProfileChange, ProfilePhoto, ProfileReview
from therapists.working_days import after_working_days

HELD_FIELDS = frozenset({"display_name", "video_url"})
TEXT_FIELDS = ("headline", "about", "approach", "what_to_expect", "cancellation_words", "fees_words", "photo_alt", "pronouns")
PLAIN_FIELDS = ("display_name", *TEXT_FIELDS, "video_url")
# Lists in which a change adds something; what is held is only the addition.
CLAIMS = ("modalities", "concerns", "identities")
READ_WITHIN_WORKING_DAYS = 2


def subject_of(therapist: Therapist) -> tuple[str, str]:
    """What its case is about."""
    return ("profile", str(therapist.public_id))


def review_of(therapist_id: int) -> ProfileReview | None:
    return db.session.get(ProfileReview, therapist_id)


def is_approved(therapist_id: int) -> bool:
    """A person has read the whole profile and approved it."""
    review = review_of(therapist_id)
    return review is not None and review.approved_at is not None


def changes_of(therapist_id: int) -> list[ProfileChange]:
    """What was changed since the approval, sent back or not."""
    return list(db.session.scalars(select(ProfileChange).where(ProfileChange.therapist_id == therapist_id).order_by(ProfileChange.field)))


def waiting_additions(therapist_id: int) -> dict[str, list[Mapping[str, Any]]]:
    """By list the claims that wait for a reader, as they were sent. An edit of the list that leaves one out takes it back."""
    return {row.field: list(row.value) for row in changes_of(therapist_id) if row.field in CLAIMS and row.held and not row.sent_back}


def settle_changes(therapist: Therapist, changes: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What of these plain facts shows at once; the rest is kept for the reader. The therapist's row is locked by the edit."""
    if not is_approved(therapist.person_id):
        return dict(changes)
    rows = {row.field: row for row in changes_of(therapist.person_id)}
    shown, has_hint = {}, False
    for field, value in changes.items():
        if field not in PLAIN_FIELDS:
            shown[field] = value
            continue
        row = rows.get(field)
        approved = row.approved if row is not None else getattr(therapist, field)
        if value in (approved, "", None):
            # Taken back, or taken away: there is nothing to read.
            shown[field] = value
            _drop(row)
            continue
        hinted = _has_hint(therapist, value)
        held, has_hint = field in HELD_FIELDS or hinted, has_hint or hinted
        _keep(row, therapist, field, value, approved=approved, held=held, now=now)
        if not held:
            shown[field] = value
    settle_review(therapist, is_pressing=has_hint, now=now)
    return shown


def hold_additions(therapist: Therapist, field: str, additions: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Keep these claims for the reader; none means that none waits any longer. What an earlier edit held and this one does not repeat is taken back."""
    if not is_approved(therapist.person_id):
        return
    row = db.session.get(ProfileChange, (therapist.person_id, field))
    if additions:
        _keep(row, therapist, field, [dict(each) for each in additions], approved=[], held=True, now=now)
    else:
        _drop(row)
    settle_review(therapist, now=now)


def ask_to_read(therapist: Therapist, field: str, words: Sequence[str], *, now: datetime) -> None:
    """Words outside of the texts (reduced fees, places) changed. They are terms and show at once; somebody reads them, sooner where there is a hint."""
    if not is_approved(therapist.person_id):
        return
    row = db.session.get(ProfileChange, (therapist.person_id, field))
    _keep(row, therapist, field, list(words), approved=None, held=False, now=now)
    settle_review(therapist, is_pressing=any(_has_hint(therapist, each) for each in words), now=now)


def waits_for_reading(therapist: Therapist, *, field: str, is_claim: bool) -> bool:
    """Whether a new entry of this list has to be read first."""
    return field in CLAIMS and is_claim and is_approved(therapist.person_id)


def has_hint(therapist: Therapist, text: str) -> bool:
    """Whether the machine would point a reader at this text."""
    return bool(hints_in(text, supported=supported_titles(therapist.person_id)))


def settle_review(therapist: Therapist, *, is_pressing: bool = False, now: datetime) -> None:
    """A clock and a case while something waits, none when nothing does. The clock of what waits already runs on."""
    review = review_of(therapist.person_id)
    if review is None or review.approved_at is None:
        return
    db.session.flush()
    if _something_waits(therapist.person_id):
        ask_for_reading(therapist, review, is_pressing=is_pressing, now=now)
    elif review.asked_at is not None:
        review.asked_at = review.due_at = None
        dismiss_cases_about("verification", subject_of(therapist), outcome="not_needed", by=None, now=now)


def ask_for_reading(therapist: Therapist, review: ProfileReview, *, is_pressing: bool = False, now: datetime) -> None:
    """Somebody has to read this within two working days."""
    if review.asked_at is None:
        review.asked_at, review.due_at = now, after_working_days(READ_WITHIN_WORKING_DAYS, therapist.zone, now)
    assert review.due_at is not None, "the schema ties both"
    if open_case_about("verification", subject_of(therapist)) is None:
        open_case("verification", subject=subject_of(therapist), person_id=therapist.person_id, due_in=review.due_at - now, now=now)
    if is_pressing:
        raise_priority("verification", subject_of(therapist), to="high", now=now)


def supported_titles(therapist_id: int) -> str:
    """The words of all credentials that are checked and live: register, type, and how people shorten them."""
    live = select(Credential).where(Credential.therapist_id == therapist_id, Credential.state.in_(LIVE), Credential.restricted.is_(False))
    words: list[str] = []
    for credential in db.session.scalars(live):
        register = vocabulary().registers.get(credential.register)
        if register is not None:
            held = register.credential_type(credential.credential_type)
            words += [register.label, register.slug.replace("_", " "), *([held.label, *held.aliases] if held else [])]
    return " ".join(words)


def _something_waits(therapist_id: int) -> bool:
    change = select(ProfileChange.field).where(ProfileChange.therapist_id == therapist_id, ProfileChange.sent_back.is_(False)).limit(1)
    photo = select(ProfilePhoto.id).where(ProfilePhoto.therapist_id == therapist_id, ProfilePhoto.state == "pending").limit(1)
    return db.session.scalar(change) is not None or db.session.scalar(photo) is not None


def _has_hint(therapist: Therapist, value: Any) -> bool:
    return isinstance(value, str) and has_hint(therapist, value)


def _keep(row: ProfileChange | None, therapist: Therapist, field: str, value: Any, *, approved: Any, held: bool, now: datetime) -> None:
    if row is None:
        row = ProfileChange(therapist_id=therapist.person_id, field=field, approved=approved)
        db.session.add(row)
    row.value, row.held, row.sent_back, row.made_at = value, held, False, now


def _drop(row: ProfileChange | None) -> None:
    if row is not None:
        db.session.delete(row)

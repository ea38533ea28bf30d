"""What a reader does: takes a profile from the queue, reads it against the rules of advertising, and approves it or asks for changes.

Hints point, a person decides, and nobody reads their own. A decision is about exactly the words that were read: it repeats their digest.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.people import recipient_of
from core import audit
from core.db import db
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from desk.cases import claim_case, close_case, open_case_about, release_case
from notices.outbox import send
from therapists.advertising import HINTS
from therapists.applied_changes import apply_change, approve_photo, send_back, send_photo_back
from therapists.models import Therapist
from therapists.passages import NAME_DIFFERS, Reading, reading_of
from therapists.profile import own_profile, profile_for_edit, touch
from therapists.profile_changes import changes_of, review_of, subject_of
from therapists.profile_models import ProfileReading, ProfileReview
from therapists.publication import require_publishable, show

KINDS = frozenset({"verification"})
# What the hints are named after, and what only a person sees.
REASONS = (*HINTS, NAME_DIFFERS, "misleading", "not_a_portrait", "private_of_others", "other")
PHOTO = "photo"


class SelfReading(Forbidden):
    code, detail = "self_reading", "Nobody reads their own profile."


class NothingToRead(Conflict):
    code, detail = "nothing_to_read", "Nothing of this profile waits to be read."


class ReadSomethingElse(Conflict):
    code, detail = "read_something_else", "This profile was changed after you loaded it. Please read it again."


@dataclass(frozen=True)
class Objection:
    """What has to change: `field` as in the reading, `reason` one of REASONS, `sentence` a part of the words that were read ("" for a photo or a claim)."""

    field: str
    reason: str
    sentence: str = ""


def profile_to_read(public_id: UUID, *, by: int) -> Reading:
    """One profile of which something waits; NotFound otherwise. Reading one's own this way is refused."""
    therapist = own_profile(_waiting(public_id, by).therapist_id)
    return reading_of(therapist, is_first=_is_first(therapist))


def begin_reading(public_id: UUID, *, by: int, now: datetime) -> Reading:
    """Its case is the reader's from now on. Conflict when somebody else reads it."""
    therapist = profile_for_edit(_waiting(public_id, by).therapist_id)
    _claim(therapist, by, now)
    return reading_of(therapist, is_first=_is_first(therapist))


def release_reading(public_id: UUID, *, by: int, now: datetime) -> None:
    """Give it back to the queue; its clock runs on."""
    therapist = profile_for_edit(_waiting(public_id, by).therapist_id)
    case = open_case_about("verification", subject_of(therapist))
    if case is None:
        raise NotFound
    release_case(case.public_id, by=by, kinds=KINDS, now=now)


def decide_reading(public_id: UUID, *, digest: str, objections: Sequence[Objection], by: int, now: datetime) -> ProfileReading:
    """Approve what was read, or ask for changes with a reason and the sentence for each.

    Without objections everything that waited shows, and a profile that asked for it goes live if everything else stands. With objections a first
    reading approves nothing; later ones approve what nothing was said about, and what was objected to gives way to what was approved before.
    The therapist is told either way. Refusals: `self_reading`, `nothing_to_read`, `read_something_else`, a case of somebody else's, Invalid objections.
    """
    therapist = profile_for_edit(_waiting(public_id, by).therapist_id)
    review = review_of(therapist.person_id)
    assert review is not None, "a profile that waits has a review"
    is_first = review.approved_at is None
    reading = reading_of(therapist, is_first=is_first)
    if reading.digest != digest:
        raise ReadSomethingElse
    _refuse_unfounded(reading, objections, is_first=is_first)
    _claim(therapist, by, now)
    row = _record(reading, objections, by=by, now=now)
    if objections and is_first:
        if any(each.field == PHOTO for each in objections):
            send_photo_back(therapist)
    else:
        _take_effect(therapist, objections)
        review.approved_at = now
    review.asked_at = review.due_at = None
    goes_live = not objections and _goes_live(therapist, review, now=now)
    touch(therapist, now=now)
    _close(therapist, row.verdict, by, now)
    _tell(therapist, row, is_shown=therapist.published_at is not None, goes_live=goes_live, now=now)
    return row


def _waiting(public_id: UUID, by: int) -> ProfileReview:
    wanted = select(ProfileReview).join(Therapist, Therapist.person_id == ProfileReview.therapist_id).where(Therapist.public_id == public_id)
    review = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if review is None:
        raise NotFound
    if review.therapist_id == by:
        raise SelfReading
    if review.asked_at is None:
        raise NothingToRead
    return review


def _is_first(therapist: Therapist) -> bool:
    review = review_of(therapist.person_id)
    return review is None or review.approved_at is None


def _refuse_unfounded(reading: Reading, objections: Sequence[Objection], *, is_first: bool) -> None:
    """An objection names something that waits, and a sentence that stands there."""
    words = {each.field: each.text for each in reading.passages if is_first or each.state in ("new", "held")}
    if reading.photo is not None:
        words[PHOTO] = ""
    errors = {}
    for at, each in enumerate(objections):
        if each.field not in words:
            errors[f"objections.{at}.field"] = ["Nothing under this name waits to be read."]
        elif each.sentence not in words[each.field]:
            errors[f"objections.{at}.sentence"] = ["This sentence does not stand there."]
    if errors:
        raise Invalid(errors=errors)


def _take_effect(therapist: Therapist, objections: Sequence[Objection]) -> None:
    refused = {each.field for each in objections}
    for change in changes_of(therapist.person_id):
        if change.sent_back:
            continue
        if change.field in refused:
            send_back(therapist, change)
        else:
            apply_change(therapist, change)
    if PHOTO in refused:
        send_photo_back(therapist)
    else:
        approve_photo(therapist)


def _goes_live(therapist: Therapist, review: ProfileReview, *, now: datetime) -> bool:
    """Shown now, unless something else has come to stand in the way since it was asked for."""
    if not review.publishes or therapist.published_at is not None:
        return False
    review.publishes = False
    try:
        require_publishable(therapist, now=now)
    except DomainError:
        return False
    show(therapist, now=now)
    return True


def _record(reading: Reading, objections: Sequence[Objection], *, by: int, now: datetime) -> ProfileReading:
    row = ProfileReading(
        therapist_id=reading.therapist.person_id,
        read_by=by,
        read_at=now,
        verdict="changes_asked" if objections else "approved",
        digest=reading.digest,
        passages=[{"field": each.field, "text": each.text} for each in reading.passages],
        reasons=[asdict(each) for each in objections],
    )
    db.session.add(row)
    db.session.flush()
    codes = sorted({each.reason for each in objections})
    audit.record("therapists.profile_read", subject=("therapist", reading.therapist.public_id), actor=by, verdict=row.verdict, reasons=codes)
    return row


def _claim(therapist: Therapist, by: int, now: datetime) -> None:
    case = open_case_about("verification", subject_of(therapist))
    if case is not None:
        claim_case(case.public_id, by=by, kinds=KINDS, now=now)


def _close(therapist: Therapist, verdict: str, by: int, now: datetime) -> None:
    case = open_case_about("verification", subject_of(therapist))
    if case is not None:
        close_case(case.public_id, outcome=verdict, by=by, kinds=KINDS, now=now)


def _tell(therapist: Therapist, row: ProfileReading, *, is_shown: bool, goes_live: bool, now: datetime) -> None:
    recipient = recipient_of(therapist.person_id)
    if recipient is None:
        return
    facts = {"name": therapist.display_name, "is_shown": is_shown, "goes_live": goes_live}
    template = f"profile_{row.verdict}"
    once = f"profile-reading:{row.public_id}"
    send(recipient, kind=f"therapists.{template}", template=f"therapists/{template}", facts=facts, once=once, now=now, person_id=therapist.person_id)

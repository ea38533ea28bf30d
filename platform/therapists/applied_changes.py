"""What a decision does to the rows: held changes take their place, refused ones give way to what was approved before."""

from sqlalchemy import delete, select

from core.db import db
from therapists.models import IdentityStatement, OfferedModality, Therapist, TreatedConcern
from therapists.profile_changes import PLAIN_FIELDS
from therapists.profile_models import ProfileChange, ProfilePhoto

MOST_CORE = 5


def apply_change(therapist: Therapist, change: ProfileChange) -> None:
    """It was approved: it shows, and nothing of it waits any longer."""
    if change.field in PLAIN_FIELDS:
        setattr(therapist, change.field, change.value)
    elif change.field == "modalities":
        _add_modalities(therapist, change)
    elif change.field == "concerns":
        _add_concerns(therapist, change)
    elif change.field == "identities":
        known = {(row.kind, row.value, row.relation) for row in therapist.identities}
        added = [each for each in change.value if (each["kind"], each["value"], each.get("relation", "shares")) not in known]
        therapist.identities.extend(IdentityStatement(therapist_id=therapist.person_id, **each) for each in added)
    db.session.delete(change)


def send_back(therapist: Therapist, change: ProfileChange) -> None:
    """It was read and not accepted: what was approved before shows, and the change is kept for its writer."""
    if change.field in PLAIN_FIELDS:
        setattr(therapist, change.field, change.approved)
        change.held = True
    change.sent_back = True


def approve_photo(therapist: Therapist) -> None:
    """The photo that waits takes the place of the one that is shown; without one nothing happens."""
    waiting = _photo(therapist, "pending")
    if waiting is not None:
        db.session.execute(delete(ProfilePhoto).where(ProfilePhoto.therapist_id == therapist.person_id, ProfilePhoto.state == "approved"))
        waiting.state, therapist.photo_digest = "approved", waiting.digest


def send_photo_back(therapist: Therapist) -> None:
    """The photo is kept for its owner; the one that was approved before goes on showing."""
    waiting = _photo(therapist, "pending")
    if waiting is not None:
        waiting.state = "sent_back"


def _photo(therapist: Therapist, state: str) -> ProfilePhoto | None:
    wanted = select(ProfilePhoto).where(ProfilePhoto.therapist_id == therapist.person_id, ProfilePhoto.state == state)
    return db.session.scalars(wanted).one_or_none()


def _add_modalities(therapist: Therapist, change: ProfileChange) -> None:
    known = {row.modality for row in therapist.modalities}
    added = [each["slug"] for each in change.value if each["slug"] not in known]
    therapist.modalities.extend(OfferedModality(therapist_id=therapist.person_id, modality=slug) for slug in added)


def _add_concerns(therapist: Therapist, change: ProfileChange) -> None:
    """In their place among the core concerns if it is still free, else in the first free one, else among the others."""
    known, taken = {row.concern for row in therapist.concerns}, {row.core_position for row in therapist.concerns}
    for each in change.value:
        if each["slug"] in known:
            continue
        wished = each["core_position"]
        free = [at for at in range(1, MOST_CORE + 1) if at not in taken]
        position = wished if wished in free else free[0] if wished is not None and free else None
        taken.add(position)
        therapist.concerns.append(TreatedConcern(therapist_id=therapist.person_id, concern=each["slug"], core_position=position))

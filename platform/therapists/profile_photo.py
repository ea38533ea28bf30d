"""A therapist's photo: made anew as a small square, read by a person before it shows, and shown while the profile is.

It lives in the database: a few ten kilobytes that are exported, erased and rolled back with the rest, and no folder that processes would have to share.
"""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from core import audit
from core.db import db
from core.errors import NotFound, TooLarge
from core.http import LARGEST_FILE
from core.images import CleanImage, NotAnImage, clean_square
from therapists.models import Therapist
from therapists.passages import waiting_photo
from therapists.profile import touch
from therapists.profile_changes import settle_review
from therapists.profile_models import ProfilePhoto
from therapists.publication import listed_therapist

SIDE = 512  # pixels
MEDIA_TYPE = "image/jpeg"


class PhotoTooLarge(TooLarge):
    code, detail = "file_too_large", "A photo may have at most 10 MB."


def square(content: bytes) -> CleanImage:
    """The middle of the picture as a new JPEG, with no transaction open: nothing that a camera wrote into it is left. NotAnImage, ImageTooLarge, too large."""
    if len(content) > LARGEST_FILE:
        raise PhotoTooLarge
    if not content:
        raise NotAnImage
    return clean_square(content, side=SIDE)


def propose_photo(therapist: Therapist, picture: CleanImage, *, now: datetime) -> ProfilePhoto:
    """Keep it for the reader; an earlier one that nobody has approved goes. What is shown stays until the new one was read."""
    unread = (ProfilePhoto.therapist_id == therapist.person_id, ProfilePhoto.state != "approved")
    db.session.execute(delete(ProfilePhoto).where(*unread))
    photo = ProfilePhoto(
        therapist_id=therapist.person_id,
        state="pending",
        digest=hashlib.sha256(picture.content).hexdigest(),
        content=picture.content,
        uploaded_at=now,
    )
    db.session.add(photo)
    db.session.flush()
    settle_review(therapist, now=now)
    audit.record("therapists.photo_sent", subject=("therapist", therapist.public_id), actor=therapist.person_id)
    touch(therapist, now=now)
    return photo


def remove_photo(therapist: Therapist, *, now: datetime) -> None:
    """No photo, neither shown nor waiting. Removing none is no error."""
    db.session.execute(delete(ProfilePhoto).where(ProfilePhoto.therapist_id == therapist.person_id))
    therapist.photo_digest = None
    settle_review(therapist, now=now)
    audit.record("therapists.photo_removed", subject=("therapist", therapist.public_id), actor=therapist.person_id)
    touch(therapist, now=now)


def own_photo(person_id: int) -> bytes:
    """The newest of one's own, approved or not; NotFound without one."""
    newest = select(ProfilePhoto).where(ProfilePhoto.therapist_id == person_id).order_by(ProfilePhoto.id.desc()).limit(1)
    photo = db.session.scalars(newest.options(undefer(ProfilePhoto.content))).first()
    if photo is None:
        raise NotFound
    return photo.content


def photo_to_read(therapist: Therapist) -> bytes:
    """The one that waits for a reader; NotFound without one."""
    photo = waiting_photo(therapist.person_id)
    if photo is None:
        raise NotFound
    return photo.content


def shown_photo(public_id: uuid.UUID, digest: str, *, now: datetime) -> bytes:
    """An approved photo of somebody who is listed now; NotFound for any other, whatever its digest."""
    therapist = listed_therapist(public_id, now=now)
    wanted = select(ProfilePhoto).where(ProfilePhoto.therapist_id == therapist.person_id, ProfilePhoto.digest == digest, ProfilePhoto.state == "approved")
    photo = db.session.scalars(wanted.options(undefer(ProfilePhoto.content))).one_or_none()
    if photo is None:
        raise NotFound
    return photo.content

"""The photo over HTTP: its owner sends, sees and removes it; everybody sees the approved one."""

import re
import uuid
from typing import Any

from core.access import allow, anyone, caller, role
from core.clock import now
from core.db import transaction
from core.errors import NotFound
from core.http import LARGEST_FILE, Blueprint, UploadSchema, picture
from therapists import profile_photo
from therapists.profile import own_profile, profile_for_edit
from therapists.representations import OwnProfileSchema, own_page

own = Blueprint("therapist_photo", __name__, url_prefix="/api/v1/therapist/photo", description="A therapist's own photo")
public = Blueprint("therapist_photos", __name__, url_prefix="/api/v1/therapists/<uuid:therapist_id>/photo", description="Approved photos")
blueprints = [own, public]
therapist_only = role("therapist")
DIGEST = re.compile(r"[0-9a-f]{64}")


@own.put("")
@allow(therapist_only, outside=True)
@own.takes(UploadSchema, location="files")
@own.gives(200, OwnProfileSchema)
def send_photo(files: dict[str, Any]) -> dict[str, Any]:
    """Send a JPEG or PNG picture of at most 10 MB. It is made anew as a square, without what cameras write into it, and read before it shows."""
    person_id, content = caller().require_person(), files["file"].read(LARGEST_FILE + 1)
    squared = profile_photo.square(content)
    with transaction():
        profile_photo.propose_photo(profile_for_edit(person_id), squared, now=now())
        return own_page(own_profile(person_id), now=now())


@own.get("")
@allow(therapist_only)
@own.gives_file(200, profile_photo.MEDIA_TYPE)
def read_own_photo() -> Any:
    """Your newest photo, approved or not."""
    return picture(profile_photo.own_photo(caller().require_person()), content_type=profile_photo.MEDIA_TYPE)


@own.delete("")
@allow(therapist_only)
@own.gives(204)
def remove_photo() -> None:
    """Show no photo."""
    profile_photo.remove_photo(profile_for_edit(caller().require_person()), now=now())


@public.get("/<digest>")
@allow(anyone)
@public.gives_file(200, profile_photo.MEDIA_TYPE)
def read_photo(therapist_id: uuid.UUID, digest: str) -> Any:
    """The approved photo of a published therapist, under the digest of its content: it may be kept for good."""
    if not DIGEST.fullmatch(digest):
        raise NotFound
    return picture(profile_photo.shown_photo(therapist_id, digest, now=now()), content_type=profile_photo.MEDIA_TYPE, digest=digest)

"""Small parts of what is shown of a therapist, wherever it is shown: photo, video link, and the words that go with insurers and promises."""

import uuid
from collections.abc import Sequence
from typing import Any, Protocol

from marshmallow import fields

from core.http import Schema
from taxonomy.vocabulary import vocabulary
from therapists.video_link import host_of

Json = dict[str, Any]
ALT_WITHOUT_WORDS = "Portrait"


class ShownPhotoSchema(Schema):
    path = fields.String(required=True, metadata={"description": "On our own origin. It names the content: another photo has another path."})
    alt = fields.String(required=True)


class VideoLinkSchema(Schema):
    """A plain link that leads away; never part of one of our pages."""

    url = fields.String(required=True)
    host = fields.String(required=True, metadata={"description": "Named beside the link."})
    rel = fields.String(required=True)


class Photographed(Protocol):
    """As much of a therapist as a photo needs."""

    @property
    def public_id(self) -> uuid.UUID: ...
    @property
    def photo_digest(self) -> str | None: ...
    @property
    def photo_alt(self) -> str: ...


def photo_json(therapist: Photographed) -> Json | None:
    """The approved photo, if there is one."""
    if therapist.photo_digest is None:
        return None
    return {"path": f"/api/v1/therapists/{therapist.public_id}/photo/{therapist.photo_digest}", "alt": therapist.photo_alt or ALT_WITHOUT_WORDS}


def video_json(url: str | None) -> Json | None:
    return None if url is None else {"url": url, "host": host_of(url), "rel": "noreferrer noopener external"}


def insurance_words(insurers: Sequence[str]) -> str | None:
    """Whoever names an insurer of a therapist says this with it."""
    if not insurers:
        return None
    known = vocabulary().facets["insurers"]
    names = [known[slug].label if slug in known else slug for slug in insurers]
    return f"Says they accept {', '.join(names)}; not checked by us; your share may differ."


def answer_words(hours: int) -> str:
    return f"Promises an answer within {hours} {'hour' if hours == 1 else 'hours'}."

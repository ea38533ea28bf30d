"""Reading profiles, over HTTP: the queue, one profile as it will show, and the decision. For verifiers."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema, picture
from desk.kinds import PRIORITIES
from therapists import profile_photo, profile_reading
from therapists.advertising import HINTS
from therapists.passages import NAME_DIFFERS, Reading
from therapists.profile_models import VERDICTS
from therapists.profile_queue import WaitingProfile, waiting_profiles

blueprint = Blueprint("profile_readings", __name__, url_prefix="/api/v1/verification/profiles", description="Reading profiles before they show")
verifier = role("verifier")
MOST_OBJECTIONS = 40


class WaitingProfileSchema(Schema):
    therapist_id = PublicId(required=True)
    display_name = fields.String(required=True)
    is_first = fields.Boolean(required=True, metadata={"description": "Nobody has read it yet; it is not shown."})
    asked_at = Instant(required=True)
    due_at = Instant(required=True)
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    case_id = PublicId(required=True)
    owner_id = PublicId(required=True, allow_none=True)


class HintSchema(Schema):
    """Where to look twice. It decides nothing."""

    code = fields.String(required=True, validate=validate.OneOf([*HINTS, NAME_DIFFERS]))
    sentence = fields.String(required=True)
    words = fields.String(required=True)


class PassageSchema(Schema):
    field = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "As it will show."})
    shown = fields.String(required=True, allow_none=True, metadata={"description": "What shows today, where that is something else."})
    state = fields.String(required=True, validate=validate.OneOf(("new", "held", "sent_back", "approved")))
    hints = fields.List(fields.Nested(HintSchema), required=True)


class ProfileReadingSchema(Schema):
    therapist_id = PublicId(attribute="therapist.public_id", required=True)
    digest = fields.String(required=True, metadata={"description": "Names what you have read; a decision repeats it."})
    passages = fields.List(fields.Nested(PassageSchema), required=True)
    has_photo = fields.Function(lambda reading: reading.photo is not None, metadata={"type": "boolean"}, required=True)


class ObjectionToSchema(Schema):
    field = fields.String(required=True, validate=validate.Length(1, 40), metadata={"description": "Of a passage that is new or held, or `photo`."})
    reason = fields.String(required=True, validate=validate.OneOf(profile_reading.REASONS))
    sentence = Text(longest=5000, empty=True, lines=True, load_default="", metadata={"description": "As it stands there."})


class ReadingDecisionSchema(Schema):
    """Without objections it is approved."""

    digest = fields.String(required=True, validate=validate.Length(equal=64))
    objections = fields.List(fields.Nested(ObjectionToSchema), load_default=list, validate=validate.Length(max=MOST_OBJECTIONS))


class DecidedReadingSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    read_at = Instant(required=True)


WaitingProfilePageSchema = page_schema(WaitingProfileSchema)


@blueprint.get("")
@allow(verifier)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, WaitingProfilePageSchema)
def list_profiles(query: dict[str, Any]) -> dict[str, Any]:
    """Profiles that wait for a reader, the most pressing first, then by their clock."""
    page = waiting_profiles(by=caller().require_person(), **query)
    return {"items": [_queued(waiting) for waiting in page.items], "next": page.next}


@blueprint.get("/<uuid:therapist_id>")
@allow(verifier)
@blueprint.gives(200, ProfileReadingSchema)
def read_profile(therapist_id: uuid.UUID) -> Reading:
    """Every word of a profile as it will show, with hints at what may be against the rules of advertising."""
    return profile_reading.profile_to_read(therapist_id, by=caller().require_person())


@blueprint.get("/<uuid:therapist_id>/photo")
@allow(verifier)
@blueprint.gives_file(200, profile_photo.MEDIA_TYPE)
def read_photo(therapist_id: uuid.UUID) -> Any:
    """The photo that waits."""
    reading = profile_reading.profile_to_read(therapist_id, by=caller().require_person())
    return picture(profile_photo.photo_to_read(reading.therapist), content_type=profile_photo.MEDIA_TYPE)


@blueprint.post("/<uuid:therapist_id>/claim")
@allow(verifier)
@blueprint.gives(200, ProfileReadingSchema)
def begin_reading(therapist_id: uuid.UUID) -> Reading:
    """Take a profile on: its case is yours."""
    return profile_reading.begin_reading(therapist_id, by=caller().require_person(), now=now())


@blueprint.delete("/<uuid:therapist_id>/claim")
@allow(verifier)
@blueprint.gives(204)
def release_reading(therapist_id: uuid.UUID) -> None:
    """Give it back to the queue."""
    profile_reading.release_reading(therapist_id, by=caller().require_person(), now=now())


@blueprint.post("/<uuid:therapist_id>/decision")
@allow(verifier)
@blueprint.takes(ReadingDecisionSchema)
@blueprint.gives(201, DecidedReadingSchema)
def decide_reading(body: dict[str, Any], therapist_id: uuid.UUID) -> Any:
    """Approve what you have read, or ask for changes. The therapist is told."""
    objections = [profile_reading.Objection(**each) for each in body["objections"]]
    by = caller().require_person()
    return profile_reading.decide_reading(therapist_id, digest=body["digest"], objections=objections, by=by, now=now())


def _queued(waiting: WaitingProfile) -> dict[str, Any]:
    return {
        "therapist_id": waiting.therapist.public_id,
        "display_name": waiting.therapist.display_name,
        "is_first": waiting.review.approved_at is None,
        "asked_at": waiting.review.asked_at,
        "due_at": waiting.review.due_at,
        "priority": waiting.case.priority,
        "case_id": waiting.case.public_id,
        "owner_id": waiting.case.owner.public_id if waiting.case.owner else None,
    }

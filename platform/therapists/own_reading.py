"""What a therapist sees of the reading of their profile: where it stands, what waits, and what they were asked to change."""

from typing import Any

from marshmallow import fields, validate
from sqlalchemy import select

from core.db import db
from core.http import Instant, Schema
from therapists.models import Therapist
from therapists.profile_changes import changes_of, review_of
from therapists.profile_models import PHOTO_STATES, ProfilePhoto, ProfileReading

STATES = ("not_asked", "waiting", "changes_asked", "approved")
CHANGE_STATES = ("held", "shown", "sent_back")


class OwnChangeSchema(Schema):
    field = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True, metadata={"description": "As you sent it."})
    state = fields.String(required=True, validate=validate.OneOf(CHANGE_STATES), metadata={"description": "held: what showed before shows until it was read."})
    made_at = Instant(required=True)


class ObjectionSchema(Schema):
    field = fields.String(required=True)
    reason = fields.String(required=True)
    sentence = fields.String(required=True)


class OwnReadingSchema(Schema):
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    due_at = Instant(required=True, allow_none=True, metadata={"description": "By then somebody will have read what waits."})
    changes = fields.List(fields.Nested(OwnChangeSchema), required=True)
    photo = fields.String(required=True, allow_none=True, validate=validate.OneOf(PHOTO_STATES), metadata={"description": "Of your newest photo."})
    objections = fields.List(fields.Nested(ObjectionSchema), required=True, metadata={"description": "What the last reader asked to change."})


def own_reading(therapist: Therapist) -> dict[str, Any]:
    """Ready for the schema."""
    review, changes = review_of(therapist.person_id), changes_of(therapist.person_id)
    newest = select(ProfilePhoto.state).where(ProfilePhoto.therapist_id == therapist.person_id).order_by(ProfilePhoto.id.desc()).limit(1)
    last = select(ProfileReading.verdict, ProfileReading.reasons).where(ProfileReading.therapist_id == therapist.person_id)
    read = db.session.execute(last.order_by(ProfileReading.id.desc()).limit(1)).one_or_none()
    state = "not_asked"
    if review is not None and review.asked_at is not None:
        state = "waiting"
    elif read is not None and read.verdict == "changes_asked":
        state = "changes_asked"
    elif review is not None and review.approved_at is not None:
        state = "approved"
    return {
        "state": state,
        "due_at": review.due_at if review is not None else None,
        "changes": [
            {"field": row.field, "value": row.value, "state": "sent_back" if row.sent_back else "held" if row.held else "shown", "made_at": row.made_at}
            for row in changes
        ],
        "photo": db.session.scalar(newest),
        "objections": list(read.reasons) if read is not None else [],
    }

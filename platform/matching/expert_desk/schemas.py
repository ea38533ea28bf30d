"""What goes out about one's own call."""

from marshmallow import fields, validate

from care.nearby_help_schemas import NearbyHelpSchema
from core.http import Instant, Schema
from desk.call_backs.schemas import CallWindowSchema
from desk.call_backs.topics import TOPICS


class OwnCallSchema(Schema):
    state = fields.String(required=True, validate=validate.OneOf(["waiting", "ended"]))
    text = fields.String(required=True)
    topic = fields.String(required=True, validate=validate.OneOf(list(TOPICS)))
    topic_text = fields.String(required=True)
    asked_at = Instant(required=True)
    next_window = fields.Nested(CallWindowSchema, required=True, allow_none=True)
    voicemail_safe = fields.Boolean(required=True)
    crisis_help = fields.Nested(NearbyHelpSchema, required=True)


class CallTopicSchema(Schema):
    topic = fields.String(required=True)
    text = fields.String(required=True)


class CallConsentSchema(Schema):
    purpose = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)


class CallQuestionsSchema(Schema):
    topics = fields.List(fields.Nested(CallTopicSchema), required=True)
    consent = fields.Nested(CallConsentSchema, required=True)
    share = fields.Nested(CallConsentSchema, required=True, metadata={"description": "Not needed for a call."})

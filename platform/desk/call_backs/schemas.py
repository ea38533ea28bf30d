"""What goes in and out about calls."""

from typing import Any

from marshmallow import fields, validate

from core.http import Instant, PageQuery, PublicId, Schema, Text, ZoneName, page_schema
from core.phone import e164
from desk.call_backs.topics import CALL_BACK, ENDS, OUTCOMES, TOPICS
from desk.call_backs.windows import MOST_WINDOWS
from desk.schemas import LONGEST_NOTE


class PhoneNumber(fields.String):
    """As people write it, with its country code; E.164 inside."""

    default_error_messages = {"phone": "Give a phone number with its country code, such as +44 20 7946 0000."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return e164(super()._deserialize(value, attr, data, **kwargs) or "")
        except ValueError as error:
            raise self.make_error("phone") from error


class TimeToCallSchema(Schema):
    """On the wall clock of the zone beside it; 0 is Monday, 1440 midnight at the end of the day."""

    weekday = fields.Integer(required=True, strict=True, validate=validate.Range(0, 6))
    from_minute = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1439))
    to_minute = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1440))


class AskForCallSchema(Schema):
    """Nothing here asks about anybody's health, and nothing has to be said about it to be called."""

    phone = PhoneNumber(required=True)
    zone = ZoneName(required=True, metadata={"description": "Where you will be: the times are meant on its wall clock."})
    windows = fields.List(fields.Nested(TimeToCallSchema), required=True, validate=validate.Length(1, MOST_WINDOWS))
    voicemail_safe = fields.Boolean(required=True, truthy={True}, falsy={False}, metadata={"description": "May a message be left there?"})
    topic = fields.String(load_default=CALL_BACK, validate=validate.OneOf(list(TOPICS)))
    consent_text_version = fields.String(
        validate=validate.Length(1, 40), metadata={"description": "The version of the text for call_back that you have read and agree to."}
    )
    share_text_version = fields.String(
        validate=validate.Length(1, 40),
        metadata={"description": "If whoever calls may read what you look for: the version of the text for share_with_guide. Not needed for a call."},
    )


class CallWindowSchema(Schema):
    start = Instant(required=True)
    end = Instant(required=True)
    local_start = fields.String(required=True)
    local_end = fields.String(required=True)


class CallBackSchema(Schema):
    id = PublicId(required=True)
    case_id = PublicId(required=True)
    case_kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "owned", "closed", "ended"]))
    owner_id = PublicId(required=True, allow_none=True)
    topic = fields.String(required=True, validate=validate.OneOf(list(TOPICS)))
    topic_text = fields.String(required=True)
    asked_at = Instant(required=True)
    due_at = Instant(required=True)
    zone = fields.String(required=True)
    local_time = fields.String(required=True, metadata={"description": "What time it is where they are, now."})
    may_call_now = fields.Boolean(required=True)
    next_window = fields.Nested(CallWindowSchema, required=True, allow_none=True)
    voicemail_safe = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(ENDS))
    ended_at = Instant(required=True, allow_none=True)


CallBackPageSchema = page_schema(CallBackSchema)


class CallQueueQuery(PageQuery):
    mine = fields.Boolean(load_default=False, metadata={"description": "Only those that you own."})


class CallNumberSchema(Schema):
    phone = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    voicemail_safe = fields.Boolean(required=True)


class CallEndSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(list(OUTCOMES)))
    note = Text(longest=LONGEST_NOTE, lines=True)

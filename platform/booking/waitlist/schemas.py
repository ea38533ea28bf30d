"""What waitlist routes take and give."""

from typing import Any

from marshmallow import fields, post_load, validate

from booking.schemas import BookedServiceSchema, NamedSchema
from booking.waitlist.models import END_REASONS, ENTRY_STATES
from booking.waitlist.wishes import DAY_MINUTES, Span
from core.dates import Day
from core.http import Instant, PublicId, Schema, page_schema

MOST_SPANS = 21


class SpanSchema(Schema):
    weekday = fields.Integer(required=True, strict=True, validate=validate.Range(0, 6), metadata={"description": "Monday is 0."})
    from_minute = fields.Integer(required=True, strict=True, validate=validate.Range(0, DAY_MINUTES - 1))
    to_minute = fields.Integer(required=True, strict=True, validate=validate.Range(1, DAY_MINUTES))

    @post_load
    def as_span(self, data: dict[str, Any], **_: Any) -> Span:
        return Span(**data)


class JoinSchema(Schema):
    service_id = PublicId(required=True)
    any_of_kind = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata={"description": "Any service of this kind will do."})
    times = fields.List(
        fields.Nested(SpanSchema),
        load_default=list,
        validate=validate.Length(max=MOST_SPANS),
        metadata={"description": "When it would suit you, on your own wall clock. None: at any time."},
    )
    earliest = Day(load_default=None, allow_none=True)
    latest = Day(load_default=None, allow_none=True)


class OfferedSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True)
    local_start = fields.String(required=True)
    minutes = fields.Integer(required=True)
    expires_at = Instant(required=True, metadata={"description": "Until then it is kept for you."})


class EntrySchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    therapist = fields.Nested(NamedSchema, required=True)
    service = fields.Nested(BookedServiceSchema, required=True)
    any_of_kind = fields.Boolean(required=True)
    times = fields.List(fields.Nested(SpanSchema), required=True)
    earliest = Day(required=True, allow_none=True)
    latest = Day(required=True, allow_none=True)
    zone = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(ENTRY_STATES))
    end_reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(END_REASONS))
    joined_at = Instant(required=True)
    before_you = fields.Integer(required=True, allow_none=True, metadata={"description": "People in front of you who wait for the same."})
    lapses = fields.Integer(required=True, metadata={"description": "Offers that went by without an answer; the third one ends your place."})
    is_asked = fields.Boolean(required=True, metadata={"description": "We have asked whether you are still looking."})
    offer = fields.Nested(OfferedSchema, required=True, allow_none=True)


class ServiceLineSchema(Schema):
    service = fields.Nested(BookedServiceSchema, required=True)
    waiting = fields.Integer(required=True, metadata={"description": "People who would take this service."})


class LineSchema(Schema):
    open = fields.Boolean(required=True, metadata={"description": "Whether people can wait for you also while you have openings or no place."})
    people = fields.Integer(required=True)
    services = fields.List(fields.Nested(ServiceLineSchema), required=True)


class SwitchSchema(Schema):
    open = fields.Boolean(required=True, truthy={True}, falsy={False})


EntryPageSchema = page_schema(EntrySchema)

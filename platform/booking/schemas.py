"""What goes in and out of booking's routes."""

from marshmallow import fields, validate

from booking import cancel, decline
from booking.lifecycle import State
from core.http import Instant, MoneyField, PageQuery, PublicId, Schema, Text, ZoneName, page_schema

LONGEST_TITLE = 80
LONGEST_NOTE = 1000


class OpeningsQuery(Schema):
    start = Instant(required=True, metadata={"description": "From this instant on."})
    end = Instant(required=True, metadata={"description": "Up to, and without, this instant; at most 62 dates after the start."})
    zone = ZoneName(metadata={"description": "The reader's time zone, for the local times in the answer. Without it: the therapist's."})


class OpeningSchema(Schema):
    start = Instant(required=True)
    end = Instant(required=True)
    local_start = fields.String(required=True, metadata={"description": "The start on the reader's wall clock, with its offset."})


class OpeningsSchema(Schema):
    zone = fields.String(required=True)
    items = fields.List(fields.Nested(OpeningSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class RequestBookingSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "One of the service's openings."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    origin = fields.String(
        validate=validate.OneOf(["match", "directory"]),
        load_default="directory",
        metadata={"description": "Whether the therapist was found through a shortlist or by looking."},
    )


class DeclineSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(decline.REASONS), metadata={"description": "Stays with you; the client does not read it."})


class CancelSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(cancel.REASONS))
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "The other side reads it in the booking. No mail repeats it."})


class BookingsQuery(PageQuery):
    past = fields.Boolean(load_default=False, metadata={"description": "What is over, instead of what is to come."})


class NamedSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    name = fields.String(required=True, allow_none=True)


class BookedServiceSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    mode = fields.String(required=True)
    minutes = fields.Integer(required=True)


class AlternativeSchema(Schema):
    service_id = PublicId(required=True)
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    start = Instant(required=True)


class BookingSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    role = fields.String(required=True, validate=validate.OneOf(["client", "therapist"]), metadata={"description": "Which side of it you are on."})
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    therapist = fields.Nested(NamedSchema, required=True)
    clients = fields.List(fields.Nested(NamedSchema), required=True, metadata={"description": "For a client only themselves."})
    service = fields.Nested(BookedServiceSchema, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_start = fields.String(required=True, metadata={"description": "The start on your wall clock, with its offset."})
    zone = fields.String(required=True)
    fee = MoneyField(required=True)
    title = fields.String(required=True, metadata={"description": "What your calendar shows."})
    created_at = Instant(required=True)
    answer_by = Instant(required=True, allow_none=True, metadata={"description": "When a request ends by itself if it is not answered."})
    cancel_free_until = Instant(required=True, metadata={"description": "Cancelling is free before this instant."})
    cancelled_late = fields.Boolean(required=True)
    message = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    actions = fields.List(fields.String(validate=validate.OneOf(["confirm", "decline", "withdraw", "cancel"])), required=True)
    alternatives = fields.List(
        fields.Nested(AlternativeSchema),
        required=True,
        metadata={"description": "Openings with others, when a request of yours was declined or not answered."},
    )


BookingPageSchema = page_schema(BookingSchema)

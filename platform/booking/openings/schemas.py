"""What goes in and out of the routes about openings and resolved hours."""

from marshmallow import fields, validate

from core.dates import Day
from core.http import Instant, PublicId, Schema, ZoneName

MINUTES = validate.Range(5, 480)


class OpeningsQuery(Schema):
    start = Instant(required=True, metadata={"description": "From this instant on."})
    end = Instant(required=True, metadata={"description": "Up to, and without, this instant; at most 62 dates after the start."})
    zone = ZoneName(metadata={"description": "The reader's time zone, for the local times in the answer. Without it: the therapist's."})
    minutes = fields.Integer(validate=MINUTES, metadata={"description": "One of the service's lengths. Without it: the usual one."})


class OpeningSchema(Schema):
    start = Instant(required=True)
    end = Instant(required=True)
    local_start = fields.String(required=True, metadata={"description": "The start on the reader's wall clock, with its offset."})


class OfferedOpeningSchema(OpeningSchema):
    seats_left = fields.Integer(metadata={"description": "Said of a group: how many can still join."})


class OwnHoldSchema(OpeningSchema):
    id = PublicId(required=True)
    until = Instant(required=True, metadata={"description": "When the hold ends by itself."})


class OpeningsSchema(Schema):
    zone = fields.String(required=True)
    items = fields.List(fields.Nested(OfferedOpeningSchema), required=True)
    held = fields.List(fields.Nested(OwnHoldSchema), required=True, metadata={"description": "What you hold yourself; for others it is taken."})
    next = fields.String(required=True, allow_none=True)


class WhyNotQuery(Schema):
    start = Instant(required=True)
    minutes = fields.Integer(validate=MINUTES, metadata={"description": "One of the service's lengths. Without it: the usual one."})
    zone = ZoneName(metadata={"description": "For the local time in the answer. Without it: the schedule's."})


class ReasonSchema(Schema):
    """What belongs to the rule is set, and told to the therapist and staff only."""

    code = fields.String(required=True)
    text = fields.String(required=True)
    schedule = fields.String(required=True, allow_none=True)
    holiday = fields.String(required=True, allow_none=True)
    time_off_id = PublicId(required=True, allow_none=True)
    most = fields.Integer(required=True, allow_none=True, metadata={"description": "The limit that is reached."})
    counted = fields.Integer(required=True, allow_none=True, metadata={"description": "What counts towards it already."})
    booking_id = PublicId(required=True, allow_none=True)
    is_outside = fields.Boolean(required=True, allow_none=True, metadata={"description": "Whether another calendar takes the time."})


class WhyNotSchema(Schema):
    start = Instant(required=True)
    end = Instant(required=True)
    local_start = fields.String(required=True)
    zone = fields.String(required=True)
    offered = fields.Boolean(required=True, metadata={"description": "True exactly when there is no reason."})
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    new_clients = fields.Boolean(required=True, metadata={"description": "Whether somebody new could take it; false: only whoever is in care."})


class WeekQuery(Schema):
    day = Day(required=True, metadata={"description": "The first of seven dates."})


class StretchSchema(Schema):
    start = Instant(required=True)
    end = Instant(required=True)


class ResolvedDaySchema(Schema):
    day = Day(required=True)
    zone = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    is_override = fields.Boolean(required=True)
    holiday = fields.String(required=True, allow_none=True)
    windows = fields.List(fields.Nested(StretchSchema), required=True, metadata={"description": "What begins on this date by rule, whole."})
    hours = fields.List(fields.Nested(StretchSchema), required=True, metadata={"description": "What is left of this date for sessions."})
    time_off = fields.List(fields.Nested(StretchSchema), required=True)


class ResolvedWeekSchema(Schema):
    items = fields.List(fields.Nested(ResolvedDaySchema), required=True)

"""What goes in and out of the routes about absences and what is booked in them."""

import re
from datetime import date
from typing import Any

from marshmallow import fields, validate

from booking.disruption.models import CAUSES, CHOICES, REASONS
from booking.disruption.reading import LINE_STATES
from booking.lifecycle import State
from booking.schemas import NamedSchema
from core.http import Instant, PageQuery, PublicId, Schema, page_schema

MOST_CHOICES = 200
ANSWERS = ("read", "move", "cancel")


class WallTime(fields.Field[tuple[date, int]]):
    """``2026-12-24T09:00`` on the wall clock, without an offset; inside, the date and the minute of the day."""

    default_error_messages = {"invalid": "Give a local time such as 2026-12-24T09:00, without an offset."}

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[date, int]:  # noqa: ARG002 the signature is marshmallow's
        found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9])", value, re.ASCII) if isinstance(value, str) else None
        try:
            if found is None:
                raise ValueError(value)
            day = date.fromisoformat(found[1])
            if not 2000 <= day.year <= 2200:
                raise ValueError(value)
        except ValueError as error:
            raise self.make_error("invalid") from error
        return day, int(found[2]) * 60 + int(found[3])


class AbsenceSchema(Schema):
    wall_from = WallTime(data_key="from", required=True)
    wall_to = WallTime(data_key="to", required=True)


class ChosenSchema(Schema):
    booking_id = PublicId(required=True)
    choice = fields.String(required=True, validate=validate.OneOf(CHOICES))


class NewDisruptionSchema(AbsenceSchema):
    reason = fields.String(required=True, validate=validate.OneOf(REASONS), metadata={"description": "Stays with you."})
    choice = fields.String(
        required=True,
        validate=validate.OneOf(CHOICES),
        metadata={"description": "What shall become of what is booked then. Requests are declined unless kept."},
    )
    choices = fields.List(
        fields.Nested(ChosenSchema),
        load_default=list,
        validate=validate.Length(max=MOST_CHOICES),
        metadata={"description": "What else shall become of some of them. What stays and is named here counts as seen."},
    )


class AffectedSchema(Schema):
    id = PublicId(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    kind = fields.String(required=True)
    mode = fields.String(required=True)
    clients = fields.List(fields.Nested(NamedSchema), required=True)


class PreviewSchema(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    count = fields.Integer(required=True)
    bookings = fields.List(fields.Nested(AffectedSchema), required=True, metadata={"description": "The first two hundred."})


class DisruptionSchema(Schema):
    id = PublicId(required=True)
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES))
    choice = fields.String(required=True, validate=validate.OneOf(CHOICES))
    reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(REASONS))
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    opened_at = Instant(required=True)
    bookings = fields.Integer(required=True)
    open = fields.Integer(required=True, metadata={"description": "Bookings about which something is left to be done."})


class DisruptionsQuery(PageQuery):
    open = fields.Boolean(load_default=False, metadata={"description": "Only those about which something is left to be done."})


class DisruptedBookingSchema(Schema):
    id = PublicId(required=True)
    booking_id = PublicId(required=True)
    choice = fields.String(required=True, validate=validate.OneOf(CHOICES))
    state = fields.String(
        required=True,
        validate=validate.OneOf(LINE_STATES),
        metadata={"description": "`told`: a client has not let us know that they know; `desk`: a person is trying to reach them; `kept`: look at it."},
    )
    was_at = Instant(required=True)
    starts_at = Instant(required=True)
    booking_state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    clients = fields.List(fields.Nested(NamedSchema), required=True)
    know = fields.Integer(required=True, metadata={"description": "How many of its clients know."})
    told = fields.Integer(required=True)


class AnswerSchema(Schema):
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))
    start = Instant(metadata={"description": "With `move`: an opening of the same service."})


class DisruptedSchema(Schema):
    state = fields.String(required=True, validate=validate.OneOf(["choose", "moved", "cancelled"]))
    starts_at = Instant(required=True)
    acknowledged = fields.Boolean(required=True)
    openings = fields.List(Instant(), required=True)


DisruptionPageSchema = page_schema(DisruptionSchema)
DisruptedBookingPageSchema = page_schema(DisruptedBookingSchema)

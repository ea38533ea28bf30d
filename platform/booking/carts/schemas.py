"""What goes in and out of the routes of carts."""

from marshmallow import fields, validate

from booking.carts.hold import FEWEST, MOST_ITEMS
from booking.paying.schemas import PriceSchema
from booking.schemas import LONGEST_TITLE
from core.http import Instant, MoneyField, PublicId, Schema, Text


class CartItemSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "One of the service's openings."})
    minutes = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(5, 480),
        metadata={"description": "One of the service's lengths; without it the usual one."},
    )
    title = Text(load_default=None, allow_none=True, longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})


class HoldTogetherSchema(Schema):
    items = fields.List(fields.Nested(CartItemSchema), required=True, validate=validate.Length(FEWEST, MOST_ITEMS))
    origin = fields.String(
        validate=validate.OneOf(["match", "directory"]),
        load_default="directory",
        metadata={"description": "Whether the therapists were found through a shortlist or by looking."},
    )


class ShownItemSchema(Schema):
    therapist = fields.String(required=True)
    service_id = PublicId(required=True)
    price = fields.Nested(PriceSchema, required=True, metadata={"description": "Its own; chosen under /holds/{id}/price while nobody is paying."})


class CartSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    items = fields.List(fields.Nested(ShownItemSchema), required=True)
    to_pay = MoneyField(required=True, metadata={"description": "By card, for all that is still held: nothing is added later."})
    held_until = Instant(required=True, allow_none=True, metadata={"description": "Null when nothing of it is held any more."})

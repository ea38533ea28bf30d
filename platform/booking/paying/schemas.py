"""What goes in and out of the price and the checkout of a hold."""

from marshmallow import fields, validate

from booking.lifecycle import State
from booking.paying.decide_unpaid import DECISIONS
from booking.paying.price_shown import WAYS
from core.http import Instant, MoneyField, PublicId, Schema, Text

LONGEST_CODE = 40


class CheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "All of it: nothing is added on that page."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})
    held_until = Instant(required=True)


class DueCheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "All of it: nothing is added on that page."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})


class UnpaidDecisionSchema(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))


class ChoosePriceSchema(Schema):
    """What is left out does not count any more."""

    concession = Text(load_default=None, allow_none=True, metadata={"description": "The name of a lower fee that you need, as the therapist offers it."})
    code = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, LONGEST_CODE))
    gift = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, LONGEST_CODE), metadata={"description": "A gift code that pays it, or a part of it."}
    )
    by_pack = fields.Boolean(load_default=False, metadata={"description": "Take a session of a pack of yours instead of paying."})


class OfferedFeeSchema(Schema):
    name = fields.String(required=True)
    fee = MoneyField(required=True)
    rule = fields.String(required=True, metadata={"description": "In the therapist's words."})


class PriceSchema(Schema):
    """Computed here; nothing that is sent is a price."""

    booking_id = PublicId(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    starts_at = Instant(required=True)
    cart_id = PublicId(required=True, allow_none=True, metadata={"description": "The cart that a hold is in."})
    held_until = Instant(required=True, allow_none=True)
    list_price = MoneyField(required=True)
    concession = fields.String(required=True, allow_none=True)
    code_off = MoneyField(required=True, allow_none=True, metadata={"description": "What the code takes off."})
    by_gift = MoneyField(required=True, allow_none=True, metadata={"description": "What a gift code pays of it."})
    to_pay = MoneyField(required=True, metadata={"description": "All of it: nothing is added later."})
    way = fields.String(required=True, validate=validate.OneOf(WAYS))
    late_fee = MoneyField(required=True, allow_none=True)
    cancel_free_until = Instant(required=True)
    concessions = fields.List(fields.Nested(OfferedFeeSchema), required=True)
    due = MoneyField(required=True, allow_none=True, metadata={"description": "What was not paid as it should have been: POST /bookings/{id}/checkout."})
    pack_sessions_left = fields.Integer(required=True, metadata={"description": "Sessions of a pack of yours that could pay for this."})

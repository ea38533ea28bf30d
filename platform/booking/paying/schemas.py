"""What is told of the checkout of a hold."""

from marshmallow import fields

from core.http import Instant, MoneyField, PublicId, Schema


class CheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "All of it: nothing is added on that page."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})
    held_until = Instant(required=True)

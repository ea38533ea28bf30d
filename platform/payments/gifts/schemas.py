"""What goes in and out of the routes of gift codes."""

from marshmallow import fields, validate

from core.http import Instant, MoneyField, PublicId, Schema, Text
from payments.gifts.models import GIFT_STATES
from payments.gifts.terms import LONGEST_NOTE

LONGEST_CODE = 40


class AskForGiftSchema(Schema):
    value = MoneyField(required=True)
    note = Text(load_default=None, allow_none=True, longest=LONGEST_NOTE, metadata={"description": "For whoever has the code, and all they learn of you."})


class GiftCodeSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    state = fields.String(required=True, validate=validate.OneOf(GIFT_STATES))
    value = MoneyField(required=True)
    note = fields.String(required=True, allow_none=True)
    hint = fields.String(required=True, allow_none=True, metadata={"description": "The last four letters of the code, which is mailed to you once it is paid."})
    asked_at = Instant(required=True)
    paid_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True, metadata={"description": "Null: it never runs out."})
    return_until = Instant(required=True, allow_none=True, metadata={"description": "Until when an unused code goes back to your card if you ask for it."})


class GiftCodesSchema(Schema):
    items = fields.List(fields.Nested(GiftCodeSchema), required=True)


class GiftCheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "All of it: nothing is added on that page."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})


class LookAtGiftSchema(Schema):
    code = fields.String(required=True, validate=validate.Length(1, LONGEST_CODE))


class GiftBalanceSchema(Schema):
    left = MoneyField(required=True)
    note = fields.String(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)


class ReturnedSchema(Schema):
    returned = MoneyField(required=True, metadata={"description": "What can be spent anew."})

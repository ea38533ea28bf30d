"""What goes in and out of the routes of packs."""

from marshmallow import fields, validate

from core.http import Instant, MoneyField, PublicId, Schema
from payments.packs.counting import LEAST, MOST
from payments.packs.models import PACK_STATES


class OfferPackSchema(Schema):
    service_id = PublicId(required=True)
    sessions = fields.Integer(strict=True, required=True, validate=validate.Range(LEAST, MOST))
    price = MoneyField(required=True, metadata={"description": "For all of them together, no more than they cost one by one."})


class PackOfferSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    service_id = PublicId(required=True, attribute="what")
    sessions = fields.Integer(required=True)
    price = MoneyField(required=True)
    stopped_at = Instant(required=True, allow_none=True)


class OwnPackOfferSchema(PackOfferSchema):
    sold = fields.Integer(required=True)


class PackOffersSchema(Schema):
    items = fields.List(fields.Nested(PackOfferSchema), required=True)


class OwnPackOffersSchema(Schema):
    items = fields.List(fields.Nested(OwnPackOfferSchema), required=True)


class PackSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    service_id = PublicId(required=True, attribute="what")
    state = fields.String(required=True, validate=validate.OneOf(PACK_STATES))
    sessions = fields.Integer(required=True)
    left = fields.Integer(required=True, metadata={"description": "How many can still be booked."})
    reserved = fields.Integer(required=True, metadata={"description": "Booked and not over."})
    consumed = fields.Integer(required=True, metadata={"description": "Took place, or were lost by cancelling late or not coming."})
    price = MoneyField(required=True)
    rest = MoneyField(required=True, metadata={"description": "What goes back if you close it now: the worth of all that is neither used nor booked."})
    paid_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)


class PacksSchema(Schema):
    items = fields.List(fields.Nested(PackSchema), required=True)


class PackCheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "All of it: nothing is added on that page."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})

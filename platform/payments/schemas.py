"""What is told of payments over HTTP."""

from marshmallow import fields, validate

from core.dates import Day
from core.http import Instant, MoneyField, PublicId, Schema
from payments.lifecycle import PaymentState, RefundState
from payments.models import PURPOSES
from payments.platform_fees import ORIGINS
from payments.reading import WORDS

REFUND_REASONS = ("goodwill", "mistake", "wrong_amount", "not_held")


class RefundShownSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    amount = MoneyField(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in RefundState]))
    reason = fields.String(required=True)
    requested_at = Instant(required=True)


class PaymentSchema(Schema):
    """A payment as its payer, its payee and staff see it."""

    id = PublicId(required=True, attribute="public_id")
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in PaymentState]))
    words = fields.String(required=True, validate=validate.OneOf(WORDS), metadata={"description": "How it stands, in one word for a person."})
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    reference = PublicId(required=True, metadata={"description": "What it is for: a booking's id."})
    price = MoneyField(required=True)
    paid = MoneyField(required=True)
    returned = MoneyField(required=True, metadata={"description": "What went back, or is on its way."})
    disputed = fields.Boolean(required=True)
    declined = fields.String(required=True, allow_none=True, metadata={"description": "The card's last refusal, as a code; another card may work."})
    checkout = fields.String(required=True, allow_none=True, metadata={"description": "Where it can be paid now; for its payer."})
    paid_at = Instant(required=True, allow_none=True)
    refunds = fields.List(fields.Nested(RefundShownSchema), required=True)


class PaymentBriefSchema(Schema):
    """A payment beside what it is for."""

    id = PublicId(required=True, attribute="public_id")
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in PaymentState]))
    words = fields.String(required=True, validate=validate.OneOf(WORDS))
    price = MoneyField(required=True)
    paid = MoneyField(required=True)
    returned = MoneyField(required=True)


class GiveBackSchema(Schema):
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100_000_000), metadata={"description": "Minor units."})
    reason = fields.String(required=True, validate=validate.OneOf(REFUND_REASONS))


class FeeSchema(Schema):
    origin = fields.String(required=True, validate=validate.OneOf(ORIGINS), metadata={"description": "How a client came to the therapist."})
    points = fields.Integer(required=True, metadata={"description": "Hundredths of a percent of what a client pays."})
    words = fields.String(required=True)


class FeesSchema(Schema):
    version = fields.String(required=True)
    begins_on = Day(required=True)
    fees = fields.List(fields.Nested(FeeSchema), required=True)


class AllFeesSchema(Schema):
    in_force = fields.String(required=True, metadata={"description": "The version that holds for what is asked for today."})
    versions = fields.List(fields.Nested(FeesSchema), required=True)

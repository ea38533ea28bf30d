"""What a therapist is paid out, over HTTP."""

from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.http import Blueprint, Instant, MoneyField, PageQuery, PublicId, Schema, page_schema
from payments.payouts.reading import PayoutPage, payouts_of
from payments.payouts.rules import PayoutState

blueprint = Blueprint("payouts", __name__, url_prefix="/api/v1/therapist/payouts", description="What a therapist is paid out")


class PayoutSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    reference = PublicId(required=True, metadata={"description": "What it was earned with: a booking's id."})
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in PayoutState]))
    amount = MoneyField(required=True, metadata={"description": "What was sent or, until then, what would be sent now: our published fee is taken off."})
    returned = MoneyField(required=True, metadata={"description": "What came back of it, or is on its way back, because the client was given money back."})
    waits_for = fields.String(required=True, allow_none=True, metadata={"description": "Why it did not leave when it was due, as a code."})
    due_at = Instant(required=True, metadata={"description": "The first time at which it may leave: three days after the session took place."})
    sent_at = Instant(required=True, allow_none=True)


@blueprint.get("")
@allow(role("therapist"))
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, page_schema(PayoutSchema))
def read_payouts(query: dict[str, Any]) -> PayoutPage:
    """Your payouts, the one that is due last first."""
    return payouts_of(caller().require_person(), limit=query["limit"], cursor=query.get("cursor"))

"""What matching guides do after a call or for a case: a discount code by mail."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, Schema
from matching.expert_desk.code import PERCENTS, CodeSent, send_code

blueprint = Blueprint("after_call_backs", __name__, url_prefix="/api/v1/call-backs", description="What follows a call")
guide = role("matchmaker")


class CodeAfterCallSchema(Schema):
    """Nothing else: a code follows the call, whatever was said in it."""

    percent = fields.Integer(required=True, strict=True, validate=validate.OneOf(PERCENTS))


class CodeSentSchema(Schema):
    percent = fields.Integer(required=True)
    holds_until = Instant(required=True)
    hint = fields.String(required=True, metadata={"description": "Its last four letters. The code itself is in the mail to the person."})


@blueprint.post("/<uuid:call_id>/discount-code")
@allow(guide)
@blueprint.takes(CodeAfterCallSchema)
@blueprint.gives(201, CodeSentSchema)
def send_discount_code(body: dict[str, Any], call_id: uuid.UUID) -> CodeSent:
    """Mail a code for a first session to the person you have spoken with. Once for each call; we bear it, no therapist does."""
    return send_code(call_id, body["percent"], by=caller().require_person(), now=now())

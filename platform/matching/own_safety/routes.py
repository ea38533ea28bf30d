"""Where one's own safety question or pause stands, answering it, and "I answered by mistake": for guests with an intake, and for accounts."""

from typing import Any

from marshmallow import fields, validate

from care.nearby_help_schemas import NearbyHelpSchema
from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid
from core.http import Blueprint, Schema
from matching.cookie import visitor
from matching.own_safety import state as own_safety
from matching.safety import ANSWERS

blueprint = Blueprint("own_safety", __name__, url_prefix="/api/v1/safety", description="One's own safety question or pause")


class OwnSafetySchema(Schema):
    """`crisis_help` comes first wherever this is shown."""

    crisis_help = fields.Nested(NearbyHelpSchema, required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(own_safety.WORDS)))
    text = fields.String(required=True)
    ask = fields.List(fields.String(validate=validate.OneOf(list(own_safety.ASKED))), required=True)
    said_mistake = fields.Boolean(required=True, metadata={"description": "They told us that they had answered by mistake; a person looks at it."})


def _answer() -> fields.String:
    return fields.String(validate=validate.OneOf(ANSWERS))


class SafetyAnswerSchema(Schema):
    thoughts, intent, plan, safe_now = _answer(), _answer(), _answer(), _answer()


@blueprint.get("")
@allow(anyone)
@blueprint.gives(200, OwnSafetySchema)
def show() -> own_safety.OwnSafety:
    """Whether anything is paused for me or asked of me, and the help there is now where I am."""
    return own_safety.own_safety(own_safety.person_of(visitor(), now=now()), now=now())


@blueprint.post("/answers")
@allow(anyone)
@blueprint.takes(SafetyAnswerSchema)
@blueprint.gives(200, OwnSafetySchema)
def answer(body: dict[str, Any]) -> own_safety.OwnSafety:
    """Answer the plain question, or the direct ones."""
    if not body:
        raise Invalid("Answer at least one question.")
    return own_safety.answer_question(own_safety.person_of(visitor(), now=now()), body, now=now())


@blueprint.post("/mistake")
@allow(anyone)
@blueprint.gives(200, OwnSafetySchema)
def mistake() -> own_safety.OwnSafety:
    """I answered by mistake. A person looks at it; it lifts nothing by itself."""
    return own_safety.say_mistake(own_safety.person_of(visitor(), now=now()), now=now())

"""Feedback on the cards of a shortlist, over HTTP; for guests by their cookie as for accounts."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, anyone
from core.clock import now
from core.http import Blueprint, Instant, PublicId, Schema
from matching.card_feedback.give import Card, Given, feedback_on, give_feedback, take_feedback_back
from matching.card_feedback.reasons import REASONS, VERDICTS
from matching.cookie import visitor

blueprint = Blueprint("card_feedback", __name__, url_prefix="/api/v1/intakes", description="What you think of the cards of a shortlist")
OF_SHORTLIST = "/<uuid:intake_id>/shortlists/<uuid:shortlist_id>"
OF_CARD = f"{OF_SHORTLIST}/cards/<uuid:therapist_id>/feedback"


def _reasons(**more: Any) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.OneOf(list(REASONS))), **more)


class GiveFeedbackSchema(Schema):
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    reasons = _reasons(load_default=list, validate=validate.Length(max=len(REASONS)), metadata={"description": "Why it is not for you, if you like to say."})


class CardFeedbackSchema(Schema):
    therapist_id = PublicId(required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(VERDICTS))
    reasons = _reasons(required=True)
    given_at = Instant(required=True)


class FeedbackReasonSchema(Schema):
    code = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    text = fields.String(required=True)


class CardFeedbackPageSchema(Schema):
    """`reasons`: every reason that can be given, in words."""

    items = fields.List(fields.Nested(CardFeedbackSchema), required=True)
    next = fields.String(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(FeedbackReasonSchema), required=True)


@blueprint.get(f"{OF_SHORTLIST}/feedback")
@allow(anyone)
@blueprint.gives(200, CardFeedbackPageSchema)
def list_feedback(intake_id: uuid.UUID, shortlist_id: uuid.UUID) -> dict[str, Any]:
    """What you said of the cards of this shortlist, and what can be said."""
    given = feedback_on(intake_id, shortlist_id, visitor(), now=now())
    return {"items": given, "next": None, "reasons": [{"code": code, "text": text} for code, text in REASONS.items()]}


@blueprint.put(OF_CARD)
@allow(anyone)
@blueprint.takes(GiveFeedbackSchema)
@blueprint.gives(200, CardFeedbackSchema)
def say(body: dict[str, Any], intake_id: uuid.UUID, shortlist_id: uuid.UUID, therapist_id: uuid.UUID) -> Given:
    """Say whether a card is for you, also one that you did not choose. Kept sealed with your list, shown to no therapist, and goes with your answers."""
    return give_feedback(Card(intake_id, shortlist_id, therapist_id), visitor(), **body, now=now())


@blueprint.delete(OF_CARD)
@allow(anyone)
@blueprint.gives(204)
def take_back(intake_id: uuid.UUID, shortlist_id: uuid.UUID, therapist_id: uuid.UUID) -> None:
    """Take it back."""
    take_feedback_back(Card(intake_id, shortlist_id, therapist_id), visitor(), now=now())

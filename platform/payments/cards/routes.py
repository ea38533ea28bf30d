"""The cards that somebody lets us keep, over HTTP."""

import uuid
from typing import Any

from marshmallow import fields

from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.http import Blueprint, Instant, PublicId, Schema
from payments.cards.forget_calls import take_away
from payments.cards.reading import cards_shown

blueprint = Blueprint("cards", __name__, url_prefix="/api/v1/cards", description="Cards that you let us charge")


class CardSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    brand = fields.String(required=True)
    last_four = fields.String(required=True)
    therapist_name = fields.String(required=True, attribute="payee_name", metadata={"description": "For whom it may be charged, and for nobody else."})
    terms = fields.String(required=True, metadata={"description": "The version of the words that you agreed to."})
    agreed_at = Instant(required=True)


class CardsSchema(Schema):
    items = fields.List(fields.Nested(CardSchema), required=True)


@blueprint.get("")
@allow(signed_in)
@blueprint.gives(200, CardsSchema)
def list_cards() -> dict[str, Any]:
    """The cards that are kept for you, one for each therapist whom you let be paid from it."""
    return {"items": cards_shown(caller().require_person())}


@blueprint.delete("/<uuid:card_id>")
@allow(confirmed)
@blueprint.gives(200, CardsSchema)
def remove_card(card_id: uuid.UUID) -> dict[str, Any]:
    """Take a card away: it is charged no more. What is booked has to be paid by a link then."""
    me = caller().require_person()
    take_away(card_id, payer_id=me, now=now())
    return {"items": cards_shown(me)}

"""Announced fees over HTTP: a therapist announces one, clients whose booked dates it concerns answer."""

import uuid
from typing import Any

from marshmallow import fields, validate

from booking.fee_changes.announce import announce, withdraw
from booking.fee_changes.answer import answer_change
from booking.fee_changes.models import ANSWERS
from booking.fee_changes.reading import ChangeShown, QuestionShown, changes_of, questions_of, show_change, show_question
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, Instant, MoneyField, PublicId, Schema, Text
from core.idempotency import idempotent

own_changes = Blueprint("own_fee_changes", __name__, url_prefix="/api/v1/therapist/fee-changes", description="Other fees that a therapist announces")
questions = Blueprint("fee_changes", __name__, url_prefix="/api/v1/fee-changes", description="Other fees that you are asked about")
blueprints = (own_changes, questions)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


class AnnounceFeeSchema(Schema):
    service_id = PublicId(required=True)
    fee = MoneyField(load_default=None, allow_none=True, metadata={"description": "Without it the lower fee ends."})
    concession = Text(load_default=None, allow_none=True, metadata={"description": "The name of a lower fee; without it the fee of the service."})
    takes_effect_at = Instant(required=True, metadata={"description": "At least 30 days ahead."})


class AnnouncedFeeSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    service_id = PublicId(required=True)
    concession = fields.String(required=True, allow_none=True)
    old_fee = MoneyField(required=True)
    new_fee = MoneyField(required=True, allow_none=True, metadata={"description": "null: that lower fee ends."})
    announced_at = Instant(required=True)
    takes_effect_at = Instant(required=True)
    answer_by = Instant(required=True)
    applied_at = Instant(required=True, allow_none=True)
    withdrawn_at = Instant(required=True, allow_none=True)
    asked = fields.Integer(required=True, metadata={"description": "Clients with unpaid dates after it."})
    accepted = fields.Integer(required=True)
    declined = fields.Integer(required=True)
    lapsed = fields.Integer(required=True, metadata={"description": "Did not answer in time: their dates were cancelled free of charge."})


class AnnouncedFeesSchema(Schema):
    items = fields.List(fields.Nested(AnnouncedFeeSchema), required=True)


class FeeQuestionSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    therapist_name = fields.String(required=True)
    old_fee = MoneyField(required=True)
    new_fee = MoneyField(required=True, metadata={"description": "What each of your dates after it costs if you agree."})
    takes_effect_at = Instant(required=True)
    answer_by = Instant(required=True, metadata={"description": "Not answered by then, those dates are cancelled free of charge."})
    answer = fields.String(required=True, allow_none=True, validate=validate.OneOf(ANSWERS))
    is_open = fields.Boolean(required=True)
    dates = fields.List(Instant(), required=True)


class FeeQuestionsSchema(Schema):
    items = fields.List(fields.Nested(FeeQuestionSchema), required=True)


class AnswerFeeSchema(Schema):
    accept = fields.Boolean(required=True, truthy={True}, falsy={False})


@own_changes.get("")
@allow(role("therapist"))
@own_changes.gives(200, AnnouncedFeesSchema)
def list_changes() -> dict[str, Any]:
    """The fees that you announced, with how many were asked and what they said."""
    return {"items": changes_of(_me())}


@own_changes.post("")
@allow(role("therapist"))
@own_changes.hears(*KEY)
@idempotent
@own_changes.takes(AnnounceFeeSchema)
@own_changes.gives(201, AnnouncedFeeSchema)
def announce_fee(body: dict[str, Any]) -> ChangeShown:
    """Announce another fee, or the end of a lower one, at least 30 days ahead. What is paid, and packs, keep their price; other dates after it need a yes."""
    terms = {"fee": body["fee"], "concession": body["concession"], "takes_effect_at": body["takes_effect_at"]}
    change = announce(_me(), body["service_id"], **terms, now=now())
    return show_change(change.public_id, therapist_id=_me())


@own_changes.delete("/<uuid:change_id>")
@allow(role("therapist"))
@own_changes.gives(200, AnnouncedFeeSchema)
def withdraw_fee(change_id: uuid.UUID) -> ChangeShown:
    """Take an announcement back, as long as nobody has answered it."""
    return show_change(withdraw(change_id, therapist_id=_me(), now=now()).public_id, therapist_id=_me())


@questions.get("")
@allow(signed_in)
@questions.gives(200, FeeQuestionsSchema)
def list_questions() -> dict[str, Any]:
    """The fees that you were asked about."""
    return {"items": questions_of(_me(), now=now())}


@questions.post("/<uuid:change_id>/answer")
@allow(confirmed)
@questions.takes(AnswerFeeSchema)
@questions.gives(200, FeeQuestionSchema)
def answer(body: dict[str, Any], change_id: uuid.UUID) -> QuestionShown:
    """Keep your dates at the new fee, or have them cancelled free of charge."""
    answer_change(change_id, accept=body["accept"], client_id=_me(), now=now())
    return show_question(change_id, client_id=_me(), now=now())


def _me() -> int:
    return caller().require_person()

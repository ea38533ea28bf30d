"""The comparison with the processor over HTTP: for staff who look after money."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, MoneyField, PageQuery, PublicId, Schema, Text, page_schema
from payments.reconciler.ask import MOST_DAYS, ask_for_comparison
from payments.reconciler.decide_calls import decide
from payments.reconciler.kinds import ACTIONS, KINDS, STATES
from payments.reconciler.models import RUN_STATES, Comparison
from payments.reconciler.reading import DifferencePage, DifferenceShown, comparisons, differences_of, show_difference

differences = Blueprint("payment_differences", __name__, url_prefix="/api/v1/staff/payment-differences", description="Where processor and books differ")
runs = Blueprint("payment_comparisons", __name__, url_prefix="/api/v1/staff/payment-comparisons", description="Comparing the processor with the books")
blueprints = (differences, runs)
money_desk = role("admin")
LONGEST_REASON = 1000


class DifferenceQuery(PageQuery):
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "Without it: what waits for a decision, or for its refund."})


class DifferenceSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    words = fields.String(required=True)
    confirms = fields.String(required=True, metadata={"description": "What confirming does."})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    name = fields.String(required=True, metadata={"description": "The processor's id of the object, or a public id of ours."})
    theirs = MoneyField(required=True, allow_none=True, metadata={"description": "What the processor says."})
    ours = MoneyField(required=True, allow_none=True, metadata={"description": "What we say."})
    at = Instant(required=True)
    found_at = Instant(required=True)
    actions = fields.List(fields.String(validate=validate.OneOf(ACTIONS)), required=True)
    failure = fields.String(required=True, allow_none=True, metadata={"description": "Why the last decision could not be done, as a code."})
    case_id = PublicId(required=True)
    case_state = fields.String(required=True)
    mine = fields.Boolean(required=True, metadata={"description": "Whether you own its case: only its owner decides."})
    payment_id = PublicId(required=True, allow_none=True)


class DifferenceDecisionSchema(Schema):
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    reason = Text(required=True, longest=LONGEST_REASON, lines=True)


class NewComparisonSchema(Schema):
    days = fields.Integer(strict=True, validate=validate.Range(min=1, max=MOST_DAYS), metadata={"description": "How far it looks back; usually 45 days."})


class ComparisonSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    state = fields.String(required=True, validate=validate.OneOf(RUN_STATES))
    asked_at = Instant(required=True)
    since = Instant(required=True)
    done_at = Instant(required=True, allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    failure = fields.String(required=True, allow_none=True)


class ComparisonsSchema(Schema):
    items = fields.List(fields.Nested(ComparisonSchema), required=True)


@differences.get("")
@allow(money_desk)
@differences.takes(DifferenceQuery, location="query")
@differences.gives(200, page_schema(DifferenceSchema))
def list_differences(query: dict[str, Any]) -> DifferencePage:
    """Differences, the one found last first."""
    states = (query["state"],) if "state" in query else ("open", "settling")
    return differences_of(states, reader=caller().require_person(), limit=query["limit"], cursor=query.get("cursor"))


@differences.get("/<uuid:difference_id>")
@allow(money_desk)
@differences.gives(200, DifferenceSchema)
def read_difference(difference_id: uuid.UUID) -> DifferenceShown:
    """One difference, with what its case's owner may do."""
    return show_difference(difference_id, reader=caller().require_person())


@differences.post("/<uuid:difference_id>/decide")
@allow(money_desk, outside=True)
@differences.takes(DifferenceDecisionSchema)
@differences.gives(204)
def decide_difference(body: dict[str, Any], difference_id: uuid.UUID) -> None:
    """Confirm, refund or write off a difference whose case you own. Once: the books then add up again, and the case is closed unless it has more to it."""
    decide(difference_id, body["action"], reason=body["reason"], by=caller().require_person())


@runs.post("")
@allow(money_desk)
@runs.takes(NewComparisonSchema)
@runs.gives(202, ComparisonSchema)
def ask_comparison(body: dict[str, Any]) -> Comparison:
    """Compare now. What is found is a case each, once, however often you ask."""
    return ask_for_comparison(by=caller().require_person(), now=now(), days=body.get("days"))


@runs.get("")
@allow(money_desk)
@runs.gives(200, ComparisonsSchema)
def list_comparisons() -> dict[str, Any]:
    """The latest comparisons."""
    return {"items": comparisons()}

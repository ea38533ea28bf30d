"""What goes in and out of the desk's routes."""

from typing import Any

from marshmallow import fields, validate

from core.access import caller
from core.http import Instant, PageQuery, PublicId, Schema, Text, page_schema
from desk.cases import facts_seen_by
from desk.kinds import KINDS, OUTCOMES, PRIORITIES, STATES, STEP_ACTIONS

LONGEST_NOTE = 4000


class CaseQuery(PageQuery):
    kind = fields.String(validate=validate.OneOf(KINDS))
    state = fields.String(validate=validate.OneOf(STATES), metadata={"description": "Without it: open and owned."})
    mine = fields.Boolean(load_default=False, metadata={"description": "Only the cases you own."})


class CaseSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    subject_kind = fields.String(required=True)
    subject_id = fields.String(required=True)
    person_id = PublicId(attribute="person.public_id", dump_default=None, required=True, allow_none=True)
    owner_id = PublicId(attribute="owner.public_id", dump_default=None, required=True, allow_none=True)
    opened_at = Instant(required=True)
    due_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)


class CaseStepSchema(Schema):
    at = Instant(required=True)
    by = PublicId(attribute="by_person.public_id", dump_default=None, required=True, allow_none=True)
    action = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class _FactsForReader(fields.Dict):
    """What the one who asks may see of what a case holds."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:  # noqa: ARG002 the signature is marshmallow's
        return facts_seen_by(obj, caller().require_person())


class CaseInFullSchema(CaseSchema):
    facts = _FactsForReader(
        keys=fields.String(), required=True, allow_none=True, metadata={"description": "How to reach the person only for whoever has taken the case on."}
    )
    steps = fields.List(fields.Nested(CaseStepSchema), required=True)


class CaseContactSchema(Schema):
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True)
    locale = fields.String(required=True)
    zone = fields.String(required=True)


class NewStepSchema(Schema):
    action = fields.String(required=True, validate=validate.OneOf(STEP_ACTIONS))
    note = Text(longest=LONGEST_NOTE, lines=True)


class ClosingSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    note = Text(longest=LONGEST_NOTE, lines=True)


CasePageSchema = page_schema(CaseSchema)

"""What goes in and out of the desk's routes."""

from marshmallow import fields, validate

from core.http import Instant, PageQuery, PublicId, Schema, Text, page_schema
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


class CaseInFullSchema(CaseSchema):
    facts = fields.Dict(keys=fields.String(), required=True, allow_none=True)
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

"""What goes in and out of the doors of the questionnaires."""

from marshmallow import fields, validate

from booking.schemas import NamedSchema
from care.nearby_help_schemas import NearbyHelpSchema
from core.http import Instant, PublicId, Schema, page_schema
from progress.questionnaires import HIGHEST_ANSWER, questionnaires

SLUGS = list(questionnaires())
MOST_ITEMS = max(len(each.items) for each in questionnaires().values())


class QuestionnaireSchema(Schema):
    questionnaire = fields.String(attribute="slug", required=True, validate=validate.OneOf(SLUGS))
    name = fields.String(required=True)
    stem = fields.String(required=True)
    items = fields.List(fields.String(), required=True)
    highest = fields.Integer(required=True, metadata={"description": "The highest possible sum."})


class OfferedQuestionnairesSchema(Schema):
    """`answers`: what 0, 1, 2 and 3 stand for."""

    items = fields.List(fields.Nested(QuestionnaireSchema), required=True)
    next = fields.String(required=True, allow_none=True)
    answers = fields.List(fields.String(), required=True)
    licence = fields.String(required=True)
    version = fields.String(required=True, metadata={"description": "The day of these words, bands and cut-offs."})
    sources = fields.List(fields.String(), required=True)
    draft = fields.Boolean(required=True, metadata={"description": "true until a named clinician has signed this version."})
    text = fields.String(required=True)


class TakeSchema(Schema):
    questionnaire = fields.String(required=True, validate=validate.OneOf(SLUGS))
    answers = fields.List(
        fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, HIGHEST_ANSWER)),
        required=True,
        validate=validate.Length(1, MOST_ITEMS),
        metadata={"description": "One for each item, in order; null is left open, and then there is no score."},
    )


class SharedWithSchema(Schema):
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    since = Instant(required=True)


class _ResultSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    questionnaire = fields.String(required=True, validate=validate.OneOf(SLUGS))
    name = fields.String(required=True)
    taken_at = Instant(required=True)
    answers = fields.List(fields.Integer(allow_none=True), required=True)
    score = fields.Integer(required=True, allow_none=True, metadata={"description": "null while an answer is open: nothing is filled in."})
    highest = fields.Integer(required=True)
    band = fields.String(required=True, allow_none=True)
    positive = fields.Boolean(required=True, allow_none=True, metadata={"description": "At or above the cut-off of screening. No diagnosis."})
    missing = fields.List(fields.Integer(), required=True, metadata={"description": "Numbers of the open items, from 1."})


class ResultSchema(_ResultSchema):
    change = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["improved", "deteriorated", "unchanged"]),
        metadata={"description": "Since the last one, beyond what chance alone would do."},
    )
    shared_with = fields.List(fields.Nested(SharedWithSchema), required=True)


ResultPageSchema = page_schema(ResultSchema)


class TakenSchema(Schema):
    """`crisis_help` comes first wherever this is shown."""

    crisis_help = fields.Nested(NearbyHelpSchema, required=True, allow_none=True)
    asks_about_safety = fields.Boolean(required=True, metadata={"description": "A question is open under /safety; until it is answered bookings stand still."})
    text = fields.String(required=True)
    result = fields.Nested(ResultSchema, required=True)


class SharedResultSchema(_ResultSchema):
    client = fields.Nested(NamedSchema, required=True)


SharedResultPageSchema = page_schema(SharedResultSchema)

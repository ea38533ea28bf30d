"""What goes in and out about assisted shortlists."""

from marshmallow import fields, validate

from core.http import Instant, MoneyField, PublicId, Schema, Text
from matching.assisted.models import ANSWERS
from matching.assisted.reasons import LONGEST_NOTE, MOST_CARDS, REASONS
from matching.explanation import FIT_WORDS
from matching.schemas import MatchCardSchema, MatchReasonSchema, ShortlistSchema
from therapists.representations import TherapistBadgeSchema


class GuideCandidateSchema(Schema):
    """Somebody who may be suggested. What follows from the answers is only there if these may be read."""

    position = fields.Integer(required=True)
    therapist_id = PublicId(required=True)
    display_name = fields.String(required=True)
    headline = fields.String(required=True)
    country = fields.String(required=True)
    usual_fee = MoneyField(required=True)
    next_openings = fields.List(Instant(), required=True)
    badges = fields.List(fields.Nested(TherapistBadgeSchema), required=True)
    fit = fields.String(required=True, allow_none=True, validate=validate.OneOf(list(FIT_WORDS)))
    reasons = fields.List(fields.Nested(MatchReasonSchema), required=True)


class GuideViewSchema(Schema):
    items = fields.List(fields.Nested(GuideCandidateSchema), required=True)
    next = fields.String(required=True, allow_none=True)
    may_read_answers = fields.Boolean(required=True, metadata={"description": "The person has agreed that a guide reads what a list is made from."})
    answers = fields.Dict(required=True, metadata={"description": "Empty unless they agreed; never about safety, never anybody's own words."})


class SuggestedCardSchema(Schema):
    therapist_id = PublicId(required=True)
    reasons = fields.List(fields.String(validate=validate.OneOf(list(REASONS))), required=True, validate=validate.Length(1, 4))
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "To the person, in your words. It promises nothing."})


class SuggestedListSchema(Schema):
    cards = fields.List(fields.Nested(SuggestedCardSchema), required=True, validate=validate.Length(1, MOST_CARDS))


class SuggestedSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    proposed_at = Instant(required=True)


class GuideReasonSchema(Schema):
    code = fields.String(required=True)
    text = fields.String(required=True)


class GuideWordsSchema(Schema):
    reasons = fields.List(fields.Nested(GuideReasonSchema), required=True)
    note = fields.String(required=True, allow_none=True)


class AssistedCardSchema(MatchCardSchema):
    guide = fields.Nested(GuideWordsSchema, required=True)


class AssistedShortlistSchema(ShortlistSchema):
    cards = fields.List(fields.Nested(AssistedCardSchema), required=True)
    answer = fields.String(required=True, allow_none=True, validate=validate.OneOf(ANSWERS))


class AssistedAnswerSchema(Schema):
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))

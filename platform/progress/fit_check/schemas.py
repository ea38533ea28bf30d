"""What goes in and out of the doors of the fit check."""

from typing import Any

from marshmallow import fields, validate

from booking.schemas import NamedSchema
from care.nearby_help_schemas import NearbyHelpSchema
from core.http import Instant, PublicId, Schema, Text, page_schema
from progress.fit_check.questions import HIGHEST, OFFERS, QUESTIONS, SESSIONS

LONGEST_WORDS = 2000


def _answer(*, coming_in: bool, **more: Any) -> fields.Integer:
    return fields.Integer(required=True, strict=coming_in, validate=validate.Range(0, HIGHEST), **more)


class FitAnswersSchema(Schema):
    """0 is not at all, 10 is completely."""

    topics = _answer(coming_in=False, metadata={"description": QUESTIONS["topics"]})
    way = _answer(coming_in=False, metadata={"description": QUESTIONS["way"]})
    honesty = _answer(coming_in=False, metadata={"description": QUESTIONS["honesty"]})


class AnswerFitCheckSchema(Schema):
    booking_id = PublicId(required=True)
    topics = _answer(coming_in=True, metadata={"description": QUESTIONS["topics"]})
    way = _answer(coming_in=True, metadata={"description": QUESTIONS["way"]})
    honesty = _answer(coming_in=True, metadata={"description": QUESTIONS["honesty"]})
    words = Text(longest=LONGEST_WORDS, lines=True, empty=True, metadata={"description": "Anything else. Read by nobody unless you share this check."})


class FitQuestionSchema(Schema):
    name = fields.String(required=True, validate=validate.OneOf(list(QUESTIONS)))
    text = fields.String(required=True)


class DueFitCheckSchema(Schema):
    booking_id = PublicId(attribute="booking.public_id", required=True)
    therapist_id = PublicId(attribute="booking.therapist.public_id", required=True)
    therapist_name = fields.String(attribute="booking.therapist.display_name", required=True)
    session_number = fields.Integer(required=True, metadata={"description": f"1 to {SESSIONS}: the how manieth session with this therapist it was."})
    session_at = Instant(attribute="booking.starts_at", required=True)
    questions = fields.List(fields.Nested(FitQuestionSchema), required=True)


DueFitCheckPageSchema = page_schema(DueFitCheckSchema)


class OfferSchema(Schema):
    code = fields.String(required=True, validate=validate.OneOf(list(OFFERS)))
    text = fields.String(required=True)


class _CheckSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    booking_id = PublicId(required=True)
    session_number = fields.Integer(required=True)
    session_at = Instant(required=True)
    answered_at = Instant(required=True)
    answers = fields.Nested(FitAnswersSchema, required=True)
    words = fields.String(required=True, allow_none=True)


class FitCheckSchema(_CheckSchema):
    therapist = fields.Nested(NamedSchema, required=True)
    telling = fields.List(
        fields.String(validate=validate.OneOf(list(QUESTIONS))),
        required=True,
        metadata={"description": "Answers below 5, or 3 or more below those of the last check."},
    )
    offers = fields.List(fields.Nested(OfferSchema), required=True, metadata={"description": "What can be done about it; nothing happens by itself."})
    shared_at = Instant(required=True, allow_none=True, metadata={"description": "Since when the therapist may read it; null while nobody may."})


FitCheckPageSchema = page_schema(FitCheckSchema)


class SharedFitCheckSchema(_CheckSchema):
    client = fields.Nested(NamedSchema, required=True)
    shared_at = Instant(required=True)


SharedFitCheckPageSchema = page_schema(SharedFitCheckSchema)


class AskForHelpSchema(Schema):
    words = Text(longest=LONGEST_WORDS, lines=True, empty=True)
    contact = Text(longest=254, metadata={"description": "How to reach you, if not by the mail address of your account."})
    message_is_safe = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "May a message be left there?"})


class HelpAskedSchema(Schema):
    crisis_help = fields.Nested(NearbyHelpSchema, required=True)
    detail = fields.String(required=True)

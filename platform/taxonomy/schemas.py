"""What comes in and goes out of the routes of the vocabulary."""

from typing import Any, get_args

import marshmallow as ma
from marshmallow import fields, validate

from core.http import Schema, Text
from taxonomy.phrases import KINDS
from taxonomy.suggest import LONGEST_TEXT
from taxonomy.terms import Grade, ModalityKind, Practice, RegisterKind


def _text(**options: Any) -> fields.String:
    return fields.String(required=True, **options)


def _maybe() -> fields.String:
    return fields.String(required=True, allow_none=True)


def _flag() -> fields.Boolean:
    return fields.Boolean(required=True)


def _slugs() -> fields.List[Any]:
    return fields.List(fields.String(), required=True)


def _one_of(literal: Any) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(get_args(literal)))


def _many(schema: type[ma.Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), required=True)


def _is_text(value: str) -> None:
    """JSON can carry half of a surrogate pair, which is no text."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError("Contains half a character.") from error


class VocabularyListSchema(Schema):
    """What every list of the vocabulary has. `next` is always null: the lists are closed and come whole."""

    version = _text(metadata={"description": "Changes with any change of the vocabulary."})
    sources = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata={"description": "The texts behind the keys in `source`."})
    next = _maybe()


class GoalSchema(Schema):
    """What a person wants to be different."""

    slug, label, note, source = _text(), _text(), _maybe(), _text()
    aliases, includes, concerns = _slugs(), _slugs(), _slugs()
    different_service = fields.Boolean(required=True, metadata={"description": "Answered by a referral, never by a shortlist."})


class GoalListSchema(VocabularyListSchema):
    items = _many(GoalSchema)


class ConcernCodeSchema(Schema):
    code, label = _text(), _text()


class ConcernSchema(Schema):
    """What hurts, in two levels: `parent` is null for the groups."""

    slug, label, parent, note, source = _text(), _text(), _maybe(), _maybe(), _text()
    aliases, related = _slugs(), _slugs()
    needs_floor = fields.Boolean(required=True, metadata={"description": "Only verified competence, or a person who sorts requests, may take it."})
    evidence_applies = _flag()
    codes = _many(ConcernCodeSchema)


class ConcernListSchema(VocabularyListSchema):
    items = _many(ConcernSchema)


class ModalitySchema(Schema):
    """A way of working, in plain words."""

    slug, label, plain, caution, training_note = _text(), _text(), _text(), _maybe(), _maybe()
    kind = _one_of(ModalityKind)
    aliases, broader, not_same_as, units, verifiable_by = _slugs(), _slugs(), _slugs(), _slugs(), _slugs()
    offerable = _flag()


class ModalityInFullSchema(ModalitySchema):
    version = _text()
    narrower = _slugs()


class AmbiguitySchema(Schema):
    text, meanings = _text(), _slugs()


class ModalityListSchema(VocabularyListSchema):
    items = _many(ModalitySchema)
    clarify = fields.List(fields.Nested(AmbiguitySchema), required=True, metadata={"description": "Short forms that are asked about, never guessed."})


class EvidenceGradeSchema(Schema):
    """One cell of the evidence table."""

    concern, modality, rule_set, source, dated = _text(), _text(), _text(), _text(), _text()
    variant, note = _maybe(), _maybe()
    grade = _one_of(Grade)
    draft = _flag()


class EvidenceCautionSchema(Schema):
    concern, code, text, rule_set, source, dated = _text(), _text(), _text(), _text(), _text(), _text()
    draft = _flag()


class EvidenceListSchema(VocabularyListSchema):
    """`withheld` is true where an unsigned table is not shown; `signed_by` is null until a named clinician has signed it."""

    items = _many(EvidenceGradeSchema)
    cautions = _many(EvidenceCautionSchema)
    rule_sets = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    signed_by = _maybe()
    withheld = _flag()


class LanguageSchema(Schema):
    slug, label, own_name = _text(), _text(), _text()
    aliases, sign = _slugs(), _flag()


class LanguageListSchema(VocabularyListSchema):
    items = _many(LanguageSchema)


class FactSchema(Schema):
    fact, source, as_of = _text(), _text(), _text()
    since, until = _maybe(), _maybe()


class TemporaryPracticeSchema(Schema):
    """Allowed to visitors for a few days; nothing is booked on it."""

    register, words, source, as_of = _text(), _text(), _text(), _text()
    titles = _slugs()
    days_a_year = fields.Integer(required=True)


class JurisdictionSchema(Schema):
    """A place whose law decides who may practise there. Enacted is not issuing."""

    code, name, country, main_zone = _text(), _text(), _text(), _text()
    zones = _slugs()
    psypact_member, counseling_compact_enacted, counseling_compact_issuing = _flag(), _flag(), _flag()
    facts = _many(FactSchema)
    temporary = _many(TemporaryPracticeSchema)


class JurisdictionListSchema(VocabularyListSchema):
    items = _many(JurisdictionSchema)


class CredentialTypeSchema(Schema):
    slug, label, note, number_shape = _text(), _text(), _maybe(), _maybe()
    practice = _one_of(Practice)
    shape_is_sourced = _flag()
    builds_on, modes = _slugs(), _slugs()
    days_a_year = fields.Integer(required=True, allow_none=True)


class RegisterSchema(Schema):
    """A body a credential can be claimed from. A number's shape is a hint for typing and never verifies."""

    slug, name, country, authorises, source, as_of = _text(), _text(), _text(), _text(), _text(), _text()
    kind = _one_of(RegisterKind)
    jurisdictions, aliases, add_on_to = _slugs(), _slugs(), _slugs()
    number_shape, address, renewal, note, reason = _maybe(), _maybe(), _maybe(), _maybe(), _maybe()
    shape_is_sourced, accepted_for_practice, jurisdiction_from_claim, is_open = _flag(), _flag(), _flag(), _flag()
    credential_types = _many(CredentialTypeSchema)


class RegisterListSchema(VocabularyListSchema):
    items = _many(RegisterSchema)


class FacetValueSchema(Schema):
    """One value of a small list; what does not apply to its list is null."""

    slug, label, aliases = _text(), _text(), _slugs()
    kind, low, high = _maybe(), _maybe(), _maybe()
    minutes = fields.Integer(required=True, allow_none=True)
    upto_sessions = fields.Integer(required=True, allow_none=True)
    from_age = fields.Integer(required=True, allow_none=True)
    to_age = fields.Integer(required=True, allow_none=True)
    minimum = fields.Float(required=True, allow_none=True)
    maximum = fields.Float(required=True, allow_none=True)


class FacetSchema(Schema):
    slug, label, note = _text(), _text(), _maybe()
    values = _many(FacetValueSchema)


class ListReferenceSchema(Schema):
    name, address, entries = _text(), _text(), fields.Integer(required=True)


class TaxonomySchema(Schema):
    """The vocabulary's version, its lists, and the small lists in full."""

    version = _text()
    lists = _many(ListReferenceSchema)
    facets = _many(FacetSchema)


class CountryQuery(Schema):
    country = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Z]{2}(-[A-Z]{2,3})?\Z", error="Give a country such as GB."),
        metadata={"description": "ISO 3166 code of a country, or a jurisdiction such as GB-ENG.", "example": "GB"},
    )


class CheckedCrisisLineSchema(Schema):
    """`checked_on` is the day on which a person last checked it."""

    slug, name, hours, checked_on = _text(), _text(), _text(), _text()
    number, sms, url, for_whom = _maybe(), _maybe(), _maybe(), _maybe()


class DirectorySchema(Schema):
    name, url, note = _text(), _text(), _text()


class CrisisHelpSchema(Schema):
    """Where to turn at once. `lines` holds only what a person has checked within 180 days."""

    country = _text()
    emergency_number = fields.String(required=True, allow_none=True, metadata={"description": "Null where none is known here: the local emergency number."})
    also = _slugs()
    lines = _many(CheckedCrisisLineSchema)
    directory = fields.Nested(DirectorySchema, required=True)
    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When the emergency number was last looked up; lines have a day of their own."}
    )
    draft = fields.Boolean(attribute="is_draft", required=True, metadata={"description": "true until a named clinician has signed this version."})


class FreeTextSchema(Schema):
    """Words of a person, perhaps half written. They are not stored or logged; whether they ask about safety stands in the answer."""

    text = Text(longest=LONGEST_TEXT, empty=True, lines=True, heard=False, required=True, validate=_is_text)
    kinds = fields.List(
        fields.String(validate=validate.OneOf(KINDS)), validate=validate.Length(1, len(KINDS)), load_default=lambda: ["concern", "goal", "modality"]
    )
    limit = fields.Integer(strict=True, validate=validate.Range(1, 20), load_default=5)


class SuggestionSchema(Schema):
    """`score` only orders; `matched` is the piece of the text it comes from."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    slug, label, matched = _text(), _text(), _text()
    score = fields.Float(required=True)


class NotOfferedSchema(Schema):
    text, slug, label, caution = _text(), _text(), _text(), _text()


class SuggestionsSchema(Schema):
    """What the text may mean, for a person to confirm. `clarify`: ask which; `not_offered`: nobody may offer it here."""

    version = _text()
    ask_about_safety = fields.Boolean(
        required=True, metadata={"description": "The words make us ask: show the help there is right now, and the plain questions. It is no judgement."}
    )
    items = _many(SuggestionSchema)
    clarify = _many(AmbiguitySchema)
    not_offered = _many(NotOfferedSchema)

"""The public list of therapists, what its filters would leave, and how many are verified."""

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from core.access import allow, anyone
from core.clock import now
from core.encoding import encoded
from core.errors import Invalid
from core.http import Blueprint, Instant, PageQuery, Schema, Text, page_schema
from core.money import Money
from matching import counts
from matching.directory import directory
from matching.directory_card import card
from matching.directory_filters import Filters
from taxonomy.vocabulary import vocabulary
from therapists.representations import HoursOfPracticeSchema, Json, TherapistCardSchema
from therapists.schemas import CODE, SLUG

blueprint = Blueprint("directory", __name__, url_prefix="/api/v1/therapists", description="Published therapists")

FACETS = {"unit": "units", "mode": "modes", "age": "age_bands", "insurer": "insurers", "access": "access", "population": "populations"}
WORDS = ("place", "language", "concern", "modality", "unit", "mode", "insurer", "access", "population", "accepting")


class DirectoryFiltersSchema(Schema):
    """Words are slugs of /taxonomy. Unit, mode and fee have to meet in one session that is offered."""

    place = fields.String(validate=CODE, metadata={"description": "Where you will be: only those who may treat you there."})
    language = fields.String(validate=SLUG)
    concern = fields.String(validate=SLUG)
    modality = fields.String(validate=SLUG)
    unit = fields.String(validate=SLUG)
    mode = fields.String(validate=SLUG)
    age = fields.String(validate=SLUG)
    ceiling = fields.Integer(validate=validate.Range(0, 100_000_000), metadata={"description": "Minor units, with `currency`."})
    currency = fields.String(validate=validate.Regexp(r"^[A-Z]{3}$"))
    concession = fields.Boolean(truthy={"true"}, falsy={"false"}, metadata={"description": "Count fees for people who need a lower one."})
    insurer = fields.String(validate=SLUG)
    access = fields.String(validate=SLUG)
    population = fields.String(validate=SLUG, metadata={"description": "Whom they say they know well: students, carers, veterans."})
    identity = fields.String(validate=validate.Regexp(r"^[a-z_]{1,40}:[a-z0-9_]{1,60}$"), metadata={"description": "Published words only: gender:woman."})
    accepting = fields.Boolean(truthy={"true"}, falsy={"false"})
    within_days = fields.Integer(validate=validate.Range(1, 28), metadata={"description": "Has an opening of a session within so many days."})
    name = Text(longest=80)
    text = Text(longest=120)

    @validates_schema
    def require_both_or_neither(self, data: dict[str, Any], **_: Any) -> None:
        if ("ceiling" in data) != ("currency" in data):
            raise ValidationError("A ceiling and its currency go together.", "ceiling")


class DirectoryQuerySchema(DirectoryFiltersSchema, PageQuery):
    """A page of the directory."""


class MayTreatSchema(Schema):
    may = fields.Boolean(required=True, allow_none=True, metadata={"description": "null: no place was named."})
    supervised = fields.Boolean(required=True)
    words = fields.String(required=True)


class DirectoryCardSchema(TherapistCardSchema):
    next_opening = Instant(required=True, allow_none=True, metadata={"description": "Of a session, within four weeks."})
    may_treat = fields.Nested(MayTreatSchema, required=True)
    hours = fields.Nested(HoursOfPracticeSchema, required=True)


class FacetCountsSchema(Schema):
    counts = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()), required=True)
    at_most = fields.Boolean(
        required=True, metadata={"description": "true: `within_days` was asked. Openings are looked at on the page alone, so the list may be shorter."}
    )


class VerifiedCountSchema(Schema):
    therapists = fields.Integer(required=True)
    countries = fields.Integer(required=True)
    as_of = Instant(required=True)
    words = fields.String(required=True)


DirectoryPageSchema = page_schema(DirectoryCardSchema)


@blueprint.get("")
@allow(anyone)
@blueprint.takes(DirectoryQuerySchema, location="query")
@blueprint.gives(200, DirectoryPageSchema)
def list_therapists(query: dict[str, Any]) -> Any:
    """Published therapists with a current, checked credential; the longest published first. A page may be short and have a next one."""
    at = now()
    page = directory(_filters(query), limit=query["limit"], cursor=query.get("cursor"), now=at)
    return encoded({"items": [card(entry, now=at) for entry in page.items], "next": page.next})


@blueprint.get("/facets")
@allow(anyone)
@blueprint.takes(DirectoryFiltersSchema, location="query")
@blueprint.gives(200, FacetCountsSchema)
def count_facets(query: dict[str, Any]) -> Json:
    """How many therapists each word would leave, put in place of what was asked there."""
    return {"counts": counts.facet_counts(_filters(query), now=now()), "at_most": "within_days" in query}


@blueprint.get("/verified")
@allow(anyone)
@blueprint.gives(200, VerifiedCountSchema)
def count_verified() -> Json:
    """How many therapists are verified today, counted from current credentials alone."""
    at = now()
    therapists, countries = counts.verified_count(now=at)
    words = f"{therapists} verified {'therapist' if therapists == 1 else 'therapists'} in {countries} {'country' if countries == 1 else 'countries'}"
    return {"therapists": therapists, "countries": countries, "as_of": at, "words": f"{words}, as of {at:%d %B %Y, %H:%M} UTC"}


def _filters(query: dict[str, Any]) -> Filters:
    _refuse_unknown(query)
    kind, _, value = query.get("identity", "").partition(":")
    days = query.get("within_days")
    return Filters(
        **{name: query.get(name) for name in WORDS},
        age_band=query.get("age"),
        ceiling=Money(query["ceiling"], query["currency"]) if "ceiling" in query else None,
        concession=query.get("concession", False),
        identity=(kind, value) if value else None,
        opening_within=timedelta(days=days) if days else None,
        name=query.get("name", ""),
        words=query.get("text", ""),
    )


def _refuse_unknown(query: dict[str, Any]) -> None:
    """A word that nobody can have stated is a slip of typing, not an empty list."""
    words = vocabulary()
    known: dict[str, Any] = {"place": words.jurisdictions, "language": words.languages, "concern": words.concerns, "modality": words.modalities}
    known |= {name: words.facets[facet] for name, facet in FACETS.items()}
    if wrong := {name: ["Not a word of our vocabulary; see /api/v1/taxonomy."] for name, slugs in known.items() if name in query and query[name] not in slugs}:
        raise Invalid(errors=wrong)

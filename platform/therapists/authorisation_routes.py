"""Whether a therapist may treat somebody who is in a place, and why: for everybody to read, before an intake and without saying who they are."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields, validate

from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid
from core.http import Blueprint, Instant, Schema
from taxonomy.vocabulary import vocabulary
from therapists.authorisation import authorisation
from therapists.closed import facet
from therapists.facts import standings
from therapists.grounds import RULES, Authorisation, Ground
from therapists.publication import listed_therapist
from therapists.representations import Json
from therapists.schemas import CODE, SLUG

blueprint = Blueprint("authorisations", __name__, url_prefix="/api/v1/therapists", description="Who may treat people where, and why")

FURTHEST = timedelta(days=730)
# Without these a credential is not shown to the public at all: what is not current says nothing about anybody.
SHOWN_ONLY_WITH = frozenset({"entry_current", "home_licence"})


class AuthorisationQuerySchema(Schema):
    place = fields.String(required=True, validate=CODE, metadata={"description": "Where the client will physically be, such as US-CA; see /taxonomy."})
    mode = fields.String(load_default="video", validate=SLUG)
    at = Instant(metadata={"description": "When the session begins; without it: now."})


class AuthorisationFactSchema(Schema):
    code = fields.String(required=True)
    holds = fields.Boolean(required=True)
    words = fields.String(required=True)
    source = fields.String(required=True)
    as_of = fields.String(required=True, allow_none=True)


class AuthorisationGroundSchema(Schema):
    """It stands when each of its facts holds."""

    rule = fields.String(required=True, validate=validate.OneOf(list(RULES)))
    rule_words = fields.String(required=True)
    register = fields.String(required=True)
    body = fields.String(required=True)
    title = fields.String(required=True)
    stands = fields.Boolean(required=True)
    supervised = fields.Boolean(required=True)
    facts = fields.List(fields.Nested(AuthorisationFactSchema), required=True)


class AuthorisationSchema(Schema):
    """About the place alone: age, number of people and special needs are asked when something is booked."""

    place = fields.String(required=True)
    mode = fields.String(required=True)
    at = Instant(required=True)
    may_treat_here = fields.Boolean(required=True)
    supervised = fields.Boolean(required=True, metadata={"description": "Only under supervision, and never for risk work."})
    words = fields.String(required=True)
    grounds = fields.List(fields.Nested(AuthorisationGroundSchema), required=True)


@blueprint.get("/<uuid:therapist_id>/authorisation")
@allow(anyone)
@blueprint.takes(AuthorisationQuerySchema, location="query")
@blueprint.gives(200, AuthorisationSchema)
def read_authorisation(query: dict[str, Any], therapist_id: uuid.UUID) -> Json:
    """Whether this therapist may treat somebody who is in a place, with the chain of facts behind the answer."""
    _refuse_unknown(query)
    therapist, at = listed_therapist(therapist_id, now=now()), max(query.get("at", now()), now())
    standing = standings([therapist.person_id])[therapist.person_id]
    answer = authorisation(standing, query["place"], [query["mode"]], at, now=now())
    return _shown(answer, query["mode"], at)


def _refuse_unknown(query: dict[str, Any]) -> None:
    if query["place"] not in vocabulary().jurisdictions:
        raise Invalid(errors={"place": ["We do not know this place yet."]})
    if "at" in query and query["at"] > now() + FURTHEST:
        raise Invalid(errors={"at": ["This is too far away."]})
    if query["mode"] not in facet("modes"):
        raise Invalid(errors={"mode": ["Not a word of our vocabulary; see /api/v1/taxonomy."]})


def _shown(answer: Authorisation, mode: str, at: datetime) -> Json:
    label = vocabulary().jurisdictions[answer.place].label
    can = "may" if answer.is_given else "may not"
    under = ", under supervision" if answer.is_only_supervised else ""
    return {
        "place": answer.place,
        "mode": mode,
        "at": at,
        "may_treat_here": answer.is_given,
        "supervised": answer.is_only_supervised,
        "words": f"By what we have checked, this therapist {can} work with people who are in {label} at that time{under}.",
        "grounds": [_ground(each) for each in answer.grounds if all(fact.holds for fact in each.facts if fact.code in SHOWN_ONLY_WITH)],
    }


def _ground(ground: Ground) -> Json:
    register = vocabulary().registers[ground.register]
    title = register.credential_type(ground.title)
    return {
        "rule": ground.rule,
        "rule_words": RULES[ground.rule],
        "register": ground.register,
        "body": register.label,
        "title": title.label if title else "",
        "stands": ground.stands,
        "supervised": ground.is_supervised,
        "facts": ground.facts,
    }

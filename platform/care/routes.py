"""Where the caller will be, and lifting a pause for safety."""

import uuid
from typing import Any

from marshmallow import fields, validate

from care import places
from care.attendance import attendances_of
from care.lifting import end_restriction, lift_pause_of_case
from care.models import PLACE_SOURCES, Attendance, Place
from care.own_booking import restate_own_age_band
from care.pause import OUTCOMES
from core.access import allow, caller, role, signed_in
from core.clock import now
from core.errors import NotFound
from core.http import Blueprint, Instant, Schema, Text, ZoneName

blueprint = Blueprint("care", __name__, url_prefix="/api/v1", description="Where people are, and whether they may go on")
blueprints = [blueprint]


class StatedPlaceSchema(Schema):
    jurisdiction = fields.String(required=True, validate=validate.Length(1, 10), metadata={"description": "A code of /taxonomy, such as GB-ENG."})
    zone = ZoneName(required=True)


class PersonPlaceSchema(StatedPlaceSchema):
    valid_from = Instant(required=True)
    source = fields.String(required=True, validate=validate.OneOf(PLACE_SOURCES))


class AgeBandSchema(Schema):
    age_band = fields.String(required=True, validate=validate.Length(1, 40), metadata={"description": "A word of /taxonomy, such as adult."})


class LiftingSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    note = Text(longest=4000, lines=True)


class EndingRestrictionSchema(Schema):
    note = Text(required=True, longest=4000, lines=True, metadata={"description": "Why, as you saw it when you spoke with them. Sealed with the case."})


@blueprint.get("/me/place")
@allow(signed_in)
@blueprint.gives(200, PersonPlaceSchema)
def read_place() -> Place:
    """Where you will physically be during sessions, as you last said."""
    place = places.place_of(caller().require_person(), at=now())
    if place is None:
        raise NotFound("You have not said where you will be.", code="no_place")
    return place


@blueprint.put("/me/place")
@allow(signed_in)
@blueprint.takes(StatedPlaceSchema)
@blueprint.gives(200, PersonPlaceSchema)
def state_place(body: dict[str, Any]) -> Place:
    """Say where you will physically be during sessions from now on."""
    return places.record_place(caller().require_person(), **body, source="profile", now=now())


@blueprint.get("/me/age-band")
@allow(signed_in)
@blueprint.gives(200, AgeBandSchema)
def read_age_band() -> Attendance:
    """The age group you are in, as you last said."""
    person_id = caller().require_person()
    if (attendance := attendances_of([person_id]).get(person_id)) is None:
        raise NotFound("You have not said how old you are.", code="no_age_band")
    return attendance


@blueprint.put("/me/age-band")
@allow(signed_in)
@blueprint.takes(AgeBandSchema)
@blueprint.gives(200, AgeBandSchema)
def put_age_band(body: dict[str, Any]) -> Attendance:
    """Say which age group you are in. A booking needs it, with or without an intake. Not while a person looks at what you said before (`somebody_helps`)."""
    return restate_own_age_band(caller().require_person(), body["age_band"], now=now())


@blueprint.post("/cases/<uuid:case_id>/lift-pause")
@allow(role("safety_responder"))
@blueprint.takes(LiftingSchema)
@blueprint.gives(204)
def lift_pause(body: dict[str, Any], case_id: uuid.UUID) -> None:
    """After you have spoken with the person of a safety case of yours and recorded it: let them request and book again."""
    lift_pause_of_case(case_id, **body, by=caller().require_person(), now=now())


@blueprint.post("/cases/<uuid:case_id>/end-restriction")
@allow(role("safety_responder"))
@blueprint.takes(EndingRestrictionSchema)
@blueprint.gives(204)
def end_the_restriction(body: dict[str, Any], case_id: uuid.UUID) -> None:
    """After you have spoken with the person of a safety case of yours: their lists are no longer limited to therapists with a special competence."""
    end_restriction(case_id, **body, by=caller().require_person(), now=now())

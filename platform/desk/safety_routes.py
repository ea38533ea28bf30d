"""Declaring the safety desk, and whether somebody is at it now."""

import uuid
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from core.access import allow, anyone, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PublicId, Schema, Text, ZoneName
from desk.cases import release_safety_cases_of
from desk.safety_desk import Declared, OnDuty, declare_member, members, on_duty, remove_member

blueprint = Blueprint("safety_desk", __name__, url_prefix="/api/v1/safety-desk", description="Who may work on safety cases, and when somebody is there")
MOST_WINDOWS = 42


class DeclarationSchema(Schema):
    qualification = Text(required=True, longest=200, metadata={"description": "What was seen, such as the name of a training in suicide intervention."})
    issued_by = Text(required=True, longest=120)
    seen_on = Day(required=True)
    valid_until = Day(required=True, metadata={"description": "Its last day. Afterwards they cannot work on safety cases."})
    languages = fields.List(fields.String(validate=validate.Length(1, 20)), required=True, validate=validate.Length(1, 20))
    zone = ZoneName(required=True)
    hours = fields.List(
        fields.List(fields.Integer(strict=True), validate=validate.Length(3, 3)),
        required=True,
        validate=validate.Length(1, MOST_WINDOWS),
        metadata={"description": "[weekday, from_minute, to_minute] on the wall clock of the zone; Monday is 0, midnight at the end 1440."},
    )


class SafetyDeskMemberSchema(DeclarationSchema):
    person_id = PublicId(attribute="person.public_id", required=True)
    declared_at = Instant(required=True)


class SafetyDeskSchema(Schema):
    items = fields.List(fields.Nested(SafetyDeskMemberSchema), required=True)


class SafetyDeskNowSchema(Schema):
    on_duty = fields.Boolean(required=True)
    until = Instant(required=True, allow_none=True)
    languages = fields.List(fields.String(), required=True)


@blueprint.get("")
@allow(role("admin", "safety_responder"))
@blueprint.gives(200, SafetyDeskSchema)
def list_members() -> dict[str, Any]:
    """Everybody who is declared for the safety desk."""
    return {"items": members()}


@blueprint.get("/now")
@allow(anyone)
@blueprint.gives(200, SafetyDeskNowSchema)
def show_now() -> dict[str, Any]:
    """Whether somebody is at the safety desk now. It does not answer emergencies: the help of the place where you are does."""
    return _now(on_duty(now=now()))


@blueprint.put("/members/<uuid:person_id>")
@allow(role("admin"))
@blueprint.takes(DeclarationSchema)
@blueprint.gives(200, SafetyDeskSchema)
def declare(body: dict[str, Any], person_id: uuid.UUID) -> dict[str, Any]:
    """Declare somebody for the safety desk, with the qualification that you have seen."""
    declare_member(person_id, Declared(**body), by=caller().require_person(), now=now())
    return {"items": members()}


@blueprint.delete("/members/<uuid:person_id>")
@allow(role("admin"))
@blueprint.gives(204)
def remove(person_id: uuid.UUID) -> None:
    """Take somebody off the safety desk. Their safety cases go back to the queue."""
    release_safety_cases_of(remove_member(person_id, by=caller().require_person()), now=now())


def _now(there: OnDuty | None) -> dict[str, bool | datetime | list[str] | None]:
    return {"on_duty": there is not None, "until": there.until if there else None, "languages": list(there.languages) if there else []}

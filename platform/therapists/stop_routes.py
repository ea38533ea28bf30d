"""Stopping a therapist's work at once, lifting it, and reaching the executor."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema
from therapists import stop_at_once as stopping
from therapists.executor import executor_for_stop
from therapists.leaving_models import STOP_KINDS, STOP_SOURCES, Executor, SuddenStop
from therapists.leaving_routes import NamedExecutorSchema

blueprint = Blueprint("sudden_stops", __name__, url_prefix="/api/v1/sudden-stops", description="When a therapist cannot work on from one moment to the next")
staff = role("admin", "verifier")


class NewStopSchema(Schema):
    """Which therapist, why, and from whom we know."""

    therapist_id = PublicId(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(STOP_KINDS))
    source = fields.String(required=True, validate=validate.OneOf(STOP_SOURCES))
    note = Text(longest=1000, lines=True)


class SuddenStopSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    kind = fields.String(required=True, validate=validate.OneOf(STOP_KINDS))
    source = fields.String(required=True, validate=validate.OneOf(STOP_SOURCES))
    note = fields.String(required=True, allow_none=True)
    holds = fields.Boolean(required=True, metadata={"description": "false: a register's word keeps the doors closed, and opens them."})
    stopped_at = Instant(required=True)
    lifted_at = Instant(required=True, allow_none=True)


SuddenStopPageSchema = page_schema(SuddenStopSchema)


@blueprint.post("")
@allow(staff)
@blueprint.takes(NewStopSchema)
@blueprint.gives(201, SuddenStopSchema)
def stop_at_once(body: dict[str, Any]) -> SuddenStop:
    """Nothing new from now on; what is booked goes to the desk, and clients hear only that sessions cannot take place."""
    return stopping.stop_at_once(**body, by=caller().require_person(), now=now())


@blueprint.get("")
@allow(staff)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, SuddenStopPageSchema)
def list_stops(query: dict[str, Any]) -> stopping.StopPage:
    """The stops in force, the earliest first."""
    return stopping.stops(**query)


@blueprint.post("/<uuid:stop_id>/lift")
@allow(staff)
@blueprint.gives(200, SuddenStopSchema)
def lift(stop_id: uuid.UUID) -> SuddenStop:
    """Open the doors again, exactly as they were."""
    return stopping.lift_stop(stop_id, by=caller().require_person(), now=now())


@blueprint.get("/<uuid:stop_id>/executor")
@allow(role("matchmaker"), records_reads=True)
@blueprint.gives(200, NamedExecutorSchema)
def read_executor(stop_id: uuid.UUID) -> Executor:
    """The professional executor, for whoever owns the case of this stop. Reading it is recorded."""
    return executor_for_stop(stop_id, by=caller().require_person())

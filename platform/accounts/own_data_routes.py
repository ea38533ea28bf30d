"""All that is held about whoever asks, as one JSON document to be saved; and the end of their account."""

from typing import Any

from marshmallow import fields

from accounts.erase import erase_account, obstacles_of
from accounts.identity import forget_browser
from accounts.own_data import own_data
from accounts.schemas import password_field
from core.access import allow, caller, signed_in
from core.clock import now
from core.http import Blueprint, Instant, Schema

blueprint = Blueprint("own_data", __name__, url_prefix="/api/v1/me", description="All we hold about you, and erasing it")


class OwnDataSchema(Schema):
    made_at = Instant(required=True)
    parts = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict()),
        required=True,
        metadata={"description": "By what it is about: `account`, `consents`, `appointments`, `payments` and so on, the oldest first in each."},
    )


class ObstacleSchema(Schema):
    code = fields.String(required=True)
    text = fields.String(required=True)


class ErasureSchema(Schema):
    items = fields.List(fields.Nested(ObstacleSchema), required=True, metadata={"description": "What stands in the way now; empty when nothing does."})


class EraseSchema(Schema):
    password = password_field()


@blueprint.get("/data")
@allow(signed_in, records_reads=True)
@blueprint.gives(200, OwnDataSchema)
def export_data() -> tuple[dict[str, Any], dict[str, str]]:
    """Your account, answers, appointments, payments and everything else that is kept about you: one document. It is recorded that you took it."""
    document = {"made_at": now(), "parts": own_data(caller().require_person())}
    return document, {"Content-Disposition": 'attachment; filename="attune-my-data.json"'}


@blueprint.get("/erasure")
@allow(signed_in)
@blueprint.gives(200, ErasureSchema)
def show_obstacles() -> dict[str, Any]:
    """What stands in the way of erasing your account."""
    return {"items": obstacles_of(caller().require_person(), now=now())}


@blueprint.post("/erasure")
@allow(signed_in)
@blueprint.takes(EraseSchema)
@blueprint.gives(204)
def erase_me(body: dict[str, Any]) -> None:
    """Erase your account for good, and sign out everywhere. What was paid and booked stays under a number that leads to nobody."""
    erase_account(caller().require_person(), body["password"], now=now())
    forget_browser()

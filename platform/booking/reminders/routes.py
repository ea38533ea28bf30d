"""A person's choice of reminders over HTTP."""

from typing import Any

from marshmallow import fields, validate

from booking.reminders.choice import choose_reminders, reminders_of
from booking.reminders.models import HOURS_BEFORE
from core.access import allow, caller, signed_in
from core.http import Blueprint, Schema

reminders = Blueprint("reminders", __name__, url_prefix="/api/v1/reminders", description="When you are reminded of appointments, by mail")
HOURS = "Elapsed hours before the start, also where the clocks change in between: 24, 1, both or none."


class RemindersSchema(Schema):
    hours_before = fields.List(
        fields.Integer(strict=True, validate=validate.OneOf(HOURS_BEFORE)),
        required=True,
        validate=validate.Length(max=len(HOURS_BEFORE)),
        metadata={"description": HOURS},
    )


@reminders.get("")
@allow(signed_in)
@reminders.gives(200, RemindersSchema)
def read_reminders() -> dict[str, Any]:
    """When you are reminded."""
    return {"hours_before": reminders_of(caller().require_person())}


@reminders.put("")
@allow(signed_in)
@reminders.takes(RemindersSchema)
@reminders.gives(200, RemindersSchema)
def choose(body: dict[str, Any]) -> dict[str, Any]:
    """Choose it, for all appointments from now on."""
    return {"hours_before": choose_reminders(caller().require_person(), body["hours_before"])}

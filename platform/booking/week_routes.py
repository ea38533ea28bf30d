"""A therapist's week over HTTP."""

from typing import Any

from marshmallow import fields, validate

from booking.disruption.routes import disruption_json
from booking.disruption.schemas import DisruptionSchema
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.schemas import StretchSchema
from booking.outside.routes import CollisionSchema
from booking.week import WeekShown, therapists_week
from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PublicId, Schema

blueprint = Blueprint("therapist_week", __name__, url_prefix="/api/v1/therapist", description="A therapist's week")
Json = dict[str, Any]


class OwnWeekQuery(Schema):
    day = Day(metadata={"description": "A date of the week. Without it: today, where you are."})


class ComingSchema(Schema):
    id = PublicId(required=True)
    name = fields.String(required=True, allow_none=True)
    coming = fields.Boolean(required=True, metadata={"description": "They said that they are coming to this start."})


class WeekBookingSchema(Schema):
    id = PublicId(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    kind = fields.String(required=True)
    mode = fields.String(required=True)
    answer_by = Instant(required=True, allow_none=True, metadata={"description": "When a request ends by itself."})
    clients = fields.List(fields.Nested(ComingSchema), required=True)
    off = fields.Boolean(required=True, metadata={"description": "It does not take place at this time; its clients were asked to choose another."})


class WeekDaySchema(Schema):
    day = Day(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    hours = fields.List(fields.Nested(StretchSchema), required=True)
    time_off = fields.List(fields.Nested(StretchSchema), required=True)
    holidays = fields.List(fields.String(), required=True)
    openings = fields.Integer(required=True, metadata={"description": "Starts that can be booked now, of any of your services."})


class OwnWeekSchema(Schema):
    zone = fields.String(required=True)
    days = fields.List(fields.Nested(WeekDaySchema), required=True)
    bookings = fields.List(fields.Nested(WeekBookingSchema), required=True)
    requests = fields.List(fields.Nested(WeekBookingSchema), required=True, metadata={"description": "All that wait for your answer, the most pressing first."})
    outside = fields.List(fields.Nested(StretchSchema), required=True, metadata={"description": "What your own calendars say is busy."})
    collisions = fields.List(fields.Nested(CollisionSchema), required=True)
    disruptions = fields.List(fields.Nested(DisruptionSchema), required=True)
    waiting = fields.Integer(required=True, metadata={"description": "How many people wait for an opening with you."})
    complete = fields.Boolean(required=True, metadata={"description": "false where there is more of something than is shown; the lists have it all."})


@blueprint.get("/week")
@allow(role("therapist"))
@blueprint.takes(OwnWeekQuery, location="query")
@blueprint.gives(200, OwnWeekSchema)
def read_own_week(query: Json) -> Json:
    """Your week in your own zone: what is booked, who waits, what is free and closed, and what asks for a look."""
    week = therapists_week(caller().require_person(), query.get("day"), now=now())
    facts = {name: getattr(week, name) for name in ("zone", "days", "outside", "collisions", "waiting", "complete")}
    lists = {name: [_booking(booking, week) for booking in getattr(week, name)] for name in ("bookings", "requests")}
    return {**facts, **lists, "disruptions": [disruption_json(each) for each in week.disruptions]}


def _booking(booking: Booking, week: WeekShown) -> Json:
    return {
        "id": booking.public_id,
        **{name: getattr(booking, name) for name in ("state", "starts_at", "ends_at", "kind", "mode")},
        "answer_by": booking.lapses_at if booking.state == State.REQUESTED else None,
        "clients": [
            {"id": each.person.public_id, "name": each.person.name, "coming": each.coming_to is not None and each.coming_to == booking.starts_at}
            for each in booking.participants
        ],
        "off": booking.id in week.off,
    }

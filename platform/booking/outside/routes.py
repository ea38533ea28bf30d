"""A therapist's own calendars over HTTP, and the bookings that new busy time lies over."""

import uuid
from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from booking.outside import calendars
from booking.outside.collisions import CollisionsShown, keep_booking, open_collisions
from booking.outside.models import OutsideCalendar
from booking.outside.subscribe_calls import subscribe_calendar
from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema

own = Blueprint("outside_calendars", __name__, url_prefix="/api/v1/therapist/outside-calendars", description="A therapist's own calendars as busy time")
collisions = Blueprint("outside_collisions", __name__, url_prefix="/api/v1/therapist/outside-collisions", description="New outside busy time over bookings")
blueprints = (own, collisions)
therapist_only = role("therapist")
MINUTE = timedelta(minutes=1)


class SubscribeSchema(Schema):
    address = Text(required=True, longest=2000, metadata={"description": "The private address of a calendar in iCal format; https or webcal."})
    tentative_blocks = fields.Boolean(load_default=True, metadata={"description": "Whether tentative events count as busy."})


class ChangeCalendarSchema(Schema):
    tentative_blocks = fields.Boolean(required=True)


class SkippedSchema(Schema):
    code = fields.String(required=True)
    count = fields.Integer(required=True)


class OutsideCalendarSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    address = fields.String(required=True, metadata={"description": "The server and the last four letters."})
    tentative_blocks = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("fresh", "stale")))
    failure = fields.String(required=True, allow_none=True, metadata={"description": "Why the last look failed."})
    good_at = Instant(required=True, metadata={"description": "When it was last read. What was read then counts."})
    age_minutes = fields.Integer(required=True, metadata={"description": "Whole minutes since it was last read."})
    tried_at = Instant(required=True)
    skipped = fields.List(fields.Nested(SkippedSchema), required=True, metadata={"description": "What could not be read, by code and count."})


class OutsideCalendarsSchema(Schema):
    items = fields.List(fields.Nested(OutsideCalendarSchema), required=True)


class CollisionSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    booking_id = PublicId(required=True)
    calendar_id = PublicId(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    busy_from = Instant(required=True)
    busy_to = Instant(required=True)
    found_at = Instant(required=True)


@own.post("")
@allow(therapist_only, outside=True)
@own.takes(SubscribeSchema)
@own.gives(201, OutsideCalendarSchema)
def subscribe(body: dict[str, Any]) -> dict[str, Any]:
    """Subscribe a calendar of yours: it is read at once, and what it says is busy is not offered any more. At most ten. Only intervals are kept, no titles."""
    with transaction():
        me = _me()
    calendar = subscribe_calendar(me, body["address"], tentative_blocks=body["tentative_blocks"])
    with transaction():
        return _shown(calendar)


@own.get("")
@allow(therapist_only)
@own.gives(200, OutsideCalendarsSchema)
def list_calendars() -> dict[str, list[dict[str, Any]]]:
    """Your calendars, how old what we know of each is, and what could not be read."""
    return {"items": [_shown(calendar) for calendar in calendars.calendars_of(_me())]}


@own.patch("/<uuid:calendar_id>")
@allow(therapist_only)
@own.takes(ChangeCalendarSchema)
@own.gives(200, OutsideCalendarSchema)
def change_calendar(body: dict[str, Any], calendar_id: uuid.UUID) -> dict[str, Any]:
    """Say whether tentative events count as busy. It is looked at anew."""
    return _shown(calendars.set_tentative(_me(), calendar_id, tentative_blocks=body["tentative_blocks"], now=now()))


@own.post("/<uuid:calendar_id>/refresh")
@allow(therapist_only)
@own.gives(202, OutsideCalendarSchema)
def refresh(calendar_id: uuid.UUID) -> dict[str, Any]:
    """Look at it now instead of within a quarter of an hour."""
    return _shown(calendars.look_again(_me(), calendar_id, now=now()))


@own.delete("/<uuid:calendar_id>")
@allow(therapist_only)
@own.gives(204)
def unsubscribe(calendar_id: uuid.UUID) -> None:
    """Its busy time counts no longer."""
    calendars.remove_calendar(_me(), calendar_id)


@collisions.get("")
@allow(therapist_only)
@collisions.takes(PageQuery, location="query")
@collisions.gives(200, page_schema(CollisionSchema))
def list_collisions(query: dict[str, Any]) -> CollisionsShown:
    """Bookings that new busy time of your calendars lies over. Keep each, or cancel or move it as any booking; then it leaves this list."""
    return open_collisions(_me(), limit=query["limit"], cursor=query.get("cursor"), now=now())


@collisions.post("/<uuid:collision_id>/keep")
@allow(therapist_only)
@collisions.gives(204)
def keep(collision_id: uuid.UUID) -> None:
    """You have seen it, and the booking stays."""
    keep_booking(_me(), collision_id, now=now())


def _me() -> int:
    return caller().require_person()


def _shown(calendar: OutsideCalendar) -> dict[str, Any]:
    told = ("public_id", "tentative_blocks", "failure", "good_at", "tried_at")
    return {name: getattr(calendar, name) for name in told} | {
        "address": calendars.shown_address(calendar),
        "state": "stale" if calendar.failures else "fresh",
        "age_minutes": max(0, (now() - calendar.good_at) // MINUTE),
        "skipped": [{"code": code, "count": count} for code, count in sorted(calendar.skipped.items())],
    }

"""Holds over HTTP: an opening kept for a client for ten minutes. A hold is a booking in its first state; it is read under /bookings."""

import uuid
from typing import Any

from booking.hold import confirm_own_hold, hold_opening, release_hold
from booking.reading import BookingShown, show
from booking.schemas import BookingSchema, ConfirmHoldSchema, HoldSchema
from core.access import allow, caller, confirmed
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent

holds = Blueprint("holds", __name__, url_prefix="/api/v1/holds", description="An opening, kept for you for ten minutes")
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@holds.post("")
@allow(confirmed)
@holds.hears(*KEY)
@idempotent
@holds.takes(HoldSchema)
@holds.gives(201, BookingSchema)
def hold(body: dict[str, Any]) -> BookingShown:
    """Hold an opening for ten minutes. At most three at a time."""
    me = caller().require_person()
    told = {"title": body.get("title"), "minutes": body.get("minutes"), "origin": body["origin"]}
    booking = hold_opening(me, body["service_id"], body["start"], **told, now=now())
    return show(booking.public_id, person_id=me, now=now())


@holds.post("/<uuid:booking_id>/confirm")
@allow(confirmed)
@holds.hears(*KEY)
@idempotent
@holds.takes(ConfirmHoldSchema)
@holds.gives(200, BookingSchema)
def confirm(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Turn your hold into a booking: at once, or as a request, as the service says."""
    me = caller().require_person()
    booking = confirm_own_hold(booking_id, by=me, origin=body["origin"], now=now())
    return show(booking.public_id, person_id=me, now=now())


@holds.post("/<uuid:booking_id>/release")
@allow(confirmed)
@holds.gives(200, BookingSchema)
def release(booking_id: uuid.UUID) -> BookingShown:
    """Give your hold back."""
    me = caller().require_person()
    booking = release_hold(booking_id, by=me, now=now())
    return show(booking.public_id, person_id=me, now=now())

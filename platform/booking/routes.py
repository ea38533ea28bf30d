"""Bookings over HTTP."""

import uuid
from typing import Any

from flask import Response

from booking.affected.routes import blueprint as affected_blueprint
from booking.cancel import cancel_booking
from booking.confirm import confirm_request
from booking.decline import decline_request
from booking.first_free import book_first_free
from booking.reading import BookingShown, BookingsShown, client_bookings, invitation_file, open_requests, show, therapist_bookings
from booking.request import request_booking
from booking.reschedule import reschedule
from booking.schemas import (
    BookingPageSchema,
    BookingSchema,
    BookingsQuery,
    CancelSchema,
    DeclineSchema,
    FirstFreeSchema,
    MoveSchema,
    RequestBookingSchema,
)
from booking.withdraw import withdraw_request
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, PageQuery
from core.idempotency import idempotent

bookings = Blueprint("bookings", __name__, url_prefix="/api/v1/bookings", description="Requests and bookings, for both sides")
practice = Blueprint("practice", __name__, url_prefix="/api/v1/therapist", description="A therapist's requests and bookings")
blueprints = (bookings, practice, affected_blueprint)


@bookings.post("")
@allow(confirmed)
@bookings.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@bookings.takes(RequestBookingSchema)
@bookings.gives(201, BookingSchema)
def request(body: dict[str, Any]) -> BookingShown:
    """Book an opening: at once, or as a request, as the service says. Send an Idempotency-Key."""
    told = {"title": body.get("title"), "origin": body["origin"], "minutes": body.get("minutes")}
    booking = request_booking(_me(), body["service_id"], body["start"], **told, now=now())
    return show(booking.public_id, person_id=_me(), now=now())


@bookings.post("/first-free")
@allow(confirmed)
@bookings.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@bookings.takes(FirstFreeSchema)
@bookings.gives(201, BookingSchema)
def book_first(body: dict[str, Any]) -> BookingShown:
    """Book one time with whoever of several therapists is free, the first of them in your order. Send an Idempotency-Key."""
    told = {"title": body.get("title"), "origin": body["origin"]}
    booking = book_first_free(_me(), body["service_ids"], body["start"], **told, now=now())
    return show(booking.public_id, person_id=_me(), now=now())


@bookings.get("")
@allow(signed_in)
@bookings.takes(BookingsQuery, location="query")
@bookings.gives(200, BookingPageSchema)
def list_bookings(query: dict[str, Any]) -> BookingsShown:
    """Your bookings as a client."""
    return client_bookings(_me(), past=query["past"], limit=query["limit"], cursor=query.get("cursor"), now=now())


@bookings.get("/<uuid:booking_id>")
@allow(signed_in)
@bookings.gives(200, BookingSchema)
def read_booking(booking_id: uuid.UUID) -> BookingShown:
    """One booking of yours, from either side."""
    return show(booking_id, person_id=_me(), now=now(), with_alternatives=True)


@bookings.get("/<uuid:booking_id>/invitation.ics")
@allow(signed_in)
@bookings.gives(200, {"type": "string"}, content_type="text/calendar")  # type: ignore[arg-type]  # a file is described, not dumped
def read_invitation(booking_id: uuid.UUID) -> Response:
    """The booking as a calendar file."""
    answer = Response(invitation_file(booking_id, person_id=_me()), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


@bookings.post("/<uuid:booking_id>/confirm")
@allow(confirmed)
@bookings.gives(200, BookingSchema)
def confirm(booking_id: uuid.UUID) -> BookingShown:
    """Say yes to a request, as its therapist."""
    return _after(confirm_request(booking_id, by=_me(), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/decline")
@allow(confirmed)
@bookings.takes(DeclineSchema)
@bookings.gives(200, BookingSchema)
def decline(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Say no to a request, as its therapist. The client reads a neutral sentence."""
    return _after(decline_request(booking_id, by=_me(), reason=body["reason"], now=now()).public_id)


@bookings.post("/<uuid:booking_id>/withdraw")
@allow(confirmed)
@bookings.gives(200, BookingSchema)
def withdraw(booking_id: uuid.UUID) -> BookingShown:
    """Take a request of yours back."""
    return _after(withdraw_request(booking_id, by=_me(), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/cancel")
@allow(confirmed)
@bookings.takes(CancelSchema)
@bookings.gives(200, BookingSchema)
def cancel(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Call a confirmed appointment off, from either side."""
    return _after(cancel_booking(booking_id, by=_me(), reason=body["reason"], note=body.get("note"), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/move")
@allow(confirmed)
@bookings.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@bookings.takes(MoveSchema)
@bookings.gives(200, BookingSchema)
def move(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Move a confirmed appointment to another opening. Refused, it stays where it is."""
    return _after(reschedule(booking_id, body["start"], by=_me(), seen=body["seen"], reason=body.get("reason"), now=now()).public_id)


@practice.get("/requests")
@allow(role("therapist"))
@practice.takes(PageQuery, location="query")
@practice.gives(200, BookingPageSchema)
def list_requests(query: dict[str, Any]) -> BookingsShown:
    """Requests that wait for your answer, the one whose clock runs out first at the top."""
    return open_requests(_me(), limit=query["limit"], cursor=query.get("cursor"), now=now())


@practice.get("/bookings")
@allow(role("therapist"))
@practice.takes(BookingsQuery, location="query")
@practice.gives(200, BookingPageSchema)
def list_practice(query: dict[str, Any]) -> BookingsShown:
    """Your bookings as a therapist."""
    return therapist_bookings(_me(), past=query["past"], limit=query["limit"], cursor=query.get("cursor"), now=now())


def _me() -> int:
    return caller().require_person()


def _after(booking_id: uuid.UUID) -> BookingShown:
    return show(booking_id, person_id=_me(), now=now())

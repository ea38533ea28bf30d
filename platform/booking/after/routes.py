"""What is said after a session, over HTTP: how it went, what is contested, what is waived, and the whole history; and what staff may do about it."""

import uuid
from typing import Any

from booking.after.complain import complain
from booking.after.late_fee import waive_as_owner, waive_fee
from booking.after.outcome import contest_outcome, decide_contest, report_outcome
from booking.history import History, history_of
from booking.models import Booking
from booking.on_behalf import book_on_behalf, cancel_on_behalf, move_on_behalf
from booking.paying.decide_unpaid import decide_unpaid
from booking.paying.open_calls import PaymentPage, check_out_due
from booking.paying.schemas import DueCheckoutSchema, UnpaidDecisionSchema
from booking.reading import BookingShown, show
from booking.routes import bookings
from booking.schemas import (
    BookingSchema,
    CancelOnBehalfSchema,
    ComplaintSchema,
    ContestSchema,
    DecisionSchema,
    HistorySchema,
    MoveOnBehalfSchema,
    OnBehalfSchema,
    OutcomeSchema,
    StaffBookingSchema,
    WaiveSchema,
)
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent

staff_bookings = Blueprint("staff_bookings", __name__, url_prefix="/api/v1/staff/bookings", description="What staff do for others, on the record")


@bookings.post("/<uuid:booking_id>/outcome")
@allow(confirmed)
@bookings.takes(OutcomeSchema)
@bookings.gives(200, BookingSchema)
def report(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Say how a session went. Without a report it counts as held a day after its end."""
    return _after(report_outcome(booking_id, body["outcome"], by=_me(), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/contest")
@allow(confirmed)
@bookings.takes(ContestSchema)
@bookings.gives(200, BookingSchema)
def contest(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Say that a report of the other side is wrong, within 72 hours. A person looks at it."""
    return _after(contest_outcome(booking_id, by=_me(), note=body.get("note"), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/complaint")
@allow(confirmed)
@bookings.takes(ComplaintSchema, required=False)
@bookings.gives(200, BookingSchema)
def complain_about(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """As its client: say that something about an appointment that is over is not right, such as a fee. A person looks at it; nothing is charged meanwhile."""
    return _after(complain(booking_id, by=_me(), note=body.get("note"), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/waive-fee")
@allow(confirmed)
@bookings.takes(WaiveSchema, required=False)
@bookings.gives(200, BookingSchema)
def waive(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """Let a client of yours off what they owe for cancelling late or not coming."""
    waive_fee(booking_id, client_id=body.get("client_id"), by=_me(), now=now())
    return _after(booking_id)


@bookings.post("/<uuid:booking_id>/unpaid")
@allow(confirmed)
@bookings.takes(UnpaidDecisionSchema)
@bookings.gives(200, BookingSchema)
def decide_about_unpaid(body: dict[str, Any], booking_id: uuid.UUID) -> BookingShown:
    """As its therapist: keep an appointment of a series that was not paid by 12 hours before it, or release its time, free of charge."""
    return _after(decide_unpaid(booking_id, body["decision"], by=_me(), now=now()).public_id)


@bookings.post("/<uuid:booking_id>/checkout")
@allow(confirmed, outside=True)
@bookings.gives(200, DueCheckoutSchema)
def pay_due(booking_id: uuid.UUID) -> PaymentPage:
    """Open the page where what is due is paid: a date of a series whose card could not be charged, or a fee; asked again, the same page."""
    return check_out_due(booking_id, by=_me())


@bookings.get("/<uuid:booking_id>/history")
@allow(signed_in)
@bookings.gives(200, HistorySchema)
def read_history(booking_id: uuid.UUID) -> History:
    """Every step of a booking of yours."""
    return history_of(booking_id, person_id=_me())


@staff_bookings.post("")
@allow(role("admin"))
@staff_bookings.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@staff_bookings.takes(OnBehalfSchema)
@staff_bookings.gives(201, StaffBookingSchema)
def book(body: dict[str, Any]) -> dict[str, Any]:
    """Book for a client, setting rules aside where needed. Never an overlap, never whether the therapist may treat them."""
    return _staff_shown(book_on_behalf(**body, by=_me(), now=now()))


@staff_bookings.post("/<uuid:booking_id>/move")
@allow(role("admin"))
@staff_bookings.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@staff_bookings.takes(MoveOnBehalfSchema)
@staff_bookings.gives(200, StaffBookingSchema)
def move(body: dict[str, Any], booking_id: uuid.UUID) -> dict[str, Any]:
    """Move a confirmed booking for both sides, setting rules aside where needed. Never an overlap, never whether the therapist may treat them."""
    new_start = body.pop("start")
    return _staff_shown(move_on_behalf(booking_id, new_start, **body, by=_me(), now=now()))


@staff_bookings.post("/<uuid:booking_id>/cancel")
@allow(role("admin"))
@staff_bookings.takes(CancelOnBehalfSchema)
@staff_bookings.gives(200, StaffBookingSchema)
def cancel(body: dict[str, Any], booking_id: uuid.UUID) -> dict[str, Any]:
    """Call a confirmed booking off for both sides. Where the client asked for it, it costs them what calling it off themselves would."""
    return _staff_shown(cancel_on_behalf(booking_id, **body, by=_me(), now=now()))


@staff_bookings.post("/<uuid:booking_id>/decision")
@allow(role("admin"))
@staff_bookings.takes(DecisionSchema)
@staff_bookings.gives(200, StaffBookingSchema)
def decide(body: dict[str, Any], booking_id: uuid.UUID) -> dict[str, Any]:
    """Decide how a contested session went, as the owner of its case; closes the case."""
    return _staff_shown(decide_contest(booking_id, body["outcome"], by=_me(), now=now()))


@staff_bookings.post("/<uuid:booking_id>/waive-fee")
@allow(role("admin"))
@staff_bookings.gives(200, StaffBookingSchema)
def waive_for_client(booking_id: uuid.UUID) -> dict[str, Any]:
    """Let a client off what they owe, as the owner of the complaint about it: what was kept for it goes back. The case stays to be closed."""
    return _staff_shown(waive_as_owner(booking_id, by=_me(), now=now()))


def _staff_shown(booking: Booking) -> dict[str, Any]:
    return {"public_id": booking.public_id, "state": booking.state, "starts_at": booking.starts_at, "ends_at": booking.ends_at}


def _me() -> int:
    return caller().require_person()


def _after(booking_id: uuid.UUID) -> BookingShown:
    return show(booking_id, person_id=_me(), now=now())

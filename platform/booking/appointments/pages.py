"""What a client attends: what is to come with the steps they can take now, and what was."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from booking.appointments.change import cancel_as_shown, move_as_shown, other_times_for
from booking.cancel import REASONS
from booking.disruption.disrupted_times import off_among
from booking.letters import MODES
from booking.meeting import AFTER_PAGE, JOIN_PAGE, needs_arrival
from booking.paying.charge_letters import PRICE_PAGE
from booking.reading import BookingShown, client_bookings
from booking.series.answer import withdraw_series
from booking.state_words import STATES
from booking.withdraw import withdraw_request
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.errors import Invalid
from core.http import as_text
from notices.letter import local_time

PAGE = "appointments"
blueprint = Blueprint("appointments_page", __name__, template_folder="templates")
COMING, PAST = 30, 10
# What waits for the client's own answer, and the page on which they give it.
HELD_FOR = {"proposal": "Proposed to you by your therapist", "offer": "Offered to you from the waitlist"}
ANSWERED_AT = {"proposal": "/proposed-to-me", "offer": "/my-waitlist"}
WHY = {"not_needed": "I do not need it any more", "time": "The time", "unwell": "I am unwell", "somebody_else": "I see somebody else", "price": "The price"}


@blueprint.get(f"/{PAGE}")
@allow(signed_in)
def own_appointments() -> str:
    """What is to come, the soonest first; then what was."""
    me, at = caller().require_person(), now()
    zone = require_account(me).person.zone
    coming = client_bookings(me, past=False, limit=COMING, cursor=None, now=at)
    past = client_bookings(me, past=True, limit=PAST, cursor=None, now=at)
    off = off_among([each.public_id for each in coming.items])
    facts: dict[str, Any] = {
        "coming": [_line(each, zone) | {"is_off": each.public_id in off} for each in coming.items],
        "past": [_line(each, zone) for each in past.items],
        "more": coming.next is not None,
        "known": {f"/therapists/{each.therapist.public_id}": each.therapist.name for each in (*coming.items, *past.items) if each.role == "client"},
    }
    return render_template("booking/appointments.html", **facts, reasons=WHY, csrf_token=csrf_token())


@blueprint.get(f"/{PAGE}/<uuid:booking_id>/move")
@allow(signed_in)
def move_page(booking_id: uuid.UUID) -> str:
    """Other times for one of them."""
    me = caller().require_person()
    booking, starts = other_times_for(booking_id, by=me, now=now())
    zone = require_account(me).person.zone
    times = [(as_text(start), local_time(start, zone)) for start in starts]
    shown = {"when": local_time(booking.starts_at, zone), "seen": as_text(booking.starts_at), "is_off": bool(off_among([booking_id]))}
    return render_template("booking/move_appointment.html", booking_id=booking_id, times=times, csrf_token=csrf_token(), **shown)


@blueprint.post(f"/{PAGE}/<uuid:booking_id>")
@allow(confirmed)
def act_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Move it, call it off, or take a request back; of a series that waits, all its dates."""
    act, reason, me = request.form.get("act", ""), request.form.get("reason", ""), caller().require_person()
    if act == "cancel" and reason in REASONS:
        cancel_as_shown(booking_id, by=me, reason=reason, fee_seen=request.form.get("seen") == "fee", now=now())
    elif act == "move":
        move_as_shown(booking_id, _instant("start"), seen=_instant("seen"), by=me, now=now())
    elif act == "withdraw":
        withdraw_request(booking_id, by=me, now=now())
    elif act == "withdraw_series":
        withdraw_series(booking_id, by=me, now=now())
    else:
        raise Invalid("Please press one of the buttons, and say why when you call an appointment off.")
    return redirect(f"/{PAGE}", 303)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _instant(name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(request.form.get(name, ""))
        if instant.tzinfo is None:
            raise ValueError(name)
    except ValueError as error:
        raise Invalid("Please press one of the buttons.") from error
    return instant


def _line(shown: BookingShown, zone: str) -> dict[str, Any]:
    """One appointment in words, with the pages and the buttons that go with it."""
    agreed, at = shown.state == "confirmed", now()
    late = shown.late_fee if shown.late_fee is not None and at >= shown.cancel_free_until else None
    return {
        "id": shown.public_id,
        "when": local_time(shown.starts_at, zone),
        "who": shown.therapist.name,
        "profile": f"/therapists/{shown.therapist.public_id}",
        "what": ("Free first talk" if shown.service.kind == "consultation" else "Appointment") + f", {shown.service.minutes} minutes",
        "how": MODES.get(shown.service.mode, ""),
        "state": HELD_FOR.get(shown.held_for or "", STATES[shown.state]),
        "held_until": local_time(shown.held_until, zone) if shown.held_until else "",
        "answer": ANSWERED_AT.get(shown.held_for or "", ""),
        "message": shown.message,
        "note": shown.note,
        "answer_by": local_time(shown.answer_by, zone) if shown.answer_by else "",
        "free_until": local_time(shown.cancel_free_until, zone) if agreed and late is None else "",
        "late_fee": late if agreed else None,
        "join": f"/{JOIN_PAGE}/{shown.public_id}" if agreed and needs_arrival(shown.service.mode) else "",
        "price": f"/{PRICE_PAGE}/{shown.public_id}" if shown.state == "held" or "pay" in shown.actions else "",
        "receipt": f"/payments/{shown.payment.public_id}" if shown.payment is not None else "",
        "series": shown.series.public_id if shown.series is not None and shown.state == "requested" else None,
        "of_series": f"/series/{shown.series.public_id}" if shown.series is not None else "",
        "move": f"/{PAGE}/{shown.public_id}/move" if "move" in shown.actions else "",
        "after": f"/{AFTER_PAGE}/{shown.public_id}" if {"report", "contest", "complain"} & {*shown.actions} or shown.outcome_contested else "",
        "cancel": "cancel" in shown.actions,
        "withdraw": "withdraw" in shown.actions,
    }

"""One appointment of a therapist, reached from the week: move it, call it off, or read what happened to it. The therapist always says why."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.appointments.pages import WHY
from booking.cancel import cancel_booking
from booking.history import StepShown, history_of
from booking.letters import MODES
from booking.meeting import AFTER_PAGE, JOIN_PAGE, WEEK_PAGE, needs_arrival
from booking.reading import BookingShown, show
from booking.reschedule import reschedule
from booking.schemas import LONGEST_NOTE, CancelSchema, MoveSchema
from booking.state_words import STATES
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import form_of, read_through, refusal_of, wall_time
from core.http import as_text
from core.zones import zone as zone_named
from notices.letter import local_time

blueprint = Blueprint("appointment_page", __name__, template_folder="../templates")
SEE_OTHER = 303
WHY_MINE = (("time", "The time"), ("unwell", "I am unwell"), ("other", "Another reason"))
WHO = {"client": "by the client", "therapist": "by you", "staff": "by our desk", "nobody": "by the clock"}


@blueprint.get(f"/{WEEK_PAGE}/<uuid:booking_id>")
@allow(role("therapist"))
def appointment_page(booking_id: uuid.UUID) -> ResponseReturnValue:
    """How it stands."""
    return _page(booking_id)


@blueprint.post(f"/{WEEK_PAGE}/<uuid:booking_id>")
@allow(role("therapist"))
def change_appointment_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Move it, or call it off."""
    _own(booking_id)
    acts = {"move": _move, "cancel": _cancel}
    refused = refusal_of(lambda: acts.get(request.form.get("act", ""), _no_button)(booking_id))
    return _page(booking_id, refused) if refused else redirect(f"/{WEEK_PAGE}/{booking_id}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
change_appointment_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _move(booking_id: uuid.UUID) -> None:
    start = wall_time("start", request.form.get("start", ""), _own(booking_id).zone)
    asked = {"start": as_text(start), "from": request.form.get("seen", ""), "reason": request.form.get("reason", "")}
    read = read_through(MoveSchema, asked)
    reschedule(booking_id, read["start"], by=_me(), reason=read.get("reason"), seen=read["seen"], now=now())


def _cancel(booking_id: uuid.UUID) -> None:
    read = read_through(CancelSchema, {"reason": request.form.get("reason", ""), "note": request.form.get("note", "").strip()})
    cancel_booking(booking_id, by=_me(), **read, now=now())


def _no_button(_: uuid.UUID) -> None:
    raise Invalid("Please press one of the buttons.")


def _own(booking_id: uuid.UUID) -> BookingShown:
    """NotFound for what is not given by the caller, also where they attend it."""
    shown = show(booking_id, person_id=_me(), now=now())
    if shown.role != "therapist":
        raise NotFound
    return shown


def _page(booking_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    shown, pressed = _own(booking_id), request.form.get("act", "")
    wall = f"{shown.starts_at.astimezone(zone_named(shown.zone)):%Y-%m-%dT%H:%M}"
    facts: dict[str, Any] = {
        "shown": shown,
        "when": local_time(shown.starts_at, shown.zone),
        "who": ", ".join(each.name or "Without a name" for each in shown.clients),
        "what": ("Free first talk" if shown.service.kind == "consultation" else "Appointment") + f", {shown.service.minutes} minutes",
        "how": MODES.get(shown.service.mode, ""),
        "state": STATES[shown.state],
        "seen": as_text(shown.starts_at),
        "join": f"/{JOIN_PAGE}/{booking_id}" if shown.state == "confirmed" and needs_arrival(shown.service.mode) else "",
        "after": f"/{AFTER_PAGE}/{booking_id}" if shown.starts_at <= now() else "",
        "move": form_of({"start": wall, "reason": "time"}, refused, name="move", is_sent=pressed == "move"),
        "cancel": form_of({"reason": "time"}, refused, name="cancel", is_sent=pressed == "cancel"),
        "others": _others(refused, shown.zone),
        "steps": [_step(each, shown.zone) for each in history_of(booking_id, person_id=_me()).items],
        "why": WHY_MINE,
        "longest": LONGEST_NOTE,
    }
    page = render_template("booking/appointment.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _others(refused: DomainError | None, zone: str) -> list[str]:
    return [local_time(datetime.fromisoformat(each), zone) for each in (refused.extra.get("openings", ()) if refused else ())]


def _step(each: StepShown, zone: str) -> str:
    reason = WHY.get(each.reason or "", (each.reason or "").replace("_", " "))
    moved = f", from {local_time(each.moved_from, zone)}" if each.moved_from else ""
    return f"{local_time(each.at, zone)}: {each.what.replace('_', ' ')} {WHO[each.by]}{moved}{f' ({reason})' if reason else ''}"


def _me() -> int:
    return caller().require_person()

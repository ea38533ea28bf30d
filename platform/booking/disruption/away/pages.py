"""Two steps: say when, look at what is booked then and choose for each; then a list that stays until everybody knows. Nothing is closed by looking."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.disruption import opened, reading
from booking.disruption.models import REASONS
from booking.disruption.schemas import MOST_CHOICES, NewDisruptionSchema
from booking.models import Booking
from booking.state_words import STATES
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Invalid
from core.forms import form_id, read_through
from notices.letter import local_time
from therapists.profile import own_profile

PAGE = "away"
blueprint = Blueprint("away_pages", __name__, template_folder="templates")
therapist_only = role("therapist")
LATELY, LINES = 10, 200
WHY = {"unwell": "I am unwell", "emergency": "An emergency", "holiday": "A holiday", "other": "Another reason"}
CHOICES = {"offer_new_times": "Offer other times", "cancel_free": "Call it off, free of charge", "keep": "It stays"}
STANDS = {
    "working": "Is being told",
    "kept": "Stays; say that you have seen it",
    "told": "Told, and has not let us know yet",
    "desk": "Somebody from our desk tries to reach them",
    "knows": "Knows, and may still choose another time",
    "moved": "Has another time",
    "ended": "Is called off",
    "closed": "Done",
}


@blueprint.get(f"/{PAGE}")
@allow(therapist_only)
def away_page() -> str:
    """Say when; and what was said lately."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(therapist_only)
def away_here() -> ResponseReturnValue:
    """Look at what is booked then, or do it."""
    try:
        given = read_through(NewDisruptionSchema, _typed())
        if request.form.get("step") != "do":
            return _looked_at(given)
        choices = {each["booking_id"]: each["choice"] for each in given.pop("choices")}
        made = opened.cannot_work(_me(), **given, choices=choices, now=now())
    except Invalid as refused:
        return _page(refusal=refused.in_words), STATUS_OF_KIND[refused.kind]
    return redirect(f"/{PAGE}/{made.public_id}", 303)


@blueprint.get(f"/{PAGE}/<uuid:disruption_id>")
@allow(therapist_only)
def list_page(disruption_id: uuid.UUID) -> str:
    """Who is on the list, and how each stands."""
    shown, zone = reading.disruption_of(_me(), disruption_id), own_profile(_me()).zone
    lines = reading.lines_of(_me(), disruption_id, limit=LINES, cursor=None)
    rows = [
        {"id": each.public_id, "state": reading.state_of(each), **_booked(each.booking, zone), "when": local_time(each.starts_at, zone)} for each in lines.items
    ]
    return render_template("booking/away_list.html", shown=shown, title=_title(shown, zone), rows=rows, stands=STANDS, csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}/<uuid:disruption_id>")
@allow(therapist_only)
def seen_here(disruption_id: uuid.UUID) -> ResponseReturnValue:
    """The therapist has seen that this one stays."""
    reading.say_seen(_me(), disruption_id, form_id("line"), now=now())
    return redirect(f"/{PAGE}/{disruption_id}", 303)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
away_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
seen_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _typed() -> dict[str, Any]:
    """As the API takes it: ``from``, ``to``, ``reason``, and ``choice-<booking>`` for what was looked at."""
    chosen = {name.removeprefix("choice-"): value for name, value in request.form.items() if name.startswith("choice-")}
    choices = [{"booking_id": booking, "choice": choice} for booking, choice in chosen.items()]
    return {**{name: request.form.get(name, "") for name in ("from", "to", "reason")}, "choice": "offer_new_times", "choices": choices}


def _looked_at(given: dict[str, Any]) -> str:
    therapist = own_profile(_me())
    start, end = opened.absence(therapist.zone, given["wall_from"], given["wall_to"], now=now())
    booked = opened.to_be_told_between(_me(), start, end, now=now())
    return render_template(
        "booking/away_choose.html",
        title=f"{local_time(start, therapist.zone)} to {local_time(end, therapist.zone)}",
        rows=[_booked(each, therapist.zone) for each in booked[:MOST_CHOICES]],
        more=len(booked) > MOST_CHOICES,
        given=request.form,
        choices=CHOICES,
        csrf_token=csrf_token(),
    )


def _page(*, refusal: str = "") -> str:
    zone = own_profile(_me()).zone
    lately = reading.disruptions_of(_me(), only_open=False, limit=LATELY, cursor=None).items
    facts = {"lately": [(each, _title(each, zone)) for each in lately], "reasons": {code: WHY[code] for code in REASONS}}
    return render_template("booking/away.html", **facts, given=request.form, zone=zone, refusal=refusal, csrf_token=csrf_token())


def _booked(booking: Booking, zone: str) -> dict[str, Any]:
    return {
        "booking": booking.public_id,
        "when": local_time(booking.starts_at, zone),
        "who": ", ".join(each.person.name or "Without a name" for each in booking.participants),
        "booking_state": STATES[booking.state],
    }


def _title(shown: reading.DisruptionShown, zone: str) -> str:
    row = shown.row
    if row.starts_at is None or row.ends_at is None:
        return f"Other hours, since {local_time(row.opened_at, zone)}"
    return f"{local_time(row.starts_at, zone)} to {local_time(row.ends_at, zone)}"


def _me() -> int:
    return caller().require_person()

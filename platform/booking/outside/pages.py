"""A therapist's own calendars as busy time: which are read, how old what we know of each is, and what of it lies over appointments."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.outside import calendars
from booking.outside.collisions import CollisionShown, keep_booking, open_collisions
from booking.outside.models import OutsideCalendar
from booking.outside.routes import SubscribeSchema
from booking.outside.subscribe_calls import subscribe_calendar
from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_id, form_of, read_through
from core.zones import zone as zone_named
from notices.letter import local_time
from therapists.profile import own_profile

PAGE = "my-own-calendars"
blueprint = Blueprint("outside_pages", __name__, template_folder="templates")
therapist_only = role("therapist")
SEE_OTHER = 303
AT_ONCE = 50
FORM = frozenset({"form"})
HOUR = timedelta(hours=1)


@blueprint.get(f"/{PAGE}")
@allow(therapist_only)
def calendars_page() -> ResponseReturnValue:
    """What is read, and what asks for a look."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(therapist_only, outside=True)
def subscribe_here() -> ResponseReturnValue:
    """Subscribe one; it is read at once."""
    try:
        given = read_through(SubscribeSchema, {"address": request.form.get("address", "").strip()})
        tentative = request.form.get("tentative_blocks") == "yes"
        with transaction():
            me = _me()
        subscribe_calendar(me, given["address"], tentative_blocks=tentative)
    except DomainError as refused:
        with transaction():
            return _page(refused)
    return redirect(f"/{PAGE}", SEE_OTHER)


@blueprint.post(f"/{PAGE}/<uuid:calendar_id>")
@allow(therapist_only)
def change_here(calendar_id: uuid.UUID) -> ResponseReturnValue:
    """Look at it now, say whether tentative events count, or count it no longer."""
    at = now()
    acts: dict[str, Callable[[], object]] = {
        "look": lambda: calendars.look_again(_me(), calendar_id, now=at),
        "tentative": lambda: calendars.set_tentative(_me(), calendar_id, tentative_blocks=True, now=at),
        "not_tentative": lambda: calendars.set_tentative(_me(), calendar_id, tentative_blocks=False, now=at),
        "remove": lambda: calendars.remove_calendar(_me(), calendar_id),
    }
    acts.get(request.form.get("act", ""), _no_button)()
    return redirect(f"/{PAGE}", SEE_OTHER)


@blueprint.post(f"/{PAGE}/over")
@allow(therapist_only)
def keep_here() -> ResponseReturnValue:
    """An appointment stays although something lies over it."""
    keep_booking(_me(), form_id("over"), now=now())
    return redirect(f"/{PAGE}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
subscribe_here.__takes__ = FORM  # type: ignore[attr-defined]
change_here.__takes__ = FORM  # type: ignore[attr-defined]
keep_here.__takes__ = FORM  # type: ignore[attr-defined]


def _no_button() -> None:
    raise Invalid("Please press one of the buttons.")


def _page(refused: DomainError | None = None) -> ResponseReturnValue:
    me = _me()
    zone = own_profile(me).zone
    over = open_collisions(me, limit=AT_ONCE, cursor=None, now=now())
    facts: dict[str, Any] = {
        "form": form_of({"tentative_blocks": "yes"}, refused),
        "calendars": [_line(each, zone) for each in calendars.calendars_of(me)],
        "over": [_over(each, zone) for each in over.items],
        "more": over.next is not None,
    }
    page = render_template("booking/own_calendars.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _line(calendar: OutsideCalendar, zone: str) -> dict[str, Any]:
    return {
        "id": calendar.public_id,
        "address": calendars.shown_address(calendar),
        "is_stale": bool(calendar.failures),
        "read": local_time(calendar.good_at, zone),
        "age": _age(now() - calendar.good_at),
        "tentative": calendar.tentative_blocks,
        "skipped": sum(calendar.skipped.values()),
    }


def _age(age: timedelta) -> str:
    hours = age // HOUR
    return "less than an hour ago" if hours < 1 else f"{hours} hours ago" if hours < 48 else f"{hours // 24} days ago"


def _over(each: CollisionShown, zone: str) -> dict[str, str]:
    return {
        "id": str(each.public_id),
        "when": local_time(each.starts_at, zone),
        "busy": f"{local_time(each.busy_from, zone)} to {local_time(each.busy_to, zone)}",
        "week": f"/week?day={each.starts_at.astimezone(zone_named(zone)).date().isoformat()}",
    }


def _me() -> int:
    return caller().require_person()

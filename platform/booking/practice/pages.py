"""A therapist's requests, with their clocks and one answer each, and the week."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.confirm import confirm_request
from booking.decline import REASONS, decline_request
from booking.letters import MODES
from booking.meeting import AFTER_PAGE, JOIN_PAGE, WEEK_PAGE, needs_arrival
from booking.models import Booking
from booking.openings.resolved_week import Stretch
from booking.outside.calendars import calendars_of, shown_address
from booking.outside.models import OutsideCalendar
from booking.reading import open_requests
from booking.series.answer import confirm_series, decline_series
from booking.state_words import STATES
from booking.week import DayShown, WeekShown, therapists_week
from core.access import allow, caller, role
from core.clock import now
from core.dates import day_of
from core.errors import Invalid
from core.zones import zone as zone_named
from notices.letter import local_time

REQUESTS_PAGE = "requests"
blueprint = Blueprint("practice_pages", __name__, template_folder="templates")
AT_ONCE = 50
WHY = {"time": "The time does not suit", "full": "No place is free", "not_a_fit": "Not a fit", "conflict": "A conflict of interest", "other": "Another reason"}


@blueprint.get(f"/{REQUESTS_PAGE}")
@allow(role("therapist"))
def requests_page() -> str:
    """Who waits for an answer, the one whose clock runs out first at the top."""
    found = open_requests(caller().require_person(), limit=AT_ONCE, cursor=None, now=now())
    lines: list[dict[str, Any]] = []
    for each in found.items:
        if each.series is not None and any(line["series"] == each.series.public_id for line in lines):
            continue  # a series is one request
        lines.append(
            {
                "id": each.public_id,
                "series": each.series.public_id if each.series is not None else None,
                "weeks": each.series.every_weeks if each.series is not None else 0,
                "when": local_time(each.starts_at, each.zone),
                "who": ", ".join(client.name or "Without a name" for client in each.clients),
                "what": ("Free first talk" if each.service.kind == "consultation" else "Appointment") + f", {each.service.minutes} minutes",
                "how": MODES.get(each.service.mode, ""),
                "answer_by": local_time(each.answer_by, each.zone) if each.answer_by else "",
            }
        )
    return render_template("booking/requests.html", requests=lines, more=found.next is not None, reasons=WHY, csrf_token=csrf_token())


@blueprint.post(f"/{REQUESTS_PAGE}/<uuid:request_id>")
@allow(role("therapist"))
def answer_here(request_id: uuid.UUID) -> ResponseReturnValue:
    """Yes or no; to a series for all its dates."""
    answer, reason, me = request.form.get("answer", ""), request.form.get("reason", ""), caller().require_person()
    of_series = request.form.get("series") == "yes"
    if answer == "confirm":
        (confirm_series if of_series else confirm_request)(request_id, by=me, now=now())
    elif answer == "decline" and reason in REASONS:
        (decline_series if of_series else decline_request)(request_id, by=me, reason=reason, now=now())
    else:
        raise Invalid("Please press one of the buttons, and say why when you decline. The reason stays with you.")
    return redirect(f"/{REQUESTS_PAGE}", 303)


@blueprint.get(f"/{WEEK_PAGE}")
@allow(role("therapist"))
def week_page() -> str:
    """The week of a day, or this one."""
    week = therapists_week(caller().require_person(), _day(), now=now())
    first = week.days[0].day
    around = {"before": first - timedelta(days=7), "after": first + timedelta(days=7)}
    days = [_day_shown(week, position) for position in range(len(week.days))]
    stale = [_stale(each, week.zone) for each in calendars_of(caller().require_person()) if each.failures]
    return render_template("booking/week.html", week=week, days=days, stale=stale, **around)


# `core.http.refuse_unexpected` asks what a view takes.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
week_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]


def _day() -> date | None:
    if "day" not in request.args:
        return None
    try:
        return day_of(request.args["day"])
    except ValueError as error:
        raise Invalid(errors={"day": ["Give a day such as 2026-11-23."]}) from error


def _day_shown(week: WeekShown, position: int) -> dict[str, Any]:
    day = week.days[position]
    return {
        "title": local_time(day.starts_at, week.zone).split(",")[0],
        "ask": f"{day.day.isoformat()}T09:00",
        "hours": _spans(day.hours, day, week.zone),
        "outside": _spans(week.outside, day, week.zone),
        "holidays": day.holidays,
        "openings": day.openings,
        "is_ahead": day.ends_at > now(),
        "off": bool(day.time_off),
        "bookings": [_booking(each, week) for each in week.bookings if day.starts_at <= each.starts_at < day.ends_at],
    }


def _spans(stretches: Sequence[Stretch], day: DayShown, zone: str) -> list[str]:
    """The parts of them that lie on this date, such as ``10:00 to 11:30``; the end of the date is 24:00."""
    parts = [(max(each.start, day.starts_at), min(each.end, day.ends_at)) for each in stretches if each.start < day.ends_at and each.end > day.starts_at]
    clock = [(_clock(start, zone), "24:00" if end == day.ends_at else _clock(end, zone)) for start, end in parts]
    return [f"{start} to {end}" for start, end in clock]


def _clock(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(zone_named(zone)):%H:%M}"


def _stale(calendar: OutsideCalendar, zone: str) -> dict[str, str]:
    """A calendar that could not be read lately: what it said before still counts."""
    return {"address": shown_address(calendar), "since": local_time(calendar.good_at, zone)}


def _booking(booking: Booking, week: WeekShown) -> dict[str, Any]:
    start, end = (local_time(each, week.zone).rsplit(", ", 1)[1].split(" ")[0] for each in (booking.starts_at, booking.ends_at))
    return {
        "time": f"{start} to {end}",
        "page": f"/{WEEK_PAGE}/{booking.public_id}",
        "who": ", ".join(each.person.name or "Without a name" for each in booking.participants),
        "how": MODES.get(booking.mode, ""),
        "state": "Does not take place then: its clients choose another time" if booking.id in week.off else STATES[booking.state],
        "after": f"/{AFTER_PAGE}/{booking.public_id}" if booking.starts_at <= now() and booking.state in ("confirmed", "completed", "no_show") else "",
        "join": f"/{JOIN_PAGE}/{booking.public_id}" if booking.state == "confirmed" and needs_arrival(booking.mode) else "",
    }

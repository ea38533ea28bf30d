"""When a therapist works: each schedule with its week, dates that differ, holidays and travel; time off, and how much they take on in all.

No change is saved silently over something that is booked: it is refused with the list, until a choice is made.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from accounts.identity import csrf_token
from core.access import allow, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import Form, form_id, form_of, named_as_filled_in, read_through, refusal_of
from core.http import flat_errors
from core.zones import local_date
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary
from therapists import hours, limits, profile, schedules, time_off
from therapists.holiday_calendars import calendars
from therapists.hours_changing import choice_sent, hours_changing
from therapists.models import Therapist
from therapists.practice_pages.hours import form as fields
from therapists.practice_pages.pages import PAGE, therapist_only
from therapists.schedule_models import TherapistSchedule, TimeOff
from therapists.schedule_schemas import LimitsSchema, NewScheduleSchema, ScheduleChangesSchema, ZoneChangesSchema
from therapists.schemas import HoursOverridesSchema, WorkingHoursSchema

blueprint = Blueprint("therapist_hours", __name__, url_prefix=f"/{PAGE}/hours", template_folder="../templates")
SEE_OTHER = 303
FORM = frozenset({"form"})
TIME_OFF_SHOWN = 100


@blueprint.get("")
@allow(therapist_only)
def hours_page() -> ResponseReturnValue:
    """My usual schedule, and what holds for all of them."""
    return _page(None)


@blueprint.post("")
@allow(therapist_only)
def change_hours_here() -> ResponseReturnValue:
    """Change the usual schedule, open another one, work in time off after all, or set how much I take on."""
    refused = refusal_of(lambda: _press(None, {"add": _add, "limits": _set_limits, "work": _work_after_all}))
    return _page(None, refused) if refused else redirect(url_for(".hours_page"), SEE_OTHER)


@blueprint.get("/<uuid:schedule_id>")
@allow(therapist_only)
def schedule_page(schedule_id: uuid.UUID) -> ResponseReturnValue:
    """One schedule of mine."""
    return _page(schedule_id)


@blueprint.post("/<uuid:schedule_id>")
@allow(therapist_only)
def change_schedule_here(schedule_id: uuid.UUID) -> ResponseReturnValue:
    """Change it, or take it away."""
    refused = refusal_of(lambda: _press(schedule_id, {"remove": lambda: schedules.remove_schedule(_mine(), schedule_id, now=now())}))
    if refused:
        return _page(schedule_id, refused)
    return redirect(url_for(".hours_page") if request.form["act"] == "remove" else url_for(".schedule_page", schedule_id=schedule_id), SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
change_hours_here.__takes__ = FORM  # type: ignore[attr-defined]
change_schedule_here.__takes__ = FORM  # type: ignore[attr-defined]


def _press(schedule_id: uuid.UUID | None, more: dict[str, Callable[[], object]]) -> None:
    acts: dict[str, Callable[[], object]] = {
        "save": lambda: _save_week(schedule_id),
        "dates": lambda: _save_dates(schedule_id),
        "travel": lambda: _save_travels(schedule_id),
        "about": lambda: _save_about(schedule_id),
    }
    act = (acts | more).get(request.form.get("act", ""))
    if act is None:
        raise Invalid("Please press one of the buttons.")
    with hours_changing(_me(), affected=choice_sent(request.form), now=now()):
        act()


def _save_week(schedule_id: uuid.UUID | None) -> None:
    body, places = fields.week_sent(request.form)
    mine, schedule = _schedule(schedule_id)
    _at_fields(places, lambda: hours.set_hours(mine, read_through(WorkingHoursSchema, body)["windows"], schedule=schedule, now=now()))


def _save_dates(schedule_id: uuid.UUID | None) -> None:
    body, places = fields.dates_sent(request.form)
    mine, schedule = _schedule(schedule_id)
    _at_fields(places, lambda: hours.set_overrides(mine, read_through(HoursOverridesSchema, body)["days"], schedule=schedule, now=now()))


def _save_travels(schedule_id: uuid.UUID | None) -> None:
    body, places = fields.travels_sent(request.form)
    mine, schedule = _schedule(schedule_id)
    _at_fields(places, lambda: schedules.set_zone_changes(mine, schedule.public_id, read_through(ZoneChangesSchema, body)["changes"], now=now()))


def _save_about(schedule_id: uuid.UUID | None) -> None:
    body, places = fields.about_sent(request.form)
    mine, schedule = _schedule(schedule_id)
    if not body["name"]:
        raise Invalid(errors={"name": ["Fill this in."]})

    def change() -> None:
        changes = read_through(ScheduleChangesSchema, body) | {name: None for name in ("zone", "holidays") if body[name] is None}
        schedules.change_schedule(mine, schedule.public_id, changes, now=now())

    _at_fields(places, change)


def _add() -> None:
    body = read_through(NewScheduleSchema, {"name": request.form.get("name", "").strip()})
    schedules.add_schedule(_mine(), **body, now=now())


def _set_limits() -> None:
    # Every limit is sent: one that is empty is none.
    try:
        read = LimitsSchema().load(fields.limits_sent(request.form))
    except ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error
    limits.set_limits(_mine(), read, now=now())


def _work_after_all() -> None:
    time_off.remove_time_off(_mine(), form_id("time_off"), now=now())


def _at_fields(places: dict[str, str], act: Callable[[], object]) -> None:
    try:
        act()
    except DomainError as refused:
        raise named_as_filled_in(refused, places) from refused


def _page(schedule_id: uuid.UUID | None, refused: DomainError | None = None) -> ResponseReturnValue:
    mine, pressed = profile.own_profile(_me()), request.form.get("act", "")
    schedule = mine.default_schedule if schedule_id is None else schedules.schedule_of(mine, schedule_id)
    zone = schedule.zone or mine.zone
    today = local_date(zone, int(now().timestamp()))

    def form(name: str, stands: dict[str, Any]) -> Form:
        return form_of(stands, refused, name=name, is_sent=pressed == name)

    forms = {
        "save": form("save", fields.week_of(schedule)),
        "dates": form("dates", fields.dates_of(schedule, since=today.isoformat())),
        "travel": form("travel", fields.travels_of(schedule)),
        "about": form("about", fields.about_of(schedule)),
        "limits": form("limits", fields.limits_shown(limits.limits_of(mine.person_id))),
        "add": form("add", {}),
    }
    away, _ = time_off.time_off_of(mine.person_id, since=today, limit=TIME_OFF_SHOWN)
    facts: dict[str, Any] = {
        "zone": zone,
        "schedule": schedule,
        "is_one_of_several": schedule_id is not None,
        "schedules": mine.schedules,
        "users": [service for service in mine.services if service.active and service.schedule_id == schedule.id],
        "week": list(enumerate(fields.WEEK)),
        "dates_shown": fields.rows_shown(forms["dates"].values, "days", most=fields.MOST_DATES),
        "travels_shown": fields.rows_shown(forms["travel"].values, "changes", most=fields.MOST_TRAVELS),
        "countries": [("", "None"), *((code, _country(code)) for code in calendars())],
        "parts": calendars().get(forms["about"].values.get("country", ""), ()),
        "away": [{"id": each.public_id, "words": _words(each), "reason": each.reason} for each in away],
        "affected": [_affected(each, zone) for each in (refused.extra.get("bookings", ()) if refused else ())],
        "refusal": refused.detail if refused and pressed not in forms else None,
    }
    page = render_template("therapists/practice_hours.html", forms=forms, **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _affected(booking: dict[str, Any], zone: str) -> str:
    who = ", ".join(name or "Without a name" for name in booking["clients"])
    return f"{local_time(datetime.fromisoformat(booking['starts_at']), zone)}: {who}"


def _words(row: TimeOff) -> str:
    """Its ends, on the clock of each schedule that it is off."""
    start, end = row.first_day.isoformat(), row.last_day.isoformat()
    if (row.from_minute, row.to_minute) != (0, 1440):
        start, end = f"{start} {fields.written_minute(row.from_minute)}", f"{end} {fields.written_minute(row.to_minute)}"
    return f"{start} to {end}" + (f", {row.schedule.name} alone" if row.schedule else "")


def _country(code: str) -> str:
    known = vocabulary().jurisdictions.get(code)
    return f"{known.label} ({code})" if known else code


def _schedule(schedule_id: uuid.UUID | None) -> tuple[Therapist, TherapistSchedule]:
    mine = _mine()
    return mine, mine.default_schedule if schedule_id is None else schedules.schedule_of(mine, schedule_id)


def _mine() -> Therapist:
    return profile.profile_for_edit(_me())


def _me() -> int:
    return caller().require_person()

"""A series by page: all its dates with what stands against each before anything is booked; then each date, one and all that follow, and its end."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.appointments.pages import PAGE as APPOINTMENTS
from booking.appointments.pages import WHY
from booking.choosing.choice import Choice, chosen_in, title_of
from booking.choosing.pages import minutes_sent, own_zone
from booking.meeting import BOOK_PAGE, SERIES_PAGE, WEEK_PAGE
from booking.paying.charge_letters import PRICE_PAGE
from booking.paying.price import Chosen
from booking.reading import BookingShown
from booking.reschedule import REASONS as MOVE_REASONS
from booking.series.answer import withdraw_series
from booking.series.book import Repeated, book_series
from booking.series.change import NewRhythm, cancel_following, move_following, preview_move
from booking.series.hold import hold_series
from booking.series.models import Series
from booking.series.preview import DateShown, SeriesPreview, preview_series
from booking.series.reading import SeriesShown, series_dates, show_series
from booking.series.schemas import CancelFollowingSchema, RepeatedQuery
from booking.state_words import STATES
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import form_of, read_through, refusal_of, wall_time, whole_number
from core.http import as_text
from core.zones import zone as zone_named
from notices.letter import local_time

blueprint = Blueprint("series_pages", __name__, template_folder="templates")
SEE_OTHER = 303
WAYS = (
    ("refuse", "Then book nothing"),
    ("skip", "Leave those dates out"),
    ("extend", "Leave them out, and go on until there are as many"),
)
MOVE_WHY = {"time": "The time", "unwell": "I am unwell", "other": "Another reason"}
USUAL_COUNT = 8
NO_BUTTON = "Please press one of the buttons."


@blueprint.get(f"/{BOOK_PAGE}/<uuid:service_id>/<int:start>/series")
@allow(signed_in)
def preview_page(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Every date, what stands against it, and where the reader's clock shows another time. Nothing is written."""
    return _preview(chosen_in(service_id, start=start, minutes=minutes_sent()))


@blueprint.post(f"/{BOOK_PAGE}/<uuid:service_id>/<int:start>/series")
@allow(confirmed)
def book_here(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Book all, those that are free, or as many as were asked for; held together where the first is paid by card."""
    choice, booked = chosen_in(service_id, start=start, minutes=minutes_sent()), list[Series]()

    def act() -> None:
        asked = (_me(), service_id, choice.at, _repeated(choice))
        booked.append(hold_series(*asked, Chosen(), now=now()) if choice.pays_first else book_series(*asked, now=now()))

    if refused := refusal_of(act):
        return _preview(choice, refused)
    first = series_dates(booked[0].id)[0]
    return redirect(f"/{PRICE_PAGE}/{first.public_id}" if choice.pays_first else f"/{SERIES_PAGE}/{booked[0].public_id}", SEE_OTHER)


@blueprint.get(f"/{SERIES_PAGE}/<uuid:series_id>")
@allow(signed_in)
def series_page(series_id: uuid.UUID) -> ResponseReturnValue:
    """Its dates, and what its reader can do with each."""
    return _series(show_series(series_id, person_id=_me(), now=now()))


@blueprint.post(f"/{SERIES_PAGE}/<uuid:series_id>")
@allow(confirmed)
def act_here(series_id: uuid.UUID) -> ResponseReturnValue:
    """End it from one date on, or take the request for it back."""
    if request.form.get("act") == "withdraw":
        refused = refusal_of(lambda: withdraw_series(series_id, by=_me(), now=now()))
    else:
        refused = refusal_of(lambda: _end(series_id))
    if refused and not isinstance(refused, NotFound):
        return _series(show_series(series_id, person_id=_me(), now=now()), refused)
    if refused:
        raise refused
    return redirect(f"/{SERIES_PAGE}/{series_id}", SEE_OTHER)


@blueprint.get(f"/{SERIES_PAGE}/<uuid:series_id>/move/<uuid:booking_id>")
@allow(signed_in)
def move_page(series_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Where this date and all that follow would go. Nothing is written."""
    return _move(series_id, booking_id)


@blueprint.post(f"/{SERIES_PAGE}/<uuid:series_id>/move/<uuid:booking_id>")
@allow(confirmed)
def move_here(series_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Move them: all, or nothing changes. They become a series of their own."""
    moved: list[Series] = []
    reason = request.form.get("reason") or None
    if reason not in (None, *MOVE_REASONS):
        raise Invalid(NO_BUTTON)

    def act() -> None:
        moved.append(move_following(series_id, booking_id, _rhythm(), by=_me(), reason=reason, now=now()))

    if refused := refusal_of(act):
        return _move(series_id, booking_id, refused)
    return redirect(f"/{SERIES_PAGE}/{moved[0].public_id}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes.
preview_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
book_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
move_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
move_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _sent(name: str, otherwise: str = "") -> str:
    return (request.form if request.method == "POST" else request.args).get(name, otherwise).strip()


def _repeated(choice: Choice) -> Repeated:
    asked = {"start": as_text(choice.at), **{name: _sent(name) for name in ("every_weeks", "count", "on_conflict")}}
    read = read_through(RepeatedQuery, asked)
    return Repeated(read["every_weeks"], read["count"], read["on_conflict"], choice.minutes)


def _preview(choice: Choice, refused: DomainError | None = None) -> ResponseReturnValue:
    zone, shown = own_zone(), None
    stands = {"every_weeks": "1", "count": str(min(USUAL_COUNT, choice.service.series_most)), "on_conflict": "refuse"}
    if _sent("count") or _sent("every_weeks"):
        stands = {name: _sent(name) for name in stands}
        try:
            shown = preview_series(_me(), choice.service.public_id, choice.at, _repeated(choice), reader_zone=zone, now=now())
        except NotFound:
            raise
        except DomainError as refusal:
            refused = refused or refusal
    facts = {"form": form_of(stands, refused), "ways": WAYS, "choice": choice, "title": title_of(choice.service), "first": local_time(choice.at, zone)}
    page = render_template("booking/series_preview.html", **facts, **_dates(shown), csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _dates(shown: SeriesPreview | None) -> dict[str, Any]:
    if shown is None:
        return {"dates": [], "can_be_booked": 0}
    card = shown.card_terms.words if shown.card_terms else ()
    return {"dates": [_date(each, shown.reader_zone) for each in shown.dates], "can_be_booked": shown.can_be_booked, "card_terms": card}


def _date(each: DateShown, zone: str) -> dict[str, Any]:
    """On the reader's clock; a time that the clocks skip has none, and is said on the wall of the series."""
    when = local_time(each.starts_at, zone) if each.starts_at else each.wall.replace("T", ", ")
    return {"when": when, "is_shifted": each.is_shifted, "why": [conflict["detail"] for conflict in each.conflicts]}


def _series(shown: SeriesShown, refused: DomainError | None = None) -> ResponseReturnValue:
    zone, gives = own_zone(), any(each.role == "therapist" for each in shown.dates)
    waits = any(each.state == "requested" for each in shown.dates)
    facts: dict[str, Any] = {
        "series": shown,
        "with_whom": _with_whom(shown.dates, gives=gives),
        "dates": [_line(each, zone, gives=gives) for each in shown.dates],
        "withdraws": waits and not gives,
        "answers": waits and gives,
        "reasons": {**WHY, "other": "Another reason"},
        "refusal": refused.in_words if refused else "",
        "given": request.form,
    }
    page = render_template("booking/series.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _with_whom(dates: Sequence[BookingShown], *, gives: bool) -> str:
    if not dates:
        return ""
    return ", ".join(each.name or "Without a name" for each in dates[0].clients) if gives else dates[0].therapist.name or ""


def _line(each: BookingShown, zone: str, *, gives: bool) -> dict[str, Any]:
    ahead = each.state == "confirmed" and each.starts_at > now()
    one = f"/{WEEK_PAGE}/{each.public_id}" if gives else f"/{APPOINTMENTS}/{each.public_id}/move" if "move" in each.actions else ""
    late = each.late_fee if not gives and each.late_fee is not None and now() >= each.cancel_free_until else None
    return {
        "id": each.public_id,
        "when": local_time(each.starts_at, zone),
        "state": STATES[each.state],
        "ahead": ahead,
        "one": one if ahead else "",
        "late": late,
    }


def _end(series_id: uuid.UUID) -> None:
    if request.form.get("act") != "end":
        raise Invalid(NO_BUTTON)
    asked = {"booking_id": request.form.get("booking", ""), "reason": request.form.get("reason", ""), "note": request.form.get("note", "").strip()}
    read = read_through(CancelFollowingSchema, asked)
    cancel_following(series_id, read.pop("booking_id"), by=_me(), **read, now=now())


def _rhythm() -> NewRhythm:
    weeks = _sent("every_weeks")
    every = whole_number(weeks) if weeks else None
    if isinstance(every, str) or (every is not None and not 1 <= every <= 12):
        raise Invalid(errors={"every_weeks": ["From 1 to 12 weeks."]})
    return NewRhythm(wall_time("start", _sent("start"), own_zone()), every)


def _move(series_id: uuid.UUID, booking_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    shown, preview, zone = show_series(series_id, person_id=_me(), now=now()), None, own_zone()
    first = next((each for each in shown.dates if each.public_id == booking_id), None)
    if first is None:
        raise NotFound
    if _sent("start"):
        try:
            preview = preview_move(series_id, booking_id, _rhythm(), by=_me(), reader_zone=zone, now=now())
        except DomainError as refusal:
            refused = refused or refusal
    stands = {"start": _sent("start", _wall(first.starts_at, zone)), "every_weeks": _sent("every_weeks"), "reason": _sent("reason", "time")}
    form = form_of(stands, refused)
    facts = {"form": form, "series": shown, "first": local_time(first.starts_at, zone), "is_previewed": preview is not None, "gives": first.role == "therapist"}
    page = render_template("booking/series_move.html", **facts, **_dates(preview), zone=zone, reasons=MOVE_WHY.items(), csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(zone_named(zone)):%Y-%m-%dT%H:%M}"


def _me() -> int:
    return caller().require_person()

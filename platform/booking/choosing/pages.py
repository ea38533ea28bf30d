"""When a service is free, and one time with its price and terms. A press is an act of the API: book, ask, or hold until it is paid."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from booking.appointments.pages import PAGE as APPOINTMENTS
from booking.choosing.choice import Choice, chosen_in, title_of, week_of
from booking.hold import hold_opening
from booking.letters import MODES
from booking.meeting import BOOK_PAGE
from booking.models import Booking
from booking.openings.shown import shown_openings
from booking.paying.charge_letters import PRICE_PAGE
from booking.request import request_booking
from care.capacity import is_open_to
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import refusal_of
from core.money import Money
from core.zones import day_bounds, local_date
from notices.letter import local_time
from therapists.models import Service

blueprint = Blueprint("choosing_pages", __name__, template_folder="templates")
SEE_OTHER = 303
FURTHEST = timedelta(days=800)
WAYS_ON = {
    "paused": ("/how-things-stand", "How things stand"),
    "direct_questions": ("/find/safety", "Answer the questions"),
    "whose_answers": ("/find", "Say whose answers they are"),
    "somebody_helps": ("/find", "Find a therapist"),
}


@blueprint.get(f"/{BOOK_PAGE}/<uuid:service_id>")
@allow(signed_in)
def openings_page(service_id: uuid.UUID) -> str:
    """A week of openings, on the reader's own clock."""
    choice, zone, minutes = chosen_in(service_id), own_zone(), minutes_sent()
    today = local_date(zone, int(now().timestamp()))
    first = max(_day(today), today)
    low, high = day_bounds(zone, first)[0], day_bounds(zone, first + timedelta(days=6))[1]
    span = datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)
    me = caller().require_person()
    found = shown_openings(service_id, *span, zone_name=zone, client_id=me, now=now(), minutes=minutes)
    around = {"before": first - timedelta(days=7) if first > today else None, "after": first + timedelta(days=7)}
    facts = {"choice": choice, "line": _line(choice.service), "minutes": minutes, "zone": zone, "held": found["held"], "price": f"/{PRICE_PAGE}"}
    facts["is_open"] = is_open_to(choice.offer.therapist_id, me)
    return render_template("booking/choose.html", days=week_of(found["items"], first), first=first, **around, **facts)


@blueprint.get(f"/{BOOK_PAGE}/<uuid:service_id>/<int:start>")
@allow(signed_in)
def time_page(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """One time, with what it costs and on which terms."""
    return _time(chosen_in(service_id, start=start, minutes=minutes_sent()))


@blueprint.post(f"/{BOOK_PAGE}/<uuid:service_id>/<int:start>")
@allow(confirmed)
def take_here(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Book it, ask for it, or hold it until it is paid."""
    choice = chosen_in(service_id, start=start, minutes=minutes_sent())
    taken: list[Booking] = []
    write = hold_opening if choice.pays_first else request_booking
    refused = refusal_of(lambda: taken.append(write(caller().require_person(), service_id, choice.at, minutes=choice.minutes, now=now())))
    if refused:
        return _time(choice, refused)
    return redirect(f"/{PRICE_PAGE}/{taken[0].public_id}" if choice.pays_first else f"/{APPOINTMENTS}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes.
openings_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
time_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
take_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _time(choice: Choice, refused: DomainError | None = None) -> ResponseReturnValue:
    zone = own_zone()
    again = [(int(datetime.fromisoformat(each).timestamp()), local_time(datetime.fromisoformat(each), zone)) for each in _others(refused)]
    facts = {"when": local_time(choice.at, zone), "line": _line(choice.service), "others": again, "leads": _way_on(choice, refused), "csrf_token": csrf_token()}
    page = render_template("booking/one_time.html", choice=choice, refusal=refused.in_words if refused else "", **facts)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _way_on(choice: Choice, refused: DomainError | None) -> tuple[str, str] | None:
    """Where somebody goes on who was refused because of what is not known of them, or because booking is paused for them."""
    reasons = {*refused.extra.get("reasons", ())} if refused else set()
    if refused and refused.code in WAYS_ON:
        return WAYS_ON[refused.code]
    if reasons & {"jurisdiction", "age_group"}:
        return f"/find/take/{choice.service.public_id}/{int(choice.at.timestamp())}", "Say where you will be, and how old you are"
    return None


def _others(refused: DomainError | None) -> list[str]:
    """The next openings, where a refusal names some."""
    return list(refused.extra.get("openings", ())) if refused else []


def _line(service: Service) -> dict[str, Any]:
    lengths = [(service.minutes, service.fee), *((each.minutes, Money(each.fee_amount, service.fee_currency)) for each in service.lengths)]
    return {
        "id": service.public_id,
        "title": title_of(service),
        "how": MODES.get(service.mode, ""),
        "place": f"{service.place.label}, {service.place.town}" if service.place else "",
        "fees": [(minutes, str(fee) if fee.amount else "free") for minutes, fee in lengths],
        "is_instant": service.booking_mode == "instant",
        "seats": service.seats,
        "series_most": service.series_most,
    }


def minutes_sent() -> int | None:
    """The length that was chosen; None for the usual one."""
    text = (request.form if request.method == "POST" else request.args).get("minutes", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 3:
        raise Invalid(errors={"minutes": ["Choose one of the lengths."]})
    return int(text)


def _day(today: date) -> date:
    text = request.args.get("day", "")
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError as error:
        raise Invalid(errors={"day": ["Give a day such as 2026-11-23."]}) from error
    if day > today + FURTHEST:
        raise Invalid(errors={"day": ["This is too far ahead."]})
    return day


def own_zone() -> str:
    """The clock of whoever reads."""
    return require_account(caller().require_person()).person.zone

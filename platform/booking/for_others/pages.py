"""Staff look up what is booked for somebody who called, book for them, move it or call it off for both sides. Each look and each act stands in the audit."""

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.address import normal_address
from accounts.identity import csrf_token
from accounts.models import Account
from accounts.people import account_with
from booking.letters import MODES, booking_with_people, client_names
from booking.lifecycle import State
from booking.models import Booking
from booking.on_behalf import TO_SET_ASIDE, book_on_behalf, cancel_on_behalf, move_on_behalf
from booking.openings.availability import offer_named
from booking.openings.why_not_offered import why_not_offered
from booking.reading import client_bookings
from booking.schemas import CancelOnBehalfSchema, MoveOnBehalfSchema, OnBehalfSchema
from booking.state_words import STATES
from core import audit
from core.access import allow, caller, role
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import form_of, read_through, refusal_of, wall_time
from core.http import as_text
from core.money import Money
from core.zones import zone as zone_named
from notices.letter import local_time
from therapists.models import Therapist

PAGE = "desk/appointments"
BOOK = "desk/book"
blueprint = Blueprint("for_others", __name__, template_folder="templates")
SEE_OTHER = 303
FORM = frozenset({"form"})
AT_ONCE = 50
# 1970 and 2200, in UTC seconds: what lies outside is no start.
FIRST, LAST = 0, 7_258_118_400
RULES = {
    "too_soon": "The therapist's notice: it is sooner than that",
    "not_yet_open": "It is earlier than the service can be booked",
    "too_far": "It is further ahead than can be booked",
    "out_of_hours": "Outside of the therapist's hours",
    "day_limit": "The therapist's most in a day",
    "week_limit": "The therapist's most in a week",
    "client_limit": "The most that one client can have of it",
}
REASONS = (
    ("client_asked", "The client asked for it"),
    ("therapist_asked", "The therapist asked for it"),
    ("our_mistake", "Our mistake"),
    ("other", "Other"),
)


@blueprint.get(f"/{PAGE}")
@allow(role("admin"))
def look_up_page() -> ResponseReturnValue:
    """Whose appointments are looked for."""
    return _look_up()


@blueprint.post(f"/{PAGE}")
@allow(role("admin"))
def look_up_here() -> ResponseReturnValue:
    """What lies ahead of somebody, by their address, which stands in no link. The look is recorded."""
    found: list[Account] = []
    refused = refusal_of(lambda: found.append(_account()))
    return _look_up(refused) if refused else _look_up(account=found[0])


@blueprint.get(f"/{PAGE}/<uuid:booking_id>")
@allow(role("admin"), records_reads=True)
def appointment_of_others(booking_id: uuid.UUID) -> ResponseReturnValue:
    """One appointment of others. Reading it is recorded."""
    return _one(booking_id)


@blueprint.post(f"/{PAGE}/<uuid:booking_id>")
@allow(role("admin"))
def change_appointment_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Move it, or call it off, for both sides."""
    acts = {"move": _move, "cancel": _cancel}
    refused = refusal_of(lambda: acts.get(request.form.get("act", ""), _no_button)(booking_id))
    return _one(booking_id, refused) if refused else redirect(f"/{PAGE}/{booking_id}", SEE_OTHER)


@blueprint.get(f"/{BOOK}/<uuid:service_id>/<int:start>")
@allow(role("admin"))
def book_page(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """One start of a service, with what stands against it."""
    return _book(service_id, _instant(start))


@blueprint.post(f"/{BOOK}/<uuid:service_id>/<int:start>")
@allow(role("admin"))
def book_here(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Book it for a client."""
    made: list[Booking] = []
    refused = refusal_of(lambda: made.append(_make(service_id, _instant(start))))
    return _book(service_id, _instant(start), refused) if refused else redirect(f"/{PAGE}/{made[0].public_id}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
look_up_here.__takes__ = FORM  # type: ignore[attr-defined]
change_appointment_here.__takes__ = FORM  # type: ignore[attr-defined]
book_here.__takes__ = FORM  # type: ignore[attr-defined]


def _account() -> Account:
    address = normal_address(request.form.get("email", ""))
    account = account_with(address) if address else None
    if account is None or account.disabled_at is not None:
        raise Invalid(errors={"email": ["Nobody who can book has this address."]})
    return account


def _make(service_id: uuid.UUID, start: datetime) -> Booking:
    asked = {
        "client_id": str(_account().person.public_id),
        "service_id": str(service_id),
        "start": as_text(start),
        "set_aside": request.form.getlist("set_aside"),
        "reason": request.form.get("reason", ""),
    }
    return book_on_behalf(**read_through(OnBehalfSchema, asked), by=_me(), now=now())


def _move(booking_id: uuid.UUID) -> None:
    start = as_text(wall_time("start", request.form.get("start", ""), _booking(booking_id).zone))
    asked = {"start": start, "from": request.form.get("seen", ""), "reason": request.form.get("reason", ""), "set_aside": request.form.getlist("set_aside")}
    read = read_through(MoveOnBehalfSchema, asked)
    move_on_behalf(booking_id, read.pop("start"), **read, by=_me(), now=now())


def _cancel(booking_id: uuid.UUID) -> None:
    read = read_through(CancelOnBehalfSchema, {"from": request.form.get("seen", ""), "reason": request.form.get("reason", "")})
    cancel_on_behalf(booking_id, **read, by=_me(), now=now())


def _no_button(_: uuid.UUID) -> None:
    raise Invalid("Please press one of the buttons.")


def _booking(booking_id: uuid.UUID) -> Booking:
    found = db.session.scalars(select(Booking.id).where(Booking.public_id == booking_id)).one_or_none()
    if found is None:
        raise NotFound
    return booking_with_people(found)


def _look_up(refused: DomainError | None = None, account: Account | None = None) -> ResponseReturnValue:
    lines: list[tuple[uuid.UUID, str, str | None, str]] = []
    if account is not None:
        audit.record("booking.looked_up", subject=("person", account.person.public_id), actor=_me())
        shown = client_bookings(account.person_id, past=False, limit=AT_ONCE, cursor=None, now=now()).items
        lines = [(each.public_id, local_time(each.starts_at, each.zone), each.therapist.name, STATES[each.state]) for each in shown]
    page = render_template("booking/for_others.html", form=form_of({}, refused), account=account, lines=lines, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _one(booking_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    booking, pressed = _booking(booking_id), request.form.get("act", "")
    if refused is None:
        audit.record("booking.read_at_desk", subject=("booking", booking_id), actor=_me())
    local = f"{booking.starts_at.astimezone(zone_named(booking.zone)):%Y-%m-%dT%H:%M}"
    facts = {
        "booking": booking,
        "when": local_time(booking.starts_at, booking.zone),
        "who": client_names(booking),
        "how": MODES.get(booking.mode, ""),
        "state": STATES[booking.state],
        "seen": as_text(booking.starts_at),
        "may_change": booking.stands is State.CONFIRMED and booking.starts_at > now(),
        "move": form_of({"start": local}, refused, name="move", is_sent=pressed != "cancel"),
        "cancel": form_of({}, refused, name="cancel", is_sent=pressed == "cancel"),
    }
    return _shown("booking/for_others_one.html", facts, list(RULES.items()), booking.zone, refused)


def _book(service_id: uuid.UUID, start: datetime, refused: DomainError | None = None) -> ResponseReturnValue:
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    why = why_not_offered(service_id, start, by=_me(), is_staff=True, now=now())
    facts = {
        "when": local_time(start, why.zone),
        "minutes": offer.terms.minutes,
        "therapist": db.session.get_one(Therapist, offer.therapist_id).display_name,
        "fee": Money(offer.fee_amount, offer.fee_currency) if offer.fee_amount else "free",
        "how": MODES.get(offer.mode, ""),
        "against": [each.text for each in why.reasons if each.code not in TO_SET_ASIDE],
        "form": form_of({}, refused),
    }
    # What the client has with this therapist is looked at when it is booked.
    stands = {"client_limit", *(each.code for each in why.reasons)}
    return _shown("booking/for_others_book.html", facts, [(code, words) for code, words in RULES.items() if code in stands], why.zone, refused)


def _shown(template: str, facts: dict[str, Any], rules: list[tuple[str, str]], zone: str, refused: DomainError | None) -> ResponseReturnValue:
    others = [local_time(datetime.fromisoformat(each), zone) for each in (refused.extra.get("openings", ()) if refused else ())]
    page = render_template(template, **facts, rules=rules, reasons=REASONS, others=others, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _instant(second: int) -> datetime:
    if not FIRST <= second <= LAST:
        raise NotFound
    return datetime.fromtimestamp(second, UTC)


def _me() -> int:
    return caller().require_person()

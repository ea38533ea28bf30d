"""Taking a time from a card: what it is, what it costs, and one button. Then it is booked, asked for, or held until it is paid."""

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from booking.hold import hold_opening
from booking.models import ONLINE, Booking
from booking.paying.charge_letters import PRICE_PAGE
from booking.reading import show
from booking.request import request_booking
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, NotFound
from matching.adopt import adopt_intake
from matching.cards import card_of
from matching.cookie import forget, visitor
from matching.finding import steps
from matching.finding.pages import card_words
from matching.finding.screens.pages import NOT_YET, SEE_OTHER, help_near, next_open, with_own_intake
from matching.models import Intake
from matching.referred import referral_of
from matching.view import require_list, view_of
from notices.letter import local_time
from therapists.models import Service, Therapist

blueprint = Blueprint("taking_pages", __name__, template_folder="../templates")
TAKEN = "taken"
# Seconds that fit a date.
LATEST = 32_503_680_000
STATES = {
    "confirmed": ("It is booked", "It stands in your appointments, and a mail with it for your calendar is on its way."),
    "requested": ("Your request is sent", "The therapist answers it; you read that by mail. Nothing is paid before."),
}


class NotOnYourList(NotFound):
    code, detail = "not_on_your_list", "This is not on your list any more. Your list shows what is."


@blueprint.get(f"/{steps.PAGE}/take/<uuid:service_id>/<int:start>")
@allow(signed_in)
def take_page(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """What would be booked. Whoever is not signed in signs in first, and comes back here."""
    return with_own_intake(lambda mine: _page(mine, service_id, start))


@blueprint.post(f"/{steps.PAGE}/take/<uuid:service_id>/<int:start>")
@allow(confirmed)
def take_here(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Book it, ask for it, or hold it until it is paid."""
    return with_own_intake(lambda mine: _take(mine, service_id, start))


@blueprint.get(f"/{steps.PAGE}/{TAKEN}/<uuid:booking_id>")
@allow(signed_in)
def taken_page(booking_id: uuid.UUID) -> str:
    """What was just booked or asked for."""
    booking = show(booking_id, person_id=caller().require_person(), now=now())
    title, text = STATES.get(booking.state, ("Your appointment", "You find how it stands in your appointments."))
    when = local_time(booking.starts_at, booking.zone)
    until = local_time(booking.answer_by, booking.zone) if booking.answer_by else None
    return render_template("matching/find_taken.html", title=title, text=text, booking=booking, when=when, until=until)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
take_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(mine: Intake, service_id: uuid.UUID, start: int, *, owner_id: int | None = None, refusal: DomainError | None = None) -> ResponseReturnValue:
    """`owner_id`: whose the answers stay when the refusal rolls back what was done with them."""
    try:
        card, service = _offered(mine, service_id)
        at = _instant(start)
    except NOT_YET:
        return redirect(next_open(mine), SEE_OTHER)
    is_theirs = (owner_id or mine.person_id) == caller().person_id
    others = [other for other in service["next_openings"] if other != at] if refusal else []
    facts = {
        "card": card,
        "service": service,
        "at": at,
        "others": others,
        "is_theirs": is_theirs,
        "refusal": refusal.detail if refusal else "",
        **card_words(mine),
    }
    return render_template("matching/find_take.html", pays_first=_pays_first(service), **facts, **help_near(mine))


def _take(mine: Intake, service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    me, owner_id = caller().require_person(), mine.person_id
    try:
        _, service = _offered(mine, service_id)
        if mine.person_id != me:
            adopt_intake(mine.public_id, visitor(), are_mine=request.form.get("mine") == "yes", person_id=me, now=now())
        write = hold_opening if _pays_first(service) else request_booking
        booking: Booking = write(me, service_id, _instant(start), origin="match", now=now())
    except DomainError as refused:
        page = _page(mine, service_id, start, owner_id=owner_id, refusal=refused)
        return (page, STATUS_OF_KIND[refused.kind]) if isinstance(page, str) else page
    where = f"/{PRICE_PAGE}/{booking.public_id}" if _pays_first(service) else f"/{steps.PAGE}/{TAKEN}/{booking.public_id}"
    return forget(make_response(redirect(where, SEE_OTHER)))


def _offered(mine: Intake, service_id: uuid.UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card that this service stands on, and the service. NotFound for whatever is not on this person's list; refuses as `view.require_list`."""
    gate = require_list(mine, now=now())
    if referral_of(mine) is not None:
        raise NotOnYourList
    view = view_of(mine, gate, now=now())
    whose = db.session.scalars(select(Therapist.public_id).join(Service, Service.therapist_id == Therapist.person_id).where(Service.public_id == service_id))
    for shown in view.of({str(each) for each in whose}).values():
        card = card_of(shown, view.occasion, position=1)
        for service in card["services"]:
            if service["service_id"] == service_id:
                return card, {**service, "collects": shown.face.collects}
    raise NotOnYourList


def _pays_first(service: dict[str, Any]) -> bool:
    return bool(service["fee"].amount) and service["collects"] == ONLINE


def _instant(start: int) -> datetime:
    if start > LATEST:
        raise NotFound
    return datetime.fromtimestamp(start, UTC)

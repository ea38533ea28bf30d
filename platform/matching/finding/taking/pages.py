"""Taking a time, from a card or chosen directly: what it is, what it costs, and one button. Then it is booked, asked for, or held until it is paid."""

import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.hold import hold_opening
from booking.models import ONLINE, Booking
from booking.paying.charge_letters import PRICE_PAGE
from booking.reading import show
from booking.request import request_booking
from care.nearby_help import crisis_help_near
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, NotFound
from matching.cookie import forget
from matching.finding import steps
from matching.finding.pages import card_words
from matching.finding.screens.pages import NOT_YET, SEE_OTHER, help_near, next_open
from matching.finding.taking.offered import Offered, offered
from matching.finding.taking.person import open_questions, own_intake, settle_who
from matching.models import Intake
from notices.letter import local_time

blueprint = Blueprint("taking_pages", __name__, template_folder="../templates")
TAKEN = "taken"
# Seconds that fit a date.
LATEST = 32_503_680_000
STATES = {
    "confirmed": ("It is booked", "It stands in your appointments, and a mail with it for your calendar is on its way."),
    "requested": ("Your request is sent", "The therapist answers it; you read that by mail. Nothing is paid before."),
}


@blueprint.get(f"/{steps.PAGE}/take/<uuid:service_id>/<int:start>")
@allow(signed_in)
def take_page(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """What would be booked. Whoever is not signed in signs in first, and comes back here."""
    return _page(own_intake(now=now()), service_id, start)


@blueprint.post(f"/{steps.PAGE}/take/<uuid:service_id>/<int:start>")
@allow(confirmed)
def take_here(service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    """Book it, ask for it, or hold it until it is paid."""
    return _take(own_intake(now=now()), service_id, start)


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


def _page(mine: Intake | None, service_id: uuid.UUID, start: int, *, owner_id: int | None = None, refusal: DomainError | None = None) -> ResponseReturnValue:
    """`owner_id`: whose the answers stay when the refusal rolls back what was done with them."""
    me, at = caller().require_person(), _instant(start)
    try:
        found = offered(mine, service_id, person_id=me, now=now())
    except NOT_YET:
        assert mine is not None
        return redirect(next_open(mine), SEE_OTHER)
    is_theirs = mine is None or not found.is_on_list or (owner_id or mine.person_id) == me
    facts = {"card": found.card, "service": found.service, "at": at, "is_on_list": found.is_on_list, "is_theirs": is_theirs, **_words(mine)}
    facts["is_known"] = found.is_known
    facts["others"] = [other for other in found.service["next_openings"] if other != at] if refusal else []
    asks_whose = found.asks_whose or (mine is not None and not found.is_on_list and not found.is_known and owner_id not in (None, me, mine.person_id))
    facts["whose"] = request.form.get("mine", "") if asks_whose else None
    # Whoever's they are says where somebody will be, and how old they are.
    facts["asks"] = [] if found.is_on_list or facts["whose"] not in (None, "no") else open_questions(found, me, request.form, now=now())
    return render_template("matching/find_take.html", pays_first=_pays_first(found), refusal=refusal.detail if refusal else "", **facts)


def _take(mine: Intake | None, service_id: uuid.UUID, start: int) -> ResponseReturnValue:
    me, owner_id, is_on_list = caller().require_person(), mine.person_id if mine else None, False
    try:
        found = offered(mine, service_id, person_id=me, now=now(), tell_desk=True)
        is_on_list = found.is_on_list
        settle_who(mine, found, me, request.form, now=now())
        write = hold_opening if _pays_first(found) else request_booking
        booking: Booking = write(me, service_id, _instant(start), origin="match" if is_on_list else "directory", now=now())
    except DomainError as refused:
        page = _page(mine, service_id, start, owner_id=owner_id, refusal=refused)
        return (page, STATUS_OF_KIND[refused.kind]) if isinstance(page, str) else page
    answer = redirect(f"/{PRICE_PAGE}/{booking.public_id}" if _pays_first(found) else f"/{steps.PAGE}/{TAKEN}/{booking.public_id}", SEE_OTHER)
    # Answers that were not put into the account stay open here.
    return forget(make_response(answer)) if is_on_list else answer


def _words(mine: Intake | None) -> dict[str, Any]:
    """How times read, where other openings lead, and the help there is."""
    if mine is not None:
        return {**card_words(mine), **help_near(mine)}
    return {**card_words(None), "help": crisis_help_near(caller().require_person(), now=now()), "help_first": False, "csrf_token": csrf_token()}


def _pays_first(found: Offered) -> bool:
    return bool(found.service["fee"].amount) and found.service["collects"] == ONLINE


def _instant(start: int) -> datetime:
    if start > LATEST:
        raise NotFound
    return datetime.fromtimestamp(start, UTC)

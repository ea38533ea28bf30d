"""The page where a session is joined: it says when, asks a client where they are, and shows the way in as a plain link. Nothing foreign is loaded.

Works without a script. The way in and what clients wrote are shown to nobody who is not signed in.
"""

import uuid
from typing import Any

import marshmallow as ma
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.models import Person
from booking.lifecycle import State
from booking.meeting import JOIN_PAGE, needs_arrival, to_join, to_read_details, to_state_place
from booking.online.join import Joined, booking_of, join, whereabouts_of
from booking.online.place_now import arrival_of
from booking.online.routes import arrived
from booking.online.schemas import ArrivalSchema
from booking.refusals import ArrivalNeeded, MayNotTreatHere, TooEarly
from core.access import allow, anyone, caller
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.http import flat_errors
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("join_pages", __name__, template_folder="templates")


@blueprint.get(f"/{JOIN_PAGE}/<uuid:booking_id>")
@allow(anyone)
def join_page(booking_id: uuid.UUID) -> ResponseReturnValue:
    """When it begins, what to say first, and the way in once it is open."""
    return render_template("booking/join.html", **_facts(booking_id))


@blueprint.post(f"/{JOIN_PAGE}/<uuid:booking_id>")
@allow(anyone)
def arrive_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Say where you are."""
    return _arrived(booking_id, _me())


@blueprint.get(f"/{JOIN_PAGE}/<uuid:booking_id>/whereabouts")
@allow(anyone, records_reads=True)
def whereabouts_page(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Where the clients are, for their therapist. Reading it is recorded."""
    return render_template("booking/whereabouts.html", people=whereabouts_of(booking_id, by=_me(), now=now()), places=vocabulary().jurisdictions)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
arrive_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _arrived(booking_id: uuid.UUID, me: int) -> ResponseReturnValue:
    """The page again with what it leads to: the way in, or what is wrong with the form."""
    try:
        done = arrived(booking_id, _stated(), by=me)
    except (MayNotTreatHere, Invalid) as refused:
        text = refused.in_words
        facts = _facts(booking_id) | {"refusal": text, "may_stay": isinstance(refused, MayNotTreatHere), "given": request.form}
        return render_template("booking/join.html", **facts), STATUS_OF_KIND[refused.kind]
    if not done["accepted"]:
        return render_template("accounts/done.html", title="The session is called off", text="You owe nothing. We write to both of you.")
    return render_template("booking/join.html", **_facts(booking_id))


def _facts(booking_id: uuid.UUID) -> dict[str, Any]:
    """What the page shows this reader now."""
    me, at = _me(), now()
    booking = booking_of(booking_id, person_id=me)
    gives = me == booking.therapist_id
    joined, why = _try(booking_id, me)
    times, asking = (booking.starts_at, booking.ends_at), to_state_place(booking.starts_at, booking.ends_at)
    arrival = None if gives else arrival_of(booking, me)
    asks = booking.stands is State.CONFIRMED and not gives and needs_arrival(booking.mode)
    reading = to_read_details(*times)
    zone = booking.therapist.zone if gives else db.session.get_one(Person, me).zone
    return {
        "start": local_time(booking.starts_at, zone),
        "opens": local_time(to_join(*times).opens, zone),
        "asks_from": local_time(asking.opens, zone),
        "asks": asks and asking.opens <= at < asking.closes,
        "asks_later": asks and at < asking.opens,
        "accepted": arrival is not None and arrival.accepted,
        "joined": joined,
        "why": "" if why is None or isinstance(why, ArrivalNeeded | TooEarly) else why.detail,
        "waits": isinstance(why, TooEarly),
        "reads": gives and needs_arrival(booking.mode) and reading.opens <= at < reading.closes,
        "places": sorted(vocabulary().jurisdictions.values(), key=lambda place: place.label),
        "booking_id": booking_id,
        "csrf_token": csrf_token(),
        "given": {},
    }


def _try(booking_id: uuid.UUID, person_id: int) -> tuple[Joined | None, DomainError | None]:
    try:
        return join(booking_id, person_id=person_id, now=now()), None
    except DomainError as refused:
        return None, refused


def _stated() -> dict[str, Any]:
    """The form as the API would have taken it."""
    form: dict[str, Any] = {name: value for name, value in request.form.items() if name not in ("csrf_token", "stay")}
    form["stay"] = request.form.get("stay") == "true"
    try:
        return ArrivalSchema().load(form)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error


def _me() -> int:
    return caller().require_person()

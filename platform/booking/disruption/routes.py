"""Absences of a therapist over what is booked, and what a client does about it."""

import uuid
from typing import Any

from booking.disruption import answers, opened, reading
from booking.disruption.models import DisruptedBooking
from booking.disruption.schemas import (
    MOST_CHOICES,
    AbsenceSchema,
    AnswerSchema,
    DisruptedBookingPageSchema,
    DisruptedSchema,
    DisruptionPageSchema,
    DisruptionSchema,
    DisruptionsQuery,
    NewDisruptionSchema,
    PreviewSchema,
)
from booking.models import Booking
from core.access import allow, caller, role, signed_in
from core.clock import now
from core.errors import Invalid
from core.http import Blueprint, PageQuery
from core.idempotency import idempotent
from therapists.profile import own_profile

disruptions = Blueprint("disruptions", __name__, url_prefix="/api/v1/therapist/disruptions", description="A therapist cannot work, and something is booked")
changed = Blueprint("changed_bookings", __name__, url_prefix="/api/v1/bookings", description="A booking that cannot take place as it stands")
blueprints = (disruptions, changed)
therapist_only = role("therapist")
Json = dict[str, Any]


@disruptions.post("/preview")
@allow(therapist_only)
@disruptions.takes(AbsenceSchema)
@disruptions.gives(200, PreviewSchema)
def preview(body: Json) -> Json:
    """What is booked while you cannot work. Changes nothing."""
    therapist = own_profile(_me())
    start, end = opened.absence(therapist.zone, **body, now=now())
    booked = opened.to_be_told_between(_me(), start, end, now=now())
    return {"starts_at": start, "ends_at": end, "count": len(booked), "bookings": [_affected(booking) for booking in booked[:MOST_CHOICES]]}


@disruptions.post("")
@allow(therapist_only)
@disruptions.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, it is done once and answered alike.")
@idempotent
@disruptions.takes(NewDisruptionSchema)
@disruptions.gives(201, DisruptionSchema)
def cannot_work(body: Json) -> Json:
    """Say that you cannot work: the time is closed at once, and everybody who has an appointment is told within a minute."""
    choices = {each["booking_id"]: each["choice"] for each in body.pop("choices")}
    disruption = opened.cannot_work(_me(), **body, choices=choices, now=now())
    return disruption_json(reading.disruption_of(_me(), disruption.public_id))


@disruptions.get("")
@allow(therapist_only)
@disruptions.takes(DisruptionsQuery, location="query")
@disruptions.gives(200, DisruptionPageSchema)
def list_disruptions(query: Json) -> Json:
    """Your disruptions, the newest first."""
    page = reading.disruptions_of(_me(), only_open=query["open"], limit=query["limit"], cursor=query.get("cursor"))
    return {"items": [disruption_json(each) for each in page.items], "next": page.next}


@disruptions.get("/<uuid:disruption_id>")
@allow(therapist_only)
@disruptions.gives(200, DisruptionSchema)
def read_disruption(disruption_id: uuid.UUID) -> Json:
    """One of them."""
    return disruption_json(reading.disruption_of(_me(), disruption_id))


@disruptions.get("/<uuid:disruption_id>/bookings")
@allow(therapist_only)
@disruptions.takes(PageQuery, location="query")
@disruptions.gives(200, DisruptedBookingPageSchema)
def list_disrupted(query: Json, disruption_id: uuid.UUID) -> Json:
    """Its bookings and how each stands."""
    page = reading.lines_of(_me(), disruption_id, limit=query["limit"], cursor=query.get("cursor"))
    return {"items": [_line(each) for each in page.items], "next": page.next}


@disruptions.post("/<uuid:disruption_id>/bookings/<uuid:line_id>/seen")
@allow(therapist_only)
@disruptions.gives(204)
def say_seen(disruption_id: uuid.UUID, line_id: uuid.UUID) -> None:
    """You have seen that this booking stays."""
    reading.say_seen(_me(), disruption_id, line_id, now=now())


@changed.get("/<uuid:booking_id>/disruption")
@allow(signed_in)
@changed.gives(200, DisruptedSchema)
def read_disrupted(booking_id: uuid.UUID) -> answers.Disrupted:
    """How a booking of yours stands that could not take place, and other times that are free."""
    return answers.read(answers.of_mine(booking_id, person_id=_me()), now=now())


@changed.post("/<uuid:booking_id>/disruption")
@allow(signed_in)
@changed.takes(AnswerSchema)
@changed.gives(200, DisruptedSchema)
def answer_disrupted(body: Json, booking_id: uuid.UUID) -> answers.Disrupted:
    """Let us know that you know, choose another time, or cancel: free of charge."""
    message_id = answers.of_mine(booking_id, person_id=_me())
    if body["answer"] == "read":
        answers.say_read(message_id, now=now())
    elif body["answer"] == "cancel":
        answers.cancel(message_id, now=now())
    elif "start" not in body:
        raise Invalid(errors={"start": ["Say to which time."]})
    else:
        answers.choose(message_id, body["start"], now=now())
    return answers.read(message_id, now=now())


def _me() -> int:
    return caller().require_person()


def _affected(booking: Booking) -> Json:
    facts = {name: getattr(booking, name) for name in ("state", "starts_at", "ends_at", "kind", "mode")}
    return {"id": booking.public_id, **facts, "clients": [participant.person for participant in booking.participants]}


def disruption_json(shown: reading.DisruptionShown) -> Json:
    row = shown.row
    facts = {name: getattr(row, name) for name in ("cause", "choice", "reason", "starts_at", "ends_at", "opened_at")}
    return {"id": row.public_id, **facts, "bookings": shown.bookings, "open": shown.open}


def _line(line: DisruptedBooking) -> Json:
    know, told = reading.heard_of(line)
    return {
        "id": line.public_id,
        "booking_id": line.booking.public_id,
        "choice": line.choice,
        "state": reading.state_of(line),
        "was_at": line.starts_at,
        "starts_at": line.booking.starts_at,
        "booking_state": line.booking.state,
        "clients": [participant.person for participant in line.booking.participants],
        "know": know,
        "told": told,
    }

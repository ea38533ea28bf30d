"""Series over HTTP: look, book, and change one date and all that follow. Each date is a booking and is read, moved and cancelled under /bookings."""

import uuid
from typing import Any

from accounts.people import require_account
from booking.paying.open_calls import SeriesPage, check_out_series
from booking.paying.price import Chosen
from booking.schemas import DeclineSchema
from booking.series.answer import confirm_series, decline_series, withdraw_series
from booking.series.book import Repeated, book_series
from booking.series.change import NewRhythm, cancel_following, move_following, preview_move
from booking.series.hold import confirm_own_series, hold_series, release_series
from booking.series.models import Series
from booking.series.preview import SeriesPreview, preview_series
from booking.series.reading import SeriesShown, show_series
from booking.series.schemas import (
    BookSeriesSchema,
    CancelFollowingSchema,
    HoldSeriesSchema,
    MoveFollowingQuery,
    MoveFollowingSchema,
    RepeatedQuery,
    SeriesCheckoutSchema,
    SeriesPreviewSchema,
    SeriesSchema,
)
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent

previews = Blueprint("series_previews", __name__, url_prefix="/api/v1/services", description="What a series would be")
series = Blueprint("series", __name__, url_prefix="/api/v1/series", description="Appointments at one time every so many weeks")
blueprints = (previews, series)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@previews.get("/<uuid:service_id>/series")
@allow(signed_in)
@previews.takes(RepeatedQuery, location="query")
@previews.gives(200, SeriesPreviewSchema)
def preview(query: dict[str, Any], service_id: uuid.UUID) -> SeriesPreview:
    """The dates of a series before it is booked, with everything that stands against one of them. Nothing is written."""
    zone = _zone(query)
    return preview_series(_me(), service_id, query.pop("start"), Repeated(**query), reader_zone=zone, now=now())


@series.post("")
@allow(confirmed)
@series.hears(*KEY)
@idempotent
@series.takes(BookSeriesSchema)
@series.gives(201, SeriesSchema)
def book(body: dict[str, Any]) -> SeriesShown:
    """Book a series: all dates in one step, or none. Send an Idempotency-Key."""
    repeated = Repeated(body["every_weeks"], body["count"], body["on_conflict"], body.get("minutes"))
    booked = book_series(_me(), body["service_id"], body["start"], repeated, title=body.get("title"), origin=body["origin"], now=now())
    return show_series(booked.public_id, person_id=_me(), now=now())


@series.post("/holds")
@allow(confirmed)
@series.hears(*KEY)
@idempotent
@series.takes(HoldSeriesSchema)
@series.gives(201, SeriesSchema)
def hold(body: dict[str, Any]) -> SeriesShown:
    """Hold all dates of a series for ten minutes: what is paid by card is held first. It counts as one of the three holds you may have."""
    repeated = Repeated(body["every_weeks"], body["count"], body["on_conflict"], body.get("minutes"))
    chosen = Chosen(concession=body["concession"], by_pack=body["by_pack"])
    told = {"title": body.get("title"), "origin": body["origin"]}
    return _after(hold_series(_me(), body["service_id"], body["start"], repeated, chosen, **told, now=now()))


@series.post("/<uuid:series_id>/checkout")
@allow(confirmed, outside=True)
@series.gives(200, SeriesCheckoutSchema)
def pay(series_id: uuid.UUID) -> SeriesPage:
    """Open the page where the first date of your held, or proposed, series is paid, and the card is kept for the others; asked again, the same page."""
    return check_out_series(series_id, by=_me())


@series.post("/<uuid:series_id>/book")
@allow(confirmed)
@series.gives(200, SeriesSchema)
def book_held(series_id: uuid.UUID) -> SeriesShown:
    """Turn your held series into bookings, where nothing of it is paid by card."""
    return _after(confirm_own_series(series_id, by=_me(), now=now()))


@series.post("/<uuid:series_id>/release")
@allow(confirmed)
@series.gives(200, SeriesSchema)
def release(series_id: uuid.UUID) -> SeriesShown:
    """Give all dates of your held series back."""
    return _after(release_series(series_id, by=_me(), now=now()))


@series.get("/<uuid:series_id>")
@allow(signed_in)
@series.gives(200, SeriesSchema)
def read(series_id: uuid.UUID) -> SeriesShown:
    """A series of yours with its dates, from either side."""
    return show_series(series_id, person_id=_me(), now=now())


@series.post("/<uuid:series_id>/confirm")
@allow(confirmed)
@series.gives(200, SeriesSchema)
def confirm(series_id: uuid.UUID) -> SeriesShown:
    """Say yes to all dates of a requested series, as its therapist."""
    return _after(confirm_series(series_id, by=_me(), now=now()))


@series.post("/<uuid:series_id>/decline")
@allow(confirmed)
@series.takes(DeclineSchema)
@series.gives(200, SeriesSchema)
def decline(body: dict[str, Any], series_id: uuid.UUID) -> SeriesShown:
    """Say no to a requested series, as its therapist. The client reads a neutral sentence."""
    return _after(decline_series(series_id, by=_me(), reason=body["reason"], now=now()))


@series.post("/<uuid:series_id>/withdraw")
@allow(confirmed)
@series.gives(200, SeriesSchema)
def withdraw(series_id: uuid.UUID) -> SeriesShown:
    """Take your request for a series back."""
    return _after(withdraw_series(series_id, by=_me(), now=now()))


@series.post("/<uuid:series_id>/cancel")
@allow(confirmed)
@series.takes(CancelFollowingSchema)
@series.gives(200, SeriesSchema)
def cancel(body: dict[str, Any], series_id: uuid.UUID) -> SeriesShown:
    """Call one date and all that follow off, from either side. What has begun stays."""
    return _after(cancel_following(series_id, body["booking_id"], by=_me(), reason=body["reason"], note=body.get("note"), now=now()))


@series.get("/<uuid:series_id>/move")
@allow(signed_in)
@series.takes(MoveFollowingQuery, location="query")
@series.gives(200, SeriesPreviewSchema)
def look_before_moving(query: dict[str, Any], series_id: uuid.UUID) -> SeriesPreview:
    """Where one date and all that follow would go, with everything that stands against it. Nothing is written."""
    rhythm = NewRhythm(query["start"], query.get("every_weeks"))
    return preview_move(series_id, query["booking_id"], rhythm, by=_me(), reader_zone=_zone(query), now=now())


@series.post("/<uuid:series_id>/move")
@allow(confirmed)
@series.hears(*KEY)
@idempotent
@series.takes(MoveFollowingSchema)
@series.gives(200, SeriesSchema)
def move(body: dict[str, Any], series_id: uuid.UUID) -> SeriesShown:
    """Move one date and all that follow; they become a series of their own. Refused, everything stays where it is."""
    rhythm = NewRhythm(body["start"], body.get("every_weeks"))
    return _after(move_following(series_id, body["booking_id"], rhythm, by=_me(), reason=body.get("reason"), now=now()))


def _after(changed: Series) -> SeriesShown:
    return show_series(changed.public_id, person_id=_me(), now=now())


def _zone(query: dict[str, Any]) -> str:
    return query.pop("zone", None) or require_account(_me()).person.zone


def _me() -> int:
    return caller().require_person()

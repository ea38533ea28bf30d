"""Series over HTTP: look, book, and change one date and all that follow. Each date is a booking and is read, moved and cancelled under /bookings."""

import uuid
from typing import Any

from accounts.people import require_account
from booking.series_book import Repeated, book_series
from booking.series_preview import SeriesPreview, preview_series
from booking.series_reading import SeriesShown, show_series
from booking.series_schemas import BookSeriesSchema, RepeatedQuery, SeriesPreviewSchema, SeriesSchema
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
    zone = query.pop("zone", None) or require_account(_me()).person.zone
    return preview_series(_me(), service_id, query.pop("start"), Repeated(**query), reader_zone=zone, now=now())


@series.post("")
@allow(confirmed)
@series.hears(*KEY)
@idempotent
@series.takes(BookSeriesSchema)
@series.gives(201, SeriesSchema)
def book(body: dict[str, Any]) -> SeriesShown:
    """Book a series: all dates in one step, or none. Send an Idempotency-Key."""
    repeated = Repeated(body["every_weeks"], body["count"], body["on_conflict"])
    booked = book_series(_me(), body["service_id"], body["start"], repeated, title=body.get("title"), origin=body["origin"], now=now())
    return show_series(booked.public_id, person_id=_me(), now=now())


@series.get("/<uuid:series_id>")
@allow(signed_in)
@series.gives(200, SeriesSchema)
def read(series_id: uuid.UUID) -> SeriesShown:
    """A series of yours with its dates, from either side."""
    return show_series(series_id, person_id=_me(), now=now())


def _me() -> int:
    return caller().require_person()

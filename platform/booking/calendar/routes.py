"""A person's own calendar feeds over HTTP: who has one, a new address, giving it up; and the page-like door that calendar programs knock at."""

from typing import Any

from marshmallow import fields, validate

from booking.calendar.feed import choose_names, feeds_of, give_up_feed, make_feed
from booking.calendar.feed_models import SHOWS, SIDES, CalendarFeed
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.configuration import setting
from core.errors import NotFound
from core.http import Blueprint, Instant, Schema

feeds = Blueprint("calendar_feeds", __name__, url_prefix="/api/v1/calendar-feeds", description="Private addresses that your own calendar program can subscribe")
NAMES = "What a therapist's feed says of clients: nothing, initials, or first_name. A client's feed names nobody."


class MakeFeedSchema(Schema):
    side = fields.String(required=True, validate=validate.OneOf(SIDES), metadata={"description": "What you attend, or what you give as a therapist."})
    shows = fields.String(validate=validate.OneOf(SHOWS), metadata={"description": NAMES})


class ChangeFeedSchema(Schema):
    shows = fields.String(required=True, validate=validate.OneOf(SHOWS), metadata={"description": NAMES})


class FeedSchema(Schema):
    side = fields.String(required=True)
    shows = fields.String(required=True)
    made_at = Instant(required=True, metadata={"description": "When its present address was made."})


class NewFeedSchema(FeedSchema):
    address = fields.String(required=True, metadata={"description": "Shown this once. Whoever has it can read the feed."})


class FeedsSchema(Schema):
    items = fields.List(fields.Nested(FeedSchema), required=True)


@feeds.get("")
@allow(signed_in)
@feeds.gives(200, FeedsSchema)
def list_feeds() -> dict[str, Any]:
    """Your feeds, without their addresses."""
    return {"items": feeds_of(_me())}


@feeds.post("")
@allow(confirmed)
@feeds.takes(MakeFeedSchema)
@feeds.gives(201, NewFeedSchema)
def make(body: dict[str, Any]) -> dict[str, Any]:
    """A feed with a new address. An address that you had before stops at once."""
    feed, secret = make_feed(_me(), body["side"], shows=body.get("shows"), roles=caller().roles, now=now())
    return {"side": feed.side, "shows": feed.shows, "made_at": feed.made_at, "address": f"{setting('BASE_URL')}/calendar/{secret}.ics"}


@feeds.patch("/<string:side>")
@allow(confirmed)
@feeds.takes(ChangeFeedSchema)
@feeds.gives(200, FeedSchema)
def change(body: dict[str, Any], side: str) -> CalendarFeed:
    """Choose what your feed says of clients. Its address stays."""
    return choose_names(_me(), _known(side), body["shows"], roles=caller().roles)


@feeds.delete("/<string:side>")
@allow(signed_in)
@feeds.gives(204)
def give_up(side: str) -> None:
    """Give a feed up. Its address stops at once."""
    give_up_feed(_me(), _known(side))


def _known(side: str) -> str:
    if side not in SIDES:
        raise NotFound
    return side


def _me() -> int:
    return caller().require_person()

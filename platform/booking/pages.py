"""What is reached without signing in: the address of a calendar feed."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from booking.feed import read_feed
from booking.invitation import feed_file
from core.access import allow, anyone
from core.clock import now
from core.http import etag_of, feed

blueprint = Blueprint("booking_pages", __name__, template_folder="templates")
NAME = "Appointments"
# The same appointments in other bytes are another version: rises with a change of how they are written.
FORMAT = 1


# Its looks are counted, so it may write.
@blueprint.get("/calendar/<string:secret>.ics")
@allow(anyone, records_reads=True)
def calendar_feed(secret: str) -> ResponseReturnValue:
    """A private feed, for whoever has its address."""
    shown = read_feed(secret, now=now())
    return feed(etag_of(FORMAT, NAME, shown), lambda: feed_file(shown, name=NAME))

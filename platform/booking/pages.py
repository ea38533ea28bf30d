"""What is reached without signing in: the address of a calendar feed, and the page that the link of a proposal leads to.

That page shows the time and nothing else, works without a script, and acts by a press. Its token stands behind the # of the address, which browsers send to
nobody; mail programs that follow links by themselves answer nothing.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from accounts.models import Person
from booking.calendar.feed import read_feed
from booking.calendar.feed_file import feed_file
from booking.proposals.answer import accept_by_link, decline_by_link, proposal_of_link
from booking.proposals.letters import PAGE, dates_of_proposal
from core.access import allow, anyone
from core.clock import now
from core.db import db
from core.errors import Invalid
from core.http import etag_of, feed
from notices.letter import local_time

blueprint = Blueprint("booking_pages", __name__, template_folder="templates")
NAME = "Appointments"
# The same appointments in other bytes are another version: rises with a change of how they are written.
FORMAT = 2


# Its looks are counted, so it may write.
@blueprint.get("/calendar/<string:secret>.ics")
@allow(anyone, records_reads=True)
def calendar_feed(secret: str) -> ResponseReturnValue:
    """A private feed, for whoever has its address."""
    shown = read_feed(secret, now=now())
    return feed(etag_of(FORMAT, NAME, shown), lambda: feed_file(shown, name=NAME))


LONGEST_TOKEN = 200
DONE = {
    "yes": ("It is agreed", "Thank you. A mail confirms it and puts it into your calendar."),
    "no": ("You said no", "Thank you for answering. The time is free again."),
}


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def proposal_page() -> str:
    """Ask for the press of a button."""
    return render_template("booking/proposal.html", csrf_token=csrf_token(), token="", times=[])


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def answer_here() -> ResponseReturnValue:
    """Show the time, or take the answer."""
    token, answer = request.form.get("token", ""), request.form.get("answer", "")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkUnknown
    if answer == "look":
        return render_template("booking/proposal.html", csrf_token=csrf_token(), token=token, times=_times(token))
    if answer not in DONE:
        raise Invalid("Please press one of the buttons.")
    act = accept_by_link if answer == "yes" else decline_by_link
    act(token, now=now())
    title, text = DONE[answer]
    return render_template("accounts/done.html", title=title, text=text)


def _times(token: str) -> list[str]:
    proposal = proposal_of_link(token, now=now())
    zone = db.session.get_one(Person, proposal.client_id).zone
    return [local_time(each.starts_at, zone) for each in dates_of_proposal(proposal)]


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]

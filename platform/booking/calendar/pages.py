"""The private addresses that one's own calendar program subscribes: made here, shown once, given up here."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from booking.calendar.feed import feeds_of, give_up_feed, make_feed
from booking.calendar.feed_models import SIDES
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.configuration import setting
from core.errors import Invalid
from notices.letter import local_time

PAGE = "my-calendar"
blueprint = Blueprint("calendar_page", __name__, template_folder="templates")
WORDS = {"client": "What I attend", "therapist": "What I give as a therapist"}


@blueprint.get(f"/{PAGE}")
@allow(signed_in)
def calendar_page() -> str:
    """Which there are."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(confirmed)
def act_here() -> ResponseReturnValue:
    """A new address, which is shown this once, or none any more."""
    act, side, me = request.form.get("act", ""), request.form.get("side", ""), caller().require_person()
    if side not in SIDES or act not in ("make", "give_up"):
        raise Invalid("Please press one of the buttons.")
    if act == "give_up":
        give_up_feed(me, side)
        return redirect(f"/{PAGE}", 303)
    _, secret = make_feed(me, side, shows=None, roles=caller().roles, now=now())
    return _page(made=(side, f"{setting('BASE_URL')}/calendar/{secret}.ics"))


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(*, made: tuple[str, str] | None = None) -> str:
    me = caller().require_person()
    zone = require_account(me).person.zone
    there = {each.side: local_time(each.made_at, zone) for each in feeds_of(me)}
    mine = [side for side in SIDES if side == "client" or side in caller().roles]
    return render_template("booking/my_calendar.html", sides=mine, words=WORDS, there=there, made=made, csrf_token=csrf_token())

"""The page that a letter about an appointment leads to when its therapist cannot be there. Works without a script and without signing in; it shows times and
nothing else, and only pressing a button does anything.
"""

from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from booking.disruption import answers
from booking.disruption.links import PAGE
from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid
from core.http import as_text
from notices.letter import local_time

blueprint = Blueprint("disruption_pages", __name__, template_folder="templates")
LONGEST_TOKEN = 200


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def appointment_changed_page() -> str:
    """Ask for the press of a button: mail programs follow links by themselves."""
    return render_template("booking/appointment_changed.html", csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def answer_here() -> ResponseReturnValue:
    """The first press says that they know, and shows the times; the next ones choose or cancel."""
    token, answer = request.form.get("token", ""), request.form.get("answer", "read")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkUnknown
    message_id = answers.by_link(token)
    if answer == "read":
        answers.say_read(message_id, now=now())
    elif answer == "cancel":
        answers.cancel(message_id, now=now())
    else:
        answers.choose(message_id, _start(answer), now=now())
    shown = answers.read(message_id, now=now())
    times = [(as_text(start), local_time(start, shown.zone)) for start in shown.openings]
    at = local_time(shown.starts_at, shown.zone)
    return render_template("booking/other_times.html", state=shown.state, at=at, times=times, token=token, csrf_token=csrf_token())


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _start(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Please press one of the buttons.") from error
    if start.tzinfo is None:
        raise Invalid("Please press one of the buttons.")
    return start

"""The two pages that a reminder links to, without signing in; and the one on which people who are signed in choose which reminders they get.

A link's secret stands behind the # of the address, which browsers send to nobody. The page's script carries it into the form and asks for the
appointment; only the press of a button changes anything. Without a script the secret is typed in.
"""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.reminders.answer import LinkOver, cancel_by_link, look, move_by_link, say_coming
from booking.reminders.choice import choose_reminders, reminders_of
from booking.reminders.link import Purpose
from booking.reminders.models import HOURS_BEFORE
from booking.reminders.remind import CHANGE_PAGE, COMING_PAGE
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.errors import Invalid
from core.forms import form_of
from core.http import as_text
from notices.letter import local_time

blueprint = Blueprint("appointment_pages", __name__, template_folder="templates", static_folder="static", static_url_path="/booking/static")
LONGEST_TOKEN = 200
PAGE = "my-reminders"
WORDS = {24: "24 hours before", 1: "One hour before"}


@blueprint.get(f"/{COMING_PAGE}")
@allow(anyone)
def coming_page() -> str:
    """Open a link of a reminder."""
    return render_template("booking/open_link.html", csrf_token=csrf_token())


@blueprint.post(f"/{COMING_PAGE}")
@allow(anyone)
def coming_here() -> ResponseReturnValue:
    """Show the appointment; with the button pressed, say that its reader is coming."""
    if request.form.get("step") != "coming":
        return _shown("coming")
    say_coming(_token(), now=now())
    return _done("Thank you", "It is noted that you are coming.")


@blueprint.get(f"/{CHANGE_PAGE}")
@allow(anyone)
def change_page() -> str:
    """Open a link of a reminder."""
    return render_template("booking/open_link.html", csrf_token=csrf_token())


@blueprint.post(f"/{CHANGE_PAGE}")
@allow(anyone)
def change_here() -> ResponseReturnValue:
    """Show the appointment and what cancelling costs; with a button pressed, cancel it or move it."""
    steps: dict[str | None, Callable[[], str]] = {"cancel": _cancelled, "move": _moved}
    return steps.get(request.form.get("step"), lambda: _shown("change"))()


@blueprint.get(f"/{PAGE}")
@allow(signed_in)
def reminders_page() -> str:
    """When I am reminded."""
    form = form_of({"hours_before": [str(each) for each in reminders_of(caller().require_person())]})
    return render_template("booking/my_reminders.html", form=form, options=[(str(each), WORDS[each]) for each in HOURS_BEFORE], csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}")
@allow(signed_in)
def choose_here() -> ResponseReturnValue:
    """Choose it, for all appointments from now on."""
    chosen = request.form.getlist("hours_before")
    if not {*chosen} <= {str(each) for each in HOURS_BEFORE}:
        raise Invalid("Please choose among the reminders that are offered.")
    choose_reminders(caller().require_person(), [int(each) for each in chosen])
    return redirect(f"/{PAGE}", 303)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
for view in (coming_here, change_here, choose_here):
    view.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _cancelled() -> str:
    cancel_by_link(_token(), fee_seen=request.form.get("seen") == "fee", now=now())
    return _done("Your appointment is cancelled", "Thank you for saying so.")


def _moved() -> str:
    try:
        start = datetime.fromisoformat(request.form.get("start", ""))
    except ValueError as error:
        raise Invalid("Choose one of the times.") from error
    if start.tzinfo is None:
        raise Invalid("Choose one of the times.")
    move_by_link(_token(), start, now=now())
    return _done("Your appointment has a new time", "A mail with the new time is on its way.")


def _shown(purpose: Purpose) -> str:
    linked = look(purpose, _token(), now=now())
    return render_template(
        f"booking/{purpose}.html",
        token=_token(),
        csrf_token=csrf_token(),
        start=local_time(linked.start, linked.zone),
        said_coming=linked.said_coming,
        fee=linked.fee,
        free_until=linked.free_until and local_time(linked.free_until, linked.zone),
        openings=[(as_text(opening), local_time(opening, linked.zone)) for opening in linked.openings],
    )


def _done(title: str, text: str) -> str:
    return render_template("accounts/done.html", title=title, text=text)


def _token() -> str:
    token = request.form.get("token", "")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkOver
    return token

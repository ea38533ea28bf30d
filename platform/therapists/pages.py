"""The page that the question "do you still take new clients?" leads to. Works without a script and without signing in; only pressing a button answers."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid
from therapists.still_accepting import PAGE, answer_by_link

blueprint = Blueprint("therapist_pages", __name__, template_folder="templates")
LONGEST_TOKEN = 200
ANSWERS = {"yes": True, "no": False}
DONE = {
    "yes": "Thank you. People who look for a therapist can find you. We will ask again in 30 days.",
    "no": "Thank you. Nobody new is sent to you. You can change this in your profile at any time.",
}


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def still_accepting_page() -> str:
    """Ask for the press of a button: mail programs follow links by themselves."""
    return render_template("therapists/still_accepting.html", csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def answer_here() -> ResponseReturnValue:
    """Take the answer."""
    token, answer = request.form.get("token", ""), request.form.get("answer", "")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkUnknown
    if answer not in ANSWERS:
        raise Invalid("Please press one of the two buttons.")
    answer_by_link(token, accepting=ANSWERS[answer], now=now())
    return render_template("accounts/done.html", title="Your answer is in your profile", text=DONE[answer])


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]

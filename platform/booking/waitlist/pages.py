"""The pages that the waitlist's mails lead to: take an offer or pass it on, and say whether one is still looking.

They work without a script and without signing in; only pressing a button does anything. They show a time, and nobody's name.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from booking.lifecycle import State
from booking.waitlist.answer_offer import accept_offer, offer_behind, pass_offer
from booking.waitlist.letters import LOOKING_PAGE, OFFER_PAGE
from booking.waitlist.models import WaitlistOffer
from booking.waitlist.still_looking import answer_by_link
from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid
from notices.letter import local_time

blueprint = Blueprint("waitlist_pages", __name__, template_folder="templates")
LONGEST_TOKEN = 200
MINUTE = 60


@blueprint.get(f"/{OFFER_PAGE}")
@allow(anyone)
def offer_page() -> str:
    """Ask for the press of a button: mail programs follow links by themselves."""
    return render_template("booking/waitlist_offer.html", csrf_token=csrf_token())


@blueprint.post(f"/{OFFER_PAGE}")
@allow(anyone)
def answer_offer_here() -> ResponseReturnValue:
    """Show the offer, take it, or pass it on."""
    answer, offer = _answer("show", "accept", "pass"), offer_behind(_token())
    if answer == "show":
        return _decision(offer)
    if answer == "pass":
        pass_offer(offer, now=now())
        return _done("The offer is passed on", "Thank you. You keep your place on the waitlist.")
    booking = accept_offer(offer, now=now())
    if booking.stands is State.CONFIRMED:
        return _done("Your appointment is booked", "We have sent you a mail with the details.")
    return _done("Your request is sent", "The time is yours unless the therapist says no. We will write as soon as they answer.")


@blueprint.get(f"/{LOOKING_PAGE}")
@allow(anyone)
def still_looking_page() -> str:
    """The same for the question whether somebody is still looking."""
    return render_template("booking/still_looking.html", csrf_token=csrf_token())


@blueprint.post(f"/{LOOKING_PAGE}")
@allow(anyone)
def still_looking_here() -> ResponseReturnValue:
    """Take the answer."""
    looking = _answer("yes", "no") == "yes"
    answer_by_link(_token(), looking=looking, now=now())
    if looking:
        return _done("You keep your place", "Thank you. We will ask again in two weeks.")
    return _done("You are off the waitlist", "Thank you. You can join it again at any time.")


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
for view in (answer_offer_here, still_looking_here):
    view.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _token() -> str:
    token = request.form.get("token", "")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkUnknown
    return token


def _answer(*known: str) -> str:
    answer = request.form.get("answer", "")
    if answer not in known:
        raise Invalid("Please press one of the buttons.")
    return answer


def _decision(offer: WaitlistOffer) -> ResponseReturnValue:
    if offer.outcome is not None or offer.expires_at <= now():
        return _done("This offer is over", "It was answered, or the next person was asked.")
    booking, zone = offer.booking, offer.entry.zone
    minutes = int((booking.ends_at - booking.starts_at).total_seconds()) // MINUTE
    shown = {"start": local_time(booking.starts_at, zone), "until": local_time(offer.expires_at, zone), "minutes": minutes}
    return render_template("booking/waitlist_decision.html", csrf_token=csrf_token(), token=_token(), **shown)


def _done(title: str, text: str) -> ResponseReturnValue:
    return render_template("accounts/done.html", title=title, text=text)

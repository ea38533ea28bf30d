"""The page that an invitation leads to. Saying no needs no account; saying yes needs one, because the statements that go with it are the person's own."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from accounts.people import require_account
from accounts.sign_in_page import PAGE as SIGN_IN
from care.invite import PAGE
from care.invited import Stated, accept_invitation, decline_invitation
from care.nearby_help import crisis_help_for, crisis_help_here
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.errors import Invalid
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("care_pages", __name__, template_folder="templates")
LONGEST_FIELD = 200
HELP_PAGE = "help-now"


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def invitation_page() -> str:
    """Ask for the press of a button."""
    words = vocabulary()
    return render_template(
        "care/invitation.html",
        csrf_token=csrf_token(),
        is_signed_in=caller().is_signed_in,
        places=sorted((place.name, slug) for slug, place in words.jurisdictions.items()),
        age_bands=[(band.label, slug) for slug, band in words.facets["age_bands"].items()],
    )


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def answer_here() -> ResponseReturnValue:
    """Take the answer."""
    token, answer = request.form.get("token", ""), request.form.get("answer", "")
    if not 1 <= len(token) <= LONGEST_FIELD or not token.isascii():
        raise LinkUnknown
    if answer == "no":
        decline_invitation(token, now=now())
        return render_template("accounts/done.html", title="You said no", text="Your address is removed.")
    if answer != "yes":
        raise Invalid("Please press one of the buttons.")
    if not caller().is_signed_in:
        links = [(f"/{SIGN_IN}?next=/{PAGE}", "Sign in")]
        return render_template("accounts/done.html", title="Please sign in first", text="Then open the link of the mail again.", links=links), 401
    confirmed(caller())
    person_id = caller().require_person()
    stated = Stated(_field("place"), require_account(person_id).person.zone, _field("age_band"))
    accept_invitation(token, person_id, stated, now=now())
    return render_template("accounts/done.html", title="You are connected", text="Appointments can be proposed to you now.")


def _field(name: str) -> str:
    value = request.form.get(name, "")
    if not 1 <= len(value) <= LONGEST_FIELD or "\0" in value:
        raise Invalid("Please say where you will be and how old you are.")
    return value


@blueprint.get(f"/{HELP_PAGE}")
@allow(anyone)
def help_page() -> str:
    """Help that is there right now, near the place that is chosen; else near where they last said they are."""
    chosen, words = request.args.get("place", ""), vocabulary()
    known = chosen if chosen in words.jurisdictions else None
    found = crisis_help_for(known, on=now().date()) if chosen else crisis_help_here(now=now())
    places = sorted((place.name, slug) for slug, place in words.jurisdictions.items())
    return render_template("care/help_now.html", help=found, places=places, chosen=known)


# `core.http.refuse_unexpected` asks what a view takes.
help_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]

"""The page of what a matching guide suggests: who, why, when there is time. Works without a script; nothing on it books by itself."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.sign_in_page import to_sign_in
from core.access import allow, anyone, caller
from core.clock import now
from core.errors import Invalid, NotFound
from matching.answers import zone_of
from matching.assisted.models import ANSWERS
from matching.assisted.own import answer_assisted, read_assisted
from matching.assisted.propose import PAGE
from matching.cookie import visitor
from matching.intake import current_intake
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("assisted_pages", __name__, template_folder="templates")

NOTHING_YET = (
    "When a matching guide suggests therapists for you, they stand here, and you get a mail. "
    "Until then you can ask for a call from the first page, or look at your own list."
)


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """What is suggested, as it is now."""
    return _answered(None)


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def answer_here() -> ResponseReturnValue:
    """Thanks, or none of these."""
    return _answered(request.form.get("answer", ""))


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _answered(answer: str | None) -> ResponseReturnValue:
    """What stands, or that nothing is suggested yet, which is no mistake of anybody's."""
    if answer is not None and answer not in ANSWERS:
        raise Invalid("Please press one of the buttons.")
    try:
        intake = current_intake(visitor(), now=now())
        if answer is not None:
            answer_assisted(intake.public_id, visitor(), answer=answer, now=now())
        shown = read_assisted(intake.public_id, visitor(), now=now())
    except NotFound:
        if not caller().is_signed_in:
            return to_sign_in()
        return render_template("accounts/done.html", title="Nothing is suggested yet", text=NOTHING_YET)
    zone = zone_of(intake.answers or {}, vocabulary=vocabulary())
    cards = [card | {"times": _times(card, zone)} for card in shown["cards"]]
    return render_template("matching/suggested.html", shown=shown, cards=cards, csrf_token=csrf_token())


def _times(card: dict[str, Any], zone: str) -> list[tuple[str, str]]:
    """The next openings of what would be booked first, in the reader's zone, and where each is taken."""
    first = next(iter(card["services"]), None)
    if first is None:
        return []
    take = partial(url_for, "taking_pages.take_page", service_id=first["service_id"])
    return [(local_time(each, zone), take(start=int(each.timestamp()))) for each in first["next_openings"]]

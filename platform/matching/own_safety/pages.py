"""The page of somebody for whom something is paused or asked: help first, then where it stands, then what they can do. Works without a script."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, anyone
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Invalid, NotFound
from matching.cookie import visitor
from matching.finding.steps import PAGE as FIND_PAGE
from matching.intake import IntakeClosed
from matching.own_safety import state as own_safety
from matching.safety import ANSWERS

PAGE = "how-things-stand"
blueprint = Blueprint("own_safety_pages", __name__, template_folder="templates")
NOTHING = "Nothing was said here that anything would wait for."
ANSWER_WORDS = {"yes": "Yes", "no": "No", "prefer_not_to_say": "I would rather not say"}


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """Where it stands; where we know nobody, nothing is paused; of answers that were closed here nothing is told."""
    try:
        return _answered(lambda person_id: own_safety.own_safety(person_id, now=now()))
    except IntakeClosed as closed:
        links = [("/help-now", "Help now"), (f"/{FIND_PAGE}", "Find a therapist")]
        return render_template("accounts/done.html", title="How things stand", text=closed.detail, links=links), STATUS_OF_KIND[closed.kind]
    except NotFound:
        return render_template("accounts/done.html", title="Nothing is paused", text=NOTHING, links=[("/help-now", "Help now")])


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def page_answered() -> ResponseReturnValue:
    """Take the answers, or "I answered by mistake"."""
    if request.form.get("answer") == "mistake":
        return _answered(lambda person_id: own_safety.say_mistake(person_id, now=now()))
    return _answered(lambda person_id: own_safety.answer_question(person_id, _given(), now=now()))


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
page_answered.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _given() -> dict[str, str]:
    given = {name: request.form[name] for name in own_safety.ASKED if name in request.form}
    if not given or any(answer not in ANSWERS for answer in given.values()):
        raise Invalid("Please choose an answer to each question.")
    return given


def _answered(act: Callable[[int], own_safety.OwnSafety]) -> ResponseReturnValue:
    """A refusal keeps its status, which rolls back."""
    stands = act(own_safety.person_of(visitor(), now=now()))
    questions = [(name, own_safety.ASKED[name]) for name in stands.ask]
    return render_template(
        "matching/how_things_stand.html", stands=stands, help=stands.crisis_help, questions=questions, answers=ANSWER_WORDS, csrf_token=csrf_token()
    )

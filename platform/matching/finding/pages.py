"""The list as a page: cards with their reasons, what one relaxed wish would change, everybody, and the other ways on when nobody fits."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.people import require_account
from core.access import allow, anyone, caller
from core.clock import now
from core.errors import Invalid, NotFound
from core.forms import read_through
from matching import human_help, intake
from matching.answers import zone_of
from matching.cookie import visitor
from matching.finding import steps
from matching.finding.screens.pages import NOT_YET, SEE_OTHER, help_near, make_list, next_open, with_own_intake
from matching.finding.soften import softened
from matching.models import Intake
from matching.questionnaire import REFINEMENTS
from matching.routes import ASKED
from matching.schemas import AskForPersonSchema
from matching.shortlist import eligible, read_shortlist
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("finding_list", __name__, template_folder="templates")
A_PAGE, LONGEST_LIST = 20, 10_000
CHANGED = "Your answers changed meanwhile, so the numbers are not right any more. Here is the list as it is now."


@blueprint.get(f"/{steps.PAGE}/{steps.LIST}")
@allow(anyone)
def list_page() -> ResponseReturnValue:
    """My newest list, with openings as they are now."""
    return with_own_intake(_list)


@blueprint.post(f"/{steps.PAGE}/{steps.LIST}")
@allow(anyone)
def list_acts() -> ResponseReturnValue:
    """Make the list anew, let one must give way, or ask for a person."""
    return with_own_intake(_act)


@blueprint.get(f"/{steps.PAGE}/everybody")
@allow(anyone)
def everybody_page() -> ResponseReturnValue:
    """Everybody who may work with me, fits every must and has time, in the order of the fit."""
    return with_own_intake(_everybody)


# `core.http.refuse_unexpected` asks what a view takes.
list_acts.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
everybody_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]


def card_words(mine: Intake | None) -> dict[str, Any]:
    """How a card writes times, and where its openings lead. Without answers: on the clock of the account."""
    zone = zone_of(mine.answers or {}, vocabulary=vocabulary()) if mine else require_account(caller().require_person()).person.zone

    def take(service: dict[str, Any], start: datetime) -> str:
        return url_for("taking_pages.take_page", service_id=service["service_id"], start=int(start.timestamp()))

    return {"when": lambda instant: local_time(instant, zone), "take": take}


def _list(mine: Intake, *, refusal: str = "") -> ResponseReturnValue:
    try:
        shown = read_shortlist(mine.public_id, visitor(), now=now())
    except NOT_YET:
        return redirect(next_open(mine), SEE_OTHER)
    except NotFound:
        way = next_open(mine)
        return redirect(way, SEE_OTHER) if way != steps.page_of(steps.LIST) else render_template("matching/find_nothing_yet.html", **help_near(mine))
    more = [(screen.title, steps.page_of(screen.name)) for screen in REFINEMENTS]
    facts = {"shown": shown, "more": more, "refusal": refusal, "revision": mine.revision, **card_words(mine), **help_near(mine)}
    return render_template("matching/find_list.html", **facts)


def _act(mine: Intake) -> ResponseReturnValue:
    act = request.form.get("act", "")
    if act == "make":
        return redirect(make_list(mine), SEE_OTHER)
    if act == "relax":
        return _relax(mine)
    if act == "person":
        return _ask_for_person(mine)
    raise Invalid("Please press one of the buttons.")


def _relax(mine: Intake) -> ResponseReturnValue:
    """Soften one wish and make the list of it; where the answers are not those that were counted any more, the list as it is now."""
    if request.form.get("revision") != str(mine.revision):
        page = _list(mine, refusal=CHANGED)
        return (page, HTTPStatus.CONFLICT) if isinstance(page, str) else page
    screen, answers = softened(mine.answers or {}, request.form.get("wish", ""))
    intake.answer_screen(mine.public_id, visitor(), screen=screen, answers=answers, now=now())
    return redirect(make_list(mine), SEE_OTHER)


def _ask_for_person(mine: Intake) -> ResponseReturnValue:
    """A case at the desk, whatever else stands."""
    form: dict[str, Any] = {name: request.form[name].replace("\r\n", "\n") for name in ("reach_by", "contact", "words") if request.form.get(name)}
    if request.form.get("therapist_id"):
        form["therapist_id"] = request.form["therapist_id"]
    form["message_is_safe"] = request.form.get("message_is_safe") == "yes"
    given = read_through(AskForPersonSchema, form)
    wish = {**given, "therapist_id": str(given["therapist_id"])} if "therapist_id" in given else given
    human_help.ask_for_person(mine.public_id, visitor(), wish=wish, now=now())
    return render_template("matching/find_asked.html", text=ASKED, **help_near(mine))


def _everybody(mine: Intake) -> ResponseReturnValue:
    written = request.args.get("from", "0")
    start = min(int(written), LONGEST_LIST) if written.isdecimal() and written.isascii() and len(written) < 8 else 0
    try:
        cards, has_more = eligible(mine.public_id, visitor(), start=start, limit=A_PAGE, now=now())
    except NOT_YET:
        return redirect(next_open(mine), SEE_OTHER)
    facts = {"cards": cards, "before": max(0, start - A_PAGE) if start else None, "after": start + A_PAGE if has_more else None}
    return render_template("matching/find_everybody.html", **facts, **card_words(mine), **help_near(mine))

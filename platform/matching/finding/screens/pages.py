"""The first page of finding somebody, with its consent, and one page for each screen of questions."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.consent import current_text
from accounts.identity import csrf_token
from accounts.throttle import count_attempt, origin_of
from care.nearby_help import crisis_help_for
from core.access import allow, anyone, caller
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from matching import clear, intake, reopen
from matching.adopt import adopt_intake
from matching.answers import missing
from matching.cookie import forget, remember, visitor
from matching.danger import standing_gate
from matching.finding import steps
from matching.finding.forms import read_answers
from matching.finding.told import told_back
from matching.finding.widgets import Asked, asked
from matching.intake import PURPOSE, IntakeClosed, PlaceFirst, current_intake
from matching.models import Intake
from matching.questionnaire import Screen
from matching.routes import BEGUN_FROM_ONE, WINDOW
from matching.safety import Outcome
from matching.shortlist import make_shortlist
from matching.view import AnswersMissing, DirectQuestions, PausedForSafety
from taxonomy.suggest import suggest
from taxonomy.vocabulary import vocabulary
from therapists.models import Service

blueprint = Blueprint("finding_pages", __name__, template_folder="../templates")
SEE_OTHER = 303
LONGEST_ADDRESS = 254
MOST_SUGGESTED = 3
AMOUNT = "Write an amount such as 70 or 70.50, and choose its currency."
NOT_YET = (AnswersMissing, DirectQuestions, PausedForSafety)


@blueprint.get(f"/{steps.PAGE}")
@allow(anyone)
def begin_page() -> ResponseReturnValue:
    """What happens with answers, and the way in; for whoever has answers here already, the way on and out."""
    try:
        mine = current_intake(visitor(), now=now())
    except IntakeClosed as closed:
        return _begin(closed=closed)
    except NotFound:
        return _begin()
    return _begin(goes_on=next_open(mine), asks_whose=mine.cookie_digest is not None and caller().is_signed_in)


@blueprint.post(f"/{steps.PAGE}")
@allow(anyone)
def begin_here() -> ResponseReturnValue:
    """Agree and begin; clear what is here, or have a link to it mailed; or, signed in, say whether it is one's own."""
    acts = {"begin": _agree, "clear": _clear, "mail": _mail, "mine": _adopt, "not_mine": _close}
    try:
        if request.form.get("act") not in acts:
            raise Invalid("Please press one of the buttons.")
        return acts[request.form["act"]]()
    except DomainError as refused:
        return _begin(refusal=_words_of(refused)), STATUS_OF_KIND[refused.kind]


@blueprint.get(f"/{steps.PAGE}/<any({','.join((*steps.ASKED, *steps.REFINING))}):name>")
@allow(anyone)
def screen_page(name: str) -> ResponseReturnValue:
    """One screen, with what is answered there."""
    return with_own_intake(lambda mine: _screen(mine, name, mine.answers or {}))


@blueprint.post(f"/{steps.PAGE}/<any({','.join((*steps.ASKED, *steps.REFINING))}):name>")
@allow(anyone)
def answer_here(name: str) -> ResponseReturnValue:
    """Take the answers, and go on: to the next screen, or back to where somebody came from to change this one."""
    return with_own_intake(lambda mine: _answered(mine, name))


# `core.http.refuse_unexpected` asks what a view takes.
screen_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
begin_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def with_own_intake(act: Callable[[Intake], ResponseReturnValue]) -> ResponseReturnValue:
    """Call it with the intake of this browser or account; without one, or with one that was closed, the first page."""
    try:
        mine = current_intake(visitor(), now=now())
    except IntakeClosed as closed:
        return _begin(closed=closed), STATUS_OF_KIND[closed.kind]
    except NotFound:
        return redirect(f"/{steps.PAGE}", SEE_OTHER)
    return act(mine)


def help_near(mine: Intake) -> dict[str, Any]:
    """For the templates: help near where they will be, and whether it has to stand first."""
    place = (mine.answers or {}).get("place")
    return {"help": crisis_help_for(place, on=now().date()), "help_first": standing_gate(mine).crisis_help, "csrf_token": csrf_token()}


def _begin(*, closed: IntakeClosed | None = None, goes_on: str | None = None, asks_whose: bool = False, refusal: str = "") -> str:
    facts = {"consent": current_text(PURPOSE), "goes_on": goes_on, "asks_whose": asks_whose, "refusal": refusal, "closed": closed, "csrf_token": csrf_token()}
    return render_template("matching/find_begin.html", can_mail=bool(closed and closed.extra.get("can_mail_a_link")), **facts)


def _agree() -> ResponseReturnValue:
    count_attempt(f"intakes:{origin_of(request.remote_addr)}", limit=BEGUN_FROM_ONE, window=WINDOW, now=now())
    version = request.form.get("consent_text_version", "")
    if not version:
        raise Invalid("To go on, please say that you agree. Nothing is kept before.")
    _, secret = intake.begin_intake(visitor(), text_version=version, now=now())
    answer = make_response(redirect(steps.page_of(steps.ASKED[0]), SEE_OTHER))
    return remember(answer, secret) if secret is not None else answer


def _clear() -> ResponseReturnValue:
    clear.clear_intake(current_intake(visitor(), now=now()).public_id, visitor(), now=now())
    return forget(make_response(render_template("accounts/done.html", title="Your answers are cleared", text="They are gone, here and in our database.")))


def _adopt() -> ResponseReturnValue:
    mine = current_intake(visitor(), now=now())
    adopt_intake(mine.public_id, visitor(), are_mine=True, person_id=caller().require_person(), now=now())
    return forget(make_response(redirect(next_open(mine), SEE_OTHER)))


def _close() -> ResponseReturnValue:
    caller().require_person()
    intake.close_here(current_intake(visitor(), now=now()).public_id, visitor(), now=now())
    return render_template("accounts/done.html", title="The answers are closed here", text="Whoever they belong to can open them again with a link by mail.")


def _mail() -> ResponseReturnValue:
    """A closed intake is known by its cookie alone; the link goes to the address that was named before."""
    email = request.form.get("email", "").strip()
    if len(email) > LONGEST_ADDRESS or (email and ("@" not in email or not email.isprintable())):
        raise Invalid("Please write an e-mail address.")
    reopen.mail_link(reopen.intake_of_browser(visitor()), visitor(), email=email or None, now=now())
    return render_template(
        "accounts/done.html", title="Look into your mail", text="A link to these answers is on its way. It is good for one use, for seven days."
    )


def _answered(mine: Intake, name: str) -> ResponseReturnValue:
    given: dict[str, Any] = {}
    screen = steps.screen_named(name)
    assert screen is not None
    try:
        given = read_answers(_fields(mine, screen), request.form)  # type: ignore[arg-type]  # a MultiDict is a form
        if name == "main_concern" and not any(given.values()):
            raise Invalid("Please choose what it is mainly about, or say it in your own words.")
        intake.answer_screen(mine.public_id, visitor(), screen=name, answers=given, now=now())
    except PlaceFirst:
        return redirect(steps.page_of("place"), SEE_OTHER)
    except DomainError as refused:
        page = _screen(mine, name, {**(mine.answers or {}), **given}, refusal=_words_of(refused))
        return page if not isinstance(page, str) else (page, STATUS_OF_KIND[refused.kind])
    return redirect(_way_on(mine, name), SEE_OTHER)


def _way_on(mine: Intake, name: str) -> str:
    """Safety first; then a look at what free text was taken for; then back to where somebody came from, or the next screen."""
    gate, held = standing_gate(mine), mine.answers or {}
    if gate.outcome is Outcome.PAUSE:
        return "/how-things-stand"
    if gate.outcome is Outcome.ASK:
        return steps.page_of("safety") if name == "safety" else "/how-things-stand"
    if name == "main_concern" and not held.get("main_concern"):
        return steps.page_of(name)
    came_from = request.form.get("from", "")
    if name not in (*steps.REFINING, steps.CHECK) and came_from not in (steps.CHECK, steps.LIST):
        return steps.after(name)
    if came_from == steps.CHECK:
        return steps.page_of(steps.CHECK)
    return make_list(mine)


def make_list(mine: Intake) -> str:
    """A list of the answers as they are now, and the way to it; without enough answers, the way to the next question."""
    try:
        make_shortlist(mine.public_id, visitor(), now=now())
    except NOT_YET:
        return next_open(mine)
    return steps.page_of(steps.LIST)


def next_open(mine: Intake) -> str:
    """Where somebody goes on, as far as their answers go: the first screen that still needs an answer, else the list."""
    gate = standing_gate(mine)
    if gate.stops_booking:
        return "/how-things-stand" if gate.outcome is Outcome.PAUSE or not (mine.answers or {}).get("place") else steps.page_of("safety")
    gaps = missing(mine.answers or {})
    return next((steps.page_of(name) for name in steps.ASKED if any(field.name in gaps for field in _screen_of(name).fields)), steps.page_of(steps.LIST))


def _screen_of(name: str) -> Screen:
    screen = steps.screen_named(name)
    assert screen is not None
    return screen


def _fields(mine: Intake, screen: Screen) -> tuple[Any, ...]:
    held = mine.answers or {}
    ask = bool(set(standing_gate(mine).ask) - {"thoughts"})
    words = held.get("words")
    has_read = held.get("not_offered_read") is not None or bool(words and suggest(str(words), kinds=("modality",)).not_offered)
    return steps.fields_shown(screen, held, ask_directly=ask, has_read=has_read)


def _screen(mine: Intake, name: str, held: Mapping[str, Any], *, refusal: str = "") -> ResponseReturnValue:
    if name == "safety" and not held.get("place"):
        return redirect(steps.page_of("place"), SEE_OTHER)
    screen, came_from = _screen_of(name), request.values.get("from", "")
    if name == steps.CHECK:
        return _check(mine, refusal=refusal)
    words = vocabulary()
    currencies = tuple(sorted(db.session.scalars(select(Service.fee_currency).distinct()))) if name == "price" else ()
    questions: list[Asked] = [asked(field, held, words, currencies=currencies) for field in _fields(mine, screen)]
    came_from = came_from if came_from in (steps.CHECK, steps.LIST) else ""
    return render_template(
        "matching/find_screen.html",
        screen=screen,
        questions=questions,
        at=steps.place_in_order(name),
        back=steps.page_of(came_from) if came_from else steps.before(name),
        came_from=came_from,
        refusal=refusal,
        meant=_meant(name, held),
        **help_near(mine),
    )


def _meant(name: str, held: Mapping[str, Any]) -> dict[str, Any]:
    """What own words may stand for, shown back to be confirmed: never taken for an answer by themselves."""
    text, words = str(held.get("words") or ""), vocabulary()
    if not text or name not in ("main_concern", "musts"):
        return {}
    if name == "main_concern":
        found = suggest(text, kinds=("concern",), limit=MOST_SUGGESTED)
        cautions = list(dict.fromkeys(each.caution for each in suggest(text, kinds=("modality",)).not_offered))
        return {"concerns": [(each.slug, each.label) for each in found.items] if not held.get("main_concern") else [], "cautions": cautions}
    found = suggest(text, kinds=("modality",), limit=MOST_SUGGESTED)
    stated = {slug for each in held.get("modalities") or () for slug in each["any_of"]}
    unclear = [(each.text, [(slug, words.modalities[slug].label) for slug in each.meanings]) for each in found.clarify]
    plain = [(each.matched, [(each.slug, each.label)]) for each in found.items if words.modalities[each.slug].kind != "excluded"]
    return {"modalities": [(text, options) for text, options in [*unclear, *plain] if not stated & {slug for slug, _ in options}]}


def _check(mine: Intake, *, refusal: str) -> str:
    gaps = set(missing(mine.answers or {})) - {"confirmed"}
    open_screens = [(_screen_of(name).title, steps.page_of(name)) for name in steps.ASKED if gaps & {field.name for field in _screen_of(name).fields}]
    facts = {"told": told_back(mine.answers or {}, vocabulary()), "open_screens": open_screens, "refusal": refusal}
    return render_template("matching/find_check.html", back=steps.before(steps.CHECK), at=steps.place_in_order(steps.CHECK), **facts, **help_near(mine))


def _words_of(refused: DomainError) -> str:
    """For people: what a program is told about an amount is said in their words."""
    messages = [AMOUNT if field == "answers.ceiling" else message for field, told in refused.errors.items() for message in told]
    return " ".join([refused.detail, *dict.fromkeys(messages)])

"""The pages of the questionnaires: take one, see what was taken, share it or end that, take it away. They work without a script."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.consent import current_text, give_consent, has_consent, require_current_texts
from accounts.identity import csrf_token
from accounts.people import require_account
from care.nearby_help import crisis_help_near
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.errors import Invalid, NotFound
from core.forms import form_id
from notices.letter import local_time
from progress.fit_check.answer import PURPOSE
from progress.questionnaires import about_words, answer_words, questionnaires
from progress.results.reading import results_of, therapists_in_care
from progress.results.routes import ASKED, TEXT
from progress.results.share import share_result, stop_sharing
from progress.results.take import delete_result, offered_now, take
from progress.results.words import BANDS, CHANGES

PAGE = "how-i-am"
SHOWN = 20
blueprint = Blueprint("questionnaire_pages", __name__, template_folder="templates")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """What you can take, and what you took."""
    return render_template("progress/how_i_am.html", **_facts())


@blueprint.get(f"/{PAGE}/<string:slug>")
@allow(anyone)
def form_page(slug: str) -> ResponseReturnValue:
    """One questionnaire to fill in."""
    return _form(slug)


@blueprint.post(f"/{PAGE}/<string:slug>")
@allow(anyone)
def take_here(slug: str) -> ResponseReturnValue:
    """Keep the answers. Where one of them asks about safety, help and the question come first."""
    confirmed(caller())
    me, questionnaire = caller().require_person(), questionnaires().get(slug)
    if questionnaire is None:
        raise NotFound
    given = [request.form.get(f"item-{number}", "") for number in range(1, len(questionnaire.items) + 1)]
    taken = take(me, questionnaire.slug, [int(each) if each.isdecimal() else None for each in given], now=now())
    if taken.asks:
        return render_template("progress/asked_directly.html", text=ASKED, help=crisis_help_near(me, now=now()))
    return redirect(f"/{PAGE}", code=303)


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def act_here() -> ResponseReturnValue:
    """Agree, share or keep back, delete."""
    confirmed(caller())
    _act(request.form.get("act", ""), caller().require_person())
    return redirect(f"/{PAGE}", code=303)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
take_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _act(what: str, me: int) -> None:
    if what == "agree":
        version = request.form.get("text_version", "")
        require_current_texts({PURPOSE: version})
        give_consent(me, PURPOSE, text_version=version, now=now())
    elif what == "share":
        share_result(form_id("result_id"), form_id("therapist_id"), by=me, now=now())
    elif what == "keep_back":
        stop_sharing(form_id("result_id"), form_id("therapist_id"), by=me)
    elif what == "delete":
        delete_result(form_id("result_id"), by=me)
    else:
        raise Invalid("Please press one of the buttons.")


def _facts() -> dict[str, Any]:
    me = caller().require_person()
    zone = require_account(me).person.zone
    return {
        "consent": None if has_consent(me, PURPOSE) else current_text(PURPOSE),
        "offered": offered_now(now=now()),
        "results": [(result, local_time(result.taken_at, zone)) for result in results_of(me, limit=SHOWN).items],
        "therapists": therapists_in_care(me),
        "text": TEXT,
        "bands": BANDS,
        "changes": CHANGES,
        "about": about_words(),
        "csrf_token": csrf_token(),
    }


def _form(slug: str) -> ResponseReturnValue:
    caller().require_person()
    asked = next((each for each in offered_now(now=now()) if each.slug == slug), None)
    if asked is None:
        raise NotFound
    return render_template("progress/questionnaire.html", asked=asked, words=answer_words(), about=about_words(), csrf_token=csrf_token())

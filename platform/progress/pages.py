"""The page on which a therapist reads what clients chose to share with them. Nothing on it can be done, only read and talked about."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.people import require_account
from accounts.sign_in_page import to_sign_in
from core.access import allow, anyone, caller, role
from core.errors import Unauthenticated
from notices.letter import local_time
from progress.fit_check.questions import HIGHEST, QUESTIONS
from progress.fit_check.reading import checks_shared_with
from progress.questionnaires import answer_words, questionnaires
from progress.results.reading import results_shared_with
from progress.results.words import BANDS

PAGE = "shared-with-me"
SHOWN = 50
blueprint = Blueprint("shared_pages", __name__, template_folder="templates")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """What your clients let you read now, the newest first."""
    try:
        role("therapist")(caller())
        me = caller().require_person()
        zone = require_account(me).person.zone
    except Unauthenticated:
        return to_sign_in()
    return render_template(
        "progress/shared_with_me.html",
        checks=[(check, local_time(check.session_at, zone)) for check in checks_shared_with(me, limit=SHOWN).items],
        results=[(result, local_time(result.taken_at, zone)) for result in results_shared_with(me, limit=SHOWN).items],
        questions=QUESTIONS,
        highest=HIGHEST,
        bands=BANDS,
        items={slug: each.items for slug, each in questionnaires().items()},
        words=answer_words(),
    )

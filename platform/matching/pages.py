"""Pages of matching that work without a script: back to one's answers by the link in our mail (a script only carries its token), and how we rank."""

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.links import LinkUnknown
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.errors import NotFound
from matching.adopt import adopt_intake
from matching.cookie import forget, remember, visitor
from matching.intake import guests_intake
from matching.policy import policy_json
from matching.reopen import PAGE, reopen
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("matching_pages", __name__, template_folder="templates")
LONGEST_TOKEN = 200
KEEP_PAGE = "keep-my-answers"
KEPT = "They are yours alone, and open wherever you sign in. They lie open on this device no longer."


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def back_page() -> str:
    """Ask for the press of a button: mail programs follow links by themselves, and this one works once."""
    return render_template("matching/back.html", csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def back_here() -> ResponseReturnValue:
    """Open the answers on this device."""
    token = request.form.get("token", "")
    if not 1 <= len(token) <= LONGEST_TOKEN or not token.isascii():
        raise LinkUnknown
    _, secret = reopen(token, now=now())
    done = render_template(
        "accounts/done.html", title="Your answers are open again", text="You can go on where you were, on this device.", links=[("/find", "Go on")]
    )
    return remember(make_response(done), secret)


@blueprint.get(f"/{KEEP_PAGE}")
@allow(signed_in)
def keep_page() -> str:
    """Whether the answers that lie open on this device shall be the account's."""
    intake = guests_intake(visitor(), now=now())
    return render_template("matching/keep_answers.html", csrf_token=csrf_token(), found=intake is not None)


@blueprint.post(f"/{KEEP_PAGE}")
@allow(signed_in)
def keep_here() -> ResponseReturnValue:
    """Put them into the account, only with the statement that they are one's own: on a shared device somebody else's may lie open."""
    intake = guests_intake(visitor(), now=now())
    if intake is None:
        raise NotFound
    adopt_intake(intake.public_id, visitor(), are_mine=request.form.get("mine") == "yes", person_id=caller().require_person(), now=now())
    links = [("/find/list", "My list")]
    return forget(make_response(render_template("accounts/done.html", title="Your answers are in your account", text=KEPT, links=links)))


@blueprint.get("/ranking")
@allow(anyone)
def ranking_page() -> str:
    """How we rank, in plain words and with every number: the same as `GET /api/v1/ranking-policy`."""
    return render_template("matching/ranking.html", policy=policy_json(vocabulary()))


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
keep_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
back_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]

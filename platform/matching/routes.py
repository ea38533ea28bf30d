"""The doors of matching: the intake of a guest or client, the shortlist, everybody who is eligible, and the ranking policy."""

import uuid
from datetime import timedelta
from typing import Any

from flask import Response, after_this_request, request

from accounts.throttle import count_attempt, origin_of
from care.nearby_help import crisis_help_for
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.encoding import encoded
from core.errors import NotFound
from core.http import Blueprint, PageQuery, cursor_of, key_of
from matching import adopt, clear, human_help, intake, reopen, shortlist
from matching.cookie import forget, remember, visitor
from matching.policy import policy_json
from matching.questionnaire import SCREEN_BY_NAME
from matching.representations import intake_json, questions_json
from matching.schemas import (
    AdoptSchema,
    AskedForPersonSchema,
    AskForPersonSchema,
    BeginIntakeSchema,
    IntakeSchema,
    LinkSecretSchema,
    MailLinkSchema,
    MatchCardPageSchema,
    QuestionsSchema,
    RankingPolicySchema,
    ScreenAnswersSchema,
    ShortlistSchema,
)
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("matching", __name__, url_prefix="/api/v1", description="Finding a therapist")

Json = dict[str, Any]
# New intakes from one origin: a clinic's waiting room shares one address, a flood does not stop at this.
BEGUN_FROM_ONE, WINDOW = 300, timedelta(hours=1)
ASKED = "Thank you. It is noted, and a person reads it when somebody is at the desk. If you are in danger, please do not wait for us."


@blueprint.get("/ranking-policy")
@allow(anyone)
@blueprint.gives(200, RankingPolicySchema)
def show_policy() -> Json:
    """How therapists are ordered: every parameter, its weight, and what never counts."""
    return policy_json(vocabulary())


@blueprint.get("/intakes/questions")
@allow(anyone)
@blueprint.gives(200, QuestionsSchema)
def show_questions() -> Json:
    """The questionnaire: at most nine screens to a first list, then refinements."""
    return questions_json()


@blueprint.post("/intakes")
@allow(anyone)
@blueprint.takes(BeginIntakeSchema)
@blueprint.gives(201, IntakeSchema)
def begin(body: Json) -> Json:
    """Begin an intake. Consent comes first: without it nothing is stored. Sets a cookie for guests."""
    count_attempt(f"intakes:{origin_of(request.remote_addr)}", limit=BEGUN_FROM_ONE, window=WINDOW, now=now())
    begun, secret = intake.begin_intake(visitor(), text_version=body.get("consent_text_version"), now=now())
    if secret is not None:
        after_this_request(lambda response: remember(response, secret))
    return intake_json(begun, now=now())


@blueprint.get("/intakes/current")
@allow(anyone)
@blueprint.gives(200, IntakeSchema)
def show_current() -> Json:
    """The intake of this browser, or my newest one."""
    return intake_json(intake.current_intake(visitor(), now=now()), now=now())


@blueprint.post("/intakes/reopen")
@allow(anyone)
@blueprint.takes(LinkSecretSchema)
@blueprint.gives(200, IntakeSchema)
def reopen_intake(body: Json) -> Json:
    """Open my answers on this device with the token from the mail. It works once."""
    opened, secret = reopen.reopen(body["token"], now=now())
    after_this_request(lambda response: remember(response, secret))
    return intake_json(opened, now=now())


@blueprint.get("/intakes/<uuid:intake_id>")
@allow(anyone)
@blueprint.gives(200, IntakeSchema)
def show_intake(intake_id: uuid.UUID) -> Json:
    """My answers, what is still missing, and what the safety questions led to."""
    return intake_json(intake.find_intake(intake_id, visitor(), now=now()), now=now())


@blueprint.put("/intakes/<uuid:intake_id>/screens/<string:screen>")
@allow(anyone)
@blueprint.takes(ScreenAnswersSchema)
@blueprint.gives(200, IntakeSchema)
def answer(body: Json, intake_id: uuid.UUID, screen: str) -> Json:
    """Answer one screen. The answers replace what the screen held before."""
    if screen not in SCREEN_BY_NAME:
        raise NotFound
    answered = intake.answer_screen(intake_id, visitor(), screen=screen, answers=body["answers"], now=now())
    return intake_json(answered, now=now())


@blueprint.delete("/intakes/<uuid:intake_id>")
@allow(anyone)
@blueprint.gives(204)
def clear_answers(intake_id: uuid.UUID) -> None:
    """Clear my answers, here and in our database."""
    clear.clear_intake(intake_id, visitor(), now=now())
    after_this_request(forget)


@blueprint.post("/intakes/<uuid:intake_id>/adopt")
@allow(signed_in)
@blueprint.takes(AdoptSchema)
@blueprint.gives(200, IntakeSchema)
def adopt_answers(body: Json, intake_id: uuid.UUID) -> Json:
    """Put these answers into my account. Only with the statement that they are mine."""
    person_id = caller().require_person()
    adopted = adopt.adopt_intake(intake_id, visitor(), are_mine=body["these_answers_are_mine"], person_id=person_id, now=now())
    after_this_request(forget)
    return intake_json(adopted, now=now())


@blueprint.post("/intakes/<uuid:intake_id>/close")
@allow(signed_in)
@blueprint.gives(204)
def close_answers(intake_id: uuid.UUID) -> None:
    """Say that the answers that lie open in this browser are not yours. They are closed here; a link by mail opens them again."""
    intake.close_here(intake_id, visitor(), now=now())


@blueprint.post("/intakes/<uuid:intake_id>/reopen-link")
@allow(anyone)
@blueprint.takes(MailLinkSchema)
@blueprint.gives(202)
def mail_reopen_link(body: Json, intake_id: uuid.UUID) -> None:
    """Mail me a link to my answers. Once they were closed here, it goes only to the address named before."""
    reopen.mail_link(intake_id, visitor(), email=body["email"], now=now())


@blueprint.post("/intakes/<uuid:intake_id>/person")
@allow(anyone)
@blueprint.takes(AskForPersonSchema)
@blueprint.gives(202, AskedForPersonSchema)
def ask_for_person(body: Json, intake_id: uuid.UUID) -> Json:
    """Ask for a person: help with choosing, a place on a waitlist, anything a list cannot do."""
    wish = {**body, "therapist_id": str(body["therapist_id"])} if "therapist_id" in body else body
    human_help.ask_for_person(intake_id, visitor(), wish=wish, now=now())
    place = (intake.find_intake(intake_id, visitor(), now=now()).answers or {}).get("place")
    return {"detail": ASKED, "crisis_help": crisis_help_for(place, on=now().date())}


@blueprint.delete("/intakes/<uuid:intake_id>/person")
@allow(anyone)
@blueprint.gives(204)
def ask_for_nobody(intake_id: uuid.UUID) -> None:
    """Take it back: how to reach me is deleted at once."""
    human_help.take_back(intake_id, visitor(), now=now())


@blueprint.post("/intakes/<uuid:intake_id>/shortlist")
@allow(anyone)
@blueprint.gives(201, ShortlistSchema)
def make_shortlist(intake_id: uuid.UUID) -> Response:
    """Make a shortlist: at most five cards with reasons, price and real openings; or what else helps when nobody fits."""
    return encoded(shortlist.make_shortlist(intake_id, visitor(), now=now()), status=201)


@blueprint.get("/intakes/<uuid:intake_id>/shortlist")
@allow(anyone)
@blueprint.gives(200, ShortlistSchema)
def show_shortlist(intake_id: uuid.UUID) -> Response:
    """My newest shortlist, with openings as they are now."""
    return encoded(shortlist.read_shortlist(intake_id, visitor(), now=now()))


@blueprint.get("/intakes/<uuid:intake_id>/eligible")
@allow(anyone)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, MatchCardPageSchema)
def list_eligible(query: Json, intake_id: uuid.UUID) -> Response:
    """Everybody who may work with me, fits every must and has time, in order."""
    start = key_of(query["cursor"], int)[0] if "cursor" in query else 0
    cards, more = shortlist.eligible(intake_id, visitor(), start=max(0, start), limit=query["limit"], now=now())
    return encoded({"items": cards, "next": cursor_of(max(0, start) + query["limit"]) if more else None})

"""The person's side: what was suggested, as it is now, and what they say to it. Whoever may not be shown any more is not there."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from care.nearby_help import crisis_help_for
from core import audit
from core.db import db
from core.errors import NotFound
from desk.cases import open_case, open_case_about
from matching.assisted.models import AssistedShortlist
from matching.assisted.reasons import REASONS
from matching.cards import card_of
from matching.danger import SUBJECT
from matching.intake import Visitor, find_intake
from matching.low_cost import LOW_COST
from matching.models import Intake
from matching.referred import referral_of
from matching.safety import Gate
from matching.shortlist import TEXTS
from matching.view import View, require_list, view_of

Json = dict[str, Any]
KIND = "assisted"
AGAIN_WITHIN = timedelta(days=1)
NOBODY_LEFT = "None of those who were suggested to you is available any more. Ask for a person again, or make a list: that shows who is available now."


def read_assisted(intake_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> Json:
    """The newest suggestion. NotFound before there is one; refuses as `view.require_list`. Ready for `schemas.AssistedShortlistSchema`."""
    intake = find_intake(intake_id, visitor, now=now)
    assisted = _newest(intake)
    gate = require_list(intake, now=now)
    return _body(assisted, intake, gate, None if referral_of(intake) else view_of(intake, gate, now=now), now=now)


def answer_assisted(intake_id: uuid.UUID, visitor: Visitor, *, answer: str, now: datetime) -> None:
    """Thanks, or none of these: then somebody looks again. Saying something else later changes the answer. NotFound before there is a suggestion."""
    intake = find_intake(intake_id, visitor, now=now, for_change=True)
    assisted = _newest(intake)
    assisted.answer, assisted.answered_at = answer, now
    if answer == "none_of_these":
        _look_again(intake, now=now)
    db.session.flush()
    audit.record("matching.assisted_answered", subject=("intake", intake.public_id), reason=answer)


def _newest(intake: Intake) -> AssistedShortlist:
    wanted = select(AssistedShortlist).where(AssistedShortlist.intake_id == intake.id)
    newest = wanted.order_by(AssistedShortlist.proposed_at.desc(), AssistedShortlist.id.desc()).limit(1)
    assisted = db.session.scalars(newest.execution_options(populate_existing=True)).one_or_none()
    if assisted is None:
        raise NotFound
    return assisted


def _look_again(intake: Intake, *, now: datetime) -> None:
    subject, facts = (SUBJECT, str(intake.public_id)), {"none_of_the_suggested": True}
    case = open_case_about("matchmaking", subject)
    if case is None:
        open_case("matchmaking", subject=subject, now=now, due_in=AGAIN_WITHIN, person_id=intake.person_id, facts=facts)
    else:
        case.facts = {**(case.facts or {}), **facts}


def _body(assisted: AssistedShortlist, intake: Intake, gate: Gate, view: View | None, *, now: datetime) -> Json:
    cards = _cards(assisted, view) if view is not None else []
    return {
        "id": assisted.public_id,
        "made_at": assisted.proposed_at,
        "kind": KIND,
        "text": TEXTS[KIND] if cards else NOBODY_LEFT,
        "referral": None,
        "notes": [],
        "answers_changed": assisted.revision != intake.revision,
        "weights_version": assisted.weights_version,
        "taxonomy_version": assisted.taxonomy_version,
        "cards": cards,
        "eligible_count": view.count if view is not None else 0,
        "relax": [],
        "waiting": [],
        "crisis_help": crisis_help_for((intake.answers or {}).get("place"), on=now.date()) if gate.crisis_help or not cards else None,
        "low_cost_help": [] if cards else list(LOW_COST),
        "answer": assisted.answer,
    }


def _cards(assisted: AssistedShortlist, view: View) -> list[Json]:
    """In the guide's order, without whoever is not on the list any more."""
    shown = view.of({each["key"] for each in assisted.proposed or ()})
    left = [each for each in assisted.proposed or () if each["key"] in shown]
    return [card_of(shown[each["key"]], view.occasion, position=number) | {"guide": _said(each)} for number, each in enumerate(left, 1)]


def _said(proposed: Json) -> Json:
    return {"reasons": [{"code": code, "text": REASONS[code]} for code in proposed["reasons"] if code in REASONS], "note": proposed["note"]}

"""The operator's reading of card feedback: opened, counted and forgotten again in one go. Nobody reads a single answer."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.db import db
from matching.card_feedback.counting import FEWEST, Said, counted
from matching.card_feedback.models import CardFeedback
from matching.card_feedback.reasons import REASONS
from matching.models import Intake, Shortlist
from matching.weights import WEIGHTS
from therapists.models import Therapist

AT_ONCE = 200


def evaluation(*, since: datetime, until: datetime) -> dict[str, Any]:
    """Counts over what was said in [since, until) of cards that today's weights made; `counting` says of what."""
    found = counted(_said(since, until))
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "weights_version": WEIGHTS.version,
        "fewest_people": FEWEST,
        "words": {code: text for code, text in REASONS.items() if code in found["reasons"]},
        **found,
    }


def _said(since: datetime, until: datetime) -> Iterator[Said]:
    wanted = (
        select(CardFeedback, Shortlist, Intake.person_id, Therapist.public_id)
        .join(Shortlist, Shortlist.id == CardFeedback.shortlist_id)
        .join(Intake, Intake.id == Shortlist.intake_id)
        .join(Therapist, Therapist.person_id == CardFeedback.therapist_id)
        .where(CardFeedback.given_at >= since, CardFeedback.given_at < until, Shortlist.weights_version == WEIGHTS.version)
    )
    for row, shortlist, person_id, key in db.session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        card = next((each for each in (shortlist.shown or {}).get("cards", ()) if each["key"] == str(key)), None)
        if card is not None and row.said:
            yield Said(person_id, row.said["verdict"], tuple(row.said["reasons"]), {name: state for name, state, _ in card["reasons"]})

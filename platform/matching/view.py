"""A list as it is now for one intake: the gate, then everybody who may be shown, in order. Asked of the database every time."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from care.conflicts import conflicts_of, hidden_from
from care.models import CareRelation
from care.nearby_help import crisis_help_for
from core.db import db
from core.errors import Conflict
from matching.answers import attendees, missing, wishes
from matching.danger import standing_gate
from matching.listing import Listing, Occasion, listing
from matching.market import Market, market_for
from matching.models import Intake
from matching.safety import Gate, Outcome
from taxonomy.vocabulary import vocabulary


class AnswersMissing(Conflict):
    code, detail = "answers_missing", "A few answers are still missing."


class DirectQuestions(Conflict):
    code, detail = "direct_questions", "Before a list, please answer the questions about how safe you are. Help is there right now if you need it."


class PausedForSafety(Conflict):
    code, detail = "paused", "Before anything else a person has to speak with you. If you are in danger, do not wait: help is there right now."


@dataclass(frozen=True)
class View:
    occasion: Occasion
    market: Market
    listing: Listing


def require_list(intake: Intake, *, now: datetime) -> Gate:
    """The gate, if it lets a list through; otherwise `paused`, `direct_questions` (both with crisis help) or `answers_missing` by field."""
    gate, held = standing_gate(intake), intake.answers or {}
    if gate.stops_booking:
        help_now = {"crisis_help": crisis_help_for(held.get("place"), on=now.date())}
        if gate.outcome is Outcome.PAUSE:
            raise PausedForSafety(extra=help_now)
        raise DirectQuestions(extra=help_now | {"ask": list(gate.ask)})
    if gaps := missing(held):
        raise AnswersMissing(errors={f"answers.{name}": ["Still missing."] for name in gaps})
    return gate


def view_of(intake: Intake, gate: Gate, *, now: datetime) -> View:
    """Everybody who may be shown to this person now."""
    occasion = occasion_of(intake, gate, now=now)
    market = market_for(occasion, client_id=intake.person_id)
    return View(occasion, market, listing(occasion, market.candidates, vocabulary=vocabulary()))


def occasion_of(intake: Intake, gate: Gate, *, now: datetime) -> Occasion:
    """What a list is made for, with what care knows about this person."""
    held, person_id = intake.answers or {}, intake.person_id
    first, *others = attendees(held, gate, vocabulary=vocabulary(), person_id=person_id)
    known = select(CareRelation.therapist_id).where(CareRelation.client_id == person_id, CareRelation.state != "ended")
    return Occasion(
        wishes=wishes(held, vocabulary=vocabulary()),
        attendees=(replace(first, conflicts=conflicts_of([person_id], now=now).get(person_id, frozenset())), *others),
        now=now,
        seed=str(intake.public_id),
        in_care=frozenset(db.session.scalars(known)),
        hidden=hidden_from(person_id, now=now),
        within_days=gate.within_days,
    )

"""The acts: say what one thinks of a card, take it back, read what one said."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from matching.card_feedback.models import CardFeedback
from matching.intake import Visitor, find_intake
from matching.models import Shortlist
from therapists.models import Therapist


@dataclass(frozen=True)
class Given:
    """`reasons` are codes of `reasons.REASONS`, in the order in which they were given."""

    therapist_id: uuid.UUID
    verdict: str
    reasons: Sequence[str]
    given_at: datetime


@dataclass(frozen=True)
class Card:
    """One card of one shortlist of one visitor's intake, by public ids."""

    intake_id: uuid.UUID
    shortlist_id: uuid.UUID
    therapist_id: uuid.UUID


def give_feedback(card: Card, visitor: Visitor, *, verdict: str, reasons: Sequence[str], now: datetime) -> Given:
    """Keep it, in place of what was said of this card before.

    NotFound for somebody else's shortlist and for whoever was not on a card of it; Invalid for reasons beside "for me". Refuses as `intake.find_intake`.
    """
    if reasons and verdict != "not_for_me":
        raise Invalid(errors={"reasons": ["Only where it is not for you."]})
    shortlist, therapist_id = _shown(card, visitor, now=now)
    row = _row(shortlist.id, therapist_id) or CardFeedback(public_id=uuid.uuid4(), shortlist_id=shortlist.id, therapist_id=therapist_id)
    row.given_at, row.said = now, {"verdict": verdict, "reasons": list(dict.fromkeys(reasons))}
    db.session.add(row)
    db.session.flush()
    audit.record("matching.feedback_given", subject=("shortlist", card.shortlist_id))
    return _given(row, card.therapist_id)


def take_feedback_back(card: Card, visitor: Visitor, *, now: datetime) -> None:
    """NotFound also where nothing was said."""
    shortlist, therapist_id = _shown(card, visitor, now=now)
    row = _row(shortlist.id, therapist_id)
    if row is None:
        raise NotFound
    db.session.delete(row)
    db.session.flush()
    audit.record("matching.feedback_taken_back", subject=("shortlist", card.shortlist_id))


def feedback_on(intake_id: uuid.UUID, shortlist_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> Sequence[Given]:
    """What was said of the cards of one shortlist, in the order in which it was. NotFound for somebody else's."""
    shortlist = _shortlist(intake_id, shortlist_id, visitor, now=now)
    wanted = select(CardFeedback, Therapist.public_id).join(Therapist, Therapist.person_id == CardFeedback.therapist_id)
    found = db.session.execute(wanted.where(CardFeedback.shortlist_id == shortlist.id).order_by(CardFeedback.given_at, CardFeedback.id))
    return [_given(row, public_id) for row, public_id in found]


def _shown(card: Card, visitor: Visitor, *, now: datetime) -> tuple[Shortlist, int]:
    """The shortlist, and the therapist if one of its cards was theirs."""
    shortlist = _shortlist(card.intake_id, card.shortlist_id, visitor, now=now, for_change=True)
    if str(card.therapist_id) not in {each["key"] for each in (shortlist.shown or {}).get("cards", ())}:
        raise NotFound
    return shortlist, db.session.execute(select(Therapist.person_id).where(Therapist.public_id == card.therapist_id)).scalar_one()


def _shortlist(intake_id: uuid.UUID, shortlist_id: uuid.UUID, visitor: Visitor, *, now: datetime, for_change: bool = False) -> Shortlist:
    intake = find_intake(intake_id, visitor, now=now, for_change=for_change)
    shortlist = db.session.scalars(select(Shortlist).where(Shortlist.public_id == shortlist_id, Shortlist.intake_id == intake.id)).one_or_none()
    if shortlist is None:
        raise NotFound
    return shortlist


def _row(shortlist_id: int, therapist_id: int) -> CardFeedback | None:
    wanted = select(CardFeedback).where(CardFeedback.shortlist_id == shortlist_id, CardFeedback.therapist_id == therapist_id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _given(row: CardFeedback, therapist_id: uuid.UUID) -> Given:
    said = row.said or {}
    return Given(therapist_id, said["verdict"], said["reasons"], row.given_at)

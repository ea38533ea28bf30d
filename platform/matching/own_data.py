"""What somebody takes along of their answers and of the lists made from them, as long as these are kept."""

from sqlalchemy import select

from accounts.own_data import Part, plain
from core.db import db
from matching.assisted.models import AssistedShortlist
from matching.card_feedback.models import CardFeedback
from matching.models import Intake, Shortlist


def intakes(person_id: int) -> Part:
    rows = db.session.scalars(select(Intake).where(Intake.person_id == person_id).order_by(Intake.id))
    return [plain(row, "public_id", "started_at", "last_active_at", "adopted_at", "safety_answered_at", "revision", "answers") for row in rows]


def shortlists(person_id: int) -> Part:
    """The cards as they were shown, with their reasons, and what was said of them; and what a guide suggested."""
    mine = select(Intake.id).where(Intake.person_id == person_id)
    lists = db.session.scalars(select(Shortlist).where(Shortlist.intake_id.in_(mine)).order_by(Shortlist.id)).all()
    said = db.session.scalars(select(CardFeedback).where(CardFeedback.shortlist_id.in_([row.id for row in lists])).order_by(CardFeedback.id)).all()
    suggested = db.session.scalars(select(AssistedShortlist).where(AssistedShortlist.intake_id.in_(mine)).order_by(AssistedShortlist.id))
    names = ("public_id", "made_at", "revision", "weights_version", "taxonomy_version")
    return [
        *(
            plain(
                row,
                *names,
                cards=(row.shown or {}).get("cards", []),
                feedback=[plain(each, "given_at", "said") for each in said if each.shortlist_id == row.id],
            )
            for row in lists
        ),
        *(plain(row, "public_id", "proposed_at", "proposed", "answer", "answered_at") for row in suggested),
    ]

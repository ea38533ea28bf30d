"""A new list for somebody who knows a therapist already, without that therapist."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from care.models import CareRelation
from care.passing_over import PassedOver, pass_over
from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from matching.answers import missing
from matching.intake import Visitor
from matching.models import Intake
from matching.shortlist import make_shortlist
from therapists.models import Therapist

TEXT = "{name} is left out of your lists from now on; you can take that back at any time. Nothing else changes: appointments stay until you cancel them."


class NoAnswers(Conflict):
    code, detail = "no_answers", "We hold no answers of yours to look with. Please answer the questions first; then a list can leave this therapist out."


@dataclass(frozen=True)
class Rematched:
    """`shortlist` is ready for `schemas.ShortlistSchema`."""

    passed_over: PassedOver
    text: str
    intake_id: uuid.UUID
    shortlist: dict[str, Any]


def look_again(client_id: int, therapist_public_id: uuid.UUID, *, now: datetime) -> Rematched:
    """Pass the therapist over and make a shortlist from the answers that the client gave last.

    NotFound unless the two know each other through a request or more; NoAnswers; and as `shortlist.make_shortlist`. Refused, nothing has changed.
    """
    therapist = _therapist_in_relation(client_id, therapist_public_id)
    intake = answers_of(client_id)
    if intake is None:
        raise NoAnswers
    passed = pass_over(therapist_public_id, client_id, now=now)
    shortlist = make_shortlist(intake.public_id, Visitor(person_id=client_id), now=now)
    audit.record("matching.looked_again", subject=("intake", intake.public_id), therapist=str(therapist_public_id))
    return Rematched(passed, TEXT.format(name=therapist.display_name), intake.public_id, shortlist)


def answers_of(client_id: int) -> Intake | None:
    """The newest intake with all that a first list needs; without such a one the newest; None without any."""
    newest_first = select(Intake).where(Intake.person_id == client_id).order_by(Intake.started_at.desc(), Intake.id.desc())
    intakes = db.session.scalars(newest_first.execution_options(populate_existing=True)).all()
    return next((intake for intake in intakes if not missing(intake.answers or {})), intakes[0] if intakes else None)


def _therapist_in_relation(client_id: int, public_id: uuid.UUID) -> Therapist:
    wanted = select(Therapist).join(CareRelation, CareRelation.therapist_id == Therapist.person_id)
    therapist = db.session.scalars(wanted.where(CareRelation.client_id == client_id, Therapist.public_id == public_id)).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist

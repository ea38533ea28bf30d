"""Proof of training and of special competence, as seen by a verifier. Only here do such marks come into being."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from taxonomy.vocabulary import vocabulary
from taxonomy.words import phrase
from therapists.models import Therapist, TrainingRecord
from therapists.profile import profile_for_edit, touch
from therapists.verification import SelfApproval


@dataclass(frozen=True)
class TrainingCheck:
    """`kind`: modality, concern (a core concern) or competence (a concern with a floor); `slug` is the taxonomy's.

    `body` is who vouches for it. `confirmed` False takes a mark back.
    """

    kind: str
    slug: str
    body: str
    confirmed: bool
    note: str = ""


def record_training(therapist_public_id: UUID, check: TrainingCheck, *, by: int, now: datetime) -> TrainingRecord:
    """Record what was seen and set or remove the mark. Modality and concern must be declared by the therapist first."""
    person_id = db.session.scalar(select(Therapist.person_id).where(Therapist.public_id == therapist_public_id))
    if person_id is None:
        raise NotFound
    if person_id == by:
        raise SelfApproval
    therapist = profile_for_edit(person_id)
    _mark(therapist, check, now if check.confirmed else None)
    record = TrainingRecord(
        therapist_id=person_id,
        kind=check.kind,
        slug=check.slug,
        body=check.body,
        confirmed=check.confirmed,
        checked_by=by,
        checked_at=now,
        note=check.note,
    )
    db.session.add(record)
    touch(therapist, now=now)
    audit.record("therapists.training", subject=("therapist", therapist_public_id), actor=by, kind=check.kind, slug=check.slug, confirmed=check.confirmed)
    return record


def _mark(therapist: Therapist, check: TrainingCheck, at: datetime | None) -> None:
    if check.kind == "competence":
        _mark_competence(therapist, check)
    else:
        rows = {row.modality: row for row in therapist.modalities} if check.kind == "modality" else {row.concern: row for row in therapist.concerns}
        if check.kind == "modality" and check.confirmed:
            _require_body(check)
        row = rows.get(check.slug)
        if row is None:
            raise Invalid(errors={"slug": ["The therapist has not declared this."]})
        row.verified_at = at


def _require_body(check: TrainingCheck) -> None:
    """A body that the vocabulary names vouches for training in a modality. A stance such as trauma-informed is no treatment: nobody vouches for it."""
    modality = vocabulary().modalities.get(check.slug)
    bodies = [vocabulary().registers[slug] for slug in modality.verifiable_by] if modality else []
    if modality is not None and modality.kind == "stance":
        raise Invalid(errors={"slug": ["A stance is not a treatment, and no training in it is verified."]})
    if phrase(check.body) not in {phrase(name) for body in bodies for name in (body.slug.replace("_", " "), body.label, *body.aliases)}:
        names = ", ".join(body.label for body in bodies)
        raise Invalid(errors={"body": [f"One of: {names}." if bodies else "We know no body that vouches for this training."]})


def _mark_competence(therapist: Therapist, check: TrainingCheck) -> None:
    concern = vocabulary().concerns.get(check.slug)
    if concern is None or not concern.needs_floor:
        raise Invalid(errors={"slug": ["Not a concern that asks for a special competence."]})
    kept = [slug for slug in therapist.verified_competences if slug != check.slug]
    therapist.verified_competences = [*kept, check.slug] if check.confirmed else kept

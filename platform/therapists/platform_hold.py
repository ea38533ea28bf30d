"""A hold by the platform (after a complaint, an exclusion listing): the therapist is barred everywhere until it is lifted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import NotFound
from therapists.models import Therapist
from therapists.profile import touch

HOLD_REASONS = ("complaint", "exclusion_list", "identity_doubt", "terms_broken", "own_request")


def put_on_hold(public_id: UUID, *, reason: str, by: int, now: datetime) -> Therapist:
    """Bar the therapist at every door at once. A second hold keeps the first one's time."""
    therapist = _locked(public_id)
    therapist.held_at, therapist.held_reason = therapist.held_at or now, reason
    audit.record("therapists.held", subject=("therapist", public_id), actor=by, reason=reason)
    return touch(therapist, now=now)


def lift_hold(public_id: UUID, *, by: int, now: datetime) -> Therapist:
    """Open the doors again, as far as the credentials allow."""
    therapist = _locked(public_id)
    therapist.held_at, therapist.held_reason = None, None
    audit.record("therapists.hold_lifted", subject=("therapist", public_id), actor=by)
    return touch(therapist, now=now)


def _locked(public_id: UUID) -> Therapist:
    wanted = select(Therapist).where(Therapist.public_id == public_id).with_for_update(key_share=True)
    therapist = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist

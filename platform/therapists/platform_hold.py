"""A hold by the platform (after a complaint, an exclusion listing): the therapist is barred everywhere until it is lifted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from core import audit
from core.db import db
from core.errors import NotFound
from therapists.leaving_models import SuddenStop
from therapists.models import Therapist
from therapists.profile import touch

HOLD_REASONS = ("complaint", "exclusion_list", "identity_doubt", "terms_broken", "own_request")
# The hold of a sudden stop: lifted with it and in no other way.
STOPPED = "stopped"


def put_on_hold(public_id: UUID, *, reason: str, by: int, now: datetime) -> Therapist:
    """Bar the therapist at every door at once. A second hold keeps the first one's time."""
    therapist = _locked(Therapist.public_id == public_id)
    therapist.held_at, therapist.held_reason = therapist.held_at or now, reason
    audit.record("therapists.held", subject=("therapist", public_id), actor=by, reason=reason)
    return touch(therapist, now=now)


def lift_hold(public_id: UUID, *, by: int, now: datetime) -> Therapist:
    """Open the doors again, as far as the credentials, and a stop that is in force, allow."""
    therapist = _locked(Therapist.public_id == public_id)
    stopped = select(SuddenStop.stopped_at).where(SuddenStop.therapist_id == therapist.person_id, SuddenStop.holds, SuddenStop.lifted_at.is_(None))
    since = db.session.execute(stopped).scalar_one_or_none()
    therapist.held_at, therapist.held_reason = since, STOPPED if since is not None else None
    audit.record("therapists.hold_lifted", subject=("therapist", public_id), actor=by)
    return touch(therapist, now=now)


def begin_stop_hold(public_id: UUID, *, by: int, now: datetime, may_hold: Callable[[Therapist], None]) -> Therapist:
    """Hold for a sudden stop, once `may_hold` has not refused the locked therapist; a hold for another reason keeps its reason."""
    therapist = _locked(Therapist.public_id == public_id)
    may_hold(therapist)
    if therapist.held_at is None:
        therapist.held_at, therapist.held_reason = now, STOPPED
        audit.record("therapists.held", subject=("therapist", public_id), actor=by, reason=STOPPED)
    return touch(therapist, now=now)


def end_stop_hold(therapist_id: int, *, by: int, now: datetime) -> None:
    """Only the hold of the stop: one for another reason goes on."""
    therapist = _locked(Therapist.person_id == therapist_id)
    if therapist.held_reason == STOPPED:
        therapist.held_at, therapist.held_reason = None, None
        audit.record("therapists.hold_lifted", subject=("therapist", therapist.public_id), actor=by)
        touch(therapist, now=now)


def _locked(which: ColumnElement[bool]) -> Therapist:
    wanted = select(Therapist).where(which).with_for_update(key_share=True)
    therapist = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist

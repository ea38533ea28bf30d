"""Profiles of which something waits to be read: the most pressing first, then by their clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import String, and_, cast, select, tuple_
from sqlalchemy.orm import joinedload

from core.db import db
from core.http import cursor_of
from desk.kinds import PRIORITIES
from desk.models import Case
from therapists.models import Therapist
from therapists.profile_models import ProfileReview
from therapists.verification_queue import RANK, position_in_queue


@dataclass(frozen=True)
class WaitingProfile:
    therapist: Therapist
    review: ProfileReview
    case: Case


@dataclass(frozen=True)
class ProfilePage:
    items: Sequence[WaitingProfile]
    next: str | None


def waiting_profiles(*, by: int, limit: int, cursor: str | None = None) -> ProfilePage:
    """What waits for a reader. The reader's own profile is not shown."""
    about = and_(Case.kind == "verification", Case.subject_kind == "profile", Case.subject_id == cast(Therapist.public_id, String))
    wanted = select(Therapist, ProfileReview, Case).join(ProfileReview, ProfileReview.therapist_id == Therapist.person_id).join(Case, about)
    wanted = wanted.where(Case.state != "closed", ProfileReview.asked_at.is_not(None), Therapist.person_id != by).options(joinedload(Case.owner))
    if cursor is not None:
        wanted = wanted.where(tuple_(RANK, Case.due_at, Case.public_id) > tuple_(*position_in_queue(cursor)))
    found = [WaitingProfile(*row) for row in db.session.execute(wanted.order_by(RANK, Case.due_at, Case.public_id).limit(limit + 1)).unique()]
    last = found[limit - 1].case if len(found) > limit else None
    more = cursor_of(PRIORITIES.index(last.priority), last.due_at.isoformat(), str(last.public_id)) if last else None
    return ProfilePage(found[:limit], more)

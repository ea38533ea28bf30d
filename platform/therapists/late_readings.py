"""What time does to profiles that wait for a reader: each has an open case, and one whose clock has run out is more pressing. Called by a job."""

from datetime import datetime

from sqlalchemy import String, cast, or_, select

from core.db import db
from desk.cases import raise_priority
from desk.models import Case
from therapists.models import Therapist
from therapists.profile_changes import ask_for_reading, subject_of
from therapists.profile_models import ProfileReview

AT_ONCE = 500


def follow_readings(*, now: datetime) -> None:
    """Somebody may have closed the case by hand, or nobody has read it in time."""
    open_case = (Case.kind == "verification") & (Case.subject_kind == "profile") & (Case.subject_id == cast(Therapist.public_id, String))
    settled = select(Case.id).where(open_case, Case.state != "closed", or_(Case.due_at > now, Case.priority == "urgent"))
    wanted = select(ProfileReview, Therapist).join(Therapist, Therapist.person_id == ProfileReview.therapist_id)
    wanted = wanted.where(ProfileReview.asked_at.is_not(None), ~settled.exists()).order_by(ProfileReview.due_at, ProfileReview.therapist_id).limit(AT_ONCE)
    for review, therapist in db.session.execute(wanted.with_for_update(of=ProfileReview, skip_locked=True)).all():
        ask_for_reading(therapist, review, now=now)
        if review.due_at is not None and review.due_at <= now:
            raise_priority("verification", subject_of(therapist), to="urgent", now=now)
    db.session.flush()

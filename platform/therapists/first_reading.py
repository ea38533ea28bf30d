"""The reading that stands before the first publication: asked for by publishing, and taken back with it."""

from datetime import datetime

from core.db import db
from desk.cases import dismiss_cases_about
from therapists.models import Therapist
from therapists.profile_changes import ask_for_reading, review_of, subject_of
from therapists.profile_models import ProfileReview


def asked_for_first_reading(therapist: Therapist, *, now: datetime) -> bool:
    """Whether the profile has to be read first; if so, somebody is asked to, and the profile shows as soon as it is approved."""
    review = review_of(therapist.person_id)
    if review is not None and review.approved_at is not None:
        return False
    if review is None:
        review = ProfileReview(therapist_id=therapist.person_id)
        db.session.add(review)
    review.publishes = True
    ask_for_reading(therapist, review, now=now)
    db.session.flush()
    return True


def take_back_first_reading(therapist: Therapist, *, now: datetime) -> None:
    """Nobody has to read what is not to be shown. What was approved before, and changes since, stay as they are."""
    review = review_of(therapist.person_id)
    if review is None or review.approved_at is not None or review.asked_at is None:
        return
    review.publishes, review.asked_at, review.due_at = False, None, None
    dismiss_cases_about("verification", subject_of(therapist), outcome="not_needed", by=None, now=now)

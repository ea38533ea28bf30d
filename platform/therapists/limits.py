"""How much a therapist takes on in all. Limits of one service are among its terms (`services`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.db import db
from therapists.models import Therapist
from therapists.profile import touch
from therapists.schedule_models import TherapistLimits


def limits_of(therapist_id: int) -> TherapistLimits:
    """The limits as they stand; one that sets none where none were set."""
    return db.session.get(TherapistLimits, therapist_id) or TherapistLimits(therapist_id=therapist_id, week_start=0, count_requests=True)


def set_limits(therapist: Therapist, limits: Mapping[str, Any], *, now: datetime) -> TherapistLimits:
    """Sessions and minutes a day and a week (None: no limit), on which day weeks begin, and whether unanswered requests count."""
    row = limits_of(therapist.person_id)
    for name, value in limits.items():
        setattr(row, name, value)
    db.session.add(row)
    touch(therapist, now=now)
    return row

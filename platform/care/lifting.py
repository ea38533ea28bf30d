"""A safety responder who owns the case lifts the person's pause, and the case says so."""

import uuid
from datetime import datetime

from care.pause import NotPaused, lift_pause
from desk.cases import add_step

SAFETY = frozenset({"safety"})


def lift_pause_of_case(case_id: uuid.UUID, *, outcome: str, by: int, now: datetime, note: str | None = None) -> None:
    """NotFound for a case of another kind; Conflict unless `by` owns it and its person is paused. Does not close the case."""
    case = add_step(case_id, action="pause_lifted", by=by, kinds=SAFETY, now=now, note=note)
    if case.person_id is None:
        raise NotPaused
    lift_pause(case.person_id, by=by, outcome=outcome, now=now)

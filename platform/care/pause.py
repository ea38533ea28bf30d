"""The pause for safety: requests and bookings of a person stand still until somebody has spoken with them. It opens doors only with an outcome."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from care.models import SafetyPause
from core import audit
from core.db import db
from core.errors import Conflict

OUTCOMES = ("safe_to_continue", "in_other_care", "false_alarm")


class NotPaused(Conflict):
    code, detail = "not_paused", "This person is not paused."


def pause_for_safety(person_id: int, *, now: datetime) -> None:
    """Pause. A pause in force begins anew with `now`: whoever could end the earlier one by answering questions cannot end one with a later reason."""
    pause = insert(SafetyPause).values(person_id=person_id, paused_at=now)
    begun_anew = {"paused_at": pause.excluded.paused_at}
    db.session.execute(pause.on_conflict_do_update(index_elements=["person_id"], index_where=SafetyPause.lifted_at.is_(None), set_=begun_anew))
    audit.record("care.paused", subject=("person", person_id))


def is_paused(person_id: int) -> bool:
    return person_id in paused_among([person_id])


def paused_since(person_id: int) -> datetime | None:
    """When the pause in force began; None without one."""
    return db.session.execute(select(SafetyPause.paused_at).where(SafetyPause.person_id == person_id, SafetyPause.lifted_at.is_(None))).scalar_one_or_none()


def paused_among(person_ids: Collection[int]) -> frozenset[int]:
    """Those of these people who are paused now; one query."""
    if not person_ids:
        return frozenset()
    return frozenset(db.session.scalars(select(SafetyPause.person_id).where(SafetyPause.person_id.in_(person_ids), SafetyPause.lifted_at.is_(None))))


def lift_pause(person_id: int, *, by: int, outcome: str, now: datetime) -> None:
    """Only a person lifts a pause, and says why (`OUTCOMES`). NotPaused when there is none."""
    if outcome not in OUTCOMES:
        raise ValueError(f"no such outcome: {outcome!r}")
    in_force = select(SafetyPause).where(SafetyPause.person_id == person_id, SafetyPause.lifted_at.is_(None)).with_for_update()
    pause = db.session.scalars(in_force.execution_options(populate_existing=True)).one_or_none()
    if pause is None:
        raise NotPaused
    pause.lifted_at, pause.lifted_by, pause.outcome = now, by, outcome
    db.session.flush()
    audit.record("care.pause_lifted", subject=("person", person_id), actor=by, reason=outcome)


def lift_after_answers(person_id: int, *, paused_at: datetime, now: datetime) -> None:
    """End the pause that stood only while direct questions were open: exactly the one of that instant, none that began for a graver reason."""
    that_one = select(SafetyPause).where(SafetyPause.person_id == person_id, SafetyPause.paused_at == paused_at, SafetyPause.lifted_at.is_(None))
    pause = db.session.scalars(that_one.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if pause is not None:
        pause.lifted_at, pause.lifted_by, pause.outcome = now, person_id, "questions_answered"
        db.session.flush()
        audit.record("care.pause_lifted", subject=("person", person_id), actor=person_id, reason="questions_answered")

"""What was done, by whom, to what: rows that are only ever added. The application's database role has no UPDATE or DELETE here.

Facts carry ids and codes, never names, notes or answers.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.access import caller
from core.clock import now
from core.db import Base, db


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_person_id: Mapped[int | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    reason: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


def record(action: str, *, subject: tuple[str, object], reason: str | None = None, actor: int | None = None, **facts: Any) -> None:
    """Add a row in the caller's transaction. `action` is ``package.verb``; `subject` is (kind, id); `reason` a code."""
    db.session.add(
        AuditEntry(
            at=now(),
            actor_person_id=actor if actor is not None else caller().person_id,
            action=action,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            reason=reason,
            facts=facts,
        )
    )

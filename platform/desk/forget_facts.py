"""How long is kept what people gave us so that a matching guide can reach them: for a short while after their case, and no longer than they wish."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core import audit
from core.db import db
from desk.models import Case

KIND = "matchmaking"
# What a case holds of somebody who asked for a person: how to reach them, and what they wanted to say.
ASKED = "asked_for_a_person"
# Rule of 2026-11-29, as for numbers of calls: whoever was missed can be found again for thirty days.
KEPT_FOR = timedelta(days=30)
AT_ONCE = 500


def forget_asked(subject: tuple[str, str]) -> int:
    """At once, whatever became of the cases about this. In how many there was something; that somebody asked, and what was done, stays."""
    about = select(Case).where(Case.kind == KIND, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.facts_sealed.is_not(None))
    gone = [case for case in db.session.scalars(about.order_by(Case.id).with_for_update()) if ASKED in (case.facts or {})]
    for case in gone:
        case.facts = {name: value for name, value in (case.facts or {}).items() if name != ASKED} or None
        audit.record("desk.contact_forgotten", subject=("case", case.public_id))
    db.session.flush()
    return len(gone)


def forget_old_facts(*, now: datetime) -> int:
    """Everything that cases hold which were closed `KEPT_FOR` ago, oldest first, at most `AT_ONCE`. How many there were."""
    old = select(Case).where(Case.kind == KIND, Case.closed_at <= now - KEPT_FOR, Case.facts_sealed.is_not(None)).order_by(Case.closed_at).limit(AT_ONCE)
    gone = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    for case in gone:
        case.facts = None
        audit.record("desk.contact_forgotten", subject=("case", case.public_id))
    db.session.flush()
    return len(gone)

"""What a person must look at about money: one open case for each payment, or object of the processor, and cause."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from core.db import db
from desk.cases import open_case, open_case_about
from desk.models import Case

log = structlog.get_logger()
DUE_IN = timedelta(days=1)


def needed_person(cause: str, subject: tuple[str, object]) -> bool:
    """Whether there was such a case, open or closed: for who asks again and again, and would open anew what somebody has closed."""
    about = Case.kind == "money", Case.subject_kind == f"{subject[0]}:{cause}", Case.subject_id == str(subject[1])
    return db.session.scalars(select(Case.id).where(*about).limit(1)).first() is not None


def need_person(cause: str, subject: tuple[str, object], *, now: datetime, person_id: int | None = None, priority: str = "normal", **facts: object) -> Case:
    """Open a money case, unless one about this subject and cause is open. `cause` is a code; `facts` are ids, codes and amounts.

    The cause is part of the subject's kind, so that two causes about one payment are two cases.
    """
    about = f"{subject[0]}:{cause}", str(subject[1])
    known = open_case_about("money", about)
    if known is not None:
        return known
    log.warning("money_needs_person", cause=cause, subject=subject[0], id=str(subject[1]))
    return open_case("money", subject=about, now=now, due_in=DUE_IN, person_id=person_id, priority=priority, facts={"cause": cause, **facts})

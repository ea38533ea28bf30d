"""A call goes along to another case of its person: whoever may not be called by a matching guide any more is called by those who are trained for it."""

from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from desk.call_backs.ask import KIND, SUBJECT, open_call_of
from desk.call_backs.windows import next_window
from desk.cases import dismiss_cases_about
from desk.models import Case


def hand_over_call(person_id: int, case: Case, *, now: datetime) -> None:
    """The open call of this person, if any, hangs on `case` from now on, which the caller has locked; its own case closes, whoever had it."""
    call = open_call_of(person_id)
    if call is None or call.case_id == case.id:
        return
    db.session.execute(select(Case.id).where(Case.id == call.case_id).with_for_update())
    db.session.refresh(call, with_for_update=True)
    if call.ended_at is not None:
        return
    call.case_id = case.id
    window = next_window(call.windows or (), call.zone, now)
    case.due_at = min(case.due_at, window[1]) if window is not None else case.due_at
    db.session.flush()
    dismiss_cases_about(KIND, (SUBJECT, str(call.public_id)), outcome="handed_over", by=None, now=now)
    audit.record("desk.call_handed_over", subject=("call_back", call.public_id))

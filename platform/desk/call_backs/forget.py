"""How long the number of somebody who was called is kept: for a short while after the call, so that whoever was missed can be found again, and no longer."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core import audit
from core.db import db
from desk.call_backs.models import CallBack

# Rule of 2026-11-29: thirty days, as long as a code that follows a call holds. Nobody needs the number of a finished call for anything later.
KEPT_FOR = timedelta(days=30)
AT_ONCE = 500


def forget(call: CallBack, *, now: datetime) -> None:
    """The number and the times go; that there was a call stays."""
    call.phone, call.windows, call.forgotten_at = None, None, now


def forget_old(*, now: datetime) -> int:
    """Every call that ended `KEPT_FOR` ago, oldest first, at most `AT_ONCE`. How many there were."""
    old = select(CallBack).where(CallBack.ended_at <= now - KEPT_FOR, CallBack.forgotten_at.is_(None)).order_by(CallBack.ended_at).limit(AT_ONCE)
    gone = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    for call in gone:
        forget(call, now=now)
        audit.record("desk.number_forgotten", subject=("call_back", call.public_id))
    db.session.flush()
    return len(gone)

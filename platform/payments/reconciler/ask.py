"""Ask for a comparison: every night by the clock, and whenever somebody wants one."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from core import audit
from core.db import db
from core.jobs import job
from payments.reconciler.compare_calls import compare
from payments.reconciler.models import Comparison, Difference

# Most of what a bank does to a card payment shows within this time; a longer look can be asked for.
USUALLY_LOOKS_BACK = timedelta(days=45)
MOST_DAYS = 400
OLDEST = timedelta(days=MOST_DAYS)


def ask_for_comparison(*, by: int | None, now: datetime, days: int | None = None) -> Comparison:
    """A run over the last `days`, done by a job; the one that waits already, if there is one that looks back as far."""
    since = now - (timedelta(days=days) if days is not None else USUALLY_LOOKS_BACK)
    oldest = db.session.execute(select(func.min(Difference.at)).where(Difference.state.in_(["open", "settling"]), Difference.at > now - OLDEST)).scalar()
    since = min(since, oldest) if oldest is not None else since  # what waits for a decision may have become right by itself
    waiting = select(Comparison).where(Comparison.state == "waiting", Comparison.since <= since, Comparison.asked_at > now - timedelta(hours=1))
    known = db.session.scalars(waiting.order_by(Comparison.id).limit(1)).first()
    if known is not None:
        return known
    comparison = Comparison(state="waiting", asked_by=by, asked_at=now, since=since, counts={})
    db.session.add(comparison)
    db.session.flush()
    audit.record("payments.comparison_asked", subject=("comparison", comparison.id), actor=by)
    compare_now.enqueue(comparison_id=comparison.id)
    return comparison


@job("payments.compare", outside=True)
def compare_now(comparison_id: int) -> None:
    compare(comparison_id)

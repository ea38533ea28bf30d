"""How far ahead another fee is announced, and until when it is answered. Pure; instants are aware UTC, the hours elapsed ones."""

from datetime import datetime, timedelta

# A published rule, and no therapist can shorten it.
NOTICE = timedelta(days=30)
FURTHEST = timedelta(days=366)
# Before the first date at the new fee could be charged (48 hours before it), with a day to spare.
ANSWERED_BEFORE = timedelta(hours=72)


def is_far_enough(takes_effect_at: datetime, *, now: datetime) -> bool:
    return now + NOTICE <= takes_effect_at <= now + FURTHEST


def answer_by(takes_effect_at: datetime) -> datetime:
    """Whoever has said nothing by then has not agreed."""
    return takes_effect_at - ANSWERED_BEFORE


def needs_answer(before: int, after: int) -> bool:
    """A fee that falls is nobody's question."""
    return after > before

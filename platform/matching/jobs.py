"""What the worker does for matching by itself."""

from core.clock import now
from core.jobs import periodic
from matching.attention.count import count_days
from matching.clear import forget_abandoned
from matching.kept_facts import forget_unnamed
from therapists.changes import forget_changes


@periodic("41 3 * * *", "matching.forget_abandoned")
def forget_abandoned_intakes() -> None:
    """Guests' answers that nobody came back to go after two weeks."""
    forget_abandoned(now=now())


@periodic("4 0 * * *", "matching.count_attention")
def count_attention() -> None:
    """Who was shown how often on the days that are over: what today's lists make up for. In UTC, and right after its midnight."""
    count_days(now=now())


@periodic("23 * * * *", "matching.forget_changes")
def forget_candidate_changes() -> None:
    """Who changed two days ago is in every process's columns."""
    forget_changes(now=now())


@periodic("52 2 * * *", "matching.forget_unnamed_facts")
def forget_unnamed_facts() -> None:
    """Versions of what therapists stated go once no kept slate names them."""
    forget_unnamed(now=now())

"""What the worker does for cases by itself."""

from core.clock import now
from core.jobs import periodic
from desk.forget_facts import forget_old_facts


@periodic("29 3 * * *", "desk.forget_facts")
def forget_facts() -> None:
    """How to reach people whose case was closed long enough ago."""
    while forget_old_facts(now=now()):
        pass

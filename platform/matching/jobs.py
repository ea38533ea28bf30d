"""What the worker does for matching by itself."""

from core.clock import now
from core.jobs import periodic
from matching.clear import forget_abandoned


@periodic("41 3 * * *", "matching.forget_abandoned")
def forget_abandoned_intakes() -> None:
    """Guests' answers that nobody came back to go after two weeks."""
    forget_abandoned(now=now())

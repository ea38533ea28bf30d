"""What the worker does for calls by itself."""

from core.clock import now
from core.jobs import periodic
from desk.call_backs.forget import forget_old


@periodic("23 3 * * *", "desk.forget_numbers")
def forget_numbers() -> None:
    """Numbers of calls that ended long enough ago."""
    while forget_old(now=now()):
        pass

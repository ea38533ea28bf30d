"""News about a therapist's leaving, for packages above: what follows for relations of care and for bookings is theirs to do. Connected by the assembly.

Each listener is called inside the transaction of the act, with the row and the instant.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from therapists.leaving_models import PlannedLeave, SuddenStop

# `told`: what clients read is settled. `left`: the last day is over.
LeaveNews = Literal["announced", "told", "called_off", "left"]
StopNews = Literal["stopped", "lifted"]
OnLeave = Callable[[PlannedLeave, datetime], None]
OnStop = Callable[[SuddenStop, datetime], None]
_on_leave: dict[LeaveNews, list[OnLeave]] = {"announced": [], "told": [], "called_off": [], "left": []}
_on_stop: dict[StopNews, list[OnStop]] = {"stopped": [], "lifted": []}


def when_leaving(news: LeaveNews, listener: OnLeave) -> None:
    """Connecting twice changes nothing."""
    if listener not in _on_leave[news]:
        _on_leave[news].append(listener)


def when_stopping(news: StopNews, listener: OnStop) -> None:
    """Connecting twice changes nothing."""
    if listener not in _on_stop[news]:
        _on_stop[news].append(listener)


def tell_of_leave(news: LeaveNews, leave: PlannedLeave, *, now: datetime) -> None:
    for listener in _on_leave[news]:
        listener(leave, now)


def tell_of_stop(news: StopNews, stop: SuddenStop, *, now: datetime) -> None:
    for listener in _on_stop[news]:
        listener(stop, now)

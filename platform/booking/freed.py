"""News that a booking takes its people's time no more: it ended before it took place, moved, or came to nothing. Connected by the assembly.

Each listener is called inside the transaction of the act, which holds the locks of the bookings' people. Several bookings that take a step together are
told together, each with the state that it had before.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from booking.lifecycle import State
from booking.models import Booking

Freed = tuple[Booking, State]
OnFreed = Callable[[Sequence[Freed], datetime], None]
_listeners: list[OnFreed] = []


def when_freed(listener: OnFreed) -> None:
    """Connecting twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_freed(freed: Sequence[Freed], *, now: datetime) -> None:
    for listener in _listeners:
        listener(freed, now)

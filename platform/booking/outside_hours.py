"""Which sessions a schedule does not hold any more: what a change of hours, time off, holidays or travel leaves outside. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from booking.intervals import Interval, covers
from booking.openings import hours_around
from booking.schedule import Schedule

Key = TypeVar("Key")


def outside_hours(schedule: Schedule, sessions: Mapping[Key, Interval] | Iterable[tuple[Key, Interval]]) -> list[Key]:
    """The keys of those sessions (UTC seconds, without buffers) that do not lie wholly in the hours, in their order. Nothing else is judged."""
    pairs = sessions.items() if isinstance(sessions, Mapping) else sessions
    return [key for key, session in pairs if not covers(hours_around(schedule, session), session)]

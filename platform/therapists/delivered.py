"""How many hours somebody has worked here: known by whoever books, connected by the assembly. What a therapist declares is another fact."""

from collections.abc import Callable

# Of a therapist: minutes of completed sessions.
Minutes = Callable[[int], int]
_known_by: list[Minutes] = []


def minutes_are_known_by(minutes: Minutes) -> None:
    """Connecting again replaces it."""
    _known_by[:] = [minutes]


def hours_delivered_here(therapist_id: int) -> int:
    """Whole hours; 0 while nobody knows."""
    return sum(minutes(therapist_id) for minutes in _known_by) // 60

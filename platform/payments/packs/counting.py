"""How many sessions of a pack are left, and what each is worth. Pure; amounts are minor units.

The price is split over its sessions so that the parts add up to it (largest remainder): the first sessions may be worth one unit more.
A session is reserved when it is booked and consumed when it took place, or was cancelled late or missed; anything else gives it back.
The rest of a pack is what its unconsumed sessions are worth, no more and no less: nobody loses a discount by stopping early.
"""

from dataclasses import dataclass

from core.money import split

LEAST, MOST = 2, 50
# Of a session taken from a pack.
TAKEN_STATES = ("reserved", "consumed", "released")


@dataclass(frozen=True, slots=True)
class Count:
    """`reserved` are booked and not yet over. A closed pack has nothing left to book."""

    sessions: int
    reserved: int
    consumed: int
    is_closed: bool = False

    def __post_init__(self) -> None:
        if min(self.sessions, self.reserved, self.consumed) < 0 or self.reserved + self.consumed > self.sessions:
            raise ValueError("a pack has as many sessions as were bought")

    @property
    def left(self) -> int:
        """How many can still be booked."""
        return 0 if self.is_closed else self.sessions - self.reserved - self.consumed


def worth(price: int, sessions: int, number: int) -> int:
    """What the session consumed as `number` (from 1) is worth."""
    return split(price, [1] * sessions)[number - 1]


def rest(price: int, count: Count) -> int:
    """What can be given back now: the worth of every session that is neither consumed nor reserved."""
    parts = split(price, [1] * count.sessions)
    return sum(parts[count.consumed + count.reserved :])

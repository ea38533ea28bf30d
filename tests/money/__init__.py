"""The product's payments and the sandbox together, under everything that goes wrong. `make bench-money` runs the same at full length."""

import os
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
LONG = bool(os.environ.get("BENCH_MONEY"))


# The longest runs are shared out, so that every core has something to do.
PARTS = tuple(range(4 if LONG else 1))


def part_of(things: Sequence[Thing], part: int) -> Sequence[Thing]:
    """Every so manieth of them; all parts together are all of them."""
    return things[part :: len(PARTS)]


def size(short: int, long: int) -> int:
    """How often: in the tests, and as a measurement."""
    return long if LONG else short

"""What many people said of their cards, so that nobody can be told apart. Pure.

A cell counts people, each once, and is told from `FEWEST` on; below, it says so and no number. No totals are told beside cells, so that none can be taken off.
Of a dimension only its state on the card is looked at (met, partly, not met, not stated): never what was asked for, so nothing about anybody's health.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# As statistics offices do with counts of people: below ten no number.
FEWEST = 10
Counts = Mapping[str, Mapping[str, int | None]]


@dataclass(frozen=True)
class Said:
    """What one person (any stable number) said of one card, and the state of each dimension on it."""

    person: int
    verdict: str
    reasons: tuple[str, ...]
    states: Mapping[str, str]


def counted(said: Iterable[Said]) -> dict[str, Counts]:
    """`reasons`: by why a card was not for them and the dimension that was not met on it (`none` where all were), people. `dimensions`: by dimension and,
    as `verdict/state`, people. None is fewer than `FEWEST`.
    """
    reasons: dict[str, dict[str, set[int]]] = {}
    dimensions: dict[str, dict[str, set[int]]] = {}
    for each in said:
        unmet = [name for name, state in each.states.items() if state in ("not_met", "partly")] or ["none"]
        for reason in each.reasons:
            for name in unmet:
                reasons.setdefault(reason, {}).setdefault(name, set()).add(each.person)
        for name, state in each.states.items():
            dimensions.setdefault(name, {}).setdefault(f"{each.verdict}/{state}", set()).add(each.person)
    return {"reasons": _told(reasons), "dimensions": _told(dimensions)}


def _told(cells: Mapping[str, Mapping[str, set[int]]]) -> Counts:
    return {
        name: {column: len(people) if len(people) >= FEWEST else None for column, people in sorted(columns.items())} for name, columns in sorted(cells.items())
    }

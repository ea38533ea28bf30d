"""How evenly attention is spread, and how near an order comes to a judged one. Pure."""

from collections.abc import Sequence
from math import fsum

from matching.slate import attention


def gini(given: Sequence[float]) -> float:
    """0 when all get the same, (n - 1)/n when one of n gets all; 0 for nobody or nothing. ValueError for a negative amount."""
    if any(each < 0 for each in given):
        raise ValueError("attention is not negative")
    n, whole = len(given), fsum(given)
    if not whole:
        return 0.0
    return fsum((2 * place - n - 1) * each for place, each in enumerate(sorted(given), 1)) / (n * whole)


def ndcg(relevances: Sequence[float], *, among: int = 5) -> float:
    """The gains of an order (relevance x attention of the place, among the first) as a part of those of the ideal order; 1 with nothing to gain."""
    ideal = _gain(sorted(relevances, reverse=True)[:among])
    return _gain(relevances[:among]) / ideal if ideal else 1.0


def _gain(relevances: Sequence[float]) -> float:
    return fsum(relevance * attention(place) for place, relevance in enumerate(relevances, 1))

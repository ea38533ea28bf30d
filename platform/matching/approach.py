"""How alike two therapists are in their approach: families of therapy, style and price band. Pure.

Families are the roots of the vocabulary's tree of modalities; a stance, or a word like "integrative", is no approach of its own.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import fsum

from matching.ranking import Ranked
from taxonomy.vocabulary import Vocabulary

# Fees of one band differ by less than a quarter of the lower one.
SAME_BAND = 1.25
STYLE_RANGE = 2.0


def families_of(ranked: Ranked, vocabulary: Vocabulary, unit: str) -> frozenset[str]:
    """The families of everything that this therapist offers to this unit."""
    return _families(ranked.candidate.modalities | ranked.candidate.verified_modalities, vocabulary, unit)


def likeness(one: Ranked, other: Ranked, vocabulary: Vocabulary, unit: str) -> float:
    """0..1: the mean of shared families (shared / all), nearness of style where both state it, and 1 for the same price band in one currency.

    Without a style in common the mean is of the other two.
    """
    ours, theirs = families_of(one, vocabulary, unit), families_of(other, vocabulary, unit)
    parts = [len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0, float(_same_band(one, other))]
    both = [abs(a - b) for (_, a), (_, b) in zip(one.candidate.style.items(), other.candidate.style.items(), strict=True) if a is not None and b is not None]
    if both:
        parts.append(1.0 - fsum(both) / len(both) / STYLE_RANGE)
    return fsum(parts) / len(parts)


def _same_band(one: Ranked, other: Ranked) -> bool:
    fees = one.service.fee, other.service.fee
    low, high = sorted(fee.amount for fee in fees)
    return fees[0].currency == fees[1].currency and high < max(low, 1) * SAME_BAND


@lru_cache(maxsize=4096)
def _families(modalities: frozenset[str], vocabulary: Vocabulary, unit: str) -> frozenset[str]:
    offered = [each for each in modalities if vocabulary.serves_unit(each, unit) and vocabulary.modalities[each].kind not in ("meta", "stance")]
    return frozenset(root for each in offered for root in _roots([each], vocabulary))


def _roots(slugs: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    found: set[str] = set()
    for slug in slugs:
        above = [each for each in vocabulary.modalities[slug].broader if vocabulary.modalities[each].kind not in ("meta", "stance")]
        found |= _roots(above, vocabulary) if above else {slug}
    return frozenset(found)

"""The scalar specification of the ranking: absolute additive score, reasons that add up to it, a fair order of ties. Pure.

Whatever faster path exists must equal this one. Nothing here looks at another therapist: adding or removing one never changes the order of the rest.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import NamedTuple

from core.zones import local_date
from matching.candidate import Candidate, OfferedService
from matching.dimensions import SHARES
from matching.shares import Finding, Question
from matching.weights import WEIGHTS, Weights
from matching.wishes import Wishes
from taxonomy.vocabulary import Vocabulary


class Reason(NamedTuple):
    """One dimension: how far it is met, what it contributes to the score (`weight` is already divided by the sum of active weights)."""

    dimension: str
    state: str
    share: float
    weight: float
    contribution: float
    findings: tuple[Finding, ...]


class Scored(NamedTuple):
    """`total` in 0..1 is the sum of the contributions; `word` is what people read."""

    total: float
    word: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Ranked:
    """A therapist with the service that was scored."""

    candidate: Candidate
    service: OfferedService
    scored: Scored


# The score of one service of one therapist, for wishes that are known.
Scorer = Callable[[Candidate, OfferedService], Scored]


def scorer(wishes: Wishes, *, now: datetime, vocabulary: Vocabulary, weights: Weights = WEIGHTS) -> Scorer:
    """Σ w·s / Σ w over the dimensions with a weight and an answer; the reasons in the order of the published policy.

    Each contribution is w·s/Σw, and the total is their `fsum`. With no dimension left (everything switched off) the total is 0. What depends on the wishes
    alone is found once, however many therapists are asked about.
    """
    question, signed = Question(wishes, now, vocabulary, weights), vocabulary.evidence_signed_by is not None
    active = []
    for dimension in weights.dimensions:
        weight = weights.effective(dimension, wishes.emphasis.get(dimension.name, "normal"), evidence_signed=signed)
        answer = SHARES[dimension.name](question) if weight > 0 else None
        if answer is not None:
            active.append((dimension.name, weight, answer))
    whole = fsum([weight for _, weight, _ in active])

    def scored(candidate: Candidate, service: OfferedService) -> Scored:
        reasons = []
        for name, weight, answer in active:
            value, state, findings = answer(candidate, service)
            reasons.append(Reason(name, state, value, weight / whole, weight * value / whole, findings))
        total = fsum([reason.contribution for reason in reasons])
        return Scored(total, weights.word_of(total), tuple(reasons))

    return scored


def score(wishes: Wishes, candidate: Candidate, service: OfferedService, *, now: datetime, vocabulary: Vocabulary, weights: Weights = WEIGHTS) -> Scored:
    """`scorer` for one therapist alone."""
    return scorer(wishes, now=now, vocabulary=vocabulary, weights=weights)(candidate, service)


def order(ranked: Iterable[Ranked], *, seed: str, zone: str, now: datetime) -> list[Ranked]:
    """Best first: by total rounded to 12 decimals, then by `tie_break`.

    Ties rotate from day to day at the person's place and stand still within a day; never by id, name or sign-up date.
    """
    day = local_date(zone, int(now.timestamp())).isoformat()
    return sorted(ranked, key=lambda each: (-round(each.scored.total, 12), tie_break(seed, each.candidate.key, day)))


def tie_break(seed: str, therapist: str, day: str) -> str:
    """SHA-256 of intake, therapist and local day."""
    return hashlib.sha256(f"{seed}|{therapist}|{day}".encode()).hexdigest()

"""How much a therapist's courses of therapy differ from what was to be expected, told with the doubt that few of them leave. Pure.

One outcome is (observed change - expected change) / residual SD, of one closed course with both questionnaires; what was to be expected comes from a
reference regression on baseline, age band, chronicity, domain and number of sessions, so that harder work is not punished. Its variance is 1 by
construction, so that of a mean of n is 1/n. The variance between therapists is fitted once per version of the weights, never live.

Empirical Bayes (shrinkage of means towards the prior mean): Efron & Morris 1975. Reliability of a mean of n: Spearman-Brown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

# Below so many courses, or with less than this part of them measured at both ends, nothing is said.
ENOUGH_COURSES, ENOUGH_MEASURED = 15, 0.6
# The middle 80 % of a normal distribution.
Z_80 = 1.2815515655446004


@dataclass(frozen=True)
class Effect:
    """The shrunk mean of one therapist in one domain, in residual SDs, with its 80 % interval."""

    estimate: float
    low: float
    high: float

    def nearer_end(self, prior: float = 0.0) -> float:
        """The end of the interval nearer the prior mean: what can be counted on. The prior mean itself while the interval contains it."""
        return max(self.low, prior) if self.low > prior else min(self.high, prior)


def effect_of(outcomes: Sequence[float], *, closed: int, between: float, prior: float = 0.0) -> Effect | None:
    """None below `ENOUGH_COURSES`, or when too few of the `closed` courses were measured: who measures little gains nothing by it.

    ValueError when more were measured than closed.
    """
    n = len(outcomes)
    if n > closed:
        raise ValueError("more outcomes than closed courses")
    if n < ENOUGH_COURSES or n < ENOUGH_MEASURED * closed:
        return None
    own_part = 1.0 - shrinkage(between, 1.0 / n)
    estimate = own_part * fsum(outcomes) / n + (1.0 - own_part) * prior
    doubt = Z_80 * sqrt(own_part / n)
    return Effect(estimate, estimate - doubt, estimate + doubt)


def shrinkage(between: float, own: float) -> float:
    """B = SE² / (tau² + SE²), the part of the prior mean in the estimate; 1 where therapists do not differ at all. ValueError for a negative variance."""
    if between < 0 or own < 0:
        raise ValueError("a variance is not negative")
    return 1.0 if not between else 1.0 if own == float("inf") else own / (between + own)


def between_variance(means: Sequence[float], own: Sequence[float]) -> float:
    """tau² by moments: max(0, var(means) - mean(SE²)); 0 with fewer than two therapists."""
    if len(means) < 2:
        return 0.0
    middle = fsum(means) / len(means)
    return max(0.0, fsum((each - middle) ** 2 for each in means) / (len(means) - 1) - fsum(own) / len(own))


def reliability(n: int, icc: float) -> float:
    """How far a mean of n courses tells therapists apart: n·ICC / (1 + (n - 1)·ICC)."""
    return n * icc / (1.0 + (n - 1) * icc)

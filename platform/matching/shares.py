"""What a dimension is asked and what it answers: the question, its findings, and the share of the wish that is met. Pure.

A dimension is asked twice: once about the wishes, which are the same for everybody, and then of one therapist after another. A share lies in 0..1 on an
absolute scale: it never depends on who else is on a list. Unknown is neutral: a finding without a credit counts as `Weights.unknown` (.5), and is told as
"not stated". Sums are `math.fsum`, so that no order of adding shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import NamedTuple

from matching.candidate import Candidate, OfferedService
from matching.weights import Weights
from matching.wishes import Wishes
from taxonomy.vocabulary import Vocabulary

STATES = ("met", "partly", "not_met", "not_stated")


class Finding(NamedTuple):
    """One fact behind a share: a code, what it is about (slugs of the wish, or a number), how far it is met (None = not stated), its weight.

    Findings speak only of what was wished for. One of weight 0 is told and does not count.
    """

    code: str
    about: tuple[str, ...]
    credit: float | None
    weight: float = 1.0

    @property
    def state(self) -> str:
        if self.credit is None:
            return "not_stated"
        return "met" if self.credit >= 1.0 else "not_met" if self.credit <= 0.0 else "partly"


class Share(NamedTuple):
    """How far one dimension is met: `value` in 0..1, `state` one of `STATES`."""

    value: float
    state: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Question:
    """Everything a dimension may look at before it looks at anybody."""

    wishes: Wishes
    now: datetime
    vocabulary: Vocabulary
    weights: Weights


# What a dimension says of one therapist and one of their services, once it knows the question.
Answer = Callable[[Candidate, OfferedService], Share]


def weighted_mean(findings: Sequence[Finding], unknown: float) -> Share:
    """Σ weight·credit / Σ weight. One state for all is the state of the share, anything mixed is partly met."""
    credits_ = [weight * (unknown if credit is None else credit) for _, _, credit, weight in findings]
    states = {finding.state for finding in findings}
    value = fsum(credits_) / fsum([finding.weight for finding in findings])
    return Share(value, states.pop() if len(states) == 1 else "partly", tuple(findings))

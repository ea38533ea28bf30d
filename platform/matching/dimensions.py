"""The ten dimensions of the score: the contract that every implementation of the ranking has to equal. Pure.

Each takes what was wished for and answers, of one therapist and one service, what share of it is met, in 0..1 on an absolute scale; its docstring gives
inputs and formula. None instead of an answer means that the person wished for nothing of the kind: the dimension then drops out for everybody, and the
weights of the others are divided by their own sum.
`ranking.score` adds them up; a change of any formula or number is a new `Weights.version`.
"""

from collections.abc import Callable, Mapping

from matching.measured import outcomes
from matching.practicals import availability, price, responsiveness, setting
from matching.shares import Answer, Question
from matching.treatment import concern, evidence, identity, modality, style

__all__ = ("SHARES", "availability", "concern", "evidence", "identity", "modality", "outcomes", "price", "responsiveness", "setting", "style")

SHARES: Mapping[str, Callable[[Question], Answer | None]] = {
    "concern": concern,
    "availability": availability,
    "style": style,
    "modality": modality,
    "evidence": evidence,
    "identity": identity,
    "price": price,
    "setting": setting,
    "outcomes": outcomes,
    "responsiveness": responsiveness,
}

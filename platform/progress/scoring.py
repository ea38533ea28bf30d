"""What the answers to a questionnaire come to, and what a change between two of them means. Pure.

A missing answer gives no score: nothing is filled in. The item about thoughts of being better off dead is looked at by itself, whatever the sum is, and is
never taken for 0. Bands and cut-offs: `questionnaires.json`. Reliable change, caseness and recovery: NHS Talking Therapies manual. Severity: NICE NG222.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from progress.questionnaires import HIGHEST_ANSWER, Questionnaire, questionnaires

Answer: TypeAlias = int | None
Change: TypeAlias = Literal["improved", "deteriorated", "unchanged"]
# NICE NG222: a PHQ-9 of 16 or more is more severe depression.
MORE_SEVERE_FROM = 16


@dataclass(frozen=True)
class Result:
    """`score` and what follows from it are None while an answer is missing (`missing`: numbers from 1). `band` is None where an instrument has none.

    `safety_item` is the answer to the item about being better off dead; None when it is open, or not part of the instrument.
    """

    questionnaire: str
    score: int | None
    band: str | None
    positive: bool | None
    missing: tuple[int, ...]
    safety_item: int | None = None

    @property
    def is_complete(self) -> bool:
        return not self.missing


def score(questionnaire: Questionnaire, answers: Sequence[Answer]) -> Result:
    """The sum with its band. ValueError for another number of answers, or one that is not 0 to 3 or None."""
    if len(answers) != len(questionnaire.items):
        raise ValueError(f"{questionnaire.name} has {len(questionnaire.items)} items")
    if any(answer is not None and (type(answer) is not int or not 0 <= answer <= HIGHEST_ANSWER) for answer in answers):
        raise ValueError("an answer is 0, 1, 2, 3 or open")
    number = questionnaire.safety_item
    safety = answers[number - 1] if number is not None else None
    missing = tuple(place for place, answer in enumerate(answers, 1) if answer is None)
    if missing:
        return Result(questionnaire.slug, None, None, None, missing, safety)
    total = sum(answer for answer in answers if answer is not None)
    return Result(questionnaire.slug, total, band_of(questionnaire, total), total >= questionnaire.cutoff, (), safety)


def band_of(questionnaire: Questionnaire, total: int) -> str | None:
    """The word for a sum; None where the instrument has no bands. ValueError for a sum that cannot be."""
    if not 0 <= total <= questionnaire.highest:
        raise ValueError(f"{questionnaire.name} is 0 to {questionnaire.highest}")
    return next((band.name for band in questionnaire.bands if band.least <= total <= band.most), None)


def asks_about_safety(questionnaire: Questionnaire, answers: Sequence[Answer]) -> Literal["no", "open", "yes"]:
    """What the ninth item says by itself: any answer above 0 is a yes, whatever the sum; left open it is open, never a no."""
    if questionnaire.safety_item is None:
        return "no"
    answer = answers[questionnaire.safety_item - 1]
    return "open" if answer is None else "yes" if answer > 0 else "no"


def ng222_severity(phq9: int) -> Literal["less_severe", "more_severe"]:
    band_of(questionnaires()["phq-9"], phq9)
    return "more_severe" if phq9 >= MORE_SEVERE_FROM else "less_severe"


def reliable_change(questionnaire: Questionnaire, before: int, after: int) -> Change:
    """Whether a change is larger than the instrument's own noise. ValueError where no such number is published."""
    if questionnaire.reliable_change is None:
        raise ValueError(f"no reliable change is published for {questionnaire.name}")
    for total in (before, after):
        band_of(questionnaire, total)
    if before - after >= questionnaire.reliable_change:
        return "improved"
    return "deteriorated" if after - before >= questionnaire.reliable_change else "unchanged"


@dataclass(frozen=True)
class Course:
    """From the first to the last measurement. None: nothing to recover from at the start."""

    recovered: bool | None
    reliably_improved: bool

    @property
    def reliably_recovered(self) -> bool:
        return bool(self.recovered) and self.reliably_improved


def course(phq9: tuple[int, int], gad7: tuple[int, int]) -> Course:
    """`(first, last)` on each. Recovery: at or above caseness on either at the start, below on both at the end. Reliable improvement: a reliable drop on
    one and no reliable rise on the other.
    """
    depression, anxiety = questionnaires()["phq-9"], questionnaires()["gad-7"]
    pairs = ((depression, phq9), (anxiety, gad7))
    changes = [reliable_change(instrument, *pair) for instrument, pair in pairs]
    began_as_case = any(first >= (instrument.caseness or 0) for instrument, (first, _) in pairs)
    ended_below = all(last < (instrument.caseness or 0) for instrument, (_, last) in pairs)
    return Course(ended_below if began_as_case else None, "improved" in changes and "deteriorated" not in changes)

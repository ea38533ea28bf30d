"""Measured outcomes: nothing today, little once there is data, in the domain that was asked about, and never against somebody new."""

from dataclasses import replace

import pytest

from matching.measured import outcomes
from matching.ranking import Scored, score
from matching.shares import Question, Share
from matching.weights import DIMENSIONS, MOST_OUTCOMES, WEIGHTS, Weights
from matching.wishes import Wishes
from progress.therapist_effect import Effect, effect_of
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.cast import NOW, cast
from tests.matching.personas import occasion_of

V = vocabulary()
PIA = next(each for each in cast() if each.key == "T16")
# The published weights with measured outcomes let in as far as they may ever be.
LET_IN = Weights("with outcomes", tuple(replace(each, weight=MOST_OUTCOMES) if each.name == "outcomes" else each for each in DIMENSIONS))
MAIN = str(personas.P01["main_concern"])
NEUTRAL = effect_of([0.0] * 40, closed=40, between=0.05)
assert NEUTRAL is not None


def scored(effects: dict[str, Effect], *, weights: Weights = LET_IN) -> Scored:
    return score(occasion_of(personas.P01).wishes, replace(PIA, effects=effects), PIA.services[0], now=NOW, vocabulary=V, weights=weights)


def share(effects: dict[str, Effect], main: str | None = MAIN) -> Share | None:
    wishes = Wishes("individual", "Europe/London", main_concern=main)
    answer = outcomes(Question(wishes, NOW, V, LET_IN))
    return answer and answer(replace(PIA, effects=effects), PIA.services[0])


def test_P30_a_therapist_without_a_record_ties_with_a_clone_that_is_as_was_to_be_expected() -> None:
    assert NEUTRAL.estimate == 0.0
    assert scored({}).total == scored({MAIN: NEUTRAL}).total


def test_today_whatever_was_measured_changes_nothing() -> None:
    assert scored({MAIN: Effect(2.0, 1.9, 2.1)}, weights=WEIGHTS) == scored({}, weights=WEIGHTS)


def test_M23_positive_outcomes_count_in_their_own_domain_and_in_no_other() -> None:
    before, after = (effect_of([0.6] * 30 + [0.9] * more, closed=30 + more, between=0.05) for more in (0, 5))
    assert before is not None
    assert after is not None
    assert scored({MAIN: after}).total > scored({MAIN: before}).total > scored({}).total
    assert scored({"panic": after}) == scored({})


def test_a_wider_domain_counts_for_the_concerns_inside_it() -> None:
    inside = next(slug for slug, concern in V.concerns.items() if concern.parent)
    parent = V.concerns[inside].parent
    assert parent is not None
    found = share({parent: Effect(0.5, 0.25, 0.75)}, inside)
    assert found is not None
    assert found.value == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("effect", "value", "state"),
    [
        (Effect(0.4, 0.25, 0.55), 0.6, "met"),
        (Effect(9.0, 8.0, 9.5), 0.7, "met"),
        (Effect(-9.0, -9.5, -8.0), 0.3, "not_met"),
        (Effect(-0.4, -0.55, -0.25), 0.4, "not_met"),
        (Effect(0.1, -0.2, 0.4), 0.5, "partly"),
    ],
)
def test_the_share_is_of_the_end_that_can_be_counted_on_and_bounded(effect: Effect, value: float, state: str) -> None:
    found = share({MAIN: effect})
    assert found is not None
    assert (found.value, found.state) == (pytest.approx(value), state)


def test_without_a_main_concern_or_a_measurement_it_is_off_or_unknown() -> None:
    assert share({}, None) is None
    found = share({})
    assert found is not None
    assert (found.value, found.state) == (0.5, "not_stated")


def test_it_never_weighs_more_than_a_tenth_also_for_whoever_lets_it_count_twice() -> None:
    dimension = next(each for each in LET_IN.dimensions if each.name == "outcomes")
    assert LET_IN.effective(dimension, "high", evidence_signed=True) == MOST_OUTCOMES
    assert sum(each.weight for each in DIMENSIONS) / 10 >= MOST_OUTCOMES

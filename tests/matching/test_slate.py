"""From the order of the fit to the cards: what may move, how far, and that nobody comes in or leaves."""

from dataclasses import replace
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import Money
from matching.approach import families_of, likeness
from matching.candidate import Candidate, OfferedService, Record, Style
from matching.ranking import Ranked, Scored
from matching.slate import DIFFERENT, EXPLORING, FIT, Demand, Setting, Slate, attention, boost_of, price_of, slate
from matching.weights import SLATE
from taxonomy.vocabulary import vocabulary
from therapists.standing import ServiceFacts, Standing

V = vocabulary()
HERE = Setting("seed", "2026-11-22", "individual")
KNOWN = Record(requests=9, on_time=9, usual_answer_hours=3)
PLENTY = replace(SLATE, explores=0.0)
EPSILON = SLATE.epsilon


def somebody(number: int, total: float, *, modalities: tuple[str, ...] = ("cbt",), free: int | None = None, record: Record = KNOWN, fee: int = 6000) -> Ranked:
    service = OfferedService(number, ServiceFacts("session", "individual", frozenset({"video"})), 50, Money(fee, "GBP"))
    standing = Standing(number, (), barred=False, units=frozenset(), age_bands=frozenset())
    candidate = Candidate(number, f"k{number}", standing, free_places=free, modalities=frozenset(modalities), record=record, services=(service,))
    return Ranked(candidate, service, Scored(total, "good", ()))


def listed(*totals: float, **more: object) -> list[Ranked]:
    return [somebody(number, total, **more) for number, total in enumerate(totals, 1)]  # type: ignore[arg-type]


def numbers(made: Slate) -> list[int]:
    return [card.ranked.candidate.therapist_id for card in made.cards]


def made_of(ranked: list[Ranked], demand: dict[int, Demand] | None = None, setting: Setting = HERE, policy: object = PLENTY) -> Slate:
    return slate(ranked, demand or {}, setting, vocabulary=V, policy=policy)  # type: ignore[arg-type]


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Ranked], dict[int, Demand]]:
    totals = sorted(draw(st.lists(st.integers(400, 1000).map(lambda number: number / 1000), min_size=0, max_size=14)), reverse=True)
    ranked, demand = [], {}
    for number, total in enumerate(totals, 1):
        modalities = draw(st.sampled_from([("cbt",), ("psychodynamic",), ("person_centred",), ("cbt", "emdr"), ()]))
        record = draw(st.sampled_from([KNOWN, Record()]))
        ranked.append(somebody(number, total, modalities=modalities, free=draw(st.sampled_from([None, 1, 3])), record=record))
        demand[number] = Demand(draw(st.integers(0, 9)), draw(st.integers(-80, 80)) / 10)
    return ranked, demand


@settings(max_examples=60)
@given(lists(), st.integers(0, 60), st.sampled_from([0.0, 0.1, 1.0]))
def test_M34_the_first_card_loses_at_most_epsilon_every_other_two_and_nobody_comes_in(
    market: tuple[list[Ranked], dict[int, Demand]], seed: int, explores: float
) -> None:
    ranked, demand = market
    made = slate(ranked, demand, replace(HERE, seed=str(seed)), vocabulary=V, policy=replace(SLATE, explores=explores))
    assert len(made.cards) == min(5, len(ranked))
    assert len(set(numbers(made))) == len(made.cards)
    assert {id(card.ranked) for card in made.cards} <= {id(each) for each in ranked}
    for place, card in enumerate(made.cards):
        bound = EPSILON if place == 0 else 2 * EPSILON
        assert card.ranked.scored.total >= ranked[place].scored.total - bound - 1e-12
    roles = [card.role for card in made.cards]
    assert roles.count(DIFFERENT) <= 1
    assert roles.count(EXPLORING) <= 1
    assert not roles or roles[0] != EXPLORING
    assert all(0 < card.propensity <= 1 + 1e-12 for card in made.cards)


@settings(max_examples=60)
@given(lists(), st.integers(0, 20))
def test_M34_what_lies_beyond_reach_of_the_last_place_never_changes_the_slate(market: tuple[list[Ranked], dict[int, Demand]], seed: int) -> None:
    ranked, demand = market
    setting = replace(HERE, seed=str(seed))
    reach = [each for each in ranked if each.scored.total >= ranked[min(5, len(ranked)) - 1].scored.total - 2 * EPSILON]
    assert made_of(reach, demand, setting, SLATE) == made_of(ranked, demand, setting, SLATE)


def test_without_demand_the_slate_is_the_order_of_the_fit() -> None:
    assert numbers(made_of(listed(0.9, 0.9 - 1e-9, 0.85, 0.8, 0.7, 0.69))) == [1, 2, 3, 4, 5]
    assert made_of([]).cards == ()
    assert made_of([]).contenders == ()


def test_a_queue_moves_somebody_back_by_no_more_than_epsilon() -> None:
    ranked = listed(0.80, 0.79, 0.60, free=1)
    assert numbers(made_of(ranked, {1: Demand(pending=4)})) == [2, 1, 3]
    assert numbers(made_of(listed(0.80, 0.76, free=1), {1: Demand(pending=10_000, owed=-10_000), 2: Demand(owed=10_000)})) == [1, 2], "a clearly better fit"


def test_the_price_rises_with_the_queue_for_each_free_place() -> None:
    assert price_of(0, 3) == 0.0
    assert price_of(1, 3) < price_of(2, 3) < price_of(2, 1) < price_of(50, 1) < EPSILON / 2
    assert price_of(10, None) == price_of(10, SLATE.places_without_limit)
    assert price_of(1, 0) == price_of(1, 1), "in care with somebody who has no place left"


def test_attention_owed_moves_somebody_forward_and_too_much_of_it_back() -> None:
    assert boost_of(0.0) == 0.0
    assert -EPSILON / 4 < boost_of(-9.0) < boost_of(-1.0) < 0 < boost_of(1.0) < boost_of(9.0) < EPSILON / 4
    assert numbers(made_of(listed(0.80, 0.797), {1: Demand(owed=-3.0), 2: Demand(owed=3.0)})) == [2, 1]


def test_contenders_deserve_together_exactly_the_attention_that_the_slate_has() -> None:
    made = made_of(listed(0.9, 0.8, 0.8, 0.8, 0.8, 0.79, 0.5))
    assert [card.ranked.candidate.therapist_id for card, _ in made.contenders] != [1, 2, 3, 4, 5]
    assert {card.ranked.candidate.therapist_id for card, _ in made.contenders} == {1, 2, 3, 4, 5, 6}, "0.5 is not near enough to be shown"
    assert fsum(part for _, part in made.contenders) == pytest.approx(fsum(attention(place) for place in range(1, 6)))
    deserved = {card.ranked.candidate.therapist_id: part for card, part in made.contenders}
    assert deserved[1] / deserved[6] == pytest.approx(0.9 / 0.79)


def test_P22_when_everybody_works_alike_the_last_card_is_a_different_approach() -> None:
    ranked = [*listed(0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7), somebody(20, 0.66, modalities=("psychodynamic",)), somebody(21, 0.4, modalities=("emdr",))]
    made = made_of(ranked)
    assert [card.role for card in made.cards] == [FIT] * 4 + [DIFFERENT]
    assert numbers(made)[-1] == 20
    assert len({family for card in made.cards for family in families_of(card.ranked, V, "individual")}) >= 2
    far = [*listed(0.7, 0.7, 0.7, 0.7, 0.7), somebody(20, 0.63, modalities=("psychodynamic",))]
    assert [card.role for card in made_of(far).cards] == [FIT] * 5, "more than two epsilon away"
    mixed = [*listed(0.7, 0.7, 0.7, 0.7), somebody(9, 0.7, modalities=("emdr",)), somebody(20, 0.7, modalities=("psychodynamic",))]
    assert all(card.role == FIT for card in made_of(sorted(mixed, key=lambda each: -each.scored.total)).cards[:4])


def test_somebody_new_is_shown_now_and_then_second_to_last_with_the_right_propensity() -> None:
    ranked = [*listed(0.8, 0.79, 0.78, 0.77, 0.76), *(somebody(number, 0.75, record=Record()) for number in (31, 32))]
    explored = {}
    for seed in range(300):
        made = made_of(ranked, setting=replace(HERE, seed=str(seed)), policy=SLATE)
        (roles, place) = [card.role for card in made.cards], made.cards[3]
        assert [role for role in roles if role != FIT] in ([], [EXPLORING])
        assert place.propensity == pytest.approx(0.05 if place.role == EXPLORING else 0.9)
        assert made.cards[0].propensity == pytest.approx(1.0)
        if place.role == EXPLORING:
            explored[place.ranked.candidate.therapist_id] = explored.get(place.ranked.candidate.therapist_id, 0) + 1
    assert set(explored) == {31, 32}
    assert 10 <= sum(explored.values()) <= 60, "about one in ten"
    at_risk = replace(HERE, explores=False)
    assert all(card.role == FIT for seed in range(60) for card in made_of(ranked, setting=replace(at_risk, seed=str(seed)), policy=SLATE).cards)


def test_likeness_is_of_families_style_and_price() -> None:
    one = somebody(1, 0.5)
    assert likeness(one, somebody(2, 0.5), V, "individual") == 1.0
    assert likeness(one, somebody(2, 0.5, modalities=("psychodynamic",)), V, "individual") == pytest.approx(0.5)
    assert likeness(one, somebody(2, 0.5, fee=9000), V, "individual") == pytest.approx(0.5)
    styled = [replace(each, candidate=replace(each.candidate, style=style)) for each, style in ((one, Style(led=1)), (one, Style(led=-1)))]
    assert likeness(*styled, V, "individual") == pytest.approx(2 / 3)
    assert families_of(somebody(3, 0.5, modalities=("integrative", "trauma_informed", "eft_couple")), V, "individual") == frozenset()

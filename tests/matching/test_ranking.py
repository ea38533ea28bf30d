"""The score as a specification: what must not change it, what must never make it worse, and that its reasons add up."""

from dataclasses import fields, replace
from datetime import timedelta
from math import isclose

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.money import Money
from matching.candidate import NEW_HERE, Candidate, OfferedService, Record, Style
from matching.dimensions import SHARES, style
from matching.ranking import Ranked, Scored, order, score, tie_break
from matching.shares import Question
from matching.weights import DIMENSIONS, HIGH_FACTOR, WEIGHTS
from matching.wishes import IdentityWish, Strength, Wish, Wishes
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.cast import NOW, candidate_of, cast, row
from tests.matching.markets import CONCERNS, NOW_SECONDS, candidates, markets, unit_interval
from tests.matching.markets import wishes as all_wishes
from tests.matching.personas import keys, list_for, occasion_of
from therapists.standing import ServiceFacts, Standing

V = vocabulary()
PLAIN = Wishes("individual", "Europe/London")
SERVICE = OfferedService(1, ServiceFacts("session", "individual", frozenset({"video"})), 50, Money(6000, "GBP"))
ANYBODY = Candidate(1, "key", Standing(1, (), barred=False, units=frozenset(), age_bands=frozenset()), services=(SERVICE,))


def scored(wishes: Wishes, candidate: Candidate, service: OfferedService = SERVICE) -> Scored:
    return score(wishes, candidate, service, now=NOW, vocabulary=V)


def share(dimension: str, wishes: Wishes, candidate: Candidate, service: OfferedService = SERVICE) -> float:
    found = SHARES[dimension](Question(wishes, candidate, service, NOW, V, WEIGHTS))
    assert found is not None
    return found.value


def ranking(wishes: Wishes, market: list[Candidate], seed: str = "s") -> list[str]:
    ranked = [Ranked(each, SERVICE, scored(wishes, each)) for each in market]
    return [each.candidate.key for each in order(ranked, seed=seed, zone=wishes.zone, now=NOW)]


# --- what must hold for any therapist and any wishes


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_M01_a_wished_modality_more_never_makes_a_score_worse(wishes: Wishes, candidate: Candidate) -> None:
    assume(wishes.modalities)
    wanted = sorted(wishes.modalities[0].any_of)[0]
    better = replace(candidate, modalities=candidate.modalities | {wanted}, verified_modalities=candidate.verified_modalities | {wanted})
    assert scored(wishes, better).total >= scored(wishes, candidate).total - 1e-12


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_M02_what_nobody_asked_for_changes_nothing(wishes: Wishes, candidate: Candidate) -> None:
    more = replace(
        candidate,
        modalities=candidate.modalities | {"hypnotherapy"},
        verified_modalities=candidate.verified_modalities | {"hypnotherapy"},
        declared_concerns=candidate.declared_concerns | {"insomnia", "menopause"},
        core_concerns=(*candidate.core_concerns[:4], "insomnia") if len(candidate.core_concerns) < 5 else candidate.core_concerns,
    )
    asked = {modality for wish in wishes.modalities for modality in wish.any_of}
    assert not any(V.modality_relation(wanted, "hypnotherapy") for wanted in asked)
    assert scored(wishes, more) == scored(wishes, candidate)


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_M03_ticking_everything_gains_at_most_what_declaring_gives(wishes: Wishes, candidate: Candidate) -> None:
    assume(wishes.main_concern or wishes.other_concerns)
    ticked = replace(candidate, declared_concerns=candidate.declared_concerns | frozenset(V.concerns))
    before, after = share("concern", wishes, candidate), share("concern", wishes, ticked)
    assert before <= after <= max(before, 0.6 + 0.4 * before) + 1e-12
    assert share("concern", wishes, replace(ANYBODY, declared_concerns=frozenset(V.concerns))) == pytest.approx(0.6)


@settings(max_examples=30)
@given(all_wishes, markets())
def test_M04_removing_somebody_leaves_the_order_of_the_others(wishes: Wishes, market: list[Candidate]) -> None:
    whole = ranking(wishes, market)
    for gone in market:
        rest = [each for each in market if each.key != gone.key]
        assert ranking(wishes, rest) == [key for key in whole if key != gone.key]


@settings(max_examples=30)
@given(all_wishes, markets(), st.randoms(use_true_random=False))
def test_M06_neither_the_order_of_input_nor_inner_ids_matter(wishes: Wishes, market: list[Candidate], chance: object) -> None:
    shuffled = [replace(each, therapist_id=each.therapist_id + 1000) for each in market]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranking(wishes, shuffled) == ranking(wishes, market)


@settings(max_examples=30)
@given(all_wishes, markets())
def test_M06_other_public_keys_give_the_same_ranking_up_to_ties(wishes: Wishes, market: list[Candidate]) -> None:
    renamed = [replace(each, key=f"other-{each.therapist_id}") for each in market]
    totals = {each.therapist_id: round(scored(wishes, each).total, 12) for each in market}
    ids = {each.key: each.therapist_id for each in (*market, *renamed)}
    before, after = ([totals[ids[key]] for key in ranking(wishes, people)] for people in (market, renamed))
    assert before == after == sorted(totals.values(), reverse=True)


@settings(max_examples=50)
@given(all_wishes, candidates(), st.integers(1, 600))
def test_M14_an_earlier_opening_never_makes_a_score_worse(wishes: Wishes, candidate: Candidate, half_hours: int) -> None:
    service = candidate.services[0]
    more = replace(service, openings=tuple(sorted({*service.openings, NOW_SECONDS + half_hours * 1800})))
    assert scored(wishes, candidate, more).total >= scored(wishes, candidate, service).total - 1e-12


CLEARED = {
    "modality": {"modalities": ()},
    "style": {"style": Style()},
    "identity": {"identity": ()},
    "price": {"ceiling": None, "insurer": None},
    "setting": {"languages": (), "modes": None, "access": ()},
    "concern": {"main_concern": None, "other_concerns": (), "goals": ()},
}


@settings(max_examples=30)
@given(all_wishes, markets(), st.sampled_from(sorted(CLEARED)))
def test_M17_a_cleared_preference_credits_nobody_and_leaves_the_order_on_the_rest(wishes: Wishes, market: list[Candidate], dimension: str) -> None:
    cleared = replace(wishes, **CLEARED[dimension])
    switched_off = replace(wishes, emphasis={**wishes.emphasis, dimension: "off"})
    for each in market:
        assert dimension not in {reason.dimension for reason in scored(cleared, each).reasons}
        assert scored(cleared, each).total == pytest.approx(scored(switched_off, each).total)
    assert ranking(cleared, market) == ranking(switched_off, market)


def test_M19_nothing_about_the_persons_own_identity_is_asked_or_weighed() -> None:
    names = {field.name for field in fields(Wishes)} | {field.name for screen in personas.SCREENS for field in screen.fields}
    assert not names & {"gender", "ethnicity", "orientation", "sexual_orientation", "faith", "religion", "race"}
    with pytest.raises(Exception, match="cannot be used"):
        personas.checked("main_concern", {"main_concern": "grief", "ethnicity": "x"}, vocabulary=V)


@pytest.mark.parametrize("name", ["P01", "P02", "P09", "P22", "P23"])
def test_M20_sponsorship_has_no_way_into_the_score(name: str) -> None:
    answers = getattr(personas, name)
    flipped = [candidate_of({**row(each.key), "sponsored": not row(each.key)["sponsored"]}) for each in cast()]
    assert list_for(answers, flipped) == list_for(answers)


def test_M21_years_title_and_reviews_have_no_way_into_the_score() -> None:
    names = {field.name for field in fields(Candidate)} | {field.name for field in fields(OfferedService)}
    assert not names & {"name", "title", "years", "experience", "reviews", "rating", "sponsored", "signed_up", "created_at", "outcomes"}
    for each in cast():
        assert candidate_of({**row(each.key), "years": 40, "title": "Professor", "reviews": 999, "name": "Zed"}) == each


UNKNOWN_GOOD_BAD = {
    "style": (replace(PLAIN, style=Style(led=1.0)), "style", Style(), Style(led=1.0), Style(led=-1.0)),
    "answers in time": (PLAIN, "record", NEW_HERE, Record(requests=1, on_time=1), Record(requests=1, on_time=0)),
    "keeps appointments": (PLAIN, "record", NEW_HERE, Record(appointments=1, kept=1), Record(appointments=1, kept=0)),
    "access": (replace(PLAIN, access=(Wish(frozenset({"captions"}), Strength.NICE),)), "access", frozenset({"lift"}), frozenset({"captions"}), None),
    "shares": (
        replace(PLAIN, identity=(IdentityWish("gender", frozenset({"woman"}), "shares", Strength.NICE),)),
        "shares",
        {},
        {"gender": frozenset({"woman"})},
        {"gender": frozenset({"man"})},
    ),
    "rather not": (
        replace(PLAIN, identity=(IdentityWish("gender", frozenset({"man"}), "prefer_not", Strength.STRONG),)),
        "shares",
        {},
        {"gender": frozenset({"woman"})},
        {"gender": frozenset({"man"})},
    ),
}


@pytest.mark.parametrize("fact", UNKNOWN_GOOD_BAD)
def test_M28_unknown_lies_between_known_good_and_known_bad(fact: str) -> None:
    wishes, name, *values = UNKNOWN_GOOD_BAD[fact]
    # An access need is confirmed or not stated; nobody states that they lack it.
    unknown, good, bad = (scored(wishes, replace(ANYBODY, **{name: value})).total if value is not None else 0.0 for value in values)
    assert good > unknown > bad
    reason = next(each for each in scored(wishes, replace(ANYBODY, **{name: values[0]})).reasons if each.share == 0.5)
    assert reason.state == "not_stated"


@settings(max_examples=50)
@given(all_wishes, candidates(), unit_interval)
def test_M28_the_best_possible_style_never_loses_to_an_unknown_one(wishes: Wishes, candidate: Candidate, led: float) -> None:
    asked = replace(wishes, style=Style(led=led))
    unknown, good = (scored(asked, replace(candidate, style=Style(led=value))).total for value in (None, led))
    assert good >= unknown - 1e-12


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_M32_the_contributions_add_up_to_the_score_and_nothing_is_hidden(wishes: Wishes, candidate: Candidate) -> None:
    found = scored(wishes, candidate)
    assert isclose(sum(reason.contribution for reason in found.reasons), found.total, abs_tol=1e-9)
    assert isclose(sum(reason.weight for reason in found.reasons), 1.0, abs_tol=1e-9)
    assert 0.0 <= found.total <= 1.0 + 1e-12
    assert all(isclose(reason.contribution, reason.weight * reason.share, abs_tol=1e-9) for reason in found.reasons)
    question = Question(wishes, candidate, SERVICE, NOW, V, WEIGHTS)
    answered = {
        each.name
        for each in DIMENSIONS
        if WEIGHTS.effective(each, wishes.emphasis.get(each.name, "normal"), evidence_signed=False) > 0 and SHARES[each.name](question) is not None
    }
    assert {reason.dimension for reason in found.reasons} == answered


def test_a_score_does_not_depend_on_the_order_in_which_sets_are_read() -> None:
    wish = Wishes("individual", "Europe/London", main_concern="ocd", other_concerns=("panic", "grief", "trust"))
    backwards = replace(wish, other_concerns=("trust", "grief", "panic"))
    somebody = replace(ANYBODY, core_concerns=("panic",), verified_concerns=frozenset({"panic"}), declared_concerns=frozenset({"trust"}))
    assert scored(wish, somebody).total == scored(backwards, somebody).total


# --- single dimensions


def test_concerns_count_by_core_declared_and_wider_area_and_the_main_one_doubly() -> None:
    wish = replace(PLAIN, main_concern="ocd", other_concerns=("grief",))
    checked = {"core_concerns": ("ocd",), "verified_concerns": frozenset({"ocd"})}
    assert share("concern", wish, replace(ANYBODY, **checked)) == pytest.approx(2 / 3)
    assert share("concern", wish, replace(ANYBODY, core_concerns=("ocd",))) == pytest.approx(0.6 * 2 / 3), "core, but nobody checked"
    assert share("concern", wish, replace(ANYBODY, declared_concerns=frozenset({"grief"}))) == pytest.approx(0.6 / 3)
    assert share("concern", wish, replace(ANYBODY, declared_concerns=frozenset({"anxiety"}))) == pytest.approx(0.5 * 2 / 3)
    sixth = replace(ANYBODY, core_concerns=("panic", "trust", "anger", "phobia", "tics", "ocd"), verified_concerns=frozenset(CONCERNS))
    assert share("concern", replace(PLAIN, main_concern="ocd"), sixth) == pytest.approx(0.6)
    assert share("concern", replace(PLAIN, main_concern="anxiety"), replace(ANYBODY, **checked)) == 1.0, "a child of what was asked for"


@pytest.mark.parametrize(
    ("wanted", "offered", "credit"),
    [
        ("psychodynamic", "psychodynamic", 1.0),
        ("psychodynamic", "stpp", 1.0),
        ("stpp", "psychodynamic", 0.6),
        ("cbt", "person_centred", 0.0),
        ("attachment_based", "eft_couple", 0.0),
        ("cbt", "integrative", 0.0),
    ],
)
def test_modalities_count_by_their_relation_and_a_couple_modality_only_for_couples(wanted: str, offered: str, credit: float) -> None:
    wish = replace(PLAIN, modalities=(Wish(frozenset({wanted}), Strength.STRONG),))
    assert share("modality", wish, replace(ANYBODY, modalities=frozenset({offered}))) == pytest.approx(credit)
    if offered == "eft_couple":
        assert share("modality", replace(wish, unit="couple"), replace(ANYBODY, modalities=frozenset({offered}))) == 1.0


def test_a_sibling_modality_counts_a_little() -> None:
    siblings = [(a, b) for a in V.modalities for b in V.modalities if V.modality_relation(a, b) == "sibling" and not V.modalities[b].units]
    wanted, offered = siblings[0]
    wish = replace(PLAIN, modalities=(Wish(frozenset({wanted}), Strength.NICE),))
    assert share("modality", wish, replace(ANYBODY, modalities=frozenset({offered}))) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("client", "therapist", "expected"),
    [
        pytest.param(Style(0, 0.25, None, -0.4), Style(1, 1, 1, 1), None, id="style-neutral-off"),
        pytest.param(Style(led=1), Style(led=1), 1.0, id="style-same"),
        pytest.param(Style(led=1), Style(led=-1), 0.0, id="style-opposite"),
        pytest.param(Style(led=1, past=-1), Style(led=1), 0.75, id="style-one-unknown"),
        pytest.param(Style(led=0.5, past=0.25), Style(led=-0.5, past=1), 0.5, id="style-weak-wish-drops-out"),
    ],
)
def test_style_fit_vectors(client: Style, therapist: Style, expected: float | None) -> None:
    found = style(Question(replace(PLAIN, style=client), replace(ANYBODY, style=therapist), SERVICE, NOW, V, WEIGHTS))
    assert (found and found.value) == (expected if expected is None else pytest.approx(expected))


def test_availability_is_the_mean_of_how_many_and_how_soon() -> None:
    day = 86_400
    assert share("availability", PLAIN, ANYBODY) == 0.0
    four_today = replace(SERVICE, openings=tuple(NOW_SECONDS + 600 * number for number in range(1, 5)))
    assert share("availability", PLAIN, ANYBODY, four_today) == 1.0
    one_in_seven_days = replace(SERVICE, openings=(NOW_SECONDS + 7 * day,))
    assert share("availability", PLAIN, ANYBODY, one_in_seven_days) == pytest.approx((0.25 + 0.65) / 2)
    one_in_three_weeks = replace(SERVICE, openings=(NOW_SECONDS + 21 * day,))
    assert share("availability", PLAIN, ANYBODY, one_in_three_weeks) == pytest.approx((0 + 0.3) / 2)


def test_a_service_on_request_scores_by_opening_plus_the_expected_time_to_an_answer() -> None:
    day = 86_400
    openings = tuple(NOW_SECONDS + number * day for number in (1, 2, 3, 13))
    at_once, asked = replace(SERVICE, openings=openings), replace(SERVICE, openings=openings, on_request=True)
    promising, measured = (replace(ANYBODY, record=record) for record in (Record(promised_hours=48), Record(promised_hours=48, usual_answer_hours=1)))
    assert share("availability", PLAIN, ANYBODY, at_once) == pytest.approx((1 + 0.95) / 2)
    assert share("availability", PLAIN, promising, asked) == pytest.approx((0.75 + 0.85) / 2), "48 hours later, and the last one beyond the 14 days"
    assert share("availability", PLAIN, measured, asked) == pytest.approx((1 + 0.95) / 2), "what they usually do, not what they promise"
    assert share("availability", PLAIN, promising, at_once) == share("availability", PLAIN, ANYBODY, at_once), "nobody waits for an answer here"


def test_a_record_is_shrunk_towards_the_middle_and_nobody_is_punished_for_being_new() -> None:
    def rate(**record: int) -> float:
        return share("responsiveness", PLAIN, replace(ANYBODY, record=Record(**record)))

    assert rate() == 0.5
    assert rate(requests=10, on_time=10) == pytest.approx((0.75 + 0.5) / 2)
    assert rate(requests=10, on_time=0, appointments=30, kept=30) == pytest.approx((0.25 + 0.875) / 2)
    assert 0.5 < rate(requests=1, on_time=1) < rate(requests=100, on_time=99) < 1.0


def test_goals_count_together_as_one_further_concern() -> None:
    wish = replace(PLAIN, main_concern="ocd", goals=("build_trust", "practise_empathy", "tolerate_vulnerability"))
    somebody = replace(ANYBODY, declared_concerns=frozenset({"ocd"}), core_concerns=("trust",), verified_concerns=frozenset({"trust"}))
    assert share("concern", wish, somebody) == pytest.approx((2 * 0.6 + 0.5 * 1 + 0.5 * 0) / 3), "a goal that any therapist might serve is no need"
    avoidant = replace(somebody, declared_concerns=frozenset({"ocd", "avoidant_attachment"}))
    assert share("concern", wish, avoidant) == pytest.approx((2 * 0.6 + 0.5 * 1 + 0.5 * 0.6) / 3), "the best of what the goal stands for"
    only_goal = replace(PLAIN, goals=("build_trust",))
    assert share("concern", only_goal, somebody) == 1.0
    assert "concern" not in {reason.dimension for reason in scored(replace(PLAIN, goals=("practise_empathy",)), somebody).reasons}


def test_an_insurance_that_is_not_accepted_is_told_and_the_fee_counts() -> None:
    wish = replace(PLAIN, ceiling=Money(12000, "GBP"), insurer="aetna")
    found = next(reason for reason in scored(wish, ANYBODY).reasons if reason.dimension == "price")
    assert (found.share, [each.code for each in found.findings]) == (0.75, ["within_ceiling", "insurer"])
    assert share("price", wish, replace(ANYBODY, insurers=frozenset({"aetna"}))) == 1.0


def test_training_that_is_not_for_this_unit_proves_nothing() -> None:
    couples = [row for row in V.evidence if not V.serves_unit(row.modality, "individual") and row.grade in "ABC"]
    row = couples[0]
    wish = replace(PLAIN, main_concern=row.concern)
    proven = replace(ANYBODY, verified_modalities=frozenset({row.modality}))
    assert share("evidence", wish, proven) == 0.2
    assert share("evidence", replace(wish, unit="couple" if V.serves_unit(row.modality, "couple") else "family"), proven) > 0.2


@pytest.mark.parametrize(("fee", "expected"), [(0, 1.0), (5000, 0.75), (10000, 0.5), (12000, 0.3), (15000, 0.0), (90000, 0.0)])
def test_price_falls_from_comfortable_to_far_above_a_soft_ceiling(fee: int, expected: float) -> None:
    wish = replace(PLAIN, ceiling=Money(10000, "GBP"))
    assert share("price", wish, ANYBODY, replace(SERVICE, fee=Money(fee, "GBP"))) == pytest.approx(expected)


def test_a_fee_in_another_currency_is_not_compared() -> None:
    wish = replace(PLAIN, ceiling=Money(10000, "GBP"))
    found = scored(wish, replace(ANYBODY, services=()), replace(SERVICE, fee=Money(100, "EUR")))
    price = next(reason for reason in found.reasons if reason.dimension == "price")
    assert (price.share, price.state) == (0.5, "not_stated")


def test_identity_counts_by_strength_and_experience_gives_something_where_sharing_was_asked() -> None:
    woman = IdentityWish("gender", frozenset({"woman"}), "shares", Strength.STRONG)
    lgbtq = IdentityWish("population", frozenset({"lgbtq"}), "shares", Strength.NICE)
    wish = replace(PLAIN, identity=(woman, lgbtq))
    somebody = replace(ANYBODY, shares={"gender": frozenset({"man"})}, experienced={"population": frozenset({"lgbtq"})})
    assert share("identity", wish, somebody) == pytest.approx(0.6 * 1 / 3)


def test_evidence_weighs_nothing_until_somebody_signed_the_table() -> None:
    assert V.evidence_signed_by is None
    wish = replace(PLAIN, main_concern="ocd")
    proven = replace(ANYBODY, verified_modalities=frozenset({"erp"}))
    assert scored(wish, proven).total == scored(wish, ANYBODY).total
    signed = replace(V, evidence_signed_by="A. Clinician")
    with_evidence = score(wish, proven, SERVICE, now=NOW, vocabulary=signed)
    assert "evidence" in {reason.dimension for reason in with_evidence.reasons}
    assert with_evidence.total > score(wish, ANYBODY, SERVICE, now=NOW, vocabulary=signed).total


def test_high_counts_twice_and_off_not_at_all() -> None:
    concern = DIMENSIONS[0]
    assert WEIGHTS.effective(concern, "high", evidence_signed=False) == HIGH_FACTOR * concern.weight
    assert WEIGHTS.effective(concern, "off", evidence_signed=False) == 0.0
    assert sum(each.weight for each in DIMENSIONS) == 100


# --- ties


def test_ties_stand_still_within_a_day_and_rotate_from_day_to_day() -> None:
    market = [replace(ANYBODY, key=f"k{number}") for number in range(8)]
    ranked = [Ranked(each, SERVICE, scored(PLAIN, each)) for each in market]

    def on(days: float, seed: str = "s") -> list[str]:
        return [each.candidate.key for each in order(ranked, seed=seed, zone="Europe/London", now=NOW + timedelta(days=days))]

    assert on(0) == on(0.3)
    assert on(0) != on(1)
    assert on(0) != on(0, "another intake")
    assert sorted(on(0)) == [each.key for each in market]
    assert tie_break("i", "t", "2026-11-22") == tie_break("i", "t", "2026-11-22") != tie_break("i", "t", "2026-11-23")


def test_the_day_of_a_tie_is_the_day_at_the_persons_place() -> None:
    market = [Ranked(replace(ANYBODY, key=f"k{number}"), SERVICE, scored(PLAIN, ANYBODY)) for number in range(8)]
    late = NOW.replace(hour=20)
    in_india, in_london = ([each.candidate.key for each in order(market, seed="s", zone=zone, now=late)] for zone in ("Asia/Kolkata", "Europe/London"))
    next_morning = [each.candidate.key for each in order(market, seed="s", zone="Europe/London", now=NOW + timedelta(days=1))]
    assert in_india == next_morning != in_london


def test_M30_the_same_request_gives_the_same_ids_and_reasons() -> None:
    assert list_for(personas.P01) == list_for(personas.P01)
    assert keys(list_for(personas.P01, seed="x")) == keys(list_for(personas.P01, seed="x"))
    assert occasion_of(personas.P01) == occasion_of(personas.P01)

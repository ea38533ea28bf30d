"""What each dimension of the score counts, on absolute scales."""

from dataclasses import replace

import pytest

from core.money import Money
from matching.candidate import Record, Style
from matching.dimensions import style
from matching.ranking import score
from matching.shares import Question
from matching.weights import DIMENSIONS, HIGH_FACTOR, WEIGHTS
from matching.wishes import IdentityWish, Strength, Wish
from tests.matching.cast import NOW
from tests.matching.markets import CONCERNS, NOW_SECONDS
from tests.matching.test_ranking import ANYBODY, PLAIN, SERVICE, V, scored, share


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
    answer = style(Question(replace(PLAIN, style=client), NOW, V, WEIGHTS))
    assert (answer and answer(replace(ANYBODY, style=therapist), SERVICE).value) == (expected if expected is None else pytest.approx(expected))


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

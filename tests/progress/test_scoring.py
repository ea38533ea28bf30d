"""PHQ and GAD: sums, bands, the item that is never averaged away, reliable change and recovery."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.questionnaires import about_words, answer_words, offered, questionnaires
from progress.scoring import asks_about_safety, band_of, course, ng222_severity, reliable_change, score

PHQ9, PHQ8, GAD7 = (questionnaires()[slug] for slug in ("phq-9", "phq-8", "gad-7"))
SHARED = Path(__file__).parents[3] / "shared" / "data" / "questionnaires" / "score_vectors.json"
answers = st.lists(st.integers(0, 3), min_size=9, max_size=9)


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately_severe"),
        (19, "moderately_severe"),
        (20, "severe"),
        (27, "severe"),
    ],
)
def test_vector_PHQ9_bands(total: int, band: str) -> None:
    assert band_of(PHQ9, total) == band


@pytest.mark.parametrize(("total", "band"), [(4, "minimal"), (5, "mild"), (10, "moderate"), (15, "severe"), (21, "severe")])
def test_vector_GAD7_bands(total: int, band: str) -> None:
    assert band_of(GAD7, total) == band


@pytest.mark.parametrize(("instrument", "total"), [(PHQ9, 28), (PHQ9, -1), (GAD7, 22), (GAD7, -1), (PHQ8, 25)])
def test_vector_a_sum_that_cannot_be_is_refused(instrument: object, total: int) -> None:
    with pytest.raises(ValueError, match="is 0 to"):
        band_of(instrument, total)  # type: ignore[arg-type]


def test_vector_NG222_severity() -> None:
    assert (ng222_severity(15), ng222_severity(16)) == ("less_severe", "more_severe")
    with pytest.raises(ValueError, match="0 to 27"):
        ng222_severity(28)


@pytest.mark.parametrize(
    ("instrument", "before", "after", "change"),
    [
        (PHQ9, 16, 10, "improved"),
        (PHQ9, 16, 11, "unchanged"),
        (PHQ9, 10, 16, "deteriorated"),
        (PHQ9, 10, 15, "unchanged"),
        (GAD7, 12, 8, "improved"),
        (GAD7, 12, 9, "unchanged"),
        (GAD7, 8, 12, "deteriorated"),
    ],
)
def test_vector_reliable_change(instrument: object, before: int, after: int, change: str) -> None:
    assert reliable_change(instrument, before, after) == change  # type: ignore[arg-type]


def test_reliable_change_is_not_made_up_where_none_is_published() -> None:
    with pytest.raises(ValueError, match="PHQ-8"):
        reliable_change(PHQ8, 16, 10)


def test_vector_recovery_can_be_too_small_to_be_reliable() -> None:
    found = course((12, 9), (9, 7))
    assert found.recovered is True
    assert not found.reliably_improved
    assert not found.reliably_recovered


def test_recovery_needs_something_to_recover_from_and_both_below_at_the_end() -> None:
    assert course((9, 3), (7, 2)).recovered is None, "no case at the start"
    assert course((20, 9), (15, 8)).recovered is False, "still a case on the other scale"
    assert course((20, 5), (10, 3)).reliably_recovered
    assert not course((20, 5), (3, 7)).reliably_improved, "a reliable rise on the other scale"


def test_M38_a_missing_item_gives_no_score_and_is_not_filled_in() -> None:
    for place in range(9):
        given_answers = [3] * 9
        found = score(PHQ9, [None if number == place else answer for number, answer in enumerate(given_answers)])
        assert (found.score, found.band, found.positive, found.missing) == (None, None, None, (place + 1,))
        assert not found.is_complete


def test_M38_the_ninth_item_left_open_is_never_taken_for_a_no() -> None:
    left_open = [0] * 8 + [None]
    assert score(PHQ9, left_open).safety_item is None
    assert asks_about_safety(PHQ9, left_open) == "open"


@given(answers)
def test_M37_the_ninth_item_asks_whatever_the_sum_is(given_answers: list[int]) -> None:
    found = score(PHQ9, given_answers)
    assert found.score == sum(given_answers)
    assert asks_about_safety(PHQ9, given_answers) == ("yes" if given_answers[8] else "no")


@given(answers.filter(lambda each: any(each[:8]) and each[8] == 0))
def test_M37_the_same_sum_with_and_without_the_ninth_item(given_answers: list[int]) -> None:
    place = next(number for number, answer in enumerate(given_answers[:8]) if answer)
    moved = list(given_answers)
    moved[place], moved[8] = moved[place] - 1, 1
    assert score(PHQ9, moved).score == score(PHQ9, given_answers).score
    assert (asks_about_safety(PHQ9, given_answers), asks_about_safety(PHQ9, moved)) == ("no", "yes")


@pytest.mark.parametrize("wrong", [[0] * 8, [0] * 10, [4, *[0] * 8], [-1, *[0] * 8], [True, *[0] * 8], ["1", *[0] * 8]])
def test_answers_that_cannot_be_are_refused(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match=r"items|answer"):
        score(PHQ9, wrong)


def test_the_short_forms_ask_the_first_two_questions() -> None:
    for short, whole in (("phq-2", "phq-9"), ("gad-2", "gad-7")):
        assert questionnaires()[short].items == questionnaires()[whole].items[:2]
        assert [score(questionnaires()[short], [1, more]).positive for more in (1, 2)] == [False, True]


def test_PHQ8_stands_in_for_PHQ9_while_nobody_can_respond() -> None:
    assert [each.slug for each in offered(somebody_can_respond=True)] == ["phq-2", "gad-2", "phq-9", "gad-7"]
    assert [each.slug for each in offered(somebody_can_respond=False)] == ["phq-2", "gad-2", "phq-8", "gad-7"]
    assert PHQ8.items == PHQ9.items[:8]
    assert asks_about_safety(PHQ8, [3] * 8) == "no"


def test_bands_cover_every_sum_once() -> None:
    for each in questionnaires().values():
        if each.bands:
            assert [total for band in each.bands for total in range(band.least, band.most + 1)] == list(range(each.highest + 1))
    assert len(answer_words()) == 4
    assert "Pfizer" in str(about_words()["licence"])


@pytest.mark.skipif(not SHARED.exists(), reason="the published score vectors are not on this machine")
def test_vectors_of_the_published_rules() -> None:
    rows = json.loads(SHARED.read_text())["vectors"]
    assert len(rows) > 50
    for row in rows:
        instrument = questionnaires()[row["id"]]
        if row.get("error") == "missing answer":
            assert not score(instrument, row["answers"]).is_complete
            continue
        if "error" in row:
            with pytest.raises(ValueError, match=r"items|answer"):
                score(instrument, row["answers"])
            continue
        found = score(instrument, row["answers"])
        assert (found.score, found.positive, found.band) == (row["score"], row["at_or_above_cutoff"], row["band"].replace(" ", "_")), row
        assert (asks_about_safety(instrument, row["answers"]) == "yes") is row["crisis_item"], row

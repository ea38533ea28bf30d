"""Reasons in words: every dimension that counted is there, nothing that was not asked about."""

import re
from dataclasses import replace

from hypothesis import given, settings

from matching.candidate import Candidate
from matching.explanation import FIT_WORDS, STYLE_WORDS, WORDS_OF_STATE, explain
from matching.ranking import Ranked, score
from matching.weights import DIMENSIONS, WEIGHTS
from matching.wishes import Wishes
from taxonomy.vocabulary import vocabulary
from tests.matching.cast import NOW
from tests.matching.markets import ACCESS, CONCERNS, INSURERS, LANGUAGES, MODALITIES, POPULATIONS, WORDS, candidates
from tests.matching.markets import wishes as all_wishes

V = vocabulary()
LABELS = {dimension.name: dimension.label for dimension in DIMENSIONS}
NEVER = ("vetted", "best", "perfect", "guaranteed", "expert", "%", "percent", "will work")


def text_of(wishes: Wishes, candidate: Candidate) -> str:
    service = candidate.services[0]
    ranked = Ranked(candidate, service, score(wishes, candidate, service, now=NOW, vocabulary=V))
    return " ".join(sentence for each in explain(ranked, wishes, vocabulary=V, labels=LABELS) for sentence in each.sentences)


def asked_words(wishes: Wishes) -> set[str]:
    words = {wishes.main_concern or "", *wishes.other_concerns}
    for wish in (*wishes.modalities, *wishes.languages, *wishes.access, *([wishes.modes] if wishes.modes else [])):
        words |= wish.any_of
    for identity in wishes.identity:
        words |= identity.any_of
    return words


@settings(max_examples=80)
@given(all_wishes, candidates())
def test_M33_nothing_that_was_not_asked_about_is_ever_said(wishes: Wishes, candidate: Candidate) -> None:
    text = text_of(wishes, candidate)
    asked = asked_words(wishes)
    labels = {slug: V.concerns[slug].label for slug in CONCERNS} | {slug: V.modalities[slug].label for slug in MODALITIES}
    labels |= {slug: V.languages[slug].label for slug in LANGUAGES}
    # A label inside the label of something that was asked for ("Trust" in "Trust and intimacy") proves nothing.
    said = " ".join(labels.get(slug, "") for slug in asked)
    for slug, label in labels.items():
        if slug not in asked and label not in said:
            assert label not in text, f"{slug} was not asked about"
    spoken = set(re.findall(r"[a-z]+(?: [a-z]+)?", text.lower())) | set(re.findall(r"[a-z]+", text.lower()))
    for word in {word for words in WORDS.values() for word in words} | {*POPULATIONS, *ACCESS, *INSURERS}:
        assert word in asked or word.replace("_", " ") not in spoken, f"{word} was not asked about"
    assert "Their fee" not in text or wishes.ceiling is not None
    if not any(value is not None and abs(value) >= 0.5 for _, value in wishes.style.items()):
        assert not any(words in text for words in STYLE_WORDS.values())
    assert not any(word in text.lower() for word in NEVER)


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_M32_every_dimension_that_counted_is_explained_with_its_contribution(wishes: Wishes, candidate: Candidate) -> None:
    service = candidate.services[0]
    ranked = Ranked(candidate, service, score(wishes, candidate, service, now=NOW, vocabulary=V))
    explained = explain(ranked, wishes, vocabulary=V, labels=LABELS)
    assert {each.dimension for each in explained} == {reason.dimension for reason in ranked.scored.reasons}
    assert abs(sum(each.contribution for each in explained) - ranked.scored.total) < 1e-9
    assert all(each.sentences and all(line.endswith(".") for line in each.sentences) for each in explained)
    assert [each.contribution for each in explained] == sorted((each.contribution for each in explained), reverse=True)
    assert all(each.state in WORDS_OF_STATE for each in explained)


def test_a_score_is_a_word_and_never_a_percentage() -> None:
    assert [WEIGHTS.word_of(score) for score in (1.0, 0.75, 0.74, 0.55, 0.5, 0.0)] == ["strong", "strong", "good", "good", "partial", "partial"]
    assert set(FIT_WORDS) == {word for word, _ in WEIGHTS.words}


@settings(max_examples=50)
@given(all_wishes, candidates())
def test_what_a_therapist_publishes_unasked_changes_no_word(wishes: Wishes, candidate: Candidate) -> None:
    unasked = replace(wishes, identity=())
    loud = replace(candidate, shares={"faith": frozenset({"christian"}), "gender": frozenset({"woman"})}, experienced={"population": frozenset({"deaf"})})
    assert text_of(unasked, loud) == text_of(unasked, replace(loud, shares={}, experienced={}))

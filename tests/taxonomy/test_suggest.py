"""Free text becomes suggestions that a person confirms; what is ambiguous is asked about."""

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.phrases import phrase_book
from taxonomy.suggest import LONGEST_TEXT, suggest
from taxonomy.vocabulary import vocabulary

V = vocabulary()
EFT = {"eft_couple", "emotion_focused", "eft_tapping"}


def slugs(text: str, kind: str | None = None, limit: int = 10) -> list[str]:
    return [item.slug for item in suggest(text, limit=limit).items if kind in (None, item.kind)]


@pytest.mark.parametrize("text", ["EFT", "eft", " Eft. ", "I heard EFT is good"])
def test_P03_the_bare_eft_is_asked_about_with_three_meanings(text: str) -> None:
    found = suggest(text)
    assert [set(each.meanings) for each in found.clarify] == [EFT]
    assert not EFT & {item.slug for item in found.items}


@pytest.mark.parametrize(("text", "meanings"), [("PCT", {"person_centred", "present_centred"}), ("sft", {"sfbt", "schema"})])
def test_P03_the_other_ambiguous_short_forms_are_asked_about(text: str, meanings: set[str]) -> None:
    found = suggest(text)
    assert found.items == ()
    assert [set(each.meanings) for each in found.clarify] == [meanings]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("EFT for couples", "eft_couple"),
        ("emotionally focused therapy (EFT)", "eft_couple"),
        ("individual EFT", "emotion_focused"),
        ("EFT tapping", "eft_tapping"),
        ("schema-focused therapy, SFT", "schema"),
    ],
)
def test_a_longer_phrase_settles_what_a_short_form_leaves_open(text: str, slug: str) -> None:
    found = suggest(text)
    assert found.clarify == ()
    assert [item.slug for item in found.items if item.kind == "modality"] == [slug]


def test_nothing_is_asked_about_when_modalities_are_not_wanted() -> None:
    assert suggest("EFT", kinds=("concern", "goal")).clarify == ()


def test_two_meanings_named_beside_the_short_form_leave_it_open() -> None:
    assert suggest("EFT: emotionally focused or tapping?").clarify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("generalised anxiety", "generalised_anxiety"),
        ("Generalized Anxiety Disorder", "generalised_anxiety"),
        ("social anxiety at parties", "social_anxiety"),
        ("I can't open up", "emotional_unavailability"),
        ("I can’t open up", "emotional_unavailability"),
        ("I cannot open up to people", "emotional_unavailability"),
        ("fear of intimacy", "emotional_unavailability"),
        ("my partner is emotionally unavailable", "emotional_unavailability"),
        ("avoidant attachment", "avoidant_attachment"),
        ("low mood", "depression"),
        ("LOW MOOD", "depression"),
        ("worry", "generalised_anxiety"),
        ("shyness", "social_anxiety"),
        ("C-PTSD", "complex_trauma"),
        ("he cheated on me", "infidelity"),
        ("can't name feelings", "alexithymia"),
        ("I do not want to live", "suicidality"),
        ("kill myself", "suicidality"),
        ("my mum died", "grief"),
        ("hearing voices", "psychosis"),
        ("my husband's affair", "infidelity"),
        ("dépression", "depression"),
    ],
)
def test_plain_words_find_their_concern(text: str, slug: str) -> None:
    assert slugs(text, "concern")[0] == slug


def test_the_longest_phrase_wins_over_what_is_inside_it() -> None:
    assert "anxiety" not in slugs("I have generalised anxiety")
    assert set(slugs("I have generalised anxiety and other anxiety", "concern")) == {"generalised_anxiety", "anxiety"}


@pytest.mark.parametrize(
    ("text", "slug"), [("CPT therapy", "cpt"), ("client-centred", "person_centred"), ("client-centered", "person_centred"), ("parts work", "ifs")]
)
def test_M26_an_alias_means_the_same_as_the_name(text: str, slug: str) -> None:
    assert slugs(text, "modality") == slugs(V.modalities[slug].label, "modality") == [slug]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("depresion", "depression"),
        ("anxeity", "anxiety"),
        ("painc attacks", "panic"),
        ("generalised anxeity", "generalised_anxiety"),
        ("pschosis", "psychosis"),
    ],
)
def test_typing_errors_are_put_right_and_score_lower(text: str, slug: str) -> None:
    found = suggest(text).items[0]
    assert found.slug == slug
    assert found.score < 1
    assert found.matched in text


@pytest.mark.parametrize("text", ["in addition to that", "every morning", "we created a garden", "I cancelled it", "mediation"])
def test_real_words_are_not_taken_for_typing_errors(text: str) -> None:
    assert not {"grief", "illness", "infidelity", "medication", "behaviour"} & set(slugs(text))


@pytest.mark.parametrize("text", ["I act on impulse now and then", "the cat sat", "a net result", "we met and sit together"])
def test_everyday_words_are_no_modalities(text: str) -> None:
    assert slugs(text, "modality") == []


def test_everyday_words_count_in_capitals_or_alone() -> None:
    assert slugs("I would like ACT or CAT", "modality") == ["act", "cat"]
    assert slugs("act", "modality") == ["act"]
    assert slugs("PLEASE HELP ME I WANT TO ACT NORMAL", "modality") == []


def test_generic_words_count_only_as_the_whole_text() -> None:
    assert slugs("both") == ["relationships_and_self"]
    assert "relationships_and_self" not in slugs("we both argue a lot")


def test_P35_medication_is_recognised_as_a_goal_that_is_a_different_service() -> None:
    assert slugs("I only want medication", "goal") == ["medication"]
    assert V.goals["medication"].different_service


@pytest.mark.parametrize("text", ["conversion therapy", "I want to change my sexual orientation", "pray the gay away"])
def test_P36_what_nobody_may_offer_is_never_suggested(text: str) -> None:
    found = suggest(text)
    assert [each.slug for each in found.not_offered] == ["conversion_practice"]
    assert "conversion_practice" not in [item.slug for item in found.items]


def test_languages_are_found_when_asked_for() -> None:
    for text, slug in (("BSL", "bfi"), ("Farsi", "fa"), ("Mandarin", "zh"), ("Español", "es"), ("gaeilge", "ga")):
        assert [item.slug for item in suggest(text, kinds=("language",)).items] == [slug]


def test_suggestions_come_in_order_and_within_the_limit() -> None:
    text = "depression, panic, grief, burnout, insomnia, perfectionism and gambling"
    found = suggest(text, limit=3).items
    assert len(found) == 3
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    assert suggest(text, limit=0).items == ()
    assert len(suggest(text, limit=20).items) == 7


def test_what_matched_is_the_text_as_written() -> None:
    text = "Since May: Panic-Attacks, again."
    assert suggest(text).items[0].matched == "Panic-Attacks"


@pytest.mark.parametrize("text", ["", " ", "!!!", "\n\n", "12345", "🙂", "你好", "xq zzv", "\ud800"])
def test_text_without_meaning_is_answered_with_nothing(text: str) -> None:
    found = suggest(text)
    assert (found.items, found.clarify, found.not_offered) == ((), (), ())


def worst_texts() -> list[str]:
    letters = random.Random(7)
    noise = " ".join("".join(letters.choices(string.ascii_lowercase, k=7)) for _ in range(1300))
    return [noise, "a " * 5_000, "x" * 10_000, "anxiety " * 1_300, "dont want to be " * 700, "depresion anxeity painc " * 450, "é" * 10_000]


@pytest.mark.parametrize("number", range(7))
def test_long_texts_take_bounded_time(number: int) -> None:
    text = worst_texts()[number]
    phrase_book(V)
    begun = time.perf_counter()
    suggest(text)
    assert time.perf_counter() - begun < 2.0


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    assert slugs("grief " + "a " * LONGEST_TEXT) == ["grief"]
    assert slugs("a " * LONGEST_TEXT + "grief") == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered_from_the_closed_vocabulary(text: str) -> None:
    found = suggest(text, limit=7)
    known = {"concern": V.concerns, "goal": V.goals, "modality": V.modalities}
    assert len(found.items) <= 7
    for item in found.items:
        assert item.slug in known[item.kind]
        assert 0 < item.score <= 1
        assert item.matched in text
    assert suggest(text, limit=7) == found


ALIASES = [(slug, alias) for slug, concern in V.concerns.items() for alias in (*concern.aliases, *concern.alone)]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ALIASES), st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text}!  "]))
def test_every_alias_alone_finds_its_concern_first(case: tuple[str, str], written: object) -> None:
    slug, alias = case
    found = suggest(written(alias), kinds=("concern",), limit=1).items  # type: ignore[operator]
    assert [(item.slug, item.score) for item in found] == [(slug, 1.0)]


def test_every_modality_is_found_by_each_of_its_own_aliases() -> None:
    asked = {meaning for each in V.ambiguities for meaning in each.meanings}
    for slug, modality in V.modalities.items():
        for alias in modality.aliases:
            found = suggest(alias, kinds=("modality",), limit=3)
            named = {item.slug for item in found.items} | {each.slug for each in found.not_offered} | {each for c in found.clarify for each in c.meanings}
            assert slug in named, (slug, alias)
    assert asked >= EFT

"""Different spellings of one word fold to the same; positions stay those of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.words import fold, phrase, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Can't", "cannot"),
        ("can’t", "can not"),
        ("don't", "do not"),
        ("behavior", "Behaviour"),
        ("generalized", "generalised"),
        ("desensitization", "desensitisation"),
        ("Person-Centered", "person centred"),
        ("Café", "cafe"),
        ("husband's", "husband"),
        ("counseling", "counselling"),
        ("I am", "I'm"),
        ("in_laws", "in-laws"),
    ],
)
def test_two_spellings_are_one_phrase(one: str, other: str) -> None:
    assert phrase(one) == phrase(other)


def test_words_that_look_alike_stay_apart() -> None:
    assert phrase("were") != phrase("where")
    assert phrase("act") != phrase("acts")


@given(st.text(max_size=200))
def test_every_word_is_where_it_says(text: str) -> None:
    end = 0
    for word in words_of(text):
        assert end <= word.start < word.end <= len(text)
        assert word.folded
        end = word.end


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_folding_is_stable(text: str) -> None:
    once = fold(text)
    assert phrase(once) == phrase(fold(once))

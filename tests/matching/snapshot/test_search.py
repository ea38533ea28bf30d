"""The columns against the specification: the same therapists, in the same order, with the same scores, on a thousand random markets."""

from dataclasses import replace
from math import isclose
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.eligibility import Attendee
from matching.candidate import Candidate
from matching.listing import Occasion, listing
from matching.snapshot.columns import CannotPack, Columns, columns_of
from matching.snapshot.postings import reach_at
from matching.snapshot.search import place_asked, search
from matching.wishes import Wishes
from taxonomy.vocabulary import vocabulary
from tests.matching.cast import NOW
from tests.matching.markets import NOW_SECONDS, markets
from tests.matching.markets import wishes as all_wishes

V = vocabulary()
SIGNED = replace(V, evidence_signed_by="a clinician")
ADULT = Attendee(None, place="GB-ENG", age_band="adult", paused=False)


def keyed(market: list[Candidate]) -> list[Candidate]:
    return [replace(each, key=str(UUID(int=each.therapist_id))) for each in market]


def packed(market: list[Candidate]) -> Columns:
    return columns_of(market, reach_at(NOW), base=NOW_SECONDS)


def occasion_of(wishes: Wishes, *, place: str = "GB-ENG", within_days: int | None = None, hidden: frozenset[int] = frozenset()) -> Occasion:
    return Occasion(wishes, (replace(ADULT, place=place),), NOW, "seed", within_days=within_days, hidden=hidden)


@settings(max_examples=50)
@given(
    st.lists(all_wishes, min_size=5, max_size=5),
    markets(8),
    st.sampled_from(["GB-ENG", "GB-ENG", "IE"]),
    st.sampled_from([None, None, 3, 7]),
    st.sampled_from([frozenset[int](), frozenset({2})]),
    st.booleans(),
)
def test_the_columns_equal_the_specification_to_1e9_and_in_order(
    five: list[Wishes], market: list[Candidate], place: str, within_days: int | None, hidden: frozenset[int], signed: bool
) -> None:
    """Fifty draws, each as four markets for five people."""
    words = SIGNED if signed else V
    drawn = keyed(market)
    for some in (drawn, drawn[::-1], drawn[::2], drawn[1:]):
        columns = packed(some)
        for wishes in five:
            occasion = occasion_of(wishes, place=place, within_days=within_days, hidden=hidden)
            whole = listing(occasion, some, vocabulary=words).ranked
            found = search(columns, occasion, most=20, vocabulary=words)
            assert list(found.keys) == [each.candidate.key for each in whole]
            assert found.fitting == len(whole)
            assert all(isclose(ours, each.scored.total, rel_tol=0, abs_tol=1e-9) for ours, each in zip(found.scores, whole, strict=True))
            for most in (1, 2):
                assert search(columns, occasion, most=most, vocabulary=words).keys == found.keys[:most]


@settings(max_examples=10)
@given(markets(3))
def test_an_opening_that_is_no_whole_minute_is_left_to_the_specification(market: list[Candidate]) -> None:
    odd = [replace(each, services=tuple(replace(service, openings=(NOW_SECONDS + 1,)) for service in each.services)) for each in keyed(market)]
    with pytest.raises(CannotPack):
        packed(odd)


def test_whoever_needs_more_than_a_look_at_columns_is_left_to_the_specification() -> None:
    plain = occasion_of(Wishes("individual", "Europe/London"))
    assert place_asked(plain) == "GB-ENG"
    for attendee in (replace(ADULT, paused=True), replace(ADULT, paused=None), replace(ADULT, age_band="age_13_17"), replace(ADULT, needs=frozenset({"x"}))):
        assert place_asked(replace(plain, attendees=(attendee,))) is None
    assert place_asked(replace(plain, attendees=(ADULT, replace(ADULT, place="IE")))) is None
    assert place_asked(replace(plain, attendees=())) is None
    assert place_asked(replace(plain, in_care={1})) is None

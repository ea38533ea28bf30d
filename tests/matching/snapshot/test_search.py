"""The columns against the specification: the same therapists, in the same order, with the same scores, on a thousand random markets."""

import math
from dataclasses import replace
from datetime import timedelta
from math import isclose
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.eligibility import Attendee
from matching.candidate import Candidate, OfferedService
from matching.listing import Occasion, listing
from matching.snapshot.columns import CannotPack, Columns, columns_from, columns_of
from matching.snapshot.columns import packed as pack
from matching.snapshot.joining import joined
from matching.snapshot.passing import as_of
from matching.snapshot.postings import reach_at
from matching.snapshot.search import Fitting, place_asked, search
from matching.wishes import Wishes, modality_credit
from taxonomy.vocabulary import vocabulary
from tests.matching.cast import NOW
from tests.matching.markets import NOW_SECONDS, markets
from tests.matching.markets import wishes as all_wishes
from therapists.standing_clock import turning_points

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
            told = listing(occasion, some, vocabulary=words)
            whole = told.ranked
            found = search(columns, occasion, most=20, vocabulary=words)
            assert list(found.keys) == [each.candidate.key for each in whole]
            assert found.fitting == len(whole)
            assert all(isclose(ours, each.scored.total, rel_tol=0, abs_tol=1e-9) for ours, each in zip(found.scores, whole, strict=True))
            for most in (1, 2):
                assert search(columns, occasion, most=most, vocabulary=words).keys == found.keys[:most]
            fitting = Fitting(columns, occasion, words)
            assert sorted(fitting.waiting()) == [each.key for each in told.waiting]
            for wish in wishes.modalities:
                assert fitting.offers(wish) == any(modality_credit(wish, each.candidate, wishes.unit, words) >= 1.0 for each in whole)


@settings(max_examples=25)
@given(all_wishes, markets(5), st.integers(0, 26 * 1440), st.integers(0, 59), st.sampled_from([0, 25, 1440]), st.sampled_from([7, 28]))
def test_columns_that_were_read_a_while_ago_are_told_as_of_now(
    wishes: Wishes, market: list[Candidate], minutes: int, seconds: int, lead: int, days: int
) -> None:
    """What the clock alone takes away: openings that are past or too soon, and what lies beyond the horizon of a later moment."""
    drawn = keyed(market)
    leads = {service.service_id: lead for each in drawn for service in each.services}
    now = NOW + timedelta(minutes=minutes, seconds=seconds)
    at = math.ceil(now.timestamp())
    columns = as_of(columns_from([pack(each, reach_at(NOW), leads=leads) for each in drawn], base=NOW_SECONDS), at, at + days * 86_400)

    def left(service: OfferedService) -> OfferedService:
        return replace(service, openings=tuple(each for each in service.openings if at + lead * 60 <= each < at + days * 86_400))

    remaining = [replace(each, services=tuple(left(service) for service in each.services)) for each in drawn]
    # Nothing about their registration changes before the first of the turning points.
    remaining = [each for each in remaining if not any(NOW < point <= now for point in turning_points(each.standing))]
    occasion = replace(occasion_of(wishes), now=now, hidden=frozenset(each.therapist_id for each in drawn) - {each.therapist_id for each in remaining})
    told, fitting = listing(occasion, remaining, vocabulary=V), Fitting(columns, occasion, V)
    assert [each.key for each in fitting.first(20)] == [each.candidate.key for each in told.ranked]
    assert sorted(fitting.waiting()) == [each.key for each in told.waiting]


@settings(max_examples=25)
@given(all_wishes, markets(6), markets(6), st.frozensets(st.integers(1, 6)), st.sampled_from([0, 1441, 6 * 1440]))
def test_columns_that_are_put_together_are_those_of_everybody_who_is_left(
    wishes: Wishes, market: list[Candidate], others: list[Candidate], changed: frozenset[int], minutes: int
) -> None:
    """Some of the older columns are gone, changed or not; the newer ones, read against another base, stand behind them."""
    older = keyed(market)
    newer = [each for each in keyed(others) if each.therapist_id in changed or each.therapist_id > len(older)]
    keep = np.array([each.therapist_id not in changed for each in older], dtype=np.bool_)
    base = NOW_SECONDS + minutes * 60
    columns = joined(packed(older), keep, columns_of(newer, reach_at(NOW), base=NOW_SECONDS - 120), base=base)
    everybody = [*(each for each, stays in zip(older, keep, strict=True) if stays), *newer]
    later = [
        replace(each, services=tuple(replace(service, openings=tuple(at for at in service.openings if at >= base)) for service in each.services))
        for each in everybody
    ]
    told, fitting = listing(occasion_of(wishes), later, vocabulary=V), Fitting(columns, occasion_of(wishes), V)
    assert [each.key for each in fitting.first(20)] == [each.candidate.key for each in told.ranked]
    assert all(isclose(best.score, each.scored.total, rel_tol=0, abs_tol=1e-9) for best, each in zip(fitting.first(20), told.ranked, strict=True))
    assert sorted(fitting.waiting()) == [each.key for each in told.waiting]


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

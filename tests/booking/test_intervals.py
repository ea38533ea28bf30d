"""Intervals: laws checked against plain sets of integers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.openings.intervals import clip, covers, is_empty, merge, overlap, subtract

intervals = st.lists(st.tuples(st.integers(-20, 40), st.integers(-20, 40)), max_size=8)


def members(pairs):
    return {n for low, high in pairs for n in range(low, high)}


def is_tidy(pairs):
    return all(low < high for low, high in pairs) and all(one[1] < two[0] for one, two in pairwise(pairs))


@given(intervals)
def test_merging_keeps_every_integer_and_leaves_no_two_that_touch(pairs):
    assert members(merge(pairs)) == members(pairs)
    assert is_tidy(merge(pairs))


@given(intervals, intervals)
def test_subtracting_leaves_exactly_what_the_other_does_not_hold(pairs, removed):
    left = subtract(pairs, removed)
    assert members(left) == members(pairs) - members(removed)
    assert is_tidy(left)


@given(intervals, st.tuples(st.integers(-20, 40), st.integers(-20, 40)))
def test_clipping_keeps_what_lies_within_the_bounds(pairs, bounds):
    assert members(clip(pairs, bounds)) == members(pairs) & members([bounds])
    assert is_tidy(clip(pairs, bounds))


@given(st.tuples(st.integers(0, 12), st.integers(0, 12)), st.tuples(st.integers(0, 12), st.integers(0, 12)))
def test_two_overlap_exactly_when_they_share_an_integer(one, other):
    assert overlap(one, other) == bool(members([one]) & members([other]))
    assert is_empty(one) == (not members([one]))


@given(intervals, st.tuples(st.integers(-20, 40), st.integers(-20, 40)))
def test_covered_means_that_nothing_of_it_is_missing(pairs, wanted):
    assert covers(pairs, wanted) == (members([wanted]) <= members(pairs))


def test_touching_is_not_overlapping_and_an_empty_one_blocks_nothing():
    assert not overlap((0, 10), (10, 20))
    assert not overlap((0, 10), (5, 5))
    assert subtract([(0, 10)], [(5, 5)]) == [(0, 10)]

"""The clock over columns: what was read a while ago, as of now. Pure."""

from dataclasses import replace

import numpy as np

from matching.snapshot.columns import MINUTE, Columns, Posting
from matching.snapshot.encoding import Ints


def as_of(columns: Columns, now: int, until: int) -> Columns:
    """Only the openings from `now` and each service's lead time on, and before `until` (whole UTC seconds, as the openings engine rounds them).

    Openings are whole minutes and so are lead times: the answer is the same for every `now` of one minute.
    """
    lead = np.array(columns.lead.values or (0,), dtype=np.int64).take(columns.lead.codes)
    earliest = -((columns.base - now) // MINUTE) + lead
    gone = below(columns, earliest)
    left = np.maximum(below(columns, np.full(len(lead), -((columns.base - until) // MINUTE))) - gone, 0)
    return replace(
        columns,
        opening_from=smallest_of(columns.opening_from.astype(np.int64) + gone),
        opening_count=smallest_of(left),
        postings={place: _later(posting, gone, left) for place, posting in columns.postings.items()},
    )


def _later(posting: Posting, gone: Ints, left: Ints) -> Posting:
    rows = posting.services.astype(np.intp)
    return Posting(posting.services, smallest_of(np.clip(posting.allowed.astype(np.int64) - gone.take(rows), 0, left.take(rows))))


def below(columns: Columns, minutes: Ints) -> Ints:
    """For each service, how many of its openings start before that minute after `base`: all services halve their ranges at once."""
    low, high = np.zeros(len(minutes), dtype=np.int64), columns.opening_count.astype(np.int64)
    if not len(columns.openings):
        return low
    begins = columns.opening_from.astype(np.int64)
    for _ in range(int(high.max(initial=0)).bit_length()):
        middle = (low + high) // 2
        earlier = columns.openings.take(begins + middle, mode="clip") < minutes
        undecided = low < high
        low, high = np.where(undecided & earlier, middle + 1, low), np.where(undecided & ~earlier, middle, high)
    return low


def smallest_of(values: Ints) -> Ints:
    """The same whole numbers, none of them negative, in the smallest type that holds them."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))

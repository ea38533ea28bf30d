"""One date of a series and all that follow: moved to another rhythm, or called off. What has begun stays."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.advance import claims_set_aside, client_ids_of, told_together
from booking.cancel import cancel_dates
from booking.expire import end_lapsed_of
from booking.lifecycle import State, step
from booking.models import Booking
from booking.openings.availability import Offer, offers_of
from booking.overlapped import end_overlapped_requests
from booking.place import Wanted
from booking.refusals import NotBookable, SameTime
from booking.reschedule import move_all_to, require_movable
from booking.series.book import SeriesConflicts, new_series, require_near, rhythm_of
from booking.series.dates import Asked, JudgedDate, judge, of_length
from booking.series.letters import shorten
from booking.series.lock import following, series_under_lock
from booking.series.models import Series
from booking.series.plan import Rhythm
from booking.series.preview import SeriesPreview, preview_of
from booking.series.reading import series_dates, series_named
from core.db import db
from core.errors import Invalid

MINUTE = timedelta(minutes=1)
# A series may reach beyond the booking window, and so may each of its dates.
BEYOND_WINDOW = frozenset({"too_far"})


@dataclass(frozen=True, slots=True)
class NewRhythm:
    """Where the first of the following dates goes, and how many weeks apart they are from then on (None: as before)."""

    start: datetime
    every_weeks: int | None = None


def cancel_following(public_id: uuid.UUID, booking_id: uuid.UUID, *, by: int, reason: str, now: datetime, note: str | None = None) -> Series:
    """The named date and all after it that are confirmed → cancelled, each on its own terms: one may be late, those after it are not.

    Refusals: NotFound, AlreadyStarted, BookingEnded or StepNotPossible when nothing is left to cancel.
    """
    series, dates = series_under_lock(public_id, person_id=by)
    rest = following(dates, booking_id, now=now)
    if not rest:
        step(next(each for each in dates if each.public_id == booking_id).stands, State.CANCELLED)
    with told_together():
        cancel_dates(rest, by=by, reason=reason, note=note, now=now)
    return series


def preview_move(public_id: uuid.UUID, booking_id: uuid.UUID, rhythm: NewRhythm, *, by: int, reader_zone: str, now: datetime) -> SeriesPreview:
    """What moving the following dates would give, with conflicts. Reads only. NotFound, AlreadyStarted, NotBookable."""
    series = series_named(public_id, person_id=by)
    rest = following(series_dates(series.id), booking_id, now=now)
    offer, planned, judged = _judged(series, rest, rhythm, now=now)
    return preview_of(offer, planned, judged, reader_zone=reader_zone, now=now)


def move_following(public_id: uuid.UUID, booking_id: uuid.UUID, rhythm: NewRhythm, *, by: int, now: datetime, reason: str | None = None) -> Series:
    """The named date and all after it go to a new rhythm and become a series of their own: all of them, or nothing changes.

    Each date may be moved as `reschedule` says (a client within the agreed terms, a therapist with a reason), and keeps its distance from the others: a week
    that was skipped stays skipped. Refusals: those of `reschedule`, and SeriesConflicts.
    """
    series, dates = series_under_lock(public_id, person_id=by)
    rest = following(dates, booking_id, now=now)
    if not rest:
        step(next(each for each in dates if each.public_id == booking_id).stands, State.CANCELLED)
    for booking in rest:
        require_movable(booking, by=by, reason=reason, now=now)
    if rest[0].starts_at == rhythm.start and rhythm.every_weeks in (None, series.every_weeks):
        raise SameTime
    clients = tuple(client_ids_of(rest[0]))
    end_lapsed_of([series.therapist_id, *clients], now=now)
    offer, planned, judged = _judged(series, rest, rhythm, now=now)
    if any(not date.can_be_booked for date in judged):
        raise SeriesConflicts(extra={"conflicts": [date.as_problem() for date in judged if not date.can_be_booked]})
    return _split(series, rest, offer, planned, judged, by=by, reason=reason, now=now)


def _judged(series: Series, rest: Sequence[Booking], rhythm: NewRhythm, *, now: datetime) -> tuple[Offer, Rhythm, list[JudgedDate]]:
    require_near(rhythm.start, now=now)
    offer = offers_of([series.service_id]).get(series.service_id)
    if offer is None or not rest:
        raise NotBookable
    offer = of_length(offer, (rest[0].ends_at - rest[0].starts_at) // MINUTE)
    planned = rhythm_of(offer, rhythm.start, rhythm.every_weeks or series.every_weeks)
    first = rest[0].series_position or 1
    positions = [(each.series_position or 1) - first + 1 for each in rest]
    within = {date.position: date for date in planned.dates()}
    if positions[-1] not in within:
        raise Invalid("The last of these dates would be too far ahead.", code="too_far", errors={"every_weeks": ["Fewer weeks apart."]})
    asked = Asked(offer, tuple(client_ids_of(rest[0])), now, ignoring=[each.id for each in rest], passes_over=BEYOND_WINDOW)
    return offer, planned, judge(asked, [within[position] for position in positions], enough=len(rest))


def _split(
    series: Series, rest: Sequence[Booking], offer: Offer, rhythm: Rhythm, judged: Sequence[JudgedDate], *, by: int, reason: str | None, now: datetime
) -> Series:
    minutes = offer.terms.minutes
    later = new_series(offer, rhythm, by=by, minutes=minutes, now=now, split_from=series.id)
    wanted = Wanted(offer, rest[0].starts_at, tuple(client_ids_of(rest[0])), minutes, by=by)
    with told_together():
        with claims_set_aside([booking.id for booking in rest]):
            moves = []
            for booking, date in zip(rest, judged, strict=True):
                assert date.start is not None
                booking.series_id, booking.series_position, booking.series_start = later.id, date.planned.position, date.start
                moves.append((booking, replace(wanted, start=date.start)))
            move_all_to(moves, by=by, reason=reason, now=now)
        end_overlapped_requests(*rest, now=now)
        shorten(series, by_move_of=rest[0])
    db.session.flush()
    return later

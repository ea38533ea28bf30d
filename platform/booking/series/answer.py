"""One answer for a series that was asked for: yes or no by its therapist, or taken back by its client."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from booking.advance import advance_all, client_ids_of, told_together
from booking.confirm import require_may_treat_still
from booking.decline import keep_apart
from booking.ending import end_all_waiting
from booking.lifecycle import State, step
from booking.models import Booking
from booking.overlapped import end_overlapped_requests
from booking.refusals import RequestExpired
from booking.series.lock import series_under_lock
from booking.series.models import Series
from care.relation import accept_care
from core.errors import Forbidden


def confirm_series(public_id: uuid.UUID, *, by: int, now: datetime) -> Series:
    """Every date that still waits → confirmed, all or none. Refusals are those of `confirm_request`."""
    series, waiting = _waiting(public_id, by=by, gives=True, target=State.CONFIRMED, now=now)
    with told_together():
        require_may_treat_still(waiting, client_ids_of(waiting[0]), now=now)
        advance_all(waiting, State.CONFIRMED, by=by, now=now)
        for client_id in client_ids_of(waiting[0]):
            accept_care(by, client_id, now=now)
        end_overlapped_requests(*waiting, now=now)
    return series


def decline_series(public_id: uuid.UUID, *, by: int, reason: str, now: datetime) -> Series:
    """Every date that still waits → declined, by the therapist. Refusals are those of `decline_request`."""
    series, waiting = _waiting(public_id, by=by, gives=True, target=State.DECLINED, now=now)
    _end(waiting, State.DECLINED, by=by, reason=reason, now=now)
    keep_apart(by, client_ids_of(waiting[0]), reason=reason, now=now)
    return series


def withdraw_series(public_id: uuid.UUID, *, by: int, now: datetime) -> Series:
    """Every date that still waits → withdrawn, by its client. Refusals are those of `withdraw_request`."""
    series, waiting = _waiting(public_id, by=by, gives=False, target=State.WITHDRAWN, now=now)
    _end(waiting, State.WITHDRAWN, by=by, reason=None, now=now)
    return series


def _waiting(public_id: uuid.UUID, *, by: int, gives: bool, target: State, now: datetime) -> tuple[Series, Sequence[Booking]]:
    series, dates = series_under_lock(public_id, person_id=by)
    if (series.therapist_id == by) is not gives:
        raise Forbidden
    waiting = [each for each in dates if each.stands is State.REQUESTED]
    if not waiting:
        step(dates[0].stands, target)
    if any(each.lapses_at is not None and each.lapses_at <= now for each in waiting):
        raise RequestExpired
    return series, waiting


def _end(waiting: Sequence[Booking], target: State, *, by: int, reason: str | None, now: datetime) -> None:
    with told_together():
        end_all_waiting(waiting, target, by=by, reason=reason, now=now)

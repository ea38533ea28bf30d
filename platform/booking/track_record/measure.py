"""Measuring once a night, for all: a list that a person asks for again on the same day reads the same record.

A request is answered in time when its therapist said yes or no before its clock ran out; what a clock ended counts against them, what others ended
does not count. An appointment is kept when it took place, or when only the client did not come; it is not kept when its therapist called it off or was
absent. A series is one request. Nothing older than half a year counts.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, delete, extract, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from booking.lifecycle import State
from booking.models import Booking, BookingEvent
from booking.silence import UNANSWERED
from booking.track_record.models import TrackRecord
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import periodic

WITHIN = timedelta(days=180)
# Below this many answers nothing is said about how long they usually take.
ENOUGH_ANSWERS = 5
USUALLY = 0.8


@periodic("17 2 * * *", "booking.measure_track_records")
def measure_track_records() -> None:
    """Replace every record by what is so now."""
    measure_all(now=now_of_transaction())


def measure_all(*, now: datetime) -> int:
    """How many therapists have a record."""
    asked, came = _answers(now - WITHIN).subquery(), _appointments(now - WITHIN).subquery()
    both = select(
        func.coalesce(asked.c.therapist_id, came.c.therapist_id),
        func.coalesce(asked.c.requests, 0),
        func.coalesce(asked.c.on_time, 0),
        func.coalesce(came.c.appointments, 0),
        func.coalesce(came.c.kept, 0),
        case((asked.c.on_time >= ENOUGH_ANSWERS, func.greatest(1, func.ceil(asked.c.usual_seconds / 3600)))),
        literal(now, type_=TrackRecord.measured_at.type),
    ).select_from(asked.join(came, asked.c.therapist_id == came.c.therapist_id, full=True))
    columns = ["therapist_id", "requests", "on_time", "appointments", "kept", "usual_answer_hours", "measured_at"]
    db.session.execute(delete(TrackRecord))
    db.session.execute(insert(TrackRecord).from_select(columns, both))
    return db.session.execute(select(func.count()).select_from(TrackRecord)).scalar_one()


def track_records_of(therapist_ids: Collection[int]) -> dict[int, TrackRecord]:
    """One query; whoever has none is missing."""
    wanted = select(TrackRecord).where(TrackRecord.therapist_id.in_(therapist_ids)).execution_options(populate_existing=True)
    return {record.therapist_id: record for record in db.session.scalars(wanted)} if therapist_ids else {}


def _answers(since: datetime) -> Select[int, int, int, float]:
    """By therapist: requests that ended by an answer or by silence, those answered, and the seconds within which four in five answers came."""
    asked, ended = aliased(BookingEvent), aliased(BookingEvent)
    answered = and_(ended.to_state.in_([State.CONFIRMED.value, State.DECLINED.value]), ended.actor_person_id == Booking.therapist_id)
    unanswered = and_(ended.to_state == State.EXPIRED.value, ended.reason == UNANSWERED)
    each = (
        select(
            Booking.therapist_id,
            func.coalesce(-Booking.series_id, Booking.id).label("request"),
            func.bool_or(answered).label("answered"),
            func.min(case((answered, extract("epoch", ended.at - asked.at)))).label("seconds"),
        )
        .join(ended, and_(ended.booking_id == Booking.id, ended.from_state == State.REQUESTED.value, ended.at >= since))
        .join(asked, and_(asked.booking_id == Booking.id, asked.to_state == State.REQUESTED.value))
        .where(or_(answered, unanswered))
        .group_by(Booking.therapist_id, "request")
        .subquery()
    )
    usual = func.percentile_disc(USUALLY).within_group(each.c.seconds)
    return select(
        each.c.therapist_id, func.count().label("requests"), func.count().filter(each.c.answered).label("on_time"), usual.label("usual_seconds")
    ).group_by(each.c.therapist_id)


def _appointments(since: datetime) -> Select[int, int, int]:
    kept = or_(Booking.state == State.COMPLETED.value, _no_show_of("client_absent"))
    called_off = and_(Booking.state == State.CANCELLED.value, Booking.ended_by == Booking.therapist_id)
    broken = or_(called_off, _no_show_of("therapist_absent"))
    wanted = select(Booking.therapist_id, func.count().label("appointments"), func.count().filter(kept).label("kept"))
    return wanted.where(Booking.changed_at >= since, or_(kept, broken)).group_by(Booking.therapist_id)


def _no_show_of(outcome: str) -> ColumnElement[bool]:
    return and_(Booking.state == State.NO_SHOW.value, Booking.outcome == outcome)

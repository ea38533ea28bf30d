"""What is told about several dates of a series at once: one letter each, with the whole series as one calendar object."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload, selectinload

from accounts.people import recipient_of
from booking.calendar.invitation import Party, Status, invitation, method_of
from booking.letters import CALENDAR_STATUS, MODES, client_names, series_appointment, what_happened
from booking.lifecycle import State
from booking.meeting import SERIES_PAGE
from booking.models import Booking, BookingEvent, BookingParticipant
from booking.series.entry import entry_of
from booking.series.invitation import series_invitation
from booking.series.models import Series
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job
from notices.letter import local_time
from notices.outbox import CalendarPart, Recipient, send

WITH_PEOPLE = (joinedload(Booking.therapist), joinedload(Booking.service), selectinload(Booking.participants).joinedload(BookingParticipant.person))
IN_CALENDARS = (State.REQUESTED.value, State.CONFIRMED.value, State.COMPLETED.value, State.NO_SHOW.value)


@job("booking.tell_series")
def tell_series(series_id: int, first: int, last: int) -> None:
    """Write to everybody about the step that the events from `first` to `last` of this series took."""
    step = db.session.execute(select(BookingEvent).where(BookingEvent.id == first)).scalar_one()
    about = (
        select(BookingEvent)
        .join(Booking, Booking.id == BookingEvent.booking_id)
        .where(
            Booking.series_id == series_id,
            BookingEvent.id.between(first, last),
            BookingEvent.from_state.is_not_distinct_from(step.from_state),
            BookingEvent.to_state == step.to_state,
        )
    )
    events = db.session.execute(about.order_by(BookingEvent.starts_at)).scalars().all()
    series = db.session.execute(select(Series).where(Series.id == series_id)).scalar_one()
    dates = dates_of_series(series_id)
    one = next(each for each in dates if each.id == step.booking_id)
    for participant in one.participants:
        _write(series, dates, events, participant.person_id, side="client", name=participant.person.name, title=participant.title)
    _write(series, dates, events, series.therapist_id, side="therapist", name=one.therapist.display_name, title=None)


def shorten(series: Series, *, by_move_of: Booking) -> None:
    """Later dates went to another series: enqueue the letters that take them out of calendars under this one's name."""
    rise = update(Series).where(Series.id == series.id).values(calendar_sequence=Series.calendar_sequence + 1).returning(Series.calendar_sequence)
    sequence = db.session.execute(rise.execution_options(synchronize_session=False)).scalar_one()
    latest = select(func.max(BookingEvent.id)).where(BookingEvent.booking_id == by_move_of.id)
    tell_shortened.enqueue(series_id=series.id, event_id=db.session.execute(latest).scalar_one(), sequence=sequence)


@job("booking.tell_shortened")
def tell_shortened(series_id: int, event_id: int, sequence: int) -> None:
    """The later dates of this series went to another one: take them out of everybody's calendar. `event_id` is the first of these moves."""
    event = db.session.execute(select(BookingEvent).where(BookingEvent.id == event_id)).scalar_one()
    series = db.session.execute(select(Series).where(Series.id == series_id)).scalar_one()
    moved = db.session.execute(select(Booking).where(Booking.id == event.booking_id).options(*WITH_PEOPLE)).scalar_one()
    dates = dates_of_series(series_id)
    readers = [(each.person_id, each.person.name, each.title, "client") for each in moved.participants]
    for person_id, name, title, side in [*readers, (series.therapist_id, moved.therapist.display_name, None, "therapist")]:
        recipient = recipient_of(person_id)
        if recipient is None:
            continue
        send(
            recipient,
            kind="series_shortened",
            template=f"booking/series_shortened_{side}",
            facts={"therapist": moved.therapist.display_name, "client": client_names(moved), "series_page": f"{SERIES_PAGE}/{series.public_id}"},
            once=f"series-shortened:{event_id}:{person_id}",
            now=now_of_transaction(),
            calendar=calendar_part(series, dates, reader=Party(recipient.address, name or ""), title=title, sequence=sequence, event=event),
            person_id=person_id,
        )


def dates_of_series(series_id: int) -> Sequence[Booking]:
    """Its bookings with their people, in the order of the rhythm."""
    wanted = select(Booking).where(Booking.series_id == series_id).order_by(Booking.series_position)
    return db.session.execute(wanted.options(*WITH_PEOPLE).execution_options(populate_existing=True)).scalars().all()


def calendar_part(series: Series, dates: Sequence[Booking], *, reader: Party, title: str | None, sequence: int, event: BookingEvent) -> CalendarPart:
    """The series as this reader's calendar is to show it now; a cancellation when nothing of it is left."""
    kept = {each.series_position: each for each in dates if each.series_position is not None and each.state in IN_CALENDARS}
    tentative = any(each.state == State.REQUESTED for each in kept.values())
    status: Status = "CANCELLED" if not kept else "TENTATIVE" if tentative else "CONFIRMED"
    shared = series_appointment(series, status=status, sequence=sequence, changed_at=event.at, reader=reader, title=title)
    return CalendarPart(method_of(status), series_invitation(entry_of(series, shared, kept)) if kept else invitation(shared))


def _write(series: Series, dates: Sequence[Booking], events: Sequence[BookingEvent], person_id: int, *, side: str, name: str | None, title: str | None) -> None:
    recipient, step = recipient_of(person_id), events[0]
    what = what_happened(step)
    if recipient is None:
        return
    part = calendar_part(series, dates, reader=Party(recipient.address, name or ""), title=title, sequence=step.sequence, event=step)
    send(
        recipient,
        kind=f"series_{what}",
        template=f"booking/series_{'ended' if CALENDAR_STATUS[State(step.to_state)] == 'CANCELLED' else what}_{side}",
        facts=_facts(series, dates, events, recipient),
        once=f"series-event:{step.id}:{person_id}",
        now=now_of_transaction(),
        calendar=part,
        person_id=person_id,
    )


def _facts(series: Series, dates: Sequence[Booking], events: Sequence[BookingEvent], recipient: Recipient) -> dict[str, Any]:
    one, step = dates[0], events[0]
    answer_by = max((each.lapses_at for each in dates if each.lapses_at is not None), default=None)
    return {
        "therapist": one.therapist.display_name,
        "client": client_names(one),
        "times": [local_time(event.starts_at, recipient.zone) for event in events if event.starts_at is not None],
        "minutes": series.minutes,
        "how": MODES.get(one.mode, ""),
        "what": step.to_state,
        "series_page": f"{SERIES_PAGE}/{series.public_id}",
        "region": series.zone,
        "by_therapist": step.actor_person_id == series.therapist_id,
        "answer_by": answer_by or step.at + timedelta(hours=one.therapist.answer_within_hours),
    }

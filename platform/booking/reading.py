"""Bookings as one person may see them: their own side, and nothing that the other side keeps to itself."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Person
from booking.actions import actions_for, reports_for
from booking.after.late_fee import late_fee_of, lost_sessions
from booking.after.outcome import may_contest
from booking.after.outcomes import contest_until
from booking.calendar.invitation import DEFAULT_TITLE, Status, calendar_file
from booking.calendar.organizer import organizer
from booking.calendar.own_seat import changed_for, has_left, seat_of, sequence_for
from booking.cancel import free_until
from booking.decline import NEUTRAL_SENTENCE
from booking.expire import HOLD_OVER
from booking.letters import CALENDAR_STATUS, appointment_of
from booking.lifecycle import State
from booking.meeting import how_to_meet
from booking.models import Booking, BookingParticipant, LateFee, gave_up_seat, has_public_id
from booking.openings.alternatives import Alternative, alternatives_to
from booking.paying.reading import ChargeShown, charges_beside, payments_beside
from booking.reschedule import move_until
from booking.series.models import Series
from core.db import db
from core.errors import Invalid, NotFound
from core.http import cursor_of, key_of
from core.money import Money
from core.zones import zone as zone_named
from payments.reading import PaymentBrief
from therapists.session_link import link_from

WITH_PEOPLE = (
    joinedload(Booking.therapist),
    joinedload(Booking.service),
    joinedload(Booking.series),
    joinedload(Booking.owed),
    *(
        selectinload(people).options(joinedload(BookingParticipant.person), joinedload(BookingParticipant.owed))
        for people in (Booking.participants, Booking.left)
    ),
)
MINUTE = timedelta(minutes=1)
# A client's own hold, or what the waitlist offers one, is nobody else's business, and one that came to nothing is no part of anybody's history.
OWN_HOLD = func.coalesce(Booking.held_for, "").in_(("booking", "offer"))
CAME_TO_NOTHING = and_(OWN_HOLD, or_(Booking.state == State.RELEASED.value, func.coalesce(Booking.end_reason, "") == HOLD_OVER))
# What was asked for by card, and how the charges of series stand, by booking.
_MoneyBeside: TypeAlias = tuple[Mapping[uuid.UUID, PaymentBrief], Mapping[uuid.UUID, ChargeShown], frozenset[uuid.UUID]]
Key: TypeAlias = Callable[[Booking], datetime | None]
UNANSWERED_SENTENCE = "This therapist did not answer in time, so your request has ended. You owe nothing."


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something by public id and name."""

    public_id: uuid.UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class BookedService:
    """What is booked, on the terms of the booking."""

    public_id: uuid.UUID
    kind: str
    unit: str
    mode: str
    minutes: int


@dataclass(frozen=True, slots=True)
class SeatOwed:
    """What one client of a group owes."""

    client: Named
    owed: LateFee


@dataclass(frozen=True, slots=True)
class BookingShown:
    """One booking for one reader. `actions` are the steps that this reader can take now; `message` is said to a client whose request came to nothing."""

    public_id: uuid.UUID
    role: str
    state: str
    therapist: Named
    clients: Sequence[Named]
    service: BookedService
    starts_at: datetime
    ends_at: datetime
    local_start: str
    zone: str
    fee: Money
    list_price: Money
    concession: str | None
    title: str
    created_at: datetime
    answer_by: datetime | None
    cancel_free_until: datetime
    cancelled_late: bool
    message: str | None
    reason: str | None
    note: str | None
    held_until: datetime | None
    held_for: str | None
    moves_left: int
    move_until: datetime
    late_fee: Money | None
    owed: LateFee | None
    seats_owed: Sequence[SeatOwed]
    outcome: str | None
    outcome_contested: bool
    contest_until: datetime | None
    coming: Sequence[uuid.UUID]
    series: Series | None
    actions: Sequence[str]
    reports: Sequence[str]
    meeting: str | None
    payment: PaymentBrief | None
    charge: ChargeShown | None
    alternatives: Sequence[Alternative] = field(default=())


@dataclass(frozen=True, slots=True)
class BookingsShown:
    """One page of bookings."""

    items: Sequence[BookingShown]
    next: str | None


def show(public_id: uuid.UUID, *, person_id: int, now: datetime, with_alternatives: bool = False) -> BookingShown:
    """The booking as this person sees it; NotFound when it is not theirs."""
    booking = _booking(public_id, person_id=person_id)
    reader = db.session.get_one(Person, person_id)
    alternatives: Sequence[Alternative] = ()
    if with_alternatives and person_id != booking.therapist_id and _state(booking, now) in {State.DECLINED, State.EXPIRED}:
        alternatives = alternatives_to(booking, client_id=person_id, now=now)
    return _shown(booking, reader, _money_beside([booking], person_id), now=now, alternatives=alternatives)


def client_bookings(person_id: int, *, past: bool, limit: int, cursor: str | None, now: datetime) -> BookingsShown:
    """What this person attends as a client: what is to come, the soonest first; or what is over, the latest first."""
    attends = or_(Booking.participants.any(BookingParticipant.person_id == person_id), gave_up_seat(person_id))
    return _page(attends, person_id, past=past, limit=limit, cursor=cursor, now=now)


def therapist_bookings(person_id: int, *, past: bool, limit: int, cursor: str | None, now: datetime) -> BookingsShown:
    """The same for what this person gives as a therapist; requests that wait for an answer are in `open_requests`."""
    answered = and_(Booking.therapist_id == person_id, Booking.state != State.REQUESTED.value, or_(Booking.state != State.HELD.value, ~OWN_HOLD))
    return _page(answered, person_id, past=past, limit=limit, cursor=cursor, now=now)


def open_requests(person_id: int, *, limit: int, cursor: str | None, now: datetime) -> BookingsShown:
    """Requests that wait for this therapist's answer, the one whose clock runs out first at the top."""
    waiting = [Booking.therapist_id == person_id, Booking.state == State.REQUESTED.value, Booking.lapses_at > now]
    if cursor is not None:
        at, last = key_of(cursor, str, int)
        waiting.append(_after(Booking.lapses_at, _instant(at), last, descending=False))
    wanted = select(Booking).where(*waiting).order_by(Booking.lapses_at, Booking.id).options(*WITH_PEOPLE).limit(limit + 1)
    found = db.session.execute(wanted).scalars().all()
    return _as_page(found, person_id, limit=limit, key=lambda booking: booking.lapses_at, now=now)


def dates_shown(series_id: int, *, person_id: int, now: datetime) -> Sequence[BookingShown]:
    """The dates of a series as one of its people sees them, in their order."""
    wanted = select(Booking).where(Booking.series_id == series_id).order_by(Booking.series_position).options(*WITH_PEOPLE)
    reader = db.session.get_one(Person, person_id)
    found = db.session.execute(wanted.execution_options(populate_existing=True)).scalars().all()
    money = _money_beside(found, person_id)
    return [_shown(booking, reader, money, now=now) for booking in found]


def invitation_file(public_id: uuid.UUID, *, person_id: int) -> bytes:
    """The booking as a calendar file for this person; NotFound when it is not theirs or was never more than a hold."""
    booking = _booking(public_id, person_id=person_id)
    seat = seat_of(booking, person_id)
    status: Status = "CANCELLED" if has_left(seat) else CALENDAR_STATUS.get(booking.stands, "CONFIRMED")
    if booking.stands in {State.HELD, State.RELEASED}:
        raise NotFound
    appointment = appointment_of(
        booking,
        status=status,
        sequence=sequence_for(booking, seat),
        changed_at=changed_for(booking, seat),
        reader=organizer(),  # a published file names no attendee
        title=_title(booking, person_id),
    )
    return calendar_file(appointment)


def _booking(public_id: uuid.UUID, *, person_id: int) -> Booking:
    theirs = or_(has_public_id(public_id, person_id=person_id), and_(Booking.public_id == public_id, gave_up_seat(person_id)))
    wanted = select(Booking).where(theirs).options(*WITH_PEOPLE).execution_options(populate_existing=True)
    booking = db.session.execute(wanted).scalar_one_or_none()
    if booking is None:
        raise NotFound
    return booking


def _money_beside(bookings: Sequence[Booking], reader_id: int) -> _MoneyBeside:
    return payments_beside(bookings, reader_id), charges_beside(bookings), lost_sessions(bookings)


def _page(whose: ColumnElement[bool], person_id: int, *, past: bool, limit: int, cursor: str | None, now: datetime) -> BookingsShown:
    over = or_(Booking.ends_at <= now, Booking.state.not_in([State.HELD.value, State.REQUESTED.value, State.CONFIRMED.value]), gave_up_seat(person_id))
    conditions = [whose, over if past else ~over, ~CAME_TO_NOTHING]
    if cursor is not None:
        at, last = key_of(cursor, str, int)
        conditions.append(_after(Booking.starts_at, _instant(at), last, descending=past))
    order = (Booking.starts_at.desc(), Booking.id.desc()) if past else (Booking.starts_at, Booking.id)
    found = db.session.execute(select(Booking).where(*conditions).order_by(*order).options(*WITH_PEOPLE).limit(limit + 1)).scalars().all()
    return _as_page(found, person_id, limit=limit, key=lambda booking: booking.starts_at, now=now)


def _as_page(found: Sequence[Booking], person_id: int, *, limit: int, key: Key, now: datetime) -> BookingsShown:
    reader = db.session.get_one(Person, person_id)
    money = _money_beside(found[:limit], person_id)
    shown = [_shown(booking, reader, money, now=now) for booking in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    at = key(last) if last is not None else None
    return BookingsShown(shown, cursor_of(at.isoformat(), last.id) if last is not None and at is not None else None)


def _after(column: Any, at: datetime, last: int, *, descending: bool) -> ColumnElement[bool]:
    key = tuple_(column, Booking.id)
    return key < (at, last) if descending else key > (at, last)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError(text)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error


def _shown(booking: Booking, reader: Person, money: _MoneyBeside, *, now: datetime, alternatives: Sequence[Alternative] = ()) -> BookingShown:
    gives, seat = reader.id == booking.therapist_id, seat_of(booking, reader.id)
    zone = booking.therapist.zone if gives else reader.zone
    state, (payments, charges, lost) = _state(booking, now), money
    charge = charges.get(booking.public_id)
    may_waive = gives and booking.public_id in lost
    shown = BookingShown(
        public_id=booking.public_id,
        role="therapist" if gives else "client",
        state=state.value,
        therapist=Named(booking.therapist.public_id, booking.therapist.display_name),
        # Nobody reads who else attends but the therapist.
        clients=[Named(each.person.public_id, each.person.name) for each in booking.participants if gives or each.person_id == reader.id],
        service=BookedService(booking.service.public_id, booking.kind, booking.unit, booking.mode, (booking.ends_at - booking.starts_at) // MINUTE),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        local_start=booking.starts_at.astimezone(zone_named(zone)).isoformat(),
        zone=zone,
        fee=booking.fee,
        list_price=booking.list_price,
        # What one of two said that they need is not the other's to read.
        concession=booking.concession if gives or booking.booked_by == reader.id else None,
        title=_title(booking, reader.id),
        created_at=(seat and seat.joined_at) or booking.created_at,
        answer_by=booking.lapses_at if state is State.REQUESTED else None,
        cancel_free_until=free_until(booking, seat),
        cancelled_late=booking.cancelled_late,
        message=None if gives else _message(booking, state),
        # A reason is a code for whoever gave it, and for the therapist; what is meant for the other side is the note.
        reason=booking.end_reason if gives or booking.ended_by == reader.id else None,
        note=booking.note_read_by(reader.id),
        held_until=booking.lapses_at if state is State.HELD else None,
        held_for=booking.held_for if state is State.HELD else None,
        moves_left=0 if booking.is_group else max(0, booking.moves_allowed - booking.moves_made),
        move_until=move_until(booking),
        late_fee=late_fee_of(booking),
        owed=seat.owed if seat is not None and booking.is_group else booking.owed,
        seats_owed=_seats_owed(booking) if gives else (),
        outcome=booking.outcome,
        outcome_contested=booking.contested_at is not None and booking.stands is State.CONFIRMED,
        contest_until=contest_until(booking.outcome_at) if may_contest(booking, reader.id, now=now) and booking.outcome_at else None,
        coming=[each.person.public_id for each in booking.participants if each.coming_to == booking.starts_at and (gives or each.person_id == reader.id)],
        series=booking.series,
        actions=[*actions_for(booking, state, reader.id, now=now), *_about_charge(charge, gives=gives), *(["waive_fee"] if may_waive else [])],
        reports=reports_for(booking, state, reader.id, now=now),
        meeting=_meeting(booking, gives=gives) if state is State.CONFIRMED else None,
        payment=payments.get(booking.public_id),
        charge=charge,
        alternatives=alternatives,
    )
    return _as_left(shown, seat) if seat is not None and has_left(seat) else shown


def _message(booking: Booking, state: State) -> str | None:
    """A sentence for the client about how it ended. A hold that is over has none: nobody was asked to answer it."""
    if state is State.EXPIRED and (booking.stands is State.HELD or booking.end_reason == HOLD_OVER):
        return None
    return {State.DECLINED: NEUTRAL_SENTENCE, State.EXPIRED: UNANSWERED_SENTENCE}.get(state)


def _about_charge(charge: ChargeShown | None, *, gives: bool) -> list[str]:
    if charge is None or not charge.is_due:
        return []
    return ["decide_unpaid"] if gives and charge.state == "unpaid" else [] if gives else ["pay"]


def _as_left(shown: BookingShown, seat: BookingParticipant) -> BookingShown:
    """To whoever gave up their seat in a group it is over, whatever becomes of the session."""
    return replace(
        shown,
        state=State.CANCELLED.value,
        clients=[Named(seat.person.public_id, seat.person.name)],
        cancelled_late=seat.left_late,
        message=None,
        reason=None,
        note=None,
        outcome=None,
        outcome_contested=False,
        contest_until=None,
        meeting=None,
        actions=[],
        reports=[],
    )


def _seats_owed(booking: Booking) -> Sequence[SeatOwed]:
    seats = sorted((*booking.participants, *booking.left), key=lambda each: each.id) if booking.is_group else ()
    return [SeatOwed(Named(each.person.public_id, each.person.name), each.owed) for each in seats if each.owed is not None]


def _meeting(booking: Booking, *, gives: bool) -> str | None:
    return how_to_meet(booking.mode, link_from=link_from(booking.service), gives=gives)


def _state(booking: Booking, now: datetime) -> State:
    """What has lapsed is over, also before the job that writes it down."""
    if booking.lapses_at is not None and booking.lapses_at <= now:
        return State.EXPIRED
    return booking.stands


def _title(booking: Booking, person_id: int) -> str:
    seat = seat_of(booking, person_id)
    return (seat and seat.title) or DEFAULT_TITLE

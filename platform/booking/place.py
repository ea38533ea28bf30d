"""The one write path: every request, instant booking, hold, proposal, offer and occurrence of a series is written here; `require_offered` also judges moves.

In this order: look without a lock and refuse at once what is plainly taken → lock the people, sorted → end what has lapsed of theirs → read every rule
anew → insert, where the database has the last word.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.advance import begin, lock_row
from booking.calendar.invitation import new_uid
from booking.expire import end_lapsed_of, watch_request
from booking.groups.seats import take_seat
from booking.groups.sessions import session_at
from booking.lifecycle import State, takes_time
from booking.models import Booking, BookingParticipant, Claim
from booking.open_limit import require_few_holds, require_room
from booking.openings.availability import Offer, instant_of, judge_starts, look_at, next_openings, offers_of, second_of
from booking.openings.diary import DiaryPage
from booking.openings.engine import Terms
from booking.openings.limits import reached_with
from booking.openings.schedule import zone_at
from booking.overlapped import end_overlapped_requests
from booking.paying.due import require_way_to_pay
from booking.refusals import GroupBookedAtOnce, GroupFull, OpeningTaken, clash_detail, is_clash, refuse_start
from care.capacity import require_places, reserve_places
from care.doors import require_may_treat_over
from care.own_booking import require_own_booking
from care.relation import begin_care
from core.db import lock_persons
from core.errors import NotFound
from core.http import as_text
from core.zones import tzdata_version, zone

# Held for somebody who has not chosen it: it takes the therapist's time only, until it is accepted.
FOR_SOMEBODY = frozenset({"proposal", "offer"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The session that somebody wants written. `by` does it (None: nobody, a clock); `title` is what the calendar of `by` shows, if they attend.

    `minutes` is the length of the session without buffers; `series` its series and its position there;
    `passes_over` names obstacles that are set aside (staff, for a `reason`), never a clash. `paid`: its money is with us.
    """

    offer: Offer
    start: datetime
    client_ids: tuple[int, ...]
    minutes: int
    by: int | None
    title: str | None = None
    origin: str = "directory"
    series: tuple[int, int] | None = None
    passes_over: frozenset[str] = frozenset()
    reason: str | None = None
    paid: bool = False

    @property
    def people(self) -> set[int]:
        return {self.offer.therapist_id, *self.client_ids}

    @property
    def session(self) -> tuple[int, int]:
        """From its start to its end, in UTC seconds."""
        return self._terms.session(second_of(self.start))

    @property
    def end(self) -> datetime:
        return instant_of(self.session[1])

    @property
    def block(self) -> tuple[datetime, datetime]:
        """What it takes of the therapist's time: buffers included."""
        low, high = self._terms.block(second_of(self.start))
        return instant_of(low), instant_of(high)

    @property
    def _terms(self) -> Terms:
        return self.offer.terms_for(self.minutes)


def place(
    wanted: Wanted,
    state: State,
    *,
    lapses_at: datetime | None,
    held_for: str | None = None,
    page: DiaryPage | None = None,
    now: datetime,
    ignoring: Collection[int] = (),
) -> Booking:
    """Write the booking in its first state; `lapses_at` is when a hold or a request ends by itself. The first look, and it alone, is into `page`.

    Refusals: NotFound (the service cannot be booked any more), OpeningTaken with the next openings, NotAnOpening with the rule as its code, LimitReached,
    `somebody_helps` and what else `care.own_booking` is connected to ask, `may_not_treat`, `paused`, `not_accepting`, `too_many_open`, `too_many_holds`,
    `payee_not_ready`, and PaymentNeeded for a client who books what is paid by card without having held it; for a group GroupFull and GroupBookedAtOnce.
    """
    judged = wanted if held_for not in FOR_SOMEBODY else replace(wanted, client_ids=())
    _refuse_taken(judged, now=now, ignoring=ignoring, page=page)
    if lock_persons(*wanted.people):
        # Of many who waited here for one time all but the first are too late: each is told so before it reads and holds up more.
        _refuse_taken(judged, now=now, ignoring=ignoring)
    end_lapsed_of(wanted.people, now=now)
    fresh = offers_of([wanted.offer.service_id]).get(wanted.offer.service_id)
    if fresh is None:
        raise NotFound
    return place_under_locks(replace(wanted, offer=fresh.of_length(wanted.minutes)), state, lapses_at=lapses_at, held_for=held_for, now=now, ignoring=ignoring)


def place_under_locks(
    wanted: Wanted, state: State, *, lapses_at: datetime | None, held_for: str | None = None, now: datetime, ignoring: Collection[int] = ()
) -> Booking:
    """The same for a caller who holds the locks of everybody in it, has ended what had lapsed of theirs, and has read the offer since."""
    require_offered(wanted, now=now, ignoring=ignoring, clients_asked=held_for not in FOR_SOMEBODY)
    require_room_for(wanted, state, now=now)
    if wanted.by in wanted.client_ids and not wanted.paid:
        require_way_to_pay(wanted.offer, held=state is State.HELD)
    session = session_at(wanted.offer, wanted.start) if wanted.offer.seats is not None else None
    if session is not None:
        return _join(wanted, state, session.booking_id, now=now)
    booking = write_judged(wanted, state, lapses_at=lapses_at, held_for=held_for, now=now)
    if state is not State.HELD:
        settle(booking, wanted, now=now)
    elif lapses_at is not None and wanted.by != wanted.offer.therapist_id:
        reserve_places(booking.therapist_id, wanted.client_ids, until=lapses_at)
    return booking


def write_judged(wanted: Wanted, state: State, *, lapses_at: datetime | None, held_for: str | None = None, now: datetime) -> Booking:
    """Only the writing, for a caller who asked every rule under the locks that they still hold, and who sees to what follows (`settle`).

    OpeningTaken is the database's own last word. GroupBookedAtOnce for a group that is not booked at once by each client.
    """
    return write_all_judged([wanted], state, lapses_at=lapses_at, held_for=held_for, now=now)[0]


def write_all_judged(all_wanted: Sequence[Wanted], state: State, *, lapses_at: datetime | None, held_for: str | None = None, now: datetime) -> list[Booking]:
    """The same for several that one person wants together, all or none, in as many statements as for one."""
    first = all_wanted[0]
    _require_at_once(first, state)
    first_of_group = first.client_ids[0] if first.offer.seats is not None else None
    begun = [(_booking(each, state, held_for, lapses_at=lapses_at, now=now), _claims(each, state, held_for, lapses_at)) for each in all_wanted]
    try:
        return begin(begun, by=first.by, reason=first.reason, passed_over=first.passes_over, person_id=first_of_group, now=now)
    except OpeningTaken as refusal:
        raise _taken(first, now=now) from refusal


def _join(wanted: Wanted, state: State, booking_id: int, *, now: datetime) -> Booking:
    """The session of this group runs already, and has seats left: its client takes one of them."""
    _require_at_once(wanted, state)
    (client_id,), booking = wanted.client_ids, lock_row(booking_id)
    try:
        take_seat(booking, client_id, title=wanted.title if client_id == wanted.by else None, by=wanted.by, passed_over=wanted.passes_over, now=now)
    except OpeningTaken as refusal:
        raise _taken(wanted, now=now) from refusal
    settle(booking, wanted, now=now)
    return booking


def _require_at_once(wanted: Wanted, state: State) -> None:
    if wanted.offer.seats is not None and (state is not State.CONFIRMED or wanted.series is not None):
        raise GroupBookedAtOnce


def require_offered(wanted: Wanted, *, now: datetime, ignoring: Collection[int] = (), clients_asked: bool = True) -> None:
    """Every rule, for a caller who holds the locks: time, then whether a person has to help first, whether the therapist may treat these people, and whether
    there is a place for the new ones.

    The bookings `ignoring` (ids) count as if they were not there: the row being moved, a hold being confirmed. The own time of clients who were not asked
    yet says nothing. A therapist who books for a client of theirs needs no place for them.
    """
    require_all_offered([wanted], now=now, ignoring=ignoring, clients_asked=clients_asked)


def require_all_offered(all_wanted: Sequence[Wanted], *, now: datetime, ignoring: Collection[int] = (), clients_asked: bool = True) -> None:
    """The same for several of one offer and the same people, in as many statements as for one; each that comes before counts for those after it."""
    first, offer = all_wanted[0], all_wanted[0].offer
    client_ids = first.client_ids if clients_asked else ()
    asked = [(replace(offer, terms=offer.terms_for(each.minutes)), each.start) for each in all_wanted]
    judged, chosen = judge_starts(asked, client_ids=client_ids, now=now, ignoring=ignoring), list[tuple[int, int]]()
    for wanted, obstacles in zip(all_wanted, judged.obstacles, strict=True):
        _refuse_clash(wanted, obstacles, now=now)
        over = reached_with(judged.tallies, chosen, second_of(wanted.start), wanted.minutes)
        if standing := [obstacle for obstacle in dict.fromkeys([*obstacles, *over]) if obstacle not in wanted.passes_over]:
            refuse_start(standing)
        chosen.append(wanted.session)
    require_own_booking(offer.therapist_id, first.client_ids, by=first.by, unit=offer.unit, now=now)
    starts = [each.start for each in all_wanted]
    require_may_treat_over(offer.therapist_id, first.client_ids, starts, kind=offer.kind, unit=offer.unit, mode=offer.mode, now=now)
    if first.by != offer.therapist_id:
        require_places(offer.therapist_id, first.client_ids)


def settle(booking: Booking, wanted: Wanted, *, now: datetime) -> None:
    """What follows from a request or a confirmed booking: the relations of care, the clocks of a request, the end of requests that waited for the time."""
    accepted = booking.stands is State.CONFIRMED
    begin_care(booking.therapist_id, wanted.client_ids, unit=booking.unit, origin=wanted.origin, accepted=accepted, now=now)
    if accepted:
        end_overlapped_requests(booking, now=now)
    else:
        watch_request(booking, now=now)


def wall_clock(wanted: Wanted) -> str:
    """What the therapist's wall clock is meant to read at the start."""
    return wanted.start.astimezone(zone(zone_of(wanted))).strftime("%Y-%m-%dT%H:%M")


def zone_of(wanted: Wanted) -> str:
    """The zone of that wall clock: where the schedule lies on that date."""
    return zone_at(wanted.offer.schedule, second_of(wanted.start))


def require_room_for(wanted: Wanted, state: State, *, now: datetime) -> None:
    """Only what a client asks for themselves is counted."""
    if wanted.by not in wanted.client_ids:
        return
    if state is State.HELD:
        require_few_holds(wanted.by, now=now)
        state = State.CONFIRMED if wanted.offer.is_instant else State.REQUESTED
    require_room(wanted.by, kind=wanted.offer.kind, state=state, now=now)


Following = Callable[[], list[datetime]]


def _refuse_taken(wanted: Wanted, *, now: datetime, ignoring: Collection[int], page: DiaryPage | None = None) -> None:
    """One look at what is plainly taken, and out of the same reading at what could be booked instead."""
    look = look_at(wanted.offer, wanted.start, client_ids=wanted.client_ids, now=now, minutes=wanted.minutes, ignoring=ignoring, page=page)
    _refuse_clash(wanted, look.obstacles, now=now, following=look.following)


def _refuse_clash(wanted: Wanted, obstacles: Collection[str], *, now: datetime, following: Following | None = None) -> None:
    if not is_clash(obstacles):
        return
    if "client_busy" not in obstacles and wanted.offer.seats is not None:
        session = session_at(wanted.offer, wanted.start)
        if session is not None and session.seats_left(wanted.offer) == 0:
            raise _taken(wanted, now=now, kind=GroupFull, following=following)
    raise _taken(wanted, detail=clash_detail(obstacles, is_own=wanted.by in wanted.client_ids), now=now, following=following)


def _taken(
    wanted: Wanted, *, now: datetime, detail: str | None = None, kind: type[OpeningTaken] = OpeningTaken, following: Following | None = None
) -> OpeningTaken:
    client_id = wanted.client_ids[0] if wanted.client_ids else None
    found = following() if following else next_openings(wanted.offer, wanted.start, client_id=client_id, now=now)
    return kind(detail, extra={"openings": [as_text(opening) for opening in found]})


def _booking(wanted: Wanted, state: State, held_for: str | None, *, lapses_at: datetime | None, now: datetime) -> Booking:
    offer = wanted.offer
    return Booking(
        public_id=uuid.uuid4(),
        therapist_id=offer.therapist_id,
        service_id=offer.service_id,
        state=state.value,
        starts_at=wanted.start,
        ends_at=wanted.end,
        wall_start=wall_clock(wanted),
        zone=zone_of(wanted),
        tzdata=tzdata_version(),
        kind=offer.kind,
        unit=offer.unit,
        mode=offer.mode,
        fee_amount=offer.fee_amount,
        gift_amount=0,
        fee_currency=offer.fee_currency,
        collects=offer.collects,
        origin=wanted.origin,
        cancel_free_hours=offer.cancel_free_hours,
        late_fee_percent=offer.late_fee_percent,
        moves_allowed=offer.moves_allowed,
        move_until_hours=offer.move_until_hours,
        calendar_uid=new_uid(),
        calendar_sequence=0,
        booked_by=wanted.by if wanted.by is not None else wanted.client_ids[0],
        created_at=now,
        changed_at=now,
        confirmed_at=now if state is State.CONFIRMED else None,
        lapses_at=lapses_at,
        held_for=held_for,
        series_id=wanted.series[0] if wanted.series else None,
        series_position=wanted.series[1] if wanted.series else None,
        series_start=wanted.start if wanted.series else None,
        participants=[_participant(client_id, wanted) for client_id in wanted.client_ids],
    )


def _participant(client_id: int, wanted: Wanted) -> BookingParticipant:
    participant = BookingParticipant(public_id=uuid.uuid4(), person_id=client_id)
    participant.title = wanted.title if client_id == wanted.by else None
    return participant


def _claims(wanted: Wanted, state: State, held_for: str | None, lapses_at: datetime | None) -> list[Claim]:
    blocks = takes_time(state, requests_block=wanted.offer.request_blocks)
    block_from, block_to = wanted.block
    therapist = Claim(role="therapist", person_id=wanted.offer.therapist_id, blocks_from=block_from, blocks_to=block_to, blocks=blocks, lapses_at=lapses_at)
    clients = [
        Claim(
            role="client",
            person_id=client_id,
            blocks_from=wanted.start,
            blocks_to=wanted.end,
            blocks=blocks and held_for not in FOR_SOMEBODY,
            lapses_at=lapses_at,
        )
        for client_id in wanted.client_ids
    ]
    return [therapist, *clients]

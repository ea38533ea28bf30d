"""From one opening to one booking: a request to the therapist, or a confirmed booking where the service says so.

The write path, in this order: look without a lock and refuse at once what is plainly taken → lock the people, sorted → end what has lapsed of theirs →
read every rule anew → insert, where the database has the last word.
"""

import uuid
from datetime import datetime, timedelta

from booking.advance import begin
from booking.availability import Offer, instant_of, next_openings, obstacles_to, offer_named, second_of
from booking.expire import chase, end_lapsed_of, expire
from booking.expiry import chase_due_at, request_expires_at
from booking.invitation import new_uid
from booking.lifecycle import State, takes_time
from booking.models import Booking, BookingParticipant, Claim
from booking.open_limit import require_room
from booking.overlapped import end_overlapped_requests
from booking.refusals import OpeningTaken, clash_detail, is_clash, refuse_start
from care.capacity import require_place
from care.doors import require_may_treat
from care.relation import accept_care, request_care
from core.db import lock_persons
from core.errors import NotFound
from core.http import as_text
from core.zones import tzdata_version, zone


def request_booking(client_id: int, service_id: uuid.UUID, start: datetime, *, now: datetime, title: str | None = None, origin: str = "directory") -> Booking:
    """Book the opening of the service at `start` for this client; `title` is what their own calendar will show, `origin` how they found the therapist.

    Refusals: NotFound (no such service, or not bookable), OpeningTaken with the next openings, NotAnOpening with the rule as its code,
    `may_not_treat`, `paused`, `not_accepting`, `too_many_open`. A free consultation and an unpaid session go the same way.
    """
    offer = _offer(service_id)
    obstacles = obstacles_to(offer, start, client_ids=[client_id], now=now)
    if is_clash(obstacles):
        raise _taken(offer, start, client_id, detail=clash_detail(obstacles), now=now)
    lock_persons(offer.therapist_id, client_id)
    end_lapsed_of([offer.therapist_id, client_id], now=now)
    offer = _offer(service_id)
    _require_offered(offer, start, client_id, now=now)
    try:
        booking = begin(*_booking(offer, start, client_id, title=title, now=now), by=client_id, now=now)
    except OpeningTaken as refusal:
        raise _taken(offer, start, client_id, now=now) from refusal
    _settle(booking, offer, client_id, origin=origin, now=now)
    return booking


def _offer(service_id: uuid.UUID) -> Offer:
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    return offer


def _require_offered(offer: Offer, start: datetime, client_id: int, *, now: datetime) -> None:
    """Every rule, under the locks: time, then whether the therapist may treat this person, then whether there is a place for somebody new."""
    obstacles = obstacles_to(offer, start, client_ids=[client_id], now=now)
    if is_clash(obstacles):
        raise _taken(offer, start, client_id, detail=clash_detail(obstacles), now=now)
    if obstacles:
        refuse_start(obstacles)
    require_may_treat(offer.therapist_id, [client_id], kind=offer.kind, unit=offer.unit, mode=offer.mode, at=start, now=now)
    require_place(offer.therapist_id, client_id)
    require_room(client_id, kind=offer.kind, state=_first_state(offer), now=now)


def _taken(offer: Offer, start: datetime, client_id: int, *, now: datetime, detail: str | None = None) -> OpeningTaken:
    following = next_openings(offer, start, client_id=client_id, now=now)
    return OpeningTaken(detail, extra={"openings": [as_text(opening) for opening in following]})


def _booking(offer: Offer, start: datetime, client_id: int, *, title: str | None, now: datetime) -> tuple[Booking, list[Claim]]:
    second = second_of(start)
    state = _first_state(offer)
    lapses_at = None if offer.is_instant else request_expires_at(now, start, promise=offer.answer_within)
    participant = BookingParticipant(public_id=uuid.uuid4(), person_id=client_id)
    participant.title = title
    booking = Booking(
        public_id=uuid.uuid4(),
        therapist_id=offer.therapist_id,
        service_id=offer.service_id,
        state=state.value,
        starts_at=start,
        ends_at=instant_of(offer.terms.session(second)[1]),
        wall_start=start.astimezone(zone(offer.schedule.zone)).strftime("%Y-%m-%dT%H:%M"),
        zone=offer.schedule.zone,
        tzdata=tzdata_version(),
        kind=offer.kind,
        unit=offer.unit,
        mode=offer.mode,
        fee_amount=offer.fee_amount,
        fee_currency=offer.fee_currency,
        cancel_free_hours=offer.cancel_free_hours,
        calendar_uid=new_uid(),
        calendar_sequence=0,
        booked_by=client_id,
        created_at=now,
        changed_at=now,
        lapses_at=lapses_at,
        participants=[participant],
    )
    blocks = takes_time(state, requests_block=offer.request_blocks)
    block_from, block_to = offer.terms.block(second)
    claims = [
        Claim(role="therapist", person_id=offer.therapist_id, blocks_from=instant_of(block_from), blocks_to=instant_of(block_to)),
        Claim(role="client", person_id=client_id, blocks_from=booking.starts_at, blocks_to=booking.ends_at),
    ]
    for claim in claims:
        claim.blocks, claim.lapses_at = blocks, lapses_at
    return booking, claims


def _first_state(offer: Offer) -> State:
    return State.CONFIRMED if offer.is_instant else State.REQUESTED


def _settle(booking: Booking, offer: Offer, client_id: int, *, origin: str, now: datetime) -> None:
    """What follows from it: the relation of care, the clocks of a request, and the end of requests that waited for the same time."""
    request_care(offer.therapist_id, client_id, unit=offer.unit, origin=origin, now=now)
    if booking.lapses_at is None:
        accept_care(offer.therapist_id, client_id, now=now)
        end_overlapped_requests(booking, now=now)
        return
    expire.enqueue_at(booking.lapses_at + timedelta(seconds=1), booking_id=booking.id)
    chase.enqueue_at(chase_due_at(now, booking.lapses_at), booking_id=booking.id)

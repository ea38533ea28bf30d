"""Openings out of a kept diary and out of a fresh reading are the same, whatever happened in between, who committed first, and whatever the clock says."""

import random
import re
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle, pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, select, text, update

from booking.cancel import cancel_booking
from booking.confirm import confirm_request
from booking.hold import confirm_own_hold, hold_opening, release_hold
from booking.models import Booking
from booking.openings import diary as diaries
from booking.openings.availability import NEXT_WITHIN, Offer, look_at, offer_named
from booking.openings.diary import MOST_INTERVALS, OFFER_WEIGHS, Diaries, Diary, DiaryPage, page_at_hand, page_of, read_page
from booking.openings.shown import shown_openings
from booking.outside.models import OutsideCalendar, OutsideInterval
from booking.request import request_booking
from booking.reschedule import reschedule
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import DomainError, NotFound
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist, utc
from therapists.changes import changes_since
from therapists.models import Service, Therapist
from therapists.schedule_models import HoursOverride, ScheduleZoneChange, ServiceLength, TherapistLimits, TherapistSchedule, TimeOff, WorkingHours

DAYS = timedelta(days=31)
MONDAY = utc("2026-11-23T00:00")
Json = dict[str, Any]


class World:
    """A therapist with a plain, a limited and a group service, all committed; a guest and a client who ask."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self.app, self.clock = app, clock
        clock.instant = utc("2026-11-22T15:00")
        self.offsets = cycle(range(12))
        with self.committing():
            therapist = a_therapist()
            therapist.units = ["individual", "group"]
            self.therapist_id = therapist.person_id
            limited = a_service(therapist, step_minutes=30, buffer_after=10, day_sessions=4, client_week_sessions=2)
            services = (a_service(therapist), limited, a_consultation(therapist), a_service(therapist, unit="group", seats=2))
            self.services = [service.public_id for service in services]
            self.clients = [a_client(name=name).person_id for name in ("Ada Reed", "Ben Frost", "Cy Lane")]

    @contextmanager
    def committing(self) -> Iterator[None]:
        with self.app.app_context(), transaction():
            yield

    def kept(self, service: uuid.UUID, client_id: int | None) -> tuple[DiaryPage | None, Json]:
        """As a reader's request does it, and whether it found everything at hand."""
        start, end = self.clock.now(), self.clock.now() + DAYS
        with self.app.app_context(), transaction(read_only=True):
            page = page_at_hand(service, start, end, client_id=client_id)
            try:
                return page, shown_openings(service, start, end, page=page, zone_name=None, client_id=client_id, now=now())
            except NotFound:
                return page, {}

    def fresh(self, service: uuid.UUID, client_id: int | None) -> Json:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(diaries, "_diaries", Diaries)  # none is kept
            patched.setattr(DiaryPage, "facts", lambda *_, **__: None)  # and everything is read again
            return self.kept(service, client_id)[1]

    def both_ways(self) -> list[Json]:
        """What each reader is shown of each service, the same both ways; asked twice, the second time everything is at hand."""
        found = []
        for service in self.services:
            for client_id in (None, self.clients[0]):
                fresh = self.fresh(service, client_id)
                assert self.kept(service, client_id)[1] == fresh
                page, again = self.kept(service, client_id)
                assert again == fresh
                assert (page is not None) == bool(fresh)
                found.append(fresh)
            self.looks_agree(service)
        return found

    def looks_agree(self, service: uuid.UUID) -> None:
        """The first look of somebody who books, and what they would be offered instead: every sixth hour of two days, another half hour later each time."""
        client_id = self.clients[0]
        with self.app.app_context(), transaction(read_only=True):
            if (offer := offer_named(service)) is None:
                return
            for half_hours in range(next(self.offsets), 96, 12):
                start = MONDAY + timedelta(minutes=30 * half_hours)
                begins = max(start, now())
                page = page_of(service, start, begins + NEXT_WITHIN, client_id=client_id, now=now())
                looks = [look_at(offer, start, client_ids=[client_id], now=now(), page=each) for each in (page, None)]
                assert looks[0].obstacles == looks[1].obstacles
                assert looks[0].following() == looks[1].following()

    def offer(self, at: int = 0) -> Offer:
        found = offer_named(self.services[at])
        assert found is not None
        return found

    def first_free(self, at: int = 0) -> Any:
        start = now()
        items = shown_openings(self.services[at], start, start + DAYS, zone_name="UTC", client_id=None, now=start)["items"]
        if not items:
            raise NotFound
        return utc(items[0]["start"][:16])

    def last(self, *states: str) -> uuid.UUID:
        wanted = select(Booking.public_id).where(Booking.state.in_(states)).order_by(Booking.id.desc()).limit(1)
        if (found := db.session.scalars(wanted).first()) is None:
            raise NotFound
        return found

    def set(self, at: int = 0, **facts: Any) -> None:
        db.session.execute(update(Service).where(Service.public_id == self.services[at]).values(**facts))

    def set_therapist(self, **facts: Any) -> None:
        db.session.execute(update(Therapist).where(Therapist.person_id == self.therapist_id).values(**facts))

    def ask(self, wanted: Any) -> Any:
        with self.committing():
            return db.session.scalar(wanted)

    @property
    def schedule_id(self) -> int:
        return db.session.scalars(select(TherapistSchedule.id).where(TherapistSchedule.therapist_id == self.therapist_id, TherapistSchedule.is_default)).one()


def hold(world: World) -> None:
    hold_opening(world.clients[1], world.services[0], world.first_free(), now=now())


def own_hold(world: World) -> None:
    """Time that is the reader's own, and of the therapist."""
    hold_opening(world.clients[0], world.services[0], world.first_free(), now=now())


def confirm_held(world: World) -> None:
    confirm_own_hold(world.last("held"), by=world.clients[1], now=now())


def release_held(world: World) -> None:
    release_hold(world.last("held"), by=world.clients[1], now=now())


def book(world: World) -> None:
    request_booking(world.clients[1], world.services[0], world.first_free(), now=now())


def cancel(world: World) -> None:
    cancel_booking(world.last("confirmed"), by=world.clients[1], reason="other", now=now())


def move(world: World) -> None:
    reschedule(world.last("confirmed"), world.first_free() + timedelta(days=1), by=world.clients[1], seen=None, reason="time", now=now())


def book_limited(world: World) -> None:
    """One of the reader's two sessions a week, and one of four a day."""
    request_booking(world.clients[0], world.services[1], world.first_free(1), now=now())


def ask(world: World) -> None:
    request_booking(world.clients[2], world.services[2], world.first_free(2), now=now())


def confirm_asked(world: World) -> None:
    confirm_request(world.last("requested"), by=world.therapist_id, now=now())


def take_seat(world: World) -> None:
    request_booking(world.clients[1], world.services[3], world.first_free(3), now=now())


def take_last_seat(world: World) -> None:
    session = db.session.scalars(select(Booking.starts_at).join(Service).where(Service.public_id == world.services[3]).order_by(Booking.id.desc())).first()
    assert session is not None
    request_booking(world.clients[2], world.services[3], session, now=now())


def busy_outside(world: World) -> None:
    calendar = OutsideCalendar(
        public_id=uuid.uuid4(),
        therapist_id=world.therapist_id,
        tentative_blocks=True,
        created_at=now(),
        due_at=now() + timedelta(days=90),
        tried_at=now(),
        good_at=now(),
        read_as="",
        read_until=now(),
        skipped={},
    )
    calendar.address = "https://calendar.example/own.ics"
    db.session.add(calendar)
    db.session.flush()
    start = world.first_free()
    db.session.add(OutsideInterval(calendar_id=calendar.id, therapist_id=world.therapist_id, starts_at=start, ends_at=start + timedelta(hours=2)))


def busy_elsewhere(world: World) -> None:
    db.session.execute(text("UPDATE outside_busy SET ends_at = ends_at + interval '2 days'"))


def busy_no_more(world: World) -> None:
    db.session.execute(delete(OutsideInterval))


def limits(world: World) -> None:
    db.session.merge(TherapistLimits(therapist_id=world.therapist_id, day_sessions=3, week_minutes=600, week_start=0, count_requests=True))


def requests_do_not_count(world: World) -> None:
    db.session.execute(update(TherapistLimits).values(day_sessions=1, count_requests=False))


def hours_cut(world: World) -> None:
    db.session.execute(delete(WorkingHours).where(WorkingHours.schedule_id == world.schedule_id, WorkingHours.weekday == 4))


def hours_added(world: World) -> None:
    db.session.add(WorkingHours(schedule_id=world.schedule_id, weekday=5, from_minute=600, to_minute=840))


def another_date(world: World) -> None:
    db.session.add(HoursOverride(schedule_id=world.schedule_id, day=MONDAY.date() + timedelta(days=2), from_minute=1080, to_minute=1320))


def travel(world: World) -> None:
    db.session.add(ScheduleZoneChange(schedule_id=world.schedule_id, day=MONDAY.date() + timedelta(days=9), zone="America/New_York"))


def away(world: World) -> None:
    first = MONDAY.date() + timedelta(days=1)
    db.session.add(TimeOff(therapist_id=world.therapist_id, first_day=first, last_day=first, from_minute=0, to_minute=1440, created_at=now()))


def back(world: World) -> None:
    db.session.execute(delete(TimeOff))


def holidays(world: World) -> None:
    db.session.execute(update(TherapistSchedule).where(TherapistSchedule.id == world.schedule_id).values(holiday_country="US"))


def own_schedule(world: World) -> None:
    schedule = TherapistSchedule(therapist_id=world.therapist_id, name="Evenings", is_default=False)
    schedule.hours = [WorkingHours(weekday=day, from_minute=1080, to_minute=1260) for day in range(7)]
    db.session.add(schedule)
    db.session.flush()
    world.set(schedule_id=schedule.id)


def longer(world: World) -> None:
    service = db.session.scalars(select(Service).where(Service.public_id == world.services[0])).one()
    db.session.add(ServiceLength(service_id=service.id, minutes=90, fee_amount=9000))


CHANGES: tuple[tuple[Callable[[World], None], ...], ...] = (
    (hold,),
    (own_hold,),
    (hold, confirm_held),
    (hold, release_held),
    (book, cancel),
    (book, move),
    (book_limited,),
    (book_limited, book_limited),
    (ask,),
    (ask, confirm_asked),
    (take_seat, take_last_seat),
    (busy_outside, busy_elsewhere, busy_no_more),
    (limits, requests_do_not_count),
    (hours_cut,),
    (hours_added,),
    (another_date,),
    (travel,),
    (away, back),
    (holidays,),
    (own_schedule,),
    (lambda world: world.set(lead_minutes=24 * 60), lambda world: world.set(lead_minutes=0)),
    (lambda world: world.set(window_days=5), lambda world: world.set(window_days=60)),
    (lambda world: world.set(minutes=80, step_minutes=120, align="hour"), lambda world: world.set(minutes=50, step_minutes=60, align="window")),
    (lambda world: world.set(buffer_before=15), lambda world: world.set(buffer_before=0)),
    (lambda world: world.set(1, day_sessions=1), lambda world: world.set(1, week_minutes=100)),
    (lambda world: world.set(active=False), lambda world: world.set(active=True)),
    (lambda world: world.set(3, seats=3),),
    (lambda world: world.set_therapist(held_at=now(), held_reason="complaint"), lambda world: world.set_therapist(held_at=None, held_reason=None)),
    (lambda world: world.set_therapist(published_at=None), lambda world: world.set_therapist(published_at=now())),
    (lambda world: world.set_therapist(leaves_at=now() + timedelta(days=20)),),
)


@pytest.fixture
def world(committed_app: Flask, clock: FixedClock) -> World:
    return World(committed_app, clock)


@pytest.mark.parametrize("seed", [1])
def test_a_kept_diary_says_what_a_fresh_reading_says_after_every_change_in_any_order(world: World, seed: int) -> None:
    seen, refused, order = [world.both_ways()], list[Any](), random.Random(seed).sample(CHANGES, len(CHANGES))
    for change in order:
        for step in change:
            try:
                with world.committing():
                    step(world)
            except DomainError:
                refused.append(change)  # not possible after what came before; it was rolled back
                break
            seen.append(world.both_ways())
    assert len(refused) <= 3
    assert sum(before != after for before, after in pairwise(seen)) > len(CHANGES), "most changes are seen"
    # The clock alone: the last microsecond of a hold and its end, the end of requests, lead times, midnights, and further than a diary reaches.
    with world.committing():
        hold(world)
    lapses_at = world.ask(select(Booking.lapses_at).where(Booking.state == "held").order_by(Booking.id.desc()).limit(1))
    for at in (lapses_at - timedelta(microseconds=1), lapses_at):
        world.clock.instant = at
        seen.append(world.both_ways())
    assert seen[-1] != seen[-2], "it lapses at that very moment"
    for duration in ({"hours": 9}, {"hours": 41}, {"days": 8}, {"days": 70}, {"days": -75}):
        world.clock.advance(**duration)
        seen.append(world.both_ways())


def test_other_lengths_are_noted(world: World) -> None:
    world.both_ways()
    with world.committing():
        longer(world)
    with world.app.app_context(), transaction(read_only=True):
        assert page_at_hand(world.services[0], now(), now() + DAYS, client_id=None) is None


def test_every_table_that_a_diary_is_read_from_notes_whom_a_statement_touches(world: World) -> None:
    """But people's own rows, which are read for each answer."""
    read: set[str] = set()
    with world.committing():
        limits(world)

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        read.update(re.findall(r"(?:FROM|JOIN) (\w+)", statement))

    with world.app.app_context(), transaction(read_only=True):
        event.listen(db.engine, "before_cursor_execute", note)
        assert read_page(world.services[0], now(), now() + DAYS, client_id=None, now=now()) is not None
        event.remove(db.engine, "before_cursor_execute", note)
        tables = {name for name in read if name in db.metadata.tables} - {"candidate_changes"}
        assert {"claims", "bookings", "outside_busy", "service_lengths", "time_off", "schedule_zone_changes"} <= tables
        found = db.session.execute(text("SELECT CAST(CAST(tgrelid AS regclass) AS text), tgtype & 28 FROM pg_trigger WHERE tgname LIKE '%_notes_candidate'"))
        noted: dict[str, int] = {}
        for table, what in found:
            noted[table] = noted.get(table, 0) | what
    assert {table for table in tables if noted.get(table) != 4 | 8 | 16} == set(), "each insert, delete and update"


def test_whoever_commits_late_is_seen_and_what_is_rolled_back_is_not(world: World) -> None:
    change = text("UPDATE services SET minutes = :minutes WHERE public_id = :id")
    before = world.both_ways()
    with world.app.app_context(), db.engine.connect() as early, db.engine.connect() as late:
        early.execute(change, {"minutes": 30, "id": world.services[0]})
        late.execute(change, {"minutes": 40, "id": world.services[1]})
        assert world.both_ways() == before, "read while both are open"
        late.commit()
        between = world.both_ways()
        assert between != before
        early.commit()
        assert world.both_ways() != between
        early.execute(change, {"minutes": 25, "id": world.services[0]})
        early.rollback()
    after = world.both_ways()
    with pytest.raises(RuntimeError, match="changed their mind"), world.committing():
        hold(world)
        start, end = now(), now() + DAYS
        for _ in range(2):
            assert page_at_hand(world.services[0], start, end, client_id=None) is None, "a transaction that touched somebody reads, and keeps nothing"
            read_page(world.services[0], start, end, client_id=None, now=now())
        raise RuntimeError("changed their mind")
    assert world.both_ways() == after


def test_a_transaction_that_writes_after_it_read_is_among_what_its_own_reading_could_not_see(world: World) -> None:
    """It has a number before it reads (an idempotency key, a cart), and others with later numbers are over by then."""
    change = text("UPDATE services SET minutes = 30 WHERE public_id = :id")
    with world.committing():
        db.session.execute(text("SELECT pg_current_xact_id()"))
        looked = changes_since(None)
        with db.engine.begin() as other:
            other.execute(text("SELECT pg_current_xact_id()"))
        again = changes_since(looked.seen)
        assert read_page(world.services[0], now(), now() + DAYS, client_id=None, now=now()) is not None
        db.session.execute(change, {"id": world.services[0]})
    with world.app.app_context(), transaction(read_only=True):
        assert page_at_hand(world.services[0], now(), now() + DAYS, client_id=None) is None
        for each in (looked, again):
            assert world.therapist_id in changes_since(each.seen).therapist_ids
    world.both_ways()


def test_what_a_process_keeps_is_bounded() -> None:
    """By what the diaries hold together; those that were not asked for the longest go first, and one that is too large is not kept."""
    kept, names = Diaries(), [uuid.uuid4() for _ in range(30)]
    tracemalloc.start()
    for name in names:
        kept.keep(name, a_diary(MOST_INTERVALS // 10 - OFFER_WEIGHS))
        assert kept.of(names[0]) is not None, "asked for again and again"
        assert kept.weight <= MOST_INTERVALS
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 200 * MOST_INTERVALS, f"{taken / MOST_INTERVALS} bytes for each interval"
    assert [name for name in names if kept.of(name)] == [names[0], *names[-9:]]
    kept.keep(names[0], a_diary(MOST_INTERVALS))
    assert kept.of(names[0]) is None
    for name in names:
        kept.forget(name)
    assert kept.weight == 0


def a_diary(intervals: int) -> Diary:
    taken = tuple((2_000_000_000 + 3600 * at, 2_000_000_000 + 3600 * at + 3000) for at in range(intervals))
    return Diary(None, MONDAY, MONDAY + DAYS, taken, (), (), "", time.time())  # type: ignore[arg-type]  # what is booked does not matter here

"""Whatever people and clocks do, in whatever order: nobody is in two places, and claims say what the states say. On the real database."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text

from booking.advance import lock_booking
from booking.after.outcome import report_outcome, settle_booking
from booking.cancel import cancel_booking
from booking.confirm import confirm_request
from booking.decline import decline_request
from booking.expire import expire_booking
from booking.hold import confirm_own_hold, hold_opening, release_hold
from booking.models import Booking
from booking.request import request_booking
from booking.reschedule import reschedule
from booking.withdraw import withdraw_request
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import DomainError
from tests.booking.conftest import overlaps
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist, utc

DAY = utc("2026-11-26T09:00")
slots = st.integers(0, 9)
people, services, which = st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)
# A claim of every person; that of the therapist of the buffered service is ten minutes longer at its end.
WRONG = text("""
    SELECT count(*) FROM bookings b JOIN services s ON s.id = b.service_id JOIN claims c ON c.booking_id = b.id
    WHERE c.blocks <> (b.state IN ('held', 'confirmed') OR (b.state = 'requested' AND s.request_blocks))
       OR c.lapses_at IS DISTINCT FROM b.lapses_at
       OR c.blocks_from <> b.starts_at
       OR c.blocks_to <> b.ends_at + CASE c.role WHEN 'therapist' THEN s.buffer_after ELSE 0 END * interval '1 minute'
""")
UNPAIRED = text("SELECT count(*) FROM bookings b WHERE (SELECT count(*) FROM claims c WHERE c.booking_id = b.id) <> 2")
MOST_HOLDS = text("""SELECT max(n) FROM (SELECT count(*) AS n FROM bookings WHERE state = 'held' AND lapses_at > :now GROUP BY booked_by) AS counted""")


class Practising(RuleBasedStateMachine):
    """One therapist, three services (at once; on request; on request without keeping its time), three clients, ten starts that overlap."""

    clock: FixedClock
    met: ClassVar[set[str]] = set()  # states and refusals, over all examples

    @initialize()
    def open_the_practice(self) -> None:
        self.clock.instant = utc("2026-11-22T15:00")
        self.undo = db.engine.begin_nested()  # the test's one connection
        with transaction():
            therapist = a_therapist()
            made = (
                a_service(therapist, step_minutes=30, buffer_after=10),
                a_consultation(therapist, minutes=20),
                a_consultation(therapist, minutes=20, request_blocks=False),
            )
            self.services = [service.public_id for service in made]
            self.therapist = therapist.person_id
            self.clients = [a_client(name=name).person_id for name in ("Sam", "Kim", "Toni")]
        self.made: list[tuple[uuid.UUID, int, int]] = []

    def teardown(self) -> None:
        db.session.rollback()
        self.undo.rollback()

    def attempt(self, act: Callable[[], Booking]) -> None:
        """A refusal of ours is an answer; anything else is a fault."""
        try:
            with transaction():
                booking = act()
                row = (booking.public_id, booking.id, booking.booked_by)
        except DomainError as refusal:
            self.met.add(refusal.code)
            return
        self.met.add(booking.state)
        if row not in self.made:
            self.made.append(row)

    def one(self, number: int) -> tuple[uuid.UUID, int, int] | None:
        """Mostly one of the latest: the others are over."""
        return self.made[-1 - number % len(self.made)] if self.made else None

    @rule(who=people, what=services, slot=slots)
    def book(self, who: int, what: int, slot: int) -> None:
        start = DAY + slot * timedelta(minutes=30)
        self.attempt(lambda: request_booking(self.clients[who], self.services[what], start, now=now()))

    @rule(who=people, what=services, slot=slots)
    def hold(self, who: int, what: int, slot: int) -> None:
        start = DAY + slot * timedelta(minutes=30)
        self.attempt(lambda: hold_opening(self.clients[who], self.services[what], start, now=now()))

    @rule(number=which, keep=st.booleans())
    def end_a_hold(self, number: int, keep: bool) -> None:
        if chosen := self.one(number):
            act = confirm_own_hold if keep else release_hold
            self.attempt(lambda: act(chosen[0], by=chosen[2], now=now()))

    @rule(number=which, step=st.sampled_from(["withdraw", "cancel"]))
    def client_steps(self, number: int, step: str) -> None:
        if chosen := self.one(number):
            name, _, client = chosen
            acts = {
                "withdraw": lambda: withdraw_request(name, by=client, now=now()),
                "cancel": lambda: cancel_booking(name, by=client, reason="time", now=now()),
            }
            self.attempt(acts[step])

    @rule(number=which, step=st.sampled_from(["confirm", "decline", "cancel", "report"]))
    def therapist_steps(self, number: int, step: str) -> None:
        if chosen := self.one(number):
            name = chosen[0]
            acts = {
                "confirm": lambda: confirm_request(name, by=self.therapist, now=now()),
                "decline": lambda: decline_request(name, by=self.therapist, reason="time", now=now()),
                "cancel": lambda: cancel_booking(name, by=self.therapist, reason="time", now=now()),
                "report": lambda: report_outcome(name, "client_absent", by=self.therapist, now=now()),
            }
            self.attempt(acts[step])

    @rule(number=which, slot=slots, by_client=st.booleans())
    def move(self, number: int, slot: int, by_client: bool) -> None:
        if chosen := self.one(number):
            start, by = DAY + slot * timedelta(minutes=30), chosen[2] if by_client else self.therapist
            self.attempt(lambda: reschedule(chosen[0], start, by=by, reason="time", now=now()))

    @rule(minutes=st.sampled_from([1, 9, 10, 10, 60, 600, 5000]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def clocks_run(self) -> None:
        with transaction():
            for booking_id in db.session.scalars(select(Booking.id).where(Booking.state.in_(["held", "requested", "confirmed"]))).all():
                booking = lock_booking(booking_id)
                if not expire_booking(booking, now=now()):
                    settle_booking(booking, now=now())

    @invariant()
    def nobody_is_in_two_places_and_claims_say_what_the_states_say(self) -> None:
        if not hasattr(self, "made"):
            return
        with transaction():
            assert overlaps() == 0
            assert db.session.execute(WRONG).scalar_one() == 0
            assert db.session.execute(UNPAIRED).scalar_one() == 0
            assert (db.session.execute(MOST_HOLDS, {"now": now()}).scalar_one() or 0) <= 3


@pytest.mark.usefixtures("database")
def test_no_order_of_steps_and_clocks_puts_anybody_in_two_places(clock: FixedClock) -> None:
    Practising.clock = clock
    few = settings(max_examples=25, stateful_step_count=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Practising, settings=few)
    assert {"held", "requested", "confirmed", "cancelled", "released", "taken", "hold_expired"} <= Practising.met, "too little was tried"

"""A model of everybody who disturbs a payment, in any order: after each step I3, I4 and I5 hold, in the end I2 (BAR-P1)."""

import os
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.payment_sandbox.cards import CARDS
from tests.money import LONG, PARTS, size
from tests.money.money_world import Hold, MoneyWorld, money_world

MOST_HOLDS = 3
FAULTS = ("500", "429", "409", "500_kept", "unreached", "lost")


class MoneyMachine(RuleBasedStateMachine):
    """`app` is set by `machine_of`."""

    app: Flask

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.world: MoneyWorld = self._open.enter_context(money_world(self.app))
        self.holds: list[Hold] = [self.world.hold()]

    def one(self, number: int) -> Hold:
        return self.holds[number % len(self.holds)]

    @precondition(lambda self: len(self.holds) < MOST_HOLDS)
    @rule(amount=st.sampled_from([(9000, "GBP"), (12000, "EUR"), (5000, "JPY")]))
    def hold(self, amount: tuple[int, str]) -> None:
        self.holds.append(self.world.hold(*amount))

    @rule(which=st.integers(0, 2))
    def checkout(self, which: int) -> None:
        self.world.checkout(self.one(which))

    @rule(which=st.integers(0, 2), card=st.sampled_from(sorted(CARDS)), approve=st.sampled_from([True, False, None]))
    def pay(self, which: int, card: str, approve: bool | None) -> None:
        if self.world.session_of(self.one(which)) is None:
            self.world.checkout(self.one(which))
        self.world.pay(self.one(which), card, approve=approve)

    @precondition(lambda self: len(self.holds) < MOST_HOLDS)
    @rule(which=st.integers(0, 2), dropped=st.booleans())
    def charge_kept_card(self, which: int, dropped: bool) -> None:
        earlier = self.one(which)
        if earlier.state == "held":
            self.world.checkout(earlier)
            self.world.pay(earlier)
            self.world.come_back(earlier)
        made = self.world.charge(earlier, dropped_on_its_way=dropped)
        if made is not None:
            self.holds.append(made)

    @rule(approved=st.booleans())
    def answer_bank(self, approved: bool) -> None:
        self.world.answer_bank(approved=approved)

    @rule(which=st.integers(0, 2))
    def come_back(self, which: int) -> None:
        self.world.come_back(self.one(which))

    @rule(which=st.integers(0, 2))
    def rival(self, which: int) -> None:
        self.world.rival(self.one(which))

    @rule(which=st.integers(0, 2))
    def release(self, which: int) -> None:
        self.world.release(self.one(which))

    @rule(which=st.integers(0, 2), amount=st.integers(1, 12000))
    def refund(self, which: int, amount: int) -> None:
        self.world.refund(self.one(which), amount)

    @rule(amount=st.none() | st.integers(1, 9000))
    def refund_by_hand(self, amount: int | None) -> None:
        self.world.refund_by_hand(amount)

    @rule()
    def dispute(self) -> None:
        self.world.dispute()

    @rule(won=st.booleans())
    def decide_dispute(self, won: bool) -> None:
        for dispute in [each for each in self.world.sandbox.world.each("dispute") if each["status"] == "needs_response"]:
            self.world.sandbox.close_dispute(dispute["id"], won=won)

    @rule(becomes=st.sampled_from(["succeeded", "failed"]))
    def decide_refund(self, becomes: str) -> None:
        for refund in [each for each in self.world.sandbox.world.each("refund") if each["status"] == "pending"]:
            self.world.sandbox.refund_becomes(refund["id"], becomes)

    @rule(knobs=st.fixed_dictionaries({"duplicate": st.sampled_from([0.0, 0.5]), "drop": st.sampled_from([0.0, 0.3, 1.0]), "reorder": st.booleans()}))
    def disturb_webhooks(self, knobs: dict[str, Any]) -> None:
        self.world.sandbox.set_webhooks(**knobs, delay=60)

    @rule(how=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def fault(self, how: str, times: int) -> None:
        self.world.sandbox.faults.add(how, times=times)

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        self.world.sandbox.set(paused=paused)

    @rule(seconds=st.sampled_from([0, 90]))
    def let_payments_take(self, seconds: int) -> None:
        self.world.sandbox.set(processing_seconds=seconds)

    @rule()
    def deliver(self) -> None:
        self.world.deliver()

    @rule()
    def work(self) -> None:
        self.world.work()

    @rule(minutes=st.sampled_from([1, 1, 5, 12, 37]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)
        with self.world.sandbox.world.step():
            pass

    @rule()
    def poll(self) -> None:
        self.world.poll()

    @invariant()
    def holds_good(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        try:
            self.world.settle_and_check()
        finally:
            self._open.close()


@pytest.mark.parametrize("part", PARTS)
def test_P1_whatever_happens_every_cent_is_a_booking_a_refund_or_a_case(app: Flask, part: int) -> None:
    machine = type("Machine", (MoneyMachine,), {"app": app})
    shorter = () if LONG else (Phase.explicit, Phase.reuse, Phase.generate)
    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]
        settings=settings(
            max_examples=size(8, int(os.environ.get("MONEY_SEQUENCES", "2000")) // len(PARTS)),
            stateful_step_count=size(25, 40),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not LONG,
            database=None,
            phases=shorter or tuple(Phase),
        ),
    )

"""One thing at the processor, however often it is sent: the rule of charges, refunds, payouts and what comes back of payouts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import FixedClock, use_clock
from core.db import transaction
from payments.make_once_calls import KEY_HOLDS, ON_ITS_WAY, Step, Turn, another, begin_turn, make_once, step_at
from payments.processor_failures import ProcessorUnavailable
from payments.processor_line import CALL_SECONDS

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@dataclass
class Row:
    key: str = "refund:1:1"
    sent_at: datetime | None = None
    waits: bool = True


@dataclass
class Processor:
    """Keeps what it answered under a key, also a failure; `faults` is what the next calls meet, in order."""

    faults: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    kept: dict[str, str | None] = field(default_factory=dict)

    def make(self, key: str) -> str:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "unreached":
            raise ProcessorUnavailable("connect", maybe_done=False)
        if key not in self.kept:
            self.kept[key] = None if fault == "500_kept" else f"re_{len(self.made) + 1}"
            self.made += [each for each in [self.kept[key]] if each is not None]
        told = self.kept[key]
        if told is None or fault == "lost":
            raise ProcessorUnavailable("http_500", maybe_done=True)
        return told

    def find(self) -> str | None:
        return self.made[0] if self.made else None


def one_try(row: Row, processor: Processor, clock: FixedClock) -> str | None:
    with transaction():
        turn = begin_turn(row, now=clock.now())
    try:
        return make_once(turn, lock=lambda: row if row.waits else None, find=processor.find, make=processor.make)
    except ProcessorUnavailable:
        return None


def test_a_key_holds_for_ten_minutes_then_it_is_looked_and_a_minute_later_sent_anew() -> None:
    steps = [step_at(NOW - timedelta(seconds=seconds), NOW) for seconds in (0, 599, 600, 659, 660)]
    assert steps == [Step.CALL, Step.CALL, Step.LOOK, Step.LOOK, Step.ANEW]
    assert step_at(None, NOW) is Step.CALL
    assert ON_ITS_WAY.total_seconds() > 2 * CALL_SECONDS, "no call with the old key is on its way when another one is made"


def test_each_key_is_another_one() -> None:
    assert [another("payment:x:session:1"), another("payment:x:session:1~2"), another("payment:x:session:1~9")] == [
        "payment:x:session:1~2",
        "payment:x:session:1~3",
        "payment:x:session:1~10",
    ]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["", "lost", "500_kept", "unreached"]), max_size=14), st.integers(1, 7))
def test_R23_whatever_is_lost_it_is_made_once_and_soon_after_the_processor_works(app: Flask, faults: list[str], minutes: int) -> None:
    clock, row, processor = FixedClock(NOW), Row(), Processor(list(faults))
    with app.app_context(), use_clock(clock):
        for _ in faults:
            one_try(row, processor, clock)
            clock.advance(minutes=minutes)
        processor.faults.clear()
        told, until = None, clock.now() + 2 * (KEY_HOLDS + ON_ITS_WAY) + timedelta(minutes=minutes)
        while told is None:
            assert clock.now() < until, "it waits behind a failure that is kept"
            told = one_try(row, processor, clock)
            clock.advance(minutes=minutes)
    assert processor.made == ["re_1"]
    assert told == "re_1"


def test_of_two_that_look_at_once_one_makes_it(database: None, clock: FixedClock) -> None:
    row, processor = Row(sent_at=clock.now() - timedelta(minutes=12)), Processor()
    turns = [Turn(Step.ANEW, row.key), Turn(Step.ANEW, row.key)]
    told = [make_once(turn, lock=lambda: row, find=lambda: None, make=processor.make) for turn in turns]
    assert (told, processor.made, row.key) == (["re_1", None], ["re_1"], "refund:1:1~2")


def test_nothing_is_sent_anew_that_is_not_wanted_any_more(database: None, clock: FixedClock) -> None:
    row, processor = Row(sent_at=clock.now() - timedelta(minutes=12), waits=False), Processor()
    assert make_once(Turn(Step.ANEW, row.key), lock=lambda: None, find=processor.find, make=processor.make) is None
    assert (processor.made, row.key) == ([], "refund:1:1")

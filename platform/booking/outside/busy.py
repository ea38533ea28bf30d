"""When the owner of a calendar file is busy: bytes in, merged half-open intervals of UTC seconds out, and what could not be read. Pure.

Busy is every instance of a VEVENT that is not cancelled, not transparent and not FREE to Outlook; VFREEBUSY is not read. Work is bounded in events,
instances, intervals and seconds of work; whatever exceeds the bounds of a whole file leaves it unread, because half of it would free time that is taken.
Choices where readers of calendars disagree: docs/adr/0005-outside-calendars.md.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.openings.intervals import Interval, clip
from booking.outside.calendar_lines import NotACalendar, TooMuch, read_lines
from booking.outside.events import EventReader, Length, Moment, OutsideEvent
from booking.outside.recurrence import RuleUnreadable, TooManyInstances, is_odd, occurrences, rule_parts
from booking.outside.zones import EPOCH, named_zone, wall_of, wall_seconds

__all__ = ["NotACalendar", "OutsideBusy", "TooMuch", "read_busy"]

MOST_EVENTS = 25_000
MOST_INTERVALS = 200_000
SECONDS_GRANTED = 5.0


@dataclass(frozen=True, slots=True)
class OutsideBusy:
    """`skipped` counts by code what was passed over: unreadable_event, unreadable_rule, unreadable_date, unreadable_line, unfinished_event,
    too_many_repeats, free_busy_not_read; and unknown_zone, read on the owner's clock. `whole` is False for a file that breaks off.
    """

    busy: list[Interval]
    skipped: dict[str, int]
    whole: bool


def read_busy(
    content: bytes,
    *,
    owner_zone: str,
    window: Interval,
    tentative_blocks: bool = True,
    is_own: Callable[[str], bool] = lambda uid: False,  # noqa: ARG005 without bookings nothing is our own
    seconds: float = SECONDS_GRANTED,
) -> OutsideBusy:
    """Busy within `window`. `is_own` says of a UID that the event is one of our own bookings, which never blocks itself.

    NotACalendar for what is none; TooMuch for what cannot be read within bounds; nothing else, whatever the bytes are.
    """
    lines = read_lines(content)
    owner = named_zone(owner_zone)
    if owner is None:
        raise ValueError("an owner has a known zone")
    if len(lines.events) > MOST_EVENTS:
        raise TooMuch("events")
    expansion = _Expansion(window, lines.skipped, until=time.thread_time() + seconds)
    reader = EventReader(owner, window, tentative_blocks, lines.skipped, expansion.check_time)
    families: dict[str, list[OutsideEvent]] = {}
    for number, component in enumerate(lines.events):
        expansion.check_time()
        try:
            event = reader.read(component)
        except (OverflowError, ValueError):
            lines.skipped["unreadable_event"] += 1
            continue
        if not is_own(event.uid):
            families.setdefault(event.uid or f"\0{number}", []).append(event)
    for family in families.values():
        expansion.add(family)
    return OutsideBusy(clip(expansion.found, window), dict(sorted(lines.skipped.items())), lines.whole)


class _Expansion:
    """The intervals found so far, and how much may still be done."""

    def __init__(self, window: Interval, skipped: Counter[str], *, until: float) -> None:
        self.window, self.skipped, self.until = window, skipped, until
        self.found: list[Interval] = []

    def check_time(self) -> None:
        if time.thread_time() > self.until:
            raise TooMuch("time")

    def add(self, family: list[OutsideEvent]) -> None:
        """All events of one UID: series, and the instances that stand in for some of theirs."""
        changed: dict[tuple[int, bool], OutsideEvent] = {}
        for event in family:
            if event.replaces is not None:
                key = (event.replaces.instant, event.replaces.is_date)
                if key not in changed or changed[key].sequence <= event.sequence:
                    changed[key] = event
        for event in family:
            if event.replaces is None:
                self._series(event, list(changed.values()))
        for event in changed.values():
            self._series(event, [])

    def _series(self, event: OutsideEvent, changed: list[OutsideEvent]) -> None:
        self.check_time()
        # A series that takes no time itself may have moved instances that do.
        futures = sorted((each for each in changed if each.and_future), key=_replaced)
        if not event.blocks and not futures:
            return
        try:
            self._instances(event, _Without(event, [each.replaces for each in changed if each.replaces]), futures)
        except TooManyInstances:
            self.skipped["too_many_repeats"] += 1
        except (OverflowError, ValueError):
            self.skipped["unreadable_event"] += 1

    def _instances(self, event: OutsideEvent, without: "_Without", futures: list[OutsideEvent]) -> None:
        for moment, length in self._named(event):
            instant = moment.instant
            if without.has(moment, instant):
                continue
            later = next((each for each in reversed(futures) if _replaced(each) <= instant), None)
            if later is not None:
                moved = _shifted(moment, later)
                self._take(moved.instant, later.length.end(moved, moved.instant), blocks=later.blocks)
            else:
                self._take(instant, length.end(moment, instant), blocks=event.blocks)

    def _named(self, event: OutsideEvent) -> Iterator[tuple[Moment, Length]]:
        start, length = event.start, event.length
        yield from event.extra
        span = timedelta(days=length.days + 2, seconds=length.seconds)
        low, high = EPOCH + timedelta(seconds=self.window[0]) - span, EPOCH + timedelta(seconds=self.window[1], days=2)
        for rule in event.rules:
            if is_odd(rule):
                self.skipped["unread_rule_part"] += 1
            try:
                for wall in occurrences(rule, start.wall, low=low, high=high, is_over=_until(rule, start), reads=start.zone.reads):
                    yield Moment(wall, start.zone, start.is_date), length
            except RuleUnreadable:
                self.skipped["unreadable_rule"] += 1
                yield start, length
        if not event.rules:
            yield start, length

    def _take(self, start: int, end: int, *, blocks: bool) -> None:
        if blocks and end > self.window[0] and start < self.window[1]:
            self.found.append((start, end))
        if len(self.found) > MOST_INTERVALS:
            raise TooMuch("intervals")
        if len(self.found) % 64 == 0:
            self.check_time()


class _Without:
    """The instances that a series leaves out: by instant, or by date. A date takes out every instance of that day (seen from Outlook and Nextcloud); a time
    takes out of a series of whole days the day that the owner's clock shows then.
    """

    def __init__(self, event: OutsideEvent, replaced: list[Moment]) -> None:
        moments = [*event.without, *replaced]
        self.instants = {each.instant for each in moments if not each.is_date}
        self.days = {each.wall.date() for each in moments if each.is_date}
        if event.start.is_date:
            self.days |= {event.start.zone.wall(instant).date() for instant in self.instants}

    def has(self, moment: Moment, instant: int) -> bool:
        return (not moment.is_date and instant in self.instants) or (bool(self.days) and moment.wall.date() in self.days)


def _replaced(event: OutsideEvent) -> int:
    assert event.replaces is not None
    return event.replaces.instant


def _shifted(moment: Moment, later: OutsideEvent) -> Moment:
    """An instance moved as the first of "this and all that follow" was."""
    moved = later.start.wall - later.start.zone.wall(_replaced(later))
    return Moment(later.start.zone.wall(moment.instant) + moved, later.start.zone, later.start.is_date)


def _until(rule: str, start: Moment) -> Callable[[datetime], bool]:
    """UNTIL as its kind says: UTC against instants, a local time against the wall, a date with all of that day (RFC 5545, 3.3.10)."""
    text = rule_parts(rule).get("UNTIL")
    if text is None:
        return lambda wall: False  # noqa: ARG005 no end
    last = wall_of(text)
    if last is None:
        raise RuleUnreadable
    if start.is_date or len(text) == len("20270704"):
        return lambda wall: wall.date() > last.date()
    if text.endswith("Z"):
        return lambda wall: start.zone.instant(wall) > wall_seconds(last)
    return lambda wall: wall > last

"""One VEVENT of a stranger's calendar as what it says about time. Pure; wall times are naive datetimes, instants UTC seconds.

Dates and floating times are read on the owner's clock (RFC 5545, 3.3.4 and 3.3.5). No title, place or person is looked at.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from booking.openings.intervals import Interval
from booking.outside.calendar_lines import Component, Property
from booking.outside.zones import DAY, FileZone, Zone, clean, wall_of, zone_of

UTC_CLOCK = FileZone(0, [])
# P1DT2H, P2W, and what is meant by the PT1W that one vendor writes. Sign and size are looked at by the reader.
DURATION = re.compile(r"([+-]?)P(?=.)T?(?:(\d{1,5})W)?T?(?:(\d{1,6})D)?T?(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?", re.IGNORECASE)


class Unreadable(ValueError):
    """The event does not say when it is."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it stands in a file. `is_date`: a whole day, whose wall reading is its midnight."""

    wall: datetime
    zone: Zone
    is_date: bool

    @property
    def instant(self) -> int:
        return self.zone.instant(self.wall)


@dataclass(frozen=True, slots=True)
class Length:
    """Whole days of the wall calendar, then exact seconds (RFC 5545, 3.8.5.3: DTEND is an exact length, DURATION a nominal one)."""

    days: int = 0
    seconds: int = 0

    def end(self, start: Moment, instant: int) -> int:
        """Where something of this length ends that starts at this moment, which is this instant."""
        return self.seconds + (start.zone.instant(start.wall + timedelta(days=self.days)) if self.days else instant)


@dataclass(slots=True)
class OutsideEvent:
    """`blocks` is False for what is called off or takes no time. `replaces` is the instance of a series that this one stands for, `and_future` with all
    that follow.
    """

    uid: str
    start: Moment
    length: Length
    blocks: bool
    replaces: Moment | None
    and_future: bool
    sequence: int
    rules: list[str] = field(default_factory=list)
    extra: list[tuple[Moment, Length]] = field(default_factory=list)
    without: list[Moment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventReader:
    """Whose clock floating times are on, between which instants zones must be good, and the account of what could not be read."""

    owner: Zone
    window: Interval
    tentative_blocks: bool
    skipped: Counter[str]
    check_time: Callable[[], None]
    known: dict[tuple[int, str], Zone | None] = field(default_factory=dict)

    def read(self, component: Component) -> OutsideEvent:
        """Unreadable without a start that can be understood; lesser damage is counted and passed over."""
        written = component.first("DTSTART")
        start = self._moment(written, component) if written else None
        if start is None:
            raise Unreadable
        replaced = component.first("RECURRENCE-ID")
        event = OutsideEvent(
            uid=component.text("UID"),
            start=start,
            length=self._length(component, start),
            blocks=self._blocks(component),
            replaces=self._moment(replaced, component) if replaced else None,
            and_future=replaced is not None and replaced.params.get("RANGE", "").upper() == "THISANDFUTURE",
            sequence=int(text) if (text := component.text("SEQUENCE")).isascii() and text.isdigit() and len(text) < 10 else 0,
        )
        if replaced:
            # One instance is one instance, whatever else is written beside it.
            if event.replaces is None:
                raise Unreadable
            return event
        event.rules = [each.value for each in component.properties.get("RRULE", ())]
        event.without = [moment for each, text in _texts(component, "EXDATE") if (moment := self._counted(each, component, text))]
        event.extra = [found for each, text in _texts(component, "RDATE") if (found := self._extra(each, component, text, event))]
        return event

    def _blocks(self, component: Component) -> bool:
        status, outlook = component.text("STATUS").upper(), component.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
        if status == "CANCELLED" or component.text("TRANSP").upper() == "TRANSPARENT" or outlook == "FREE":
            return False
        return self.tentative_blocks or "TENTATIVE" not in (status, outlook)

    def _moment(self, written: Property, component: Component, text: str | None = None) -> Moment | None:
        text = (written.value if text is None else text).strip()
        wall = wall_of(text)
        if wall is None:
            return None
        if len(text) == len("20270704"):
            return Moment(wall, self.owner, is_date=True)
        if text[-1] in "Zz":
            return Moment(wall, UTC_CLOCK, is_date=False)
        tzid = clean(written.params.get("TZID", ""))
        return Moment(wall, self._zone(tzid, component) if tzid else self.owner, is_date=False)

    def _zone(self, tzid: str, component: Component) -> Zone:
        key = (id(component.zones), tzid)
        if key not in self.known:
            self.known[key] = zone_of(tzid, component.zones, within=self.window, check_time=self.check_time)
            if self.known[key] is None:
                self.skipped["unknown_zone"] += 1
        return self.known[key] or self.owner

    def _counted(self, written: Property, component: Component, text: str) -> Moment | None:
        moment = self._moment(written, component, text)
        if moment is None:
            self.skipped["unreadable_date"] += 1
        return moment

    def _length(self, component: Component, start: Moment) -> Length:
        written = component.first("DTEND")
        end = self._moment(written, component) if written else None
        if end is not None:
            if start.is_date and end.is_date:
                # A whole day that ends where it begins is written for one day by several vendors.
                return Length(days=max(1, (end.wall - start.wall).days))
            return Length(seconds=max(0, end.instant - start.instant))
        if written is not None:
            self.skipped["unreadable_date"] += 1
        stated = component.first("DURATION")
        length = duration_of(stated.value) if stated else None
        if stated and not length:
            self.skipped["unreadable_date"] += 1
        return length or (Length(days=1) if start.is_date else Length())

    def _extra(self, written: Property, component: Component, text: str, event: OutsideEvent) -> tuple[Moment, Length] | None:
        first, slash, last = text.partition("/")
        moment = self._counted(written, component, first)
        if moment is None:
            return None
        if not slash:
            return _at_its_time(moment, event.start), event.length
        length = duration_of(last)
        end = self._moment(written, component, last)
        if length is None and end is not None:
            length = Length(seconds=max(0, end.instant - moment.instant))
        if length is None:
            self.skipped["unreadable_date"] += 1
            return None
        return moment, length


def duration_of(text: str) -> Length | None:
    """A DURATION; one that runs backwards takes no time. None for anything else."""
    found = DURATION.fullmatch(text.strip())
    if not found:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    if found[1] == "-":
        return Length()
    return Length(days=7 * weeks + days, seconds=hours * 3600 + minutes * 60 + seconds) if 7 * weeks + days < DAY else None


def _at_its_time(moment: Moment, start: Moment) -> Moment:
    """A date added to a series of timed events means its time on that date."""
    if moment.is_date and not start.is_date:
        return Moment(datetime.combine(moment.wall.date(), start.wall.time()), start.zone, is_date=False)
    return moment


def _texts(component: Component, name: str) -> Iterator[tuple[Property, str]]:
    for each in component.properties.get(name, ()):
        for text in each.value.split(","):
            yield each, text

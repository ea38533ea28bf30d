"""Strangers' calendar files as components and the few properties that say when somebody is busy (RFC 5545, 3.1 and 3.4). Pure.

Nothing else of a file is kept: no title, place, note or address of anybody. Broken parts are counted and never lose the rest: an END without its
BEGIN is passed over, a component that another of its kind cuts off is left out, a bare VEVENT is read as if a calendar stood around it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from icalendar.parser import Contentline
from icalendar.parser.content_line import UFOLD

# Deep nesting means nothing in a calendar.
DEEPEST = 16
MOST_LINES = 150_000
# Of one line, unfolded: a few thousand dates that a series leaves out.
LONGEST_LINE = 100_000
KEPT = (
    "BEGIN",
    "END",
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
)
LINE = re.compile(rf"\s*({'|'.join(map(re.escape, KEPT))})[ \t]*[;:]", re.IGNORECASE)
LINE_BREAK = re.compile(r"\r\n|\n|\r")
TOP = ("VEVENT", "VTIMEZONE", "VFREEBUSY")
CALENDARS = {"VCALENDAR", "VTODO", "VJOURNAL", *TOP}


class NotACalendar(Exception):
    """No part of the file is a calendar: a sign-in page, nothing at all."""


class TooMuch(Exception):
    """Reading the file would take more than is granted to one; nothing of it is used."""


@dataclass(slots=True)
class Property:
    """One line: its parameters by upper-case name (the first value of each), and the value as written."""

    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """`zones` are the VTIMEZONEs of the same calendar, by TZID."""

    kind: str
    zones: dict[str, "Component"]
    properties: dict[str, list[Property]] = field(default_factory=dict)
    inner: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        return next(iter(self.properties.get(name, ())), None)

    def text(self, name: str) -> str:
        """The value of the first such property, trimmed; empty without one."""
        found = self.first(name)
        return found.value.strip() if found else ""


@dataclass(slots=True)
class CalendarLines:
    """The events of a file in its order. `whole`: everything that began has ended, which a download that broke off has not."""

    events: list[Component] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    whole: bool = True


def read_lines(content: bytes) -> CalendarLines:
    """NotACalendar when no component of a calendar begins; TooMuch for more lines than any calendar has."""
    reading = _Reading()
    for count, line in enumerate(_lines(content)):
        if count > MOST_LINES:
            raise TooMuch("lines")
        if LINE.match(line):
            reading.take(line.strip())
        elif ":" not in line and line.strip():
            reading.found.skipped["unreadable_line"] += 1
    return reading.result()


def _lines(content: bytes) -> Iterator[str]:
    unfolded = UFOLD.sub("", content.decode("utf-8-sig", "replace"))
    start = 0
    for found in LINE_BREAK.finditer(unfolded):
        yield unfolded[start : found.start()]
        start = found.end()
    yield unfolded[start:]


class _Reading:
    """What has begun and not yet ended, innermost last."""

    def __init__(self) -> None:
        self.found = CalendarLines()
        self.open: list[Component] = []
        self.zones: dict[str, Component] = {}
        self.seen = False

    def take(self, line: str) -> None:
        name, _, value = line.partition(":")
        match name.strip().upper():
            case "BEGIN":
                self._begin(value.strip().upper())
            case "END":
                self._end(value.strip().upper())
            case known if self.open:
                self._keep(known, line, value)

    def _keep(self, name: str, line: str, value: str) -> None:
        params: dict[str, str] = {}
        try:
            if len(line) > LONGEST_LINE:
                raise ValueError
            if ";" in name:
                name, given, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]  # icalendar types a part of itself
                params = {key.upper(): each if isinstance(each, str) else next(iter(each), "") for key, each in given.items()}
        except ValueError:
            self.found.skipped["unreadable_line"] += 1
        else:
            self.open[-1].properties.setdefault(name.upper(), []).append(Property(params, value))

    def _begin(self, kind: str) -> None:
        self.seen |= kind in CALENDARS
        if kind == "VCALENDAR":
            self._cut_off(0)
            self.zones = {}
        elif kind in TOP:
            self._cut_off(next((at for at, each in enumerate(self.open) if each.kind in TOP), len(self.open)))
        if len(self.open) < DEEPEST:
            self.open.append(Component(kind, self.zones))
        else:
            raise TooMuch("nesting")

    def _end(self, kind: str) -> None:
        at = next((at for at in reversed(range(len(self.open))) if self.open[at].kind == kind), None)
        if at is None:
            return
        self._cut_off(at + 1)
        ended = self.open.pop()
        if ended.kind == "VEVENT":
            self.found.events.append(ended)
        elif ended.kind == "VFREEBUSY":
            self.found.skipped["free_busy_not_read"] += 1
        elif ended.kind == "VTIMEZONE":
            self.zones.setdefault(ended.text("TZID"), ended)
        elif self.open and self.open[-1].kind == "VTIMEZONE":
            self.open[-1].inner.append(ended)

    def _cut_off(self, at: int) -> None:
        """Everything open from this depth on has no end of its own."""
        for lost in self.open[at:]:
            if lost.kind == "VEVENT":
                self.found.skipped["unfinished_event"] += 1
        del self.open[at:]

    def result(self) -> CalendarLines:
        if not self.seen:
            raise NotACalendar
        self.found.whole = not self.open
        self._cut_off(0)
        return self.found

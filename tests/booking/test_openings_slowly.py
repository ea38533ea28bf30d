"""The engine against a second one that is slow and obviously right: it looks at every minute on the wall clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.openings import Terms, openings, why_not
from booking.schedule import DateOverride, Schedule, WeeklyRule

# Around changes of the clock by 60 and 30 minutes, at midnight and by night, and dates without any.
PLACES = [
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2027, 11, 7)),
    ("Europe/Berlin", date(2027, 3, 28)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("Australia/Lord_Howe", date(2027, 10, 3)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("Africa/Cairo", date(2027, 4, 30)),
    ("Africa/Cairo", date(2027, 10, 29)),
    ("America/Santiago", date(2027, 9, 5)),
    ("America/Santiago", date(2027, 4, 4)),
    ("America/Havana", date(2027, 11, 7)),
    ("Asia/Kathmandu", date(2027, 5, 12)),
    ("Pacific/Apia", date(2027, 1, 1)),
    ("UTC", date(2027, 2, 28)),
]


@dataclass
class SlowEngine:
    """Minute by minute: `walls[i]` is what the wall shows at minute `first + i`."""

    schedule: Schedule
    terms: Terms
    first: int
    last: int

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.schedule.zone)
        self.walls = [datetime.fromtimestamp(m * 60, UTC).astimezone(zone).replace(tzinfo=None) for m in range(self.first, self.last)]
        days = sorted({wall.date() for wall in self.walls})
        self.windows = {day: self.minutes_of(day) for day in days[1:-1]}
        self.hours = set().union(*self.windows.values())
        self.off = {m for low, high in self.schedule.time_off for m in range(low // 60, high // 60)}

    def edge(self, day: date, minute: int) -> int:
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        return next((self.first + i for i, wall in enumerate(self.walls) if wall >= reading), self.last)

    def spans(self, day: date) -> list[tuple[int, int]]:
        overrides = [override for override in self.schedule.overrides if override.day == day]
        if overrides:
            return [span for override in overrides for span in override.spans]
        return [(rule.minute_from, rule.minute_to) for rule in self.schedule.weekly if rule.weekday == day.weekday()]

    def minutes_of(self, day: date) -> set[int]:
        minutes: set[int] = set()
        for low, high in self.spans(day):
            tail = high + 1440 if high <= low else high
            minutes |= set(range(self.edge(day, low), self.edge(day, tail)))
        following = day + timedelta(days=1)
        if any(override.day == following for override in self.schedule.overrides):
            minutes = {m for m in minutes if self.walls[m - self.first].date() <= day}
        return minutes

    def on_a_grid(self, minute: int) -> bool:
        wall = self.walls[minute - self.first]
        for window in self.windows.values():
            if minute not in window:
                continue
            if self.terms.align == "hour":
                return (wall.hour * 60 + wall.minute) % self.terms.step_minutes == 0
            anchor = minute
            while anchor - 1 in window:
                anchor -= 1
            if (minute - anchor) % self.terms.step_minutes == 0:
                return True
        return False

    def offers(self, minute: int, *, busy: set[int], client_busy: set[int], now: int) -> bool:
        session = range(minute, minute + self.terms.minutes)
        block = range(minute - self.terms.before, minute + self.terms.minutes + self.terms.after)
        zone = ZoneInfo(self.schedule.zone)
        today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
        in_window = self.terms.days_ahead is None or self.walls[minute - self.first].date() <= today + timedelta(days=self.terms.days_ahead)
        return (
            minute * 60 >= now + self.terms.lead_seconds
            and in_window
            and all(m in self.hours and m not in self.off and m not in client_busy for m in session)
            and not any(m in busy for m in block)
            and self.on_a_grid(minute)
        )


@st.composite
def situations(draw):
    zone, day = draw(st.sampled_from(PLACES))
    edges = st.integers(0, 96).map(lambda quarter: quarter * 15)
    span = st.tuples(edges.filter(lambda m: m < 1440), edges).filter(lambda pair: pair[0] != pair[1])
    weekly = draw(st.lists(st.tuples(st.integers(0, 6), span), max_size=9))
    overrides = draw(st.lists(st.tuples(st.integers(-2, 2), st.lists(span, max_size=2)), max_size=2, unique_by=lambda pair: pair[0]))
    midnight = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) // 60
    stretch = st.tuples(st.integers(-1500, 2900), st.integers(0, 400)).map(lambda p: ((midnight + p[0]) * 60, (midnight + p[0] + p[1]) * 60))
    align = draw(st.sampled_from(["window", "hour"]))
    step = draw(st.sampled_from([15, 20, 30, 60, 120, 180] if align == "hour" else [10, 25, 45, 50, 60, 90, None]))
    terms = Terms(
        minutes=draw(st.sampled_from([15, 30, 50, 60, 90])),
        before=draw(st.sampled_from([0, 0, 5, 15])),
        after=draw(st.sampled_from([0, 0, 10, 30])),
        step=step,
        align=align,
        lead_seconds=draw(st.sampled_from([0, 3600, 86_400])),
        days_ahead=draw(st.sampled_from([None, 0, 1, 2])),
    )
    schedule = Schedule(
        zone=zone,
        weekly=tuple(WeeklyRule(weekday, *pair) for weekday, pair in weekly),
        overrides=tuple(DateOverride(day + timedelta(days=shift), tuple(pairs)) for shift, pairs in overrides),
        time_off=tuple(draw(st.lists(stretch, max_size=2))),
    )
    ragged = st.tuples(stretch, st.integers(0, 59), st.integers(0, 59)).map(lambda t: (t[0][0] + t[1], t[0][1] + t[2]))
    busy, client_busy = draw(st.lists(ragged, max_size=4)), draw(st.lists(ragged, max_size=2))
    now = (midnight + draw(st.integers(-2000, 1500))) * 60
    return schedule, terms, busy, client_busy, now, midnight


def minutes_in(intervals):
    """Every minute of which at least one second is taken."""
    return {m for low, high in intervals if low < high for m in range(low // 60, -(-high // 60))}


@settings(max_examples=80, deadline=None)
@given(situations())
def test_the_engine_offers_exactly_what_a_minute_by_minute_look_finds(situation):
    schedule, terms, busy, client_busy, now, midnight = situation
    low, high = midnight - 1440, midnight + 2880
    slow = SlowEngine(schedule, terms, low - 4 * 1440, high + 4 * 1440)
    busy_minutes, client_minutes = minutes_in(busy), minutes_in(client_busy)
    expected = [m * 60 for m in range(low, high) if slow.offers(m, busy=busy_minutes, client_busy=client_minutes, now=now)]
    found = openings(schedule, terms, busy=busy, client_busy=client_busy, now=now, within=(low * 60, high * 60))
    assert found == expected


@settings(max_examples=80, deadline=None)
@given(situations(), st.integers(-1440, 2880))
def test_a_start_is_listed_exactly_when_nothing_speaks_against_it(situation, shift):
    schedule, terms, busy, client_busy, now, midnight = situation
    found = set(openings(schedule, terms, busy=busy, client_busy=client_busy, now=now, within=((midnight - 1440) * 60, (midnight + 2880) * 60)))
    for start in [*sorted(found)[:6], (midnight + shift) * 60, (midnight + shift) // 15 * 900]:
        reasons = why_not(start, schedule, terms, busy=busy, client_busy=client_busy, now=now)
        inside = (midnight - 1440) * 60 <= start < (midnight + 2880) * 60
        assert (not reasons) == (start in found) or not inside

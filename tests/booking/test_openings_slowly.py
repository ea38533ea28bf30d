"""The engine against a second one that is slow and obviously right: it looks at every minute on the wall clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.openings.engine import Terms, openings, why_not
from booking.openings.limits import Limit, Tally
from booking.openings.schedule import Absence, DateOverride, Schedule, WeeklyRule, ZoneChange

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
    ("Africa/Casablanca", date(2027, 2, 7)),
    ("America/Nuuk", date(2027, 3, 28)),
    ("Antarctica/Troll", date(2027, 3, 28)),
    ("Pacific/Chatham", date(2027, 4, 4)),
]


# Where therapists travel to: far east, far west, and places with quarter and half hours.
ELSEWHERE = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Casablanca"]


@dataclass
class SlowEngine:
    """Minute by minute: `walls[zone][i]` is what the wall in that zone shows at minute `first + i`."""

    schedule: Schedule
    terms: Terms
    first: int
    last: int

    def __post_init__(self) -> None:
        zones = {self.schedule.zone, *(change.zone for change in self.schedule.zone_changes)}
        self.walls = {
            name: [datetime.fromtimestamp(m * 60, UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None) for m in range(self.first, self.last)] for name in zones
        }
        # Only dates that every zone shows from their beginning on.
        low, high = max(wall[0] for wall in self.walls.values()).date(), min(wall[-1] for wall in self.walls.values()).date()
        self.days = [low + timedelta(days=ahead) for ahead in range(1, (high - low).days - 1)]
        self.begins = {day: self.edge(day, 0) for day in [*self.days, self.days[-1] + timedelta(days=1)]}
        self.windows = {day: self.minutes_of(day) for day in self.days}
        self.hours = set().union(*self.windows.values())
        self.off = {m for low, high in self.schedule.time_off for m in range(low // 60, high // 60)}
        for absence in self.schedule.absences:
            end = self.edge(absence.last + timedelta(days=1), 0) if absence.minute_to == 1440 else self.edge(absence.last, absence.minute_to)
            self.off |= set(range(self.edge(absence.first, absence.minute_from), end))
        for day in self.days:
            if self.schedule.holiday and self.schedule.holiday(day) and not self.overrides(day):
                self.off |= set(range(self.begins[day], self.begins[day + timedelta(days=1)]))

    def zone(self, day: date) -> str:
        name = self.schedule.zone
        for change in sorted(self.schedule.zone_changes, key=lambda each: each.day):
            if change.day <= day:
                name = change.zone
        return name

    def edge(self, day: date, minute: int) -> int:
        reading = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
        return next((self.first + i for i, wall in enumerate(self.walls[self.zone(day)]) if wall >= reading), self.last)

    def date_of(self, minute: int) -> date:
        return max(day for day in self.days if self.begins[day] <= minute)

    def overrides(self, day: date) -> list[DateOverride]:
        return [override for override in self.schedule.overrides if override.day == day]

    def spans(self, day: date) -> list[tuple[int, int]]:
        if found := self.overrides(day):
            return [span for override in found for span in override.spans]
        return [(rule.minute_from, rule.minute_to) for rule in self.schedule.weekly if rule.weekday == day.weekday()]

    def minutes_of(self, day: date) -> set[int]:
        minutes: set[int] = set()
        for low, high in self.spans(day):
            tail = high + 1440 if high <= low else high
            minutes |= set(range(self.edge(day, low), self.edge(day, tail)))
        following = day + timedelta(days=1)
        return {m for m in minutes if m < self.begins[following]} if self.overrides(following) else minutes

    def on_a_grid(self, minute: int) -> bool:
        for day, window in self.windows.items():
            if minute not in window:
                continue
            wall = self.walls[self.zone(day)][minute - self.first]
            anchor = minute
            while anchor - 1 in window:
                anchor -= 1
            past = wall.hour * 60 + wall.minute if self.terms.align == "hour" else minute - anchor
            if past % self.terms.step_minutes == 0:
                return True
        return False

    def dated(self, minute: int, now: int) -> bool:
        day, today = self.date_of(minute), self.date_of(now // 60)
        return (
            (self.terms.days_ahead is None or day <= today + timedelta(days=self.terms.days_ahead))
            and (self.terms.first_day is None or day >= self.terms.first_day)
            and (self.terms.last_day is None or day <= self.terms.last_day)
        )

    def within(self, tally: Tally, minute: int) -> bool:
        """Whether one more session at this minute keeps the limit."""
        limit, day = tally.limit, self.date_of(minute)
        sessions = [(self.date_of(low // 60), (high - low) // 60) for low, high in tally.sessions]
        if limit.per == "gap":
            return all(abs((day - other).days) >= limit.most for other, _ in sessions)
        if limit.per == "day":
            same = [minutes for other, minutes in sessions if other == day]
        else:
            week = {day + timedelta(days=ahead) for ahead in range(-6, 7)}
            first = next(each for each in sorted(week) if each.weekday() == limit.week_start and day - each < timedelta(days=7))
            same = [minutes for other, minutes in sessions if first <= other < first + timedelta(days=7)]
        return (sum(same) + self.terms.minutes if limit.measure == "minutes" else len(same) + 1) <= limit.most

    def offers(self, minute: int, *, busy: set[int], client_busy: set[int], now: int, tallies: list[Tally]) -> bool:
        session = range(minute, minute + self.terms.minutes)
        block = range(minute - self.terms.before, minute + self.terms.minutes + self.terms.after)
        return (
            minute * 60 >= now + self.terms.lead_seconds
            and all(m in self.hours and m not in self.off and m not in client_busy for m in session)
            and not any(m in busy for m in block)
            and self.on_a_grid(minute)
            and self.dated(minute, now)
            and all(self.within(tally, minute) for tally in tallies)
        )


@st.composite
def situations(draw):
    zone, day = draw(st.sampled_from(PLACES))
    near = st.integers(-2, 2).map(lambda shift: day + timedelta(days=shift))
    edges = st.integers(0, 96).map(lambda quarter: quarter * 15)
    span = st.tuples(edges.filter(lambda m: m < 1440), edges).filter(lambda pair: pair[0] != pair[1])
    weekly = draw(st.lists(st.tuples(st.integers(0, 6), span), max_size=9))
    overrides = draw(st.lists(st.tuples(near, st.lists(span, max_size=2)), max_size=2, unique_by=lambda pair: pair[0]))
    midnight = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) // 60
    stretch = st.tuples(st.integers(-1500, 2900), st.integers(0, 400)).map(lambda p: ((midnight + p[0]) * 60, (midnight + p[0] + p[1]) * 60))
    align = draw(st.sampled_from(["window", "hour"]))
    step = draw(st.sampled_from([15, 20, 30, 60, 120, 180] if align == "hour" else [10, 25, 45, 50, 60, 90, None]))
    first, last = draw(st.sampled_from([(None, None), (None, None), (-1, 0), (None, 1), (0, None)]))
    terms = Terms(
        minutes=draw(st.sampled_from([15, 30, 50, 60, 90])),
        before=draw(st.sampled_from([0, 0, 5, 15])),
        after=draw(st.sampled_from([0, 0, 10, 30])),
        step=step,
        align=align,
        lead_seconds=draw(st.sampled_from([0, 3600, 86_400])),
        days_ahead=draw(st.sampled_from([None, 0, 1, 2])),
        first_day=None if first is None else day + timedelta(days=first),
        last_day=None if last is None else day + timedelta(days=last),
    )
    holidays = draw(st.sets(near, max_size=2))
    schedule = Schedule(
        zone=zone,
        weekly=tuple(WeeklyRule(weekday, *pair) for weekday, pair in weekly),
        overrides=tuple(DateOverride(day, tuple(pairs)) for day, pairs in overrides),
        time_off=tuple(draw(st.lists(stretch, max_size=2))),
        absences=draw(st.sampled_from([(), (), (Absence(day, day),), (Absence(day, day + timedelta(days=1), 615, 700),)])),
        zone_changes=tuple(draw(st.lists(st.builds(ZoneChange, near, st.sampled_from(ELSEWHERE)), max_size=2, unique_by=lambda change: change.day))),
        holiday=(lambda day: "Holiday" if day in holidays else None) if holidays else None,
    )
    ragged = st.tuples(stretch, st.integers(0, 59), st.integers(0, 59)).map(lambda t: (t[0][0] + t[1], t[0][1] + t[2]))
    busy, client_busy = draw(st.lists(ragged, max_size=4)), draw(st.lists(ragged, max_size=2))
    now = (midnight + draw(st.integers(-2000, 1500))) * 60
    return schedule, terms, busy, client_busy, now, midnight, draw(st.lists(tallies(schedule, midnight), max_size=2))


def tallies(schedule, midnight):
    """Limits that bite: a few sessions near the dates that are looked at."""
    session = st.tuples(st.integers(-2000, 2800), st.sampled_from([20, 50, 90])).map(lambda p: ((midnight + p[0]) * 60, (midnight + p[0] + p[1]) * 60))
    limits = st.one_of(
        st.builds(Limit, st.just("therapist"), st.sampled_from(["day", "week"]), st.just("sessions"), st.integers(1, 3), st.integers(0, 6)),
        st.builds(Limit, st.just("service"), st.sampled_from(["day", "week"]), st.just("minutes"), st.sampled_from([60, 110, 200]), st.integers(0, 6)),
        st.builds(Limit, st.just("client"), st.just("gap"), st.just("sessions"), st.integers(1, 2)),
    )
    return st.builds(lambda limit, sessions: Tally(limit, schedule, tuple(sessions)), limits, st.lists(session, max_size=3))


def minutes_in(intervals):
    """Every minute of which at least one second is taken."""
    return {m for low, high in intervals if low < high for m in range(low // 60, -(-high // 60))}


@settings(max_examples=50, deadline=None)
@given(situations())
def test_the_engine_offers_exactly_what_a_minute_by_minute_look_finds(situation):
    schedule, terms, busy, client_busy, now, midnight, limits = situation
    low, high = midnight - 1440, midnight + 2880
    slow = SlowEngine(schedule, terms, low - 5 * 1440, high + 5 * 1440)
    known = {"busy": minutes_in(busy), "client_busy": minutes_in(client_busy), "now": now, "tallies": limits}
    expected = [m * 60 for m in range(low, high) if slow.offers(m, **known)]
    found = openings(schedule, terms, busy=busy, client_busy=client_busy, now=now, within=(low * 60, high * 60), tallies=limits)
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(situations(), st.integers(-1440, 2880))
def test_a_start_is_listed_exactly_when_nothing_speaks_against_it(situation, shift):
    schedule, terms, busy, client_busy, now, midnight, limits = situation
    known = {"busy": busy, "client_busy": client_busy, "now": now, "tallies": limits}
    found = set(openings(schedule, terms, within=((midnight - 1440) * 60, (midnight + 2880) * 60), **known))
    for start in [*sorted(found)[:6], (midnight + shift) * 60, (midnight + shift) // 15 * 900]:
        reasons = why_not(start, schedule, terms, **known)
        inside = (midnight - 1440) * 60 <= start < (midnight + 2880) * 60
        assert (not reasons) == (start in found) or not inside

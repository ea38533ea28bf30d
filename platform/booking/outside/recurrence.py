"""Which wall times a recurrence rule names (RFC 5545, 3.3.10), within bounds. Pure; wall times are naive datetimes.

dateutil expands days and longer; around it stands what it leaves to others: a time that the clock never shows is skipped and does not use up COUNT,
UNTIL is asked of whoever knows the zone, and nothing runs without end. Rules finer than a day are read when they say nothing but their interval.
"""

from collections.abc import Callable, Iterator
from datetime import MAXYEAR, datetime, timedelta
from itertools import count as count_from

from dateutil.rrule import rrulestr

# How many instances of one rule are looked at, and how many of them may lie in the window.
MOST_LOOKED_AT = 50_000
MOST_IN_WINDOW = 10_000
# Longer lists are nobody's calendar, and dateutil goes through them for every day.
LONGEST_PART = 300
MOST_POSITIONS = 12
# The Gregorian calendar repeats itself, weekdays included.
CYCLE_YEARS = 400
FINE = {"SECONDLY": timedelta(seconds=1), "MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1)}
STEPS = {"DAILY": timedelta(days=1), "WEEKLY": timedelta(days=7)}
BY_PARTS = ("BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS")
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *BY_PARTS})


class RuleUnreadable(ValueError):
    """The rule cannot be understood."""


class TooManyInstances(ValueError):
    """The rule names more instances than are looked at."""


def rule_parts(text: str) -> dict[str, str]:
    """The parts of a rule by name; what no rule can have is passed over (a misspelt UNTIL leaves a rule without end: rather busy than free).

    RuleUnreadable for what is no rule, or one of another calendar than the Gregorian (RFC 7529).
    """
    parts: dict[str, str] = {}
    for piece in text.upper().split(";"):
        name, _, value = piece.partition("=")
        parts.setdefault(name.strip(), value.strip())
    if parts.get("FREQ") not in {*FINE, *STEPS, "MONTHLY", "YEARLY"} or parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise RuleUnreadable
    if any(len(value) > LONGEST_PART for value in parts.values()) or parts.get("BYSETPOS", "").count(",") >= MOST_POSITIONS:
        raise RuleUnreadable
    return {name: value for name, value in parts.items() if name in PARTS}


def is_odd(text: str) -> bool:
    """Whether a rule has parts that were passed over."""
    names = {piece.partition("=")[0].strip() for piece in text.upper().split(";")}
    return any(name and name not in PARTS and name not in ("RSCALE", "SKIP") and not name.startswith("X-") for name in names)


def occurrences(
    text: str,
    start: datetime,
    *,
    low: datetime,
    high: datetime,
    is_over: Callable[[datetime], bool] = lambda wall: False,  # noqa: ARG005 no end but the window's
    reads: Callable[[datetime], bool] = lambda wall: True,  # noqa: ARG005 every time exists
) -> Iterator[datetime]:
    """Wall times of the rule in [low, high), rising; `start` is one of them only when the rule names it, as most readers have it.

    `is_over` says that a wall time lies after UNTIL, `reads` that the clock ever shows it. TooManyInstances, RuleUnreadable.
    """
    parts = rule_parts(text)
    left = _number(parts, "COUNT") if "COUNT" in parts else None
    within = 0
    if start >= high:
        return
    for looked_at, wall in enumerate(_named(parts, start, low=low, high=high)):
        if wall >= high or is_over(wall) or left == 0:
            return
        if looked_at >= MOST_LOOKED_AT or within >= MOST_IN_WINDOW:
            raise TooManyInstances
        if not reads(wall):
            continue
        left = left - 1 if left is not None else None
        if wall >= low:
            within += 1
            yield wall


def _named(parts: dict[str, str], start: datetime, *, low: datetime, high: datetime) -> Iterator[datetime]:
    """What the rule names from about `low` on (from its first instance on when they are counted), without regard to COUNT and UNTIL."""
    interval = _number(parts, "INTERVAL") if "INTERVAL" in parts else 1
    step = {**FINE, **STEPS}.get(parts["FREQ"])
    try:
        skipped = max(0, (low - start) // (step * interval) - 2) if step and "COUNT" not in parts else 0
        if parts["FREQ"] not in FINE:
            yield from _by_dateutil(parts, start + skipped * interval * (step or timedelta(0)), high)
            return
        if not parts.keys().isdisjoint(BY_PARTS):
            raise RuleUnreadable
        assert step is not None
        yield from (start + number * interval * step for number in count_from(skipped))
    except OverflowError:
        return


def _by_dateutil(parts: dict[str, str], start: datetime, high: datetime) -> Iterator[datetime]:
    """dateutil looks for a day that never comes (30 February) until the year 9999. In the last cycle before it, that is soon."""
    later = (MAXYEAR - high.year) // CYCLE_YEARS * CYCLE_YEARS
    rule = ";".join(f"{name}={value}" for name, value in parts.items() if name not in ("COUNT", "UNTIL"))
    try:
        for found in rrulestr(rule, dtstart=start.replace(year=start.year + later)):
            yield found.replace(year=found.year - later)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise RuleUnreadable from error


def _number(parts: dict[str, str], name: str) -> int:
    written = parts[name]
    if not (written.isascii() and written.isdigit()) or not 0 < len(written) < 10 or int(written) == 0:
        raise RuleUnreadable
    return int(written)

"""How fast the pure engine lists openings, JSON-ready: 31 days of one therapist with 200 busy blocks against a plain loop over datetimes, and the union
of 100 therapists. Times are CPU time: a busy machine changes little.

The loop is what one writes first: each working day's hours as datetimes in the therapist's zone, a step at a time, every candidate held against every
busy time as the database gives it. Both must give the same starts. Prints JSON and keeps it in bench/results/.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))

import orjson

from booking.openings.engine import Terms, openings
from booking.openings.schedule import Schedule, WeeklyRule

ZONE = "Europe/London"
DAYS, BLOCKS, STEP = 31, 200, 15
THERAPISTS, BLOCKS_EACH = 100, 80
FIRST = date(2026, 11, 23)
START = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
WITHIN = (START, START + DAYS * 86_400)
OPENS, CLOSES = 9, 17
TERMS = Terms(minutes=50, after=10, step=STEP)
WEEK = tuple(WeeklyRule(weekday, OPENS * 60, CLOSES * 60) for weekday in range(5))
AIMS = {"engine_ms_p50": 0.3, "naive_over_engine": 100, "union_ms_p50": 6.0}
RESULTS = ROOT / "bench" / "results" / "openings.json"


def busy_blocks(count: int = BLOCKS, *, seed: int = 7) -> list[tuple[int, int]]:
    """Spread over all hours; without overlaps among themselves, as claims are."""
    chosen = random.Random(seed)
    starts = sorted(chosen.sample(range(START // 900, WITHIN[1] // 900, 4), count))
    return [(start * 900, start * 900 + 3000) for start in starts]


def engine(busy: list[tuple[int, int]]) -> bytes:
    return orjson.dumps(openings(Schedule(zone=ZONE, weekly=WEEK), TERMS, busy=busy, now=START, within=WITHIN))


def naive(busy: list[tuple[int, int]], *, in_utc: bool = False) -> bytes:
    """`in_utc` brings each candidate to UTC before it is compared: what somebody writes who has measured the first version."""
    zone, length, step = ZoneInfo(ZONE), timedelta(minutes=TERMS.minutes), timedelta(minutes=STEP)
    taken = [(datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)) for low, high in busy]
    found = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if day.weekday() >= 5:
            continue
        start, closes = datetime.combine(day, clock_time(OPENS), zone), datetime.combine(day, clock_time(CLOSES), zone)
        while start + length <= closes:
            begins = start.astimezone(UTC) if in_utc else start
            ends = begins + length + timedelta(minutes=TERMS.after)
            if not any(begins < high and low < ends for low, high in taken):
                found.append(int(begins.timestamp()))
            start += step
    return orjson.dumps(found)


def union(busy_of_each: list[list[tuple[int, int]]]) -> bytes:
    """When anybody at all has time."""
    schedule = Schedule(zone=ZONE, weekly=WEEK)
    lists = [openings(schedule, TERMS, busy=busy, now=START, within=WITHIN) for busy in busy_of_each]
    return orjson.dumps(sorted(set().union(*lists)))


def milliseconds(work: Callable[[], bytes], times: int) -> list[float]:
    took = []
    for _ in range(times):
        begun = time.process_time()
        work()
        took.append((time.process_time() - begun) * 1000)
    return took


def main() -> None:
    busy = busy_blocks()
    assert engine(busy) == naive(busy) == naive(busy, in_utc=True), "the two disagree: no figure is worth anything"
    everybody = [busy_blocks(BLOCKS_EACH, seed=seed) for seed in range(THERAPISTS)]
    fast, slow = milliseconds(lambda: engine(busy), 400), milliseconds(lambda: naive(busy), 7)
    careful = milliseconds(lambda: naive(busy, in_utc=True), 15)
    together = milliseconds(lambda: union(everybody), 40)
    ours = statistics.median(fast)
    told = {
        "what": f"openings of {DAYS} days with {BLOCKS} busy blocks; union of {THERAPISTS} therapists with {BLOCKS_EACH} each",
        "openings": len(orjson.loads(engine(busy))),
        "engine_ms_p50": round(ours, 3),
        "engine_ms_p95": round(statistics.quantiles(fast, n=20)[-1], 3),
        "naive_ms_p50": round(statistics.median(slow), 2),
        "naive_over_engine": round(statistics.median(slow) / ours, 1),
        "naive_in_utc_over_engine": round(statistics.median(careful) / ours, 1),
        "union_ms_p50": round(statistics.median(together), 2),
        "aims": AIMS,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told))


if __name__ == "__main__":
    main()

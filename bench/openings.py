"""How fast the pure engine lists openings: 31 days of one therapist with 200 busy blocks, JSON-ready, against a naive loop over datetimes.

The naive loop asks of every quarter of an hour whether it can be booked, with aware datetimes; both must give the same starts. Prints JSON.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))

from booking.openings import Terms, openings
from booking.schedule import Schedule, WeeklyRule

ZONE = "Europe/London"
DAYS, BLOCKS, STEP = 31, 200, 15
START = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
WITHIN = (START, START + DAYS * 86_400)
HOURS = (9 * 60, 17 * 60)
TERMS = Terms(minutes=50, after=10, step=STEP)
SCHEDULE = Schedule(zone=ZONE, weekly=tuple(WeeklyRule(weekday, *HOURS) for weekday in range(5)))


def busy_blocks() -> list[tuple[int, int]]:
    """Within working days, so that most of them matter; without overlaps among themselves, as claims are."""
    chosen = random.Random(7)
    starts = sorted(chosen.sample(range(START // 900, WITHIN[1] // 900, 4), BLOCKS))
    return [(start * 900, start * 900 + 3000) for start in starts]


def engine(busy: list[tuple[int, int]]) -> str:
    return json.dumps(openings(SCHEDULE, TERMS, busy=busy, now=START, within=WITHIN))


def naive(busy: list[tuple[int, int]]) -> str:
    zone = ZoneInfo(ZONE)
    blocks = [(datetime.fromtimestamp(low, UTC), datetime.fromtimestamp(high, UTC)) for low, high in busy]
    found = []
    for number in range(DAYS * 24 * 60 // STEP):
        start = datetime.fromtimestamp(START + number * STEP * 60, UTC)
        end, block_end = start + timedelta(minutes=TERMS.minutes), start + timedelta(minutes=TERMS.minutes + TERMS.after)
        local, local_end = start.astimezone(zone), end.astimezone(zone)
        opens, closes = local.replace(hour=9, minute=0), local.replace(hour=17, minute=0)
        if local.weekday() < 5 and opens <= local and local_end <= closes and all(block_end <= low or high <= start for low, high in blocks):
            found.append(int(start.timestamp()))
    return json.dumps(found)


def seconds_of(work: Callable[[list[tuple[int, int]]], str], busy: list[tuple[int, int]], times: int) -> list[float]:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work(busy)
        took.append(time.perf_counter() - begun)
    return took


def main() -> None:
    busy = busy_blocks()
    assert engine(busy) == naive(busy), "the two disagree: no figure is worth anything"
    fast, slow = seconds_of(engine, busy, 400), seconds_of(naive, busy, 5)
    ours = statistics.median(fast)
    print(
        json.dumps(
            {
                "what": f"openings of {DAYS} days with {BLOCKS} busy blocks",
                "openings": len(json.loads(engine(busy))),
                "engine_ms_p50": round(ours * 1000, 3),
                "engine_ms_p95": round(statistics.quantiles(fast, n=20)[-1] * 1000, 3),
                "naive_over_engine": round(statistics.median(slow) / ours, 1),
            }
        )
    )


if __name__ == "__main__":
    main()

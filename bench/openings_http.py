"""How many anonymous readers of 31 days of openings one machine answers, beside a greeting and beside a bare route with as many statements.

Openings come from a diary that the process has read already, as for every reader but the first after a change; the time, and the statement that asks whether
the diary still holds, are what is counted. All three are served by the same gunicorn options and asked over kept connections by the same callers, one after
the other, three rounds in turn; the median of each counts. Only the two ratios mean anything on another machine. Prints JSON and keeps it in bench/results/.
"""

import statistics
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from shared.over_http import keep, per_second, request_of, served
from sqlalchemy import text

from core.db import db, transaction
from core.dispatch import Application

CALLERS, SECONDS, ROUNDS, DAYS = 8, 3.0, 3, 31
AIMS = {"of_hello": 0.20, "of_bare": 0.60}


def main() -> None:
    with served(a_busy_service, openings_of, warm=True) as here:
        asked = {
            "hello": (here.bare_port, request_of("GET", "/hello")),
            "bare": (here.bare_port, request_of("GET", "/bare")),
            "openings": (here.port, openings_of(here.filled)),
        }
        for warm_up in asked.values():
            per_second(*warm_up, callers=CALLERS, seconds=SECONDS)
        rounds = [{name: per_second(*each, callers=CALLERS, seconds=SECONDS) for name, each in asked.items()} for _ in range(ROUNDS)]
    found = {name: statistics.median(each[name] for each in rounds) for name in asked}
    told = {
        "what": f"{DAYS} days of openings over HTTP, anonymous, {CALLERS} callers",
        "statements": here.statements,
        **{f"{name}_per_second": round(value) for name, value in found.items()},
        "of_hello": round(found["openings"] / found["hello"], 3),
        "of_bare": round(found["openings"] / found["bare"], 3),
        "aims": AIMS,
    }
    keep("openings_http", told)


def openings_of(service: str) -> bytes:
    start = datetime.now(UTC).replace(microsecond=0)
    query = f"start={start:%Y-%m-%dT%H:%M:%SZ}&end={start + timedelta(days=DAYS):%Y-%m-%dT%H:%M:%SZ}"
    return request_of("GET", f"/api/v1/services/{service}/openings?{query}")


def a_busy_service(application: Application, _: str) -> str:
    """One of the therapists, with a week of 20 sessions for four weeks; its public id."""
    with application.app_context(), transaction():
        db.session.execute(text(BOOKED))
        return str(db.session.execute(text("SELECT public_id FROM services ORDER BY id DESC LIMIT 1")).scalar_one())


BOOKED = """
WITH one AS (SELECT * FROM services ORDER BY id DESC LIMIT 1), slots AS (
  SELECT date_trunc('day', now(), 'UTC') + d * interval '1 day' + h * interval '1 hour' AS at FROM generate_series(1, 28) d, generate_series(9, 15, 2) h
), made AS (
  INSERT INTO bookings (public_id, therapist_id, service_id, state, starts_at, ends_at, wall_start, zone, tzdata, kind, unit, mode, fee_amount, fee_currency,
    cancel_free_hours, calendar_uid, booked_by, created_at, changed_at)
  SELECT gen_random_uuid(), therapist_id, id, 'confirmed', at, at + interval '50 minutes', '', 'UTC', '', kind, unit, mode, 0, 'GBP', 24,
    gen_random_uuid()::text, therapist_id, now(), now() FROM one, slots RETURNING id, therapist_id, starts_at, ends_at
)
INSERT INTO claims (booking_id, role, person_id, blocks_from, blocks_to, blocks)
SELECT id, 'therapist', therapist_id, starts_at, ends_at, true FROM made
"""


if __name__ == "__main__":
    main()

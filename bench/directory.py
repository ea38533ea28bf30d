"""How fast the directory answers over HTTP: 20,000 invented therapists, 4 callers at once, filter + text + page, next openings included.

Usage: bench/directory.py [marginals.json]. A file of published shares stands in for our own round numbers; without one a line says so.
Prints JSON; ends with status 1 when the 95th percentile is above the limit.
"""

import http.client
import json
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from sqlalchemy import create_engine, text
from tests.factories.crowd import OWN, Shares, a_crowd

from app.embedded import throwaway
from app.local_environment import Database, environment_of
from app.processes import Processes, listening_socket, prepare_database, start_web, wait_until_healthy

THERAPISTS, CALLERS, CALLS, LIMIT_MS = 20_000, 4, 400, 60.0
QUERIES = (
    "language=en&concern=anxiety&text=worry&limit=10",
    "modality=cbt&text=burnout&accepting=true&limit=10",
    "language=hi&concern=depression&limit=10",
    "unit=individual&mode=video&ceiling=7000&currency=GBP&text=grief&limit=10",
)


def shares_from(path: Path | None) -> Shares:
    """The shares of a file of published marginals; what it does not say stays ours."""
    if path is None or not path.exists():
        print("No file of published shares: measuring with our own round numbers.", file=sys.stderr)
        return OWN
    found = json.loads(path.read_text())
    no_openings = next(row["p"] for row in found["accepting_new_clients"] if "p" in row)
    low, high = next(row["p_range"] for row in found["modality"] if "p_range" in row)
    return Shares(
        accepting=1 - no_openings,
        other_language=found["languages"][0]["p"],
        cbt=(low + high) / 2,
        insured=1 - found["insurance"][0]["p"],
        mean_fee=round(found["fee_usd"][0]["mean"] * 100),
    )


def caller(port: int, number: int) -> list[float]:
    """Calls over one kept connection, each page followed by its next; milliseconds of each."""
    took, after = [], ""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for each in range(CALLS // CALLERS):
        query = QUERIES[(number + each // 2) % len(QUERIES)]
        begun = time.perf_counter()
        connection.request("GET", f"/api/v1/therapists?{query}{after}")
        answer = connection.getresponse()
        page = json.loads(answer.read())
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200 or not page["items"]:
            raise RuntimeError(f"{query}: {answer.status}")
        after = f"&cursor={page['next']}" if page["next"] and each % 2 == 0 else ""
    return took


def measure(port: int) -> list[float]:
    with ThreadPoolExecutor(CALLERS) as threads:
        return [each for took in threads.map(lambda number: caller(port, number), range(CALLERS)) for each in took]


def main() -> None:
    shares = shares_from(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as folder, throwaway() as cluster, Processes() as processes:
        listening, port = listening_socket(0)
        with listening:
            address = f"http://127.0.0.1:{port}"
            database = Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)
            environment: dict[str, Any] = environment_of(database, address, var=Path(folder)) | {"BASE_URL": address}
            prepare_database(environment)
            engine = create_engine(cluster.owner_url)
            with engine.begin() as connection:
                a_crowd(connection.execute, THERAPISTS, now=datetime.now(UTC), shares=shares)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            engine.dispose()
            start_web(processes, listening, environment | {"WEB_CONCURRENCY": "2"})
        wait_until_healthy(processes, address)
        measure(port)
        took = sorted(measure(port))
    p95 = took[int(len(took) * 0.95)]
    told = {"therapists": THERAPISTS, "callers": CALLERS, "calls": len(took), "p50_ms": round(statistics.median(took), 1), "p95_ms": round(p95, 1)}
    print(json.dumps(told | {"aim_p95_ms": LIMIT_MS, "within_aim": p95 <= LIMIT_MS}))


if __name__ == "__main__":
    main()

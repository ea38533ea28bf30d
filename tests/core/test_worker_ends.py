"""A worker that nobody told to stop has failed, and its exit status says so: whoever watches it starts it again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.local_environment import Database, environment_of
from app.processes import CHECKOUT
from tests.conftest import as_superuser

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]


def on(variable: str, database: str) -> str:
    return make_url(os.environ[variable]).set(database=database).render_as_string(hide_password=False)


def workers_of(database: str) -> int:
    engine = create_engine(on("TEST_OWNER_URL", database), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM procrastinate_workers")).scalar_one()


def take_away(database: str) -> None:
    """Nobody connects any more, and whoever is connected is cut off: for its worker, the engine has gone."""
    as_superuser(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    as_superuser(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")


def test_a_worker_that_is_told_to_stop_succeeds_and_one_that_loses_its_database_fails(tmp_path: Path, new_database: Callable[[], str]) -> None:
    name = new_database()
    reached = Database(on("TEST_APP_URL", name), on("TEST_OWNER_URL", name), on("TEST_APP_URL", name), None)
    environment = environment_of(reached, "http://127.0.0.1:1", var=tmp_path)
    told, left = (subprocess.Popen(WORKER, cwd=CHECKOUT, env=environment, stderr=subprocess.DEVNULL, process_group=0) for _ in range(2))
    try:
        give_up = time.monotonic() + 60
        while workers_of(name) != 2:
            assert time.monotonic() < give_up, "the workers did not start"
            time.sleep(0.2)
        told.send_signal(signal.SIGTERM)
        assert told.wait(timeout=30) == 0
        take_away(name)
        assert left.wait(timeout=60) not in (0, -signal.SIGTERM)
    finally:
        for each in (told, left):
            if each.poll() is None:
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()

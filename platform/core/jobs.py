"""Work for later: jobs in the same PostgreSQL, enqueued inside the caller's transaction (a rollback leaves no job).

A job is a function with a name; its arguments are ids only. It runs in the worker (``flask --app wsgi work``) in its own application context and its own
transaction. One that speaks to the outside is declared so and opens its transactions itself.
"""

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from sqlalchemy import text

from core.db import db, transaction

Work = Callable[..., None]
RETRIES = RetryStrategy(max_attempts=10, exponential_wait=3)
STALLED_AFTER_SECONDS = 120

queue = App(connector=SyncPsycopgConnector())
# Enqueues on the session's synchronous connection, also inside the worker, where `queue` speaks through an asynchronous connector of its own.
doorstep = App(connector=SyncPsycopgConnector())
registry: dict[str, "Job"] = {}
_application: Flask | None = None


def init_app(app: Flask) -> None:
    """Jobs of this process run in the context of this application."""
    global _application  # noqa: PLW0603 one process has one application
    _application = app


class Job:
    """A named piece of work. `enqueue` and `enqueue_at` belong inside a transaction; `run` performs it here and now."""

    def __init__(self, name: str, work: Work, *, outside: bool) -> None:
        self.name, self.work, self.outside = name, work, outside
        self.task = queue.task(name=name, retry=RETRIES)(self._perform)
        registry[name] = self

    def _perform(self, **ids: Any) -> None:
        assert _application is not None, "jobs.init_app has not been called"
        with _application.app_context():
            self.run(**ids)

    def run(self, **ids: Any) -> None:
        if self.outside:
            self.work(**ids)
        else:
            with transaction():
                self.work(**ids)

    def enqueue(self, **ids: int | str) -> None:
        self._defer(None, ids)

    def enqueue_at(self, instant: datetime, **ids: int | str) -> None:
        """Not before `instant`."""
        self._defer(instant, ids)

    def enqueue_all_at(self, timed: Sequence[tuple[datetime, dict[str, int | str]]]) -> None:
        """Many at once, each with the instant before which it does not run: one statement."""
        if timed:
            connection = db.session.connection().connection.driver_connection
            made = [doorstep.configure_task(self.name, schedule_at=instant).make_new_job(**ids) for instant, ids in timed]
            doorstep.job_manager.batch_defer_jobs(made, connection=connection)

    def _defer(self, instant: datetime | None, ids: dict[str, int | str]) -> None:
        connection = db.session.connection().connection.driver_connection
        doorstep.configure_task(self.name, connection=connection, schedule_at=instant).defer(**ids)


def job(name: str, *, outside: bool = False) -> Callable[[Work], Job]:
    """Declare a job. The name is ``package.what_it_does`` and never changes: rows waiting in the database carry it."""

    def declare(work: Work) -> Job:
        return Job(name, work, outside=outside)

    return declare


def periodic(cron: str, name: str, *, outside: bool = False) -> Callable[[Work], Job]:
    """Declare a job without arguments that the worker starts by the clock (a crontab line, in UTC)."""

    def declare(work: Work) -> Job:
        def tick(timestamp: int | None = None) -> None:  # noqa: ARG001 the scheduler passes the tick it stands for
            work()

        declared = Job(name, tick, outside=outside)
        queue.periodic(cron=cron)(declared.task)  # type: ignore[arg-type]  # `tick` takes the timestamp
        return declared

    return declare


def drop_waiting(name: str, **ids: int | str) -> None:
    """Forget the jobs of this name that nobody has begun, in the caller's transaction; with `ids` those with exactly these arguments."""
    waiting = "DELETE FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo'"
    mine = " AND args = CAST(:ids AS jsonb)" if ids else ""
    db.session.execute(text(waiting + mine), {"name": name} | ({"ids": json.dumps(ids)} if ids else {}))


@queue.periodic(cron="* * * * *")
@queue.task(name="core.requeue_stalled", pass_context=True)
async def requeue_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 the scheduler passes the tick
    """A worker that died leaves its job in 'doing'; put it back."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(stalled)


LONGEST_WAIT_SECONDS = 10


class WorkerEnded(RuntimeError):
    """The worker has stopped although nobody told it to, such as without its database."""


def work(conninfo: str, *, concurrency: int = 4, forever: bool = True) -> None:
    """Run the worker until it is told to stop (SIGINT, SIGTERM). WorkerEnded when it stops by itself, so that whoever watches it starts it again.

    `conninfo` is libpq's, of a direct connection (LISTEN needs one).
    """
    # A worker that lost its database waits this long for a connection before it gives up; 30 s is the pool's own word.
    connector = PsycopgConnector(conninfo=conninfo, max_size=concurrency + 2, timeout=LONGEST_WAIT_SECONDS)
    with queue.replace_connector(connector) as worker_queue:
        told_to_stop = asyncio.run(_work(worker_queue, concurrency, forever=forever))
    if forever and not told_to_stop:
        raise WorkerEnded("the worker stopped although nobody told it to")


async def _work(worker_queue: App, concurrency: int, *, forever: bool) -> bool:
    """Whether somebody told it to stop. The queue's own handlers would not let that be known: it also stops itself."""
    told = False
    async with worker_queue.open_async():
        running = worker_queue.run_worker_async(concurrency=concurrency, wait=forever, install_signal_handlers=False, shutdown_graceful_timeout=20)
        working = asyncio.create_task(running)

        def stop() -> None:
            nonlocal told
            if not told:  # once: a second signal would cut off the jobs that are being finished
                told = True
                working.cancel()

        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(each, stop)
        try:
            await working
        except asyncio.CancelledError:
            if not told:
                raise
    return told

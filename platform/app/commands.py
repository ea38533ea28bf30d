"""`flask --app wsgi ...`: work, demo-data. `db upgrade` is Flask-Migrate's."""

from pathlib import Path

import click
from flask import Flask, current_app

from core import jobs

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def init_app(application: Flask) -> None:
    application.cli.add_command(work)


@click.command("work")
@click.option("--concurrency", default=4, show_default=True, help="Jobs at the same time.")
@click.option("--once", is_flag=True, help="Do what is waiting and stop.")
def work(concurrency: int, *, once: bool) -> None:
    """Do the jobs, until told to stop."""
    url = current_app.config["DIRECT_DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    jobs.work(url, concurrency=concurrency, forever=not once)
